"""`alma review`: what it shows, what it keeps in the proposal's folder, and in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alma_agent.config import MemoryChoice
from alma_agent.errors import NeedsHuman, UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.proposals import folder
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import (
    Evidence,
    Note,
    Person,
    ResultDocument,
    Step,
    UsedMemory,
    encode,
)
from alma_agent.proposals.checking import CheckRun
from alma_agent.proposals.landing import Wanted as Landing
from alma_agent.proposals.landing import land
from alma_agent.proposals.refusals import (
    Drifted,
    NoSuchProposal,
    NotSound,
    PolicyForbids,
    WrongPolicy,
)
from alma_agent.proposals.vouching import is_vouched_here
from alma_agent.proposer.prompts import recalled_message
from alma_agent.records import Approved, Interaction, Refused, Task
from alma_agent.terminal.completing import proposal_ids
from alma_agent.terminal.consoles import manner, speak
from alma_agent.terminal.proposals.listing import is_open
from alma_agent.terminal.proposals.reviewing import Asked, review
from alma_agent.wiring import open_house
from tests.conftest import git, make_repository, tree
from tests.end_to_end.conftest import clean_environment
from tests.forked import run
from tests.made_proposals import a_key, proposed
from tests.model_server import Call, model_server
from toolset.git import Repository
from toolset.trees import Trees
from toolset.workspace import Workspace

ME = {"name": "A Person", "email": "person@example.org"}  # to git, in the tests
PASSED = CheckRun(("pytest", "-q"), 0, 1.25, "cut off", "3 passed\n")
FAILED = CheckRun(("make", "lint"), 2, 0.5, "allowed", "E501 too long\n")
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
SIGNED_ONLY = '[tool.alma.review]\nallowed-signers = "signers"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    workspace = make_repository(tmp_path / "project", {"a.py": "x = 1\n", "b.py": "y = 2\n"})
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("ALMA_EMBEDDER", "none")
    speak(json=False, quiet=False, verbose=False)
    yield workspace
    speak(json=False, quiet=False, verbose=False)


@pytest.fixture
def proposal(project: Workspace) -> tuple[str, Path]:
    return proposed(project, {"a.py": "y = 1\n"})


def decide(id: str, decision: Any, reason: str = "", **more: Any) -> Asked:
    return Asked(id, decision, reason, **more)


def approvals(place: Path) -> list[dict[str, Any]]:
    """Return what lies in a proposal's approvals, the oldest first."""
    files = sorted((place / "approvals").glob("*.json"))
    return [json.loads(file.read_bytes()) for file in files]


def remembered(project: Workspace) -> list[Interaction]:
    house = open_house(project, MemoryChoice(embedder="none"))
    return list(house.library.interactions(limit=9))


async def shown(asked: Asked, capsys: pytest.CaptureFixture[str]) -> str:
    assert await review(asked) == 0
    return capsys.readouterr().out


