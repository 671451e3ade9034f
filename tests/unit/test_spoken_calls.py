"""Tool calls that a model writes as text: the forms that count, and the many texts that do not."""

from __future__ import annotations

import pytest

from alma_agent.proposer.wire.spoken import SpokenCall, spoken_calls

OFFERED = {
    "read_file": frozenset({"path", "first_line"}),
    "search_text": frozenset({"text", "path"}),
    "run_checks": frozenset[str](),
}
PATH = '{"path": "a.py"}'
READ = '{"name": "read_file", "arguments": {"path": "a.py"}}'
SEARCH = '{"name": "search_text", "arguments": {"text": "x"}}'
A, S, R = (
    SpokenCall("read_file", {"path": "a.py"}),
    SpokenCall("search_text", {"text": "x"}),
    SpokenCall("run_checks"),
)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        pytest.param(READ, [A], id="bare JSON"),
        pytest.param(f"  \n{READ}\n\n", [A], id="space around"),
        pytest.param(f"```json\n{READ}\n```", [A], id="fenced"),
        pytest.param(f"```\n{READ}\n```", [A], id="fenced without a language"),
        pytest.param(f"```tool_call\n{READ}\n```", [A], id="fenced as a tool call"),
        pytest.param(f"[{READ}, {SEARCH}]", [A, S], id="a list"),
        pytest.param(f"{READ}\n{SEARCH}", [A, S], id="one after the other"),
        pytest.param('{"name": "read_file", "parameters": ' + PATH + "}", [A], id="parameters"),
        pytest.param('{"name": "read_file", "args": ' + PATH + "}", [A], id="args"),
        pytest.param('{"name": "read_file", "input": ' + PATH + "}", [A], id="input"),
        pytest.param('{"tool": "read_file", "arguments": ' + PATH + "}", [A], id="tool"),
        pytest.param('{"tool": "read_file", "tool_input": ' + PATH + "}", [A], id="tool_input"),
        pytest.param('{"tool_name": "read_file", "args": ' + PATH + "}", [A], id="tool_name"),
        pytest.param('{"tool": "read_file", "path": "a.py"}', [A], id="tool with flat arguments"),
        pytest.param('{"tool": "run_checks"}', [R], id="tool that takes nothing"),
        pytest.param('{"name": "run_checks", "arguments": {}}', [R], id="no arguments"),
        pytest.param('{"name": "run_checks", "arguments": null}', [R], id="null for arguments"),
        pytest.param(
            '{"name": "read_file", "arguments": "{\\"path\\": \\"a.py\\"}"}', [A], id="as a string"
        ),
        pytest.param('{"type": "function", "function": ' + READ + "}", [A], id="OpenAI's own form"),
        pytest.param(
            '{"id": "1", "type": "function", "name": "read_file", "arguments": ' + PATH + "}",
            [A],
            id="with an id and a type",
        ),
        pytest.param('{"tool_calls": [' + READ + "]}", [A], id="tool_calls"),
        pytest.param('{"function_call": ' + READ + "}", [A], id="function_call"),
        pytest.param(f"<tool_call>\n{READ}\n</tool_call>", [A], id="Hermes"),
        pytest.param(
            f"<tool_call>{READ}</tool_call>\n<tool_call>{SEARCH}</tool_call>",
            [A, S],
            id="Hermes, two",
        ),
        pytest.param(f"<tool_call>{READ}", [A], id="Hermes, its end eaten by the server"),
        pytest.param(
            '<tool_call>{"name": "run_checks"}</tool_call>', [R], id="Hermes, a name only"
        ),
        pytest.param(f"<tool_call>[{READ}]</tool_call>", [A], id="Hermes, a list"),
        pytest.param(f"<tools>{READ}</tools>", [A], id="Qwen's slip of the tag"),
        pytest.param(f"<tool_call>{READ}</tool_call><|im_end|>", [A], id="Qwen, with its end sign"),
        pytest.param(
            "<tool_call>\n<function=read_file>\n<parameter=path>\na.py\n</parameter>\n"
            "<parameter=first_line>\n3\n</parameter>\n</function>\n</tool_call>",
            [SpokenCall("read_file", {"path": "a.py", "first_line": 3})],
            id="Qwen coder",
        ),
        pytest.param(f"<function=read_file>{PATH}</function>", [A], id="Llama 3.1"),
        pytest.param(f"<|python_tag|>{READ}", [A], id="Llama 3"),
        pytest.param(f"<|python_tag|>{READ}; {SEARCH}<|eom_id|>", [A, S], id="Llama 3, two"),
        pytest.param(f"[TOOL_CALLS] [{READ}]", [A], id="Mistral"),
        pytest.param(f"[TOOL_CALLS]read_file[ARGS]{PATH}", [A], id="Mistral, newer"),
        pytest.param(f"[TOOL_CALLS]read_file{PATH}", [A], id="Mistral, without [ARGS]"),
        pytest.param(
            f'[TOOL_CALLS]read_file[ARGS]{PATH}[TOOL_CALLS]search_text[ARGS]{{"text": "x"}}</s>',
            [A, S],
            id="Mistral, two",
        ),
        pytest.param(f"<|tool_call|>[{READ}]", [A], id="Granite"),
        pytest.param(f"<think>Let me look.</think>\n{READ}", [A], id="after a thought"),
        pytest.param(
            '{"name": "search_text", "arguments": {"text": "a\nb"}}',
            [SpokenCall("search_text", {"text": "a\nb"})],
            id="a bare line break in a string",
        ),
    ],
)
def test_a_call_is_read(text: str, calls: list[SpokenCall]) -> None:
    assert spoken_calls(text, OFFERED) == calls


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("All done.", id="prose"),
        pytest.param(f"To read it, send {READ}", id="prose before"),
        pytest.param(f"{READ} would read it.", id="prose behind"),
        pytest.param(f"I call:\n```json\n{READ}\n```", id="prose before a fence"),
        pytest.param(f"```json\n{READ}\n```\nThis is how it is called.", id="prose behind a fence"),
        pytest.param(f"```python\n{READ}\n```", id="a fence of code"),
        pytest.param(f"The form is <tool_call>{READ}</tool_call>.", id="a tag in prose"),
        pytest.param(f"<tool_call>{READ}</tool_call> and so on", id="prose behind a tag"),
        pytest.param(
            f"<tool_call>{READ}</tool_call> or <tool_call>{READ}</tool_call>", id="prose between"
        ),
        pytest.param('{"name": "rm", "arguments": {}}', id="a tool that is not offered"),
        pytest.param(
            f'[{READ}, {{"name": "rm", "arguments": {{}}}}]', id="one of them not offered"
        ),
        pytest.param('{"name": "read_file"}', id="a name alone could be anything"),
        pytest.param('{"name": "read_file", "path": "a.py"}', id="a record with such a name"),
        pytest.param('{"name": "read_file", "arguments": ["a.py"]}', id="arguments in a list"),
        pytest.param('{"name": "read_file", "arguments": "a.py"}', id="arguments in prose"),
        pytest.param('{"name": "read_file", "arguments": {}, "version": 2}', id="more than a call"),
        pytest.param('{"tool": "read_file", "why": "to see"}', id="flat, but no such parameter"),
        pytest.param('{"name": "read_file", "tool": "read_file", "args": {}}', id="two names"),
        pytest.param('{"name": "read_file", "arguments": {"path": "a.', id="half a call"),
        pytest.param("{'name': 'read_file', 'arguments': {}}", id="Python, not JSON"),
        pytest.param('{"path": "a.py"}', id="arguments alone"),
        pytest.param("[]", id="an empty list"),
        pytest.param("3", id="a number"),
        pytest.param('"read_file"', id="a string"),
        pytest.param("read_file(path='a.py')", id="a call in Python"),
        pytest.param("<tool_call></tool_call>", id="an empty tag"),
        pytest.param("<tool_call>read_file</tool_call>", id="a tag around a name"),
        pytest.param("<function=read_file>a.py</function>", id="a function tag around prose"),
        pytest.param("[TOOL_CALLS]", id="Mistral's sign alone"),
        pytest.param("[TOOL_CALLS]read_file[ARGS]", id="Mistral without arguments"),
        pytest.param("<|python_tag|>print(1)", id="Llama's tag around code"),
        pytest.param(f"<think>{READ}</think>", id="only thought of"),
        pytest.param(f"<think>{READ}</think>\nDone.", id="thought of, then prose"),
    ],
)
def test_whatever_else_stays_text(text: str) -> None:
    assert spoken_calls(text, OFFERED) == []


def test_without_tools_nothing_is_a_call() -> None:
    assert spoken_calls(READ, {}) == []


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "<tool_call>" * 20_000,
        "{" * 100_000,
        " " * 200_000,
        "```json\n" + "x" * 200_000,
    ],
    ids=["brackets", "tags", "braces", "space", "fence"],
)
def test_a_hostile_text_is_read_in_no_time(text: str) -> None:
    assert spoken_calls(text, OFFERED) == []
