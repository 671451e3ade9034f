"""alma refactors Python projects with an agent that remembers them.

It applies only what a human approved.
"""

__version__ = "0.1.0"
