"""What a session holds: its messages, its state, its summary; and what outlives it."""
