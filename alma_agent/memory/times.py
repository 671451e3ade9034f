"""Times as people tell them: a window such as `2h`, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from alma_agent.errors import UsageError

_WINDOW = re.compile(r"(\d{1,6})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def window_of(text: str) -> timedelta:
    """Read a window such as `30m`, `24h`, `7d` or `2w`. Raises UsageError."""
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"A window looks like 30m, 24h, 7d or 2w, not {text!r}.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def since(window: str, now: datetime | None = None) -> datetime:
    """Return when a window such as `2h` began, or the ISO 8601 time that it is.

    Raises UsageError for anything else.
    """
    try:
        length = window_of(window.lower())
    except UsageError:
        return _moment(window)
    try:
        return (now or datetime.now(UTC)) - length
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is no time. Write 30m, 2h, 7d, 4w, or a date such as 2026-03-01."
        ) from error
