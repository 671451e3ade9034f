"""What can be said of code beside it: type hints, docstrings."""
