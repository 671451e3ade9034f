"""The tools as a model calls them: arguments as JSON text in, text out, over a real draft."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from agents import Agent, RunConfig, Runner, function_tool
from agents.testing import ScriptedModel, assistant_message, function_call
from agents.tool_context import ToolContext

from alma_agent.errors import LimitReached
from alma_agent.proposer.repetition import RepeatedCalls, watched
from alma_agent.proposer.tool_errors import formatted
from alma_agent.proposer.tools import (
    CHECKING,
    EDITING,
    FINISH,
    READING,
    Desk,
    parameters,
    tools,
    until_finished,
)
from alma_agent.records import Task
from alma_agent.testing import SilentObserver
from tests.conftest import Files, make_repository, make_workspace, tree
from toolset.draft import Draft
from toolset.scope import EditScope
from toolset.workspace import Workspace

APP = '''\
"""Loads."""


class Store:
    """Keeps."""

    def load(self, p):
        return p

    @property
    def size(self):
        return 1

    @size.setter
    def size(self, value):
        self.kept = value


def load(p):
    return p


print(load(1))
'''
FILES: Files = {
    "app.py": APP,
    "b.py": "from app import load\r\nload(2)\r\n",
    "src/deep/c.py": "def load(q):\n    return q\n",
    "src/web.js": "export function start(port) {\n  return port\n}\n",
    "README.md": "Call load to read.\n",
    "empty.txt": "",
    "data.bin": b"\xff\xfe\x00\x01\x80",
    ".env": "KEY=hunter2\n",
    ".env.example": "KEY=\n",
    ".gitignore": "build/\n*.log\n!keep.log\n",
    "keep.log": "load is kept\n",
}
_TOOLS = {tool.name: tool for tool in tools()}
_numbers = count()


@dataclass
class Bench:
    """A desk over a project, and its tools."""

    desk: Desk
    observer: SilentObserver

    @property
    def draft(self) -> Draft:
        return self.desk.draft

    @property
    def root(self) -> Path:
        return self.draft.workspace.root

    async def call(self, tool: str, **arguments: Any) -> str:
        return await self.sent(tool, json.dumps(arguments))

    async def sent(self, tool: str, arguments: str) -> str:
        context = ToolContext(
            self.desk, tool_name=tool, tool_call_id="call", tool_arguments=arguments
        )
        answer = await _TOOLS[tool].on_invoke_tool(context, arguments)
        assert isinstance(answer, str)
        return answer


def bench(workspace: Workspace, *, find_code: Any = None, **task: Any) -> Bench:
    observer = SilentObserver()
    given = Task("do it", **task)
    draft = Draft(workspace, scope=given.scope)
    return Bench(Desk(draft, given, find_code=find_code, observer=observer), observer)


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", FILES)


@pytest.fixture
def at(project: Workspace) -> Bench:
    return bench(project)


def only(*globs: str) -> EditScope:
    return EditScope(globs)


# Reading


async def test_files_are_listed_by_a_part_of_their_path(at: Bench) -> None:
    assert await at.call("list_files", pattern="src/") == "src/deep/c.py\nsrc/web.js"


@pytest.mark.parametrize("pattern", ["*.js", "src/**/*.js", "./src/*.js"])
async def test_files_are_listed_by_a_glob(at: Bench, pattern: str) -> None:
    assert await at.call("list_files", pattern=pattern) == "src/web.js"


async def test_a_file_with_secrets_is_listed(at: Bench) -> None:
    assert await at.call("list_files", pattern=".env") == ".env\n.env.example"


async def test_too_many_files_are_cut_and_it_is_said(tmp_path: Path) -> None:
    many = make_workspace(tmp_path / "many", {f"f{n:03}.py": "" for n in range(320)})

    listed = await bench(many).call("list_files")

    assert listed.splitlines()[-1] == "(20 more files; ask with a longer pattern)"


async def test_lines_are_read_with_their_numbers(at: Bench) -> None:
    shown = await at.call("read_file", path="app.py", first_line=7, last_line=8)

    assert shown == "7:     def load(self, p):\n8:         return p\n(lines 7-8 of 23)"


async def test_a_whole_short_file_is_shown_without_a_remark(at: Bench) -> None:
    assert await at.call("read_file", path="b.py") == "1: from app import load\n2: load(2)"


async def test_a_long_file_is_cut_and_says_which_call_goes_on(tmp_path: Path) -> None:
    long = make_workspace(tmp_path / "long", {"a.py": "x = 1\n" * 1000})

    shown = await bench(long).call("read_file", path="a.py")

    assert shown.splitlines()[-2:] == [
        "400: x = 1",
        "(lines 1-400 of 1000; for more: read_file with first_line=401)",
    ]


async def test_wide_lines_are_cut_by_characters(tmp_path: Path) -> None:
    wide = make_workspace(tmp_path / "wide", {"a.py": f"x = '{'y' * 700}'\n" * 400})

    shown = await bench(wide).call("read_file", path="a.py")

    assert len(shown) < 13_000
    assert "for more: read_file with first_line=17)" in shown


async def test_one_endless_line_does_not_fill_a_result(tmp_path: Path) -> None:
    endless = make_workspace(tmp_path / "endless", {"a.json": "[" + "1," * 1_000_000})

    shown = await bench(endless).call("read_file", path="a.json")
    found = await bench(endless).call("search_text", text="1,1,1")

    assert shown.endswith("[1999001 characters more]")
    assert len(shown) < 1_100
    assert len(found) < 400


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param({"path": "empty.txt"}, "empty.txt is empty.", id="empty"),
        pytest.param(
            {"path": "b.py", "first_line": 9}, "There are no such lines: b.py has 2", id="9"
        ),
        pytest.param({"path": "c.py"}, "Did you mean src/deep/c.py?", id="the folder forgotten"),
        pytest.param({"path": "src/web.ts"}, "Did you mean src/web.js?", id="misspelt"),
        pytest.param({"path": "data.bin"}, "is not text", id="no text"),
        pytest.param({"path": "src"}, "is a directory, not a file", id="a folder"),
        pytest.param({"path": ".env"}, "holds secrets", id="secrets"),
        pytest.param({"path": "./b.py", "start": 2}, "(Passed over: start.", id="unknown argument"),
    ],
)
async def test_what_a_reader_is_told(at: Bench, arguments: dict[str, Any], told: str) -> None:
    assert told in await at.call("read_file", **arguments)


async def test_a_link_to_a_file_with_secrets_is_not_followed(at: Bench) -> None:
    (at.root / "notes.txt").symlink_to(".env")

    for tool in ("read_file", "outline_file"):
        assert "hunter2" not in await at.call(tool, path="notes.txt")


async def test_an_outline_has_imports_and_symbols_with_their_lines(at: Bench) -> None:
    source = """\
