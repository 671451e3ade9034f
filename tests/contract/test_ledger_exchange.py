"""Sharing and forgetting, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from alma_agent.memory.exchange import export, import_
from alma_agent.memory.ledger import Ledger, conversations, erasing, histories, memories
from alma_agent.memory.ledger.recording import record
from alma_agent.remembered import Anchor, Memory, Scope, Session, SessionState
from tests.making import an_interaction, an_undo

AT = datetime(2026, 3, 4, tzinfo=UTC)
SAID = 'Zebras "sleep" standing, über all.'
A_FACT = Memory(
    "aa11",
    AT,
    SAID,
    kind="fact",
    anchors=(Anchor(PurePosixPath("a.py"), "f", "d1"),),
    importance=0.1,
    tags=("t",),
)


def test_what_is_shared_comes_back_with_its_edits(ledger: Ledger, tmp_path: Path) -> None:
    here = Ledger(tmp_path / "here.sqlite3")
    later = AT + timedelta(hours=1)
    edited = replace(A_FACT, text="Zebras lie down.", importance=0.3)
    with here.writing() as connection:
        histories.add(connection, [(edited, [(later, A_FACT)])])
        histories.bury(connection, ["gone"], AT)
    export(here, tmp_path / "1")
    import_(ledger, tmp_path / "1")
    export(ledger, tmp_path / "2")
    with ledger.reading() as connection:
        assert memories.with_ids(connection, ["aa11"]) == [edited]
        assert memories.revisions(connection, "aa11") == [(later, A_FACT)]
        assert histories.forgotten(connection) == {"gone"}
    one, other = ({p.name: p.read_bytes() for p in (tmp_path / n).rglob("*.*")} for n in "12")
    assert one == other


def test_a_newer_edit_and_a_twin_come_in(ledger: Ledger, tmp_path: Path) -> None:
    here = Ledger(tmp_path / "here.sqlite3")
    twin = replace(A_FACT, id="bb22", at=AT + timedelta(hours=2), tags=("u",))
    with ledger.writing() as connection:
        memories.add(connection, [A_FACT])
    with here.writing() as connection:
        memories.add(connection, [twin])
    export(here, tmp_path / "1")
    assert import_(ledger, tmp_path / "1").merged == ("bb22",)
    assert import_(ledger, tmp_path / "1").known == 1
    with ledger.reading() as connection:
        (first,) = memories.with_ids(connection, ["aa11"])
    assert (first.supersedes, first.tags) == ("bb22", ("t", "u"))


def test_a_session_falls_silent(ledger: Ledger) -> None:
    scope, turn = Scope(user="anna"), replace(A_FACT, session="s")
    with ledger.writing() as connection:
        for owner in (scope, Scope()):
            seq = conversations.open_session(connection, Session("s", AT, owner))
            said = [(f'{{"text": "{SAID}"}}'.replace('"sleep"', '\\"sleep\\"'), 1), ("{}", 1)]
            conversations.append_items(connection, seq, said, AT)
            state = SessionState("s", context=f"Before. {SAID}")
            conversations.put_state(connection, seq, state)
        erasing.silence_session(connection, turn)
    with ledger.reading() as connection:
        ours, theirs = (
            conversations.find_session(connection, "s", one) for one in (Scope(), scope)
        )
        assert ours
        assert theirs
        items = [one.item for one in conversations.items_of(connection, ours)]
        assert items == ['{"text": "[forgotten]"}', "{}"]
        assert conversations.state_of(connection, ours, "s").context == "Before. [forgotten]"
        assert "Zebras" in conversations.items_of(connection, theirs)[0].item


def test_what_else_says_so_is_found(ledger: Ledger) -> None:
    record(ledger, an_interaction("i1", f"write: {SAID}"), [])
    record(ledger, an_interaction("i2", "100% of it"), [])
    other = replace(A_FACT, id="bb22", text="Why?", reasoning=f"Since {SAID}")
    theirs = replace(A_FACT, id="cc33", scope=Scope(user="anna"))
    with ledger.writing() as connection:
        memories.add(connection, [A_FACT, other, theirs])
        found = erasing.mentions(connection, SAID, Scope())
        assert found == ["memory aa11", "memory bb22", "interaction i1"]
        assert erasing.mentions(connection, "100% ______ of _____ it", Scope()) == []


def test_undos_and_redos_of_an_interaction_are_found(ledger: Ledger) -> None:
    record(ledger, an_interaction("i1"), [])
    for undo, of in (("u1", "i1"), ("r1", "u1"), ("u2", "other")):
        record(ledger, an_undo(undo, of), [])
    with ledger.reading() as connection:
        assert erasing.undone_and_redone(connection, ["i1"]) == {"u1", "r1"}
