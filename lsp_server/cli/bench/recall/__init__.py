"""The parts of `fathom bench context`: repositories, places in them, and what finds context for a place."""
