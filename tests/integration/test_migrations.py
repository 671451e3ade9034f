"""Ledgers of older forms: opened, kept whole, and the same as those that are made today."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from alma_agent.errors import LedgerUnavailable
from alma_agent.memory.distil import memories_of
from alma_agent.memory.ledger import Ledger, database, interactions, memories
from alma_agent.memory.ledger.database import HEAD, migrate
from alma_agent.memory.ledger.recording import keep
from alma_agent.memory.ledger.schema import tables
from alma_agent.records import Interaction
from alma_agent.remembered import EVERYBODY, Memory, Wanted
from tests.contract.test_ledger import matching
from tests.integration.old_ledger import make_old_ledger
from tests.making import (
    a_change,
    a_memory,
    an_interaction,
    an_undo,
    days_after,
    record,
)

A = PurePosixPath("a.py")
STORY = (
    an_interaction("one", files=(a_change("a.py", b"1", b"2"), a_change("b.py", b"1", None))),
    an_interaction("two", "caché «move» it", file=A, at=days_after(1)),
    an_undo("three", "one"),
)
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__, "alembic.command"])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a ledger of form 1 that holds the story."""
    make_old_ledger(tmp_path / "ledger.sqlite3", STORY)
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def opened(where: Path | str) -> Iterator[Ledger]:
    """Return a new ledger, made from the first form up."""
    ledger = Ledger(where)
    with ledger.writing() as connection:
        migrate(connection, HEAD, "0001")
        migrate(connection, "0001")
    yield ledger
    ledger.close()


def held(ledger: Ledger) -> tuple[list[Interaction], list[Memory]]:
    """Return all that happened and all memories, oldest first."""
    with ledger.reading() as connection:
        told = interactions.newest(connection, EVERYBODY, limit=10_000)
        ids = [one.id for one in reversed(told)]
        return list(reversed(told)), memories.with_ids(connection, ids)


def as_first_kept(one: Interaction) -> Memory:
    """Return the memory of an interaction as far as the first form could say it."""
    (memory,) = memories_of(one)
    return replace(memory, importance=0.5, by="")


def differences(ledger: Ledger) -> list[Any]:
    """Return what the tables have that the schema does not say, or the other way round."""

    def ours(_thing: object, name: str | None, *_: object) -> bool:
        return not (name or "").startswith(("memory_words", "ix_memory_words", "alembic"))

    with ledger.reading() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": connection.dialect.name != "sqlite",  # it tells '' from ''
            "include_object": ours,
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), tables))


