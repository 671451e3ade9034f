"""The checks that a proposal brought along: who has to vouch for them before they are run."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from alma_agent.errors import NeedsHuman
from alma_agent.proposals import folder as folders
from alma_agent.proposals.account import Account
from alma_agent.proposals.approvals import file_names
from alma_agent.proposals.artefact import ApprovalDocument, decode
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.refusals import ChecksFailed
from alma_agent.proposals.signing import sign
from alma_agent.proposals.vouching import is_vouched_here, vouch_here
from tests.integration.landings import House, git
from tests.made_proposals import a_key
from toolset.errors import PathRefused

FILES = {"a.py": b"x = 1\n"}
BETTER = {"a.py": b"x = 2\n"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House.built(tmp_path_factory.mktemp("template") / "project", FILES)


@pytest.fixture
def house(template: House, tmp_path: Path) -> House:
    return template.copied(tmp_path / "project")


def refuse(commands: Sequence[tuple[str, ...]]) -> None:
    raise NeedsHuman(f"These: {commands}")


def leaving_a_mark(house: House) -> tuple[tuple[str, ...], Path]:
    mark = house.root.parent / "was-run"
    return ("touch", str(mark)), mark


@pytest.mark.parametrize("dry_run", [False, True])
def test_checks_that_nobody_vouches_for_are_not_run(house: House, dry_run: bool) -> None:
    command, mark = leaving_a_mark(house)
    house.commit("policy", {"alma.toml": f'[review]\nchecks = ["touch {mark}.2"]\n'.encode()})
    folder = house.approved(BETTER, checks=[command])
    before, account = house.everything(), Account()

    with pytest.raises(NeedsHuman, match="touch"):
        house.land(folder, account, consent=refuse, dry_run=dry_run)

    assert house.everything() == before
    assert not mark.exists()
    assert not mark.with_name("was-run.2").exists()
    assert [one.rule for one in account.failed] == ["checks"]


def test_a_yes_lets_them_run(house: House) -> None:
    command, mark = leaving_a_mark(house)
    asked: list[tuple[str, ...]] = []

    house.land(house.approved(BETTER, checks=[command]), consent=asked.extend)

    assert asked == [command]
    assert mark.exists()


def test_what_was_vouched_for_in_this_clone_is_run(house: House) -> None:
    folder = house.approved(BETTER, checks=[("true",)])
    vouch_here(house.workspace, folder.sha256)

    assert house.land(folder, consent=refuse).checks


def test_another_proposal_is_not_vouched_for(house: House) -> None:
    vouch_here(house.workspace, "a" * 64)

    with pytest.raises(NeedsHuman):
        house.land(house.approved(BETTER, checks=[("true",)]), consent=refuse)


def test_a_check_of_the_policys_needs_nobody(house: House) -> None:
    house.commit("policy", {"alma.toml": b'[review]\nchecks = ["true"]\n'})

    assert house.land(house.approved(BETTER, checks=[("true",)]), consent=refuse).checks


def test_the_merge_that_brought_it_vouches_for_it(house: House) -> None:
    house.commit("policy", {"alma.toml": b"[review]\nby-merge = true\n"})
    folder = house.propose(BETTER, checks=[("true",)])
    git(house.root, "add", "-f", ".alma/proposals")
    house.commit("merged", {})

    assert house.land(folder, consent=refuse).checks


def test_an_approval_without_a_signature_vouches_for_nothing(house: House) -> None:
    house.commit("policy", {"alma.toml": b"[review]\nby-merge = true\n"})

    with pytest.raises(NeedsHuman):
        house.land(house.approved(BETTER, checks=[("true",)]), consent=refuse)


def test_a_signature_of_a_reviewer_vouches_for_it(house: House, tmp_path: Path) -> None:
    key, public = a_key(tmp_path, "ben")
    policy = b'[review]\nallowed-signers = "signers"\n'
    signers = f"ben@example.org {public}\n".encode()
    house.commit("policy", {"alma.toml": policy, "signers": signers})
    folder = house.approved(BETTER, checks=[("true",)])
    signed = _signed(folder, key)

    assert house.land(house.folder(signed.place.name), consent=refuse).checks


def test_a_program_that_is_not_here_says_how_to_go_on(house: House) -> None:
    folder = house.approved(BETTER, checks=[("/home/ann/venv/bin/pytest",)])

    with pytest.raises(ChecksFailed, match=r"no program /home/ann/venv/bin/pytest here") as failed:
        house.land(folder)
    assert f'alma repropose {folder.id} --always --check "..."' in str(failed.value)


def test_a_program_of_the_policys_that_is_not_here_is_not_the_proposals(house: House) -> None:
    house.commit("policy", {"alma.toml": b'[review]\nchecks = ["no-such-program-at-all"]\n'})

    with pytest.raises(ChecksFailed, match=r"or mend the policy's checks"):
        house.land(house.approved(BETTER))


# What is remembered of it here


def test_it_is_an_empty_file_that_only_its_owner_reads(house: House) -> None:
    vouch_here(house.workspace, "b" * 64)
    vouch_here(house.workspace, "b" * 64)

    file = house.root / ".alma/approved" / ("b" * 64)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"", 0o600)
    assert is_vouched_here(house.workspace, "b" * 64)
    assert git(house.root, "status", "--porcelain") == ""


def test_a_file_that_came_with_the_repository_says_nothing(house: House) -> None:
    vouch_here(house.workspace, "c" * 64)
    git(house.root, "add", "-f", ".alma/approved")

    with pytest.raises(PathRefused, match="tracked by git"):
        is_vouched_here(house.workspace, "c" * 64)


def test_a_file_that_others_may_read_is_none_of_ours(house: House) -> None:
    vouch_here(house.workspace, "d" * 64)
    (house.root / ".alma/approved" / ("d" * 64)).chmod(0o644)

    assert not is_vouched_here(house.workspace, "d" * 64)


def _signed(folder: Folder, key: Path) -> Folder:
    (name,) = (one for one in folder.files if one.parts[0] == "approvals")
    data = folder.files[name]
    assert file_names(decode(data, ApprovalDocument)) == name.name
    folders.add(folder, {f"{name}.sig": sign(data, key)})
    return folder
