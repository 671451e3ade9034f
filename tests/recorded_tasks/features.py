"""Features that touch several files, some of them by exact refactorings."""

from __future__ import annotations

from tests.recorded_tasks.recorded import RecordedTask, Say, use

_ROUND = '''\
"""Figures without corners."""

from __future__ import annotations

import math

from .base import Shape
from .registry import register


@register("circle")
class Circle(Shape):
    """All points at one distance."""

    name = "circle"

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def area(self) -> float:
        return math.pi * self.radius**2
'''

_CIRCLE_KNOWN = """\
diff --git a/shapes/__init__.py b/shapes/__init__.py
--- a/shapes/__init__.py
+++ b/shapes/__init__.py
@@ -3,6 +3,7 @@
 from .base import Shape
 from .polygons import Polygon, Rectangle, Square
 from .registry import make, register
+from .round import Circle
 from .version import VERSION
 
-__all__ = ["VERSION", "Polygon", "Rectangle", "Shape", "Square", "make", "register"]
+__all__ = ["VERSION", "Circle", "Polygon", "Rectangle", "Shape", "Square", "make", "register"]
diff --git a/tests/test_shapes.py b/tests/test_shapes.py
--- a/tests/test_shapes.py
+++ b/tests/test_shapes.py
@@ -8,9 +8,13 @@
     assert make("square", 2).area() == 4.0
 
 
+def test_a_circle_is_made_by_name() -> None:
+    assert make("circle", 1).describe() == "circle of 3.14 m2"
+
+
 def test_an_unknown_name_is_an_error() -> None:
     with pytest.raises(KeyError):
-        make("circle", 1)
+        make("hexagon", 1)
 
 
 def test_overrides_are_called_through_the_base() -> None:
"""  # noqa: W293

_INIT_WITH_CIRCLE = b'''\
"""Plane figures."""

from .base import Shape
from .polygons import Polygon, Rectangle, Square
from .registry import make, register
from .round import Circle
from .version import VERSION

__all__ = ["VERSION", "Circle", "Polygon", "Rectangle", "Shape", "Square", "make", "register"]
'''

_TESTS_WITH_CIRCLE = b"""\
import pytest

from shapes import VERSION, Rectangle, Shape, Square, make
from shapes.formats import as_text


def test_a_square_is_made_by_name() -> None:
    assert make("square", 2).area() == 4.0


def test_a_circle_is_made_by_name() -> None:
    assert make("circle", 1).describe() == "circle of 3.14 m2"


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        make("hexagon", 1)


def test_overrides_are_called_through_the_base() -> None:
    shapes: list[Shape] = [Square(2), Rectangle(1, 2)]

    assert sorted(shapes)[0].describe() == "rectangle of 2.00 m2"
    assert shapes[0].describe() == "square of 4.00 m2, all sides equal"


def test_scaled() -> None:
    assert Rectangle(1, 2).scaled(3).area() == 18


def test_as_text() -> None:
    assert as_text(Rectangle(1, 2)).splitlines()[1] == "4 sides, 6.00 m around"


def test_version() -> None:
    assert VERSION == "1.0"
"""

CIRCLE = RecordedTask(
    name="a circle",
    fixture="shapes",
    goal="we need circles: make('circle', 1), exported like the others, with a test",
    scope=("shapes/", "tests/"),
    check=(
        "python",
        "-c",
        "from shapes import Circle, make; assert isinstance(make('circle', 1), Circle)",
    ),
    steps=(
        use("read_file", path="shapes/__init__.py"),
        use("outline_file", path="shapes/polygons.py"),
        use("search_text", text="circle"),
        use("create_file", path="shapes/round.py", content=_ROUND),
        use("apply_patch", patch=_CIRCLE_KNOWN),
        use("run_checks"),
        use(
            "finish",
            rationale="Circle is a figure of its own, registered and exported as the others are; "
            "the test of an unknown name had used its name.",
        ),
    ),
    expected={
        "shapes/__init__.py": _INIT_WITH_CIRCLE,
        "shapes/round.py": _ROUND.encode(),
        "tests/test_shapes.py": _TESTS_WITH_CIRCLE,
    },
)

