"""`alma review` at a terminal: what it asks, what an answer leads to, hunks as a new revision."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from alma_agent.config import MemoryChoice
from alma_agent.exit_codes import ExitCode
from alma_agent.proposals.checking import CheckRun
from alma_agent.proposer.prompts import recalled_message
from alma_agent.wiring import open_house
from tests.conftest import git, make_repository, write_files
from tests.end_to_end.conftest import clean_environment
from tests.forked import OnTerminal
from tests.made_proposals import proposed
from toolset.workspace import Workspace

OLD = "".join(f"x{number} = {number}\n" for number in range(20))
NEW = OLD.replace("x2 =", "y2 =").replace("x15 =", "y15 =")
SIGNED_ONLY = '[review]\nallowed-signers = "signers"\n'
WHOLE = r"Approve revision 1\? \[y/N/h/\?\] "
HUNK = r"Take this hunk\? \[y,n,a,d,j,k,q,\?\] "
CHECKS = (sys.executable, "-c", "import a; print(a.y2)")
Start = Callable[..., OnTerminal]


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", {"a.py": OLD})


@pytest.fixture
def proposal(project: Workspace) -> Path:
    return proposed(project, {"a.py": NEW}, goal="Rename some of them")[1]


@pytest.fixture
def reviewing(project: Workspace) -> Iterator[Start]:
    """Return a function that starts `alma review` at a terminal."""
    opened: list[OnTerminal] = []

    def start(*arguments: str) -> OnTerminal:
        environment = clean_environment() | {"ALMA_EMBEDDER": "none", "TERM": "xterm-256color"}
        opened.append(OnTerminal(["review", *arguments], project.root, environment, lines=100))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def approvals(place: Path) -> list[dict[str, Any]]:
    files = sorted((place / "approvals").glob("*.json")) if (place / "approvals").exists() else []
    return [json.loads(file.read_bytes()) for file in files]


def revision(place: Path) -> int:
    return int(json.loads((place / "proposal.json").read_bytes())["revision"])


def told_next(project: Workspace, goal: str) -> str:
    """Return what the next proposer of something like it would be told."""
    library = open_house(project, MemoryChoice(embedder="none")).library
    return recalled_message(library.search(goal, budget_tokens=2_000))


def test_a_yes_approves_what_was_shown(reviewing: Start, proposal: Path) -> None:
    program = reviewing()
    program.expect(WHOLE)
    assert "+y15 = 15" in re.sub(r"\x1b\[[0-9;]*m", "", str(program.before))
    program.sendline("y")
    program.expect("Approved revision 1 of .* as A Person <person@example.org>")

    assert program.wait() == 0
    assert [one["decision"] for one in approvals(proposal)] == ["approved"]


def test_return_alone_decides_nothing(reviewing: Start, proposal: Path) -> None:
    program = reviewing()
    program.expect(WHOLE)
    program.sendline("?")
    program.expect("decide nothing now")
    program.expect(WHOLE)
    program.sendline("nope")  # a word only may be a slip
    program.expect(WHOLE)
    program.sendline("")
    program.expect("Nothing was decided")

    assert program.wait() == 0
    assert approvals(proposal) == []


def test_words_are_the_reason_of_a_no_which_the_next_proposer_hears(
    reviewing: Start, project: Workspace, proposal: Path
) -> None:
    program = reviewing()
    program.expect(WHOLE)
    program.sendline("names of the paper stay")
    program.expect("Rejected revision 1")

    assert program.wait() == 0
    (kept,) = approvals(proposal)
    assert (kept["decision"], kept["reason"]) == ("rejected", "names of the paper stay")
    assert "Reason: names of the paper stay" in told_next(project, "rename some names")


def test_what_is_chosen_becomes_the_next_revision_and_older_approvals_die(
    reviewing: Start, project: Workspace, proposal: Path
) -> None:
    program = reviewing()
    program.expect(WHOLE)
    program.sendline("y")
    assert program.wait() == 0

    program = reviewing("--hunks", "--approve")
    program.expect(HUNK)
    program.sendline("y")
    program.expect(HUNK)
    program.sendline("plugins read x15")
    program.expect("revision 2")
    program.expect("has to approve this one")
    program.expect("Approved revision 2")

    assert program.wait() == 0
    assert revision(proposal) == 2
    patch = next(proposal.glob("*.patch")).read_text()
    assert ("+y2 = 2" in patch, "+y15" in patch) == (True, False)
    assert [one["revision"] for one in approvals(proposal)] == [1, 2]
    notes = json.loads((proposal / "proposal.json").read_bytes())["notes"]
    assert "plugins read x15" in notes[0]["text"]
    assert "plugins read x15" in told_next(project, "rename some of them")


def test_a_part_is_checked_again_after_a_yes_and_a_failure_makes_no_revision(
    reviewing: Start, project: Workspace
) -> None:
    check = CheckRun(CHECKS, 0, 0.1, "cut off", "2\n")
    _, place = proposed(project, {"a.py": NEW}, checks=(check,))
    program = reviewing()
    program.expect(WHOLE)
    program.sendline("h")
    program.expect(HUNK)
    program.sendline("n")
    program.expect(HUNK)
    program.sendline("y")
    program.expect(r"Run 1 check of the proposal over what you chose\? \[y/N\] ")
    program.sendline("")
    program.expect("no new revision")
    program.expect(WHOLE)
    program.sendline("h")
    program.expect(HUNK)
    program.sendline("n")
    program.expect(HUNK)
    program.sendline("y")
    program.expect(r"\[y/N\] ")
    program.sendline("y")
    program.expect("failed over what you chose")
    program.expect("AttributeError")
    program.expect(WHOLE)
    program.sendline("")

    assert program.wait() == 0
    assert revision(place) == 1


def test_a_part_that_passes_has_its_own_checks(reviewing: Start, project: Workspace) -> None:
    check = CheckRun(CHECKS, 0, 9.9, "cut off", "2\n")
    _, place = proposed(project, {"a.py": NEW}, checks=(check,))
    program = reviewing("--hunks")
    program.expect(HUNK)
    program.sendline("y")
    program.expect(HUNK)
    program.sendline("n")
    program.expect(r"\[y/N\] ")
    program.sendline("y")
    program.expect(r"Approve revision 2\? \[y/N/\?\] ")
    program.sendline("n")

    assert program.wait() == 0
    (ran,) = json.loads((place / "proposal.json").read_bytes())["checks"]
    assert ran["exit_code"] == 0
    assert ran["seconds"] < 9  # measured anew
    assert approvals(place) == []


def test_what_was_left_out_is_remembered_though_a_key_is_missing_for_the_approval(
    reviewing: Start, project: Workspace
) -> None:
    write_files(project.root, {"alma.toml": SIGNED_ONLY, "signers": "a@b ssh-ed25519 AAAA\n"})
    git(project.root, "add", ".")
    git(project.root, "commit", "-qm", "policy")
    _, place = proposed(project, {"a.py": NEW}, goal="Rename some of them")
    program = reviewing("--hunks")
    program.expect(HUNK)
    program.sendline("plugins read x2")
    program.expect(HUNK)
    program.sendline("y")
    program.expect(r"Approve revision 2\? \[y/N/\?\] ")
    program.sendline("y")
    program.expect("Only signed decisions count here")

    assert program.wait() == ExitCode.USAGE
    assert (revision(place), approvals(place)) == (2, [])
    assert "plugins read x2" in told_next(project, "rename some of them")


def test_no_to_every_hunk_is_a_no(reviewing: Start, project: Workspace, proposal: Path) -> None:
    program = reviewing("--hunks")
    program.expect(HUNK)
    program.sendline("not these names")
    program.expect(HUNK)
    program.sendline("n")
    program.expect("Rejected revision 1")

    assert program.wait() == 0
    assert approvals(proposal)[0]["reason"] == "not these names"
    assert "said no to: a.py:3" in told_next(project, "rename some of them")
