"""What alma remembers: a relational ledger that is the truth, and a vector index over it."""