_SUMMARISE_ALL = """\
app.py
<<<<<<< SEARCH
def summarise(path: Path) -> dict[str, float]:
    \"\"\"Return the revenue of each product.\"\"\"
    totals: dict[str, float] = {}
    for row in load(path):
        totals[row["product"]] = totals.get(row["product"], 0.0) + revenue(row)
    return totals
=======
def summarise(*paths: Path) -> dict[str, float]:
    \"\"\"Return the revenue of each product, over all files.\"\"\"
    totals: dict[str, float] = {}
    for path in paths:
        for row in load(path):
            totals[row["product"]] = totals.get(row["product"], 0.0) + revenue(row)
    return totals
>>>>>>> REPLACE
<<<<<<< SEARCH
    \"\"\"Print the summary of the file named on the command line.\"\"\"
    for product, total in sorted(summarise(Path(arguments[0])).items()):
=======
    \"\"\"Print the summary of the files named on the command line.\"\"\"
    for product, total in sorted(summarise(*map(Path, arguments)).items()):
>>>>>>> REPLACE
"""

_APP_OF_SEVERAL = b'''\
"""Summarise sales."""

import csv
import logging
import sys
from pathlib import Path

log = logging.getLogger(__name__)

Row = dict[str, str]


def load(path: Path, *, delimiter: str = ",") -> list[Row]:
    """Return the rows of a CSV file, one dictionary each."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=delimiter))
    log.debug("load: %d rows from %s", len(rows), path)
    return rows


def revenue(row: Row) -> float:
    """Return what one row brought in."""
    return int(row["units"]) * float(row["price"])


def summarise(*paths: Path) -> dict[str, float]:
    """Return the revenue of each product, over all files."""
    totals: dict[str, float] = {}
    for path in paths:
        for row in load(path):
            totals[row["product"]] = totals.get(row["product"], 0.0) + revenue(row)
    return totals


def main(arguments: list[str]) -> int:
    """Print the summary of the files named on the command line."""
    for product, total in sorted(summarise(*map(Path, arguments)).items()):
        print(f"{product:10} {total:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''

_README_OF_SEVERAL = """\
# Sales report

Reads sales from CSV files and prints one summary. `load` returns one dictionary a row.

    python app.py data/sales.csv
    python app.py data/*.csv
"""

_TESTS_OF_SEVERAL = b"""\
from pathlib import Path

from app import load, main, revenue, summarise

SALES = Path(__file__).parent / "data" / "sales.csv"


def test_load_returns_a_dictionary_a_row() -> None:
    assert load(SALES)[0] == {"product": "tea", "units": "3", "price": "2.50"}


def test_load_takes_another_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "sales.txt"
    path.write_text("product;units\\ntea;3\\n", encoding="utf-8")

    assert load(path, delimiter=";") == [{"product": "tea", "units": "3"}]


def test_revenue() -> None:
    assert revenue({"product": "tea", "units": "3", "price": "2.50"}) == 7.5


def test_summarise_adds_up_products() -> None:
    assert summarise(SALES) == {"tea": 10.0, "coffee": 6.0}


def test_summarise_adds_up_files() -> None:
    assert summarise(SALES, SALES) == {"tea": 20.0, "coffee": 12.0}


def test_main_prints_a_line_a_product(capsys) -> None:
    assert main([str(SALES)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
"""

SEVERAL_FILES = RecordedTask(
    name="several files at once",
    fixture="flat",
    goal="python app.py a.csv b.csv should add up both files. Update the readme and the tests too",
    check=(
        "python",
        "-c",
        "import app; assert app.main(['data/sales.csv', 'data/sales.csv']) == 0",
    ),
    steps=(
        use("search_text", text="summarise"),
        use("read_file", path="app.py", first_line=22, last_line=45),
        use("apply_patch", patch=_SUMMARISE_ALL),
        use("write_file", path="README.md", content=_README_OF_SEVERAL),
        use(
            "replace_text",
            path="test_app.py",
            old='    assert summarise(SALES) == {"tea": 10.0, "coffee": 6.0}\n',
            new='    assert summarise(SALES) == {"tea": 10.0, "coffee": 6.0}\n\n\n'
            "def test_summarise_adds_up_files() -> None:\n"
            '    assert summarise(SALES, SALES) == {"tea": 20.0, "coffee": 12.0}\n',
        ),
        use("run_checks"),
        Say("`summarise` takes any number of files; `main` hands on all that are named."),
    ),
    expected={
        "README.md": _README_OF_SEVERAL.encode(),
        "app.py": _APP_OF_SEVERAL,
        "test_app.py": _TESTS_OF_SEVERAL,
    },
)

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
        use("finish", rationale="Cache is in cache.py; whoever used it imports it from there."),
    ),
    expected={
        "cache.py": _CACHE,
        "report.py": _REPORT_OF_CACHE,
        "stats.py": _STATS_WITHOUT_CACHE,
        "test_report.py": _TEST_REPORT_OF_CACHE,
    },
)

FEATURES = (CIRCLE, SEVERAL_FILES, FLOOR_TILE, CACHE)
