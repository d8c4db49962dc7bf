"""What Fathom knows of a repository: text, documents and snapshots. No protocol, no model, no network."""
