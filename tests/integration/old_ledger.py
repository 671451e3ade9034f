"""A ledger as alma made it before there were migrations: form 1."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from alma_agent import codec
from alma_agent.memory.distil import memories_of
from alma_agent.records import Interaction

_DDL = """
CREATE TABLE interactions (
    seq INTEGER NOT NULL, id VARCHAR NOT NULL, at VARCHAR NOT NULL, goal TEXT NOT NULL,
    outcome VARCHAR NOT NULL, body TEXT NOT NULL, PRIMARY KEY (seq), UNIQUE (id)
);
CREATE TABLE interaction_files (
    interaction VARCHAR NOT NULL, path VARCHAR NOT NULL, PRIMARY KEY (interaction, path),
    FOREIGN KEY(interaction) REFERENCES interactions (id)
);
CREATE TABLE memories (
    seq INTEGER NOT NULL, id VARCHAR NOT NULL, at VARCHAR NOT NULL, text TEXT NOT NULL,
    interaction VARCHAR NOT NULL, outcome VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    stratum VARCHAR NOT NULL, PRIMARY KEY (seq), UNIQUE (id),
    FOREIGN KEY(interaction) REFERENCES interactions (id)
);
CREATE TABLE memory_anchors (
    memory VARCHAR NOT NULL, path VARCHAR NOT NULL, digest VARCHAR, PRIMARY KEY (memory, path),
    FOREIGN KEY(memory) REFERENCES memories (id)
);
CREATE INDEX ix_interaction_files_path ON interaction_files (path);
CREATE INDEX ix_memory_anchors_path ON memory_anchors (path);
CREATE VIRTUAL TABLE memory_words USING fts5(words, content='', tokenize='porter unicode61');
PRAGMA user_version = 1;
"""


def make_old_ledger(path: Path, told: Iterable[Interaction]) -> None:
    """Write interactions, and a memory of each, as the first alma did."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_DDL)
        with connection:
            for one in told:
                _write(connection, one)


def _write(connection: sqlite3.Connection, one: Interaction) -> None:
    at, outcome = one.at.isoformat(), one.outcome.kind
    connection.execute(
        "INSERT INTO interactions (id, at, goal, outcome, body) VALUES (?, ?, ?, ?, ?)",
        (one.id, at, one.goal, outcome, codec.encode(one)),
    )
    paths = {str(path) for path in (*(file.path for file in one.files), one.file) if path}
    connection.executemany(
        "INSERT INTO interaction_files VALUES (?, ?)", [(one.id, path) for path in sorted(paths)]
    )
    (memory,) = memories_of(one)
    seq = connection.execute(
        "INSERT INTO memories (id, at, text, interaction, outcome, kind, stratum) "
        "VALUES (?, ?, ?, ?, ?, 'interaction', 'somatic')",
        (memory.id, at, memory.text, one.id, outcome),
    ).lastrowid
    connection.executemany(
        "INSERT INTO memory_anchors VALUES (?, ?, ?)",
        [(memory.id, str(anchor.path), anchor.digest) for anchor in memory.anchors],
    )
    connection.execute(
        "INSERT INTO memory_words (rowid, words) VALUES (?, ?)", (seq, memory.text.lower())
    )
