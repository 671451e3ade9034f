"""What a name counts for besides naming: in enums, in printed fields, in mangling, in star imports.

Here no engine can err or be right; what a person should know is said, or the rename is refused.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from toolset.checks import parse
from toolset.errors import RefactoringRefused
from toolset.refactor.fields import is_field, owner_of
from toolset.refactor.positions import last_name
from toolset.refactor.pytest_names import collected_otherwise
from toolset.refactor.references import References
from toolset.refactor.words import Word
from toolset.workspace import SourceFile

_STAR = re.compile(r"^\s*from\s+\S+\s+import\s+\*", re.MULTILINE)
_READ_AS_DATA = re.compile(r"\b(asdict|astuple|fields|__dict__|vars|model_dump)\b")
_ALL_LOCALS = re.compile(r"\b(locals|vars|eval|exec|dir)\(")
_SHOWS_ITSELF = re.compile(r"[\w.\[\]()'\"]*\s*=\s*(?:![rsa])?(?::[^{}]*)?\}")


def require_own_name(references: References, new: str) -> None:
    """Raise RefactoringRefused where Python itself makes more of the old name, or of the new."""
    target, name = references.target, references.name.rpartition(".")[2]
    owners = {(w.place.path, w.scope) for w in references.words if w.binds and w.is_member}
    if target.is_member and name.startswith("__") and len(owners) > 1:
        raise RefactoringRefused(
            f"Several classes have a {name}, each its own, since Python mangles the name; the "
            "engines take them for one. Nothing was changed. Rename it by hand."
        )
    hidden = new.startswith("_") and not name.startswith("_") and not target.scope
    if hidden and any(_STAR.search(word.source.text) for word in references.words):
        raise RefactoringRefused(
            f"{new} begins with an underscore, which `import *` passes over. Nothing was changed. "
            "Import it by its name first."
        )


def name_doubts(references: References, new: str, texts: Iterable[SourceFile]) -> tuple[str, ...]:
    """Return a sentence for each place where the name itself is read as the program runs."""
    target, name = references.target, references.name.rpartition(".")[2]
    told = [
        f"{word.place}: an f-string prints the name"
        for word in references.found
        if _prints_its_name(word)
    ]
    if collected := collected_otherwise(target, name, new):
        told.append(collected)
    if target.is_member:
        told += _of_member(target, name, texts)
    elif target.scope:
        told += _of_local(target, name)
    return tuple(told)


def _of_member(target: Word, name: str, texts: Iterable[SourceFile]) -> Iterator[str]:
    owner = owner_of(target)
    if owner is None:
        return
    bases = {last_name(base) for base in owner.bases}
    if any(base.endswith(("Enum", "Flag")) for base in bases):
        yield f"{name} is the name of a member of the enum {owner.name}, and can be read as one"
    if is_field(target):
        reads = next((one.path for one in texts if _READ_AS_DATA.search(one.text)), None)
        if reads:
            yield f"{reads} reads objects by the names of their fields"
    if "Protocol" in bases:
        yield f"classes that fit the protocol {owner.name} have to have {name}"


def _of_local(target: Word, name: str) -> Iterator[str]:
    for node in ast.walk(parse(target.source.path, target.source.state)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            ends = node.end_lineno or node.lineno
            inside = node.lineno <= target.place.line <= ends
            lines = target.source.text.split("\n")[node.lineno - 1 : ends]
            if inside and _ALL_LOCALS.search("\n".join(lines)):
                yield f"{node.name} may read {name} by its name"
                return


def _prints_its_name(word: Word) -> bool:
    """Say whether it stands in `f"{name=}"`."""
    before, _, _ = word.source.text[: word.start].rpartition("\n")
    line_start = len(before) + 1 if before else 0
    opened = word.source.text[line_start : word.start]
    if opened.count("{") <= opened.count("}") or not re.search(r"(?i)\bf?r?f['\"]", opened):
        return False
    return bool(_SHOWS_ITSELF.match(word.source.text, word.end))
