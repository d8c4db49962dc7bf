"""One user-visible capability a file; plain values in and out."""
