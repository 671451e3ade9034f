"""A request in words becomes a known refactoring, or "not mine". No model, no network.

A sentence counts only as a whole: one that is not understood to its last word is left to a model,
never half done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from keyword import iskeyword

from alma_agent.errors import UsageError
from alma_agent.records import Proposal, Recollection, Task
from toolset.draft import Draft
from toolset.workspace import Workspace

KNOWN_REQUESTS = (
    "rename load to read_csv",
    "rename the method Loader.load to read in src/loader.py",
    "load should be called read_csv",
    "renomme load en read_csv",
)

_NAME = r"[`'\"]?(?P<{}>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\(\))?[`'\"]?"
_OLD, _NEW = _NAME.format("old"), _NAME.format("new")
_KIND = (
    r"(?:(?:the|la|le|l')?\s*(?:function|method|class|variable|constant|parameter|argument|"
    r"attribute|symbol|name|fonction|méthode|classe|constante|paramètre|attribut)\s+)?"
)
_FILE = (
    r"(?:\s+(?:in|of|from|dans|de)\s+(?:(?:the file|le fichier)\s+)?"
    r"[`'\"]?(?P<file>[^\s,;]+?\.pyi?)[`'\"]?)?"
)
_END = r"\s*[.!]?"
_EVERYWHERE = r"(?:\s+(?:everywhere|throughout(?: the project)?|partout))?"
# "load should be called explicitly" is no wish for a new name.
_CALLED = r"(?:(?:called|named)(?!\s+\w+ly\b)|renamed(?:\s+to)?)"
_RENAMES = tuple(
    re.compile(pattern + _END, re.IGNORECASE)
    for pattern in (
        rf"(?:please\s+)?rename\s+{_KIND}{_OLD}{_FILE}\s+(?:to|as|into)\s+{_NEW}{_EVERYWHERE}",
        rf"(?:please\s+)?rename\s+{_KIND}{_OLD}\s+(?:to|as|into)\s+{_NEW}{_FILE}{_EVERYWHERE}",
        rf"(?:please\s+)?change\s+the\s+name\s+of\s+{_KIND}{_OLD}\s+to\s+{_NEW}{_FILE}",
        rf"{_KIND}{_OLD}{_FILE}\s+should\s+be\s+{_CALLED}\s+{_NEW}",
        rf"renomm(?:e|er|ez)\s+{_KIND}{_OLD}\s+en\s+{_NEW}{_FILE}{_EVERYWHERE}",
    )
)
_NOT_ONE_SYMBOL = frozenset(
    {"all", "everything", "it", "that", "them", "these", "this", "those", "tout"}
)
_NOT_A_NAME = frozenset(
    {"again", "everywhere", "first", "here", "last", "later", "once", "there", "twice"}
    | {"camelcase", "lowercase", "pascalcase", "snake_case", "something", "uppercase"}
)


@dataclass(frozen=True, slots=True)
class RenameRequest:
    """`old` to `new`; `file` is where the request says that `old` is, or None."""

    old: str
    new: str
    file: str | None


def understand(goal: str) -> RenameRequest | None:
    """Return the refactoring that the whole sentence asks for, or None: not mine."""
    sentence = " ".join(goal.split())
    for pattern in _RENAMES:
        if match := pattern.fullmatch(sentence):
            return _request(match["old"], match["new"], match.groupdict().get("file"))
    return None


def _request(old: str, new: str, file: str | None) -> RenameRequest | None:
    """Return the request, or None if one of the names is no name of one symbol."""
    owner, _, _ = old.rpartition(".")
    new_owner, _, new_name = new.rpartition(".")
    if new_owner not in ("", owner):  # "a.py to b.py", or a move to another class
        return None
    if old.lower() in _NOT_ONE_SYMBOL or iskeyword(old) or new.lower() in _NOT_A_NAME:
        return None
    return RenameRequest(old, new_name, file)


class Planner:
    """Proposes what an exact refactoring makes of a task."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:  # noqa: ARG002
        """Raises UsageError for a request that is not the planner's, RefactoringRefused."""
        from toolset.refactor.rename import rename  # the engines take 0.1 s to load

        request = understand(task.goal)
        if request is None:
            raise UsageError(f"The planner does not know this request: {task.goal}")
        path = self._workspace.locate(request.file) if request.file else task.file
        if path is not None:
            self._workspace.read(path)  # says what is wrong with the file, if anything is
        done = rename(Draft(self._workspace), request.old, request.new, path=path)
        return Proposal(done.changes, done.title, proposer="planner", evidence=done.evidence)
