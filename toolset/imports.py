"""Add one import to a Python file, or take one away, and leave every other byte as it was.

libcst's AddImportsVisitor is not used: it puts new names first, glues them to the next one in lists
of several lines, and adds blank lines elsewhere. Imports are not sorted anew; a name goes where a
sorted list would have it, a statement to the end of its section.
"""

from __future__ import annotations

import ast
import symtable
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import ImportAssignment, Scope, ScopeProvider

from toolset.errors import RefactoringRefused
from toolset.symbols import Block, Definition, Source

_LINE_LENGTH = 88  # beyond it, a name gets a statement of its own


@dataclass(frozen=True, slots=True)
class Imported:
    """One imported name. `module` has its leading dots; `name` is None for a plain `import`."""

    module: str
    name: str | None
    alias: str | None

    @property
    def bound(self) -> str:
        return self.alias or self.name or self.module.partition(".")[0]

    @property
    def section(self) -> int:
        """0 for `__future__`, 1 for the standard library, 2 for others, 3 for relative ones."""
        if self.module.startswith("."):
            return 3
        root = self.module.partition(".")[0]
        return 0 if root == "__future__" else 1 if root in sys.stdlib_module_names else 2

    @property
    def item(self) -> str:
        name = self.name or self.module
        return f"{name} as {self.alias}" if self.alias else name

    def __str__(self) -> str:
        return f"from {self.module} import {self.item}" if self.name else f"import {self.item}"


@dataclass(frozen=True, slots=True)
class _Standing:
    """An import in a file. `always` is False in functions, classes and `if TYPE_CHECKING:`."""

    imported: Imported
    alias: cst.ImportAlias
    statement: cst.Import | cst.ImportFrom
    line: cst.SimpleStatementLine | cst.SimpleStatementSuite
    block: Block
    always: bool


def add_import(source: str, statement: str) -> str:
    """Add `import x` or `from a.b import c as d` to a file that does not have it yet.

    Raises RefactoringRefused if the name already means something else in this file.
    """
    for wanted in _read(statement):
        source = _with_import(source, wanted)
    return source


def remove_import(source: str, statement: str) -> str:
    """Remove the names of one import statement, and the statement if no name is left.

    Raises RefactoringRefused if one of them is still used, is exported in `__all__`, stands several
    times, or not at all.
    """
    for unwanted in _read(statement):
        source = _without_import(source, unwanted)
    return source


def _read(statement: str) -> list[Imported]:
    try:
        match ast.parse(statement.strip()).body:
            case [ast.Import(names=names)]:
                return [Imported(one.name, None, one.asname) for one in names]
            case [ast.ImportFrom(module=module, names=names, level=level)] if names[0].name != "*":
                path = "." * level + (module or "")
                return [Imported(path, one.name, one.asname) for one in names]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    bare = all(part.isidentifier() for part in statement.split("."))
    wanted = f"import {statement}" if bare else "from a import b"
    raise RefactoringRefused(f"{statement!r} is not one import of names. Write: {wanted}")


def _with_import(source: str, wanted: Imported) -> str:
    text = Source(source)
    standing = list(_imports(text.module, text.module))
    if any(one.imported == wanted and one.always for one in standing):
        return source
    _require_free(text, wanted, standing)
    top = _top(text.module)
    for line in top:
        match line.body:
            case [cst.ImportFrom(names=[*aliases]) as found] if wanted.name:
                in_lines = found.lpar is not None and _opens_line(text, aliases[-1])
                merge = _merged_in_lines if in_lines else _merged_inline
                if _module_of(found) == wanted.module and (new := merge(text, aliases, wanted)):
                    return new
    return _with_statement(text, wanted, top)


def _require_free(text: Source, wanted: Imported, standing: Sequence[_Standing]) -> None:
    # `import a.b` beside `import a.c` binds the same `a` again.
    if any(
        one.always
        and one.imported.bound == wanted.bound
        and not (one.imported.name or one.imported.alias or wanted.name or wanted.alias)
        for one in standing
    ):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            symbol = symtable.symtable(text.text, "<source>", "exec").lookup(wanted.bound)
    except KeyError:
        return
    except (SyntaxError, ValueError, RecursionError) as error:
        raise RefactoringRefused(f"Python cannot compile the file: {error}") from error
    if symbol.is_imported() or symbol.is_assigned():
        same = [one for one in standing if one.imported.bound == wanted.bound]
        raise RefactoringRefused(
            f"{wanted.bound} is already bound in this file. Use that, or another name: "
            f"{Imported(wanted.module, wanted.name, wanted.bound + '_')}",
            candidates=[f"line {text.line(text.start(o.alias))}: {o.imported}" for o in same],
        )


