"""Code found by what it does, and files by what a task will touch."""
