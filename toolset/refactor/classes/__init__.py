"""Classes reshaped: dataclasses, methods and functions, properties."""
