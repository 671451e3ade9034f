"""An approved proposal on its way to a branch: what it makes, and what it leaves alone."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alma_agent.errors import UsageError
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import Person
from alma_agent.proposals.bringing import WorkTree
from alma_agent.proposals.policy import changed_policy
from alma_agent.proposals.refusals import (
    ChecksFailed,
    InTheWay,
    NotApproved,
    PolicyForbids,
    ProposalRefused,
    Rejected,
)
from tests.integration.landings import BEN, NOW, House, git
from toolset.errors import RefMoved, ToolsetError

EVE = Person("Eve", "eve@example.org")
FILES = {
    "a.py": b"x = 1\n",
    "b.py": b"y = 1\n",
    "sub/c.py": b"z = 1\n",
    ".gitignore": b"*.log\n",
}
BETTER = {"a.py": b"x = 2\n", "sub/new.py": b"n = 1\n", "sub/c.py": None}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House.built(tmp_path_factory.mktemp("template") / "project", FILES)


@pytest.fixture
def house(template: House, tmp_path: Path) -> House:
    return template.copied(tmp_path / "project")


def standings(account: Account) -> dict[str, str]:
    return {step.rule: step.standing for step in account.steps}


def brought_along_until_interrupted(work_tree: WorkTree) -> None:
    with work_tree.brought_along():
        assert (work_tree.trees.repository.root / "a.py").read_bytes() == b"x = 2\n"
        raise KeyboardInterrupt


def says(house: House, text: str) -> str:
    """Commit a policy."""
    return house.commit("policy", {"alma.toml": f"[review]\n{text}\n".encode()})


# What it makes


def test_it_becomes_a_commit_and_the_files_come_along(house: House) -> None:
    base = house.head

    landed = house.land(house.approved(BETTER))

    assert (landed.commit, landed.ref, landed.onto) == (house.head, "refs/heads/main", base)
    assert landed.drift.kind == "exact"
    assert (house.root / "a.py").read_bytes() == b"x = 2\n"
    assert (house.root / "sub/new.py").read_bytes() == b"n = 1\n"
    assert not (house.root / "sub/c.py").exists()
    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""


def test_the_commit_says_who_and_what_was_approved(house: House) -> None:
    folder = house.approved(BETTER, goal="Better x\n\nBecause.\nReviewed-by: Nobody <n@x>\n")

    house.land(folder)

    told = git(house.root, "log", "-1", "--format=%an %ae %ad%n%cd%n%B", "--date=iso-strict")
    assert told == (
        "Ann ann@example.org 2026-05-03T12:00:00+00:00\n"
        "2026-05-04T12:00:00+00:00\n"
        "Better x\n\n  Because.\n  Reviewed-by: Nobody <n@x>\n\n"
        f"Alma-Proposal: {folder.id} sha256:{folder.sha256}\n"
        "Reviewed-by: Ben <ben@example.org>"
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"origin": "refactoring"}, "alma:refactor"),
        ({"origin": "model", "agent": "alma 1", "model": "gpt-5"}, "alma:gpt-5"),
        ({"origin": "diff", "agent": "Robo\n2"}, "Robo 2"),
        ({"origin": "diff"}, ""),
    ],
)
def test_the_commit_says_what_assisted(house: House, told: dict[str, str], expected: str) -> None:
    house.land(house.approved(BETTER, **told))

    form = "--format=%(trailers:key=Assisted-by,valueonly)"
    assert git(house.root, "log", "-1", form) == expected


def test_a_name_cannot_write_a_line_of_the_commit(house: House) -> None:
    author = Person("Ann <x@y>\nReviewed-by: Eve", "ann@example.org\nfoo")

    house.land(house.approved(BETTER, author=author))

    head = git(house.root, "cat-file", "commit", "HEAD").splitlines()
    assert head[2].startswith("author Ann x@y Reviewed-by: Eve <ann@example.org foo> ")
    assert sum("Reviewed-by" in line for line in head) == 2


def test_who_lands_it_is_alma_where_git_knows_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{name}")
        git(house.root, "config", "--unset", f"user.{name.lower()}")
    monkeypatch.setenv("HOME", str(tmp_path))

    house.land(house.approved(BETTER))

    assert git(house.root, "log", "-1", "--format=%cn <%ce>") == "alma <alma@localhost>"


def test_a_second_time_it_is_there_already(house: House) -> None:
    folder = house.approved(BETTER)
    first = house.land(folder)
    before = house.everything()

    again = house.land(folder)

    assert (again.commit, again.ref, again.drift.kind) == (first.commit, None, "applied")
    assert house.everything() == before


@pytest.mark.parametrize("days", [-1, 10_000])
def test_what_was_taken_back_does_not_land_again(
    house: House, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Neither a date of the proposal's nor an old one of a commit hides that it has landed."""
    house.land(house.approved(BETTER, created_at=NOW + timedelta(days=days)))
    git(house.root, "revert", "--no-edit", "HEAD")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
    house.commit("of a machine without a clock", {"b.py": b"y = 2\n"})

    assert house.land(house.folder()).drift.kind == "applied"


