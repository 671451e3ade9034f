"""Which symbols a change touched, by the lines that differ."""

from __future__ import annotations

import pytest

from toolset.touched_symbols import touched_symbols

SOURCE = """import os

class A:
    x = 1

    @mark
    def f(self):
        y = 1
        return y

    def g(self):
        def h():
            return 2
        return h

def k(): pass
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("return y", "return 3", ["A.f"], id="a method"),
        pytest.param("return 2", "return 3", ["A.g.h"], id="a nested function"),
        pytest.param("return h", "return 3", ["A.g"], id="around a nested function"),
        pytest.param("@mark", "@other", ["A.f"], id="a decorator"),
        pytest.param("x = 1", "x = 2", ["A"], id="a class's own code"),
        pytest.param("import os", "import re", [""], id="module-level code"),
        pytest.param("        return y\n", "", ["A.f"], id="a last line removed"),
        pytest.param("        y = 1\n", "", ["A.f"], id="a first line removed"),
        pytest.param("import os\n", "", [""], id="an import removed"),
        pytest.param("def k(): pass\n", "", ["k"], id="a function removed"),
        pytest.param("def g", "def i", ["A.i", "A.g", "A.g.h"], id="a method renamed"),
        pytest.param("def k", "def j(): pass\n\n\ndef k", ["j"], id="a function added"),
        pytest.param("\n\n", "\n\n\n\n", [], id="blank lines"),
        pytest.param("\n", "\r\n", [], id="line ends"),
        pytest.param("return y", "return (", [""], id="what no longer parses"),
    ],
)
def test_touched_symbols(old: str, new: str, expected: list[str]) -> None:
    assert old in SOURCE
    after = SOURCE.replace(old, new)
    assert touched_symbols(SOURCE.encode(), after.encode()) == tuple(expected)


def test_of_a_new_file_everything_is_touched() -> None:
    names = touched_symbols(b"", SOURCE.encode())
    assert names == ("", "A", "A.f", "A.g", "A.g.h", "k")


def test_of_a_file_that_is_no_python_the_whole_is_touched() -> None:
    assert touched_symbols(b"a: 1\n", b"a: [1\n") == ("",)


def functions(count: int) -> list[str]:
    return [f"def f{number}():\n    return {number}\n" for number in range(count)]


def test_of_a_long_file_only_what_differs_is_touched() -> None:
    several = functions(1_500)
    before = "import a\n" + "".join(several)
    several[700] = "def f700():\n    return 7\n"

    for after in ("import b\n", "import b\nimport c\n"):
        names = touched_symbols(before.encode(), (after + "".join(several)).encode())
        assert names == ("", "f700")
