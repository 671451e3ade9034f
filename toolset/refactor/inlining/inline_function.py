"""Put a function's body wherever it is called, and remove the function.

For functions of a module whose body is one `return`, or a few simple statements without names of
their own; and only if every use of the name is known to be a call of it.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.imports import remove_import
from toolset.refactor.analysis.layout import Layout
from toolset.refactor.analysis.nesting import refusing_depth
from toolset.refactor.analysis.scopes import COMPREHENSIONS, NESTED, Scope, bound_by, bound_names
from toolset.refactor.analysis.substitution import Substitute, require_tree, substituted, written
from toolset.refactor.evidence import Evidence, Place, Refactoring
from toolset.refactor.inlining.arguments import Argument, bound_arguments, require_same_evaluation
from toolset.refactor.inlining.inlined_body import Body, read_body, written_body
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.references import References, find_references
from toolset.refactor.requests import InlineFunction
from toolset.refactor.target import find_definition
from toolset.refactor.words import Word
from toolset.symbols import Source


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of the function, and the word of its name there."""

    layout: Layout
    node: ast.Call
    word: Word

    @property
    def where(self) -> str:
        return f"{self.layout.path}:{self.node.lineno}"


@refusing_depth
def inline_function(draft: Draft, request: InlineFunction) -> Refactoring:
    """Stage a function's body in place of its calls. Raises RefactoringRefused, DoesNotParse."""
    defined = find_definition(draft, request.target)
    body = read_body(Layout(defined.source), defined.name)
    references = find_references(draft, defined.name, path=defined.source.path)
    uses = [word for word in references.found if word.place != references.target.place]
    layouts = {word.source.path: Layout(word.source) for word in uses}
    calls = [_call(layouts[word.place.path], word, body) for word in uses if not word.imports]
    imports = [word for word in uses if word.imports]
    _require_all_known(references, calls, imports, body)
    changed: dict[Place, tuple[str, ...]] = {
        word.place: references.engines(word.place) for word in references.found
    }
    for layout in layouts.values():
        here = [call for call in calls if call.layout is layout]
        if here:
            draft.write(layout.path, _with_body(layout, here, body))
    for path in sorted({word.place.path for word in imports}):
        _remove_import(draft, layouts[path], body.name)
    home = body.layout.path
    text = Source(draft.read(home).text)
    found = text.find(defined.name)
    draft.write(home, text.without_lines(found.start, found.end, found.node, found.block))
    public = not body.name.startswith("_")
    doubts = (f"Code outside of this project may use {body.name}.",) if public else ()
    evidence = Evidence(changed, references.leftovers(), doubts)
    return Refactoring(f"Inline {defined.address}", draft.changes(), evidence)


def _call(layout: Layout, word: Word, body: Body) -> _Call:
    """Return the call that a use of the name is. Raises RefactoringRefused if it is none."""
    for node in ast.walk(layout.tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name | ast.Attribute) and layout.end(node.func) == word.end:
            layout.code(node)
            last = body.node.end_lineno or body.node.lineno
            if layout.path == body.layout.path and body.node.lineno <= node.lineno <= last:
                raise RefactoringRefused(f"{word.place}: {body.name} calls itself.")
            return _Call(layout, node, word)
    raise RefactoringRefused(
        f"{body.name} is used at {word.place} other than in a call: {word.line_text}"
    )


def _require_all_known(
    references: References, calls: list[_Call], imports: list[Word], body: Body
) -> None:
    if not calls:
        raise RefactoringRefused(f"{body.name} is called nowhere in this project.")
    single = (call.word for call in calls if len(references.engines(call.word.place)) == 1)
    if unsure := list(single):
        raise RefactoringRefused(
            f"Whether these are calls of {body.name}, only one engine says:",
            candidates=[f"{word.place}  {word.line_text}" for word in unsure],
        )
    kinds = ("attribute", "disagree", "pattern", "name", "cannot be read")
    loose = [one for one in references.leftovers() if any(kind in one.kind for kind in kinds)]
    if loose:
        raise RefactoringRefused(
            f"These may be uses of {body.name} too. Nothing was changed:",
            candidates=[f"{one.place}  {one.kind}: {one.text}" for one in loose],
        )
    used = {call.layout.path for call in calls if isinstance(call.node.func, ast.Name)}
    if exported := [word for word in imports if word.place.path not in used]:
        raise RefactoringRefused(
            f"{body.name} is imported without a call of it; others may take it from there:",
            candidates=[f"{word.place}  {word.line_text}" for word in exported],
        )