def test_a_dry_run_moves_nothing(house: House) -> None:
    folder = house.approved(BETTER)
    before = house.everything()
    account = Account()

    landed = house.land(folder, account, dry_run=True)

    assert landed.commit is None
    assert house.everything() == before
    assert standings(account)["ref"] == "skipped"


def test_a_sha256_repository_is_like_any_other(tmp_path: Path) -> None:
    house = House.built(tmp_path / "p", FILES, "--object-format=sha256")

    house.land(house.approved(BETTER))

    assert (house.root / "sub/new.py").read_bytes() == b"n = 1\n"
    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""


def test_files_are_checked_out_with_the_line_ends_that_the_project_asks_for(house: House) -> None:
    house.commit("ends", {".gitattributes": b"*.py text eol=crlf\n"})

    house.land(house.approved({"a.py": b"x = 2\n"}))

    assert (house.root / "a.py").read_bytes() == b"x = 2\r\n"
    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""


# Where it lands


def test_another_branch_is_moved_without_a_file(house: House) -> None:
    git(house.root, "branch", "release")
    folder = house.approved(BETTER)
    before = house.everything()

    landed = house.land(folder, onto="release")

    after = house.everything()
    assert house.ref("release") == landed.commit
    assert {name for name in before if before[name] != after[name]} == {"for-each-ref"}


def test_a_new_branch_begins_where_it_is_told_to(house: House) -> None:
    first = house.head
    folder = house.approved(BETTER)
    house.commit("second", {"b.py": b"y = 2\n"})

    landed = house.land(folder, onto=first, branch="better")

    assert git(house.root, "log", "--format=%H", "better").split() == [landed.commit, first]


def test_a_tag_of_the_same_name_is_not_what_it_begins_on(house: House) -> None:
    main = house.head
    says(house, "approvals = 0")
    git(house.root, "tag", "main")
    git(house.root, "reset", "-q", "--hard", main)

    landed = house.land(house.approved(BETTER), onto="main", branch="better")

    assert landed.onto == main


def test_a_branch_that_is_there_is_not_taken(house: House) -> None:
    git(house.root, "branch", "better")

    with pytest.raises(UsageError, match="There is a branch 'better' already"):
        house.land(house.approved(BETTER), branch="better")


def test_the_same_new_branch_again_is_there_already(house: House) -> None:
    folder = house.approved(BETTER)
    first = house.land(folder, branch="better")

    again = house.land(folder, branch="better")

    assert (again.drift.kind, again.commit) == ("applied", first.commit)


def test_a_branch_of_another_work_tree_is_left_to_it(house: House, tmp_path: Path) -> None:
    git(house.root, "worktree", "add", "-q", "-b", "release", str(tmp_path / "other"))
    before = house.ref("release")

    with pytest.raises(InTheWay, match="checked out in another work tree"):
        house.land(house.approved(BETTER), onto="release")
    assert house.ref("release") == before


