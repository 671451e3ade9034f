"""Random refactorings of real packages, and what must hold after each.

    python -m tests.refactor.fuzz [COUNT] [SEED] [PACKAGE…]

Of COUNT requests (500 unless said otherwise) on copies of installed packages, each must be refused
with a reason, or give a result that parses, leaves no name undefined, reads untouched lines as they
were, and is gone without a trace when it is undone. Prints a table by refactoring; ends with 1 if
something else happened.
"""

from __future__ import annotations

import ast
import random
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from tests.conftest import tree
from toolset.apply import apply, close
from toolset.checks import require_parsing
from toolset.draft import Draft
from toolset.edits import ChangeSet
from toolset.encoding import decode, is_python
from toolset.errors import ToolsetError
from toolset.refactor import requests
from toolset.refactor.catalogue import plan, slug
from toolset.refactor.requests import Request
from toolset.refactor.spelling import sentence
from toolset.ruff import undefined_names
from toolset.spills import require_no_spill
from toolset.workspace import Workspace

PACKAGES = ("click", "git", "typer")
FRESH = "fuzzed"
_PATTERNS = (
    ("$A == None", "$A is None"),
    ("not $A in $B", "$A not in $B"),
    ("isinstance($A, $B)", "issubclass(type($A), $B)"),
    ("len($A)", "$A.__len__()"),
    ("if $A: return $B", "if $A: return ($B)"),
)


class Places:
    """What there is to refactor in one project."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.chance = chance
        self.files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
        self.folders = sorted({str(PurePosixPath(path).parent) for path in self.files})
        self.trees = {path: ast.parse((root / path).read_bytes()) for path in self.files}
        self.texts = {path: (root / path).read_text("utf-8") for path in self.files}

    def file(self) -> str:
        return self.chance.choice(self.files)

    def definition(self, *kinds: type[ast.AST]) -> tuple[str, ast.AST]:
        """Return the address of a random class or function, and its node."""
        while True:
            path = self.file()
            found = list(_definitions(self.trees[path]))
            if chosen := [one for one in found if isinstance(one[1], kinds or _DEFINITIONS)]:
                name, node = self.chance.choice(chosen)
                return f"{path}::{name}", node

    def top_level(self) -> str:
        """Return the address of a class, a function or a variable of a module."""
        while True:
            path = self.file()
            body = self.trees[path].body
            names = [one.name for one in body if isinstance(one, _DEFINITIONS)]
            names += [
                one.targets[0].id
                for one in body
                if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
            ]
            if names:
                return f"{path}::{self.chance.choice(names)}"

    def member(self, *, method: bool) -> str:
        """Return the address of a method, or of an attribute that is set on `self`."""
        while True:
            address, node = self.definition(ast.ClassDef)
            assert isinstance(node, ast.ClassDef)
            methods = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
            attributes = [
                one.attr
                for one in ast.walk(node)
                if isinstance(one, ast.Attribute)
                and isinstance(one.ctx, ast.Store)
                and isinstance(one.value, ast.Name)
                and one.value.id == "self"
            ]
            if names := methods if method else attributes:
                return f"{address}.{self.chance.choice(names)}"

    def short_function(self) -> str:
        """Return the address of a module's function that only returns something."""
        found = [
            f"{path}::{one.name}"
            for path, tree in self.trees.items()
            for one in tree.body
            if isinstance(one, ast.FunctionDef)
            and isinstance(one.body[-1], ast.Return)
            and len(one.body) <= _FEW
        ]
        return self.chance.choice(found or [self.top_level()])

    def function(self) -> tuple[str, ast.FunctionDef]:
        address, node = self.definition(ast.FunctionDef)
        assert isinstance(node, ast.FunctionDef)
        return address, node

    def parameter(self) -> tuple[str, str, list[str]]:
        """Return a function's address, one of its parameters, and all that are positional."""
        while True:
            address, node = self.function()
            names = [one.arg for one in node.args.args if one.arg not in ("self", "cls")]
            if names:
                return address, self.chance.choice(names), names

    def variable(self) -> str:
        """Return the address of a variable of a function, a class or a module."""
        while True:
            address, node = self.definition()
            names = {
                one.id
                for one in ast.walk(node)
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            }
            if names:
                return f"{address}.{self.chance.choice(sorted(names))}"

    def lines(self) -> str:
        """Return one to four statements of a block, as path:first-last."""
        while True:
            address, node = self.definition(ast.FunctionDef, ast.AsyncFunctionDef)
            blocks = [
                block
                for one in ast.walk(node)
                for block in (getattr(one, "body", None), getattr(one, "orelse", None))
                if isinstance(block, list) and block
            ]
            block = self.chance.choice(blocks)
            first = self.chance.randrange(len(block))
            last = min(len(block) - 1, first + self.chance.randrange(4))
            return f"{address.partition('::')[0]}:{block[first].lineno}-{block[last].end_lineno}"

    def expression(self, *kinds: type[ast.expr]) -> tuple[str, str]:
        """Return where an expression begins, as path:line, and its source."""
        while True:
            path = self.file()
            found = [one for one in ast.walk(self.trees[path]) if isinstance(one, kinds)]
            if found:
                node = self.chance.choice(found)
                source = ast.get_source_segment(self.texts[path], node)
                if source and "\n" not in source:
                    return f"{path}:{node.lineno}", source


