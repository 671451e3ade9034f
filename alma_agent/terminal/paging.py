"""What is longer than the screen, through the user's pager: one screen at a time, nothing lost."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console, RenderableType

from alma_agent.environment import environment
from alma_agent.terminal.consoles import forget_typed
from alma_agent.terminal.live_area import clear_live

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # the only sequences that are ours
# For whoever has not set them: keep colours, leave the text on the screen, end at its end.
_DEFAULTS = {"LESS": "FRXEPs[space for more, q to go on]$", "LV": "-c"}


def page(console: Console, *shown: RenderableType) -> None:
    """Print; through `$PAGER`, or less, if it is longer than the screen that somebody sits at."""
    pager = pager_of(console)
    if not pager:
        for one in shown:
            console.print(one, soft_wrap=True)
        return
    with console.capture() as capture:
        for one in shown:
            console.print(one, soft_wrap=True)
    text = capture.get()
    if is_longer(text, width=console.width, height=console.height) and _paged(pager, text, console):
        return
    console.file.write(text)
    console.file.flush()


def pager_of(console: Console) -> list[str]:
    """Return the pager's command; nothing where nobody could use one."""
    if not (console.is_terminal and sys.stdin and sys.stdin.isatty()):
        return []
    if console.is_dumb_terminal or console.file is not sys.stdout or not sys.stdout.isatty():
        return []
    try:
        words = shlex.split(environment().get("ALMA_PAGER") or os.environ.get("PAGER", "less"))
    except ValueError:
        return []
    if not words or words == ["cat"] or not shutil.which(words[0]):
        return []
    return words


def is_longer(text: str, *, width: int, height: int) -> bool:
    """Say whether a text leaves no room on the screen for a question below it."""
    rows = 0
    for line in text.splitlines():
        rows += max(1, -(-cell_len(_COLOUR.sub("", line).expandtabs()) // width))
    return rows > height - 2


def _paged(pager: list[str], text: str, console: Console) -> bool:
    """Show a text in the pager until it is left; say whether it could be started."""
    data = text.encode(console.encoding, errors="replace")
    clear_live()
    with _interrupts_are_its_own():
        try:
            with subprocess.Popen(
                pager, stdin=subprocess.PIPE, env=_DEFAULTS | dict(os.environ)
            ) as process:
                process.communicate(data)  # one that is left early closes the pipe: no error
        except OSError:
            return False
    forget_typed()  # a key for the pager is no answer to a question
    return True


@contextmanager
def _interrupts_are_its_own() -> Iterator[None]:
    """Leave Ctrl-C to the pager: it stops a search there, and is no answer to us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Not SIG_IGN: the pager would inherit that.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
