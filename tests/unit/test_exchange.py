"""Memories that go out to a folder and come back: from whom, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alma_agent.errors import UsageError
from alma_agent.memory.exchange import (
    SharedFilesRefused,
    export,
    forget_in,
    import_,
)
from alma_agent.memory.exchange.history import history_of
from alma_agent.memory.exchange.lines import encode, encode_forgotten
from alma_agent.memory.ledger import Ledger, memories
from alma_agent.remembered import Scope
from tests.shared_memories import (
    A_DECISION,
    AT,
    LATER,
    a_fact,
    another,
    bytes_of,
    edit,
    edited_elsewhere,
    forget,
    held,
    keep,
    lines_of,
    page_of,
    write_line,
    write_lines,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "memories"


# Two who edit one memory


def test_of_two_edits_the_newer_stands_and_the_other_is_kept(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    edited_elsewhere(folder, "aa11", text="Theirs.")
    edit(ledger, "aa11", AT + timedelta(hours=1), text="Ours.")
    assert import_(ledger, folder).revised == ("aa11",)
    with ledger.reading() as connection:
        former = memories.revisions(connection, "aa11")
    assert held(ledger)["aa11"].text == "Theirs."
    assert [one.text for _, one in former] == ["Rows are read lazily.", "Ours."]


def test_an_edit_made_under_a_slow_clock_still_counts(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact(at=LATER))
    edit(ledger, "aa11", AT, text="Edited before it was made.")
    export(ledger, folder)
    import_(ledger, folder)
    assert held(ledger)["aa11"].text == "Edited before it was made."


def test_a_page_that_was_edited_by_hand_is_an_edit(ledger: Ledger, folder: Path) -> None:
    keep(ledger, A_DECISION)
    export(ledger, folder)
    page = page_of(folder, "bb22")
    page.write_text(page.read_text().replace("Not with pandas.", "Not with polars."))
    assert import_(ledger, folder).revised == ("bb22",)
    expected = replace(A_DECISION, text="Read CSV with the standard library.\n\nNot with polars.")
    assert held(ledger)["bb22"] == expected


def test_a_page_that_is_out_of_date_changes_nothing(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    stale = page_of(folder, "aa11").read_bytes()
    edited_elsewhere(folder, "aa11", text="Newer.")
    page_of(folder, "aa11").write_bytes(stale)
    import_(ledger, folder)
    assert held(ledger)["aa11"].text == "Newer."


def test_a_page_alone_is_a_memory(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    lines_of(folder, "aa11").unlink()
    other = another(tmp_path)
    import_(other, folder)
    assert held(other) == {"aa11": a_fact()}


# What was forgotten


def test_forgetting_travels(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    keep(ledger, a_fact(), A_DECISION)
    export(ledger, folder)
    other = another(tmp_path)
    import_(other, folder)
    forget(ledger, "aa11")
    export(ledger, folder)
    assert import_(other, folder).erased == ("aa11",)
    assert list(held(other)) == ["bb22"]


def test_what_was_forgotten_here_does_not_come_back(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    forget(ledger, "aa11")
    assert import_(ledger, folder).kept_out == ("aa11",)
    assert held(ledger) == {}


def test_what_was_forgotten_elsewhere_cannot_come_later(
    ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    forget(ledger, "aa11")
    export(ledger, tmp_path / "newer")
    other = another(tmp_path)
    import_(other, tmp_path / "newer")
    import_(other, folder)
    assert held(other) == {}


def test_forgetting_wins_over_an_edit(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    file = lines_of(folder, "aa11")
    file.write_text(file.read_text() + encode_forgotten("aa11") + "\n")
    edit(ledger, "aa11", LATER, text="Edited.")
    assert import_(ledger, folder).erased == ("aa11",)


def test_a_forgotten_line_is_an_id_and_no_more() -> None:
    assert encode_forgotten("aa11") == '{"forgotten": "aa11", "form": 1}'


def test_nobody_erases_what_belongs_to_somebody(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact(scope=Scope(user="anna")))
    write_lines(folder, encode_forgotten("aa11"))
    import_(ledger, folder)
    assert list(held(ledger)) == ["aa11"]


def test_a_folder_forgets_on_every_page(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact(text="The zebra is striped."), A_DECISION)
    export(ledger, folder)
    forget_in(folder, ["aa11"])
    assert not [
        path for path, data in bytes_of(folder).items() if b"ebra" in data or "ebra" in path
    ]
    forget(ledger, "aa11")
    assert (again := export(ledger, folder)).written == again.removed == ()


# Who said the same


def test_what_is_said_twice_is_said_once_whoever_imports(tmp_path: Path) -> None:
    ours, theirs = another(tmp_path, "ours"), another(tmp_path, "theirs")
    keep(ours, a_fact("aa11", tags=("a",)))
    keep(theirs, a_fact("bb22", "rows are  READ lazily.", at=LATER, tags=("b",), importance=0.8))
    export(ours, tmp_path / "1")
    export(theirs, tmp_path / "2")
    assert import_(ours, tmp_path / "2").merged == ("bb22",)
    assert import_(theirs, tmp_path / "1").merged == ("bb22",)
    assert held(ours) == held(theirs)
    first = held(ours)["aa11"]
    assert (first.supersedes, first.tags, first.importance) == ("bb22", ("a", "b"), 0.8)
    export(ours, tmp_path / "3")
    export(theirs, tmp_path / "4")
    assert bytes_of(tmp_path / "3") == bytes_of(tmp_path / "4")
    assert import_(ours, tmp_path / "4").revised == ()


def test_the_same_words_in_another_scope_are_another_memory(
    ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    other = another(tmp_path)
    keep(other, a_fact("bb22", scope=Scope(user="anna")))
    assert import_(other, folder).merged == ()


# Whose it is


def test_memories_of_others_are_refused_unless_asked_for(ledger: Ledger, folder: Path) -> None:
    write_line(folder, scope={"user": "anna"})
    with pytest.raises(SharedFilesRefused, match=r"00\.jsonl:1: belongs to user 'anna'"):
        import_(ledger, folder)
    import_(ledger, folder, scope=Scope(user="anna"))
    assert held(ledger)["aa11"].scope == Scope(user="anna")


def test_a_file_does_not_reach_a_memory_of_another_scope(ledger: Ledger, folder: Path) -> None:
    mine = a_fact(scope=Scope(user="anna"))
    keep(ledger, mine)
    write_line(folder, since=LATER.isoformat(), text="not hers")
    assert import_(ledger, folder).left_alone == ("aa11",)
    assert held(ledger) == {"aa11": mine}


def test_a_file_cannot_supersede_a_memory_of_another_scope(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact("bb22", scope=Scope(user="anna")))
    write_line(folder, supersedes="bb22")
    with pytest.raises(SharedFilesRefused, match="supersedes bb22, which belongs to user 'anna'"):
        import_(ledger, folder)


# What is not overwritten


def test_a_folder_of_other_things_is_not_written_into(ledger: Ledger, folder: Path) -> None:
    (folder / "decisions").mkdir(parents=True)
    (folder / "decisions" / "0001-adr.md").write_text("# Ours\n")
    before = bytes_of(folder)
    with pytest.raises(UsageError, match="holds other things"):
        export(ledger, folder)
    assert bytes_of(folder) == before


def test_other_files_in_the_folder_stay(ledger: Ledger, folder: Path) -> None:
    export(ledger, folder)
    (folder / "README.md").write_text("hello\n")
    (folder / "decisions").mkdir()
    (folder / "decisions" / "notes.txt").write_text("hello\n")
    export(ledger, folder)
    assert {"README.md", "decisions/notes.txt"} < bytes_of(folder).keys()


@pytest.mark.parametrize("change", ["a memory", "an edit", "a page", "a forgotten one"])
def test_what_the_ledger_has_not_heard_is_not_overwritten(
    ledger: Ledger, folder: Path, change: str
) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    file = lines_of(folder, "aa11")
    added: dict[str, str] = {
        "a memory": encode(history_of(a_fact("cc33", "Third."))),
        "an edit": encode(history_of(a_fact(text="Edited."), [(LATER, a_fact())])),
        "a page": "",
        "a forgotten one": encode_forgotten("aa11"),
    }
    file.write_text(file.read_text() + added[change])
    if change == "a page":
        page = page_of(folder, "aa11")
        page.write_text(page.read_text().replace("lazily", "eagerly"))
    before = bytes_of(folder)
    with pytest.raises(UsageError, match="alma memory import"):
        export(ledger, folder)
    assert bytes_of(folder) == before
    import_(ledger, folder)
    export(ledger, folder)


def test_a_link_is_not_written_through(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    export(ledger, folder)
    keep(ledger, a_fact())
    (tmp_path / "outside").mkdir()
    (folder / "facts").symlink_to(tmp_path / "outside")
    with pytest.raises(UsageError, match="is a link"):
        export(ledger, folder)
    assert bytes_of(tmp_path / "outside") == {}


def test_of_two_that_say_the_same_both_reasons_are_kept(
    ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    keep(ledger, a_fact("aa11", reasoning="Files are large."))
    other = another(tmp_path)
    keep(other, a_fact("bb22", at=LATER, reasoning="Memory is short.", metadata='{"a": 1}'))
    export(other, folder)

    import_(ledger, folder)

    winner = held(ledger)["aa11"]
    assert winner.reasoning == "Files are large. Memory is short."
    assert winner.metadata == '{"a": 1}'
