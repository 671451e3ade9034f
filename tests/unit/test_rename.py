from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import Files, after, make_repository, make_workspace, tree
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.catalogue import plan
from toolset.refactor.evidence import Refactoring
from toolset.refactor.requests import Rename
from toolset.workspace import Workspace


def renamed(root: Path, files: Files, old: str, new: str) -> Refactoring:
    """Plan a rename; `old` may begin with `file.py::`."""
    return plan(Draft(make_workspace(root / "project", files)), Rename(old, new))


def result(root: Path, plan: Refactoring) -> dict[str, str]:
    files = after(Workspace((root / "project").resolve()), plan.changes)
    return {name: data.decode() for name, data in files.items()}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"load()\r\nx = load\r\n", b"read()\r\nx = read\r\n", id="CRLF"),
        pytest.param(b"load()\r\nx = load\n", b"read()\r\nx = read\n", id="mixed EOL"),
        pytest.param(b"\tload()", b"\tread()", id="tab, no final newline"),
        pytest.param(
            "'é日𝒳'; load(); 'é'; load()\n".encode(),
            "'é日𝒳'; read(); 'é'; read()\n".encode(),
            id="non-ASCII before it",
        ),
        pytest.param(b"\x0cload()\n\x0c\nload()\n", b"\x0cread()\n\x0c\nread()\n", id="form feed"),
        pytest.param(
            b"x = load() ;  y=load( )  # note\n",
            b"x = read() ;  y=read( )  # note\n",
            id="odd spacing",
        ),
        pytest.param(b"x = [\n load,\\\n load]\n", b"x = [\n read,\\\n read]\n", id="continued"),
    ],
)
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"", id="plain"),
        pytest.param(b"\xef\xbb\xbf", id="BOM"),
    ],
)
def test_every_other_byte_is_kept(
    tmp_path: Path, start: bytes, data: bytes, expected: bytes
) -> None:
    head = start + b"from a import load\nif 1:\n\t1\n"
    files = {"a.py": b"def load(): pass\r\n", "b.py": head + data}

    plan = renamed(tmp_path, files, "load", "read")

    assert after(Workspace((tmp_path / "project").resolve()), plan.changes) == {
        "a.py": b"def read(): pass\r\n",
        "b.py": head.replace(b"load", b"read") + expected,
    }


def test_a_definition_on_the_first_line_after_a_bom_is_found(tmp_path: Path) -> None:
    plan = renamed(tmp_path, {"a.py": b"\xef\xbb\xbfload = 1; x = load\r\n"}, "load", "read")

    assert [edit.after and edit.after.data for edit in plan.changes] == [
        b"\xef\xbb\xbfread = 1; x = read\r\n"
    ]


def test_latin_1_is_kept(tmp_path: Path) -> None:
    source = b"# coding: latin-1\ndef load(): pass\nx = '\xe9'; load()\n"

    plan = renamed(tmp_path, {"a.py": source}, "load", "read")

    assert [edit.after and edit.after.data for edit in plan.changes] == [
        b"# coding: latin-1\ndef read(): pass\nx = '\xe9'; read()\n"
    ]


def test_modes_are_kept(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"a.py": "def load(): pass\n"})
    (tmp_path / "a.py").chmod(0o755)

    done = plan(Draft(workspace), Rename("load", "read"))

    assert [edit.after and edit.after.mode for edit in done.changes] == [0o755]


