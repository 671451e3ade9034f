"""Whether two texts of a file say the same types, however they write them.

`Optional[List[int]]`, `list[int] | None` and the same in quotes are read into one form; the names
of `typing` are asked of Python itself. All other code must be the same to the letter.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import typing

from toolset.refactor.modernising.bindings import bindings, imports_of


def same_types(before: str, after: str) -> bool:
    """Say whether two texts that parse differ in nothing but how types and imports are written."""
    return _form(before) == _form(after)


def same_imports(before: str, after: str) -> bool:
    """Say whether each name that two texts of imports both bind stands for the same thing."""
    old, new = (_meanings(text) for text in (before, after))
    return all(old[name] == new[name] for name in old.keys() & new.keys())


def _meanings(text: str) -> dict[str, str]:
    # In a block, the first line of a range has lost its indentation, and the others have not.
    found = imports_of(ast.parse("\n".join(line.strip() for line in text.splitlines())))
    return {name: _canonical(full) for name, full in found.items()}


def _form(text: str) -> str:
    tree = ast.parse(text)
    return ast.dump(_Reader(tree).visit(tree))


class _Reader(ast.NodeTransformer):
    """Writes each type in one form, and leaves imports out."""

    def __init__(self, tree: ast.Module) -> None:
        self._imported = imports_of(tree)
        self._builtins = {
            name
            for name in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            if hasattr(builtins, name) and not bindings(tree, name)
        }
        self._in_annotation = False

    def visit_Import(self, _node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, _node: ast.ImportFrom) -> None:
        return None

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load):
            if node.id in self._imported:
                return ast.Name(_canonical(self._imported[node.id]), node.ctx)
            if node.id in self._builtins:
                return ast.Name(f"builtins.{node.id}", node.ctx)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        root, _, rest = ast.unparse(node).partition(".")
        if root in self._imported and rest.replace(".", "").isidentifier():
            return ast.Name(_canonical(f"{self._imported[root]}.{rest}"), node.ctx)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        of = self.visit(node.value)
        name = of.id if isinstance(of, ast.Name) else ""
        quoted = self._in_annotation
        if name == "typing.Literal":  # its strings are no types
            self._in_annotation = False
        inside = self.visit(node.slice)
        self._in_annotation = quoted
        parts = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
        if name == "typing.Optional":
            return _union([*parts, ast.Constant(None)])
        if name == "typing.Union":
            return _union(parts)
        return ast.Subscript(of, inside, node.ctx)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.BitOr):
            return _union([left, right])
        return ast.BinOp(left, node.op, right)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if self._in_annotation and isinstance(node.value, str):
            try:
                return typing.cast(
                    ast.AST, self.visit(ast.parse(f"({node.value})", mode="eval").body)
                )
            except SyntaxError:
                return node
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = self._annotation(node.annotation)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        annotation = self._annotation(node.annotation)
        done = typing.cast(ast.AnnAssign, self.generic_visit(node))
        done.annotation = annotation or done.annotation
        return done

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        returns, node.returns = self._annotation(node.returns), None
        done = self.generic_visit(node)
        node.returns = returns
        return done

    def _annotation(self, node: ast.expr | None) -> ast.expr | None:
        if node is None:
            return None
        outside, self._in_annotation = self._in_annotation, True
        done = self.visit(node)
        self._in_annotation = outside
        return typing.cast(ast.expr, done)


_UNION: ast.expr = ast.Name("a union of", ast.Load())


def _union(parts: list[ast.expr]) -> ast.expr:
    """Return one union of the parts, with None as its last."""
    flat: list[ast.expr] = []
    for one in parts:
        flat += one.elts[1:] if isinstance(one, ast.Set) and _UNION in one.elts else [one]
    flat.sort(key=lambda one: isinstance(one, ast.Constant) and one.value is None)
    return ast.Set([_UNION, *flat]) if len(flat) > 1 else flat[0]


def _canonical(dotted: str) -> str:
    """Return what a name of `typing` stands for, as Python itself says; others are kept."""
    module, _, name = dotted.rpartition(".")
    if module not in ("typing", "typing_extensions"):
        return dotted
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return dotted
    of = getattr(found, "__origin__", found)  # typing.List is a list
    if isinstance(of, type) and of.__module__ not in ("typing", "typing_extensions"):
        return f"{of.__module__}.{of.__qualname__}"
    same = getattr(typing, name, None) is found
    return f"typing.{name}" if same else dotted
