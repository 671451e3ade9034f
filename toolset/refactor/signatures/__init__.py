"""Parameters that come, go or change their places, with every call."""
