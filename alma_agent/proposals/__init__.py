"""A proposal as a folder of text: written, examined, approved, landed on a branch, told of."""
