"""Put a variable's value wherever it is used, and remove the variable.

Only where the value is the same at each use: nothing assigns its names in between, nothing that
may change it is called, and what has effects of its own is evaluated once, when it was before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.bytecode import same_steps
from toolset.refactor.analysis.name_readers import require_names_unread
from toolset.refactor.analysis.nesting import refusing_depth
from toolset.refactor.analysis.substitution import Substitute, require_tree, substituted, written
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.inlining.local_words import frequent_local, spoken_of
from toolset.refactor.inlining.single_assignment import Variable, read_variable, value_doubts
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.references import References, find_references
from toolset.refactor.requests import InlineVariable
from toolset.refactor.target import parse_target
from toolset.refactor.words import Word


@refusing_depth
def inline_variable(draft: Draft, request: InlineVariable) -> Refactoring:
    """Stage a variable's value in place of its name. Raises RefactoringRefused, DoesNotParse."""
    path, name = parse_target(draft, request.target)
    target, references = frequent_local(draft, name, path), None
    if target is None:
        references = find_references(draft, name, path=path)
        target = references.target
    variable = read_variable(target)
    layout = variable.layout
    require_names_unread(layout, variable.assignment, variable.name)
    places = _places(variable, references.found if references else ())
    doubts = value_doubts(variable)
    text = _inlined(variable)
    draft.write(layout.path, text)
    seen = ("bytecode",) if same_steps(layout.text, text, variable.name) else ()
    changed: dict[Place, tuple[str, ...]] = {
        place: (*(references.engines(place) if references else ()), "scopes", *seen)
        for place in places
    }
    left = _leftovers(variable, references) if references else spoken_of(target, variable.scope)
    address = f"{layout.path}::{f'{target.scope}.' if target.scope else ''}{variable.name}"
    return Refactoring(f"Inline {address}", draft.changes(), Evidence(changed, left, doubts))


def _inlined(variable: Variable) -> str:
    """Return the file's text without the assignment, and the value in place of each use."""
    layout = variable.layout
    code = layout.code(variable.value)
    gone = _removal(variable)
    substitutes = [Substitute(use, variable.value, code) for use in variable.uses]
    text = replaced(layout.text, [gone, *written(layout, substitutes)])
    expected = substituted(layout.tree, dict.fromkeys(variable.uses, variable.value))
    require_tree(text, expected, without=variable.assignment)
    return text


def _places(variable: Variable, found: Iterable[Word]) -> list[Place]:
    """Return the places that change. Raises RefactoringRefused if an engine knows of another."""
    layout = variable.layout
    for use in variable.uses:
        layout.code(use)
    ours = [layout.place(layout.start(one)) for one in (variable.target, *variable.uses)]
    # rope takes the keyword of a call of something unknown for the variable: `unknown(x=1)`.
    others = [word for word in found if word.place not in ours and word.kind != "keyword"]
    if others:
        raise RefactoringRefused(
            f"{variable.where}: {variable.name} is also used where its value cannot be put:",
            candidates=[f"{word.place}  {word.line_text}" for word in others],
        )
    return ours


def _leftovers(variable: Variable, references: References) -> tuple[Leftover, ...]:
    """Return what speaks of the variable; of a function's own, only what stands in the function."""
    scope = variable.scope
    if isinstance(scope, ast.Module):
        return references.leftovers()
    last = getattr(scope, "end_lineno", 0)
    return tuple(
        one
        for one in references.leftovers()
        if one.place.path == variable.layout.path
        and scope.lineno <= one.place.line <= last
        and "attribute" not in one.kind
    )


def _removal(variable: Variable) -> Replacement:
    """Return what takes the assignment's lines away; its comment stays, in a line of its own."""
    layout, statement = variable.layout, variable.assignment
    start, end = layout.start(statement), layout.end(statement)
    comment = layout.rest_of_line(end)
    rest = layout.text[end : layout.next_line(end)].partition("#")[0]
    if comment is None or ";" in rest or not layout.opens_line(statement):
        raise RefactoringRefused(f"{variable.where}: the assignment shares its line.")
    code_start, code_end = layout.start(variable.value), layout.end(variable.value)
    if layout.has_comment(start, code_start) or layout.has_comment(code_end, end):
        raise RefactoringRefused(f"{variable.where}: a comment in it would be lost.")
    first, after = layout.line_start(start), layout.next_line(end)
    if comment:
        return Replacement(start, first + len(layout.text[first:after].rstrip()), comment)
    above = _blank_lines(r"(?:^[ \t\f]*\r?\n)*\Z", layout.text[:first])
    blank = _blank_lines(r"\A(?:[ \t\f]*\r?\n)*", layout.text[after:])
    opens = layout.block(statement)[0] is statement and not above
    spare = len(blank) if opens else min(len(above), len(blank))
    return Replacement(first, after + len("".join(blank[:spare])), "")


def _blank_lines(pattern: str, text: str) -> list[str]:
    found = re.search(pattern, text, re.MULTILINE)
    return found[0].splitlines(keepends=True) if found else []