def _with_body(layout: Layout, calls: list[_Call], body: Body) -> str:
    """Return a file's text with the body in place of each call. Raises RefactoringRefused."""
    if layout.newline != body.layout.newline and any(
        one.end_lineno != one.lineno for one in body.statements
    ):
        raise RefactoringRefused(f"{layout.path} ends its lines in another way than the function.")
    edits: list[Replacement] = []
    exchanged: dict[ast.AST, ast.AST] = {}
    substitutes: list[Substitute] = []
    for call in calls:
        given = bound_arguments(body.node, body.layout, call.node, layout)
        _require_same_names(call, body)
        if body.value is None:
            edits.append(_statements(call, body, given))
            continue
        require_same_evaluation(body.layout, body.statements[0], given, body.uses, call.where)
        if layout.has_comment(layout.start(call.node), layout.end(call.node)):
            raise RefactoringRefused(f"{call.where}: a comment in the call would be lost.")
        new, code = written_body(body, body.value, given)
        exchanged[call.node] = new
        substitutes.append(Substitute(call.node, new, code))
    text = replaced(layout.text, [*edits, *written(layout, substitutes)])
    if body.value is not None:
        require_tree(text, substituted(layout.tree, exchanged))
    return text


def _statements(call: _Call, body: Body, given: list[Argument]) -> Replacement:
    """Return the body's statements in place of a call that is a statement of its own."""
    layout = call.layout
    statement = layout.parents[call.node]
    if not isinstance(statement, ast.Expr):
        raise RefactoringRefused(
            f"{call.where}: the body of {body.name} is statements, and this call is a part of one."
        )
    rest = layout.rest_of_line(layout.end(statement))
    if not layout.opens_line(statement):
        raise RefactoringRefused(
            f"{call.where}: the body of {body.name} is statements, and this call shares its line "
            "with code before it. Put it in a line of its own first."
        )
    if rest is None or layout.has_comment(layout.start(statement), layout.end(statement)):
        raise RefactoringRefused(f"{call.where}: the call shares its lines with other text.")
    for argument in given:
        if not argument.simple:
            raise RefactoringRefused(
                f"{call.where}: {ast.unparse(argument.node)} would be evaluated at another time."
            )
        for use in body.uses.get(argument.name, []):
            inner = [one for one in body.layout.around(use) if isinstance(one, NESTED)]
            if not argument.fixed and inner and inner[0] is not body.node:
                raise RefactoringRefused(f"{call.where}: {argument.name} may be read later.")
    pieces = [written_body(body, one, given)[1] for one in body.statements]
    code = (layout.newline + layout.indent(statement)).join(pieces)
    return Replacement(layout.start(statement), layout.end(statement), code)


def _require_same_names(call: _Call, body: Body) -> None:
    """Raise RefactoringRefused where a name of the body means something else at the call."""
    layout = call.layout
    for scope in layout.around(call.node):
        hidden: set[str] = set()
        if isinstance(scope, Scope) and not isinstance(scope, ast.Module):
            hidden = bound_names(scope) & body.free
        elif isinstance(scope, COMPREHENSIONS):
            hidden = {name for one in ast.walk(scope) for name in bound_by(one)} & body.free
        if hidden:
            raise RefactoringRefused(f"{call.where}: {min(hidden)} means something else there.")
    if layout.path == body.layout.path:
        return
    ours, theirs = _imported(body.layout), _imported(layout)
    bound_here, bound_there = bound_names(body.layout.tree), bound_names(layout.tree)
    for name in sorted(body.free):
        same = name in ours and ours[name] == theirs.get(name)
        plain = name in vars(builtins) and name not in bound_here | bound_there
        if not same and (not plain or name.startswith("__")):
            raise RefactoringRefused(
                f"{call.where}: {body.name} uses {name}, which {layout.path} does not have."
            )


def _imported(layout: Layout) -> dict[str, str]:
    """Return what each name stands for that a module binds once, by an absolute import."""
    found: dict[str, str] = {}
    for node in layout.tree.body:
        if isinstance(node, ast.Import):
            for one in node.names:
                if one.asname or "." not in one.name:
                    found[one.asname or one.name] = one.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for one in node.names:
                found[one.asname or one.name] = f"{node.module}:{one.name}"
    return found


def _remove_import(draft: Draft, layout: Layout, name: str) -> None:
    for node in ast.walk(layout.tree):
        if isinstance(node, ast.ImportFrom):
            for one in node.names:
                if one.name == name and one.asname:
                    raise RefactoringRefused(
                        f"{layout.path}:{node.lineno}: {name} has another name there. "
                        "Import it by its own first."
                    )
                if one.name == name:
                    module = "." * node.level + (node.module or "")
                    text = draft.read(layout.path).text
                    draft.write(layout.path, remove_import(text, f"from {module} import {name}"))