def _merged_in_lines(text: Source, aliases: Sequence[cst.ImportAlias], wanted: Imported) -> str:
    """Return the text with the name on a line of its own in a list in parentheses."""
    at, last = _next_in_order(aliases, wanted), aliases[-1]
    place = text.start(at or last)
    indent = text.text[text.line_start(place) : place]
    newline = text.newline_at(place)
    if at:
        return text.with_range(place, place, f"{wanted.item},{newline}{indent}")
    start = text.end(last)
    end = text.text.find("\n", start) - len(newline) + 1
    rest = text.text[start:end]
    if rest.lstrip().startswith(","):
        return text.with_range(end, end, f"{newline}{indent}{wanted.item},")
    if ")" in rest.partition("#")[0]:
        end, rest = start, ""
    return text.with_range(start, end, f",{rest}{newline}{indent}{wanted.item}")


def _merged_inline(
    text: Source, aliases: Sequence[cst.ImportAlias], wanted: Imported
) -> str | None:
    """Return the text with the name in an existing list; None if its line would be too long."""
    at = _next_in_order(aliases, wanted)
    start = text.start(at) if at else text.end(aliases[-1])
    new = f"{wanted.item}, " if at else f", {wanted.item}"
    line, _, _ = text.text[text.line_start(start) :].partition("\n")
    return text.with_range(start, start, new) if len(line + new) <= _LINE_LENGTH else None


def _next_in_order(aliases: Sequence[cst.ImportAlias], wanted: Imported) -> cst.ImportAlias | None:
    """Return the first name that sorts after the new one; None if that is none, or none sorts."""
    names = [alias.evaluated_name.casefold() for alias in aliases]
    key = (wanted.name or "").casefold()
    later = [alias for alias, name in zip(aliases, names, strict=True) if name > key]
    return later[0] if later and names == sorted(names) else None


def _with_statement(text: Source, wanted: Imported, top: Sequence[cst.SimpleStatementLine]) -> str:
    newline = text.newline_at(text.end(top[-1]) if top else 0)
    sections = [_section(line) for line in top]
    before = [line for line, one in zip(top, sections, strict=True) if one <= wanted.section]
    if before:
        end = text.line_end(text.end(before[-1]))
        blank = "" if wanted.section in sections else newline
        return text.with_range(end, end, f"{newline}{blank}{wanted}")
    if top:
        start = text.top_of(top[0])
        return text.with_range(start, start, f"{wanted}{newline}{newline}")
    body = text.module.body
    if text.module.get_docstring(clean=False) is not None:
        end = text.line_end(text.end(body[0]))
        rest = text.text[end:].lstrip(" \t\f")
        alone = not rest.strip() or rest.startswith(newline * 2)
        return text.with_range(end, end, newline * 2 + str(wanted) + ("" if alone else newline))
    if not body:
        ending = newline if text.text and not text.text.endswith("\n") else ""
        return text.with_range(len(text.text), len(text.text), f"{ending}{wanted}{newline}")
    start = text.top_of(body[0])
    gap = newline * (3 if isinstance(body[0], Definition) else 2)
    return text.with_range(start, start, f"{wanted}{gap}")


def _without_import(source: str, unwanted: Imported) -> str:
    text = Source(source)
    standing = list(_imports(text.module, text.module))
    found = [one for one in standing if one.imported == unwanted]
    if len(found) != 1:
        near = found or [one for one in standing if one.imported.bound == unwanted.bound]
        raise RefactoringRefused(
            f"{unwanted} stands {len(found)} times in this file, not once."
            if found
            else f"{unwanted} is not in this file.",
            candidates=[f"line {text.line(text.start(o.alias))}: {o.imported}" for o in near],
        )
    _require_unused(text, found[0])
    (one,) = found
    aliases = [] if isinstance(one.statement.names, cst.ImportStar) else one.statement.names
    if len(aliases) > 1:
        in_lines = isinstance(one.statement, cst.ImportFrom) and one.statement.lpar is not None
        gone = _range_of_name(text, aliases, one.alias, in_lines=in_lines)
        return text.with_range(*gone, "")
    start, end = text.start(one.line), text.line_end(text.end(one.line))
    if isinstance(one.line, cst.SimpleStatementSuite) or len(one.line.body) > 1:
        raise RefactoringRefused(f"{unwanted} shares its line with other code; edit it as text.")
    if isinstance(one.block, cst.IndentedBlock) and len(one.block.body) == 1:
        return text.with_range(start, text.end(one.line), "pass")
    return text.without_lines(start, end, one.line, one.block)


