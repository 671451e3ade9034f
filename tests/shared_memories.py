"""Memories to share, and what tests do to ledgers and to folders of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from alma_agent.memory.exchange import (
    export,
    import_,
)
from alma_agent.memory.ledger import Ledger, memories
from alma_agent.remembered import EVERYBODY, Anchor, Memory, Wanted

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = AT + timedelta(days=1)
A_PATH = PurePosixPath("src/rows.py")


def a_fact(id: str = "aa11", text: str = "Rows are read lazily.", **others: object) -> Memory:
    known = {"id": id, "at": AT, "text": text, "kind": "fact", "stratum": "cognitive"}
    return Memory(**known | others)  # type: ignore[arg-type]


A_DECISION = a_fact(
    "bb22",
    "Read CSV with the standard library.\n\nNot with pandas.",
    kind="decision",
    by="anna",
    reasoning="Pandas takes a second to import.",
    anchors=(Anchor(A_PATH, "Rows.read", "d1", "c0ffee", "def read(self): ...\n"),),
    importance=0.9,
    tags=("csv", "imports"),
    pinned=True,
    supersedes="aa11",
    metadata='{"a": 1}',
)


def keep(ledger: Ledger, *several: Memory) -> None:
    with ledger.writing() as connection:
        memories.add(connection, several)


def edit(ledger: Ledger, id: str, at: datetime, **fields: object) -> None:
    with ledger.writing() as connection:
        (old,) = memories.with_ids(connection, [id])
        memories.revise(connection, old, replace(old, **fields), at)  # type: ignore[arg-type]


def forget(ledger: Ledger, *ids: str) -> None:
    with ledger.writing() as connection:
        memories.erase(connection, ids, LATER)


def held(ledger: Ledger) -> dict[str, Memory]:
    with ledger.reading() as connection:
        wanted = Wanted(EVERYBODY, superseded=True)
        return {one.id: one for one in memories.found(connection, wanted, AT, limit=-1)}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def page_of(folder: Path, id: str) -> Path:
    (page,) = folder.rglob(f"*{id}.md")
    return page


def lines_of(folder: Path, id: str) -> Path:
    (file,) = (one for one in folder.rglob("*.jsonl") if f'"{id}"' in one.read_text("utf-8"))
    return file


def another(tmp_path: Path, name: str = "other") -> Ledger:
    return Ledger(tmp_path / f"{name}.sqlite3")


def write_line(folder: Path, **fields: object) -> Path:
    """Write a folder with one line, and return its file."""
    known = {"form": 1, "id": "aa11", "at": AT.isoformat(), "text": "x", "kind": "fact"}
    return write_lines(folder, json.dumps(known | fields))


def write_lines(folder: Path, text: str | bytes) -> Path:
    file = folder / "jsonl" / "00.jsonl"
    file.parent.mkdir(parents=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def edited_elsewhere(folder: Path, id: str, **fields: object) -> None:
    """Change a folder as if somebody had imported it, edited a memory, and exported it."""
    other = Ledger(folder.parent / "elsewhere.sqlite3")
    import_(other, folder)
    edit(other, id, LATER, **fields)
    export(other, folder)
