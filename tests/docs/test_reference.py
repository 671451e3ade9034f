"""The pages under docs/reference are made from the code."""

from __future__ import annotations

import runpy

import pytest

from tests.docs.console import ROOT

PAGES = runpy.run_path(str(ROOT / "scripts" / "reference.py"))["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_says(name: str) -> None:
    made = PAGES[name]()

    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")

    assert written == made, "run: python scripts/reference.py"


def test_every_page_of_the_reference_is_made() -> None:
    found = {path.name for path in (ROOT / "docs" / "reference").iterdir()}

    assert found == set(PAGES)
