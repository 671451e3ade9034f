"""Features that touch several files, edited by hand."""

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
        use("find_references", symbol="summarise"),
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

BY_HAND = (CIRCLE, SEVERAL_FILES)
