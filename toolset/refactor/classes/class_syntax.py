"""One class as it is written: what its body binds and reads, and where names of its file stand.

Positions come from libcst, which also knows those inside f-strings; meaning is read from `ast`.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath

import libcst as cst
from libcst.metadata import ParentNodeProvider

from toolset.checks import parse
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.references import can_be_edited
from toolset.symbols import Source

Trees = Mapping[PurePosixPath, ast.Module]
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_HARMLESS_BASES = {"object", "ABC", "abc.ABC", "Generic", "typing.Generic"}


class Names:
    """The names of one text by their offsets, and what each stands in."""

    def __init__(self, text: str) -> None:
        """Raise RefactoringRefused for what libcst cannot read and write back the same."""
        self.source = Source(text)
        self._parents = self.source.wrapper.resolve(ParentNodeProvider)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        return self._parents[node]

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield what encloses a node, the innermost first."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def called(self, word: str, within: cst.CSTNode | None = None) -> dict[int, cst.Name]:
        """Return the nodes of one name by their offsets."""
        nodes = every_node(within or self.source.module)
        return {
            self.source.start(node): node
            for node in nodes
            if isinstance(node, cst.Name) and node.value == word
        }

    def at(self, offset: int) -> cst.Name | None:
        """Return the name that begins at an offset."""
        return self._by_offset.get(offset)

    @cached_property
    def _by_offset(self) -> dict[int, cst.Name]:
        nodes = every_node(self.source.module)
        return {self.source.start(one): one for one in nodes if isinstance(one, cst.Name)}

    def is_variable(self, node: cst.Name) -> bool:
        """Say whether a name stands for itself: it is no attribute, no keyword, no parameter."""
        match self.parent(node):
            case cst.Attribute(attr=attr):
                return attr is not node
            case cst.Arg(keyword=keyword):
                return keyword is not node
            case cst.Param(name=name):
                return name is not node
            case cst.MatchKeywordElement(key=key):
                return key is not node
        return True

    def text(self, node: cst.CSTNode) -> str:
        """Return a node as it is written, its own parentheses included."""
        return self.source.text[self.start(node) : self.end(node)]

    def start(self, node: cst.CSTNode) -> int:
        """Return where a node begins; libcst leaves out the parentheses around it."""
        return self.source.start(_first_parenthesis(node))

    def end(self, node: cst.CSTNode) -> int:
        return self.source.end(_last_parenthesis(node))


def every_node(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from every_node(child)


def _first_parenthesis(node: cst.CSTNode) -> cst.CSTNode:
    marks: Sequence[cst.LeftParen] = getattr(node, "lpar", ())
    return marks[0] if marks else node


def _last_parenthesis(node: cst.CSTNode) -> cst.CSTNode:
    marks: Sequence[cst.RightParen] = getattr(node, "rpar", ())
    return marks[-1] if marks else node


def find_class(tree: ast.Module, name: str) -> ast.ClassDef:
    """Return the class of a dotted name. Raises RefactoringRefused if it is none, or several."""
    found = [node for dotted, node in _classes(tree) if dotted == name]
    if len(found) != 1:
        how = "defined several times" if found else "no class of this file"
        raise RefactoringRefused(f"{name} is {how}. Nothing was changed.")
    return found[0]


def methods_of(node: ast.ClassDef) -> list[_Function]:
    """Return the functions that stand right in a class body."""
    return [one for one in node.body if isinstance(one, _Function)]


def _classes(node: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield inside + child.name, child
        named = isinstance(child, ast.ClassDef | _Function)
        yield from _classes(child, f"{inside}{child.name}." if named else inside)  # type: ignore[attr-defined]


def bound_in(scope: ast.AST) -> set[str]:
    """Return the names that the statements of a scope bind, but for those of scopes within it."""
    found: set[str] = set()
    for node in _own_nodes(scope):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case (
                ast.ClassDef(name=name)
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
            ):
                found.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.add(name)
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {one.asname or one.name.partition(".")[0] for one in names}
    return found


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, ast.ClassDef | _Function | ast.Lambda):
            yield from _own_nodes(node)


def read_in(node: ast.AST) -> set[str]:
    """Return the names that a class body reads while it is executed, quoted annotations too."""
    found: set[str] = set()
    for child in _executed(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load):
            found.add(child.id)
        elif isinstance(child, ast.arg | ast.AnnAssign) and child.annotation:
            found |= words_in(child.annotation)
        elif isinstance(child, _Function) and child.returns:
            found |= words_in(child.returns)
    return found


def words_in(annotation: ast.expr) -> set[str]:
    """Return the names of an annotation, those in its strings included."""
    return set(re.findall(r"[^\W\d]\w*", ast.unparse(annotation)))


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, _Function | ast.Lambda):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _executed(child)


def mangled_in(node: ast.AST) -> set[str]:
    """Return the names in a piece of code that Python mangles inside a class."""
    words = {
        getattr(one, field)
        for one in ast.walk(node)
        for field in ("id", "attr", "arg", "name")
        if isinstance(getattr(one, field, None), str)
    }
    return {word for word in words if word.startswith("__") and not word.endswith("__")}


def scopes_around(tree: ast.Module, node: ast.AST) -> list[ast.AST]:
    """Return what encloses a node and has names of its own: module, classes, functions."""
    line = getattr(node, "lineno", 0)
    return [
        tree,
        *(
            one
            for one in ast.walk(tree)
            if isinstance(one, ast.ClassDef | _Function)
            and one is not node
            and one.lineno <= line <= (one.end_lineno or 0)
        ),
    ]


def project_trees(draft: Draft) -> dict[PurePosixPath, ast.Module]:
    """Return the syntax tree of every Python file that has a class in it."""
    return {
        source.path: parse(source.path, source.state)
        for source in draft.texts()
        if "class" in source.text and can_be_edited(source)
    }


def base_name(base: ast.expr) -> str:
    """Return the dotted name of a base class, without what stands in brackets."""
    return ast.unparse(base).partition("[")[0]


def subclasses(trees: Trees, name: str) -> list[tuple[PurePosixPath, ast.ClassDef]]:
    """Return all classes below one; classes are told apart by their bare names."""
    every = [
        (path, node)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    found: list[tuple[PurePosixPath, ast.ClassDef]] = []
    waiting, seen = [name], {name}
    while waiting:
        above = waiting.pop()
        for path, node in every:
            if above in {base_name(one).rpartition(".")[2] for one in node.bases}:
                found.append((path, node))
                if node.name not in seen:
                    seen.add(node.name)
                    waiting.append(node.name)
    return found


def ancestors(trees: Trees, node: ast.ClassDef) -> tuple[list[ast.ClassDef], list[str]]:
    """Return all classes above one that the project defines, and the names of those it does not.

    `object`, ABC and Generic are left out. Classes are told apart by their bare names.
    """
    every = {
        one.name: one
        for tree in trees.values()
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef)
    }
    known: list[ast.ClassDef] = []
    foreign: list[str] = []
    waiting, seen = [node], {node.name}
    while waiting:
        for base in waiting.pop().bases:
            dotted = base_name(base)
            last = dotted.rpartition(".")[2]
            if last in seen or dotted in _HARMLESS_BASES:
                continue
            seen.add(last)
            if last in every:
                known.append(every[last])
                waiting.append(every[last])
            else:
                foreign.append(dotted)
    return known, foreign


def may_have(base: str, member: str) -> bool:
    """Say whether a class outside the project may have a member, or call one by its name."""
    kind = getattr(builtins, base, None)
    return not isinstance(kind, type) or hasattr(kind, member)


def refuse(reason: str, where: Iterable[str] = ()) -> RefactoringRefused:
    """Return a refusal that says that nothing was changed."""
    places = list(where)
    ending = "Nothing was changed:" if places else "Nothing was changed."
    return RefactoringRefused(f"{reason} {ending}", candidates=places)
