"""alma on a terminal: the command line, what it prints, and how it asks."""
