"""Documents, docstrings and a release's papers."""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.recorded_tasks.recorded import RecordedTask, Say, use

_README_WITH_REPORTS = b"""\
# Sales report

Reads sales from a CSV file and prints a summary. `load` returns one dictionary a row.

    python app.py data/sales.csv

`report.as_markdown` makes a table of all rows; `report.cached_markdown` makes it once a file.
"""

REPORTS_TOLD = RecordedTask(
    name="the reports in the readme",
    fixture="flat",
    goal="The README doesn't mention the markdown reports at all. One sentence is enough.",
    file=PurePosixPath("README.md"),
    steps=(
        use("read_file", path="README.md"),
        use("outline_file", path="report.py"),
        use("search_text", text="as_markdown"),
        use(
            "replace_text",
            path="README.md",
            old="    python app.py data/sales.csv\n",
            new="    python app.py data/sales.csv\n\n"
            "`report.as_markdown` makes a table of all rows; `report.cached_markdown` makes it "
            "once a file.\n",
        ),
        Say("One sentence about both functions that make a table."),
    ),
    expected={"README.md": _README_WITH_REPORTS},
)

_README_RST = """\
shapes
======

Plane figures, made by name:

>>> from shapes import make
>>> make("square", 2).area()
4.0
"""

RST = RecordedTask(
    name="the readme as rst",
    fixture="shapes",
    goal="All our other projects have a README.rst. Please convert the README.md here",
    scope=("README.*",),
    check=("python", "-m", "doctest", "README.rst"),
    steps=(
        use("read_file", path="README.md"),
        use("search_text", text="README"),
        use("create_file", path="README.rst", content=_README_RST),
        use("delete_file", path="README.md"),
        use("run_checks"),
        use("finish", rationale="README.rst says what README.md said; its example runs."),
    ),
    expected={"README.md": None, "README.rst": _README_RST.encode()},
)

_DOCSTRINGS = """\
*** Begin Patch
*** Update File: shapes/legacy.py
@@ def tile():
 def tile():
+	\"\"\"Return a square of 20 cm.\"\"\"
 	return Square(0.2)
*** Update File: shapes/unites.py
@@
 def étiquette(figure: Polygon) -> str:
+    \"\"\"Rend le nom de la figure et son périmètre, en mètres.\"\"\"
     return f"« {figure.name} » : {périmètre_total(figure):.1f} {UNITÉ}s"
*** End Patch"""  # noqa: E101

_LEGACY_TOLD = (
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
    b"def tile():\r\n"
    b'\t"""Return a square of 20 cm."""\r\n'
    b"\treturn Square(0.2)\r\n"
)

_UNITES_TOLD = '''\
"""Les unités, et ce qu'on en fait."""

from .polygons import Polygon

UNITÉ = "mètre"
LONGUEUR_λ = 5.0e-7


def périmètre_total(*figures: Polygon) -> float:
    """Rend la somme des périmètres, en mètres."""
    return sum(figure.perimeter() for figure in figures)


def étiquette(figure: Polygon) -> str:
    """Rend le nom de la figure et son périmètre, en mètres."""
    return f"« {figure.name} » : {périmètre_total(figure):.1f} {UNITÉ}s"
'''

DOCSTRINGS = RecordedTask(
    name="two docstrings",
    fixture="shapes",
    goal="étiquette in unites.py and tile in legacy.py have no docstring (french in the french "
    "file of course)",
    check=("python", "-c", "from shapes import legacy, unites; legacy.tile.__doc__[0]"),
    steps=(
        use("read_file", path="shapes/unites.py"),
        use("read_file", path="shapes/legacy.py", first_line=7),
        use("apply_patch", patch=_DOCSTRINGS),
        use("show_diff"),
        use("run_checks"),
        Say("Both functions say what they return, each in its file's language."),
    ),
    expected={
        "shapes/legacy.py": _LEGACY_TOLD,
        "shapes/unites.py": _UNITES_TOLD.encode(),
    },
)

_CHANGELOG = """\
# Changes

## 1.1

- The project keeps a list of its changes.
"""

_VERSION_1_1 = """\
--- a/pyproject.toml
+++ b/pyproject.toml
@@ -1,4 +1,4 @@
 [project]
 name = "shapes"
-version = "1.0"
+version = "1.1"
 requires-python = ">=3.11"
--- a/tests/test_shapes.py
+++ b/tests/test_shapes.py
@@ -30,2 +30,2 @@
 def test_version() -> None:
-    assert VERSION == "1.0"
+    assert VERSION == "1.1"
"""

_PYPROJECT_1_1 = b"""\
[project]
name = "shapes"
version = "1.1"
requires-python = ">=3.11"

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
"""

_TEST_SHAPES_1_1 = b"""\
import pytest

from shapes import VERSION, Rectangle, Shape, Square, make
from shapes.formats import as_text


def test_a_square_is_made_by_name() -> None:
    assert make("square", 2).area() == 4.0


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        make("circle", 1)


def test_overrides_are_called_through_the_base() -> None:
    shapes: list[Shape] = [Square(2), Rectangle(1, 2)]

    assert sorted(shapes)[0].describe() == "rectangle of 2.00 m2"
    assert shapes[0].describe() == "square of 4.00 m2, all sides equal"


def test_scaled() -> None:
    assert Rectangle(1, 2).scaled(3).area() == 18


def test_as_text() -> None:
    assert as_text(Rectangle(1, 2)).splitlines()[1] == "4 sides, 6.00 m around"


def test_version() -> None:
    assert VERSION == "1.1"
"""

RELEASE = RecordedTask(
    name="the papers of 1.1",
    fixture="shapes",
    goal="prepare 1.1: bump the version wherever it stands, and start a CHANGELOG.md (say only "
    "that we have one now)",
    check=("python", "-c", "import shapes; assert shapes.VERSION == '1.1'"),
    steps=(
        use("search_memory", query="version release"),
        use("search_text", text="1.0"),
        use("read_file", path="shapes/version.py"),
        use("create_file", path="CHANGELOG.md", content=_CHANGELOG),
        use("replace_text", path="shapes/version.py", old='"1.0"', new='"1.1"'),
        use("apply_patch", patch=_VERSION_1_1),
        use("run_checks"),
        use("finish", rationale="1.1 stands in the package, its metadata and its test."),
    ),
    expected={
        "CHANGELOG.md": _CHANGELOG.encode(),
        "pyproject.toml": _PYPROJECT_1_1,
        "shapes/version.py": b'VERSION = "1.1"',
        "tests/test_shapes.py": _TEST_SHAPES_1_1,
    },
)

DOCUMENTS = (REPORTS_TOLD, RST, DOCSTRINGS, RELEASE)
