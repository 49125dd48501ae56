"""Use cases, one a file; each command of the desk has its namesake here."""