def test_a_linked_work_tree_lands_on_its_own_branch(house: House, tmp_path: Path) -> None:
    git(house.root, "worktree", "add", "-q", "-b", "release", str(tmp_path / "other"))
    other = House((tmp_path / "other").resolve())
    main = house.head

    landed = other.land(other.approved(BETTER))

    assert (other.head, house.head) == (landed.commit, main)
    assert (other.root / "a.py").read_bytes() == b"x = 2\n"
    assert (house.root / "a.py").read_bytes() == b"x = 1\n"


def test_a_detached_head_is_moved_only_if_asked(house: House) -> None:
    folder = house.approved(BETTER)
    main = house.head
    git(house.root, "checkout", "-q", "--detach")

    with pytest.raises(UsageError, match="No branch is checked out"):
        house.land(folder)
    landed = house.land(folder, in_place=True)

    assert (house.head, house.ref("main")) == (landed.commit, main)
    assert git(house.root, "rev-parse", "--symbolic-full-name", "HEAD") == "HEAD"


def test_a_repository_without_a_commit_has_nothing_to_land_on(house: House) -> None:
    folder = house.approved(BETTER)
    git(house.root, "checkout", "-q", "--orphan", "fresh")

    with pytest.raises(UsageError, match="no commit here yet"):
        house.land(folder)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"onto": "nowhere"}, "'nowhere' is no branch"),
        ({"onto": "-x"}, "is no branch"),
        ({"branch": "-x"}, "cannot be the name"),
        ({"branch": "a..b"}, "cannot be the name"),
        ({"branch": "new", "onto": "nowhere"}, "no commit 'nowhere'"),
        ({"branch": "new", "in_place": True}, "--in-place moves the one"),
    ],
)
def test_what_is_no_place_to_land_is_told(
    house: House, wanted: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        house.land(house.approved(BETTER), **wanted)


def test_a_branch_that_stands_for_another_is_not_replaced(house: House) -> None:
    git(house.root, "branch", "real")
    git(house.root, "symbolic-ref", "refs/heads/alias", "refs/heads/real")

    with pytest.raises(UsageError, match="only a name for refs/heads/real"):
        house.land(house.approved(BETTER), onto="alias")


# The user's own work


def test_other_work_of_the_user_stays_as_it_is(house: House) -> None:
    (house.root / "b.py").write_bytes(b"mine = 1\n")
    (house.root / "staged.py").write_bytes(b"mine = 2\n")
    git(house.root, "add", "staged.py")

    house.land(house.approved(BETTER))

    said = git(house.root, "status", "--porcelain", "--", ".", ":!.alma").splitlines()
    assert {line.strip() for line in said} == {"M b.py", "A  staged.py"}


def _edited(house: House) -> None:
    (house.root / "a.py").write_bytes(b"mine = 1\n")


def _staged(house: House) -> None:
    (house.root / "a.py").write_bytes(b"mine = 1\n")
    git(house.root, "add", "a.py")
    (house.root / "a.py").write_bytes(b"x = 2\n")


def _edited_what_goes(house: House) -> None:
    (house.root / "sub/c.py").write_bytes(b"mine = 1\n")


def _untracked(house: House) -> None:
    (house.root / "sub/new.py").write_bytes(b"mine = 1\n")


def _ignored(house: House) -> None:
    (house.root / ".git/info/exclude").write_text("new.py\n", "utf-8")
    _untracked(house)


def _linked(house: House) -> None:
    (house.root / "sub/new.py").symlink_to("../b.py")


def _merging(house: House) -> None:
    (house.root / ".git/MERGE_HEAD").write_text(house.head + "\n", "utf-8")


def _locked(house: House) -> None:
    (house.root / ".git/index.lock").touch()


@pytest.mark.parametrize(
    "work",
    [_edited, _staged, _edited_what_goes, _untracked, _ignored, _linked, _merging, _locked],
)
def test_work_in_touched_files_is_not_overwritten(
    house: House, work: Callable[[House], None]
) -> None:
    folder = house.approved(BETTER)
    work(house)
    before = house.everything()

    with pytest.raises(InTheWay):
        house.land(folder)
    assert house.everything() == before


def test_only_what_is_in_the_way_is_named(house: House) -> None:
    folder = house.approved(
        {"a.py": None, "a.py/in.py": b"1\n", "b.py": b"2\n", "sub/c.py": b"2\n"}
    )
    (house.root / "a.py").unlink()  # as it is to become: a folder
    (house.root / "a.py").mkdir()
    (house.root / "a.py/in.py").write_bytes(b"1\n")
    (house.root / "sub/c.py").unlink()
    (house.root / "b.py").write_bytes(b"mine = 1\n")

    with pytest.raises(InTheWay, match=r"in the way, in b\.py\. Commit"):
        house.land(folder)


def test_a_file_that_became_a_folder_in_the_work_tree_as_well_lands(house: House) -> None:
    folder = house.approved({"a.py": None, "a.py/in.py": b"1\n"})
    (house.root / "a.py").unlink()
    (house.root / "a.py").mkdir()
    (house.root / "a.py/in.py").write_bytes(b"1\n")

    house.land(folder)

    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""


def test_a_dry_run_tells_of_work_in_the_way(house: House) -> None:
    folder = house.approved(BETTER)
    _edited(house)

    with pytest.raises(InTheWay):
        house.land(folder, dry_run=True)


@pytest.mark.parametrize(
    ("before", "files", "told"),
    [
        pytest.param(
            "approvals = 1",
            {"alma.toml": b"[review]\napprovals = 0\n"},
            ("alma.toml", "approvals 1 -> 0"),
            id="a key",
        ),
        pytest.param(
            "",
            {"pyproject.toml": b"[tool.alma.review]\nby-merge = true\n"},
            ("pyproject.toml", "by-merge false -> true"),
            id="the first file",
        ),
        pytest.param(
            'allowed-signers = "signers"',
            {"signers": b"eve@example.org ssh-ed25519 BBBB\n"},
            ("alma.toml", "allowed-signers"),
            id="who signs",
        ),
        pytest.param(
            "approvals = 1",
            {"alma.toml": b"[review]\nno-such-key = 0\n"},
            ("alma.toml", "cannot be read"),
            id="no policy any more",
        ),
        pytest.param("approvals = 1", {"alma.toml": b"[review]\n# 1\n"}, None, id="the same"),
        pytest.param("approvals = 1", {"pyproject.toml": b"[tool.x]\n"}, None, id="others' keys"),
    ],
)
def test_a_change_of_the_policy_is_told(
    house: House, before: str, files: dict[str, bytes], told: tuple[str, str] | None
) -> None:
    signer = {"signers": b"ann@example.org ssh-ed25519 AAAA\n"}
    house.commit(
        "first", signer | ({"alma.toml": f"[review]\n{before}\n".encode()} if before else {})
    )
    onto, after = house.head, house.tree_with(files)

    said = changed_policy(house.trees, onto, after)

    if told is None:
        assert said == ""
    else:
        assert said.startswith(f"{told[0]}: ")
        assert told[1] in said


def test_a_change_of_the_policy_is_a_note_on_the_way(house: House) -> None:
    account = Account()

    house.land(house.approved({"alma.toml": b"[review]\napprovals = 0\n"}), account)

    (note,) = (one for one in account.steps if one.standing == "warning")
    assert (note.rule, note.path) == ("note", "alma.toml")
    assert note.message == "It changes what is asked of proposals: approvals 1 -> 0."


def test_a_link_where_a_folder_is_to_be_is_not_followed(house: House, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (house.root / ".git/info/exclude").write_text("fresh\n", "utf-8")
    (house.root / "fresh").symlink_to(tmp_path / "outside")

    with pytest.raises(InTheWay, match=r"fresh/new\.py"):
        house.land(house.approved({"fresh/new.py": b"1\n"}))
    assert list((tmp_path / "outside").iterdir()) == []


def test_the_same_work_in_the_work_tree_lands(house: House) -> None:
    folder = house.approved(BETTER)
    (house.root / "a.py").write_bytes(b"x = 2\n")
    (house.root / "sub/new.py").write_bytes(b"n = 1\n")
    (house.root / "sub/c.py").unlink()

    house.land(folder)

    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""


def test_the_same_work_lands_where_a_file_has_become_a_folder(house: House) -> None:
    folder = house.approved({"a.py": None, "a.py/inner.py": b"x = 2\n"})
    (house.root / "a.py").unlink()
    (house.root / "a.py").mkdir()
    (house.root / "a.py/inner.py").write_bytes(b"x = 2\n")
    (house.root / "a.py/mine.py").write_bytes(b"mine = 1\n")

    house.land(folder)

    said = git(house.root, "status", "--porcelain", "--", ".", ":!.alma")
    assert said == "?? a.py/mine.py"


def test_work_in_the_folder_that_a_file_has_become_is_not_overwritten(house: House) -> None:
    folder = house.approved({"a.py": None, "a.py/inner.py": b"x = 2\n"})
    (house.root / "a.py").unlink()
    (house.root / "a.py").mkdir()
    (house.root / "a.py/inner.py").write_bytes(b"mine = 1\n")
    before = house.everything()

    with pytest.raises(InTheWay):
        house.land(folder)
    assert house.everything() == before


def test_a_run_killed_before_the_ref_can_simply_run_again(house: House) -> None:
    folder = house.approved(BETTER)
    git(house.root, "read-tree", "-m", "-u", "HEAD", folder.document().result_tree)

    landed = house.land(folder)

    assert house.head == landed.commit
    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""


KILLED = """
import os, sys
from contextlib import contextmanager
from pathlib import Path

from tests.integration.landings import House
from toolset.branches import Branches

whole = Branches.moving

@contextmanager
def killed(self, *named, **more):
    with whole(self, *named, **more):
        yield lambda: os.kill(os.getpid(), 9)

Branches.moving = killed
house = House(Path(sys.argv[1]))
house.land(house.folder())
"""


def test_a_process_killed_between_the_files_and_the_ref_leaves_no_lock(house: House) -> None:
    folder = house.approved(BETTER)
    before = house.head

    done = subprocess.run([sys.executable, "-c", KILLED, str(house.root)], check=False)

    assert done.returncode == -signal.SIGKILL
    assert (house.root / "a.py").read_bytes() == b"x = 2\n"
    assert house.head == before
    for _ in range(200):  # git hears of it when its input ends
        if not (house.root / ".git/refs/heads/main.lock").exists():
            break
        time.sleep(0.01)
    assert house.land(folder).commit == house.head
    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""


def test_files_that_only_look_changed_are_in_nobodys_way(house: House) -> None:
    folder = house.approved(BETTER)
    (house.root / "a.py").touch()
    (house.root / "a.py").write_bytes(b"x = 1\n")

    assert house.land(folder).commit == house.head


# Nothing is moved unless all is well


def test_a_check_that_fails_keeps_it_off_the_branch(house: House) -> None:
    folder = house.approved(BETTER, checks=[("true",), ("grep", "-q", "x = 1", "a.py")])
    before = house.everything()
    account = Account()

    with pytest.raises(ChecksFailed, match=r"grep -q 'x = 1' a.py ended with 1"):
        house.land(folder, account)

    assert house.everything() == before
    said = [(one.standing, one.message) for one in account.steps if one.rule == "checks"]
    assert said == [("passed", "true: passed"), ("failed", "grep -q 'x = 1' a.py: ended with 1")]
    assert standings(account)["commit"] == standings(account)["ref"] == "skipped"


def test_a_check_runs_over_the_tree_that_lands_and_not_over_the_users_files(house: House) -> None:
    (house.root / "b.py").write_bytes(b"mine = 1\n")
    folder = house.approved(BETTER, checks=[("grep", "-q", "y = 1", "b.py")])

    landed = house.land(folder)

    assert [run.exit_code for run in landed.checks] == [0]


def test_the_policys_checks_run_too(house: House) -> None:
    says(house, 'checks = ["false"]')

    with pytest.raises(ChecksFailed, match="false ended with 1"):
        house.land(house.approved(BETTER))


def test_a_check_of_the_proposal_cannot_prepare_the_policys(house: House) -> None:
    says(house, 'checks = ["grep -q 3 a.py"]')
    prepares = ("sh", "-c", "echo 3 > a.py")

    with pytest.raises(ChecksFailed, match=r"grep -q 3 a\.py ended with 1"):
        house.land(house.approved(BETTER, checks=[prepares]))


def test_a_check_of_the_policy_is_run_once(house: House) -> None:
    says(house, 'checks = ["true"]')

    landed = house.land(house.approved(BETTER, checks=[("true",), ("sh", "-c", "true")]))

    assert [one.argv for one in landed.checks] == [("true",), ("sh", "-c", "true")]


def test_a_check_that_takes_too_long_has_not_passed(house: House) -> None:
    says(house, 'checks = ["sleep 9"]\ncheck-timeout = 0.2')

    with pytest.raises(ChecksFailed, match="sleep 9 ran past its time limit"):
        house.land(house.approved(BETTER))


def test_a_branch_that_moves_during_the_checks_is_left_where_it_is(house: House) -> None:
    other = git(house.root, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "pushed")
    push = ("git", "--git-dir", str(house.root / ".git"), "update-ref", "refs/heads/main", other)
    folder = house.approved(BETTER, checks=[push])

    with pytest.raises(RefMoved):
        house.land(folder)

    assert house.head == other
    assert (house.root / "a.py").read_bytes() == b"x = 1\n"
    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""


def test_a_branch_that_is_left_during_the_checks_does_not_take_the_files_along(
    house: House,
) -> None:
    leave = ("git", "--git-dir", str(house.root / ".git"), "symbolic-ref", "HEAD", "refs/heads/b")
    git(house.root, "branch", "b")
    main = house.head

    with pytest.raises(InTheWay, match="no longer"):
        house.land(house.approved(BETTER, checks=[leave]))
    assert house.ref("main") == main
    assert (house.root / "a.py").read_bytes() == b"x = 1\n"


def test_a_branch_that_somebody_holds_is_left_and_so_are_the_files(house: House) -> None:
    folder = house.approved(BETTER)
    (house.root / ".git/refs/heads/main.lock").touch()
    before = house.everything()

    with pytest.raises(RefMoved):
        house.land(folder)
    assert house.everything() == before


def test_whatever_stops_it_at_the_last_moment_puts_the_files_back(house: House) -> None:
    (house.root / "b.py").write_bytes(b"mine = 1\n")
    (house.root / "sub/new.py").write_bytes(b"n = 1\n")  # the user did a part of it already
    result = house.tree_with(BETTER)
    changes = house.trees.changes("HEAD^{tree}", result)
    work_tree = WorkTree(house.trees, house.head, result, changes)
    before = house.everything()

    work_tree.require_room()
    with pytest.raises(KeyboardInterrupt):
        brought_along_until_interrupted(work_tree)

    assert house.everything() == before


def test_no_hook_and_no_monitor_is_run(house: House, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    hooks = house.root / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    script = f"#!/bin/sh\necho $0 >> {ran}\n"
    names = (
        *("pre-commit", "commit-msg", "post-commit", "post-checkout", "post-index-change"),
        *("reference-transaction", "pre-applypatch", "applypatch-msg", "monitor"),
    )
    for name in names:
        (hooks / name).write_text(script, "utf-8")
        (hooks / name).chmod(0o755)
    git(house.root, "config", "core.fsmonitor", str(hooks / "monitor"))

    folder = house.approved(BETTER, checks=[("true",)])
    ran.unlink(missing_ok=True)
    house.land(folder)

    assert not ran.exists()


def test_the_borrowed_variables_of_a_hook_lead_nowhere_else(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = House.built(tmp_path / "other", FILES)
    folder = house.approved(BETTER)
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))

    landed = house.land(folder)

    monkeypatch.undo()
    assert house.head == landed.commit


# The policy


def test_the_policy_of_the_proposals_own_tree_says_nothing(house: House) -> None:
    lax = b"[review]\napprovals = 0\n"

    with pytest.raises(NotApproved):
        house.land(house.propose({"alma.toml": lax, "a.py": b"x = 2\n"}))


def test_a_replacement_of_the_policy_says_nothing(house: House) -> None:
    says(house, "approvals = 5")
    other = git(house.root, "hash-object", "-w", "--stdin", stdin=b"[review]\napprovals = 0\n")
    git(house.root, "replace", "HEAD:alma.toml", other)

    with pytest.raises(NotApproved):
        house.land(house.propose(BETTER))


def test_the_policy_of_the_work_tree_says_nothing(house: House) -> None:
    (house.root / "alma.toml").write_bytes(b"[review]\napprovals = 0\n")

    with pytest.raises(NotApproved):
        house.land(house.propose(BETTER))


def test_the_policy_of_the_branch_that_it_lands_on_holds(house: House) -> None:
    git(house.root, "branch", "strict")
    says(house, "approvals = 0")
    folder = house.propose({"a.py": b"x = 2\n"}, base="strict")

    with pytest.raises(NotApproved):
        house.land(folder, onto="strict")
    assert house.land(folder).commit == house.head


def test_a_file_outside_of_the_policys_scope_is_told_by_its_name(house: House) -> None:
    says(house, 'scope = ["sub/"]')
    account = Account()

    with pytest.raises(PolicyForbids, match=r"this one changes a\.py too"):
        house.land(house.approved(BETTER), account)
    assert [one.path for one in account.failed] == ["a.py"]


def test_the_flag_cannot_ask_for_more_drift_than_the_policy_allows(house: House) -> None:
    says(house, 'drift = "refuse"')

    with pytest.raises(PolicyForbids, match="more than the policy allows"):
        house.land(house.approved(BETTER), drift="merge")


def test_a_merged_folder_is_an_approval_where_the_policy_says_so(house: House) -> None:
    says(house, "by-merge = true")
    folder = house.propose(BETTER)
    with pytest.raises(NotApproved):
        house.land(folder)
    git(house.root, "add", "-f", ".alma/proposals")
    git(house.root, "commit", "-qm", "merged")

    assert house.land(folder).drift.kind == "untouched"


def test_a_rejection_on_the_branch_holds_where_the_disk_has_lost_it(house: House) -> None:
    folder = house.approve(house.propose(BETTER), EVE, decision="rejected")
    git(house.root, "add", "-f", ".alma/proposals")
    house.commit("merged", {})
    shutil.rmtree(folder.place / "approvals")

    with pytest.raises(Rejected):
        house.land(house.approve(house.folder()))


def test_a_merged_folder_that_was_changed_since_is_no_approval(house: House) -> None:
    says(house, "by-merge = true")
    folder = house.propose(BETTER)
    git(house.root, "add", "-f", ".alma/proposals")
    git(house.root, "commit", "-qm", "merged")
    other = house.propose({"a.py": b"x = 3\n"}, base="HEAD~1")

    assert folder.place == other.place
    with pytest.raises(NotApproved):
        house.land(other)


def test_what_was_not_reached_is_told_as_skipped(house: House) -> None:
    account = Account()

    with pytest.raises(NotApproved):
        house.land(house.propose(BETTER), account)

    said = standings(account)
    assert [rule for rule, standing in said.items() if standing == "failed"] == ["approvals"]
    assert {"drift", "checks", "commit", "work-tree", "ref"} <= {
        rule for rule, standing in said.items() if standing == "skipped"
    }


def test_without_git_there_is_nowhere_to_land(house: House) -> None:
    folder = house.approve(house.propose(BETTER), BEN)
    (house.root / ".git").rename(house.root / "away")

    with pytest.raises((ProposalRefused, UsageError, ToolsetError), match="no git repository"):
        house.land(folder)
