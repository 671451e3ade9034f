"""New code in a file's own indentation and quotes, with no value in it changed.

libcst re-indents what was given; that it still means the same is asked of Python's own parser.
"""

# ruff: noqa: ARG002, N802 (the methods that libcst calls)

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

import libcst as cst

from toolset.encoding import has_lone_return
from toolset.errors import RefactoringRefused

_FIRST_INDENT = re.compile(r"(?:[ \t\f]*(?:#[^\n]*)?\n)*([ \t]*)")


@dataclass(frozen=True, slots=True)
class Snippet:
    """New code as it was given: its statements, and how far they were indented."""

    module: cst.Module
    indent: str

    @classmethod
    def read(cls, code: str) -> Snippet:
        """Read code that may be indented as a whole. Raises RefactoringRefused.

        It is never dedented as text: that would reach into strings of several lines.
        """
        if has_lone_return(code):
            raise RefactoringRefused("The new code ends lines with CR alone. Use LF.")
        text, indent = _wrapped(code.replace("\r\n", "\n"))
        parse_or_refuse(text, "The new code does not parse", shift=bool(indent))
        try:
            module = cst.parse_module(text)
        except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError) as error:
            raise RefactoringRefused(f"libcst cannot read the new code: {error}") from error
        if indent:
            match module.body:
                case [cst.If(body=cst.IndentedBlock() as block, orelse=None)]:
                    footer = (*block.footer, *module.footer)
                    module = module.with_changes(body=block.body, footer=footer)
                case _:
                    raise RefactoringRefused("The new code is not indented evenly.")
        if not module.body:
            raise RefactoringRefused("The new code holds no statement.")
        first, *others = module.body
        first = first.with_changes(leading_lines=(*module.header, *first.leading_lines))
        return cls(module.with_changes(header=(), body=(first, *others)), indent)

    @property
    def bound(self) -> set[str]:
        """The names that its outer statements define or assign."""
        names = set()
        for statement in self.module.body:
            match statement:
                case cst.FunctionDef(name=name) | cst.ClassDef(name=name):
                    names.add(name.value)
                case cst.SimpleStatementLine(
                    body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=value))])]
                ):
                    names.add(value)
        return names


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """How a file is written: its unit of indentation, and its usual quote (empty if none)."""

    unit: str
    quote: str

    def render(self, code: str, indent: str, newline: str) -> str:
        """Return new code in this style, indented, without the last line's ending.

        Raises RefactoringRefused if it would no longer be the same code.
        """
        snippet = Snippet.read(code)
        try:
            module = snippet.module.visit(_Restyled(snippet, indent, self.unit, self.quote))
            block: cst.Module | cst.IndentedBlock = module
            if indent:
                block = cst.IndentedBlock(module.body, indent=indent, footer=module.footer)
            text = cst.Module([], default_indent=self.unit).code_for_node(block).strip("\n")
            same = _meaning(text) == _meaning(code.replace("\r\n", "\n"))
        except RecursionError as error:
            raise RefactoringRefused("The new code is nested too deeply.") from error
        if not same:
            raise RefactoringRefused("The new code could not be indented without changing it.")
        return text.replace("\n", newline)


def usual_quote(nodes: Iterable[cst.CSTNode]) -> str:
    """Return the quote that two thirds of the plain strings have; empty if neither."""
    quotes = Counter(node.quote for node in nodes if _is_plain(node))
    single, double = quotes["'"], quotes['"']
    if single == double:
        return ""
    return "'" if single >= 2 * double else '"' if double >= 2 * single else ""


