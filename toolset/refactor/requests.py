"""What can be asked for: every refactoring by its name, with what it takes.

Plain values, and nothing heavier: the command line, the planner and the model's tools are all made
from them. `toolset.refactor.catalogue` carries them out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Holds = Literal["", "path", "paths", "address"]
"""What a field holds: a path, several, or a symbol's address that may begin with a path."""


def _about(what: str, default: Any = None, *, holds: Holds = "") -> Any:
    """A field that says what it is, and if it holds a path; required if it has no default."""
    metadata = {"help": what, "holds": holds}
    if default is None:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


_SYMBOL = "The symbol: path/file.py::Class.method, or its name alone where only one has it."
_LINES = "Where: path/file.py:10-20, lines from 1, both ends included."
_EXPRESSION = "Where: path/file.py:10, the line that the expression begins on."
_MODULE = "The file or folder (pkg/io.py, pkg), or its dotted name (pkg.io)."
_PATHS = "Files and folders; all of the project if none is named."


@dataclass(frozen=True, slots=True)
class Request:
    """A refactoring with everything it needs to know. Its docstring is what a person reads."""


@dataclass(frozen=True, slots=True)
class Targeted(Request):
    """A refactoring of one symbol."""

    target: str = _about(_SYMBOL, holds="address")


@dataclass(frozen=True, slots=True)
class InFiles(Request):
    """A refactoring of whole files."""

    paths: tuple[str, ...] = _about(_PATHS, (), holds="paths")


@dataclass(frozen=True, slots=True)
class Extract(Request):
    """A refactoring that gives a name to what stands in some lines."""

    where: str = _about(_LINES, holds="path")


@dataclass(frozen=True, slots=True)
class Rename(Targeted):
    """Rename a function, method, class, variable, parameter or attribute in the whole project."""

    new: str = _about("The new name.")
    docs: bool = _about(
        "Also change the name in docstrings, comments, strings and documents.", False
    )


@dataclass(frozen=True, slots=True)
class RenameModule(Request):
    """Give a module or a package another name, and change everything that imports it."""

    target: str = _about(_MODULE, holds="address")
    new: str = _about("The new name, without dots.")


@dataclass(frozen=True, slots=True)
class MoveSymbol(Targeted):
    """Move a class, function or variable of a module to another module."""

    to: str = _about("The file that it goes to; it is made if it is not there.", holds="path")


@dataclass(frozen=True, slots=True)
class MoveModule(Request):
    """Move a module or a package into another package."""

    target: str = _about(_MODULE, holds="address")
    to: str = _about("The folder of the package that it goes to.", holds="path")


@dataclass(frozen=True, slots=True)
class ExtractFunction(Extract):
    """Make a new function of some lines, and call it there."""

    name: str = _about("The new function's name.")


@dataclass(frozen=True, slots=True)
class ExtractMethod(Extract):
    """Make a new method of some lines of a method, and call it there."""

    name: str = _about("The new method's name.")


@dataclass(frozen=True, slots=True)
class ExtractVariable(Extract):
    """Give an expression a name in the line above it."""

    where: str = _about(_EXPRESSION, holds="path")
    expression: str = _about("The expression, as it stands there.")
    name: str = _about("The new variable's name.")
    every: bool = _about(
        "Replace the same expression wherever it means the same in the block.", False
    )


@dataclass(frozen=True, slots=True)
class ExtractConstant(Extract):
    """Give a literal a name at the top of its module."""

    where: str = _about(_EXPRESSION, holds="path")
    expression: str = _about("The literal, as it stands there.")
    name: str = _about("The new constant's name.")
    every: bool = _about("Replace every such literal in the module.", False)


@dataclass(frozen=True, slots=True)
class InlineVariable(Targeted):
    """Put a variable's value wherever it is used, and remove the variable."""

    target: str = _about("The variable: path/file.py::function.name.", holds="address")


@dataclass(frozen=True, slots=True)
class InlineFunction(Targeted):
    """Put a function's body wherever it is called, and remove the function."""


@dataclass(frozen=True, slots=True)
class AddParameter(Targeted):
    """Add a parameter with a default to a function."""

    name: str = _about("The parameter's name.")
    default: str = _about("Its default, as it is written in Python.")
    annotation: str = _about("Its type; none if empty.", "")
    keyword_only: bool = _about("Callers must name it.", False)


@dataclass(frozen=True, slots=True)
class RemoveParameter(Targeted):
    """Remove a parameter that a function does not use, and what its callers pass for it."""

    name: str = _about("The parameter's name.")


@dataclass(frozen=True, slots=True)
class ReorderParameters(Targeted):
    """Put a function's positional parameters in another order, in all calls too."""

    order: tuple[str, ...] = _about("The names in their new order, without self and cls.")


@dataclass(frozen=True, slots=True)
class MakeKeywordOnly(Targeted):
    """Make callers name parameters of a function, and let all calls do so."""

    names: tuple[str, ...] = _about("The parameters.")


@dataclass(frozen=True, slots=True)
class IntroduceDataclass(Targeted):
    """Make a dataclass of a class whose __init__ only keeps its arguments."""


@dataclass(frozen=True, slots=True)
class MethodToFunction(Targeted):
    """Make a module's function of a method, and change its calls."""


@dataclass(frozen=True, slots=True)
class FunctionToMethod(Targeted):
    """Make a method of a function whose first parameter is the object, and change its calls."""

    into: str = _about("The class, in the same file.")


@dataclass(frozen=True, slots=True)
class EncapsulateAttribute(Targeted):
    """Make a property of an attribute, over a private attribute of the same name."""

    target: str = _about("The attribute: path/file.py::Class.name.", holds="address")


@dataclass(frozen=True, slots=True)
class RemoveUnusedImports(InFiles):
    """Remove imports that nothing uses."""


@dataclass(frozen=True, slots=True)
class SortImports(InFiles):
    """Sort imports, in the order that the project's own ruff settings ask for."""


@dataclass(frozen=True, slots=True)
class UseFStrings(InFiles):
    """Write f-strings in place of % and .format()."""


@dataclass(frozen=True, slots=True)
class UsePathlib(InFiles):
    """Write pathlib in place of os.path."""


@dataclass(frozen=True, slots=True)
class UseLogging(InFiles):
    """Write calls of a module's logger in place of print()."""

    level: str = _about("debug, info, warning or error.", "info")


@dataclass(frozen=True, slots=True)
class UpgradeTyping(InFiles):
    """Write types as a version of Python writes them: list[int], X | None."""

    to: str = _about(
        "The oldest Python that must run it, such as 3.11; the project's if empty.", ""
    )


@dataclass(frozen=True, slots=True)
class AddTypeHints(InFiles):
    """Add type hints that can be proven from literals, defaults and returns."""


@dataclass(frozen=True, slots=True)
class AddDocstrings(InFiles):
    """Add docstring skeletons to public classes and functions that have none."""


@dataclass(frozen=True, slots=True)
class ReplacePattern(Request):
    """Replace a pattern by a template, in any language that ast-grep reads."""

    pattern: str = _about("What to find; $A stands for one node, $$$A for any number.")
    template: str = _about("What to write, with the same variables.")
    paths: tuple[str, ...] = _about(_PATHS, (), holds="paths")
    language: str = _about("The language.", "python")
