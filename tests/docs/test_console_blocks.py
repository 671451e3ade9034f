"""What the tutorial and the how-to pages show is what alma prints."""

from __future__ import annotations

import difflib
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.docs.console import ROOT, Session, session_for, steps_of

HOW_TO = sorted(
    path for path in (ROOT / "docs" / "how-to").glob("*.md") if steps_of(path.read_text())
)


def _follow(path: Path) -> None:
    with TemporaryDirectory() as folder:  # its name is short: it stands in lines that may wrap
        _compare(path, session_for(path, Path(folder)))


def _compare(path: Path, session: Session) -> None:
    steps = steps_of(path.read_text(encoding="utf-8"))
    for step, after in zip_longest(steps, steps[1:]):
        printed = session.prints(step)
        if session.exit_code and not (after and after.command == "echo $?"):
            text = "\n".join(printed)
            pytest.fail(f"$ {step.command}\nfails, and the page does not say so:\n{text}", False)
        if session.differs(step, printed):
            difference = difflib.unified_diff(
                step.lines, printed, "on the page", "printed", lineterm=""
            )
            pytest.fail(f"$ {step.command}\n" + "\n".join(difference), pytrace=False)


def test_the_tutorial_shows_what_happens() -> None:
    _follow(ROOT / "docs" / "tutorial.md")


@pytest.mark.slow
@pytest.mark.parametrize("path", HOW_TO, ids=lambda path: path.stem)
def test_a_how_to_page_shows_what_happens(path: Path) -> None:
    _follow(path)
