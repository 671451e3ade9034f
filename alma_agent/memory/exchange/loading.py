"""A folder of shared memories as values: histories by id, and which ones were forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from alma_agent.memory.exchange.folder import SharedFilesRefused, complaint_at, shared_texts
from alma_agent.memory.exchange.history import History, history_of, united
from alma_agent.memory.exchange.lines import UnreadableLine, decode
from alma_agent.memory.exchange.pages import UnreadablePage, edited, parse, shown
from alma_agent.remembered import Memory


@dataclass(frozen=True)
class Page:
    """What a page says now, and where it is."""

    path: PurePosixPath
    memory: Memory


@dataclass(frozen=True)
class Shared:
    """What a folder says. `places` tells, by id, where: `file:line`, or a page."""

    histories: Mapping[str, History] = field(default_factory=dict)
    pages: Mapping[str, Page] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[str]:
        """Yield the ids of what is not forgotten, the oldest memories first."""
        starts = {id_: one.versions[0].since for id_, one in self.histories.items()}
        starts |= {id_: one.memory.at for id_, one in self.pages.items() if id_ not in starts}
        ids = starts.keys() - self.forgotten
        return iter(sorted(ids, key=lambda id_: (starts[id_], id_)))

    def history(self, id: str, *others: History) -> History:
        """Return a memory's versions, here and in `others`, and what its page adds to them.

        A page that shows one of the versions adds nothing: it is as alma wrote it, then or now.
        """
        known = [*others, *([self.histories[id]] if id in self.histories else [])]
        page = self.pages.get(id)
        if not known:
            return history_of(self.pages[id].memory)
        history = united(known)
        if page is None or page.memory in [shown(one.memory) for one in history.versions]:
            return history
        return history.followed_by(edited(history.current, page.memory))


def load(folder: Path) -> Shared:
    """Read a folder, or one file of it. Raises SharedFilesRefused with all that is wrong in it."""
    texts = shared_texts(folder)
    problems: list[str] = []
    told: dict[str, list[History]] = {}
    forgotten: set[str] = set()
    pages: dict[str, Page] = {}
    places: dict[str, str] = {}
    for path, text in texts.items():
        if path.suffix == ".md":
            _read_page(path, text, pages, problems)
            continue
        for number, line in enumerate(text.split("\n"), 1):
            try:
                found = decode(line) if line.strip() else ""
            except UnreadableLine as error:
                problems.append(complaint_at(path, error, number))
                continue
            if isinstance(found, str):
                forgotten |= {found} - {""}
            else:
                told.setdefault(found.id, []).append(found)
                places.setdefault(found.id, f"{path}:{number}")
    if problems:
        raise SharedFilesRefused(folder, problems)
    places = {id_: str(page.path) for id_, page in pages.items()} | places
    histories = {id_: united(several) for id_, several in told.items()}
    return Shared(histories, pages, frozenset(forgotten), places)


def read_only_memories(folder: Path) -> list[Memory]:
    """Return what stands in a folder, the oldest first, without any ledger.

    Superseded memories are among them. Raises SharedFilesRefused.
    """
    shared = load(folder)
    return [shared.history(id_).current for id_ in shared]


def forgotten_in(folder: Path) -> frozenset[str]:
    """Return the ids of what a folder says was forgotten. Raises SharedFilesRefused."""
    return load(folder).forgotten


def _read_page(path: PurePosixPath, text: str, pages: dict[str, Page], problems: list[str]) -> None:
    try:
        memory = parse(text)
    except UnreadablePage as error:
        problems.append(complaint_at(path, error, error.line))
        return
    if memory.id in pages:
        other = pages[memory.id].path
        problems.append(complaint_at(path, f"is about the same memory as {other}. Remove one"))
    pages[memory.id] = Page(path, memory)
