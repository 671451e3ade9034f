"""The ledger on a real disk: several writers, killed writers, damaged files, what is forgotten."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier

import pytest

from alma_agent.errors import LedgerUnavailable
from alma_agent.memory.ledger import Ledger, interactions, memories, recording, word_index
from alma_agent.memory.ledger.recording import keep
from alma_agent.remembered import EVERYBODY, Wanted
from tests.databases import new_database, server
from tests.making import START, a_memory, an_interaction, record

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])  # writers start at once, with nothing opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def all_ids(ledger: Ledger) -> list[str]:
    """Return the ids of all memories, as they were written."""
    with ledger.reading() as connection:
        found = memories.found(connection, Wanted(EVERYBODY), START, limit=-1)
    return [one.id for one in reversed(found)]


def told(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        newest = interactions.newest(connection, EVERYBODY, limit=10_000)
    return [one.id for one in reversed(newest)]


def said(ledger: Ledger, word: str) -> list[str]:
    """Return the memories that hold a word in their text, in their context, or around."""
    with ledger.reading() as connection:
        within = memories.condition(Wanted(EVERYBODY), START)
        return sorted(word_index.matching(connection, [word], within, limit=10_000))


def write(path: Path, name: str, count: int, acknowledged: Connection) -> None:
    """Write interactions and memories by turns, and say of each that it is written."""
    ledger = Ledger(path)
    for number in range(count):
        one = f"{name}-{number}"
        if number % 2:
            keep(ledger, [a_memory(one, f"say {one}", session="talk", tags=("t",))])
        else:
            record(ledger, an_interaction(one))
        acknowledged.send(one)
    acknowledged.send("")
    time.sleep(600)


@contextmanager
def writers(path: Path, names: str, count: int = 100_000) -> Iterator[list[Connection]]:
    """Start processes that write, and yield where they say what; kill them at the end."""
    ends, processes = [], []
    for name in names.split():
        end, other_end = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=write, args=(path, name, count, other_end))
        process.start()
        other_end.close()
        ends.append(end)
        processes.append(process)
    try:
        yield ends
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.join()


def said_by(end: Connection) -> list[str]:
    """Return all that a writer says, until it is done or dead."""
    heard: list[str] = []
    with suppress(EOFError):
        while one := end.recv():
            heard.append(one)
    return heard


def test_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    with writers(path, "a b c", 26) as ends:
        written = [said_by(end) for end in ends]

    ledger = Ledger(path)
    assert [len(one) for one in written] == [26] * 3
    assert sorted(all_ids(ledger)) == sorted(id_ for one in written for id_ in one)
    assert len(told(ledger)) == len(said(ledger, "load")) == 39


def test_a_ledger_can_be_begun_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(5):
            path, together = tmp_path / f"{number}.sqlite3", Barrier(8)

            def begin(name: int, path: Path = path, together: Barrier = together) -> None:
                together.wait()
                record(Ledger(path), an_interaction(str(name)))

            list(pool.map(begin, range(8)))
            assert len(told(Ledger(path))) == 8


def survivors_of_kills(path: Path, *, times: int) -> tuple[set[str], list[float]]:
    """Kill two writers again and again, each at a random moment.

    Returns what they said that they had written, and how long each opening afterwards took, in s.
    """
    moments = random.Random(5)
    acknowledged: set[str] = set()
    openings = []
    for number in range(times // 2):
        with writers(path, f"a{number} b{number}") as ends:
            acknowledged.add(ends[0].recv())  # they have begun
            time.sleep(moments.uniform(0, 0.2))
        acknowledged |= {one for end in ends for one in said_by(end)}
        started = time.perf_counter()
        Ledger(path).close()
        openings.append(time.perf_counter() - started)
    return acknowledged, openings


def assert_whole(path: Path, acknowledged: set[str]) -> None:
    """Nothing acknowledged is missing; words, rows and labels say the same."""
    ledger = Ledger(path)
    known = set(all_ids(ledger))
    assert acknowledged <= known
    assert set(told(ledger)) == {one for one in known if int(one.split("-")[1]) % 2 == 0}
    kept = known - set(told(ledger))
    assert set(said(ledger, "say")) == {one for one in kept if not one.startswith("old")}
    with ledger.reading() as connection:
        assert word_index.missing(connection) == []
    with ledger.writing() as connection:
        stale = connection.exec_driver_sql(
            "SELECT count(*) FROM memory_words WHERE rowid NOT IN (SELECT seq FROM memories)"
        ).scalar_one()
        connection.exec_driver_sql(
            "INSERT INTO memory_words(memory_words) VALUES('integrity-check')"
        )
        assert stale == 0
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    ledger.close()


def test_no_kill_loses_what_was_acknowledged(path: Path) -> None:
    acknowledged, _ = survivors_of_kills(path, times=10)

    assert acknowledged
    assert_whole(path, acknowledged)


@pytest.mark.slow
@pytest.mark.parametrize("quarter", range(4))  # side by side, on as many cores
def test_two_hundred_kills_lose_nothing_that_was_acknowledged(path: Path, quarter: int) -> None:  # noqa: ARG001
    ledger = Ledger(path)
    keep(ledger, [a_memory(f"old-{number}", tags=("t",)) for number in range(1, 20_000, 2)])
    ledger.close()

    acknowledged, openings = survivors_of_kills(path, times=50)

    print(f"{len(acknowledged)} acknowledged; opening took at most {max(openings):.2f} s")
    assert_whole(path, acknowledged)


def test_a_record_is_whole_or_not_there(path: Path) -> None:
    ledger = Ledger(path)
    with pytest.raises(LedgerUnavailable):
        recording.record(ledger, an_interaction("abc"), [a_memory("abc", interaction="no such")])

    assert told(ledger) == []
    assert all_ids(ledger) == []


def test_the_file_is_its_owner_s_alone(path: Path) -> None:
    ledger = Ledger(path)
    record(ledger, an_interaction("abc"))

    modes = {stat.S_IMODE(one.stat().st_mode) for one in path.parent.glob("ledger.sqlite3*")}
    assert modes == {0o600}


def test_opening_again_keeps_what_is_there(path: Path) -> None:
    record(Ledger(path), an_interaction("abc"))

    assert told(Ledger(path)) == ["abc"]


def test_a_path_may_hold_any_sign(tmp_path: Path) -> None:
    path = tmp_path / "a?b=c#d %20 é.sqlite3"
    record(Ledger(path), an_interaction("abc"))

    assert path.exists()
    assert told(Ledger(path)) == ["abc"]


def test_an_empty_file_is_begun(path: Path) -> None:
    path.touch()
    record(Ledger(path), an_interaction("abc"))

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"this is no database" * 100, id="something else"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 4_000, id="a good name, bad pages"),
    ],
)
def test_a_damaged_file_is_refused_with_a_cure_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(LedgerUnavailable, match=r"ledger\.sqlite3 cannot be used.*move it away"):
        Ledger(path)

    assert path.read_bytes() == content


def test_a_file_damaged_in_the_middle_is_told_when_it_is_read(path: Path) -> None:
    ledger = Ledger(path)
    record(ledger, *(an_interaction(f"i{number}", "g" * 3_000) for number in range(20)))
    ledger.close()
    data = path.read_bytes()
    path.write_bytes(data[:4_096] + b"\xff" * (len(data) - 4_096))

    with pytest.raises(LedgerUnavailable, match="move it away"):
        told(Ledger(path))


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()

    with pytest.raises(LedgerUnavailable, match="unable to open database file"):
        Ledger(path)


def test_a_ledger_opened_by_two_sees_what_the_other_writes(path: Path) -> None:
    ledger, other = Ledger(path), Ledger(path)
    assert all_ids(other) == []

    record(ledger, an_interaction("abc"))

    assert all_ids(other) == ["abc"]


def test_a_mistake_in_a_transaction_is_not_blamed_on_the_ledger(path: Path) -> None:
    def read_something_else() -> None:
        with Ledger(path).reading():
            (path.parent / "no such file").read_text()

    with pytest.raises(FileNotFoundError):
        read_something_else()


def test_nothing_of_what_was_forgotten_is_left_in_the_files(path: Path) -> None:
    ledger = Ledger(path)
    secret = {"text": "hushhush", "reasoning": "hushwhy", "by": "hushwho", "tags": ("hushtag",)}
    keep(ledger, [a_memory(f"m{number}", f"say {number}", session="s") for number in range(50)])
    keep(ledger, [a_memory("secret", session="s", **secret)])
    keep(ledger, [a_memory(f"n{number}", f"say {number}", session="s") for number in range(50)])
    with ledger.writing() as connection:
        (old,) = memories.with_ids(connection, ["secret"])
        memories.revise(connection, old, a_memory("secret", "hushagain", session="s"), START)
    assert b"hush" in everything_in(path)

    with ledger.writing() as connection:
        memories.erase(connection, ["secret"], START)
    ledger.vacuum()

    assert b"hush" not in everything_in(path)
    assert len(all_ids(ledger)) == 100


def everything_in(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))


def test_forgetting_says_when_somebody_else_still_reads(path: Path) -> None:
    ledger, other = Ledger(path), Ledger(path)
    keep(ledger, [a_memory("one")])

    with other.reading() as connection:
        memories.found(connection, Wanted(), START, limit=9)
        quick = ledger._engine.raw_connection()
        quick.driver_connection.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr]
        quick.close()
        with pytest.raises(LedgerUnavailable, match="goes on reading"):
            ledger.vacuum()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("ledger.sqlite3", "cannot be read.*postgresql://"),
        ("mysql://me:hush@there/db", "begins with postgresql://"),
        ("sqlite:///ledger.sqlite3", "a SQLite file is given by its path"),
        ("postgresql://me:hush@127.0.0.1:1/db?connect_timeout=2", "Check that the server runs"),
        ("postgresql://me:hush@127.0.0.1:1/db?nonsense=1", "cannot be used"),
        ("postgresql://me:hush@there:port/db", "cannot be read"),
    ],
)
def test_an_address_that_leads_nowhere_is_explained(address: str, message: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(LedgerUnavailable, match=message) as refused:
        Ledger(address)

    assert "hush" not in str(refused.value)


def test_a_wrong_password_is_told_but_not_shown() -> None:
    import psycopg

    url = new_database()
    rules = Path(server().pgdata) / "pg_hba.conf"
    rules.write_text("local all guarded scram-sha-256\n" + rules.read_text())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.3)

    with pytest.raises(LedgerUnavailable, match="password authentication failed") as refused:
        Ledger(url.replace("postgres:@", "guarded:hushhush@"))

    assert "hushhush" not in str(refused.value)


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(LedgerUnavailable, match=r"pip install 'alma-agent\[postgresql\]'"):
        Ledger("postgresql://me@there/db")