def test_the_newest_migration_leads_to_the_form_that_is_known() -> None:
    config = Config()
    folder = Path(database.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_an_old_ledger_keeps_all_it_had(old: Path) -> None:
    ledger = Ledger(old)

    assert held(ledger) == (list(STORY), [as_first_kept(one) for one in STORY])
    assert matching(ledger, "cache") == ["two"]
    assert set(matching(ledger, "load")) == {"one"}
    with ledger.reading() as connection:
        of_file = interactions.newest(connection, EVERYBODY, limit=9, path=A)
        found = memories.found(connection, Wanted(path=A), days_after(9), limit=9)
    assert [one.id for one in of_file] == ["two", "one"]
    assert [one.id for one in found] == ["one"]


def test_an_old_ledger_goes_on(old: Path) -> None:
    ledger = Ledger(old)
    record(ledger, an_interaction("four", "another goal", file=A))
    keep(ledger, [a_memory("fact", "by itself", kind="fact")])

    assert [one.id for one in held(Ledger(old))[0]] == ["one", "two", "three", "four"]
    assert matching(ledger, "itself") == ["fact"]


def test_a_migrated_ledger_has_the_tables_of_a_new_one(old: Path) -> None:
    assert differences(Ledger(old)) == []


def test_a_new_ledger_has_the_tables_of_the_schema(ledger: Ledger) -> None:
    assert differences(ledger) == []


def test_up_from_the_first_form_leads_to_the_schema(opened: Ledger) -> None:
    assert differences(opened) == []


def test_down_and_up_keeps_what_the_first_form_knew(where: Path | str) -> None:
    ledger = Ledger(where)
    record(ledger, *STORY)
    keep(ledger, [a_memory("fact", "lost on the way", kind="fact")])

    with ledger.writing() as connection:
        migrate(connection, HEAD, "0001")
        names = set(sa.inspect(connection).get_table_names())
    ledger.close()
    first = {"interactions", "interaction_files", "memories", "memory_anchors", "alembic_version"}
    assert {name for name in names if not name.startswith("memory_words")} == first

    ledger = Ledger(where)
    assert held(ledger) == (list(STORY), [as_first_kept(one) for one in STORY])
    assert matching(ledger, "load") == ["one"]
    assert matching(ledger, "lost") == []
    record(ledger, an_interaction("four"))
    assert [one.id for one in held(ledger)[0]] == ["one", "two", "three", "four"]
    ledger.close()


def test_an_old_alma_finds_its_mark_after_going_down(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    record(ledger, *STORY)
    with ledger.writing() as connection:
        migrate(connection, HEAD, "0001")
    ledger.close()

    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        found = connection.execute("SELECT rowid FROM memory_words WHERE memory_words MATCH 'load'")
        assert found.fetchall() == [(1,)]


def test_an_old_alma_sees_that_a_ledger_is_newer(tmp_path: Path, old: Path) -> None:
    Ledger(old).close()
    Ledger(tmp_path / "new.sqlite3").close()

    for path in (old, tmp_path / "new.sqlite3"):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() > (1,)


def test_a_newer_form_is_refused_and_left_alone(where: Path | str) -> None:
    ledger = Ledger(where)
    with ledger.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    ledger.close()

    with pytest.raises(LedgerUnavailable, match=r"newer alma \(form 9999.*Upgrade"):
        Ledger(where)


def _open(where: Path | str) -> None:
    ledger = Ledger(where)
    record(ledger, an_interaction("four"))
    ledger.close()


def open_together(where: Path | str, times: int = 3) -> None:
    processes = [_PROCESSES.Process(target=_open, args=(where,)) for _ in range(times)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0


def test_an_old_ledger_may_be_opened_by_several_at_once(old: Path) -> None:
    open_together(old)

    assert [one.id for one in held(Ledger(old))[0]] == ["one", "two", "three", "four"]


def test_a_database_may_be_begun_by_several_at_once(where: Path | str) -> None:
    open_together(where)

    assert [one.id for one in held(Ledger(where))[0]] == ["four"]


def test_a_killed_migration_leaves_the_old_form_or_the_new(tmp_path: Path) -> None:
    moments = random.Random(3)
    several = [replace(STORY[0], id=f"i{number}") for number in range(300)]
    make_old_ledger(tmp_path / "old", several)
    old = (tmp_path / "old").read_bytes()
    forms = []
    for number in range(20):
        path = tmp_path / f"{number}.sqlite3"
        path.write_bytes(old)
        process = _PROCESSES.Process(target=_open, args=(path,))
        process.start()
        while process.is_alive() and not path.with_name(f"{path.name}.lock").exists():
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.3))
        process.kill()
        process.join()
        forms.append(form_of(path))

        told, kept = held(Ledger(path))
        assert [one.id for one in told[:300]] == [one.id for one in several]
        assert kept[:300] == [as_first_kept(one) for one in several]
    assert set(forms) <= {"first", "newest"}


def form_of(path: Path) -> str:
    """Return which form a file has, by its tables and its mark; they must say the same."""
    with closing(sqlite3.connect(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        (mark,) = connection.execute("PRAGMA user_version").fetchone()
        (count,) = connection.execute("SELECT count(*) FROM memories").fetchone()
    newest = {table.name for table in tables.sorted_tables} | {"alembic_version"}
    assert count >= 300
    assert names & newest in (newest, {
        "interactions", "interaction_files", "memories", "memory_anchors",
    })  # fmt: skip
    assert (mark == 2) == (newest <= names)
    return "newest" if newest <= names else "first"
