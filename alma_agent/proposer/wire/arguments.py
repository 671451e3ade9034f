"""A tool call's arguments, as weak models and endpoints write them. Pure.

Only what loses nothing is mended. Whatever is in doubt stays as it is: the SDK tells the model.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

_FENCED = re.compile(r"\A```[A-Za-z]*[ \t]*\n(?P<inside>.*?)\n?```\Z", re.DOTALL)
_WORDS = ("true", "false", "null")
_BEGUN_NUMBER = re.compile(r"-|\.|[eE][+-]?")


def mended_arguments(text: str) -> str:
    """Return arguments as one JSON object, if they plainly are one; else as they are.

    Mended are: nothing at all, `null`, a code fence around, JSON in a JSON string, bare line breaks
    in strings.
    """
    if _parsed(text, strict=True) is not None:
        return text
    bare = text.strip()
    if bare in ("", "null"):
        return "{}"
    if fenced := _FENCED.match(bare):
        bare = fenced["inside"].strip()
    value = _loaded(bare)
    if isinstance(value, str):
        bare = value.strip()
        value = _loaded(bare)
    if not isinstance(value, dict):
        return text
    return bare if _parsed(bare, strict=True) is not None else json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=2_048)  # each call of a talk is looked at before each answer
def is_object(text: str) -> bool:
    """Say whether arguments are what an endpoint takes back: one JSON object."""
    return _parsed(text, strict=True) is not None


@lru_cache(maxsize=2_048)
def is_cut_off(text: str) -> bool:
    """Say whether arguments are the beginning of a JSON object, without its end."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].strip()
        return (
            not rest
            or error.msg.startswith(("Unterminated string", "Invalid \\uXXXX escape"))
            or any(word.startswith(rest) for word in _WORDS)
            or _BEGUN_NUMBER.fullmatch(rest) is not None
        )
    return False


def _parsed(text: str, *, strict: bool) -> dict[str, Any] | None:
    try:
        value = json.loads(text, strict=strict)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
