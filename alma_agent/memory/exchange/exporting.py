"""From the ledger to a folder of shared memories: the same ledger, the same bytes.

Writes only where it wrote before, or where nothing is, and never over what others put there and
the ledger does not know.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from alma_agent.errors import UsageError
from alma_agent.memory.exchange import pages
from alma_agent.memory.exchange.folder import (
    ATTRIBUTES,
    LINES,
    PAGES,
    is_lines_file,
    is_page_file,
    lines_file,
    page_file,
)
from alma_agent.memory.exchange.history import History, history_of
from alma_agent.memory.exchange.lines import encode, encode_forgotten
from alma_agent.memory.exchange.loading import load
from alma_agent.memory.ledger import Ledger, histories, memories
from alma_agent.remembered import Wanted

SHARED = Wanted(kinds=("fact", "preference", "decision", "lesson", "summary"), superseded=True)
_MARK = "# Written by `alma memory export`; read by `alma memory import`."
_ATTRIBUTES = f"""\
{_MARK}
# Of two people who edit one memory, both lines stay: alma takes the newer, and keeps the other.
*.jsonl text eol=lf merge=union
*.md text eol=lf
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported: memories by kind, ids of forgotten ones, and the files that changed."""

    memories: Mapping[str, int] = field(default_factory=dict)
    forgotten: int = 0
    written: tuple[PurePosixPath, ...] = ()
    removed: tuple[PurePosixPath, ...] = ()


def export(ledger: Ledger, folder: Path, wanted: Wanted = SHARED) -> Exported:
    """Write memories into a folder, and remove from it what is no longer wanted.

    Expired memories stay at home, as do links to interactions. Raises UsageError if the folder
    holds other things, or what the ledger has not heard, SharedFilesRefused if it is unreadable.
    """
    with ledger.reading() as connection:
        found = memories.found(connection, wanted, datetime.now(UTC), limit=-1)
        chosen = [history_of(one, memories.revisions(connection, one.id)) for one in found]
        gone = histories.forgotten(connection)
        if _is_ours(folder):
            _require_known(connection, folder, gone)
    return _written(folder, chosen, gone)


def forget_in(folder: Path, ids: Collection[str]) -> Exported:
    """Take memories out of an exported folder, and out of what other pages say of them.

    Only their ids stay. Does nothing where there is no such folder. Raises SharedFilesRefused.
    """
    if not _is_ours(folder):
        return Exported()
    shared = load(folder)
    gone = shared.forgotten | set(ids)
    return _written(folder, [shared.history(id_) for id_ in shared if id_ not in gone], gone)


def files_of(chosen: Iterable[History], gone: Iterable[str]) -> dict[PurePosixPath, str]:
    """Return the files that tell of memories, and of forgotten ones. Pure."""
    by_id = {one.id: one for one in chosen}
    told = {id_: encode(one) for id_, one in by_id.items()}
    told |= {id_: encode_forgotten(id_) for id_ in gone}
    lines: dict[PurePosixPath, list[str]] = defaultdict(list)
    for id_ in sorted(told):
        lines[lines_file(id_)].append(f"{told[id_]}\n")
    besides = {id_: pages.Beside(one.current.text, page_file(one)) for id_, one in by_id.items()}
    successors: dict[str, list[pages.Beside]] = defaultdict(list)
    for id_ in sorted(by_id):
        successors[by_id[id_].current.supersedes].append(besides[id_])
    texts = {ATTRIBUTES: _ATTRIBUTES} | {path: "".join(of) for path, of in lines.items()}
    for id_, one in by_id.items():
        replaced = besides.get(one.current.supersedes)
        texts[besides[id_].path] = pages.render(one.current, replaced, successors[id_])
    return texts


def _require_known(connection: Any, folder: Path, gone: frozenset[str]) -> None:
    """Raise UsageError if a folder says what the ledger has not heard."""
    shared = load(folder)
    held = {one.id: one for one in memories.with_ids(connection, shared)}
    news = sum(id_ not in gone for id_ in shared.forgotten)
    for id_ in shared:
        if id_ in held:
            known = history_of(held[id_], memories.revisions(connection, id_))
            news += shared.history(id_, known) != known
        else:
            news += id_ not in gone
    if news:
        raise UsageError(
            f"{folder} says {news} things that the ledger has not heard: somebody else's, or edits "
            "by hand. Nothing was written. Take them first: alma memory import."
        )


def _is_ours(folder: Path) -> bool:
    """Say whether alma wrote a folder. Raises UsageError if something else is in the way."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is a link or a file. Name a folder.")
    if not folder.exists() or not os.listdir(folder):  # noqa: PTH208 - is anything there?
        return False
    attributes = folder / ATTRIBUTES
    if attributes.is_file() and _MARK in attributes.read_text("utf-8", errors="replace"):
        return True
    raise UsageError(
        f"{folder} holds other things than memories. Nothing was written. Name another folder, or "
        "one that is not there."
    )


def _written(folder: Path, chosen: Sequence[History], gone: Collection[str]) -> Exported:
    texts = files_of(chosen, gone)
    for inside in {path.parent for path in texts} | {LINES, *PAGES.values()}:
        if (folder / inside).is_symlink():
            raise UsageError(f"{folder / inside} is a link. Remove it; nothing was written.")
    written = [path for path in sorted(texts) if _write(folder / path, texts[path].encode())]
    removed = [path for path in _held(folder) if path not in texts]
    for path in removed:
        (folder / path).unlink()
    return Exported(
        dict(sorted(Counter(one.current.kind for one in chosen).items())),
        len(gone),
        tuple(written),
        tuple(removed),
    )


def _held(folder: Path) -> list[PurePosixPath]:
    """Return the files of shared memories that are in a folder."""
    homes = [inside for inside in (LINES, *PAGES.values()) if (folder / inside).is_dir()]
    paths = [inside / name for inside in homes for name in os.listdir(folder / inside)]  # noqa: PTH208
    return sorted(path for path in paths if is_lines_file(path) or is_page_file(path))


def _write(path: Path, data: bytes) -> bool:
    """Make a file hold these bytes, whole or not at all; return whether it did not."""
    if not path.is_symlink() and path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(descriptor, 0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return True
