"""Policies, the cover bound to each support, and the ledger that proves it."""
