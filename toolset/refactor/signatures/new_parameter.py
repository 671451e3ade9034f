"""A parameter that is to be added: is it sound, and where in a list of parameters does it go."""

from __future__ import annotations

import ast
import builtins
import keyword
import unicodedata
from dataclasses import dataclass
from typing import Literal

from toolset.errors import RefactoringRefused
from toolset.refactor.ranges import Replacement
from toolset.refactor.signatures.body_names import Bodies, is_bound_before, names_read
from toolset.refactor.signatures.parameters import Parameters
from toolset.refactor.signatures.uses import Definition

_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MUTABLE_CALLS = ("list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter")
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class NewParameter:
    """A parameter with a default; the annotation is empty if it has none."""

    name: str
    default: str
    annotation: str
    keyword_only: bool

    def require_sound(self) -> None:
        """Raise RefactoringRefused unless it is Python, and safe as a default."""
        if not self.name.isidentifier() or keyword.iskeyword(self.name):
            raise RefactoringRefused(f"{self.name!r} is no name that Python allows.")
        if unicodedata.normalize("NFKC", self.name) != self.name:
            seen = unicodedata.normalize("NFKC", self.name)
            raise RefactoringRefused(f"Python reads {self.name} as {seen}.")
        if self.name.startswith("__"):
            raise RefactoringRefused(f"In a class, Python would mangle {self.name}.")
        default = self._read("default", self.default)
        if self.annotation:
            self._read("annotation", self.annotation)
        if isinstance(default, _MUTABLE) or _calls(default) in _MUTABLE_CALLS:
            raise RefactoringRefused(
                f"All calls would share one {self.default}. "
                "Take None as the default, and make a new one in the body."
            )

    def _read(self, what: Literal["default", "annotation"], code: str) -> ast.expr:
        try:
            tree = ast.parse(code, mode="eval").body
            spelt = f"x={code}" if what == "default" else f"x: {code} = 0"
            found = next(
                (one.annotation if what == "annotation" else of.defaults[0])
                for of in ast.walk(ast.parse(f"def f({spelt}): pass"))
                if isinstance(of, ast.arguments)
                for one in of.args
            )
            same = found is not None and ast.dump(found) == ast.dump(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            same = False
            tree = ast.Constant(None)
        if not same or code != code.strip() or "\n" in code or "\r" in code:
            raise RefactoringRefused(
                f"{code!r} cannot stand as a {what}. Write one expression in one line."
            )
        if any(
            isinstance(n, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr)
            for n in ast.walk(tree)
        ):
            raise RefactoringRefused(f"{code!r} awaits, yields or assigns. Take a plain value.")
        return tree

    def spelt(self, default: str | None = None) -> str:
        """Return it as it is written in a list of parameters, after PEP 8."""
        value = self.default if default is None else default
        if self.annotation:
            return f"{self.name}: {self.annotation} = {value}"
        return f"{self.name}={value}"

    def is_positional_in(self, parameters: Parameters) -> bool:
        """Say whether it can be passed by position: behind `*args`, it would take one of them."""
        return not self.keyword_only and parameters.of_kind("*args") is None

    def goes_alike(self, one: Definition, other: Definition) -> bool:
        """Say whether the same call fills it in both definitions."""
        here, there = (self.is_positional_in(each.parameters) for each in (one, other))
        return here == there and (one.is_overload or one.positional == other.positional)

    def added_to(self, definition: Definition) -> Replacement:
        """Return the change of a definition's list: it goes where no call changes its meaning."""
        parameters = definition.parameters
        kinds = [one.kind for one in parameters.all]
        spelt = self.spelt("..." if definition.is_overload else None)
        if self.is_positional_in(parameters):
            ends = [i for i, kind in enumerate(kinds) if kind in ("*", "**kwargs")]
            return parameters.listing.with_item(min(ends, default=len(kinds)), spelt)
        if "*" not in kinds and "*args" not in kinds:
            spelt = f"*, {spelt}"
        last = kinds.index("**kwargs") if "**kwargs" in kinds else len(kinds)
        return parameters.listing.with_item(last, spelt)

    def require_room(self, definition: Definition) -> None:
        """Refuse where the name is taken, or where the default's names have no value yet."""
        here = definition.word.place
        if definition.parameters.named(self.name):
            raise RefactoringRefused(
                f"{here}: {definition.name} has a parameter {self.name} already."
            )
        bodies = Bodies(definition.word.source.text)
        if bodies.speaks_of(bodies.ordinal(definition), self.name):
            raise RefactoringRefused(
                f"{here}: the body of {definition.name} uses the name {self.name} already. "
                "Choose another name."
            )
        if here.path.suffix == ".pyi":
            return
        self._require_names(definition, self.default, when_called=False)
        later = "from __future__ import annotations" in definition.word.source.text
        if self.annotation:
            self._require_names(definition, self.annotation, when_called=later)

    def _require_names(self, definition: Definition, code: str, *, when_called: bool) -> None:
        for name in names_read(code):
            if name not in _BUILTINS and not is_bound_before(
                definition, name, when_called=when_called
            ):
                raise RefactoringRefused(
                    f"{name} has no value yet where {definition.name} is defined at "
                    f"{definition.word.place}. Import or define it above."
                )


def _calls(node: ast.expr) -> str:
    """Return the last name of what an expression calls; empty if it is no call."""
    if not isinstance(node, ast.Call):
        return ""
    return ast.unparse(node.func).rpartition(".")[2]