@pytest.mark.parametrize(
    ("files", "leftovers"),
    [
        pytest.param({"a.py": "x = 'load'\n"}, ["a.py:1 string"], id="string"),
        pytest.param({"a.py": "'''The load.'''\n"}, ["a.py:1 docstring"], id="docstring"),
        pytest.param({"a.py": "x = 1  # load it\n"}, ["a.py:1 comment"], id="comment"),
        pytest.param(
            {"a.py": "# load\n\n\n# load\n"}, ["a.py:1 comment", "a.py:4 comment"], id="2"
        ),
        pytest.param({"a.py": "getattr(1, 'load')\n"}, ["a.py:1 dynamic use"], id="getattr"),
        pytest.param({"a.py": "x = f'load {1}'\n"}, ["a.py:1 string"], id="text of an f-string"),
        pytest.param({"README.md": "Call load().\n"}, ["README.md:1 document"], id="other file"),
        pytest.param(
            {"a.py": "def f(o): o.load()\n"},
            ["a.py:1 attribute of an unknown object"],
            id="attribute of an untyped object",
        ),
        pytest.param(
            {"a.py": "from m import load\nload(:\n"},
            ["a.py:1 name of unknown origin", "a.py:2 name of unknown origin"],
            id="a file that does not parse",
        ),
        pytest.param(
            {"a.py": "from m import load\rload()\r"},
            ["a.py:1 name of unknown origin", "a.py:1 string"],
            id="CR only",
        ),
        pytest.param(
            {"a.py": "match 1:\n    case int(load=1): pass\n"},
            ["a.py:2 pattern"],
            id="keyword of a pattern",
        ),
        pytest.param({"a.py": "reload = uploads = load_all = 1\n"}, [], id="part of another word"),
        pytest.param({"a.bin": b"load\0\xff"}, [], id="binary"),
    ],
)
def test_what_is_not_renamed_is_listed_and_left_alone(
    tmp_path: Path, files: Files, leftovers: list[str]
) -> None:
    files = {**files, "m.py": "def load(): pass\n"}

    plan = renamed(tmp_path, files, "m.py::load", "read")

    assert [f"{one.place} {one.kind}" for one in plan.evidence.leftovers] == leftovers
    assert result(tmp_path, plan) == {"m.py": "def read(): pass\n"}


@pytest.mark.parametrize(
    ("symbols", "files", "error"),
    [
        pytest.param(("load", "class"), {}, "no name that Python allows", id="keyword"),
        pytest.param(("load", "a-b"), {}, "no name that Python allows", id="no identifier"),
        pytest.param(("load", ""), {}, "no name that Python allows", id="empty"),
        pytest.param(("load", "a.b"), {}, "no name that Python allows", id="dotted"),
        pytest.param(("load", "load"), {}, "called load already", id="the same"),
        pytest.param(("load", "__add__"), {}, "would mangle|belong to Python", id="dunder"),
        pytest.param(("load", "__read"), {}, "would mangle", id="mangled in a class"),
        pytest.param(("load", "ﬁle"), {}, "Python reads ﬁle as file", id="other spelling"),
        pytest.param(("load", "used"), {"m.py": "used = 1\n"}, "m.py:2", id="bound in the module"),
        pytest.param(
            ("m.py::load", "used"),
            {"b.py": "from m import load\nfrom x import used\n"},
            "b.py:2",
            id="bound in a module that imports it",
        ),
        pytest.param(
            ("load", "used"), {"m.py": "def f(used):\n    load()\n"}, "m.py:2", id="parameter"
        ),
        pytest.param(
            ("load", "used"),
            {"m.py": "def f():\n    for used in []:\n        load()\n"},
            "m.py:3",
            id="bound in a function that uses it",
        ),
        pytest.param(("load", "print"), {"m.py": "print(1)\n"}, "m.py:2", id="used built-in"),
        pytest.param(("laod", "read"), {}, "Did you mean load", id="unknown, with a suggestion"),
        pytest.param(("zzz", "read"), {}, "zzz stands nowhere", id="unknown"),
        pytest.param(
            ("load", "read"),
            {"b.py": "def load(): pass\n"},
            "b.py::load\n  m.py::load",
            id="ambiguous",
        ),
        pytest.param(
            ("run", "read"),
            {"b.py": "class A:\n    def run(self): pass\nclass B:\n    def run(self): pass\n"},
            "b.py::A.run\n  b.py::B.run",
            id="ambiguous method",
        ),
        pytest.param(
            ("C.run", "used"),
            {"b.py": "class C:\n    def run(self): pass\n    def used(self): pass\n"},
            "b.py:3",
            id="bound in the class",
        ),
        pytest.param(
            ("C.run", "used"),
            {"b.py": "class C:\n    def run(self): self.used = 1\n"},
            "b.py:2",
            id="an attribute of the class",
        ),
        pytest.param(
            ("C.run", "used"),
            {
                "b.py": "class C:\n    def run(self): pass\n",
                "c.py": "from b import C\nclass D(C):\n    def used(self): pass\n",
            },
            "c.py:3",
            id="bound in a subclass",
        ),
        pytest.param(
            ("D.run", "used"),
            {
                "b.py": "class C:\n    used = 1\n",
                "c.py": "import b\nclass D(b.C):\n    def run(self): pass\n",
            },
            "b.py:2",
            id="bound in a base class",
        ),
        pytest.param(
            ("f.run", "used"),
            {"b.py": "def f():\n    run = 1\n    return used(run)\n"},
            "b.py:3",
            id="seen in the function of a local variable",
        ),
        pytest.param(
            ("f.data", "rows"),
            {
                "b.py": (
                    "def f():\n    data = 1\n    def g():\n        nonlocal data\n"
                    "        data = 2\n    return g\n"
                )
            },
            "b.py:4  nonlocal data",
            id="nonlocal",
        ),
        pytest.param(
            ("m.py::load", "read"),
            {"m.py": "def f(x):\n    match x:\n        case load: return load\n"},
            "m.py:4  case load",
            id="a pattern in a function binds the name",
        ),
        pytest.param(
            ("b.py::get", "read"),
            {"b.py": "try:\n    from x import get\nexcept ImportError:\n    def get(): pass\n"},
            "b.py:2  from x import get",
            id="also imported from elsewhere",
        ),
    ],
)
def test_a_rename_that_is_not_safe_is_refused(
    tmp_path: Path, symbols: tuple[str, str], files: Files, error: str
) -> None:
    own = files.get("m.py", "")
    assert isinstance(own, str)
    files = {**files, "m.py": "def load(): pass\n" + own}

    with pytest.raises(RefactoringRefused, match=error):
        renamed(tmp_path, files, *symbols)