_FEW = 2  # statements, a docstring among them
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_EXPRESSIONS = (ast.Call, ast.BinOp, ast.Attribute, ast.Subscript, ast.Compare, ast.BoolOp)


def _definitions(node: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DEFINITIONS):
            yield inside + child.name, child
            yield from _definitions(child, f"{inside}{child.name}.")
        else:
            yield from _definitions(child, inside)


def _rename(at: Places) -> Request:
    address, name, _ = at.parameter()
    targets = (at.definition()[0], at.variable(), f"{address}.{name}")
    return requests.Rename(at.chance.choice(targets), FRESH, docs=at.chance.random() < 0.2)


def _reorder(at: Places) -> Request:
    address, _, names = at.parameter()
    return requests.ReorderParameters(address, tuple(at.chance.sample(names, len(names))))


def _make_keyword_only(at: Places) -> Request:
    address, name, _ = at.parameter()
    return requests.MakeKeywordOnly(address, (name,))


def _replace(at: Places) -> Request:
    pattern, template = at.chance.choice(_PATTERNS)
    return requests.ReplacePattern(pattern, template, (at.file(),))


def _add(at: Places) -> Request:
    default = at.chance.choice(("None", "30", "'text'", "()"))
    keyword_only = at.chance.random() < 0.5
    return requests.AddParameter(at.function()[0], FRESH, default, keyword_only=keyword_only)


def _in_file(kind: type[requests.InFiles]) -> Callable[[Places], Request]:
    return lambda at: kind((at.file(),))


MAKERS: tuple[Callable[[Places], Request], ...] = (
    _rename,
    lambda at: requests.RenameModule(at.file(), FRESH),
    lambda at: requests.MoveModule(at.file(), at.chance.choice(at.folders)),
    lambda at: requests.MoveSymbol(at.top_level(), at.file()),
    lambda at: requests.MoveSymbol(
        at.top_level(), str(PurePosixPath(at.chance.choice(at.folders)) / f"{FRESH}.py")
    ),
    lambda at: requests.ExtractFunction(at.lines(), FRESH),
    lambda at: requests.ExtractMethod(at.lines(), FRESH),
    lambda at: requests.ExtractVariable(
        *at.expression(*_EXPRESSIONS), FRESH, every=at.chance.random() < 0.3
    ),
    lambda at: requests.ExtractConstant(
        *at.expression(ast.Constant), FRESH.upper(), every=at.chance.random() < 0.3
    ),
    lambda at: requests.InlineVariable(at.variable()),
    lambda at: requests.InlineFunction(at.short_function()),
    _add,
    lambda at: requests.RemoveParameter(*at.parameter()[:2]),
    _reorder,
    _make_keyword_only,
    lambda at: requests.IntroduceDataclass(at.definition(ast.ClassDef)[0]),
    lambda at: requests.MethodToFunction(at.member(method=True)),
    lambda at: requests.FunctionToMethod(
        at.function()[0], at.definition(ast.ClassDef)[0].partition("::")[2]
    ),
    lambda at: requests.EncapsulateAttribute(at.member(method=False)),
    _in_file(requests.RemoveUnusedImports),
    _in_file(requests.SortImports),
    _in_file(requests.UseFStrings),
    _in_file(requests.UsePathlib),
    _in_file(requests.UseLogging),
    lambda at: requests.UpgradeTyping((at.file(),), to=at.chance.choice(("3.9", "3.11"))),
    _in_file(requests.AddTypeHints),
    _in_file(requests.AddDocstrings),
    _replace,
)