class _Restyled(cst.CSTTransformer):
    """Give a snippet the file's indentation and quotes, and change no value in it."""

    def __init__(self, snippet: Snippet, indent: str, unit: str, quote: str) -> None:
        super().__init__()
        self._given_unit, self._unit, self._quote = snippet.module.default_indent, unit, quote
        self._indents = [(snippet.indent, indent)]  # as given, and as it shall be

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        given, wanted = self._indents[-1]
        step = self._given_unit if node.indent is None else node.indent
        self._indents.append((given + step, wanted + self._unit))

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        self._indents.pop()
        return updated_node.with_changes(indent=None)

    def leave_EmptyLine(
        self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine
    ) -> cst.EmptyLine:
        inside = updated_node.indent and not is_blank(updated_node)
        return updated_node.with_changes(
            indent=not is_blank(updated_node),
            whitespace=self._in_units(updated_node.whitespace.value if inside else ""),
        )

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        if not updated_node.indent:
            return updated_node
        return updated_node.with_changes(last_line=self._in_units(updated_node.last_line.value))

    def _in_units(self, space: str) -> cst.SimpleWhitespace:
        times, rest = divmod(len(space), len(self._given_unit))
        whole = not rest and space == self._given_unit * times
        return cst.SimpleWhitespace(self._unit * times if whole else space)

    def leave_SimpleWhitespace(
        self, original_node: cst.SimpleWhitespace, updated_node: cst.SimpleWhitespace
    ) -> cst.SimpleWhitespace:
        given, wanted = self._indents[-1]  # a backslash's next line is not indented by libcst
        return updated_node.with_changes(
            value=updated_node.value.replace(f"\n{given}", f"\n{wanted}")
        )

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        return False

    def visit_Expr(self, node: cst.Expr) -> bool:
        return not isinstance(node.value, cst.SimpleString | cst.ConcatenatedString)

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.Expr:
        """Move a docstring's lines with its block; readers of docstrings strip that indentation."""
        given, wanted = self._indents[-1]
        text = updated_node.value
        if not isinstance(text, cst.SimpleString) or "\\\n" in text.value or "b" in text.prefix:
            return updated_node
        first, *others = text.value.split("\n")
        if not all(line.startswith(given) for line in others if line.strip()):
            return updated_node
        moved = [wanted + line[len(given) :] if line.strip() else line for line in others]
        return updated_node.with_changes(value=cst.SimpleString("\n".join([first, *moved])))

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        if not self._quote or not _is_plain(updated_node):
            return updated_node
        value = f"{updated_node.prefix}{self._quote}{updated_node.raw_value}{self._quote}"
        return updated_node.with_changes(value=value)


def is_blank(line: cst.EmptyLine) -> bool:
    return line.comment is None


def _is_plain(node: cst.CSTNode) -> TypeGuard[cst.SimpleString]:
    """Say whether a string would be the same in the other quotes."""
    return (
        isinstance(node, cst.SimpleString)
        and len(node.quote) == 1
        and not re.search(r"['\"\\]", node.raw_value)
    )


def _wrapped(code: str) -> tuple[str, str]:
    """Return code that parses although it is indented, and its indentation."""
    match = _FIRST_INDENT.match(code)
    indent = match[1] if match else ""
    return (f"if 1:\n{code}" if indent else code), indent


def _meaning(code: str) -> str:
    """Return what two texts of the same program share; docstrings count without indentation."""
    text, indent = _wrapped(code)
    tree = parse_or_refuse(text, "The new code does not parse", shift=bool(indent))
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(docstring)) as constant):
                constant.value = "\n".join(line.strip() for line in docstring.split("\n"))
    match tree.body:
        case [ast.If(body=body)] if indent:
            return ast.dump(ast.Module(body, []))
    return ast.dump(tree)


def parse_or_refuse(text: str, what: str, *, shift: bool = False) -> ast.Module:
    """Return the syntax tree. Raises RefactoringRefused that begins with `what`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the code's own SyntaxWarnings are not ours to print
            return ast.parse(text)
    except SyntaxError as error:
        line = f" (line {error.lineno - shift})" if error.lineno else ""
        raise RefactoringRefused(f"{what}: {error.msg}{line}.") from error
    except ValueError as error:  # a NUL, or half a surrogate pair
        raise RefactoringRefused(f"{what}: {error}.") from error
    except (RecursionError, MemoryError) as error:
        raise RefactoringRefused(f"{what}: it is nested too deeply.") from error
