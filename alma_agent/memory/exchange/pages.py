"""The Markdown form of a shared memory: one page, to read, to review, and to edit by hand.

What alma has to know stands above, one field a line, as YAML that is JSON behind the colon; then
the text, and why. What follows is written by alma for the reader, and is not read again. A page
says only what stands now: `lines` have the versions, so that edits of different fields merge.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from alma_agent.memory.exchange.lines import FORM, Content, complaint, content_of, newer, spelt_out
from alma_agent.remembered import Memory

_WHY, _ABOUT, _REPLACES, _REPLACED = "## Why", "## About", "## Replaces", "## Replaced by"
_OF_ALMA = (_ABOUT, _REPLACES, _REPLACED)
_FENCE = "---"
_FIRST = ("id", "kind", "at", "by")
_NOT_ABOVE = ("text", "reasoning")
_HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
_MEMO = re.compile(r"([a-z_]+):[ ]?(.*)")


class UnreadablePage(ValueError):
    """A page that alma cannot read; the message says why. `line` is 0 if none is to blame."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line


@dataclass(frozen=True, slots=True)
class Beside:
    """Another memory that a page speaks of, and where its page is."""

    text: str
    path: PurePosixPath


def render(
    memory: Memory, replaced: Beside | None = None, successors: Iterable[Beside] = ()
) -> str:
    """Return the page of a memory, which `parse` reads back."""
    besides = [*_told_besides(memory, replaced, successors)]
    page = _page(memory, {}, besides)
    if not _hides(memory.text + memory.reasoning) and _says(page, memory):
        return page
    # The text would be taken for something else: it is quoted here, and stands above as it is.
    exact = {name: getattr(memory, name) for name in _NOT_ABOVE if getattr(memory, name)}
    quoted = replace(memory, text=_quoted(memory.text), reasoning=_quoted(memory.reasoning))
    return _page(quoted, exact, besides)


def parse(page: str) -> Memory:
    """Return the memory that a page shows. Raises UnreadablePage.

    What pages leave out (the digests of anchors, and their code) is not in it.
    """
    lines = page.split("\n")
    if lines[0].rstrip() != _FENCE or _FENCE not in [line.rstrip() for line in lines[1:]]:
        raise UnreadablePage(f"a page begins with its fields, between two lines {_FENCE}", 1)
    end = [line.rstrip() for line in lines[1:]].index(_FENCE) + 1
    above = _fields(lines[1:end])
    if (form := above.pop("form", None)) != FORM:
        is_newer = isinstance(form, int) and form > FORM
        raise UnreadablePage(newer(form) if is_newer else f"form: is {form!r}, not {FORM}")
    id_ = above.pop("id", None)
    if not isinstance(id_, str) or not id_ or not id_.isprintable():
        raise UnreadablePage("id: is missing, or no text that prints")
    text, reasoning = _body(lines[end + 1 :])
    above.setdefault("text", text)
    if reasoning:
        above.setdefault("reasoning", reasoning)
    try:
        memory = Content.model_validate_json(json.dumps(above)).memory(id_)
    except ValidationError as error:
        raise UnreadablePage(complaint(error)) from error
    return shown(memory)


def shown(memory: Memory) -> Memory:
    """Return what a page shows of a memory: all but its anchors' digests and code."""
    bare = tuple(replace(one, digest=None, head="", source="") for one in memory.anchors)
    return replace(memory, anchors=bare)


def edited(memory: Memory, page: Memory) -> Memory:
    """Return a memory as its page has it now; what pages leave out stays as it was."""
    known = {(one.path, one.symbol): one for one in memory.anchors}
    anchors = tuple(known.get((one.path, one.symbol), one) for one in page.anchors)
    return replace(page, anchors=anchors)


def _says(page: str, memory: Memory) -> bool:
    try:
        return parse(page) == shown(memory)
    except UnreadablePage:
        return False


def _hides(text: str) -> bool:
    """Say whether a text holds what a reader does not see: signs that turn its direction, say."""
    return any(unicodedata.category(one) in _HIDDEN for one in set(text) - {"\n", "\t"})


def _page(memory: Memory, exact: dict[str, str], besides: list[str]) -> str:
    parts = [*_above(memory, exact), "", f"# {_heading(memory)}", "", memory.text, ""]
    if memory.reasoning:
        parts += [_WHY, "", memory.reasoning, ""]
    return "\n".join([*parts, *besides])


def _above(memory: Memory, exact: dict[str, str]) -> Iterator[str]:
    content = {"id": memory.id} | content_of(shown(memory)) | {"form": FORM}
    names = [*_FIRST, *sorted(content.keys() - {*_FIRST, *_NOT_ABOVE, "form"}), "form"]
    yield _FENCE
    for name in names:
        if name in content:
            yield f"{name}: {_value(content[name])}"
    for name, text in exact.items():
        yield f"{name}: {_value(text)}"
    yield _FENCE


def _value(value: Any) -> str:
    return spelt_out(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _heading(memory: Memory) -> str:
    who = f", {_plain(memory.by)}" if memory.by else ""
    at = f"{memory.at.day} {_MONTHS[memory.at.month - 1]} {memory.at.year}"
    return f"{memory.kind.capitalize()}, {at}{who}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)  # fmt: skip  - not %B, which is said in the language of whoever exports


def _told_besides(
    memory: Memory, replaced: Beside | None, successors: Iterable[Beside]
) -> Iterator[str]:
    places = [
        f"- `{one.path}`" + (f", `{_plain(one.symbol)}`" if one.symbol else "")
        for one in memory.anchors
    ]
    yield from _section(_ABOUT, places)
    yield from _section(_REPLACES, _links([replaced] if replaced else []))
    yield from _section(_REPLACED, _links(successors))


def _section(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from (heading, "", *lines, "")


def _links(several: Iterable[Beside]) -> list[str]:
    return [f"- [{_plain(one.text)}](../{one.path})" for one in several]


def _plain(text: str) -> str:
    """Return text on one line, with what Markdown would read as a sign of its own marked so."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", spelt_out(" ".join(text.split())))


def _quoted(text: str) -> str:
    return "\n".join(f"> {spelt_out(line)}" for line in text.splitlines())


def _fields(lines: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        field = _MEMO.fullmatch(line.rstrip())
        if not field or field[1] in found:
            raise UnreadablePage("is no field, or one that was there before", number)
        try:
            found[field[1]] = json.loads(field[2])
        except (ValueError, RecursionError) as error:
            raise UnreadablePage(f"{field[1]} has no value in JSON", number) from error
    return found


def _body(lines: list[str]) -> tuple[str, str]:
    """Return text and reasoning: what stands under the heading, and under `Why`."""
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    if lines[start:] and lines[start].startswith("# "):
        start += 1
    end = _first(lines, start, _OF_ALMA)
    why = min(_first(lines, start, (_WHY,)), end)
    return _trimmed(lines[start:why]), _trimmed(lines[why + 1 : end])


def _first(lines: list[str], start: int, headings: Iterable[str]) -> int:
    found = (at for at in range(start, len(lines)) if lines[at].rstrip() in set(headings))
    return next(found, len(lines))


def _trimmed(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")
