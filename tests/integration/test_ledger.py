"""The ledger on a real disk: several writers, a killed writer, a damaged file, odd questions."""

from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from threading import Barrier

import pytest

from alma_agent.errors import LedgerUnavailable
from alma_agent.memory.ledger import Ledger
from tests.making import a_change, a_memory, an_interaction, record

ROOT = Path(__file__).parents[2]
_WRITER = """
import sys
from pathlib import Path
from alma_agent.memory.ledger import Ledger
from tests.making import an_interaction, record

path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
ledger = Ledger(path)
for number in range(count):
    record(ledger, an_interaction(f"{name}-{number}"))
    print(number, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def ledger(path: Path) -> Ledger:
    return Ledger(path)


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    """Start a process that waits for a line, then records `count` interactions, then waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), name, str(count)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def test_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    writers = [writer(path, name, 25) for name in "abcd"]
    for process in writers:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate()[0].split()[-1] for process in writers]

    ledger = Ledger(path)
    assert ends == ["24"] * 4
    expected = {f"{name}-{number}" for name in "abcd" for number in range(25)}
    assert {one.id for one in ledger.interactions(limit=1_000)} == expected
    assert len(ledger.memory_ids()) == 100
    assert len(ledger.memories_with_words("load", limit=1_000)) == 100


def test_a_ledger_can_be_begun_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            path, together = tmp_path / f"{number}.sqlite3", Barrier(8)

            def begin(name: int, path: Path = path, together: Barrier = together) -> None:
                together.wait()
                record(Ledger(path), an_interaction(str(name)))

            list(pool.map(begin, range(8)))
            assert len(Ledger(path).interactions(limit=9)) == 8


def test_what_was_acknowledged_outlives_a_killed_writer(path: Path) -> None:
    with writer(path, "a", 3) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("go\n")
        process.stdin.flush()
        acknowledged = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGKILL)

    assert acknowledged == ["0\n", "1\n", "2\n"]
    ledger = Ledger(path)
    assert [one.id for one in ledger.interactions(limit=9)] == ["a-2", "a-1", "a-0"]
    assert len(ledger.memories_with_words("load", limit=9)) == 3


def test_a_record_is_whole_or_not_there(ledger: Ledger) -> None:
    told = an_interaction("abc")

    with pytest.raises(LedgerUnavailable):
        ledger.record(told, [a_memory("abc", interaction="no such interaction")])

    assert ledger.interactions(limit=9) == []
    assert ledger.memory_ids() == []


def test_recording_again_changes_nothing(ledger: Ledger) -> None:
    record(ledger, an_interaction("abc", "first"), an_interaction("abc", "second"))

    assert [one.goal for one in ledger.interactions(limit=9)] == ["first"]


def test_what_happened_to_one_file(ledger: Ledger) -> None:
    record(
        ledger,
        an_interaction("touched", files=(a_change("a.py", b"1", b"2"),)),
        an_interaction("other", files=(a_change("b.py", b"1", b"2"),)),
        an_interaction("asked", file=PurePosixPath("a.py")),
        an_interaction("both", file=PurePosixPath("a.py"), files=(a_change("a.py", b"2", b"3"),)),
    )

    told = ledger.interactions(limit=9, path=PurePosixPath("a.py"))

    assert [one.id for one in told] == ["both", "asked", "touched"]


def test_the_file_is_its_owner_s_alone(path: Path, ledger: Ledger) -> None:
    record(ledger, an_interaction("abc"))

    modes = {stat.S_IMODE(one.stat().st_mode) for one in path.parent.glob("ledger.sqlite3*")}
    assert modes == {0o600}


def test_opening_again_keeps_what_is_there(path: Path, ledger: Ledger) -> None:
    record(ledger, an_interaction("abc"))

    assert [one.id for one in Ledger(path).interactions(limit=9)] == ["abc"]


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
    data = path.read_bytes()
    path.write_bytes(data[:4_096] + b"\xff" * (len(data) - 4_096))

    with pytest.raises(LedgerUnavailable, match="move it away"):
        Ledger(path).interactions(limit=99)


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()

    with pytest.raises(LedgerUnavailable, match="unable to open database file"):
        Ledger(path)


def test_a_newer_schema_is_refused(path: Path) -> None:
    Ledger(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(LedgerUnavailable, match=r"newer alma \(form 99.*Upgrade"):
        Ledger(path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   \n\t", id="blank"),
        pytest.param('"load\' ` ""', id="quotes"),
        pytest.param("load AND OR NOT NEAR(x, 2)", id="operators"),
        pytest.param("load* ^load -load +load {load} : words:load", id="syntax"),
        pytest.param("(((", id="brackets"),
        pytest.param("load; DROP TABLE memories; --", id="another language"),
        pytest.param("🙂 🙃", id="emoji"),
        pytest.param("_ __ ___", id="underscores"),
        pytest.param("load\0load", id="a NUL"),
        pytest.param("½ ² ª ﬀ İ ß", id="odd letters"),
        pytest.param("読み込み загрузить", id="other scripts"),
        pytest.param("e\u0301 \u0301", id="combining marks"),
        pytest.param(" ".join(f"word{number}" for number in range(3_000)), id="thousands of words"),
        pytest.param("x" * 200_000, id="one endless word"),
    ],
)
def test_any_question_may_be_asked(ledger: Ledger, text: str) -> None:
    record(ledger, an_interaction("abc", f"rename load {text[:500]}"))

    found = ledger.memories_with_words(text, limit=9)

    assert [memory.id for memory, _ in found] in ([], ["abc"])


@pytest.mark.parametrize(
    ("goal", "question"),
    [
        pytest.param("rename read_csv", "csv", id="a part of snake_case"),
        pytest.param("rename read_csv", "read_csv", id="snake_case whole"),
        pytest.param("rename readCsvFile", "file", id="a part of camelCase"),
        pytest.param("rename HTTPServer", "server", id="a part after capitals"),
        pytest.param("rename HTTPServer", "http", id="capitals"),
        pytest.param("rename sha256", "sha", id="letters before digits"),
        pytest.param("rename Loader.load", "Loader", id="a part of a dotted name"),
        pytest.param("fix src/report_table.py", "report", id="a part of a path"),
        pytest.param("rename csv", "read_csv", id="asked with more"),
        pytest.param("loading rows", "loads", id="another form of the word"),
        pytest.param("LOAD", "load", id="capital letters"),
        pytest.param("renommer la méthode", "METHODE", id="without its accent"),
        pytest.param("renommer périmètreTotal", "total", id="a part, with accents"),
    ],
)
def test_words_and_parts_of_identifiers_are_found(ledger: Ledger, goal: str, question: str) -> None:
    record(ledger, an_interaction("other", "paint walls blue"), an_interaction("abc", goal))

    assert [one.id for one, _ in ledger.memories_with_words(question, limit=9)] == ["abc"]


def test_the_best_words_come_first_and_score_higher(ledger: Ledger) -> None:
    record(
        ledger,
        an_interaction("one", "make load faster"),
        an_interaction("both", "make load faster by caching rows"),
        *(an_interaction(f"n{number}", "paint walls blue") for number in range(5)),
    )

    found = ledger.memories_with_words("load caching rows", limit=9)

    assert [memory.id for memory, _ in found] == ["both", "one"]
    assert found[0][1] > found[1][1] > 0


def test_a_ledger_opened_by_two_sees_what_the_other_writes(path: Path, ledger: Ledger) -> None:
    other = Ledger(path)
    assert other.memory_ids() == []

    record(ledger, an_interaction("abc"))

    assert other.memory_ids() == ["abc"]
