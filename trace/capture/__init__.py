"""The only writer of the ledger: check, append, project."""
