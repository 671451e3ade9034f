"""Features that exact refactorings do most of: a new name, a new parameter, a new module."""

from __future__ import annotations

from tests.recorded_tasks.recorded import RecordedTask, Say, use

_LEGACY_TILES = (
    b'"""Written on another system, long ago."""\r\n'
    b"\r\n"
    b"from .polygons import Rectangle as Rect\r\n"
    b"from .polygons import Square\r\n"
    b"\r\n"
    b"\r\n"
    b"def paper(size):\r\n"
    b'\t"""Return a sheet: A4 or A5."""\r\n'
    b'\tsheets = {"A4": Rect(0.210, 0.297), "A5": Rect(0.148, 0.210)}\r\n'
    b"\treturn sheets[size]\r\n"
    b"\r\n"
    b"\r\n"
    b"def floor_tile(side=0.2):\r\n"
    b"\treturn Square(side)\r\n"
)

_TESTS_OF_TILES = """\
from shapes import Rectangle, Square
from shapes.latin import french
from shapes.legacy import paper, floor_tile
from shapes.units_table import metres
from shapes.unites import périmètre_total, étiquette


def test_paper() -> None:
    assert paper("A4").area() > paper("A5").area()


def test_tile() -> None:
    assert isinstance(floor_tile(), Square)


def test_périmètre_total() -> None:
    assert périmètre_total(Square(1), Rectangle(1, 2)) == 10


def test_étiquette() -> None:
    assert étiquette(Square(1)) == "« square » : 4.0 mètres"


def test_french() -> None:
    assert french(Square(1)) == "carré"
    assert french(Rectangle(1, 2)) == "étendue"


def test_metres() -> None:
    assert metres(5, "cm") == 0.05
"""

FLOOR_TILE = RecordedTask(
    name="tiles of any size",
    fixture="shapes",
    goal="tile should be called floor_tile, and take the side, 0.2 if left out",
    check=("python", "-c", "from shapes.legacy import floor_tile as t; assert t(0.5).width == 0.5"),
    steps=(
        use("search_text", text="tile"),
        use("rename_symbol", old="tile", new="floor_tile", path="shapes/legacy.py"),
        use(
            "refactor",
            name="add-parameter",
            arguments=["shapes/legacy.py::floor_tile", "side", "0.2"],
        ),
        use("replace_text", path="shapes/legacy.py", old="Square(0.2)", new="Square(side)"),
        use("run_checks"),
        Say("`floor_tile` is the new name, in the tests too; its side is 0.2 unless given."),
    ),
    expected={
        "shapes/legacy.py": _LEGACY_TILES,
        "tests/test_old_and_foreign.py": _TESTS_OF_TILES.encode(),
    },
)

_CACHE = b'''\
"""Texts that are made once."""

import json
from typing import TextIO


class Cache:
    """Texts by key. Its `load` has nothing to do with loading files."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def save(self, file: TextIO) -> None:
        """Write all texts as JSON."""
        json.dump(self._texts, file)

    def restore(self, file: TextIO) -> None:
        """Take up the texts that `save` wrote."""
        self._texts.update(json.load(file))

    def load(self, key: str) -> str | None:
        """Return a text, or None."""
        return self._texts.get(key)

    def store(self, key: str, text: str) -> None:
        """Keep a text."""
        self._texts[key] = text
'''

_STATS_WITHOUT_CACHE = b'''\
"""Small things that count."""

from collections.abc import Sequence


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
'''

_REPORT_OF_CACHE = rb'''"""Write reports of sales."""

from pathlib import Path

import app
from app import load, revenue
from stats import mean
from cache import Cache


def average_sale(path: Path) -> float:
    """Return what a sale brings in on average."""
    return mean([revenue(row) for row in load(path)])


def as_markdown(path: Path) -> str:
    """Return a table of all rows."""
    lines = ["| product | units |", "|---|---|"]
    lines += [f"| {row['product']} | {row['units']} |" for row in app.load(path)]
    return "\n".join(lines) + "\n"


def cached_markdown(path: Path, cache: Cache) -> str:
    """Return the table, made once a file."""
    known = cache.load(str(path))
    if known is None:
        known = as_markdown(path)
        cache.store(str(path), known)
    return known
'''

_TEST_REPORT_OF_CACHE = b"""\
from io import StringIO
from pathlib import Path

from report import as_markdown, average_sale, cached_markdown
from cache import Cache

SALES = Path(__file__).parent / "data" / "sales.csv"


def test_average_sale() -> None:
    assert round(average_sale(SALES), 2) == 5.33


def test_as_markdown_has_a_line_a_row() -> None:
    assert as_markdown(SALES).count("\\n") == 5


def test_the_cache_answers_the_second_time() -> None:
    cache = Cache()

    first = cached_markdown(SALES, cache)

    assert cache.load(str(SALES)) == first
    assert cached_markdown(Path(str(SALES)), cache) is first


def test_a_saved_cache_is_restored() -> None:
    cache, file = Cache(), StringIO()
    cache.store("tea", "green")
    cache.save(file)
    file.seek(0)

    other = Cache()
    other.restore(file)

    assert other.load("tea") == "green"
"""

CACHE = RecordedTask(
    name="a module for the cache",
    fixture="flat",
    goal="Cache has nothing to do with statistics: give it a module of its own, cache.py, and say "
    "so in both docstrings",
    check=("python", "-c", "import cache, report, stats; assert not hasattr(stats, 'Cache')"),
    steps=(
        use("outline_file", path="stats.py"),
        use("list_refactorings"),
        use("refactor", name="move-symbol", arguments=["stats.py::Cache", "cache.py"]),
        use(
            "replace_text",
            path="stats.py",
            old='"""Small things that count and keep."""',
            new='"""Small things that count."""',
        ),
        use(
            "replace_text",
            path="cache.py",
            old="import json\n",
            new='"""Texts that are made once."""\n\nimport json\n',
        ),
        use("run_checks"),
        use(
            "decide",
            decision="Cache has a module of its own, cache.py.",
            reasoning="It keeps texts, and counts nothing.",
        ),
        use("finish", rationale="Cache is in cache.py; whoever used it imports it from there."),
    ),
    expected={
        "cache.py": _CACHE,
        "report.py": _REPORT_OF_CACHE,
        "stats.py": _STATS_WITHOUT_CACHE,
        "test_report.py": _TEST_REPORT_OF_CACHE,
    },
)

BY_REFACTORING = (FLOOR_TILE, CACHE)
