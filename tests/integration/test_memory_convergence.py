"""Three people who add, edit, repeat and forget, and merge in any order, end with the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma_agent.memory.exchange import export, import_
from alma_agent.memory.exchange.folder import is_lines_file
from alma_agent.memory.ledger import Ledger, memories
from alma_agent.remembered import Memory, Wanted

AT = datetime(2026, 3, 4, tzinfo=UTC)
TEXTS = ("Rows are read lazily.", "Rows are read eagerly.", "Use the standard library.")
ROUNDS = 4


@dataclass
class Person:
    name: str
    home: Path
    ledger: Ledger = field(init=False)
    made: int = 0

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.home / f"{self.name}.sqlite3")
        export(self.ledger, self.folder)

    @property
    def folder(self) -> Path:
        return self.home / self.name

    def add(self, text: str, hour: int) -> None:
        self.made += 1
        id_ = f"{self.name}{self.made}"
        at = AT + timedelta(hours=hour)
        one = Memory(id_, at, text, kind="fact", tags=(id_,), importance=hour / 10)
        with self.ledger.writing() as connection:
            memories.add(connection, [one])

    def edit(self, text: str, hour: int) -> None:
        with self.ledger.writing() as connection:
            for old in memories.found(connection, Wanted(), AT, limit=1, offset=hour % 2):
                at = AT + timedelta(hours=hour)
                memories.revise(connection, old, replace(old, text=text), at)

    def forget(self, _: str, hour: int) -> None:
        with self.ledger.writing() as connection:
            for old in memories.found(connection, Wanted(), AT, limit=1, offset=hour % 3):
                memories.erase(connection, [old.id], AT)

    def pull(self, other: Person) -> None:
        """Merge what another exported, as git's union does, and take it."""
        for theirs in other.folder.rglob("*.*"):
            path = theirs.relative_to(other.folder)
            ours = self.folder / path
            if not ours.exists():
                ours.parent.mkdir(parents=True, exist_ok=True)
                ours.write_bytes(theirs.read_bytes())
            elif is_lines_file(path):
                lines = dict.fromkeys(
                    [*ours.read_text().split("\n"), *theirs.read_text().split("\n")]
                )
                ours.write_text("\n".join(filter(None, lines)) + "\n")
        import_(self.ledger, self.folder)
        export(self.ledger, self.folder)

    def files(self) -> dict[str, bytes]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in files}


_steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "edit", "forget", "pull", "pull"]),
        st.integers(0, 2),
        st.sampled_from(TEXTS),
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=14,
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(_steps)
def test_everybody_comes_to_the_same(steps: list[tuple[str, int, str, int]]) -> None:
    with TemporaryDirectory() as name:
        people = [Person(one, Path(name)) for one in ("anna", "ben", "cleo")]
        for what, who, text, hour in steps:
            person = people[who]
            if what == "pull":
                person.pull(people[(who + 1 + hour % 2) % 3])
            else:
                getattr(person, what)(text, hour)
                export(person.ledger, person.folder)
        for _ in range(ROUNDS):
            for number, person in enumerate(people):
                person.pull(people[(number + 1) % 3])
        first, *others = [person.files() for person in people]
        assert [one == first for one in others] == [True, True]
