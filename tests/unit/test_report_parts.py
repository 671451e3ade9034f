"""The parts of a report's page: turns as passages, diffs as lines."""

from __future__ import annotations

from typing import Any

import pytest

from alma_agent.memory.sessions.turns import Turn
from alma_agent.terminal.report.diff_lines import diff_lines
from alma_agent.terminal.report.transcript import passages
from tests.making import START

CALL = {"type": "function_call", "call_id": "1", "name": "read", "arguments": '{"path": "a.py"}'}
ANSWER = {"type": "function_call_output", "call_id": "1", "output": "x = 1"}


def read(*items: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    found = passages([Turn(START, "small", item) for item in items])
    return [(one.kind, one.name, one.text, one.answer) for one in found]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([{"role": "user", "content": "do it"}], ("told", "", "do it", ""), id="told"),
        pytest.param(
            [{"role": "assistant", "content": [{"type": "output_text", "text": "I do."}]}],
            ("said", "", "I do.", ""),
            id="said, in parts",
        ),
        pytest.param(
            [{"role": "assistant", "content": [{"type": "refusal", "refusal": "I do not."}]}],
            ("said", "", "I do not.", ""),
            id="refused",
        ),
        pytest.param(
            [{"role": "user", "content": [{"type": "input_image", "image_url": "data:…"}]}],
            ("told", "", "(input_image)", ""),
            id="a picture is named",
        ),
        pytest.param([CALL, ANSWER], ("called", "read", "path: a.py", "x = 1"), id="with answer"),
        pytest.param([CALL], ("called", "read", "path: a.py", ""), id="not answered"),
        pytest.param(
            [{**CALL, "arguments": '{"text": "a\\nb", "n": 1}'}],
            ("called", "read", "text:\na\nb\nn: 1", ""),
            id="longer arguments begin on a line of their own",
        ),
        pytest.param(
            [{**CALL, "arguments": "{no json"}], ("called", "read", "{no json", ""), id="no JSON"
        ),
        pytest.param(
            [{"type": "reasoning", "summary": [{"text": "hm"}]}],
            ("thought", "", "hm", ""),
            id="thought",
        ),
        pytest.param(
            [{"type": "news"}], ("other", "news", '{\n  "type": "news"\n}', ""), id="unknown"
        ),
    ],
)
def test_items_as_passages(
    items: list[dict[str, Any]], expected: tuple[str, str, str, str]
) -> None:
    assert read(*items) == [expected]


@pytest.mark.parametrize(
    "item",
    [
        pytest.param({"type": "reasoning", "summary": [], "encrypted_content": "x"}, id="sealed"),
        pytest.param({"role": "assistant", "content": []}, id="empty"),
    ],
)
def test_what_has_nothing_to_read_is_left_out(item: dict[str, Any]) -> None:
    assert read(item) == []


def test_an_answer_whose_call_is_not_there_is_not_lost() -> None:
    assert [(kind, name) for kind, name, _, _ in read(ANSWER)] == [("other", ANSWER["type"])]


def lines(diff: str) -> list[tuple[str, str]]:
    """Return the sort of each line, and its text with the changed words in brackets."""
    return [
        (line.sort, "".join(f"[{text}]" if changed else text for text, changed in line.pieces))
        for line in diff_lines(diff)
    ]


@pytest.mark.parametrize(
    ("diff", "expected"),
    [
        pytest.param(
            "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-x = 1\n+x = 2\n y\n",
            [
                ("head", "--- a/a.py"),
                ("head", "+++ b/a.py"),
                ("hunk", "@@ -1,2 +1,2 @@"),
                ("del", "-x = [1]"),
                ("add", "+x = [2]"),
                ("same", " y"),
            ],
            id="the changed words",
        ),
        pytest.param(
            "@@ -1 +0,0 @@\n--- no head\n\\ No newline at end of file\n",
            [
                ("hunk", "@@ -1 +0,0 @@"),
                ("del", "--- no head"),
                ("note", "\\ No newline at end of file"),
            ],
            id="a removed line that looks like a head",
        ),
        pytest.param(
            "--- a/a\n+++ b/a\n(its mode or byte order mark changes)\n",
            [
                ("head", "--- a/a"),
                ("head", "+++ b/a"),
                ("head", "(its mode or byte order mark changes)"),
            ],
            id="no hunk",
        ),
    ],
)
def test_lines_of_a_diff(diff: str, expected: list[tuple[str, str]]) -> None:
    assert lines(diff) == expected
