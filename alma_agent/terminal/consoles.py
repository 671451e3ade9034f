"""Where alma speaks: results on standard output, progress and errors on standard error."""

from rich.console import Console

out = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False, markup=False)
