"""Edits that models and their tools really made, where the collection of them is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from toolset.errors import ToolsetError
from toolset.patching import edit_bytes, patch_files

CASES = Path(__file__).parents[2].parent / "shared" / "cases"

# Asked for: the middle one of five equal places; a wrong word; other blanks inside lines.
NOT_PROVEN = {"roo-024", "roo-025", "roo-027"}


def recorded(name: str, *keys: str) -> list[Any]:
    path = CASES / f"{name}.json"
    if not path.exists():
        reason = pytest.mark.skip(reason=f"the recorded edits are not here ({name}.json)")
        return [pytest.param(None, marks=reason)]
    content = json.loads(path.read_text("utf-8"))
    cases = [case for key in keys for case in content[key]] if keys else content
    return [pytest.param(case, id=case["id"]) for case in cases]


def edited(case: dict[str, Any]) -> str | None:
    blocks = [(block["search"], block["replace"]) for block in case["blocks"]]
    try:
        return edit_bytes(case["original"].encode(), blocks).decode()
    except ToolsetError:
        return None


def patched(files: dict[str, str], patch: str) -> dict[str, str] | None:
    try:
        result = patch_files({name: text.encode() for name, text in files.items()}, patch)
    except ToolsetError:
        return None
    return {name: data.decode() for name, data in result.items()}


@pytest.mark.parametrize("case", recorded("search_replace", "real", "derived"))
def test_search_and_replace(case: dict[str, Any]) -> None:
    result = edited(case)

    verdict = case.get("verdict", "apply")
    allowed = {"apply": [case["expected"]], "refuse": [None]}
    assert result in allowed.get(verdict, [None, case["expected"]])


@pytest.mark.parametrize("case", recorded("v4a_apply_patch"))
def test_v4a_patches(case: dict[str, Any]) -> None:
    expected = None if case["expect_error"] else case["expected"]

    assert patched(case["input"], case["patch"]) == expected


@pytest.mark.parametrize("case", recorded("v4a_apply_diff"))
def test_v4a_diffs_of_one_file(case: dict[str, Any]) -> None:
    head = "*** Add File: f" if case["mode"] == "create" else "*** Update File: f"
    files = {} if case["mode"] == "create" else {"f": case["original"]}

    result = patched(files, f"*** Begin Patch\n{head}\n{case['diff']}\n*** End Patch")

    assert result == (None if case["expect_error"] else {"f": case["expected"]})


@pytest.mark.parametrize("case", recorded("multi_search_replace"))
def test_line_anchored_blocks(case: dict[str, Any]) -> None:
    result = patched({"test.ts": case["original"]}, case["diff"])

    refused = case["expect_error"] or case["id"] in NOT_PROVEN
    assert result == (None if refused else {"test.ts": case["expected"]})
