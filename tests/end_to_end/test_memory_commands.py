"""`alma memory` as a person or a script uses it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, closing
from json import loads
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pexpect
import pytest
from filelock import FileLock
from typer.testing import CliRunner

from alma_agent.terminal.cli import app
from alma_agent.terminal.consoles import err, out, speak
from tests.conftest import git, make_workspace
from tests.databases import new_database
from tests.end_to_end.conftest import ACCEPTED, Project, clean_environment
from tests.forked import run

LAZY = "Rows are read lazily."
OLD_LOAD = "rows = list(csv.DictReader(file, delimiter=delimiter))"
NEW_LOAD = "rows = [*csv.DictReader(file, delimiter=delimiter, strict=True)]"
LOOKS = [
    ("list",),
    ("search", "rows"),
    ("show", "abc"),
    ("why", "rows"),
    ("files", "rows"),
    ("timeline", "app.py"),
    ("map",),
    ("stats",),
    ("doctor",),
    ("edit", "abc", "--text", "x"),
    ("pin", "abc"),
    ("forget", "abc", "--yes"),
    ("rebuild",),
    ("export",),
]


class Here(Project):
    """A project, and alma in the same process: it need not start each time."""

    def alma(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        forked: bool = False,  # noqa: ARG002
    ) -> subprocess.CompletedProcess[str]:
        hidden = {name: None for name in os.environ if name.startswith(("ALMA_", "OPENAI_"))}
        with chdir(folder or self.root):
            runner = CliRunner(env={**hidden, **(environment or {})})
            done = runner.invoke(app, arguments, input="")
        speak(json=False, quiet=False, verbose=False)  # as a process that begins
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="module", autouse=True)
def _wide() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for console in (out, err):
            patch.setattr(console, "_width", 200)
        yield


@pytest.fixture
def empty(tmp_path: Path) -> Here:
    """Return a project where alma has not been."""
    return Here(make_workspace(tmp_path / "empty", {"app.py": "x = 1\n"}).root)


@pytest.fixture
def flat(flat: Project) -> Here:
    return Here(flat.root)


def document(project: Project, *arguments: str) -> dict[str, Any]:
    """Return the result that a command of memory tells in its JSON document."""
    done = project.alma("memory", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = loads(done.stdout)["result"]
    return read


def added(project: Project, text: str, *flags: str) -> str:
    """Add a memory; return its id."""
    id_: str = document(project, "add", text, *flags)["memory"]["id"]
    return id_


def rewrite(project: Project, name: str, old: str, new: str) -> None:
    path = project.root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("arguments", LOOKS, ids=" ".join)
def test_a_look_where_alma_has_not_been_says_so_and_leaves_no_trace(
    empty: Here, arguments: tuple[str, ...]
) -> None:
    done = empty.alma("memory", *arguments)

    assert done.returncode == 0, done.stderr
    assert "has not worked in" in done.stdout
    assert not (empty.root / ".alma").exists()


@pytest.mark.parametrize("arguments", LOOKS, ids=" ".join)
def test_a_document_is_one_even_where_nothing_is(empty: Here, arguments: tuple[str, ...]) -> None:
    assert document(empty, *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "f00d"),
        ("edit", "f00d", "--text", "x"),
        ("pin", "f00d"),
        ("forget", "f00d", "--yes"),
    ],
    ids=" ".join,
)
def test_an_id_that_nobody_has_names_the_cure(flat: Here, arguments: tuple[str, ...]) -> None:
    added(flat, LAZY)

    done = flat.alma("memory", *arguments)

    assert done.returncode == 2
    assert "See alma memory list." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list", "--since", "yesterday"), "30m, 2h, 7d"),
        (("list", "--kind", "rumour"), "preference"),
        (("add", "  "), "no text"),
        (("add", "x", "--file", "app.py::nothing"), "alma outline app.py"),
        (("add", "x", "--file", "gone.py"), "gone.py"),
        (("add", "x", "--expires", "2020-01-01"), "is past"),
        (("decide", "x"), "--reasoning"),
        (("edit", "f00d"), "--text"),
        (("forget",), "--tag"),
        (("forget", "f00d", "--tag", "x"), "--tag"),
        (("import", "nowhere"), "alma memory export"),
        (("export", "app.py"), "Name a folder"),
        (("map", "-o", "nowhere/memory.svg"), "cannot be written"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_command_says_what_would_be_right(
    several: Here, arguments: tuple[str, ...], told: str
) -> None:
    done = several.alma("memory", *arguments)

    assert done.returncode == 2
    assert told in done.stderr


def test_what_is_added_is_listed_newest_first_and_shown(flat: Here) -> None:
    first = added(flat, LAZY, "--file", "app.py::load", "--tag", "io", "--by", "ann")
    added(flat, "Prices are in euros.", "--kind", "preference", "--pin")

    lines = flat.alma("memory", "list").stdout.splitlines()
    shown = flat.alma("memory", "show", first[:5]).stdout

    assert [line.split()[2] for line in lines] == ["what", "preference", "fact"]
    assert "[pinned] Prices are in euros." in lines[1]
    assert "fresh" in lines[2]
    for part in (LAZY, "ann", "io", "app.py::load fresh"):
        assert part in shown


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param((), ["late", "pinned", "early"], id="none"),
        pytest.param(("-n", "1"), ["late"], id="limit"),
        pytest.param(("--kind", "fact", "--kind", "lesson"), ["late", "early"], id="kinds"),
        pytest.param(("--stratum", "metaphysical"), ["pinned"], id="stratum"),
        pytest.param(("--tag", "io"), ["early"], id="tag"),
        pytest.param(("--topic", "sales"), ["late"], id="topic"),
        pytest.param(("--file", "app.py"), ["early"], id="file"),
        pytest.param(("--by", "ANN"), ["pinned", "early"], id="by"),
        pytest.param(("--by", "ann", "-n", "1"), ["pinned"], id="by, limited"),
        pytest.param(("--contains", "EARLY"), ["early"], id="contains"),
        pytest.param(("--min-importance", "0.8"), ["late"], id="importance"),
        pytest.param(("--pinned",), ["pinned"], id="pinned"),
        pytest.param(("--since", "2h"), ["late", "pinned", "early"], id="since"),
        pytest.param(("--since", "2999-01-01"), [], id="since later"),
        pytest.param(("--session", "s1"), [], id="session"),
        pytest.param(("--user", "bob"), ["bobs"], id="another user"),
        pytest.param(("--all-scopes",), ["bobs", "late", "pinned", "early"], id="everybody"),
    ],
)
def test_a_list_is_narrowed(several: Here, flags: tuple[str, ...], expected: list[str]) -> None:
    assert [one["text"] for one in document(several, "list", *flags)["memories"]] == expected


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """Return a project with memories that differ in all that a list is narrowed by."""
    root = tmp_path_factory.mktemp("several")
    project = Here(make_workspace(root / "project", {"app.py": "x = 1\n"}).root)
    added(project, "early", "--tag", "io", "--tag", "x", "--file", "app.py", "--by", "ann")
    added(project, "pinned", "--kind", "preference", "--pin", "--by", "Ann")
    added(project, "late", "--kind", "lesson", "--topic", "sales", "--importance", "0.9")
    added(project, "bobs", "--user", "bob")
    return project


def test_no_memory_that_fits_is_told(several: Here) -> None:
    assert several.alma("memory", "list", "--tag", "none").stdout == "No memory fits.\n"


def test_a_redo_is_listed_as_one(flat: Here) -> None:
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)
    flat.alma("undo")
    flat.alma("redo")

    outcomes = [one["outcome"] for one in document(flat, "list")["memories"]]

    assert outcomes == ["redone", "reverted", "applied"]


def test_code_that_changed_is_shown_with_the_difference(flat: Here) -> None:
    id_ = added(flat, LAZY, "--file", "app.py::load")
    rewrite(flat, "app.py", OLD_LOAD, NEW_LOAD)

    shown = flat.alma("memory", "show", id_).stdout

    assert "app.py::load drifted" in shown
    assert f"-        {OLD_LOAD}\n+        {NEW_LOAD}\n" in shown
    assert "drifted" in flat.alma("memory", "list").stdout


def test_code_that_was_renamed_is_followed(flat: Here) -> None:
    id_ = added(flat, LAZY, "--file", "app.py::load")
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)

    (anchor,) = document(flat, "show", id_)["memory"]["anchors"]

    assert anchor["symbol"] == "load"
    assert anchor["now"] == {"path": "app.py", "symbol": "read_csv"}


def test_a_text_is_read_from_standard_input(flat: Here) -> None:
    said = "Prices are in euros.\n"
    run(("memory", "add", "-"), flat.root, clean_environment(), said=said)

    (one,) = document(flat, "list")["memories"]
    assert one["text"] == "Prices are in euros."


@pytest.mark.parametrize(
    ("text", "how"),
    [
        pytest.param("Amounts are kept in cents.", "known", id="the same"),
        pytest.param("Amounts are never kept in cents.", "contradicts", id="the opposite"),
        pytest.param("The reports go to Berlin on Mondays.", "new", id="something else"),
    ],
)
def test_what_becomes_of_a_text_is_told(flat: Here, text: str, how: str) -> None:
    first = added(flat, "Amounts are kept in cents.")

    told = document(flat, "add", text, "--tag", "money")

    assert told["how"] == how
    assert (told["other"] or {}).get("id") == (first if how == "contradicts" else None)


def test_a_contradiction_is_shown_as_a_pair_with_the_winner_marked(flat: Here) -> None:
    old = added(flat, "Amounts are kept in cents.")
    new = added(flat, "Amounts are never kept in cents.")

    lines = flat.alma("memory", "search", "are amounts kept in cents").stdout.splitlines()

    assert lines[0].startswith(f"stands: [{new}]")
    assert lines[2].startswith(f"in place of: [{old}]")
    assert [one["id"] for one in document(flat, "list")["memories"]] == [new]
    assert len(document(flat, "list", "--superseded")["memories"]) == 2


def test_a_decision_keeps_its_reasoning(flat: Here) -> None:
    done = flat.alma("memory", "decide", LAZY, "--reasoning", "Files may be large.")
    (one,) = document(flat, "list", "--kind", "decision")["memories"]

    assert done.stdout.startswith("Remembered.\n")
    assert (one["reasoning"], one["stratum"]) == ("Files may be large.", "metaphysical")


def test_an_edit_keeps_how_it_stood_before(flat: Here) -> None:
    id_ = added(flat, "Rows are raed lazily.", "--tag", "io")

    edited = document(flat, "edit", id_[:6], "--text", LAZY, "--tag", "")
    shown = document(flat, "show", id_)["memory"]

    assert edited["changed"] == ["tags", "text"]
    assert (shown["text"], shown["tags"]) == (LAZY, [])
    assert [(one["text"], one["tags"]) for one in shown["former"]] == [
        ("Rows are raed lazily.", ["io"])
    ]


def test_a_pin_is_put_in_and_taken_out(flat: Here) -> None:
    id_ = added(flat, LAZY)

    assert document(flat, "pin", id_)["memory"]["pinned"] is True
    assert "so already" in flat.alma("memory", "pin", id_).stdout
    assert document(flat, "pin", id_, "--off")["memory"]["pinned"] is False


def test_a_memory_expires(flat: Here) -> None:
    told = document(flat, "add", LAZY, "--expires", "30d")["memory"]

    assert told["expires"] > told["at"]
    assert told["expires"].endswith("+00:00")


def test_nothing_is_forgotten_without_a_person_or_a_yes(flat: Here) -> None:
    id_ = added(flat, LAZY)

    done = flat.alma("memory", "forget", id_)

    assert done.returncode == 3
    assert LAZY in done.stdout
    assert "--yes" in done.stderr
    assert len(document(flat, "list")["memories"]) == 1


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [pytest.param("y\r", 0, 0, id="yes"), pytest.param("\r", 1, 1, id="only return")],
)
def test_a_person_is_asked_before_something_is_forgotten(
    flat: Here, answer: str, code: int, left: int
) -> None:
    id_ = added(flat, LAZY)
    alma = pexpect.spawn(
        sys.executable,
        ["-m", "alma_agent", "memory", "forget", id_],
        cwd=str(flat.root),
        env=clean_environment() | {"TERM": "xterm"},
        encoding="utf-8",
        timeout=30,
    )
    alma.expect(r"Erase this memory for good\? \[y/N\] ")
    alma.send(answer)
    alma.expect(pexpect.EOF)
    alma.close()

    assert alma.exitstatus == code
    assert len(document(flat, "list")["memories"]) == left


def test_what_is_forgotten_is_nowhere_any_more(flat: Here) -> None:
    kept = added(flat, "Prices are in euros.")
    id_ = added(flat, "The zebra pays on Sundays.", "--tag", "odd")
    flat.alma("memory", "search", "zebra")
    flat.alma("memory", "export")

    done = document(flat, "forget", "--tag", "odd", "--yes")

    assert done["memories"] == [id_]
    assert [one["id"] for one in document(flat, "list")["memories"]] == [kept]
    for path in (flat.root / ".alma").rglob("*"):
        assert path.is_dir() or b"zebra" not in path.read_bytes().lower(), path


def test_forgetting_twice_is_as_once(flat: Here) -> None:
    id_ = added(flat, LAZY)
    flat.alma("memory", "forget", id_, "--yes")

    again = flat.alma("memory", "forget", id_, "--yes")

    assert again.returncode == 0
    assert "0 memories erased" in again.stdout


def test_a_search_finds_by_meaning_and_tells_the_parts(flat: Here) -> None:
    id_ = added(flat, "Spreadsheets are parsed with the csv module.", "--file", "app.py::load")
    commit = git(flat.root, "rev-parse", "HEAD")[:7]

    done = flat.alma("memory", "search", "how do we read tabular files")
    (one,) = document(flat, "search", "how do we read tabular files")["memories"]

    assert done.stdout.startswith(f"[{id_}] ")
    assert f"at {commit}, fresh" in done.stdout
    assert one["parts"]["meaning"] > 0
    assert one["score"] == pytest.approx(sum(one["parts"].values()), abs=0.001)


def test_why_shows_the_parts_of_a_ranking(flat: Here) -> None:
    added(flat, LAZY)

    plain = document(flat, "why", "are rows read lazily")
    newest = document(flat, "why", "what was the latest about rows")

    assert plain["taken_for"] == "a plain question"
    assert "rows" in plain["words"]
    assert "words" in flat.alma("memory", "why", "are rows read lazily").stdout
    assert "recency" in newest["taken_for"]


def test_why_tells_where_a_memory_comes_from(flat: Here) -> None:
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)
    (first,) = document(flat, "list")["memories"]
    flat.alma("run", "rename read_csv to load", "--file", "app.py", *ACCEPTED)

    told = document(flat, "why", first["id"])

    assert told["source"]["goal"] == "rename load to read_csv"
    assert [one["goal"] for one in told["recalled_by"]] == ["rename read_csv to load"]
    assert document(flat, "show", first["id"])["memory"]["recalled_and_applied"] == 1
    assert "from what alma did" in flat.alma("memory", "why", first["id"]).stdout


def test_an_id_that_nobody_has_is_no_question(flat: Here) -> None:
    added(flat, LAZY)

    assert flat.alma("memory", "why", "0123456789ab").returncode == 2


def test_files_that_a_task_will_touch(flat: Here) -> None:
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)

    found = document(flat, "files", "rename read_csv to read_table")["files"]

    assert "app.py" in [one["path"] for one in found[:3]]
    assert "app.py" in flat.alma("memory", "files", "rename read_csv to read_table").stdout


def test_code_is_found_by_what_it_does(flat: Here) -> None:
    first = document(flat, "code", "read the rows of a csv file")["symbols"][0]

    assert (first["path"], first["symbol"]) == ("app.py", "load")


def test_the_timeline_of_a_file_goes_from_old_to_new(flat: Here) -> None:
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)
    added(flat, LAZY, "--file", "app.py")
    added(flat, "Of another file.", "--file", "stats.py")
    flat.alma("undo")

    events = document(flat, "timeline", "app.py")["events"]
    shown = flat.alma("memory", "timeline", "app.py").stdout

    assert [one["what"] for one in events] == ["reverted", "fact", "undone"]
    assert "read_csv" in events[0]["symbols"]
    assert [word for word in ("reverted", "fact", "undone") if word in shown]
    assert (
        "Nothing is remembered of README.md" in flat.alma("memory", "timeline", "README.md").stdout
    )


def test_a_moved_file_keeps_its_memories(flat: Here) -> None:
    flat.alma("memory", "add", "Rows are sorted.", "--file", "app.py")
    git(flat.root, "mv", "app.py", "shop.py")

    assert "Rows are sorted." in flat.alma("memory", "list", "-f", "shop.py").stdout
    assert "Rows are sorted." in flat.alma("memory", "timeline", "shop.py").stdout


def test_a_map_is_not_drawn_over_another_file(flat: Here) -> None:
    flat.alma("memory", "add", "Rows are sorted.")
    before = (flat.root / "app.py").read_bytes()

    done = flat.alma("memory", "map", "-o", "app.py")

    assert done.returncode == 2
    assert "is no picture" in done.stderr
    assert (flat.root / "app.py").read_bytes() == before


def test_the_map_is_an_svg_of_the_files(flat: Here) -> None:
    added(flat, LAZY, "--file", "app.py")
    added(flat, "It is slow.", "--file", "stats.py")

    done = flat.alma("memory", "map", "-o", "memory.svg")

    assert "2 memories of 2 files" in done.stdout
    picture = (flat.root / "memory.svg").read_text()
    assert ET.fromstring(picture).tag.endswith("svg")
    assert flat.alma("memory", "map").stdout == picture


def test_statistics_count_what_there_is(flat: Here) -> None:
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)
    flat.alma("run", "rename read_csv to load", "--file", "app.py", *ACCEPTED)
    added(flat, LAZY, "--file", "app.py::load")
    rewrite(flat, "app.py", OLD_LOAD, NEW_LOAD)

    found = document(flat, "stats")["statistics"]

    assert found["memories"] == 3
    assert found["kinds"] == {"interaction": 2, "fact": 1}
    assert (found["recalled"], found["used"]) == (1, 1)
    assert found["stale_share"] > 0
    assert found["files"]["app.py"] == 3
    assert found["ledger_bytes"] > 0
    assert found["waiting"] == 3
    assert "app.py (3)" in flat.alma("memory", "stats").stdout


def test_doctor_finds_nothing_wrong_with_a_sound_memory(flat: Here) -> None:
    added(flat, LAZY, "--file", "app.py")

    done = flat.alma("memory", "doctor")

    assert (done.returncode, done.stdout) == (0, "ok    1 memory; nothing to mend\n")


def in_ledger(project: Project, statement: str) -> None:
    """Do to the ledger what alma would not."""
    with closing(sqlite3.connect(project.root / ".alma" / "ledger.sqlite3")) as ledger:
        ledger.create_function("lower", 1, lambda text: text and text.lower())
        ledger.execute(statement)
        ledger.commit()


@pytest.mark.parametrize(
    ("statement", "what", "cure", "code"),
    [
        pytest.param(
            "UPDATE memories SET text = 'password = \"hunter2-Xq9zR\"'",
            "looks like a secret",
            "alma memory forget",
            1,
            id="a secret",
        ),
        pytest.param(
            "DELETE FROM memory_words", "not in the index of words", "rebuild", 1, id="no words"
        ),
        pytest.param(
            "UPDATE memories SET expires = '2020-01-01T00:00:00+00:00'",
            "1 memory expired",
            "alma memory forget",
            0,
            id="expired",
        ),
    ],
)
def test_doctor_finds_what_is_wrong_and_names_the_cure(
    flat: Here, statement: str, what: str, cure: str, code: int
) -> None:
    added(flat, LAZY)
    in_ledger(flat, statement)

    done = flat.alma("memory", "doctor")

    assert done.returncode == code
    assert what in done.stdout
    assert cure in done.stdout
    assert "Xq9zR" not in done.stdout


def test_doctor_finds_memories_of_code_that_is_gone(flat: Here) -> None:
    added(flat, LAZY, "--file", "stats.py")
    (flat.root / "stats.py").unlink()

    done = flat.alma("memory", "doctor")

    assert done.returncode == 0
    assert "1 memory of code that is gone" in done.stdout


def test_doctor_finds_an_index_that_another_process_holds(flat: Here) -> None:
    added(flat, LAZY)
    with FileLock(flat.root / ".alma" / "index.lock"):
        done = flat.alma("memory", "doctor")

    assert done.returncode == 1
    assert "Another alma is using the vector index" in done.stdout


def test_rebuild_mends_the_words_and_makes_the_index_anew(flat: Here) -> None:
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)
    in_ledger(flat, "DELETE FROM memory_words")

    done = flat.alma("memory", "rebuild")

    assert done.stdout == "The index holds 1 memory again.\n"
    assert flat.alma("memory", "doctor").returncode == 0


def test_memories_travel_with_the_repository(flat: Here, tmp_path: Path) -> None:
    id_ = added(flat, LAZY, "--file", "app.py", "--tag", "io")
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)

    written = document(flat, "export")
    git(flat.root, "add", "--all")
    git(flat.root, "commit", "-q", "-m", "with memories")
    git(tmp_path, "clone", "-q", str(flat.root), "clone")
    clone = Here(tmp_path / "clone")
    shown = clone.alma("memory", "import", "--dry-run")
    first, again = document(clone, "import"), document(clone, "import")

    assert written["memories"] == {"fact": 1}
    assert "Nothing was taken" in shown.stderr
    assert (first["added"], again["added"], again["known"]) == ([id_], [], 1)
    assert [one["tags"] for one in document(clone, "list")["memories"]] == [["io"]]
    assert "up to date" in flat.alma("memory", "export").stdout


def test_what_alma_did_is_exported_when_asked_for(flat: Here) -> None:
    flat.alma("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)

    assert document(flat, "export", "out", "--interactions")["memories"] == {"interaction": 1}


def test_a_ledger_on_a_server_is_looked_at_from_anywhere(empty: Here, flat: Here) -> None:
    server = {"ALMA_LEDGER_URL": new_database(), "ALMA_NAMESPACE": "team"}
    flat.alma("memory", "add", LAZY, environment=server)

    listed = empty.alma("memory", "list", environment=server).stdout
    others = empty.alma("memory", "list", environment=server | {"ALMA_NAMESPACE": "x"}).stdout

    assert LAZY in listed
    assert LAZY not in others


def test_what_was_forgotten_elsewhere_goes_here_too(flat: Here, tmp_path: Path) -> None:
    id_ = added(flat, "The zebra pays on Sundays.")
    shared = str(tmp_path / "shared")
    flat.alma("memory", "export", shared)
    other = Here(make_workspace(tmp_path / "other", {"app.py": ""}).root)
    document(other, "import", shared)
    other.alma("memory", "search", "zebra")
    flat.alma("memory", "forget", id_, "--yes")
    flat.alma("memory", "export", shared)

    done = document(other, "import", shared)

    assert done["erased"] == [id_]
    for path in (other.root / ".alma").rglob("*"):
        assert path.is_dir() or b"zebra" not in path.read_bytes().lower(), path
