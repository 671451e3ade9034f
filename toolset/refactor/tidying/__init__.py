"""Imports that nothing uses, and their order."""