def tried(workspace: Workspace, request: Request) -> str:
    """Carry out a request, check the result, undo it; return how it ended.

    Raises AssertionError if something does not hold, and whatever is no ToolsetError.
    """
    try:
        done = plan(Draft(workspace), request)
    except ToolsetError:
        return "refused"
    if not done.changes:
        return "nothing to do"
    require_parsing(done.changes)
    require_no_spill(done.changes)
    _assert_no_name_lost(done.changes)
    if isinstance(request, requests.Rename):
        _assert_only_the_name_changed(done.changes, request)
    before = tree(workspace.root)
    for step, changes in (("done", done.changes), ("undone", done.changes.inverted())):
        apply(workspace, changes, id=step)
        close(workspace, step)
    assert tree(workspace.root) == before, "undo left a trace"
    return done.evidence.level


def _assert_no_name_lost(changes: ChangeSet) -> None:
    names = []
    for side in ("before", "after"):
        states = [(edit.path, getattr(edit, side)) for edit in changes if is_python(edit.path)]
        texts = {path: decode(path, state.data)[0] for path, state in states if state}
        names.append({name for _, name in undefined_names(texts)})
    assert names[1] <= names[0], f"undefined now: {names[1] - names[0]}"


def _assert_only_the_name_changed(changes: ChangeSet, request: requests.Rename) -> None:
    old = re.split(r"::|\.", request.target)[-1]
    for edit in changes:
        assert edit.before is not None
        assert edit.after is not None
        back = edit.after.data.replace(request.new.encode(), old.encode())
        assert back == edit.before.data, f"more than the name changed in {edit.path}"


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    ends: dict[str, Counter[str]] = {}
    started = time.perf_counter()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        projects = [copied(name, Path(folder)) for name in sys.argv[3:] or PACKAGES]
        for workspace, request in drawn(projects, count, random.Random(seed)):
            try:
                end = tried(workspace, request)
            except Exception:  # noqa: BLE001 - a fuzzer looks for these
                end, failures = "FAILED", failures + 1
                print(f"{workspace.root.name}: alma refactor {sentence(request)}")
                traceback.print_exc(limit=-4, file=sys.stdout)
            ends.setdefault(slug(type(request)), Counter())[end] += 1
    columns = ("proven", "likely", "nothing to do", "refused", "FAILED")
    print(f"{'':24}" + "".join(f"{one:>14}" for one in columns))
    for name, counts in ends.items():
        print(f"{name:24}" + "".join(f"{counts[one]:14}" for one in columns))
    print(f"{count} requests in {time.perf_counter() - started:.0f} s, {failures} failed")
    return int(failures > 0)


def copied(package: str, folder: Path) -> Workspace:
    """Return a copy of an installed package, in a folder that imports start from."""
    found = find_spec(package)
    assert found is not None
    assert found.submodule_search_locations
    root = folder.resolve() / package
    shutil.copytree(
        found.submodule_search_locations[0],
        root / package,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return Workspace(root)


def drawn(
    projects: list[Workspace], count: int, chance: random.Random
) -> Iterator[tuple[Workspace, Request]]:
    """Yield random requests, each kind as often as the others."""
    places = [Places(workspace.root, chance) for workspace in projects]
    for number in range(count):
        which = chance.randrange(len(projects))
        yield projects[which], MAKERS[number % len(MAKERS)](places[which])


if __name__ == "__main__":
    sys.exit(main())
