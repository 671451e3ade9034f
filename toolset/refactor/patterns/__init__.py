"""Patterns replaced by templates, in any language."""
