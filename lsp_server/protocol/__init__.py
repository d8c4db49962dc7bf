"""The language server protocol shell: the only importer of pygls and lsprotocol."""