async def test_it_shows_all_in_the_order_that_a_reviewer_needs(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    id_, _ = proposed(
        project,
        {"a.py": "y = 1\n"},
        rationale="x says nothing.",
        agent="alma 1.0",
        model="gpt-5",
        scope=("*.py",),
        checks=(PASSED, FAILED),
        memories=(UsedMemory(id="m1", kind="decision", text="No x any more.", sha256=""),),
        notes=(Note(path="a.py", line=1, text="a public name"),),
        evidence=Evidence(
            level="likely",
            summary="likely: 1 occurrence",
            leftovers=[Note(path="README", line=3, text="x is the unknown")],
        ),
        recipe=(Step(refactoring="rename", arguments={"name": "x", "new": "y"}),),
    )

    told = await shown(Asked(id_), capsys)

    parts = [
        f"proposal {id_}, revision 1",
        "goal: Rename x to y",
        "author: An Author <author@example.org>",
        "made by: alma 1.0 with gpt-5 (diff)",
        "why: x says nothing.",
        'recipe: rename name="x" new="y"',
        "scope: *.py; its file is inside",
        "change  a.py",
        "--- a/a.py",
        "-x = 1",
        "+y = 1",
        "evidence: likely: 1 occurrence",
        "left: README:3: x is the unknown",
        "look: a.py:1: a public name",
        "check: pytest -q passed in 1.2 s (exit code 0; network cut off)",
        "check: make lint failed in 0.5 s (exit code 2; network allowed)",
        "    E501 too long",
        "m1 (decision) No x any more.",
        "cost: no model used",
        "approvals: HEAD asks for 1 approval (no policy is set; names are not proven)",
        "missing:",
    ]
    places = [told.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


async def test_a_program_gets_the_same_as_data(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    id_, _ = proposed(project, {"a.py": None, "c.py": "x = 1\n"}, checks=(FAILED,))
    speak(json=True, quiet=False, verbose=False)

    assert await review(Asked(id_)) == 0

    told = manner.result
    assert capsys.readouterr().out == ""
    assert [(one["kind"], one["path"], one["moved_from"]) for one in told["files"]] == [
        ("move", "c.py", "a.py")
    ]
    assert "rename from a.py" in told["diff"]
    assert [(one["argv"], one["passed"], one["output"]) for one in told["checks"]] == [
        (["make", "lint"], False, "E501 too long\n")
    ]
    assert (told["standing"]["needed"], told["standing"]["is_enough"]) == (1, False)
    assert told["decided"] is None


async def test_nothing_is_decided_where_nobody_can_be_asked(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    assert await review(Asked()) == 0  # the one that is open

    assert not (proposal[1] / "approvals").exists()
    assert not (project.root / ".alma" / "ledger.sqlite3").exists()


async def test_text_of_a_proposal_cannot_pass_for_almas_own(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "x\ncheck: all passed\n\x1b[2Kgone\rback\u202eabc"
    id_, _ = proposed(
        project,
        {"a.py": "y = 1  # \x1b[2K\u202e\n"},
        goal=evil,
        rationale=evil,
        agent=evil,
        author=Person(name=evil.replace("\n", " "), email="a@b"),
        notes=(Note(path="", line=0, text=evil),),
        memories=(UsedMemory(id="m", kind=evil, text=evil, sha256=""),),
        checks=(CheckRun(("sh", "-c", evil), 1, 0.1, evil, evil),),
    )

    told = await shown(Asked(id_), capsys)

    assert not [sign for sign in told if not sign.isprintable() and sign not in "\n\t"]
    assert not [line for line in told.splitlines() if line.startswith("check: all passed")]


async def test_an_approval_names_the_revision_by_its_digest(
    proposal: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    id_, place = proposal

    told = await shown(decide(id_, "approved", "fine"), capsys)

    (kept,) = approvals(place)
    assert (kept["decision"], kept["reviewer"], kept["reason"]) == ("approved", ME, "fine")
    assert kept["sha256"] == manner.result["sha256"]
    assert manner.result["standing"]["is_enough"]
    assert manner.result["standing"]["counted"] == [ME]
    assert f"Land it: alma apply {id_}" in told


async def test_approving_twice_is_approving_once(proposal: tuple[str, Path]) -> None:
    id_, place = proposal

    await review(decide(id_, "approved"))
    await review(decide(id_, "approved", "once more"))

    (kept,) = approvals(place)
    assert kept["reason"] == "once more"


async def test_of_two_decisions_the_later_one_holds_however_soon(
    proposal: tuple[str, Path],
) -> None:
    id_, place = proposal

    await review(decide(id_, "rejected", "x is a good name"))
    assert "x is a good name" in manner.result["standing"]["missing"]
    await review(decide(id_, "approved"))

    assert manner.result["standing"]["is_enough"]
    assert [one["decision"] for one in approvals(place)] == ["rejected", "approved"]


async def test_others_decisions_stay(
    proposal: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, place = proposal
    await review(decide(id_, "approved"))
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "other@example.org")

    await review(decide(id_, "approved"))

    assert {one["reviewer"]["email"] for one in approvals(place)} == {
        "person@example.org",
        "other@example.org",
    }


@pytest.mark.parametrize(
    ("asked", "cure"),
    [
        pytest.param(decide("", "rejected"), "-m TEXT", id="a no without a reason"),
        pytest.param(Asked("", None, "why"), "--approve or --reject", id="a reason of nothing"),
        pytest.param(
            decide("", "rejected", "no", hunks=True), "--hunks takes a part", id="part of nothing"
        ),
    ],
)
@pytest.mark.usefixtures("project")
async def test_what_makes_no_sense_is_refused(asked: Asked, cure: str) -> None:
    with pytest.raises(UsageError, match=cure):
        await review(asked)


@pytest.mark.usefixtures("project")
async def test_hunks_are_chosen_at_a_terminal() -> None:
    with pytest.raises(NeedsHuman, match="terminal"):
        await review(Asked(hunks=True))


async def test_which_one_has_to_be_said_if_several_are_open(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    proposed(project, {"b.py": "z = 2\n"})
    with pytest.raises(UsageError, match="2 proposals are open"):
        await review(Asked())

    (project.root / "a.py").write_text("y = 1\n")
    git(project.root, "commit", "-qam", "it is in already")

    assert await review(Asked()) == 0
    assert manner.result["id"] != proposal[0]


@pytest.mark.usefixtures("project")
async def test_where_there_is_none_it_says_how_to_make_one() -> None:
    with pytest.raises(UsageError, match="alma propose"):
        await review(Asked())
    with pytest.raises(NoSuchProposal):
        await review(Asked("abc"))


@pytest.mark.parametrize("file", ["proposal.json", "0001-*.patch", "logs/check-1.txt"])
async def test_a_folder_that_was_tampered_with_cannot_be_approved(
    project: Workspace, file: str
) -> None:
    id_, place = proposed(project, {"a.py": "y = 1\n"}, checks=(PASSED,))
    (path,) = place.glob(file)
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1) + b" ")

    with pytest.raises(NotSound) as refused:
        await review(decide(id_, "approved"))

    assert refused.value.exit_code == ExitCode.NOT_ALLOWED
    assert not (place / "approvals").exists()


async def test_a_broken_approval_beside_it_cannot_be_approved_over(
    proposal: tuple[str, Path],
) -> None:
    id_, place = proposal
    await review(decide(id_, "approved"))
    (one,) = (place / "approvals").iterdir()
    one.write_bytes(one.read_bytes().replace(b"fine", b"") + b"\n")

    with pytest.raises(NotSound):
        await review(decide(id_, "approved"))


async def test_a_shallow_clone_whose_files_moved_on_is_told_what_to_fetch(
    project: Workspace,
    proposal: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (project.root / "a.py").write_text("x = 3\n")
    git(project.root, "add", ".")
    git(project.root, "commit", "-qm", "meanwhile")
    git(tmp_path, "clone", "-q", "--depth=1", project.root.as_uri(), "clone")
    monkeypatch.chdir(tmp_path / "clone")

    with pytest.raises(Drifted, match="git fetch") as missing:
        await review(decide(proposal[0], "approved"))

    assert missing.value.exit_code == ExitCode.STALE


async def test_who_git_does_not_know_is_told_how_to_say_it(
    proposal: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    with pytest.raises(UsageError, match=r"git config user\.name"):
        await review(decide(proposal[0], "approved"))

    assert not (proposal[1] / "approvals").exists()


async def test_a_policy_that_cannot_be_read_is_shown_and_decides_nothing(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / "pyproject.toml").write_text("[tool.alma.review]\napproval = 2\n")
    git(project.root, "add", ".")
    git(project.root, "commit", "-qm", "policy")
    id_, place = proposed(project, {"a.py": "y = 1\n"})

    assert "Did you mean approvals?" in await shown(Asked(id_), capsys)
    with pytest.raises(WrongPolicy):
        await review(decide(id_, "approved"))
    assert not (place / "approvals").exists()


async def test_the_policy_is_that_of_the_commit_it_is_to_land_on(project: Workspace) -> None:
    git(project.root, "checkout", "-qb", "strict")
    (project.root / "alma.toml").write_text('[review]\napprovals = 3\nscope = ["docs/"]\n')
    git(project.root, "add", ".")
    git(project.root, "commit", "-qm", "policy")
    git(project.root, "checkout", "-q", "main")
    (project.root / "alma.toml").write_text("[review]\napprovals = 9\n")  # of the work tree
    id_, _ = proposed(project, {"a.py": "y = 1\n"})

    await review(Asked(id_))
    assert manner.result["standing"]["needed"] == 1
    await review(Asked(id_, onto="strict"))

    standing = manner.result["standing"]
    assert (standing["needed"], standing["policy"], standing["onto"]) == (3, "alma.toml", "strict")
    assert manner.result["scope"]["outside"] == ["a.py"]


async def test_a_ref_that_names_nothing_is_told(
    proposal: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no commit" in await shown(Asked(proposal[0], onto="nowhere"), capsys)
    assert manner.result["standing"]["commit"] is None
    with pytest.raises(UsageError, match="nowhere"):
        await review(decide(proposal[0], "approved", onto="nowhere"))


@pytest.fixture
def signed_only(project: Workspace, tmp_path: Path) -> tuple[Workspace, Path]:
    """Return a project where signed approvals count only, and this person's key."""
    key, public = a_key(tmp_path, "mine")
    (project.root / "pyproject.toml").write_text(SIGNED_ONLY)
    (project.root / "signers").write_text(f"person@example.org {public}\n")
    git(project.root, "add", ".")
    git(project.root, "commit", "-qm", "policy")
    return project, key


async def test_a_decision_is_signed_with_the_key_that_is_named(
    signed_only: tuple[Workspace, Path],
) -> None:
    project, key = signed_only
    id_, place = proposed(project, {"a.py": "y = 1\n"})

    await review(decide(id_, "approved", key=key))

    assert len(list((place / "approvals").glob("*.json.sig"))) == 1
    assert manner.result["decided"]["signed"]
    assert manner.result["standing"]["counted"] == [ME]


@pytest.mark.parametrize("in_line", [False, True])
async def test_gits_own_key_is_taken_where_signatures_are_asked_for(
    signed_only: tuple[Workspace, Path], *, in_line: bool
) -> None:
    project, key = signed_only
    id_, place = proposed(project, {"a.py": "y = 1\n"})
    git(project.root, "config", "gpg.format", "ssh")
    public = key.with_suffix(".pub").read_text().strip()
    git(project.root, "config", "user.signingkey", f"key::{public}" if in_line else str(key))

    if in_line:  # its private half is an agent's to have, and there is none
        with pytest.raises(UsageError, match="othing was signed"):
            await review(decide(id_, "approved"))
        assert not (place / "approvals").exists()
    else:
        await review(decide(id_, "approved"))
        assert manner.result["standing"]["is_enough"]


async def test_without_a_key_nothing_is_written_that_would_not_count(
    signed_only: tuple[Workspace, Path],
) -> None:
    id_, place = proposed(signed_only[0], {"a.py": "y = 1\n"})

    with pytest.raises(UsageError, match=rf"alma review {id_} --approve --sign"):
        await review(decide(id_, "approved"))

    assert not (place / "approvals").exists()


async def test_a_signed_no_blocks_until_the_same_person_says_yes(
    signed_only: tuple[Workspace, Path],
) -> None:
    project, key = signed_only
    id_, place = proposed(project, {"a.py": "y = 1\n"})

    await review(decide(id_, "rejected", "not now", key=key))
    assert not manner.result["standing"]["is_enough"]
    await review(decide(id_, "approved", key=key))
    await review(decide(id_, "approved", key=key))

    assert manner.result["standing"]["is_enough"]
    assert len(list((place / "approvals").iterdir())) == 4  # two, each signed


@pytest.mark.parametrize(
    ("config", "cure", "not_said"),
    [
        pytest.param({}, "gpg.format ssh` and `git config user.signingkey", "lacks", id="both"),
        pytest.param({"gpg.format": "ssh"}, "git config user.signingkey", "gpg.format", id="key"),
        pytest.param({"user.signingkey": "k"}, "gpg.format ssh", "user.signingkey", id="format"),
    ],
)
async def test_the_half_of_gits_own_key_that_is_missing_is_named(
    signed_only: tuple[Workspace, Path], config: dict[str, str], cure: str, not_said: str
) -> None:
    project, _ = signed_only
    id_, _ = proposed(project, {"a.py": "y = 1\n"})
    for key, value in config.items():
        git(project.root, "config", key, value)

    with pytest.raises(UsageError) as refused:
        await review(decide(id_, "approved"))

    assert cure in str(refused.value)
    assert not_said not in str(refused.value)


@pytest.mark.parametrize("decision", ["approved", "rejected"])
async def test_a_strangers_decision_is_not_written(
    signed_only: tuple[Workspace, Path], tmp_path: Path, decision: str
) -> None:
    id_, place = proposed(signed_only[0], {"a.py": "y = 1\n"})
    stranger, _ = a_key(tmp_path, "stranger")

    with pytest.raises(PolicyForbids, match=r"no key that signers has .* It was not written"):
        await review(
            decide(id_, decision, "because of it" * (decision == "rejected"), key=stranger)
        )

    assert not (place / "approvals").exists()
    assert not (signed_only[0].root / ".alma" / "approved").exists()


async def test_the_authors_own_approval_is_not_written_where_it_cannot_count(
    project: Workspace,
) -> None:
    (project.root / "alma.toml").write_text("[review]\nauthor-may-approve = false\n")
    git(project.root, "add", ".")
    git(project.root, "commit", "-qm", "policy")
    id_, place = proposed(project, {"a.py": "y = 1\n"}, author=Person(**ME))

    with pytest.raises(
        PolicyForbids, match=r"alma\.toml at HEAD: it is the author's own"
    ) as refused:
        await review(decide(id_, "approved"))

    assert refused.value.exit_code == ExitCode.NOT_ALLOWED
    assert not (place / "approvals").exists()
    await review(decide(id_, "rejected", "I know better now"))  # the author's no counts


async def test_an_approval_here_vouches_for_the_checks_here(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    await review(Asked(proposal[0]))
    assert not (project.root / ".alma" / "approved").exists()
    await review(decide(proposal[0], "rejected", "not this one"))
    assert not (project.root / ".alma" / "approved").exists()

    await review(decide(proposal[0], "approved"))

    assert is_vouched_here(project, manner.result["sha256"])


async def test_what_has_landed_is_told_in_a_line(
    project: Workspace, proposal: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    await review(decide(proposal[0], "approved"))
    read = folder.find(project, proposal[0])
    now = datetime.now(UTC)
    landed = land(project, read, Landing(), Account(), now=now, consent=lambda _: None)
    git(project.root, "revert", "--no-edit", "HEAD")  # it has landed all the same
    capsys.readouterr()

    told = await shown(Asked(proposal[0]), capsys)

    assert f"\nIt landed already, by {str(landed.commit)[:12]}.\n" in told
    assert "Approve revision" not in told
    assert "approvals:" not in told
    assert not is_open(project, Trees(Repository(project.root)), read.place.name)


async def test_a_forged_note_of_landing_hides_nothing(
    project: Workspace, proposal: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    head = git(project.root, "rev-parse", "HEAD").strip()
    read = folder.find(project, proposal[0])
    forged = ResultDocument(
        version=1,
        proposal=proposal[0],
        sha256=read.sha256,
        at="2026-01-02T03:04:05Z",
        outcome="landed",
        exit_code=0,
        drift="exact",
        onto=head,
        commit=head,
        tree=None,
        ref="refs/heads/main",
        reviewers=[],
        checks=[],
        message="",
    )
    folder.add(read, {"result.json": encode(forged)})

    assert "landed" not in await shown(Asked(), capsys)
    assert is_open(project, Trees(Repository(project.root)), read.place.name)


async def test_what_was_rejected_is_open_no_more(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    other, _ = proposed(project, {"b.py": "z = 2\n"})
    await review(decide(proposal[0], "rejected", "not this one"))

    assert await review(Asked()) == 0
    assert manner.result["id"] == other

    await review(decide(proposal[0], "approved"))  # the latest word holds
    with pytest.raises(UsageError, match="2 proposals are open"):
        await review(Asked())


@pytest.mark.parametrize("files", [{"alma.toml": "[review]\napprovals = 0\n"}])
async def test_a_change_of_the_policy_is_shown(
    project: Workspace, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    id_, _ = proposed(project, files)

    assert "look: alma.toml: it changes what is asked" in await shown(Asked(id_), capsys)


@pytest.mark.parametrize("files", [{"a.py": "y = 1\n"}, {"a.py": "y = 1\n", "b.py": "z = 2\n"}])
async def test_a_part_is_offered_only_of_what_has_parts(
    project: Workspace, files: dict[str, str]
) -> None:
    id_, _ = proposed(project, files)

    await review(decide(id_, "rejected", "not this one"))

    assert ("--hunks" in manner.result["standing"]["missing"]) == (len(files) > 1)


async def test_a_place_that_was_left_is_listed_once(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    left = [Note(path="README", line=3, text="x is the unknown")] * 2
    evidence = Evidence(level="likely", summary="likely: 1 occurrence", leftovers=left)
    id_, _ = proposed(project, {"a.py": "y = 1\n"}, evidence=evidence)

    assert (await shown(Asked(id_), capsys)).count("left: README:3") == 1


async def test_why_it_was_rejected_reaches_the_next_proposal(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    await review(decide(proposal[0], "rejected", "x is what the paper calls it"))

    (told,) = remembered(project)
    assert told.outcome == Refused("x is what the paper calls it")
    assert told.goal == "Rename x to y"
    assert [str(one.path) for one in told.files] == ["a.py"]
    library = open_house(project, MemoryChoice(embedder="none")).library
    recollection = await library.recall(Task("rename x to z"))
    assert "Reason: x is what the paper calls it" in recalled_message(recollection)


async def test_an_approval_is_remembered_as_one(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    await review(decide(proposal[0], "approved", "y is in the paper"))

    (told,) = remembered(project)
    assert told.outcome == Approved(proposal[0], "y is in the paper")
    assert told.usage.requests == 0
    assert manner.result["decided"]["not_remembered"] == ""


async def test_a_reason_is_remembered_however_much_a_proposal_says_of_itself(
    project: Workspace,
) -> None:
    id_, _ = proposed(project, {"a.py": "y = 1\n"}, goal="g" * 5_000, rationale="r" * 5_000)

    await review(decide(id_, "rejected", "far too wordy"))

    library = open_house(project, MemoryChoice(embedder="none")).library
    (one,) = library.search("wordy", budget_tokens=2_000).memories
    assert "Reason: far too wordy" in one.memory.text


async def test_a_secret_in_a_reason_is_neither_published_nor_remembered(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    await review(decide(proposal[0], "approved", f"with {TOKEN} it works"))

    (kept,) = approvals(proposal[1])
    assert TOKEN not in kept["reason"]
    assert "it works" in kept["reason"]
    assert TOKEN not in repr(remembered(project))


async def test_what_a_proposal_says_of_its_checks_cannot_break_the_ledger(
    project: Workspace,
) -> None:
    odd = CheckRun(("a", "b"), -9, 0.1, "as it likes", "\x00")
    id_, _ = proposed(project, {"a.py": "y = 1\n"}, checks=(odd,))

    await review(decide(id_, "approved"))

    assert remembered(project)[0].checks[0].network == "allowed"


async def test_a_memory_that_cannot_be_written_does_not_stop_a_review(
    project: Workspace, proposal: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / ".alma" / "ledger.sqlite3").mkdir()

    assert await review(decide(proposal[0], "approved")) == 0

    assert "not in memory" in capsys.readouterr().err
    assert manner.result["decided"]["not_remembered"]
    assert len(approvals(proposal[1])) == 1


async def test_state_that_came_with_the_repository_is_not_written_to(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    (project.root / ".alma" / "ledger.sqlite3").write_bytes(b"")
    git(project.root, "add", "--force", ".alma/ledger.sqlite3")

    assert await review(decide(proposal[0], "approved")) == 0

    assert "tracked by git" in manner.result["decided"]["not_remembered"]


async def test_a_review_changes_no_file_of_the_project(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    before, head = tree(project.root), git(project.root, "rev-parse", "HEAD")

    await review(decide(proposal[0], "approved"))

    assert (tree(project.root), git(project.root, "rev-parse", "HEAD")) == (before, head)
    assert git(project.root, "status", "--porcelain", "--", "a.py", "b.py") == ""


@pytest.mark.usefixtures("project")
def test_a_shell_is_told_the_ids_that_begin_so(proposal: tuple[str, Path]) -> None:
    id_, place = proposal

    assert proposal_ids(id_[:3]) == [(id_, f"{place.name[:10]} rename-x-to-y")]
    assert proposal_ids("no such") == []


def test_the_command_says_it_in_its_document_and_in_the_log(
    project: Workspace, proposal: tuple[str, Path]
) -> None:
    environment = clean_environment() | {"ALMA_EMBEDDER": "none"}

    done = run(
        ("review", "--reject", "-m", "x is what the paper calls it", "--json"),
        project.root,
        environment,
    )
    found = run(("memory", "search", "what the paper calls x"), project.root, environment)

    told = json.loads(done.stdout)
    assert (done.returncode, told["command"]) == (0, "review")
    assert told["result"]["decided"]["decision"] == "rejected"
    assert told["result"]["id"] == proposal[0]
    assert "x is what the paper calls it" in found.stdout


def test_a_model_that_proposes_next_hears_why_the_last_proposal_was_rejected(
    project: Workspace, proposal: tuple[str, Path], tmp_path: Path
) -> None:
    home = {"ALMA_EMBEDDER": "none", "HOME": str(tmp_path / "home")}
    model = {"ALMA_MODEL": "small", "OPENAI_API_KEY": "sk-none"}
    run(
        ("review", proposal[0], "--reject", "-m", "x is what the paper calls it"),
        project.root,
        clean_environment() | home,
    )
    edit = Call("replace_text", {"path": "a.py", "old": "x = 1", "new": "x = 2"})
    with model_server([edit, Call("finish", {"rationale": "As the paper has it."})]) as server:
        done = run(
            ("propose", "give x a name that says more", "--file", "a.py"),
            project.root,
            clean_environment() | home | model | {"OPENAI_BASE_URL": server.url},
        )

    assert done.returncode == 0, done.stderr
    assert "Reason: x is what the paper calls it" in server.heard
    (place,) = (project.root / ".alma" / "proposals").glob("*-give-x-*")
    (used,) = json.loads((place / "proposal.json").read_bytes())["memories"]
    assert "x is what the paper calls it" in used["text"]


def test_to_say_both_is_to_say_nothing(project: Workspace, proposal: tuple[str, Path]) -> None:
    done = run(("review", proposal[0], "--approve", "--reject"), project.root, clean_environment())

    assert done.returncode == ExitCode.USAGE
    assert "the opposite" in done.stderr
