"""Words that many commands say and hear alike; loads nothing, so that whoever starts can use it."""

from __future__ import annotations

YES = ("y", "yes", "o", "oui")  # a clear yes, in English or French


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