def test_a_name_in_a_file_that_imports_it_is_followed(tmp_path: Path) -> None:
    files = {"a.py": "def load(): pass\n", "b.py": "from a import load\n", "c.py": "load = 1\n"}

    plan = renamed(tmp_path, files, "b.py::load", "read")

    assert sorted(result(tmp_path, plan)) == ["a.py", "b.py"]


def test_a_dirty_draft_is_renamed_as_it_is_staged(tmp_path: Path) -> None:
    workspace = make_repository(tmp_path, {"a.py": "def load(): pass\n", "gone.py": "load = 1\n"})
    draft = Draft(workspace)
    draft.replace(PurePosixPath("a.py"), "pass", "return load")
    draft.create(PurePosixPath("b.py"), "from a import load\n")
    draft.delete(PurePosixPath("gone.py"))
    before = tree(workspace.root)

    draft.stage(plan(draft, Rename("load", "read")).changes)

    assert after(workspace, draft.changes()) == {
        "a.py": b"def read(): return read\n",
        "b.py": b"from a import read\n",
    }
    assert tree(workspace.root) == before


def test_planning_changes_neither_draft_nor_disk(tmp_path: Path) -> None:
    workspace = make_repository(tmp_path, {"a.py": "def load(): pass\n"})
    draft = Draft(workspace)

    plan(draft, Rename("load", "read"))

    assert not draft.changes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "a.py"]


def test_two_engines_that_agree_and_no_leftover_are_proof(tmp_path: Path) -> None:
    plan = renamed(tmp_path, {"a.py": "def load(): pass\nload()\n"}, "load", "read")

    assert plan.title == "Rename a.py::load to read"
    assert plan.evidence.summary() == "proven: 2 occurrences in 1 file"


def test_a_file_that_cannot_be_read_leaves_a_doubt(tmp_path: Path) -> None:
    files: Files = {
        "a.py": "def load(): pass\n",
        "b.py": b"# \xff\nfrom a import load\nloader = 1\n",
    }

    plan = renamed(tmp_path, files, "load", "read")

    assert plan.evidence.level == "likely"
    assert [f"{one.place} {one.text}" for one in plan.evidence.leftovers] == [
        "b.py:2 from a import load"
    ]


def test_a_leftover_leaves_a_doubt(tmp_path: Path) -> None:
    plan = renamed(tmp_path, {"a.py": "def load(): pass\n# load\n"}, "load", "read")

    assert plan.evidence.summary() == "likely: 1 occurrence in 1 file, 1 left as it is"


INHERITED = """\
class Base:
    @property
    def request(self):
        return self._request

    @request.setter
    def request(self, request):
        self._request = request


class Sub(Base):
    def __init__(self, *, request):
        self.request = request


Sub(request=1).request
"""


def test_what_a_subclass_assigns_to_an_inherited_property_is_it_and_no_parameter_is(
    tmp_path: Path,
) -> None:
    plan = renamed(tmp_path, {"a.py": INHERITED}, "a.py::Base.request", "origin")

    assert result(tmp_path, plan)["a.py"] == (
        INHERITED.replace("def request", "def origin")
        .replace("@request", "@origin")
        .replace(".request", ".origin")
    )
    assert plan.evidence.level == "likely"