from os import path, sep

try:
    import json
except ImportError:
    json = None


class Store(dict, metaclass=type):
    async def load(self, p, *rest):
        return p


@cache
def size(): ...
"""
    await at.call("create_file", path="new.py", content=source)

    assert await at.call("outline_file", path="new.py") == (
        "new.py: 15 lines\n"
        "1: from os import path, sep\n"
        "4: import json\n"
        "9-11: class Store(dict, metaclass=type)\n"
        "10-11:   async def load(self, p, *rest)\n"
        "14-15: def size()"
    )


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param(
            "src/web.js",
            "src/web.js: 3 lines, javascript\n1-3: function start(port)",
            id="another language",
        ),
        pytest.param("README.md", "in no language known here. Read it.", id="no language"),
        pytest.param("bad.py", "bad.py:1 does not parse: '(' was never closed", id="no Python"),
    ],
)
async def test_an_outline_of_what_is_no_python(at: Bench, path: str, told: str) -> None:
    await at.call("create_file", path="bad.py", content="def f(\n")

    assert told in await at.call("outline_file", path=path)


async def test_a_symbol_s_source_is_shown_with_its_lines(at: Bench) -> None:
    shown = await at.call("read_symbol", symbol="Store.load")

    assert (
        shown
        == "app.py::Store.load\n7:     def load(self, p):\n8:         return p\n(lines 7-8 of 23)"
    )


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"symbol": "load", "path": "app.py"}, id="by path"),
        pytest.param({"symbol": "app.py::load"}, id="by address"),
        pytest.param({"symbol": "load()", "path": "./app.py"}, id="as a call"),
    ],
)
async def test_one_of_several_symbols_is_asked_for(at: Bench, asked: dict[str, str]) -> None:
    assert (await at.call("read_symbol", **asked)).startswith("app.py::load\n19: def load(p):")


async def test_a_symbol_that_is_several_is_listed(at: Bench) -> None:
    told = await at.call("read_symbol", symbol="load")

    assert told.splitlines()[0].startswith("load is 2 symbols.")
    assert "app.py::load  line 19" in told
    assert "src/deep/c.py::load  line 1" in told


async def test_a_property_and_its_setter_are_one_symbol(at: Bench) -> None:
    shown = await at.call("read_symbol", symbol="Store.size")

    assert "10:     @property" in shown
    assert "14:     @size.setter" in shown


async def test_a_symbol_that_is_not_there_brings_a_name_like_it(at: Bench) -> None:
    told = await at.call("read_symbol", symbol="lod")

    assert "Did you mean load?" in told
    assert "search_text finds variables" in told


async def test_a_symbol_is_read_from_the_draft(at: Bench) -> None:
    await at.call("create_file", path="new.py", content="def fresh():\n    return 1\n")

    assert "1: def fresh():" in await at.call("read_symbol", symbol="fresh")


async def test_references_are_told_by_file_and_what_they_are(at: Bench) -> None:
    told = await at.call("find_references", symbol="load", path="app.py")

    assert told == (
        "app.py::load: 4 places in 2 files\n"
        "app.py\n  19: definition: def load(p):\n  23: call: print(load(1))\n"
        "b.py\n  1: import: from app import load\n  2: call: load(2)\n"
        "May be it, look (2):\n"
        "README.md\n  1: document: Call load to read.\n"
        "keep.log\n  1: text: load is kept"
    )


async def test_references_see_the_draft(at: Bench) -> None:
    await at.call("create_file", path="d.py", content="from app import load\n\nload(4)\n")

    assert "d.py\n  1: import" in await at.call("find_references", symbol="app.py::load")


async def test_references_do_not_show_a_line_of_a_secret_file(at: Bench) -> None:
    (at.root / ".env").write_text("KEY=hunter2 # load\n")

    told = await at.call("find_references", symbol="load", path="app.py")

    assert "hunter2" not in told


@dataclass
class Found:
    path: PurePosixPath
    symbol: str
    line: int


async def test_code_is_found_by_what_it_does(project: Workspace) -> None:
    found = [Found(PurePosixPath("app.py"), "Store.load", 7), Found(PurePosixPath("no.py"), "x", 1)]

    told = await bench(project, find_code=lambda _: found).call("find_code", what="loading")

    assert told == "app.py:7: Store.load"


async def test_without_an_index_it_is_said_how_else_to_find_code(at: Bench) -> None:
    assert "Use search_text" in await at.call("find_code", what="loading")


# Searching


async def test_lines_are_found_by_file_and_with_their_indentation(at: Bench) -> None:
    assert await at.call("search_text", text="load(") == (
        "app.py\n  7:     def load(self, p):\n  19: def load(p):\n  23: print(load(1))\n"
        "b.py\n  2: load(2)\nsrc/deep/c.py\n  1: def load(q):"
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("b.py", {"b.py"}, id="a file"),
        pytest.param("src", {"src/deep/c.py"}, id="a folder"),
        pytest.param("src/", {"src/deep/c.py"}, id="a folder with a slash"),
        pytest.param("*.py", {"app.py", "b.py", "src/deep/c.py"}, id="a glob"),
        pytest.param("src/**", {"src/deep/c.py"}, id="a glob of a folder"),
        pytest.param(".", {"app.py", "b.py", "src/deep/c.py"}, id="the root"),
    ],
)
async def test_a_search_is_narrowed_by_path(at: Bench, path: str, expected: set[str]) -> None:
    told = await at.call("search_text", text="load(", path=path)

    assert {line for line in told.splitlines() if line in FILES} == expected


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("lib", "lib: does not exist", id="no such folder"),
        pytest.param("*.toml", "fits no file", id="a glob that fits none"),
        pytest.param("build", "holds no file", id="a folder that is ignored"),
        pytest.param("../other", "lies outside", id="outside"),
        pytest.param(".git", "belongs to git", id="git's own"),
    ],
)
async def test_a_search_where_nothing_can_be_is_told(at: Bench, path: str, told: str) -> None:
    (at.root / "build").mkdir()
    (at.root / "build/out.py").write_text("x\n")

    assert told in await at.call("search_text", text="x", path=path)


async def test_a_file_that_is_ignored_is_searched_when_it_is_named(at: Bench) -> None:
    (at.root / "run.log").write_text("load failed\n")

    assert await at.call("search_text", text="load", path="run.log") == "run.log\n  1: load failed"


async def test_a_text_is_literal_unless_it_is_said_to_be_a_pattern(at: Bench) -> None:
    assert await at.call("search_text", text=r"def \w+\(p\)") == "No line holds that text."
    assert await at.call("search_text", text=r"def \w+\(p\)", regex=True) == (
        "app.py\n  19: def load(p):"
    )


async def test_a_text_of_two_lines_is_found_at_its_first_whatever_the_line_ends(at: Bench) -> None:
    assert await at.call("search_text", text="load\nload(2)") == "b.py\n  1: from app import load"


async def test_a_pattern_that_is_none_is_told(at: Bench) -> None:
    assert "unterminated subpattern" in await at.call("search_text", text="load(", regex=True)


async def test_a_pattern_that_would_take_for_ever_is_stopped(project: Workspace) -> None:
    at = bench(project)
    at.desk.seconds_left = lambda: 0.3
    await at.call("create_file", path="slow.txt", content="a" * 60 + "\n")

    told = await at.call("search_text", text="(a|a)*b", regex=True)

    assert told.startswith("The pattern took longer than")


async def test_many_lines_are_cut_and_it_is_said_where_the_rest_is(tmp_path: Path) -> None:
    many = make_workspace(tmp_path / "many", {"a.py": "x = 1\n" * 50, "b.py": "x = 2\n" * 50})

    told = await bench(many).call("search_text", text="x =")

    assert len(told.splitlines()) == 60 + 3
    assert "(40 more lines, in b.py (40); search with `path`" in told


async def test_a_search_passes_over_secrets_and_sees_the_draft(at: Bench) -> None:
    await at.call("create_file", path="new.txt", content="the word hunter2 again\n")

    assert await at.call("search_text", text="hunter2") == "new.txt\n  1: the word hunter2 again"


@pytest.mark.parametrize("path", [".env", "./.env"])
async def test_a_search_in_a_secret_file_is_refused(at: Bench, path: str) -> None:
    assert "holds secrets" in await at.call("search_text", text="KEY", path=path)


@pytest.mark.parametrize("make", [make_repository, make_workspace], ids=["git", "no git"])
async def test_ignored_files_are_neither_listed_nor_searched(tmp_path: Path, make: Any) -> None:
    project = make(tmp_path / "ignoring", {**FILES, "src/.gitignore": "*.tmp\n!keep.tmp\n"})
    for name in ("build/out.py", "run.log", "src/a.tmp", "src/keep.tmp", "a.tmp"):
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_text("marked\n")
    at = bench(project)

    assert await at.call("search_text", text="marked") == (
        "a.tmp\n  1: marked\nsrc/keep.tmp\n  1: marked"
    )
    assert await at.call("list_files", pattern=".log") == "keep.log"


ENDLESS = "*a" * 12 + "b"  # to a matcher that tries every way to share a name among the stars


@pytest.mark.parametrize("glob", [ENDLESS, "**/a/" * 30 + "b*", "[z-a]*"])
async def test_a_glob_that_nothing_can_fit_is_soon_told(tmp_path: Path, glob: str) -> None:
    at = bench(make_workspace(tmp_path / "long", {"a" * 80: "x\n", "a/" * 80 + "c": "x\n"}))

    assert "fits no file" in await at.call("search_text", text="x", path=glob)
    assert "No file" in await at.call("list_files", pattern=glob)


async def test_a_line_of_gitignore_neither_takes_for_ever_nor_stops_the_others(
    tmp_path: Path,
) -> None:
    ignoring = f"{ENDLESS}\n[z-a]\nfoo\\\n*.log\n"
    at = bench(make_workspace(tmp_path / "x", {".gitignore": ignoring, "a" * 80: "", "b.log": ""}))

    told = await at.call("list_files")

    assert "a" * 80 in told
    assert "b.log" not in told


# Editing


async def test_an_edit_shows_the_lines_as_they_are_now(at: Bench) -> None:
    told = await at.call("replace_text", path="app.py", old="print(load(1))", new="print(load(2))")

    assert told == "Staged: app.py, line 23.\n22: \n23: print(load(2))"
    assert at.desk.edited_by_hand


async def test_an_edit_that_breaks_the_syntax_says_so(at: Bench) -> None:
    told = await at.call("replace_text", path="b.py", old="load(2)", new="load(")

    assert "b.py does not parse now, line 2: '(' was never closed. Mend it." in told


async def test_an_edit_that_changes_nothing_says_so(at: Bench) -> None:
    told = await at.call("write_file", path="b.py", content=str(FILES["b.py"]))

    assert "This changed nothing" in told


async def test_a_whole_file_that_leaves_code_out_is_refused(at: Bench) -> None:
    told = await at.call(
        "write_file", path="app.py", content="import io\n\n# ... rest of the code unchanged ...\n"
    )

    assert "leaves code out" in told
    assert not at.draft.changes()


async def test_a_file_is_moved(at: Bench) -> None:
    told = await at.call("move_file", path="README.md", to="docs/index.md")

    assert told == "Staged: README.md is now docs/index.md."
    assert [str(path) for path in at.draft.changes().paths] == ["README.md", "docs/index.md"]


PATCH = """\
*** Begin Patch
*** Update File: app.py
@@
-print(load(1))
+print(load(7))
*** Update File: b.py
@@
-load(2)
+load(7)
*** End Patch
"""
BLOCK = "<<<<<<< SEARCH\nload(2)\n=======\nload(7)\n>>>>>>> REPLACE\n"


async def test_a_patch_of_two_files_is_staged(at: Bench) -> None:
    assert await at.call("apply_patch", patch=PATCH) == "Staged: app.py, b.py."


async def test_a_patch_that_names_no_file_is_for_the_file_in_hand(project: Workspace) -> None:
    at = bench(project, file=PurePosixPath("b.py"))

    assert await at.call("apply_patch", patch=BLOCK) == "Staged: b.py."


OUTSIDE = [
    pytest.param("replace_text", {"path": "b.py", "old": "load(2)", "new": "x"}, id="replace"),
    pytest.param("write_file", {"path": "b.py", "content": "x = 1\n"}, id="write"),
    pytest.param("create_file", {"path": "c.py", "content": "x = 1\n"}, id="create"),
    pytest.param("delete_file", {"path": "b.py"}, id="delete"),
    pytest.param("move_file", {"path": "app.py", "to": "c.py"}, id="move to"),
    pytest.param("move_file", {"path": "b.py", "to": "app.py"}, id="move from"),
    pytest.param("apply_patch", {"patch": PATCH}, id="patch"),
    pytest.param("replace_text", {"path": "./b.py", "old": "load(2)", "new": "x"}, id="spelling"),
    pytest.param(
        "replace_text", {"path": "src/../b.py", "old": "load(2)", "new": "x"}, id="a way round"
    ),
]


@pytest.mark.parametrize("task", [{"scope": only("app.py")}, {"file": PurePosixPath("app.py")}])
@pytest.mark.parametrize(("tool", "arguments"), OUTSIDE)
async def test_an_edit_out_of_scope_is_refused_told_and_noted(
    project: Workspace, tool: str, arguments: dict[str, str], task: dict[str, Any]
) -> None:
    at = bench(project, **task)

    told = await at.call(tool, **arguments)

    assert "is out of scope. This task may change app.py" in told
    assert not at.draft.changes()
    (refusal,) = at.desk.refusals
    assert refusal in {f"b.py: {tool}", f"c.py: {tool}"}
    assert at.observer.steps == [
        f"refused {tool.replace('_', ' ')}: {refusal.split(':')[0]} is out of scope"
    ]
    assert not at.desk.edited_by_hand


async def test_a_link_is_no_way_out_of_scope(project: Workspace) -> None:
    (project.root / "link.py").symlink_to("b.py")
    at = bench(project, scope=only("link.py"))

    assert "out of scope" in await at.call("replace_text", path="link.py", old="2", new="3")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("replace_text", {"path": ".env", "old": "KEY", "new": "K"}),
        ("write_file", {"path": ".env", "content": "x"}),
        ("delete_file", {"path": ".env"}),
        ("move_file", {"path": ".env", "to": "shown.txt"}),
        ("create_file", {"path": ".npmrc", "content": "x"}),
        ("apply_patch", {"patch": PATCH.replace("b.py", ".env")}),
    ],
)
async def test_a_secret_file_is_not_edited_and_not_shown_by_the_refusal(
    at: Bench, tool: str, arguments: dict[str, str]
) -> None:
    told = await at.call(tool, **arguments)

    assert "holds secrets" in told
    assert "hunter2" not in told
    assert not at.draft.changes()


@pytest.mark.parametrize("name", EDITING)
async def test_in_a_plan_no_tool_edits(project: Workspace, name: str) -> None:
    arguments = {
        "path": "app.py",
        "old": "load",
        "new": "x",
        "content": "x",
        "to": "d.py",
        "patch": PATCH,
        "name": "rename",
        "arguments": ["app.py::load", "x"],
    }
    at = bench(project, mode="plan")

    assert (await at.call(name, **arguments)).startswith("This run only plans")
    assert not at.draft.changes()


# Refactorings


async def test_a_refactoring_outside_the_scope_stages_nothing_and_names_the_files(
    project: Workspace,
) -> None:
    at = bench(project, scope=only("app.py"))

    told = await at.call("rename_symbol", old="load", new="read", path="app.py")

    assert told.startswith("b.py: is out of scope. This task may change app.py")
    assert not at.draft.changes()
    assert at.desk.refusals == ["b.py: rename_symbol"]
    assert at.desk.evidence is None


async def test_a_refactoring_of_the_file_in_hand_may_lead_out_of_it(project: Workspace) -> None:
    at = bench(project, file=PurePosixPath("app.py"))

    told = await at.call("refactor", name="rename", arguments=["app.py::load", "read"])

    assert told.startswith("Staged: ")
    assert [str(path) for path in at.draft.changes().paths] == ["app.py", "b.py"]


async def test_a_refactoring_that_does_not_touch_the_file_in_hand_is_refused(
    project: Workspace,
) -> None:
    at = bench(project, file=PurePosixPath("app.py"))
    await at.call("replace_text", path="app.py", old="load(1)", new="load(3)")
    before = at.desk.state

    told = await at.call("rename_symbol", old="load", new="read", path="src/deep/c.py")

    assert "A refactoring must change that file too" in told
    assert at.desk.state == before
    assert at.desk.refusals == ["src/deep/c.py: rename_symbol"]


async def test_a_refactoring_goes_on_with_the_edits_by_hand(at: Bench) -> None:
    await at.call("replace_text", path="b.py", old="load(2)", new="load(3)")

    told = await at.call("rename_symbol", old="load", new="read", path="app.py")

    assert told.startswith("Staged: Rename app.py::load to read")
    assert "read(3)" in at.draft.read(PurePosixPath("b.py")).text


async def test_what_a_refactoring_left_is_told_but_not_from_a_secret_file(at: Bench) -> None:
    (at.root / ".env").write_text("KEY=hunter2 # load\n")

    told = await at.call("rename_symbol", old="load", new="read", path="app.py")

    assert "README.md:1 (document): Call load to read." in told
    assert "hunter2" not in told


async def test_the_diff_does_not_show_what_is_in_a_secret_file(at: Bench) -> None:
    at.draft.delete(PurePosixPath(".env"))
    await at.call("replace_text", path="b.py", old="load(2)", new="load(3)")

    shown = await at.call("show_diff")

    assert "+load(3)" in shown
    assert "hunter2" not in shown
    assert shown.endswith("(.env changed too; the content is not shown)")


async def test_a_long_diff_is_cut_and_says_where_the_rest_is(tmp_path: Path) -> None:
    at = bench(make_workspace(tmp_path / "long", {"a.py": "x = 1\n"}))
    await at.call("create_file", path="b.py", content="y = 'a longer line of text'\n" * 900)

    shown = await at.call("show_diff")

    assert len(shown) < 12_200
    assert shown.endswith("changed are b.py; read_file shows them as staged)")


# Checks, and the end


async def test_the_check_sees_the_draft(project: Workspace) -> None:
    at = bench(project, check=(sys.executable, "-c", "import b"), check_network=True)
    await at.call("replace_text", path="app.py", old="print(load(1))", new="raise SystemExit(3)")

    assert "failed (exit code 3)" in await at.call("run_checks")


async def test_the_check_has_no_more_time_than_the_run(project: Workspace) -> None:
    check = (sys.executable, "-c", "import time; time.sleep(60)")
    at = bench(project, check=check, check_network=True)
    at.desk.seconds_left = lambda: 0.2

    assert "stopped after 0 s" in await at.call("run_checks")


async def test_the_rationale_is_kept(at: Bench) -> None:
    assert await at.call("finish", rationale=" Done. ") == "Done."
    assert at.desk.finished == "Done."


async def test_half_a_character_of_a_model_s_does_no_harm(at: Bench) -> None:
    told = await at.sent("read_file", '{"path": "\\ud83d.py"}')

    assert told.encode().endswith(b"is no file name.")


# In the SDK's loop


def call(tool: str, **arguments: Any) -> Any:
    return function_call(tool, arguments, call_id=f"call-{next(_numbers)}")


async def run(at: Bench, steps: Sequence[Any], *, stream: bool = False, extra: Any = ()) -> Any:
    """Run the SDK over the steps; return its result, and what the tools answered."""
    model = ScriptedModel([step if isinstance(step, list) else [step] for step in steps])
    agent = Agent[Desk](
        name="alma",
        tools=[*tools(), *extra],
        model=model,
        tool_use_behavior=until_finished,
    )
    config = RunConfig(
        tracing_disabled=True,
        tool_error_formatter=formatted,
        tool_not_found_behavior="return_error_to_model",
    )
    given: Any = {"context": at.desk, "run_config": config, "max_turns": 50}
    if not stream:
        result: Any = await Runner.run(agent, "go", **given)
    else:
        result = Runner.run_streamed(agent, "go", **given)
        async for _ in result.stream_events():
            pass
    answers = [
        item["output"]
        for item in result.to_input_list()
        if item.get("type", "").endswith("_output")
    ]
    return result, answers


async def test_finish_ends_the_run_with_its_rationale(at: Bench) -> None:
    result, _ = await run(at, [call("list_files"), call("finish", rationale="Nothing to do.")])

    assert result.final_output == "Nothing to do."
    assert at.desk.finished == "Nothing to do."


async def test_a_finish_that_makes_no_sense_does_not_end_the_run(at: Bench) -> None:
    result, answers = await run(at, [call("finish", why="x"), call("finish", rationale="So.")])

    assert "rationale is missing" in answers[0]
    assert result.final_output == "So."


async def test_several_calls_in_one_answer_are_carried_out_in_order(at: Bench) -> None:
    both = [
        call("replace_text", path="b.py", old="load(2)", new="load(3)"),
        call("replace_text", path="b.py", old="load(3)", new="load(4)"),
    ]

    await run(at, [both, assistant_message("Done.")])

    assert "+load(4)" in at.draft.changes().diff()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_a_model_that_repeats_itself_is_stopped_with_that_very_error(
    at: Bench, stream: bool
) -> None:
    with pytest.raises(LimitReached, match=r"repeated the same call \(read_file\) 6 times"):
        await run(at, [call("read_file", path="b.py") for _ in range(20)], stream=stream)


async def test_failing_calls_count_as_repeated_too(at: Bench) -> None:
    with pytest.raises(RepeatedCalls):
        await run(at, [call("read_file", path="no.py") for _ in range(20)])


async def test_edits_that_are_taken_back_in_turn_are_a_circle(at: Bench) -> None:
    there = {"path": "b.py", "old": "load(2)", "new": "load(3)"}
    back = {"path": "b.py", "old": "load(3)", "new": "load(2)"}

    with pytest.raises(RepeatedCalls):
        await run(at, [call("replace_text", **(there, back)[n % 2]) for n in range(20)])


async def test_a_call_after_an_edit_is_no_repetition(at: Bench) -> None:
    steps = [
        step
        for n in range(2, 12)
        for step in (
            call("read_file", path="app.py"),
            call("replace_text", path="b.py", old=f"load({n})", new=f"load({n + 1})"),
        )
    ]

    _, answers = await run(at, [*steps, assistant_message("Done.")])

    assert not any("You made this very call" in answer for answer in answers)


async def test_the_tools_of_others_can_be_watched(at: Bench) -> None:
    async def recall(words: str) -> str:
        """Recall."""
        return f"nothing of {words}"

    tool = watched(function_tool(recall))

    with pytest.raises(RepeatedCalls):
        await run(at, [call("recall", words="x") for _ in range(9)], extra=[tool])


@pytest.mark.parametrize(
    ("step", "told"),
    [
        pytest.param(call("read_files", path="b.py"), "Did you mean read_file?", id="unknown tool"),
        pytest.param(
            call("bash", command="ls"), "There is no tool bash. The tools are: ", id="bash"
        ),
        pytest.param(
            function_call("read_file", "{not json", call_id="bad"),
            "they are no JSON (Expecting property name enclosed in double quotes, at character 2)",
            id="no JSON",
        ),
        pytest.param(
            call("read_file", line=1), "path is missing. It takes, as JSON: ", id="missing"
        ),
    ],
)
async def test_a_call_that_cannot_be_carried_out_is_told(at: Bench, step: Any, told: str) -> None:
    _, (answer,) = await run(at, [step, assistant_message("I give up.")])

    assert told in answer


async def test_another_s_tool_that_fails_is_told_in_a_sentence(at: Bench) -> None:
    async def recall(words: str) -> str:
        """Recall."""
        raise OSError(f"no room for {words}")

    steps = [call("recall", words="x"), call("recall", word="x"), assistant_message("I give up.")]
    _, answers = await run(at, steps, extra=[function_tool(recall)])

    assert answers == [
        "The tool failed (OSError: no room for x). Try another way.",
        'The arguments of recall do not fit. Send a JSON object. You sent: {"word":"x"}',
    ]


async def test_unknown_tools_are_counted_though_the_sdk_swallows_the_error(at: Bench) -> None:
    await run(
        at, [*(call("bash", command="ls") for _ in range(7)), assistant_message("I give up.")]
    )

    with pytest.raises(RepeatedCalls):
        at.desk.repetitions.require_progress()


# What the model reads


def test_every_tool_is_in_one_list_and_named_once() -> None:
    assert [tool.name for tool in tools()] == [*READING, *EDITING, *CHECKING, FINISH]


def test_the_tools_are_chosen_by_name_and_keep_their_order() -> None:
    assert [tool.name for tool in tools({"show_diff", "list_files"})] == ["list_files", "show_diff"]


def test_all_schemas_together_are_small_enough_for_a_small_model() -> None:
    told = [
        {"name": one.name, "description": one.description, "parameters": one.params_json_schema}
        for one in tools()
    ]

    assert len(json.dumps(told)) / 4 < 1_700  # tokens, about


@pytest.mark.parametrize("tool", tools(), ids=lambda tool: tool.name)
def test_every_tool_and_every_parameter_is_described(tool: Any) -> None:
    assert tool.description
    assert all("description" in one for one in tool.params_json_schema["properties"].values())
    assert "title" not in json.dumps(tool.params_json_schema)


def test_what_a_tool_takes_is_said_in_a_line() -> None:
    assert parameters("replace_text") == "path (string), old (string), new (string)"
    assert parameters("show_diff") == "nothing"


async def test_no_tool_touches_the_disk(at: Bench) -> None:
    before = tree(at.root)

    await at.call("apply_patch", patch=PATCH)
    await at.call("rename_symbol", old="load", new="read", path="app.py")
    await at.call("move_file", path="README.md", to="docs/x.md")

    assert tree(at.root) == before
