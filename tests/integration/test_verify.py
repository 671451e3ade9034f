"""Is a commit exactly an approved proposal: the same that landing makes of its parent."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from alma_agent.errors import UsageError
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import Person, Step
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.refusals import WrongPolicy
from alma_agent.proposals.verifying import Verified, verify
from tests.integration.landings import BEN, NOW, House, git

LINES = b"".join(b"line %d\n" % number for number in range(20))
FILES = {
    "a.txt": LINES,
    "b.py": b"y = 1\n",
    "load.py": b"x = 1\ny = 2\n\n\ndef load():\n    return 1\n",
}
BETTER = {"a.txt": LINES.replace(b"line 3\n", b"line three\n")}
MERGE = b'[review]\ndrift = "merge"\n'
EVE = Person("Eve", "eve@example.org")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a house in which a proposal has landed."""
    house = House.built(tmp_path_factory.mktemp("template") / "project", FILES)
    house.land(house.approved(BETTER))
    return house


@pytest.fixture
def house(template: House, tmp_path: Path) -> House:
    return template.copied(tmp_path / "project")


def verified(house: House, revision: str = "HEAD") -> Verified:
    (one,) = verify(house.workspace, revision, Account())
    return one


def again(
    house: House, *, tree: str = "HEAD^{tree}", old: str = "", new: str = "", **who: str
) -> str:
    """Commit what landed anew, over the same parent, with something else."""
    message = (
        git(house.root, "log", "-1", "--format=%B").replace(old, new)
        if old
        else git(house.root, "log", "-1", "--format=%B")
    )
    said = {"name": "Ann", "email": "ann@example.org", "date": "1777809600 +0000"} | who
    words = [f"GIT_AUTHOR_{name.upper()}={value}" for name, value in said.items()]
    words += ["GIT_COMMITTER_DATE=1777896000 +0000"]
    done = subprocess.run(
        ["env", *words, "git", "commit-tree", tree, "-p", "HEAD~1"],
        cwd=house.root,
        input=message.encode() + b"\n",
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def test_what_landed_is_verified(house: House) -> None:
    one = verified(house)

    assert (one.commit, one.standing, one.proposal) == (house.head, "verified", "0123456789ab")


def test_it_is_told_in_the_account(house: House) -> None:
    account = Account()

    verify(house.workspace, "HEAD", account)

    assert [(one.rule, one.standing) for one in account.steps] == [("commit", "passed")]


def test_the_same_commit_made_by_hand_is_verified(house: House) -> None:
    assert verified(house, again(house)).standing == "verified"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"old": "Make it better", "new": "Make it worse"}, "message is not"),
        ({"old": "Ben", "new": "Eve"}, "does not name those who approved"),
        ({"old": "Reviewed-by: Ben <ben@example.org>", "new": "X: y"}, "does not name those"),
        ({"old": "sha256:", "new": "sha256:0"}, "names no one proposal"),
        ({"old": "Alma-Proposal: 0", "new": "Alma-Proposal: 1"}, "no folder of it"),
        ({"name": "Eve"}, "author is not"),
        ({"date": "1777809601 +0000"}, "author is not"),
        ({"tree": "HEAD~1^{tree}"}, "something else than the proposal"),
    ],
)
def test_a_commit_that_is_something_else_is_wrong(
    house: House, said: dict[str, str], why: str
) -> None:
    one = verified(house, again(house, **said))

    assert (one.standing, why in one.why) == ("wrong", True), one.why


def test_one_more_file_is_wrong(house: House) -> None:
    one = verified(house, again(house, tree=house.tree_with({"more.py": b"1\n"})))

    assert one.standing == "wrong"


def test_commits_that_claim_nothing_are_no_proposals(house: House) -> None:
    base = house.ref("HEAD~1")
    house.commit("by hand", {"b.py": b"y = 2\n"})
    git(house.root, "checkout", "-q", "-b", "side", "HEAD~1")
    house.commit("beside", {"c.py": b"z = 1\n"})
    git(house.root, "checkout", "-q", "main")
    git(house.root, "merge", "-q", "--no-edit", "side")

    told = verify(house.workspace, f"{base}..HEAD", Account())

    assert [one.standing for one in told] == ["verified", *["not a proposal"] * 3]
    assert told[-1].why == "It is a merge."


