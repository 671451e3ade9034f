"""The conversation on a terminal: `alma chat`, and `alma` alone."""
