"""What code a memory speaks of, and what became of it."""
