"""What a model may send, read into one form: operations on files. Nothing here sees a file."""
