"""Arguments that are nearly JSON: mended where that loses nothing, else left as they are."""

from __future__ import annotations

import json

import pytest

from alma_agent.proposer.wire.arguments import is_cut_off, mended_arguments


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        pytest.param("", "{}", id="empty"),
        pytest.param(" \n", "{}", id="space"),
        pytest.param("null", "{}", id="null"),
        pytest.param('```json\n{"a": 1}\n```', '{"a": 1}', id="a fence"),
        pytest.param('```\n{"a": 1}```', '{"a": 1}', id="a fence without a language"),
        pytest.param('"{\\"a\\": 1}"', '{"a": 1}', id="JSON in a JSON string"),
        pytest.param('{"a": "x\ny"}', '{"a": "x\\ny"}', id="a bare line break"),
        pytest.param('{"a": "é\t"}', '{"a": "é\\t"}', id="a bare tab"),
    ],
)
def test_what_loses_nothing_is_mended(text: str, mended: str) -> None:
    assert mended_arguments(text) == mended


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        ' {"a":1}',
        '{"a": 1',
        '{"a": 1}}',
        "{'a': 1}",
        "{a: 1}",
        '{"a": 1,}',
        '[{"a": 1}]',
        '"a.py"',
        '"\\"{}\\""',
        "a.py",
        "3",
        '```json\n{"a": 1\n```',
    ],
)
def test_what_is_well_or_in_doubt_stays(text: str) -> None:
    assert mended_arguments(text) == text


@pytest.mark.parametrize(
    "end", ["{", '{"', '{"a', '{"a"', '{"a":', '{"a": "x', '{"a": "x\\', '{"a": "\\u00',
            '{"a": tr', '{"a": 1', '{"a": 1,', '{"a": [1, {"b": 2}', '{"a": "x\ny']
)  # fmt: skip
def test_the_beginning_of_an_object_is_told(end: str) -> None:
    assert is_cut_off(end)


@pytest.mark.parametrize("text", ["", "{}", '{"a": 1}', '{"a": 1}}', "{a: 1}", "a.py", '{"a" 1}'])
def test_what_is_whole_or_plainly_wrong_is_not_cut_off(text: str) -> None:
    assert not is_cut_off(text)


def test_every_beginning_of_an_object_is_told() -> None:
    whole = json.dumps({"path": 'a\n"é', "n": [1, True, None, {"x": -1.5e-30}], "t": "ሴ"})

    assert [end for end in range(1, len(whole)) if not is_cut_off(whole[:end])] == []
