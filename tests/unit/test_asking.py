"""What a person is asked before a change is applied, and what the answers come to."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

import pytest

from alma_agent.records import Objection, Proposal, Verdict
from alma_agent.terminal.ask import AskOnTerminal, Shown
from alma_agent.terminal.consoles import PlainConsole
from toolset.edits import ChangeSet, Edit, FileState

A, B = PurePosixPath("a.py"), PurePosixPath("b.py")
OLD = "".join(f"x{number} = {number}\n" for number in range(20))
NEW = OLD.replace("x2 =", "y2 =").replace("x4 =", "y4 =").replace("x15 =", "y15 =")
ONE = ChangeSet((Edit(A, FileState(b"x = 1\n"), FileState(b"x = 2\n")),))
THREE = ChangeSet(
    (
        Edit(A, FileState(OLD.encode()), FileState(NEW.encode())),
        Edit(B, None, FileState(b"b = 1\n")),
    )
)


class Person(PlainConsole):
    """A console at which somebody types; says nothing more after that."""

    def __init__(self, *answers: str) -> None:
        super().__init__(file=StringIO(), force_terminal=True, color_system=None, width=80)
        self.asked: list[str] = []
        self._answers = list(answers)

    def input(self, prompt: Any = "", **_: Any) -> str:
        self.asked.append(prompt)
        if not self._answers:
            raise EOFError
        return self._answers.pop(0)

    @property
    def seen(self) -> str:
        return self.file.getvalue()  # type: ignore[attr-defined, no-any-return]


async def said(changes: ChangeSet, *answers: str) -> Verdict:
    return await AskOnTerminal(Person(*answers)).review(Proposal(changes, "why", "script"), ())


def new_lines(changes: ChangeSet | None) -> set[str]:
    """Return the names that a change brings."""
    return {
        line.split()[0]
        for edit in changes or ()
        for line in (edit.after.data.decode() if edit.after else "").splitlines()
        if not line.startswith("x")
    }


@pytest.mark.parametrize(
    ("answer", "accepted", "reason"),
    [
        pytest.param("y", True, "accepted at the prompt", id="yes"),
        pytest.param("YES", True, "accepted at the prompt", id="in capitals"),
        pytest.param("", False, "you said no", id="only return"),
        pytest.param("n", False, "you said no", id="no"),
        pytest.param("Money is exact", False, "Money is exact", id="words are a reason"),
    ],
)
async def test_the_whole_is_taken_or_not(answer: str, accepted: bool, reason: str) -> None:
    assert await said(THREE, answer) == Verdict(accepted, "human", reason)


async def test_no_answer_is_a_no() -> None:
    assert (await said(THREE)).accepted is False


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        pytest.param(ONE, "Apply this to 1 file? [y/N/?] ", id="nothing to choose from"),
        pytest.param(THREE, "Apply this to 2 files? [y/N/h/?] ", id="several hunks"),
    ],
)
async def test_hunks_are_offered_where_there_are_several(changes: ChangeSet, question: str) -> None:
    person = Person("n")

    await AskOnTerminal(person).review(Proposal(changes, "why", "script"), ())

    assert person.asked == [question]


@pytest.mark.parametrize(
    ("answers", "names", "taken"),
    [
        pytest.param(("y", "n", "n"), {"y2", "y4"}, 1, id="one"),
        pytest.param(("n", "a"), {"y15", "b"}, 2, id="all the rest"),
        pytest.param(("n", "y", "d"), {"y15"}, 1, id="none of the rest"),
        pytest.param(("s", "n", "y", "d"), {"y4"}, 1, id="half of one"),
        pytest.param(("?", "x", "n", "a"), {"y15", "b"}, 2, id="after some help"),
        pytest.param(("j", "y", "d"), {"y15"}, 1, id="one left open"),
        pytest.param(("y", "k", "n", "n", "y"), {"b"}, 1, id="another answer"),
    ],
)
async def test_hunks_are_chosen_one_by_one(
    answers: tuple[str, ...], names: set[str], taken: int
) -> None:
    verdict = await said(THREE, "h", *answers)

    assert verdict.accepted
    assert (new_lines(verdict.chosen), verdict.taken) == (names, taken)


async def test_each_no_is_told_with_its_words() -> None:
    verdict = await said(THREE, "h", "y", "keep the name", "n")

    assert verdict.left_out == (
        "a.py:16: `y15 = 15` for `x15 = 15` (keep the name)",
        "b.py: the new file",
    )


async def test_all_hunks_are_the_whole() -> None:
    assert await said(THREE, "h", "a") == Verdict(True, "human", "accepted at the prompt")


async def test_no_hunk_is_a_no_with_the_reasons() -> None:
    verdict = await said(THREE, "h", "too early", "d")

    assert (verdict.accepted, verdict.reason, verdict.chosen) == (False, "too early", None)
    assert len(verdict.left_out) == 3


async def test_breaking_off_leads_back_to_the_whole() -> None:
    assert await said(THREE, "h", "y", "q", "y") == Verdict(True, "human", "accepted at the prompt")


async def test_a_hunk_is_shown_with_its_number_and_what_was_said_of_it() -> None:
    person = Person("h", "n", "k", "d")

    await AskOnTerminal(person).review(Proposal(THREE, "why", "script"), ())

    assert person.seen.count("Hunk 1 of 3: a.py:3\n") == 2
    assert "Hunk 2 of 3: a.py:16\n x12 = 12\n" in person.seen
    assert "You left it out." in person.seen


async def test_what_speaks_against_a_part_is_shown_and_asked_about() -> None:
    person = Person("h", "y", "d", "?", "y")
    reviewer = Shown(person, AskOnTerminal(person))
    proposal = Proposal(THREE, "why", "script")
    first = await reviewer.review(proposal, ())

    doubt = Objection("a.py:1: undefined name y15", is_final=False)
    again = await reviewer.review(replace(proposal, objection=doubt), ())

    assert again == first
    assert "undefined name" in person.seen
    assert "write nothing" in person.seen
    assert person.asked[-1] == "Apply what you chose all the same? [y/N/h/?] "


async def test_what_cannot_be_applied_is_asked_for_anew() -> None:
    person = Person("h", "y", "d", "h", "n", "a")
    reviewer = Shown(person, AskOnTerminal(person))
    proposal = Proposal(THREE, "why", "script")
    await reviewer.review(proposal, ())

    final = Objection("it does not parse", is_final=True)
    again = await reviewer.review(replace(proposal, objection=final), ())

    assert "Apply the whole to 2 files? [y/N/h/?] " in person.asked
    assert new_lines(again.chosen) == {"y15", "b"}
