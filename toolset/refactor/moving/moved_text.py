"""The lines of a definition, cut out of one module and put into another, byte for byte."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from toolset.encoding import newline_of
from toolset.errors import RefactoringRefused
from toolset.refactor.moving.file_imports import FileImports, is_checking
from toolset.refactor.ranges import Replacement
from toolset.symbols import Source

_DEEPER_COMMENT = re.compile(r"(?:\r?\n[ \t]*(?=\r?\n))*\r?\n[ \t]+#[^\r\n]*")
_DUNDER_MAIN = "__main__"


@dataclass(frozen=True, slots=True)
class Piece:
    """What moves: a definition with its overloads, decorators and comments.

    `start` is where its first line begins, `end` where its last line ends, before the ending.
    """

    file: FileImports
    name: str
    nodes: tuple[ast.stmt, ...]
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end]

    @property
    def is_definition(self) -> bool:
        return isinstance(self.nodes[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)

    def cut(self) -> Replacement:
        """Return the range that goes; of the blank lines around it the larger gap stays."""
        text = self.file.text
        last = text.find("\n", self.end) + 1 or len(text)
        above = re.search(r"(?m)^(?:[ \t\f]*\r?\n)*\Z", text[: self.start])
        below = re.compile(r"(?:[ \t\f]*\r?\n)*").match(text, last)
        first = above.start() if above else self.start
        after = below.end() if below else last
        if not text[after:].strip():
            if not text.endswith("\n") and first:
                first -= 2 if text[first - 2 : first] == "\r\n" else 1
            return Replacement(first, len(text), "")
        if not text[:first].strip():
            return Replacement(self.start, after, "")
        gap_above, gap_below = text.count("\n", first, self.start), text.count("\n", last, after)
        if gap_above >= gap_below:
            return Replacement(self.start, after, "")
        return Replacement(first, last, "")


def piece_of(file: FileImports, name: str) -> Piece:
    """Return the definition of a name at module level.

    Raises RefactoringRefused where it is bound in any other way as well, or by no statement of its
    own.
    """
    nodes = _statements(file, name)
    source = Source(file.text)
    standing = [_standing(source, file, node) for node in nodes]
    start = source.top_of(standing[0])
    end = source.line_end(source.end(standing[-1]))
    if not isinstance(standing[-1], cst.SimpleStatementLine):
        while deeper := _DEEPER_COMMENT.match(file.text, end):
            end = deeper.end()
    return Piece(file, name, tuple(nodes), start, end)


def _statements(file: FileImports, name: str) -> list[ast.stmt]:
    module = file.bindings.module
    bound = module.others.get(name, [])
    if module.imports.get(name):
        raise RefactoringRefused(f"{name} is also imported in {file.path}. Nothing was changed.")
    by_node = {id(node): one for one in file.tree.body for node in _binders(one)}
    found = [by_node.get(id(node)) for node in bound]
    nodes = [one for one in found if one is not None]
    if not bound or len(nodes) < len(found) or not (len(nodes) == 1 or _are_overloads(nodes, file)):
        lines = sorted({getattr(node, "lineno", 0) for node in bound})
        raise RefactoringRefused(
            f"{name} has no single definition at the top level of {file.path} "
            f"(lines {', '.join(map(str, lines))}), so it cannot be moved."
        )
    return nodes


def _binders(statement: ast.stmt) -> list[ast.AST]:
    """Return the nodes by which a statement of one name binds it."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement]
    match statement:
        case (
            ast.Assign(targets=[ast.Name() as target]) | ast.AnnAssign(target=ast.Name() as target)
        ):
            return [target]
    alias = getattr(statement, "name", None)  # `type X = ...`, from Python 3.12 on
    return [alias] if isinstance(alias, ast.Name) else []


def _are_overloads(nodes: Sequence[ast.stmt], file: FileImports) -> bool:
    first = file.tree.body.index(nodes[0])
    return file.tree.body[first : first + len(nodes)] == list(nodes) and all(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(ast.unparse(one).rpartition(".")[2] == "overload" for one in node.decorator_list)
        for node in nodes[:-1]
    )


def _standing(
    source: Source, file: FileImports, node: ast.stmt
) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
    start, _ = file.span(node)
    for one in source.module.body:
        if source.start(one) <= start < source.end(one):
            if isinstance(one, cst.SimpleStatementLine) and len(one.body) > 1:
                raise RefactoringRefused(
                    f"Line {node.lineno} of {file.path} holds other code too. Nothing was changed."
                )
            return one
    raise RefactoringRefused(f"Line {node.lineno} of {file.path} cannot be cut out.")


def pasted(text: str, piece: Piece, *, before: int | None, below: int) -> str:
    """Return the target's text with the piece in it, in its line endings.

    `before` is a line, from 1: that of a statement which needs the piece. Else a definition goes
    to the end, and a variable below the first variables; but below the line `below`.
    """
    newline = newline_of(text or piece.file.text)
    new = piece.text.replace("\r\n", "\n").replace("\n", newline)
    source = Source(text)
    body = source.module.body
    if not body:
        head = f"{text.rstrip()}{newline}{newline}{newline}" if text.strip() else ""
        return f"{head}{new}{newline}"
    index = _index(source, piece, before, below)
    blank = newline * (2 if piece.is_definition else 1)
    if index == len(body):
        end = source.line_end(source.end(body[-1]))
        while deeper := _DEEPER_COMMENT.match(text, end):
            end = deeper.end()
        gap = blank if piece.is_definition or not _is_variable(body[-1]) else ""
        if isinstance(body[-1], cst.FunctionDef | cst.ClassDef):
            gap = newline * 2
        return source.with_range(end, end, f"{newline}{gap}{new}")
    if not piece.is_definition and index and before is None and not _is_main(body[index]):
        end = source.line_end(source.end(body[index - 1]))
        gap = "" if _is_variable(body[index - 1]) else blank
        return source.with_range(end, end, f"{newline}{gap}{new}")
    at = source.top_of(body[index])
    above = text[:at].replace("\r\n", "\n")
    spare = len(above) - len(above.rstrip("\n")) if at else 3
    lead = newline * max(0, 3 - spare) if piece.is_definition else ""
    if isinstance(body[index], cst.FunctionDef | cst.ClassDef):
        blank = newline * 2
    return source.with_range(at, at, f"{lead}{new}{newline}{blank}")


def _index(source: Source, piece: Piece, before: int | None, below: int) -> int:
    """Return before which statement of the target the piece goes."""
    body = source.module.body
    if before is not None:
        lines = [source.line(source.end(one)) for one in body]
        return next(index for index, line in enumerate(lines) if line >= before)
    last = len(body) - int(_is_main(body[-1]))
    leading = 0
    for one in body:
        if not isinstance(one, cst.SimpleStatementLine) and not _is_guard(one):
            break
        leading += 1
    reached = source.line(source.end(body[leading - 1])) if leading else 0
    return last if piece.is_definition or below > reached else leading


def _is_main(node: cst.CSTNode) -> bool:
    code = cst.Module([]).code_for_node(node.test) if isinstance(node, cst.If) else ""
    return "__name__" in code and _DUNDER_MAIN in code


def _is_guard(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.If):
        return False
    return is_checking(ast.parse(cst.Module([]).code_for_node(node.test), mode="eval").body)


def _is_variable(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and isinstance(
        node.body[0], cst.Assign | cst.AnnAssign
    )
