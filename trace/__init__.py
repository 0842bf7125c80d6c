"""Suyuan (溯源): a traceability ledger for a county's produce."""
