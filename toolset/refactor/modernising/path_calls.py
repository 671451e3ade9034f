"""Calls of `os` and `os.path` as calls of a `Path`: which there are, and what they become.

A call that gives a path back is rewritten only where a `Path` does as well as a string: `==` would
be false, and `.replace()` of a `Path` renames a file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from toolset.refactor.modernising.bindings import bindings, imports_of, is_bound
from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement
from toolset.refactor.tidying.import_removal import comments_in

# By ruff's rule: the function, and what follows Path(...); {} stands for further arguments.
_METHODS = {
    "PTH101": ("os.chmod", ".chmod({})"),
    "PTH102": ("os.mkdir", ".mkdir({})"),
    "PTH103": ("os.makedirs", ".mkdir(parents=True{})"),
    "PTH104": ("os.rename", ".rename({})"),
    "PTH105": ("os.replace", ".replace({})"),
    "PTH106": ("os.rmdir", ".rmdir({})"),
    "PTH107": ("os.remove", ".unlink({})"),
    "PTH108": ("os.unlink", ".unlink({})"),
    "PTH110": ("os.path.exists", ".exists({})"),
    "PTH112": ("os.path.isdir", ".is_dir({})"),
    "PTH113": ("os.path.isfile", ".is_file({})"),
    "PTH114": ("os.path.islink", ".is_symlink({})"),
    "PTH116": ("os.stat", ".stat({})"),
    "PTH117": ("os.path.isabs", ".is_absolute({})"),
    "PTH118": ("os.path.join", ""),
    "PTH120": ("os.path.dirname", ".parent"),
    "PTH121": ("os.path.samefile", ".samefile({})"),
    "PTH202": ("os.path.getsize", ".stat().st_size"),
    "PTH203": ("os.path.getatime", ".stat().st_atime"),
    "PTH204": ("os.path.getmtime", ".stat().st_mtime"),
    "PTH205": ("os.path.getctime", ".stat().st_ctime"),
}
# Others of os that ruff finds; what Path has for them differs, or is of another shape.
OTHERS = ("PTH100", "PTH109", "PTH111", "PTH115", "PTH119", "PTH122", "PTH206", "PTH208", "PTH211")
RULES = (*_METHODS, *OTHERS)
_GIVES_PATH = frozenset({"PTH118", "PTH120"})
_GIVES_NONE = frozenset({"PTH104", "PTH105"})  # and Path's give a path
_MORE = {"PTH101": 2, "PTH104": 2, "PTH105": 2, "PTH121": 2}  # arguments, if not one
_KEYWORDS = {"PTH103": {"exist_ok", "mode"}, "PTH102": {"mode"}, "PTH101": {"mode"}}
_TAKE_PATHS = frozenset({"pathlib.Path", *(name for name, _ in _METHODS.values())}) | {
    "os.listdir",
    "os.chdir",
    "os.access",
    "os.utime",
}
_COMMA = re.compile(r"\s*,\s*")


class Unpathlike(Exception):
    """A call that stays as it is; says why in a few words."""


@dataclass(frozen=True)
class PathCalls:
    """The calls of one file that take or give a path; inner calls are to be rewritten first."""

    positions: Positions
    tree: ast.Module
    _paths: set[ast.expr] = field(default_factory=set)  # calls that are rewritten to give a Path

    def find(self, line: int, column: int) -> ast.Call:
        """Return the call whose function begins at this place. Raises Unpathlike."""
        at = self.positions.offset(line, column)
        for node in self._parents:
            if not isinstance(node, ast.Call) or self.positions.start(node) != at:
                continue
            if self._dotted(node.func):
                return node
        raise Unpathlike("os function that pathlib has no equal for")

    def rewritten(self, call: ast.Call, rule: str) -> list[Replacement]:
        """Return the ranges that make a call of Path of it. Raises Unpathlike."""
        name, method = _METHODS.get(rule, ("", ""))
        if name != self._dotted(call.func):
            raise Unpathlike("os call that pathlib has no equal for")
        self._require_known_arguments(call, rule)
        if rule in _GIVES_PATH and not self._may_be_path(call):
            raise Unpathlike("os call whose text a Path may not stand for")
        if rule in _GIVES_NONE and not isinstance(self._parents[call], ast.Expr):
            raise Unpathlike("os call whose result is used")
        ranges = self._on_inner_path(call, method) or list(self._ranges(call, rule, method))
        if rule in _GIVES_PATH:
            self._paths.add(call)
        return ranges

    def is_sure(self, call: ast.Call) -> bool:
        """Say whether its first argument is known to be a text that is a plain path."""
        if call.args[0] in self._paths:
            return True
        match call.args[0]:
            case ast.Constant(value=str(text)):
                return bool(re.fullmatch(r"/?\w[\w.-]*(/\w[\w.-]*)*", text))
            case ast.Name(id="__file__"):
                return True
        return False

    def _require_known_arguments(self, call: ast.Call, rule: str) -> None:
        positional = len(call.args)
        named = {one.arg for one in call.keywords}
        if not named <= _KEYWORDS.get(rule, set()):
            raise Unpathlike("os call with arguments that Path does not take")
        if rule == "PTH118":
            if any(isinstance(one, ast.Constant) and one.value == "" for one in call.args):
                raise Unpathlike("os call that ends a path with a slash")
        elif any(isinstance(one, ast.Starred) for one in call.args) or not (
            positional == _MORE.get(rule, 1) or (rule == "PTH101" and named and positional == 1)
        ):
            raise Unpathlike("os call with arguments that Path does not take")
        first = call.args[0] if call.args else None
        if first is None or (isinstance(first, ast.Constant) and not isinstance(first.value, str)):
            raise Unpathlike("os call of what is no text")

    def _on_inner_path(self, call: ast.Call, method: str) -> list[Replacement]:
        """Return the ranges that call a method of what is a Path by now; empty if it is none."""
        at, text, inner = self.positions, self.positions.text, call.args[0]
        before, after = (at.end(call.func), at.start(inner)), (at.end(inner), at.end(call))
        if inner not in self._paths or (text[slice(*before)], text[slice(*after)]) != ("(", ")"):
            return []
        opened = Replacement(at.start(call), at.start(inner), "")
        return [opened, Replacement(*after, method.format(""))] if method else []

    def _ranges(self, call: ast.Call, rule: str, method: str) -> Iterator[Replacement]:
        at, text = self.positions, self.positions.text
        yield Replacement(at.start(call.func), at.end(call.func), "Path")
        if rule == "PTH118":
            return
        rest: list[ast.expr | ast.keyword] = [*call.args[1:], *call.keywords]
        if not rest:
            end = at.end(call)
            yield Replacement(end, end, method.format(""))
            return
        first, second = at.end(call.args[0]), at.start(rest[0])
        if not _COMMA.fullmatch(text[first:second]) or comments_in(text, first, second):
            raise Unpathlike("os call with parentheses of its own")
        opened = method.partition("{")[0]
        yield Replacement(first, second, f"){opened}{', ' if '=' in opened else ''}")

    def _may_be_path(self, node: ast.expr) -> bool:
        """Say whether a Path in place of this string would do, wherever it goes."""
        parent = self._parents[node]
        if self._takes_paths(parent, node):
            return True
        match parent:
            case ast.Assign(targets=[ast.Name(id=name)]):
                return all(
                    self._takes_paths(self._parents[use], use) for use in self._uses(parent, name)
                )
        return False

    def _uses(self, assignment: ast.Assign, name: str) -> list[ast.expr]:
        """Return the reads of a function's variable; itself if there may be others."""
        function: ast.AST = assignment
        while not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            function = self._parents[function]
        everywhere = bindings(self.tree, name)
        is_local = not isinstance(function, ast.Module)
        if not is_local or len(everywhere) != 1 or self._is_declared(name):
            return list(assignment.targets)
        return [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        ]

    def _is_declared(self, name: str) -> bool:
        """Say whether the name is declared global, or can be read by its text."""
        return any(
            (isinstance(node, ast.Global | ast.Nonlocal) and name in node.names)
            or (isinstance(node, ast.Name) and node.id in ("locals", "eval", "exec", "vars"))
            for node in self._parents
        )

    def _takes_paths(self, parent: ast.AST, node: ast.expr) -> bool:
        """Say whether the parent is a call that takes a Path as well as a string there."""
        if not isinstance(parent, ast.Call) or node not in parent.args:
            return False
        name = self._dotted(parent.func)
        if name == "open" and not is_bound(self.tree, "open"):
            return node is parent.args[0]
        return name in _TAKE_PATHS

    def _dotted(self, node: ast.expr) -> str:
        """Return what a function is called where it is defined; empty if that is not known."""
        dotted = ast.unparse(node)
        root, _, rest = dotted.partition(".")
        if not dotted.replace(".", "").isidentifier():
            return ""
        full = self._imported.get(root, root)
        full = f"{full}.{rest}" if rest else full
        return re.sub(r"^(?:posixpath|ntpath)\.", "os.path.", full)

    @cached_property
    def _imported(self) -> dict[str, str]:
        return imports_of(self.tree)

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
