"""The outline of a whole project: which classes and functions stand where, in every language."""
