"""Whether two short texts say the same, more, less, or the contrary. Pure."""
