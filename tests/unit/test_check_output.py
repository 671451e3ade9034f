from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolset.check_output import LIMIT, shortened

TESTS = """\
import pytest

def test_the_first():
    total = sum(range(10))
    assert total == 46, "the sum is wrong"

@pytest.mark.parametrize("n", range(60))
def test_many(n):
    print("noise of", n)
    assert n * 2 == n + 1

@pytest.mark.parametrize("n", range(20))
def test_fine(n):
    pass
"""
UNTYPED = "".join(f"def f{n}(x: int) -> str:\n    return x + nothing_{n}\n" for n in range(200))
UNITTEST = """\
import unittest

class Sums(unittest.TestCase):
    def check(self, n):
        self.assertEqual(n, 99, "the sum is wrong")

for n in range(60):
    setattr(Sums, f"test_{n:02}", lambda self, n=n: self.check(n))
unittest.main()
"""


def printed_by(folder: Path, *command: str) -> str:
    """Return what a Python tool prints, and that it is more than can be kept."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert len(done.stdout) > 1.5 * LIMIT, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project in which everything fails."""
    folder = tmp_path_factory.mktemp("failing")
    for name, text in {"test_a.py": TESTS, "untyped.py": UNTYPED, "sums.py": UNITTEST}.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("options", "first", "last"),
    [
        pytest.param(
            (),
            [
                "_ test_the_first _",
                ">       assert total",
                "E       AssertionError: the sum is wrong",
            ],
            ["FAILED test_a.py::test_many[59]", "60 failed, 21 passed"],
            id="plain",
        ),
        pytest.param(
            ("-v",), ["_ test_the_first _", "E       assert 45 == 46"], ["60 failed"], id="verbose"
        ),
        pytest.param(
            ("--tb=short", "--color=yes"),
            ["test_a.py:5: in test_the_first", "E   assert 45 == 46"],
            ["60 failed"],
            id="short, in colours",
        ),
        pytest.param(
            ("--tb=line",),
            ["test_a.py:5: AssertionError: the sum is wrong"],
            ["60 failed"],
            id="lines",
        ),
    ],
)
def test_of_pytest_stay_the_first_failure_and_the_summary(
    folder: Path, options: tuple[str, ...], first: list[str], last: list[str]
) -> None:
    text = shortened(printed_by(folder, "pytest", "-p", "no:cacheprovider", *options, "test_a.py"))

    assert len(text) <= LIMIT
    assert [part for part in first if part not in text[:1500]] == []
    assert [part for part in last if part not in text[-1500:]] == []


def test_of_unittest_stay_the_first_failure_and_the_summary(folder: Path) -> None:
    text = shortened(printed_by(folder, "sums"))

    assert "FAIL: test_00" in text[:300]
    assert "AssertionError: 0 != 99 : the sum is wrong" in text[:600]
    assert text.endswith("FAILED (failures=60)\n")


@pytest.mark.slow
def test_of_mypy_stay_the_first_errors_and_the_count(folder: Path) -> None:
    text = shortened(printed_by(folder, "mypy", "--cache-dir=/dev/null", "untyped.py"))

    assert text.startswith('untyped.py:2: error: Name "nothing_0" is not defined  [name-defined]\n')
    assert text.endswith("Found 200 errors in 1 file (checked 1 source file)\n")


@pytest.mark.parametrize(
    ("form", "first"),
    [
        ("full", "F821 Undefined name `nothing_0`\n --> untyped.py:2:16\n"),
        ("concise", "untyped.py:2:16: F821 Undefined name `nothing_0`\n"),
    ],
)
def test_of_ruff_stay_the_first_errors_and_the_count(folder: Path, form: str, first: str) -> None:
    command = ("ruff", "check", "--isolated", "--no-cache", "--output-format", form, "untyped.py")

    text = shortened(printed_by(folder, *command))

    assert text.startswith(first)
    assert text.endswith("Found 200 errors.\n")


