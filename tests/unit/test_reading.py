from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alma_agent.terminal.consoles import manner, speak
from alma_agent.terminal.reading import show_definition, show_outline, show_references
from tests.conftest import make_workspace
from toolset.errors import RefactoringRefused

FILES = {
    "a.py": "async def f(x, *y):\n    if x:\n        return 1\n\n\ndef g():\n    return f(1)\n",
    "b.py": "from a import f\n\n\nclass B:\n    def m(self):\n        f(2)  # f twice\n",
    "broken.py": "x = 1\ndef h(:\n",
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_workspace(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    speak(json=False, quiet=False, verbose=False)  # whatever a test before this one said
    return tmp_path


async def test_the_outline_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert await show_outline(None) == 0
    assert capsys.readouterr() == (
        (
            "a.py  (python, 7 lines, cognitive complexity 1)\n"
            "  async function f(x, *y)  1-3  complexity 1\n"
            "  function g()  6-7  complexity 0\n"
            "b.py  (python, 6 lines, cognitive complexity 0)\n"
            "  class B  4-6\n"
            "    method m(self)  5-6  complexity 0\n"
            "broken.py  (python, 2 lines)\n"
        ),
        "broken.py:2: invalid syntax\n",
    )


async def test_the_outline_of_one_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert await show_outline(None, kinds=["method"]) == 0
    assert capsys.readouterr().out == (
        "b.py  (python, 6 lines, cognitive complexity 0)\n  method B.m(self)  5-6  complexity 0\n"
    )


async def test_the_outline_of_a_file_that_does_not_parse(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await show_outline(Path("broken.py")) == 1
    assert capsys.readouterr().err == "broken.py:2: invalid syntax\n"


@pytest.fixture
def _to_a_program() -> Iterator[None]:
    speak(json=True, quiet=False, verbose=False)
    yield
    speak(json=False, quiet=False, verbose=False)


@pytest.mark.usefixtures("_to_a_program")
async def test_the_outline_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert await show_outline(Path("broken.py")) == 1
    assert capsys.readouterr().out == ""
    assert manner.reason == "broken.py:2: invalid syntax"
    assert json.loads(json.dumps(manner.result)) == {
        "files": [
            {
                "path": "broken.py",
                "language": "python",
                "lines": 2,
                "symbols": [],
                "cognitive_complexity": None,
                "error": {"line": 2, "message": "invalid syntax"},
            }
        ],
    }


async def test_nothing_to_outline(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "empty").mkdir()

    assert await show_outline(Path("empty")) == 0
    assert capsys.readouterr().err.startswith("No source file is here")


async def test_references(capsys: pytest.CaptureFixture[str]) -> None:
    assert await show_references("f") == 0
    assert capsys.readouterr() == (
        (
            "a.py:1: async def f(x, *y):\n"
            "a.py:7: in g: return f(1)\n"
            "b.py:1: from a import f\n"
            "b.py:6: in B.m: f(2)  # f twice\n"
            "b.py:6: in B.m: f(2)  # f twice  (perhaps: comment)\n"
        ),
        "a.py::f: 4 places, and 1 that may be.\n",
    )


async def test_calls(capsys: pytest.CaptureFixture[str]) -> None:
    assert await show_references("f", calls_only=True) == 0
    assert capsys.readouterr() == (
        "a.py:7: in g: return f(1)\nb.py:6: in B.m: f(2)  # f twice\n",
        "a.py::f: 2 calls.\n",
    )


@pytest.mark.usefixtures("_to_a_program")
async def test_references_for_a_program() -> None:
    assert await show_references("f", calls_only=True) == 0

    assert [one["line"] for one in manner.result["references"]] == [7, 6]


async def test_a_definition(capsys: pytest.CaptureFixture[str]) -> None:
    assert await show_definition("b.py::f") == 0
    assert capsys.readouterr().out == "a.py:1: async def f(x, *y):\n"


@pytest.mark.usefixtures("_to_a_program")
async def test_definitions_for_a_program() -> None:
    assert await show_definition("m") == 0
    (found,) = manner.result["definitions"]

    assert (found["address"], found["symbol"]["kind"]) == ("b.py::B.m", "method")


async def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(RefactoringRefused, match="stands nowhere"):
        await show_references("nothing")
