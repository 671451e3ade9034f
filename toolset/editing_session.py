"""Work on one file: what it consists of, and what is remembered about it.

The shape is that of the design's document 000. The memory is handed in, for the toolset knows
none of its own; whatever can `search` will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from toolset.arguments import require_path
from toolset.structure import Structure, structure_of
from toolset.workspace import Workspace

_STRATA = "cognitive"  # where the design keeps what was said and decided about files


class Memory(Protocol):
    """What an editing session asks of a memory."""

    def search(self, *, content_filter: str, strata: str) -> Iterable[Mapping[str, Any]]:
        """Return memories that speak of `content_filter`, a path, each with its `content`."""
        ...


@dataclass(frozen=True, slots=True)
class ContextualMemory:
    """What is remembered about a file; false if it is nothing. `note` then says why.

    As a string it is a list of the memories' contents, ready for a prompt.
    """

    file_path: str
    memories: tuple[Mapping[str, Any], ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.memories)

    def __str__(self) -> str:
        return "\n".join(f"- {one.get('content', '')}" for one in self.memories) or self.note

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists."""
        memories = [dict(one) for one in self.memories]
        return {"file_path": self.file_path, "memories": memories, "note": self.note}


class EditingSession:
    """One file that is about to be edited, in the workspace that it lies in.

    A relative path starts at the current folder. Raises PathRefused for a path that alma does not
    touch, WrongArgument for what is no path; the file itself is read only when it is asked about.
    """

    def __init__(self, file_path: str | Path, memory: Memory | None = None) -> None:
        require_path(file_path=file_path)
        start = Path.cwd() / file_path
        folder = next(one for one in start.parents if one.is_dir())
        self.workspace = Workspace.around(folder)
        self.path = self.workspace.locate(start)
        self._memory = memory

    def analyze_file_structure(self) -> Structure:
        """Read the file as it is now: symbols, imports, scopes, cognitive complexity.

        Raises FileMissing, NotText, DoesNotParse at the true line.
        """
        return structure_of(self.workspace.read(self.path))

    def get_contextual_memory(self) -> ContextualMemory:
        """Return what the memory says about the file, in its order. Raises what the memory does."""
        path = str(self.path)
        if self._memory is None:
            return ContextualMemory(path, note="No memory was given to this session.")
        found = tuple(self._memory.search(content_filter=path, strata=_STRATA))
        return ContextualMemory(path, found, "" if found else f"Nothing is remembered of {path}.")