def _require_unused(text: Source, one: _Standing) -> None:
    try:
        scope = text.wrapper.resolve(ScopeProvider)[one.statement]
    except RecursionError as error:
        raise RefactoringRefused("The file is nested too deeply.") from error
    lines = sorted({text.line(text.start(node)) for node in _uses(scope, one)})
    if lines:
        listed = ", ".join(str(line) for line in lines[:20])
        raise RefactoringRefused(f"{one.imported.bound} is still used (lines {listed}).")
    for statement in text.module.body:
        code = text.module.code_for_node(statement) if "__all__" in text.text else ""
        if isinstance(statement, cst.SimpleStatementLine) and "__all__" in code:
            nodes = ast.walk(ast.parse(code))
            if one.imported.bound in {n.value for n in nodes if isinstance(n, ast.Constant)}:
                raise RefactoringRefused(f"{one.imported.bound} is exported in __all__.")


def _uses(scope: Scope | None, one: _Standing) -> Iterator[cst.CSTNode]:
    """Yield where the bound name is used; for `import a.b` also where only `a` is."""
    imported = one.imported
    dotted = imported.module.split(".")
    names = {".".join(dotted[: i + 1]) for i in range(len(dotted))}
    for assignment in scope.assignments if scope else ():
        if isinstance(assignment, ImportAssignment) and assignment.node is one.statement:
            is_it = imported.name or imported.alias
            if assignment.name in ({imported.bound} if is_it else names):
                yield from (access.node for access in assignment.references)


def _range_of_name(
    text: Source, aliases: Sequence[cst.ImportAlias], alias: cst.ImportAlias, *, in_lines: bool
) -> tuple[int, int]:
    """Return what goes with one name of several: its line if it is alone there, else its comma."""
    start, end = text.start(alias), text.end(alias)
    index = next(i for i, one in enumerate(aliases) if one is alias)
    after = text.start(aliases[index + 1]) if index + 1 < len(aliases) else None
    line_end = text.text.find("\n", end) + 1
    if in_lines and _opens_line(text, alias) and (after is None or after >= line_end):
        rest = text.text[end:line_end].strip()
        if not rest.strip(",") or rest.lstrip(", \t").startswith("#"):
            return text.line_start(start), line_end
    if after is not None:
        return start, after
    before = text.end(aliases[index - 1])
    return (start, end) if "#" in text.text[before:start] else (before, end)


def _opens_line(text: Source, alias: cst.ImportAlias) -> bool:
    start = text.start(alias)
    return not text.text[text.line_start(start) : start].strip()


def _imports(node: cst.CSTNode, block: Block, *, always: bool = True) -> Iterator[_Standing]:
    """Yield each imported name but those of `import *`, in source order."""
    for child in node.children:
        if isinstance(child, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            for statement in child.body:
                if isinstance(statement, cst.Import | cst.ImportFrom):
                    for one, alias in _names(statement):
                        yield _Standing(one, alias, statement, child, block, always)
        elif not isinstance(child, cst.BaseExpression):
            inner = child if isinstance(child, Block) else block
            certain = always and not isinstance(child, Definition) and not _is_checking(child)
            yield from _imports(child, inner, always=certain)


def _names(statement: cst.Import | cst.ImportFrom) -> Iterator[tuple[Imported, cst.ImportAlias]]:
    if isinstance(statement.names, cst.ImportStar):
        return
    for alias in statement.names:
        name, known_as = alias.evaluated_name, alias.evaluated_alias
        if isinstance(statement, cst.Import):
            yield Imported(name, None, known_as), alias
        else:
            yield Imported(_module_of(statement), name, known_as), alias


def _module_of(statement: cst.ImportFrom) -> str:
    module = get_full_name_for_node(statement.module) if statement.module else ""
    return "." * len(statement.relative) + (module or "")


def _is_checking(node: cst.CSTNode) -> bool:
    name = get_full_name_for_node(node.test) if isinstance(node, cst.If) else None
    return name in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _top(module: cst.Module) -> list[cst.SimpleStatementLine]:
    """Return the lines of imports that the file begins with, after its docstring."""
    skipped = int(module.get_docstring(clean=False) is not None)
    lines = []
    for line in module.body[skipped:]:
        if not isinstance(line, cst.SimpleStatementLine) or not all(
            isinstance(one, cst.Import | cst.ImportFrom) for one in line.body
        ):
            break
        lines.append(line)
    return lines


def _section(line: cst.SimpleStatementLine) -> int:
    match line.body[-1]:
        case cst.ImportFrom() as found:
            return Imported(_module_of(found), "", None).section
        case cst.Import(names=[alias, *_]):
            return Imported(alias.evaluated_name, None, None).section
    return 2
