"""Markdown that comes piece by piece."""

from __future__ import annotations

import io
import time

import pytest

from alma_agent.terminal.consoles import PlainConsole
from alma_agent.terminal.live_area import LiveArea
from alma_agent.terminal.streaming import Blocks, Said, speech


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        pytest.param("one\n\ntwo\n\nthree", ["one\n\n", "two\n\n", "three"], id="paragraphs"),
        pytest.param("one\ntwo\nthree", ["one\ntwo\nthree"], id="a paragraph of three lines"),
        pytest.param("A\n=\n\ntext", ["A\n=\n\n", "text"], id="a heading known by its second line"),
        pytest.param("- a\n- b\n\n  c\n\nd", ["- a\n- b\n\n  c\n\n", "d"], id="a list is one"),
        pytest.param(
            "```py\na = 1\n\nb = 2\n```\nthen",
            ["```py\na = 1\n\nb = 2\n```\n", "then"],
            id="a fence",
        ),
        pytest.param("|a|\n|-|\n|1|\n\nb", ["|a|\n|-|\n|1|\n\n", "b"], id="a table"),
        pytest.param(
            "- a\n\n100 files", ["- a\n\n", "100 files"], id="a number that begins no list"
        ),
        pytest.param("> a\nb\n\nc", ["> a\nb\n\n", "c"], id="a quotation carried on lazily"),
    ],
)
@pytest.mark.parametrize("length", [1, 3, 1000])
def test_a_block_is_finished_when_the_next_begins_however_it_comes(
    text: str, blocks: list[str], length: int
) -> None:
    text += "\n"
    stream = Blocks()
    found = [stream.add(text[at : at + length]) for at in range(0, len(text), length)]
    found.append(stream.end())

    if length < 1000:
        assert [one for one in found if one] == [*blocks[:-1], f"{blocks[-1]}\n"]
    assert "".join(found) == text


@pytest.mark.parametrize(
    ("first", "line"),
    [
        pytest.param("", "- an item\n", id="a list"),
        pytest.param("```\n", "code\n", id="a fence"),
        pytest.param("", "a word and no end of the line ", id="a line"),
    ],
)
def test_a_block_that_does_not_end_takes_no_longer_for_each_line_than_before(
    first: str, line: str
) -> None:
    stream = Blocks()
    stream.add(first)
    began = time.process_time()

    for _ in range(1_500):
        stream.add(line)

    assert time.process_time() - began < 8  # it was 60 seconds
    assert stream.end() == first + line * 1_500


def test_a_block_too_long_to_lay_out_is_shown_as_it_came_but_for_what_moves_a_cursor() -> None:
    assert rendered("- \x1b[31m**a** b\n" * 10_000) == "- \\x1b[31m**a** b\n" * 10_000


def test_of_a_line_too_long_to_lay_out_nothing_is_cut_off() -> None:
    assert rendered("word " * 30_000).replace("\n", "").count("word") == 30_000


def test_signs_that_are_spelt_out_push_nothing_over_the_edge() -> None:
    text = "\x1b" * 19 + " the end"

    assert "the end" in " ".join(rendered(text, width=80).split())
    assert "the end" in " ".join(rendered(f"```\n{text}\n```", width=80).split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a <script>x</script>", "a <script>x</script>", id="HTML is text"),
        pytest.param("<!-- hidden -->", "<!-- hidden -->", id="a comment is shown"),
        pytest.param("[here](http://x.example/y)", "here (http://x.example/y)", id="a link"),
        pytest.param("[1]: http://x.example", "[1]: http://x.example", id="a link's definition"),
        pytest.param("a\x1b[31mb", r"a\x1b[31mb", id="an escape sequence"),
        pytest.param("a\u202eb", r"a\u202eb", id="a sign that turns the text"),
        pytest.param("# Title", "Title", id="a heading at the left"),
        pytest.param("[bold]x[/bold] :smile:", "[bold]x[/bold] :smile:", id="no markup of rich's"),
    ],
)
def test_nothing_of_the_text_is_hidden(text: str, shown: str) -> None:
    assert rendered(text) == shown + "\n"


def test_one_empty_line_stands_between_blocks() -> None:
    assert rendered("# A\n\nb\n\n```\nc\n```\n\nd\n\n- e") == "A\n\nb\n\n c\n\nd\n\n • e\n"


def test_a_key_in_the_text_is_not_shown() -> None:
    key = "sk-proj-" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF" + "gH2jK4"

    assert "[redacted" in rendered(f"use `{key}`")


def test_on_forty_columns_no_line_is_longer() -> None:
    long = "- an item of a list with many words in it, and a `code span` too\n\n```\n" + "x" * 100

    assert max(map(len, rendered(long, width=40).splitlines())) <= 40


def test_without_a_terminal_the_text_is_printed_as_it_is_line_by_line() -> None:
    console = PlainConsole(file=io.StringIO(), width=40)
    said = speech(console, LiveArea(console), "")
    for piece in ("# Ti", "tle\nand *te", "xt*"):
        said.add(piece)
    assert _written(console) == "# Title\n"
    said.end()

    assert _written(console) == "# Title\nand *text*\n"


def rendered(text: str, *, width: int = 80) -> str:
    console = PlainConsole(file=io.StringIO(), width=width, markup=False, emoji=False)
    console.print(Said(text))
    return "\n".join(line.rstrip() for line in _written(console).split("\n"))


def _written(console: PlainConsole) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