NOISE = "".join(f"doing step {n}\n" for n in range(1000))


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param("a.c:1:22: error: 'x' undeclared", id="gcc"),
        pytest.param("src/a.ts:1:2 - error TS2304: Cannot find name", id="tsc"),
        pytest.param("error[E0425]: cannot find value `x`", id="rustc"),
        pytest.param("error: could not compile", id="cargo"),
        pytest.param("ld: fatal error: no input files", id="linker"),
        pytest.param("ValueError: no such thing", id="an exception"),
        pytest.param("sqlalchemy.exc.OperationalError: no such table", id="a library's exception"),
        pytest.param('  File "/p/a.py", line 3, in f', id="a frame"),
        pytest.param("ERROR tests/test_a.py - ImportError: no x", id="an error while collecting"),
        pytest.param("not ok 3 - it adds", id="TAP"),
        pytest.param("make: *** [Makefile:3: test] Error 1", id="make"),
    ],
)
def test_a_line_that_tells_of_a_failure_stays(failure: str) -> None:
    assert f"\n{failure}\n" in shortened(f"{NOISE}{failure}\n{NOISE}")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("a.py:306: DeprecationWarning: old", id="a warning"),
        pytest.param("a.c:1:22: note: declared here", id="a note"),
        pytest.param("test_a.py::test_error_handling PASSED", id="a test's name"),
        pytest.param("downloading https://example.org:443/x", id="an address"),
    ],
)
def test_a_line_that_only_looks_like_a_failure_does_not_come_first(line: str) -> None:
    text = shortened(f"{NOISE}{line}\n{NOISE}ValueError: x\n{NOISE}")

    assert line not in text
    assert "ValueError: x" in text


def test_it_is_said_how_many_lines_are_left_out() -> None:
    text = shortened(f"{NOISE}ValueError: x\n{NOISE}")

    left_out = [
        int(one.replace(",", "")) for one in re.findall(r"… ([\d,]+) lines left out …", text)
    ]
    assert sum(left_out) + len(text.splitlines()) - len(left_out) == 2001


def test_what_is_short_stays_as_it_is() -> None:
    text = "x" * LIMIT

    assert shortened(text) == text


def test_where_nothing_looks_like_a_failure_the_end_stays() -> None:
    text = shortened(NOISE)

    assert len(text) == LIMIT
    assert text.startswith("… 7")
    assert NOISE.endswith(text.split("\n", 1)[1])


def test_colours_go() -> None:
    assert shortened("\x1b[31mE   \x1b[1massert\x1b[0m 1") == "E   assert 1"


def test_what_a_progress_bar_wrote_over_goes() -> None:
    bar = "".join(f"{n}%\r" for n in range(100))

    text = shortened(f"{NOISE}{bar}ValueError: x\n{NOISE}")

    assert "\nValueError: x\n" in text


def test_a_very_long_line_is_cut_and_leaves_room_for_others() -> None:
    text = shortened(f"{NOISE}ValueError: {'x' * 9000} the end\nTypeError: y\n{NOISE}")

    assert re.search(r"\nValueError: x+ … x+ the end\nTypeError: y\n", text)


_LINES = st.sampled_from(
    ["", "x", "ok", "E   assert 1", "ValueError: x", "y" * 5000, "_____ test_a _____", "é" * 90]
)


@given(st.lists(_LINES, max_size=300).map("\n".join) | st.text(), st.integers(200, 2000))
@example("\n" * 5000, 4000)
@example("E   x\n" * 5000, 4000)
def test_it_is_never_longer_than_allowed(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit


@pytest.mark.parametrize(
    "line",
    ["_" * 200_000, "_ " * 100_000, "a." * 100_000, "a:1" * 70_000, " " * 200_000, "-" * 200_000],
    ids=lambda line: repr(line[:3]),
)
def test_odd_lines_take_no_time(line: str) -> None:
    assert len(shortened(f"{line}\n" * 5)) <= LIMIT