def test_a_range_is_told_parents_first_whatever_the_clocks_said(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = house.head
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1800000000 +0000")
    first = house.commit("by hand", {"b.py": b"y = 2\n"})
    git(house.root, "branch", "side")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0000")
    second = house.commit("by a slow clock", {"b.py": b"y = 3\n"})
    git(house.root, "checkout", "-q", "side")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1900000000 +0000")
    house.commit("beside", {"c.py": b"z = 1\n"})
    git(house.root, "merge", "-q", "--no-edit", "main")

    told = [one.commit for one in verify(house.workspace, f"{base}..HEAD", Account())]

    assert told.index(first) < told.index(second)


def test_an_approval_that_came_later_does_not_count(house: House) -> None:
    shutil.rmtree(house.folder().place / "approvals")
    house.approve(house.folder(), BEN, at=NOW.replace(month=12))

    one = verified(house)

    assert (one.standing, "approvals" in one.why) == ("wrong", True), one.why


@pytest.mark.parametrize(
    "date", ["xx +0000", "", "99999999999999999999 +0000", "-99999999999 +0000"]
)
def test_a_commit_with_no_real_date_can_be_read(house: House, date: str) -> None:
    who = f"Eve <eve@example.org> {date}".rstrip()
    text = f"tree {house.ref('HEAD^{tree}')}\nparent {house.head}\ncommitter {who}\n\nodd\n"
    options = ("-t", "commit", "-w", "--literally", "--stdin")
    odd = git(house.root, "hash-object", *options, stdin=text.encode())

    assert verified(house, odd).standing == "not a proposal"


def test_an_old_date_does_not_bring_an_expired_approval_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2027-01-01T00:00:00Z")
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    house.commit("later", {"b.py": b"y = 2\n"})
    house.land(house.folder())  # by a clock of May 2026, when the approval was fresh

    assert "older than 30 days" in verified(house).why


def test_a_folder_that_was_merged_is_verified_where_the_policy_says_so(house: House) -> None:
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    shutil.rmtree(house.folder().place / "approvals")
    git(house.root, "add", "-f", ".alma/proposals")
    house.commit("merged", {"alma.toml": b"[review]\nby-merge = true\n"})
    house.land(house.folder())

    assert verified(house).standing == "verified"


def test_a_rejection_that_came_later_does_not_undo_it(house: House) -> None:
    house.approve(house.folder(), EVE, decision="rejected", at=NOW.replace(month=12))

    assert verified(house).standing == "verified"


def test_the_policy_is_the_parents(house: House) -> None:
    house.commit("strict", {"alma.toml": b"[review]\napprovals = 2\n"})

    assert verified(house, "HEAD~1").standing == "verified"


def test_a_policy_that_asked_for_more_makes_it_wrong(house: House) -> None:
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    house.commit("two", {"alma.toml": b"[review]\napprovals = 2\n"})
    git(house.root, "cherry-pick", "ORIG_HEAD")

    assert "approv" in verified(house).why


def test_a_merge_over_what_moved_is_verified(house: House) -> None:
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    house.commit("moved", {"a.txt": LINES + b"more\n", "alma.toml": MERGE})
    house.land(house.folder())

    assert verified(house).standing == "verified"


def test_a_recipe_made_again_is_verified(house: House) -> None:
    step = Step(refactoring="rename", arguments={"target": "load.py::load", "new": "read"})
    files = {"load.py": FILES["load.py"].replace(b"load", b"read")}
    folder = house.approved(files, recipe=[step], id="ffffffffffff")
    house.commit("moved", {"load.py": b"# loads\n" + FILES["load.py"]})
    house.land(folder)

    assert verified(house).standing == "verified"


def test_the_folder_is_taken_from_the_commit_where_the_work_tree_has_none(house: House) -> None:
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    git(house.root, "add", "-f", ".alma/proposals")
    git(house.root, "commit", "-qm", "the proposal")
    house.land(house.folder())
    git(house.root, "rm", "-rq", "--cached", ".alma")
    git(house.root, "commit", "-qm", "tidied")
    shutil.rmtree(house.root / ".alma")

    assert verified(house, "HEAD~1").standing == "verified"


def test_the_folder_is_taken_from_head_where_the_commit_has_none(house: House) -> None:
    git(house.root, "add", "-f", ".alma/proposals")
    git(house.root, "commit", "-qm", "kept")
    shutil.rmtree(house.root / ".alma")

    assert verified(house, "HEAD~1").standing == "verified"


def test_without_a_folder_it_is_wrong(house: House) -> None:
    shutil.rmtree(house.root / ".alma")

    assert "no folder" in verified(house).why


def test_a_link_as_the_folder_in_a_commit_is_wrong(house: House) -> None:
    folder: Folder = house.folder()
    shutil.rmtree(folder.place / "logs", ignore_errors=True)
    (folder.place / "more.json").symlink_to("/etc/passwd")
    git(house.root, "add", "-f", ".alma/proposals")
    git(house.root, "commit", "-qm", "linked")
    shutil.rmtree(house.root / ".alma")

    assert "holds a link" in verified(house, "HEAD~1").why


def test_a_clone_of_depth_one_says_what_to_fetch(house: House, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{house.root}", "shallow")
    shutil.copytree(house.root / ".alma", tmp_path / "shallow/.alma")

    why = verified(House((tmp_path / "shallow").resolve())).why

    assert f"git fetch origin {house.ref('HEAD~1')}" in why


@pytest.mark.parametrize("revision", ["nowhere", "-x", "--all", "HEAD..nowhere"])
def test_what_names_no_commit_is_told(house: House, revision: str) -> None:
    with pytest.raises(UsageError, match="names no commit here"):
        verify(house.workspace, revision, Account())


# Whose policy holds

LAX = b"[review]\napprovals = 0\n"


@pytest.fixture
def lax(house: House) -> House:
    """Return a house whose branch asks for nothing in its first commit, then has the proposal."""
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    shutil.rmtree(house.root / ".alma")
    git(house.root, "branch", "trusted")
    house.commit("c1", {"alma.toml": LAX})
    house.land(house.propose(BETTER))
    return house


def test_the_parents_policy_is_what_the_branch_made_of_it(lax: House) -> None:
    assert verified(lax).standing == "verified"


def test_the_policy_of_a_trusted_commit_is_not_lowered_by_the_branch(lax: House) -> None:
    first, second = verify(lax.workspace, "trusted..HEAD", Account(), policy="trusted")

    assert (first.standing, second.standing) == ("not a proposal", "wrong")
    assert "has 0 of 1 approvals" in second.why


def test_a_branch_that_began_before_there_was_a_policy_is_held_to_it(house: House) -> None:
    git(house.root, "branch", "old")
    git(house.root, "checkout", "-q", "-b", "trusted", "HEAD~1")
    house.commit("policy", {"alma.toml": b"[review]\napprovals = 2\n"})
    git(house.root, "checkout", "-q", "old")

    assert verified(house).standing == "verified"
    (one,) = verify(house.workspace, "HEAD", Account(), policy="trusted")
    assert (one.standing, "has 1 of 2 approvals" in one.why) == ("wrong", True), one.why


def test_a_branch_that_brings_the_folder_itself_merged_nothing(house: House) -> None:
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    house.commit("policy", {"alma.toml": b"[review]\nby-merge = true\n"})
    git(house.root, "branch", "trusted")
    shutil.rmtree(house.folder().place / "approvals")
    git(house.root, "add", "-f", ".alma/proposals")
    house.commit("c1 brings it", {})
    house.land(house.folder())

    assert verified(house).standing == "verified"
    (one,) = verify(house.workspace, "HEAD", Account(), policy="trusted")
    assert (one.standing, "has 0 of 1 approvals" in one.why) == ("wrong", True), one.why


def test_what_was_merged_into_the_trusted_commit_was_merged(house: House) -> None:
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    git(house.root, "branch", "work")
    shutil.rmtree(house.folder().place / "approvals")
    git(house.root, "add", "-f", ".alma/proposals")
    house.commit("merged", {"alma.toml": b"[review]\nby-merge = true\n"})
    git(house.root, "branch", "trusted")
    house.land(house.folder())

    (one,) = verify(house.workspace, "HEAD", Account(), policy="trusted")
    assert one.standing == "verified", one.why


def test_a_policy_of_no_commit_is_told(house: House) -> None:
    with pytest.raises(UsageError, match=r"--policy: 'nowhere' names no commit here"):
        verify(house.workspace, "HEAD", Account(), policy="nowhere")


def test_a_trusted_policy_that_cannot_be_read_is_nobodys_fault(house: House) -> None:
    house.commit("broken", {"alma.toml": b"[review]\nno-key = 1\n"})

    with pytest.raises(WrongPolicy):
        verify(house.workspace, "HEAD~1", Account(), policy="HEAD")


# What claims to be a proposal, and cannot be one


def test_a_merge_that_says_that_it_is_a_proposal_is_wrong(house: House) -> None:
    message = git(house.root, "log", "-1", "--format=%B")
    tree, side = house.ref("HEAD^{tree}"), house.commit("side", {"c.py": b"1\n"})
    merge = git(
        house.root, "commit-tree", tree, "-p", "HEAD~1", "-p", side, stdin=message.encode() + b"\n"
    )

    one = verified(house, merge)

    assert (one.standing, one.proposal) == ("wrong", "0123456789ab")
    assert "makes no merges" in one.why


def test_a_patch_applied_by_git_am_was_not_landed(house: House) -> None:
    git(house.root, "reset", "-q", "--hard", "HEAD~1")
    (patch,) = house.folder().place.glob("*.patch")
    git(house.root, "am", "-q", "--keep-cr", str(patch))

    one = verified(house)

    assert (one.standing, one.proposal) == ("wrong", "0123456789ab")
    assert "by other means than alma apply" in one.why


def test_without_its_folder_it_says_what_is_missing_and_where_from(house: House) -> None:
    sha256 = house.folder().sha256
    shutil.rmtree(house.root / ".alma")

    why = verified(house).why

    assert f"names the proposal 0123456789ab, sha256:{sha256[:12]}..." in why
    assert "not in the work tree, not in the commit, not in HEAD" in why
    assert "git checkout BRANCH -- .alma/proposals" in why


def test_a_folder_with_another_revision_is_told_as_that(house: House) -> None:
    one = verified(house, again(house, old="sha256:", new=f"sha256:{'0' * 64} "))
    assert "names no one proposal" in one.why

    other = house.folder().sha256
    one = verified(house, again(house, old=other, new="0" * 64))
    assert (
        f"no folder of that proposal holds this revision: there is sha256:{other[:12]}" in one.why
    )
