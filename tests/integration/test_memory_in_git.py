"""A team's memories in a real repository: branches, merges, conflicts, other people's settings."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alma_agent.memory.exchange import SharedFilesRefused, export, import_, read_only_memories
from alma_agent.memory.ledger import Ledger, memories
from alma_agent.remembered import Memory, Wanted
from tests.conftest import git, make_repository

AT = datetime(2026, 3, 4, tzinfo=UTC)
FIRST = "Rows are read lazily."


def a_fact(id: str, text: str, **others: Any) -> Memory:
    return Memory(id=id, at=AT, text=text, kind="fact", **others)


@dataclass(frozen=True)
class Person:
    """Somebody with a branch and a ledger of their own."""

    root: Path
    ledger: Ledger
    hours: int = 1  # how much later than AT their clock is

    @property
    def folder(self) -> Path:
        return self.root / ".alma" / "memories"

    def add(self, *several: Memory) -> None:
        with self.ledger.writing() as connection:
            memories.add(connection, several)

    def edit(self, id: str, **fields: Any) -> None:
        with self.ledger.writing() as connection:
            (old,) = memories.with_ids(connection, [id])
            at = AT + timedelta(hours=self.hours)
            memories.revise(connection, old, replace(old, **fields), at)

    def forget(self, id: str) -> None:
        with self.ledger.writing() as connection:
            memories.erase(connection, [id], AT)

    def commit(self) -> None:
        export(self.ledger, self.folder)
        git(self.root, "add", "--all")
        git(self.root, "commit", "-q", "--allow-empty", "-m", "memories")

    def pull(self, *options: str) -> str:
        """Merge what the other one committed; return the names of files in conflict."""
        command = ["git", *options, "pull", "-q", "--no-edit", "--no-rebase", "other", "main"]
        subprocess.run(command, cwd=self.root, check=False, capture_output=True)
        return git(self.root, "diff", "--name-only", "--diff-filter=U")

    def take(self) -> None:
        import_(self.ledger, self.folder)

    def texts(self) -> dict[str, str]:
        with self.ledger.reading() as connection:
            found = memories.found(connection, Wanted(), AT, limit=-1)
        return {one.id: one.text for one in found}


@pytest.fixture
def team(tmp_path: Path) -> tuple[Person, Person]:
    """Return two people with clones of one repository, who know one memory already."""
    make_repository(tmp_path / "anna", {"a.py": "x = 1\n"})
    anna = Person(tmp_path / "anna", Ledger(tmp_path / "anna.sqlite3"))
    anna.add(a_fact("aa11", FIRST))
    anna.commit()
    git(tmp_path, "clone", "-q", "anna", "ben")
    ben = Person(tmp_path / "ben", Ledger(tmp_path / "ben.sqlite3"), hours=2)
    ben.take()
    for one, other in ((anna, ben), (ben, anna)):
        git(one.root, "remote", "add", "other", str(other.root))
    return anna, ben


def test_memories_of_two_people_merge_without_a_conflict(team: tuple[Person, Person]) -> None:
    anna, ben = team
    anna.add(*(a_fact(f"a{number:03}", f"Anna says {number}.") for number in range(40)))
    ben.add(*(a_fact(f"b{number:03}", f"Ben says {number}.") for number in range(40)))
    anna.commit()
    ben.commit()
    assert anna.pull() == ""
    anna.take()
    assert len(anna.texts()) == 81
    anna.commit()
    assert ben.pull() == ""
    ben.take()
    assert ben.texts() == anna.texts()
    ben.commit()
    assert git(ben.root, "diff", "other/main", "--stat") == ""


def test_an_export_after_a_merge_and_an_import_changes_nothing(team: tuple[Person, Person]) -> None:
    anna, ben = team
    anna.add(a_fact("a1", "Anna says so."))
    ben.add(a_fact("b1", "Ben says so."))
    anna.commit()
    ben.commit()
    anna.pull()
    anna.take()
    export(anna.ledger, anna.folder)
    assert git(anna.root, "status", "--porcelain") == ""


def test_edits_of_different_fields_of_one_memory_merge(team: tuple[Person, Person]) -> None:
    anna, ben = team
    anna.edit("aa11", text="Rows are read eagerly.")
    ben.edit("aa11", importance=0.9)
    anna.commit()
    ben.commit()
    assert anna.pull() == ""
    anna.take()
    with anna.ledger.reading() as connection:
        (merged,) = memories.with_ids(connection, ["aa11"])
    assert (merged.text, merged.importance) == ("Rows are read eagerly.", 0.9)


def test_edits_of_one_text_are_a_conflict_that_git_shows(team: tuple[Person, Person]) -> None:
    anna, ben = team
    anna.edit("aa11", text="Rows are read eagerly.")
    ben.edit("aa11", text="Columns are read lazily.")
    anna.commit()
    ben.commit()
    page = ".alma/memories/facts/2026-03-04-rows-are-read-lazily-aa11.md"
    assert anna.pull() == f"{page}\n"
    with pytest.raises(SharedFilesRefused, match="a merge was begun here and not finished"):
        anna.take()

    git(anna.root, "checkout", "--theirs", page)
    anna.take()
    assert anna.texts() == {"aa11": "Columns are read lazily."}
    with anna.ledger.reading() as connection:
        former = [one.text for _, one in memories.revisions(connection, "aa11")]
    assert former == [FIRST, "Rows are read eagerly."]


def test_a_person_may_choose_the_older_of_two_edits(team: tuple[Person, Person]) -> None:
    anna, ben = team
    anna.edit("aa11", text="Rows are read eagerly.")
    ben.edit("aa11", text="Columns are read lazily.")
    anna.commit()
    ben.commit()
    page = anna.root / anna.pull().strip()
    page.write_text(page.read_text().split("\n<<<<<<<")[0] + "\n\nBoth are read.\n")
    anna.take()
    assert anna.texts() == {"aa11": "Both are read."}


def test_what_one_forgets_and_the_other_edits_is_forgotten(team: tuple[Person, Person]) -> None:
    anna, ben = team
    anna.forget("aa11")
    ben.edit("aa11", text="Rows are read eagerly.")
    anna.commit()
    ben.commit()
    ben.pull()
    ben.take()
    ben.commit()
    assert ben.texts() == {}
    assert b"eagerly" not in b"".join(p.read_bytes() for p in ben.folder.rglob("*.*"))


def test_forgetting_travels(team: tuple[Person, Person]) -> None:
    anna, ben = team
    anna.forget("aa11")
    anna.commit()
    ben.add(a_fact("b1", "Ben says so."))
    ben.commit()
    assert ben.pull() == ""
    ben.take()
    assert ben.texts() == {"b1": "Ben says so."}


def test_a_checkout_with_windows_line_ends_is_read(team: tuple[Person, Person]) -> None:
    anna, ben = team
    anna.add(a_fact("a1", "Anna says so.\n\nTwice."))
    anna.commit()
    (ben.folder / ".gitattributes").write_text("* text eol=crlf\n")
    git(ben.root, "commit", "-qam", "elsewhere")
    ben.pull()
    assert b"\r\n" in next(ben.folder.rglob("*a1.md")).read_bytes()
    ben.take()
    assert ben.texts() == anna.texts()


def test_a_job_reads_memories_from_a_bare_checkout(team: tuple[Person, Person]) -> None:
    anna, _ = team
    git(anna.root.parent, "clone", "-q", "--depth", "1", f"file://{anna.root}", "job")
    job = anna.root.parent / "job"
    assert [one.text for one in read_only_memories(job / ".alma" / "memories")] == [FIRST]
    assert git(job, "status", "--porcelain") == ""


def test_two_who_export_for_the_first_time_merge(tmp_path: Path) -> None:
    make_repository(tmp_path / "anna", {"a.py": "x = 1\n"})
    git(tmp_path, "clone", "-q", "anna", "ben")
    people = [
        Person(tmp_path / name, Ledger(tmp_path / f"{name}.sqlite3")) for name in ("anna", "ben")
    ]
    for one, other in (people, reversed(people)):
        git(one.root, "remote", "add", "other", str(other.root))
        one.add(*(a_fact(f"{one.root.name[0]}{n:03}", f"{one.root.name} {n}") for n in range(20)))
        one.commit()
    assert people[0].pull() == ""
    people[0].take()
    assert len(people[0].texts()) == 40
