"""Tests that somebody wanted, in new files and old ones."""

from __future__ import annotations

from tests.recorded_tasks.recorded import RecordedTask, Say, use

_TEST_STATS = """\
from stats import mean


def test_the_mean_of_several() -> None:
    assert mean([1, 2, 6]) == 3


def test_the_mean_of_one_is_itself() -> None:
    assert mean([2.5]) == 2.5


def test_the_mean_of_nothing_is_0() -> None:
    assert mean([]) == 0
"""

MEAN_TESTED = RecordedTask(
    name="tests of the mean",
    fixture="flat",
    goal="write tests for stats.mean, the empty list as well",
    scope=("test_*.py",),
    check=("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_stats.py"),
    steps=(
        use("list_files", pattern="test_"),
        use("read_file", path="stats.py", first_line=1, last_line=11),
        use("create_file", path="test_stats.py", content=_TEST_STATS),
        use("run_checks"),
        use("finish", rationale="Three tests: several values, one value, none."),
    ),
    expected={"test_stats.py": _TEST_STATS.encode()},
)

_LOAD_TESTED = """\
The error first, then the file that is there and empty.

test_app.py
<<<<<<< SEARCH
from pathlib import Path

from app import load, main, revenue, summarise
=======
from pathlib import Path

import pytest

from app import load, main, revenue, summarise
>>>>>>> REPLACE
<<<<<<< SEARCH
def test_revenue() -> None:
=======
def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.csv")


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.touch()

    assert load(path) == []


def test_revenue() -> None:
>>>>>>> REPLACE
"""

_TEST_APP = b"""\
from pathlib import Path

import pytest

from app import load, main, revenue, summarise

SALES = Path(__file__).parent / "data" / "sales.csv"


def test_load_returns_a_dictionary_a_row() -> None:
    assert load(SALES)[0] == {"product": "tea", "units": "3", "price": "2.50"}


def test_load_takes_another_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "sales.txt"
    path.write_text("product;units\\ntea;3\\n", encoding="utf-8")

    assert load(path, delimiter=";") == [{"product": "tea", "units": "3"}]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.csv")


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.touch()

    assert load(path) == []


def test_revenue() -> None:
    assert revenue({"product": "tea", "units": "3", "price": "2.50"}) == 7.5


def test_summarise_adds_up_products() -> None:
    assert summarise(SALES) == {"tea": 10.0, "coffee": 6.0}


def test_main_prints_a_line_a_product(capsys) -> None:
    assert main([str(SALES)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
"""

LOAD_TESTED = RecordedTask(
    name="tests of odd files",
    fixture="flat",
    goal="nobody tests what load() does with a file that is empty or not there. add that to "
    "test_app.py",
    check=("python", "-m", "py_compile", "test_app.py"),
    steps=(
        use("search_text", text="def load"),
        use("read_file", path="app.py", first_line=13, last_line=19),
        use("read_file", path="test_app.py"),
        use("apply_patch", patch=_LOAD_TESTED),
        use("show_diff"),
        use("run_checks"),
        Say("A missing file raises FileNotFoundError, an empty one has no rows; both are tested."),
    ),
    expected={"test_app.py": _TEST_APP},
)

_TEST_ODD_FILES = """\
from shapes import Rectangle, Square
from shapes.latin import french
from shapes.legacy import paper, tile
from shapes.units_table import metres
from shapes.unites import périmètre_total, étiquette


def test_paper() -> None:
    assert paper("A4").area() > paper("A5").area()


def test_tile() -> None:
    assert isinstance(tile(), Square)


def test_périmètre_total() -> None:
    assert périmètre_total(Square(1), Rectangle(1, 2)) == 10


def test_étiquette() -> None:
    assert étiquette(Square(1)) == "« square » : 4.0 mètres"


def test_étiquette_d_un_rectangle() -> None:
    assert étiquette(Rectangle(1, 2)) == "« rectangle » : 6.0 mètres"


def test_french() -> None:
    assert french(Square(1)) == "carré"
    assert french(Rectangle(1, 2)) == "étendue"


def test_metres() -> None:
    assert metres(5, "cm") == 0.05
"""

LABEL_TESTED = RecordedTask(
    name="a test beside its new name",
    fixture="shapes",
    goal="test étiquette with a rectangle too. And test_old_and_foreign.py is a silly name, make "
    "it test_odd_files.py",
    scope=("/tests/",),
    check=("python", "-m", "compileall", "-q", "tests"),
    steps=(
        use("search_text", text="étiquette"),
        use("read_file", path="tests/test_old_and_foreign.py"),
        use("move_file", path="tests/test_old_and_foreign.py", to="tests/test_odd_files.py"),
        use(
            "replace_text",
            path="tests/test_odd_files.py",
            old='    assert étiquette(Square(1)) == "« square » : 4.0 mètres"\n',
            new='    assert étiquette(Square(1)) == "« square » : 4.0 mètres"\n\n\n'
            "def test_étiquette_d_un_rectangle() -> None:\n"
            '    assert étiquette(Rectangle(1, 2)) == "« rectangle » : 6.0 mètres"\n',
        ),
        use("run_checks"),
        Say("The file has its new name, and one test more."),
    ),
    expected={
        "tests/test_odd_files.py": _TEST_ODD_FILES.encode(),
        "tests/test_old_and_foreign.py": None,
    },
)

_TEST_REGISTRY = """\
import pytest

from shapes import Rectangle, make, register


def test_a_class_is_made_by_its_name() -> None:
    assert make("square", 2).area() == 4.0


def test_a_registered_class_is_returned_as_it_is() -> None:
    class Door(Rectangle):
        pass

    assert register("door")(Door) is Door
    assert isinstance(make("door", 1, 2), Door)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        make("circle", 1)
"""

_OUT_OF_TEST_SHAPES = """\
--- a/tests/test_shapes.py
+++ b/tests/test_shapes.py
@@ -1,16 +1,5 @@
-import pytest
-
-from shapes import VERSION, Rectangle, Shape, Square, make
+from shapes import VERSION, Rectangle, Shape, Square
 from shapes.formats import as_text
 
 
-def test_a_square_is_made_by_name() -> None:
-    assert make("square", 2).area() == 4.0
-
-
-def test_an_unknown_name_is_an_error() -> None:
-    with pytest.raises(KeyError):
-        make("circle", 1)
-
-
 def test_overrides_are_called_through_the_base() -> None:
"""  # noqa: W293

_TEST_SHAPES = b"""\
from shapes import VERSION, Rectangle, Shape, Square
from shapes.formats import as_text


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

REGISTRY_TESTED = RecordedTask(
    name="tests of the registry",
    fixture="shapes",
    goal="put the tests of the registry in a file of their own and add one for register()",
    check=("python", "-m", "compileall", "-q", "tests"),
    steps=(
        use("read_file", path="shapes/registry.py"),
        use("read_file", path="tests/test_shapes.py"),
        use("create_file", path="tests/test_registry.py", content=_TEST_REGISTRY),
        use("apply_patch", patch=_OUT_OF_TEST_SHAPES),
        use("run_checks"),
        Say("tests/test_registry.py holds the two old tests, and a new one for `register`."),
    ),
    expected={
        "tests/test_registry.py": _TEST_REGISTRY.encode(),
        "tests/test_shapes.py": _TEST_SHAPES,
    },
)

TESTS_WRITTEN = (MEAN_TESTED, LOAD_TESTED, LABEL_TESTED, REGISTRY_TESTED)
