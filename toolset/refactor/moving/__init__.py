"""Symbols and modules that go elsewhere, with every import."""
