"""Cases of a refactoring: files before and after, each tried in several spellings of the same text.

Every case is run as it is written, and again with CRLF, with tabs for four spaces, with a byte
order mark, and without the last line's ending: the result must be the expected text in that same
spelling. What a refactoring proposes is also applied and undone, and must leave no trace.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.conftest import make_workspace, tree
from toolset.apply import apply, close
from toolset.draft import Draft
from toolset.edits import ChangeSet
from toolset.errors import RefactoringRefused
from toolset.refactor.catalogue import plan
from toolset.refactor.evidence import Level, Refactoring
from toolset.refactor.requests import Request
from toolset.workspace import Workspace

Spelling = Literal["as written", "crlf", "tabs", "bom", "no last newline"]
ALL: tuple[Spelling, ...] = ("as written", "crlf", "tabs", "bom", "no last newline")


@dataclass(frozen=True)
class Case:
    """One refactoring of one small project.

    `after` holds the files that change, a file that goes as None. `leftovers` are spelt
    `path:line kind`; None if the case is not about them. With `refused`, a pattern of the reason,
    nothing may change. `spellings` are those in which the case makes sense.
    """

    name: str
    before: Mapping[str, str]
    request: Request
    after: Mapping[str, str | None] | None = None
    level: Level | None = None
    leftovers: tuple[str, ...] | None = None
    refused: str | None = None
    spellings: tuple[Spelling, ...] = ALL


def spelt(*cases: Case) -> pytest.MarkDecorator:
    """Parametrize a test over `case` and `spelling`."""
    assert len({case.name for case in cases}) == len(cases), "two cases of one name"
    return pytest.mark.parametrize(
        ("case", "spelling"),
        [
            pytest.param(case, spelling, id=f"{case.name}-{spelling}")
            for case in cases
            for spelling in (case.spellings if case.refused is None else case.spellings[:1])
        ],
    )


def hold(case: Case, spelling: Spelling, root: Path) -> None:
    """Assert that the case holds in this spelling."""
    before = {name: _spelt(text, spelling) for name, text in case.before.items()}
    workspace = make_workspace(root / "project", before)
    if case.refused is not None:
        with pytest.raises(RefactoringRefused, match=case.refused):
            plan(Draft(workspace), case.request)
        return
    done = plan(Draft(workspace), case.request)
    _assert_result(case, spelling, done)
    if case.level is not None:
        assert done.evidence.level == case.level, done.evidence
    if case.leftovers is not None:
        told = tuple(f"{one.place} {one.kind}" for one in done.evidence.leftovers)
        assert told == case.leftovers
    _assert_no_trace(workspace, done.changes)


def _assert_result(case: Case, spelling: Spelling, done: Refactoring) -> None:
    assert case.after is not None, "a case expects files, or a refusal"
    found = {str(edit.path): edit.after.data if edit.after else None for edit in done.changes}
    expected = {
        name: None if text is None else _spelt(text, spelling, new=name not in case.before)
        for name, text in case.after.items()
    }
    assert _readable(found) == _readable(expected)
    assert found == expected


def _assert_no_trace(workspace: Workspace, changes: ChangeSet) -> None:
    before = tree(workspace.root)
    for step, each in (("done", changes), ("undone", changes.inverted())):
        apply(workspace, each, id=step)
        close(workspace, step)
    assert tree(workspace.root) == before


def _spelt(text: str, spelling: Spelling, *, new: bool = False) -> bytes:
    if spelling == "tabs":
        text = re.sub(r"(?m)^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text)
    if spelling == "no last newline" and not new:
        text = text.removesuffix("\n")
    if spelling == "crlf":
        text = text.replace("\n", "\r\n")
    mark = codecs.BOM_UTF8 if spelling == "bom" and not new else b""
    return mark + text.encode()


def _readable(files: Mapping[str, bytes | None]) -> dict[str, str]:
    return {name: "(gone)" if data is None else data.decode() for name, data in files.items()}
