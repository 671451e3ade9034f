"""Old ways of writing, written anew: f-strings, pathlib, types, logging."""
