"""`alma cost` over several repositories: those with ledgers of their own, and a shared one."""

from __future__ import annotations

import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alma_agent.memory import known_ledgers
from alma_agent.memory.ledger import Ledger
from alma_agent.records import Usage
from alma_agent.remembered import Scope
from alma_agent.terminal import consoles, costs
from tests.databases import new_database
from tests.making import START, an_interaction, days_after, record
from toolset.workspace import Workspace


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("ALMA_LEDGER_URL", "ALMA_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(consoles.manner, "result", {})


def worked_in(root: Path, id_: str, usd: str, **more: Any) -> Path:
    """Let a model have been asked in a repository."""
    root.mkdir()
    ledger = Ledger(Workspace(root).state_folder() / "ledger.sqlite3")
    usage = Usage(1, 100, 0, 10, Decimal(usd))
    record(ledger, an_interaction(id_, usage=usage, proposer="small", **more))
    ledger.close()
    known_ledgers.note(root)
    return root


async def sums(**asked: Any) -> dict[str, str]:
    """Return the sums by name, and why a repository has none."""
    asked = {"since": None, "by": "repo", "everywhere": False} | asked
    assert await costs.show_costs(**asked) == 0
    told = consoles.manner.result
    return {one["name"]: one["usd"] for one in told["sums"]} | {
        one["ledger"]: one["reason"] for one in told["unread"]
    }


async def test_each_repository_that_was_noted_has_a_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = worked_in(tmp_path / "one", "a", "0.5"), worked_in(tmp_path / "two", "b", "0.25")
    monkeypatch.chdir(tmp_path)

    assert await sums() == {str(one): "0.5", str(two): "0.25"}


async def test_by_model_only_this_repository_counts_unless_all_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_in(tmp_path / "one", "a", "0.5")
    monkeypatch.chdir(worked_in(tmp_path / "two", "b", "0.25"))

    assert await sums(by="model") == {"small": "0.25"}
    assert await sums(by="model", everywhere=True) == {"small": "0.75"}


async def test_what_is_older_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(worked_in(tmp_path / "one", "a", "0.5", at=START))

    assert await sums(since=days_after(1)) == {}


async def test_a_repository_that_went_away_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    known_ledgers.note(gone)
    monkeypatch.chdir(tmp_path)

    assert await sums() == {str(gone): "it is gone"}


async def test_a_ledger_that_cannot_be_read_is_told_of_and_the_others_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = worked_in(tmp_path / "a", "a", "1"), worked_in(tmp_path / "b", "b", "0.25")
    (broken / ".alma" / "ledger.sqlite3").write_bytes(b"no database at all, " * 100)
    monkeypatch.chdir(tmp_path)

    told = await sums()

    assert told[str(whole)] == "0.25"
    assert "cannot be read" in told[str(broken)]


async def test_looking_writes_nothing_into_other_repositories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = worked_in(tmp_path / "other", "a", "1") / ".alma" / "ledger.sqlite3"
    before = {one: one.read_bytes() for one in other.parent.iterdir()}
    monkeypatch.chdir(tmp_path)

    await sums()

    assert {one: one.read_bytes() for one in other.parent.iterdir()} == before


async def test_a_ledger_that_alma_has_open_is_read_with_what_is_written_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = worked_in(tmp_path / "one", "a", "1")
    ledger = Ledger(root / ".alma" / "ledger.sqlite3")
    record(ledger, an_interaction("b", usage=Usage(1, 1, 0, 1, Decimal(2))))
    monkeypatch.chdir(tmp_path)

    assert await sums() == {str(root): "3"}
    ledger.close()


async def test_a_link_in_place_of_a_ledger_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = worked_in(tmp_path / "one", "a", "1"), worked_in(tmp_path / "two", "b", "2")
    ledger = two / ".alma" / "ledger.sqlite3"
    ledger.rename(tmp_path / "elsewhere")
    ledger.symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)

    assert await sums() == {str(one): "1", str(two): "it is gone"}


async def test_a_shared_ledger_tells_repositories_apart_by_their_scope(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, usage = new_database(), Usage(1, 1, 0, 1, Decimal("0.5"))
    ledger = Ledger(url)
    for id_, name in (("a", "host/shop"), ("b", "host/site")):
        record(ledger, an_interaction(id_, usage=usage, scope=Scope(name)))
    ledger.close()
    monkeypatch.setenv("ALMA_LEDGER_URL", url)
    monkeypatch.chdir(tmp_path)

    assert await sums() == {"host/shop": "0.5", "host/site": "0.5"}


def test_a_note_is_the_users_own_and_made_once(tmp_path: Path) -> None:
    for _ in range(2):
        known_ledgers.note(tmp_path / "shop")
    (note,) = (tmp_path / "state" / "alma" / "repositories").iterdir()

    assert known_ledgers.repositories() == [tmp_path / "shop"]
    assert stat.S_IMODE(note.stat().st_mode) == 0o600


def test_a_state_folder_that_cannot_be_written_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    known_ledgers.note(tmp_path / "shop")

    assert known_ledgers.repositories() == []
