"""Names that give way to what they stand for."""
