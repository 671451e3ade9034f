"""What is typed at the prompt: when it is finished, what it mentions, which names fit it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from alma_agent.terminal.repl.history import TypedHistory
from alma_agent.terminal.repl.lines import is_unfinished
from alma_agent.terminal.repl.matching import ranked
from alma_agent.terminal.repl.mentions import mentioned, spelt
from alma_agent.terminal.repl.names import ProjectNames, symbols_of
from tests.conftest import make_workspace


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        pytest.param("rename a to b", False, id="a sentence"),
        pytest.param("don't", False, id="an apostrophe is no quotation"),
        pytest.param("and \\", True, id="a backslash at the end"),
        pytest.param("```py\nx", True, id="an open fence"),
        pytest.param("```py\nx\n```", False, id="a closed fence"),
        pytest.param("````\n```\n", True, id="a longer fence holds a shorter one"),
        pytest.param("~~~\n```\n", True, id="another sign does not close it"),
        pytest.param('say """a', True, id="an open triple quote"),
        pytest.param('say """a"""', False, id="a closed triple quote"),
        pytest.param("'''a\"\"\"'''", False, id="one kind of quote in the other"),
        pytest.param("```\nx\n\n", False, id="two empty lines end anything"),
    ],
)
def test_enter_goes_on_where_something_is_open(text: str, unfinished: bool) -> None:
    assert is_unfinished(text) is unfinished


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("see @a/b.py and @c.py.", ["a/b.py", "c.py"], id="files"),
        pytest.param("@a.py::B.c, then", ["a.py::B.c"], id="a symbol"),
        pytest.param('in @"my notes.txt" too', ["my notes.txt"], id="with a space"),
        pytest.param("(@a.py)", ["a.py"], id="in brackets"),
        pytest.param("me@example.org", [], id="an address is none"),
        pytest.param("@a.py @a.py", ["a.py"], id="twice is once"),
        pytest.param("@ alone", [], id="the sign alone"),
    ],
)
def test_what_a_text_mentions(text: str, names: list[str]) -> None:
    assert mentioned(text) == names


@pytest.mark.parametrize("name", ["a/b.py", "my notes.txt", "a.py::B.c", "why?", "a@b (1).py"])
def test_a_name_as_it_is_written_is_read_back(name: str) -> None:
    assert mentioned(f"look at {spelt(name)} now") == [name]


@pytest.mark.parametrize(
    ("typed", "best"),
    [
        pytest.param("render", "alma/render.py", id="the beginning of the file's name"),
        pytest.param("al/ren", "alma/render.py", id="parts of the path"),
        pytest.param("tr", "tests/test_render.py", id="first letters of the words"),
        pytest.param("Rend", "docs/Rendering.md", id="a capital is meant"),
        pytest.param("zzz", None, id="nothing fits"),
    ],
)
def test_the_likeliest_name_comes_first(typed: str, best: str | None) -> None:
    names = ["tests/test_render.py", "alma/surrender.py", "alma/render.py", "docs/Rendering.md"]

    assert ranked(typed, names, limit=3)[:1] == ([best] if best else [])


def test_classes_methods_and_functions_have_names_and_what_is_in_functions_has_none() -> None:
    source = (
        "class A:\n    def b(self):\n        def c(): ...\n"
        "    class D:\n        async def e(self): ...\n"
        "if True:\n    def f(): ...\n"
    )

    assert symbols_of(source) == ["A", "A.b", "A.D", "A.D.e", "f"]


@pytest.mark.parametrize("source", ["def (", "x = '\\d'\ndef f(): ...", "(" * 5000, "\0"])
def test_what_does_not_parse_has_no_symbols_and_says_nothing(
    source: str, capfd: pytest.CaptureFixture[str]
) -> None:
    symbols_of(source)

    assert capfd.readouterr() == ("", "")


def test_a_file_that_changes_has_its_new_names_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alma_agent.terminal.repl.names._FRESH_S", 0.0)
    workspace = make_workspace(tmp_path / "project", {"a.py": "def old(): ...\n"})
    names = ProjectNames(workspace)
    _until(lambda: names.now().symbols == ("a.py::old",))

    (workspace.root / "a.py").write_text("def newer(): ...\n")

    _until(lambda: names.now().symbols == ("a.py::newer",))


def test_of_a_long_history_the_newer_half_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("".join(f"\n# now\n+{number} {'x' * 100}\n" for number in range(12_000)))

    kept = list(TypedHistory(path).load_history_strings())

    assert path.stat().st_size <= 500_001
    assert kept[0].startswith("11999 ")
    assert all(one.partition(" ")[0].isdigit() for one in kept)


def _until(holds: object, seconds: float = 5.0) -> None:
    assert callable(holds)
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_a_name_of_one_letter_many_times_does_not_keep_the_prompt() -> None:
    began = time.process_time()

    assert ranked("a" * 12 + "b", ["a" * 250 + ".py"], limit=5) == []

    assert time.process_time() - began < 1
