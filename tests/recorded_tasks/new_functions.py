"""Functions that were missing, in files of several encodings."""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.recorded_tasks.recorded import RecordedTask, Say, use

_STATS_WITH_MEDIAN = b'''\
"""Small things that count and keep."""

import json
from collections.abc import Sequence
from typing import TextIO


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the middle two; 0 of nothing."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return mean(ordered[middle - 1 : middle + 1])


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

MEDIAN = RecordedTask(
    name="a median",
    fixture="flat",
    goal="add a median() next to mean(), also 0 for an empty list",
    file=PurePosixPath("stats.py"),
    check=(
        "python",
        "-c",
        "from stats import median as m; assert (m([3, 1, 2]), m([4, 1]), m([])) == (2, 2.5, 0)",
    ),
    steps=(
        use("outline_file", path="stats.py"),
        use("read_file", path="stats.py", first_line=1, last_line=14),
        use(
            "replace_text",
            path="stats.py",
            old="    return sum(values) / len(values) if values else 0.0\n\n\nclass Cache:",
            new="    return sum(values) / len(values) if values else 0.0\n\n\n"
            "def median(values: Sequence[float]) -> float:\n"
            '    """Return the middle value, or the mean of the middle two; 0 of nothing."""\n'
            "    ordered = sorted(values)\n"
            "    middle = len(ordered) // 2\n"
            "    if len(ordered) % 2:\n"
            "        return ordered[middle]\n"
            "    return mean(ordered[middle - 1 : middle + 1])\n\n\n"
            "class Cache:",
        ),
        use("run_checks"),
        Say("`median` stands beside `mean`; of nothing it is 0, too, since `mean` is."),
    ),
    expected={"stats.py": _STATS_WITH_MEDIAN},
)

_UNITS_SOLD = """\
app.py
<<<<<<< SEARCH
    return totals


def main(arguments: list[str]) -> int:
=======
    return totals


def units_sold(path: Path) -> dict[str, int]:
    \"\"\"Return how many of each product were sold.\"\"\"
    sold: dict[str, int] = {}
    for row in load(path):
        sold[row["product"]] = sold.get(row["product"], 0) + int(row["units"])
    return sold


def main(arguments: list[str]) -> int:
>>>>>>> REPLACE
"""

_APP_COUNTS_UNITS = b'''\
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


def units_sold(path: Path) -> dict[str, int]:
    """Return how many of each product were sold."""
    sold: dict[str, int] = {}
    for row in load(path):
        sold[row["product"]] = sold.get(row["product"], 0) + int(row["units"])
    return sold


def main(arguments: list[str]) -> int:
    """Print the summary of the file named on the command line."""
    for product, total in sorted(summarise(Path(arguments[0])).items()):
        print(f"{product:10} {total:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''

UNITS = RecordedTask(
    name="units sold",
    fixture="flat",
    goal="I need a function units_sold(path) in app.py: like summarise, but how many units per "
    "product",
    scope=("app.py",),
    steps=(
        use("search_text", text="def summarise"),
        use("read_file", path="app.py", first_line=22, last_line=40),
        use("apply_patch", patch=_UNITS_SOLD),
        use("read_file", path="app.py", first_line=26, last_line=44),
        Say("`units_sold` counts as `summarise` does, in units instead of money."),
    ),
    expected={"app.py": _APP_COUNTS_UNITS},
)

_LATIN_TEXT = '''\
# -*- coding: latin-1 -*-
"""Names as they were written before Unicode."""

from .polygons import Square

NAMES = {"square": "carré", "surface": "étendue", "degree": "°"}


def french(shape):
    return "carré" if isinstance(shape, Square) else NAMES["surface"]


def degrees(value):
    """Return an angle as it is written, such as 90°."""
    return f"{value}{NAMES['degree']}"
'''

_LATIN_WITH_DEGREES = (
    b"# -*- coding: latin-1 -*-\n"
    b'"""Names as they were written before Unicode."""\n'
    b"\n"
    b"from .polygons import Square\n"
    b"\n"
    b'NAMES = {"square": "carr\xe9", "surface": "\xe9tendue", "degree": "\xb0"}\n'
    b"\n"
    b"\n"
    b"def french(shape):\n"
    b'    return "carr\xe9" if isinstance(shape, Square) else NAMES["surface"]\n'
    b"\n"
    b"\n"
    b"def degrees(value):\n"
    b'    """Return an angle as it is written, such as 90\xb0."""\n'
    b"    return f\"{value}{NAMES['degree']}\"\n"
)

DEGREES = RecordedTask(
    name="degrees in latin-1",
    fixture="shapes",
    goal="shapes/latin.py has a degree sign that nothing uses. write a function degrees(value) "
    "that gives '90°' for 90",
    file=PurePosixPath("shapes/latin.py"),
    check=("python", "-c", r"from shapes.latin import degrees; assert degrees(90) == '90\xb0'"),
    steps=(
        use("read_file", path="shapes/latin.py"),
        use("search_text", text="NAMES"),
        use("write_file", path="shapes/latin.py", content=_LATIN_TEXT),
        use("show_diff"),
        use("run_checks"),
        use("finish", rationale="`degrees` puts the sign from NAMES behind a number."),
    ),
    expected={"shapes/latin.py": _LATIN_WITH_DEGREES},
)

_IN_UNIT = """\
*** Begin Patch
*** Update File: shapes/units_table.py
@@ def metres(value: float, unit: str) -> float:
     return value * METRES[unit]
+
+
+def in_unit(metres: float, unit: str) -> float:
+    return metres / METRES[unit]
*** End Patch"""

_TABLE_BOTH_WAYS = (
    b'\xef\xbb\xbf"""Lengths in metres."""\n'
    b"\n"
    b'METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}\n'
    b"\n"
    b"\n"
    b"def metres(value: float, unit: str) -> float:\n"
    b"    return value * METRES[unit]\n"
    b"\n"
    b"\n"
    b"def in_unit(metres: float, unit: str) -> float:\n"
    b"    return metres / METRES[unit]\n"
)

IN_UNIT = RecordedTask(
    name="the way back from metres",
    fixture="shapes",
    goal="units_table.metres(5, 'cm') gives metres, but there is nothing for the other direction; "
    "add in_unit(metres, unit)",
    scope=("shapes/*.py",),
    check=(
        "python",
        "-c",
        "from shapes.units_table import in_unit; assert in_unit(2, 'cm') == 200",
    ),
    steps=(
        use("list_files", pattern="units"),
        use("read_file", path="shapes/units_table.py"),
        use("apply_patch", patch=_IN_UNIT),
        use("run_checks"),
        Say("`in_unit` divides by the same table that `metres` multiplies by."),
    ),
    expected={"shapes/units_table.py": _TABLE_BOTH_WAYS},
)

NEW_FUNCTIONS = (MEDIAN, UNITS, DEGREES, IN_UNIT)
