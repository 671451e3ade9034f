"""Bugs as people report them, mended."""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.recorded_tasks.recorded import RecordedTask, Say, use

_APP_SAYS_HOW = b'''\
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


def summarise(path: Path) -> dict[str, float]:
    """Return the revenue of each product."""
    totals: dict[str, float] = {}
    for row in load(path):
        totals[row["product"]] = totals.get(row["product"], 0.0) + revenue(row)
    return totals


def main(arguments: list[str]) -> int:
    """Print the summary of the file named on the command line."""
    if len(arguments) != 1:
        print("usage: python app.py FILE", file=sys.stderr)
        return 2
    for product, total in sorted(summarise(Path(arguments[0])).items()):
        print(f"{product:10} {total:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''

NO_ARGUMENTS = RecordedTask(
    name="say how, instead of a traceback",
    fixture="flat",
    goal="python app.py without a file dies with an IndexError. It should print how it is used to "
    "stderr and exit with 2",
    check=("python", "-c", "import app; assert app.main([]) == 2"),
    steps=(
        use("search_text", text="def main"),
        use("read_file", path="app.py", first_line=34),
        use(
            "replace_text",
            path="app.py",
            old="    for product, total in sorted(summarise(Path(arguments[0])).items()):\n",
            new="    if len(arguments) != 1:\n"
            '        print("usage: python app.py FILE", file=sys.stderr)\n'
            "        return 2\n"
            "    for product, total in sorted(summarise(Path(arguments[0])).items()):\n",
        ),
        use("run_checks"),
        Say("`main` now tells how it is used and returns 2 unless it gets exactly one file."),
    ),
    expected={"app.py": _APP_SAYS_HOW},
)

_ESCAPE_BARS = """\
*** Begin Patch
*** Update File: report.py
@@ def as_markdown(path: Path) -> str:
     lines = ["| product | units |", "|---|---|"]
-    lines += [f"| {row['product']} | {row['units']} |" for row in app.load(path)]
+    lines += [f"| {_cell(row['product'])} | {_cell(row['units'])} |" for row in app.load(path)]
     return "\\n".join(lines) + "\\n"
 
 
+def _cell(text: str) -> str:
+    # A bare bar would end the cell.
+    return text.replace("|", "\\\\|")
+
+
 def cached_markdown(path: Path, cache: Cache) -> str:
*** End Patch"""  # noqa: W293 - an empty line of context is one space

_REPORT_ESCAPES_BARS = rb'''"""Write reports of sales."""

from pathlib import Path

import app
from app import load, revenue
from stats import Cache, mean


def average_sale(path: Path) -> float:
    """Return what a sale brings in on average."""
    return mean([revenue(row) for row in load(path)])


def as_markdown(path: Path) -> str:
    """Return a table of all rows."""
    lines = ["| product | units |", "|---|---|"]
    lines += [f"| {_cell(row['product'])} | {_cell(row['units'])} |" for row in app.load(path)]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    # A bare bar would end the cell.
    return text.replace("|", "\\|")


def cached_markdown(path: Path, cache: Cache) -> str:
    """Return the table, made once a file."""
    known = cache.load(str(path))
    if known is None:
        known = as_markdown(path)
        cache.store(str(path), known)
    return known
'''

BARS = RecordedTask(
    name="a bar in a name",
    fixture="flat",
    goal="if a product is called 'tea | green' the table of as_markdown falls apart, please fix",
    file=PurePosixPath("report.py"),
    check=("python", "-c", r"import report; assert report._cell('a|b') == 'a\\|b'"),
    steps=(
        use("outline_file", path="report.py"),
        use("read_file", path="report.py"),
        use("apply_patch", patch=_ESCAPE_BARS),
        use("show_diff"),
        use("run_checks"),
        Say("Bars in a cell are escaped, so a product's name cannot end it."),
    ),
    expected={"report.py": _REPORT_ESCAPES_BARS},
)

_ANY_CASE = """\
The lookup should not care about case.

shapes/legacy.py
<<<<<<< SEARCH
	return sheets[size]
=======
	return sheets[size.upper()]
>>>>>>> REPLACE
"""

_LEGACY_ANY_CASE = (
    b'"""Written on another system, long ago."""\r\n'
    b"\r\n"
    b"from .polygons import Rectangle as Rect\r\n"
    b"from .polygons import Square\r\n"
    b"\r\n"
    b"\r\n"
    b"def paper(size):\r\n"
    b'\t"""Return a sheet: A4 or A5."""\r\n'
    b'\tsheets = {"A4": Rect(0.210, 0.297), "A5": Rect(0.148, 0.210)}\r\n'
    b"\treturn sheets[size.upper()]\r\n"
    b"\r\n"
    b"\r\n"
    b"def tile():\r\n"
    b"\treturn Square(0.2)\r\n"
)

PAPER = RecordedTask(
    name="paper in small letters",
    fixture="shapes",
    goal='paper("a4") raises KeyError: "a4". case shouldn\'t matter',
    scope=("shapes/legacy.py",),
    check=("python", "-c", "from shapes.legacy import paper; paper('a4'), paper('A5')"),
    steps=(
        use("search_text", text="def paper"),
        use("read_file", path="shapes/legacy.py"),
        use("apply_patch", patch=_ANY_CASE),
        use("run_checks"),
        use("finish", rationale="`paper` looks the size up in capitals, however it is written."),
    ),
    expected={"shapes/legacy.py": _LEGACY_ANY_CASE},
)

_NOT_IMPLEMENTED = """\
--- a/shapes/base.py
+++ b/shapes/base.py
@@ -18,5 +18,7 @@
         \"\"\"Return a sentence about the figure.\"\"\"
         return f"{self.name} of {self.area():.2f} m2"
 
     def __lt__(self, other: "Shape") -> bool:
+        if not isinstance(other, Shape):
+            return NotImplemented
         return self.area() < other.area()
"""  # noqa: W293

_BASE_COMPARES = b'''\
"""What every figure can do."""

from abc import ABC, abstractmethod


class Shape(ABC):
    """A figure in the plane; lengths in metres."""

    name = "shape"

    @abstractmethod
    def area(self) -> float:
        """Return square metres."""

    def describe(self) -> str:
        """Return a sentence about the figure."""
        return f"{self.name} of {self.area():.2f} m2"

    def __lt__(self, other: "Shape") -> bool:
        if not isinstance(other, Shape):
            return NotImplemented
        return self.area() < other.area()
'''

LESS_THAN = RecordedTask(
    name="less than a number",
    fixture="shapes",
    goal="Square(2) < 3 gives \"AttributeError: 'int' object has no attribute 'area'\". I'd expect "
    "the TypeError that Python gives for things that can't be compared",
    file=PurePosixPath("shapes/base.py"),
    check=(
        "python",
        "-c",
        "from shapes import Square; assert Square(2).__lt__(3) is NotImplemented",
    ),
    steps=(
        use("search_text", text="__lt__"),
        use("outline_file", path="shapes/base.py"),
        use("read_symbol", symbol="Shape.__lt__", path="shapes/base.py"),
        use("apply_patch", patch=_NOT_IMPLEMENTED),
        use("run_checks"),
        Say(
            "`__lt__` returns NotImplemented for what is no Shape; Python makes a TypeError of it."
        ),
    ),
    expected={"shapes/base.py": _BASE_COMPARES},
)

BUG_FIXES = (NO_ARGUMENTS, BARS, PAPER, LESS_THAN)
