"""A check command's text as its words. No shell runs it, and what would need one is refused."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from alma_agent.errors import UsageError

_SHELL_SIGNS = frozenset({"&&", "||", "|", ";", "&", "<", ">", ">>", "2>&1"})


def _as_flag(text: str) -> str:
    return f"--check {shlex.quote(text)}"


def words(text: str, *, written: Callable[[str], str] = _as_flag) -> tuple[str, ...]:
    """Split a check command as a shell would.

    `written` says how whoever gave it writes one. Raises UsageError if it cannot be split, is
    empty, or needs a shell: `true && pytest` would be `true` with two arguments, and always pass.
    """
    try:
        found = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"The check command {text!r} cannot be read: {error}.") from error
    if not found:
        raise UsageError("The check command is empty. Leave it out, or say what must pass.")
    if signs := _SHELL_SIGNS.intersection(found):
        raise UsageError(
            f"The check command {text!r} holds {min(signs)!r}, and no shell runs it. "
            f"If it needs one: {written(f'sh -c {shlex.quote(text)}')}"
        )
    return found
