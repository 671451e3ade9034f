"""What has become of the code that a memory speaks of. Pure: files come in by `Files`.

An anchor's digest is of the code's normal form, so formatting changes nothing; code that is no
longer in its place is looked for.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from alma_agent.memory.anchoring.following import Found, followed
from alma_agent.memory.anchoring.marks import Code, Files, Mark, Place, code_at, is_readable
from alma_agent.redact import redacted
from alma_agent.remembered import Anchor, Verdict

__all__ = ["Files", "Place", "Standing", "anchored", "standing"]

_LONGEST_SOURCE = 4_000
_SHOWN_LINES = 40
_CONTEXT = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of an anchor's code, and where it is now.

    `difference` is a short unified diff, for `drifted`. `candidates` are places that could be it,
    for `orphaned`; path and symbol then are the anchor's own.
    """

    verdict: Verdict
    path: PurePosixPath
    symbol: str = ""
    difference: str = ""
    candidates: tuple[Place, ...] = ()


def anchored(path: PurePosixPath, symbol: str, data: bytes, head: str) -> Anchor:
    """Return the anchor of a symbol, or of the whole file, in a file's bytes.

    A file that is no Python, or does not parse, is anchored as a whole. A symbol that is not there
    gives an anchor without a digest: that it is gone is what the memory says.
    """
    code = code_at(Place(path, symbol), data)
    if code is None and symbol and not is_readable(path, data):
        code = code_at(Place(path), data)
    if code is None:
        return Anchor(path, symbol, None, head)
    source = code.source
    kept = source if len(source) <= _LONGEST_SOURCE else ""
    return Anchor(path, code.place.symbol, str(code.mark.on(data)), head, kept)


def standing(anchor: Anchor, files: Files) -> Standing:
    """Say what has become of an anchor's code.

    Reads one file, and parses it only if its bytes have changed. Other files are read if the code
    is not in its place any more, and few of them are parsed.
    """
    data = files.read(anchor.path)
    if anchor.digest is None:
        return _of_nothing(anchor, data)
    mark = Mark.read(anchor.digest)
    if data is not None and mark.is_of(data):
        return Standing("fresh", anchor.path, anchor.symbol)
    found = _in_place(anchor, mark, data) if data is not None else None
    return _told(anchor, found or followed(anchor, mark, files), files)


def _in_place(anchor: Anchor, mark: Mark, data: bytes) -> Found | None:
    place = Place(anchor.path, anchor.symbol)
    code = code_at(place, data, mark.form)
    if code is not None:
        return Found(code, is_same=code.mark.said == mark.said)
    if is_readable(anchor.path, data):
        return None
    return Found(Code(place, mark, data))  # it may be in the part that does not parse


def _told(anchor: Anchor, found: Found, files: Files) -> Standing:
    here = Place(anchor.path, anchor.symbol)
    if found.code is None:
        return Standing("orphaned", *here, candidates=found.candidates)
    place = found.code.place
    if found.is_same:
        return Standing("fresh" if place == here else "moved", *place)
    was = anchor.source or _committed_source(anchor, files)
    shown = _difference(here, place, was, found.code.source) if was else ""
    return Standing("drifted", *place, difference=shown)


def _of_nothing(anchor: Anchor, data: bytes | None) -> Standing:
    """Return the standing of an anchor that says that there is no such code."""
    code = None if data is None else code_at(Place(anchor.path, anchor.symbol), data)
    if code is None:
        return Standing("fresh", anchor.path, anchor.symbol)
    shown = _difference(code.place, code.place, "", code.source)
    return Standing("drifted", anchor.path, anchor.symbol, shown)


def _committed_source(anchor: Anchor, files: Files) -> str:
    """Return the code as it was, if its commit has it: it was too long to be kept."""
    data = files.committed(anchor.path, anchor.head) if anchor.head else None
    code = None if data is None else code_at(Place(anchor.path, anchor.symbol), data)
    is_it = code and anchor.digest and code.mark.said == Mark.read(anchor.digest).said
    return code.source if code and is_it else ""


def _difference(old: Place, new: Place, was: str, now: str) -> str:
    was, now = redacted(was), redacted(now)  # what was kept has no secrets, nor has what is shown
    before, after = ("::".join(filter(None, (str(one.path), one.symbol))) for one in (old, new))
    lines = difflib.unified_diff(
        was.splitlines(), now.splitlines(), before, after, n=_CONTEXT, lineterm=""
    )
    shown = list(islice(lines, _SHOWN_LINES + 1))
    if len(shown) > _SHOWN_LINES:
        shown[-1] = "…"
    return "\n".join(shown)
