"""Lines and expressions that get a name of their own."""
