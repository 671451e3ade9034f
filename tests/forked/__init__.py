"""`alma`, started hundreds of times, without importing other people's libraries each time.

Seven eighths of a short command's time are imports. So a process has them already, and a fork of it
is the command: see `server`. `run` and `OnTerminal` use it where that makes no difference, and an
interpreter of its own where it could (an environment that Python or a library reads at its start).
A test of how the program starts asks for one: `run(..., forked=False)`.
"""

from tests.forked.commands import run
from tests.forked.terminal import OnTerminal

__all__ = ["OnTerminal", "run"]
