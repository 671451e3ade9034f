"""Each defence that the threat model names is held by a test that there is."""

from __future__ import annotations

import re

from tests.docs.console import ROOT

PAGE = ROOT / "docs" / "explanation" / "threat-model.md"
_TEST = re.compile(r"`(?P<file>[\w/]+\.py)::(?P<name>test_\w+)`")


def test_the_tests_that_the_page_names_are_there() -> None:
    named = [(found["file"], found["name"]) for found in _TEST.finditer(PAGE.read_text("utf-8"))]

    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / "tests" / file).is_file()
        or not re.search(
            rf"^(async )?def {name}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE
        )
    ]

    assert len(named) > 20
    assert missing == []
