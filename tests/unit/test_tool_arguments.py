"""A call's arguments, as models send them."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field

from alma_agent.proposer.tools.arguments import Parameters, WrongArguments


def sample(
    desk: object,
    path: Annotated[str, Field(description="The file.")],
    line: int = 1,
    whole: bool = False,
    names: list[str] = [],  # noqa: B006
) -> str:
    raise NotImplementedError


TAKEN = Parameters(sample)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"path": "a.py"}', {"path": "a.py"}, id="the rest left out"),
        pytest.param('{"path": "a.py", "line": 3}', {"path": "a.py", "line": 3}, id="a number"),
        pytest.param('{"path": "a", "line": "3"}', {"path": "a", "line": 3}, id="number as text"),
        pytest.param('{"path": "a", "whole": "true"}', {"path": "a", "whole": True}, id="a yes"),
        pytest.param('{"path": "a\nb"}', {"path": "a\nb"}, id="a bare line break"),
        pytest.param('  {"path": "a"}\n', {"path": "a"}, id="blanks around"),
        pytest.param('"{\\"path\\": \\"a\\"}"', {"path": "a"}, id="encoded twice"),
        pytest.param('{"path": "a", "names": ["x"]}', {"path": "a", "names": ["x"]}, id="a list"),
        pytest.param(
            '{"path": "a", "names": "x \'y z\'"}', {"path": "a", "names": ["x", "y z"]}, id="words"
        ),
        pytest.param(
            '{"path": "a", "names": "[\\"x\\"]"}', {"path": "a", "names": ["x"]}, id="list as text"
        ),
    ],
)
def test_arguments_that_fit(text: str, expected: dict[str, Any]) -> None:
    read, passed_over = TAKEN.read(text)

    assert read == {"path": "", "line": 1, "whole": False, "names": []} | expected
    assert not passed_over


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("{}", "path is missing", id="missing"),
        pytest.param("", "path is missing", id="empty"),
        pytest.param("null", "path is missing", id="null"),
        pytest.param('{"path": ["a"]}', "path should be a valid string", id="a list"),
        pytest.param('{"path": "a", "line": "x"}', "line should be a valid integer", id="a word"),
        pytest.param('{"path": "a"', "they are no JSON", id="cut off"),
        pytest.param("{path: 'a'}", "at character 2", id="Python"),
        pytest.param("[1]", "they are no JSON object", id="an array"),
        pytest.param('"a.py"', "they are no JSON", id="only the value"),
        pytest.param("[" * 200_000, "they are nested too deeply", id="too deep"),
    ],
)
def test_arguments_that_do_not_fit_are_told_with_what_the_tool_takes(text: str, told: str) -> None:
    with pytest.raises(WrongArguments) as raised:
        TAKEN.read(text)

    assert told in str(raised.value)
    assert "It takes, as JSON: path (string), line (integer, 1 if left out)" in str(raised.value)


def test_arguments_that_the_tool_does_not_take_are_named() -> None:
    assert TAKEN.read('{"path": "a", "why": "x"}')[1] == ["why"]


def test_the_schema_says_what_each_parameter_is_and_nothing_twice() -> None:
    assert TAKEN.schema == {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "The file."},
            "line": {"type": "integer", "default": 1},
            "whole": {"type": "boolean", "default": False},
            "names": {"type": "array", "items": {"type": "string"}, "default": []},
        },
        "required": ["path"],
    }
