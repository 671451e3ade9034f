"""What a proposal makes of a branch that has moved since: landed, merged, made again, refused."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from alma_agent.exit_codes import ExitCode
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import Step
from alma_agent.proposals.drift import moved_in
from alma_agent.proposals.refusals import Conflicts, Drifted, NotSound
from alma_agent.proposals.replaying import request_of, step_of
from tests.integration.landings import Files, House, git
from toolset.refactor.requests import RemoveUnusedImports, Rename

LINES = b"".join(b"line %d\n" % number for number in range(20))
FILES = {
    "a.txt": LINES,
    "b.py": b"y = 1\n",
    "folder/one.txt": b"1\n",
    "load.py": b"import os\n\nprint(os)\n\n\ndef load():\n    return 1\n\n\nprint(load())\n",
    "use.py": b"import load\n\n\ndef use():\n    return load.load()\n",
}
BETTER: Files = {"a.txt": LINES.replace(b"line 3\n", b"line three\n")}
MERGE = b'[review]\ndrift = "merge"\n'
REFUSE = b'[review]\ndrift = "refuse"\n'
RENAME = Step(refactoring="rename", arguments={"target": "load.py::load", "new": "read"})
RENAMED: Files = {
    "load.py": b"import os\n\nprint(os)\n\n\ndef read():\n    return 1\n\n\nprint(read())\n",
    "use.py": b"import load\n\n\ndef use():\n    return load.read()\n",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House.built(tmp_path_factory.mktemp("template") / "project", FILES)


@pytest.fixture
def house(template: House, tmp_path: Path) -> House:
    return template.copied(tmp_path / "project")


def test_a_base_that_did_not_move_is_exact(house: House) -> None:
    assert house.land(house.approved(BETTER)).drift.kind == "exact"


def test_another_commit_with_the_same_files_is_exact(house: House) -> None:
    folder = house.approved(BETTER)
    house.commit("nothing", {})

    assert house.land(folder).drift.kind == "exact"


def test_other_files_may_move(house: House) -> None:
    folder = house.approved(BETTER, checks=[("true",)])
    house.commit("other", {"b.py": b"y = 2\n", "new.py": b"1\n"})

    landed = house.land(folder, drift="refuse")

    assert (landed.drift.kind, len(landed.checks)) == ("untouched", 1)
    assert (house.root / "b.py").read_bytes() == b"y = 2\n"
    assert (house.root / "a.txt").read_bytes() == BETTER["a.txt"]


@pytest.mark.parametrize("policy", [REFUSE, b""])
def test_a_touched_file_that_moved_is_refused(house: House, policy: bytes) -> None:
    folder = house.approved(BETTER)
    house.commit("other", {"a.txt": LINES + b"more\n", "alma.toml": policy})
    before = house.everything()

    with pytest.raises(Drifted, match=r"Others changed a\.txt since it was made") as refused:
        house.land(folder)
    assert refused.value.exit_code == ExitCode.STALE
    assert house.everything() == before


def test_a_touched_file_that_moved_merges_where_the_policy_allows(house: House) -> None:
    folder = house.approved(BETTER)
    house.commit("other", {"a.txt": LINES + b"more\n", "alma.toml": MERGE})

    landed = house.land(folder)

    assert (landed.drift.kind, [*map(str, landed.drift.paths)]) == ("merge", ["a.txt"])
    assert (house.root / "a.txt").read_bytes() == (BETTER["a.txt"] or b"") + b"more\n"


def test_the_flag_may_allow_less_than_the_policy(house: House) -> None:
    folder = house.approved(BETTER)
    house.commit("other", {"a.txt": LINES + b"more\n", "alma.toml": MERGE})

    with pytest.raises(Drifted):
        house.land(folder, drift="refuse")


@pytest.mark.parametrize("policy", [REFUSE, MERGE])
def test_the_same_lines_conflict_whatever_is_allowed(house: House, policy: bytes) -> None:
    folder = house.approved(BETTER)
    other = LINES.replace(b"line 3\n", b"line drei\n")
    house.commit("other", {"a.txt": other, "alma.toml": policy})
    before = house.everything()

    with pytest.raises(Conflicts, match=r"in a\.txt") as refused:
        house.land(folder)
    assert refused.value.exit_code == ExitCode.CONFLICT
    assert house.everything() == before


def test_a_conflict_says_how_to_go_on_without_a_recipe(house: House) -> None:
    folder = house.approved(BETTER, goal="Make it 'better'\nmore")
    house.commit("other", {"a.txt": LINES.replace(b"line 3\n", b"line drei\n"), "alma.toml": MERGE})

    with pytest.raises(Conflicts) as refused:
        house.land(folder)

    goal = shlex.quote("Make it 'better'")
    cure = f"Propose it again: rebase the change, then alma propose {goal} --from-diff"
    assert str(refused.value).endswith(cure)


@pytest.mark.parametrize(
    ("proposed", "meanwhile"),
    [
        pytest.param({"new": b"1\n"}, {"new/file.txt": b"1\n"}, id="a folder where a file comes"),
        pytest.param({"new/file.txt": b"1\n"}, {"new": b"1\n"}, id="a file where a folder comes"),
        pytest.param({"new.txt": b"1\n"}, {"new.txt": b"2\n"}, id="another file came"),
        pytest.param(
            {"folder": b"1\n", "folder/one.txt": None},
            {"folder/two.txt": b"2\n"},
            id="a folder that is to be a file got more",
        ),
        pytest.param(BETTER, {"a.txt": None}, id="it is gone"),
        pytest.param({"a.txt": None}, {"a.txt": LINES + b"more\n"}, id="it is to go, and moved on"),
        pytest.param(BETTER, {"a.txt": None, "z.txt": LINES}, id="it has another name"),
    ],
)
def test_files_that_cannot_be_both_conflict(
    house: House, proposed: Files, meanwhile: Files
) -> None:
    folder = house.approved(proposed)
    house.commit("other", {**meanwhile, "alma.toml": MERGE})
    before = house.everything()

    with pytest.raises(Conflicts):
        house.land(folder)
    assert house.everything() == before


def test_a_folder_becomes_a_file_if_nothing_came_into_it(house: House) -> None:
    folder = house.approved({"folder": b"1\n", "folder/one.txt": None})
    house.commit("other", {"b.py": b"y = 2\n"})

    assert house.land(folder).drift.kind == "untouched"
    assert (house.root / "folder").read_bytes() == b"1\n"


def test_a_file_that_is_a_link_by_now_conflicts(house: House) -> None:
    folder = house.approved(BETTER)
    (house.root / "a.txt").unlink()
    (house.root / "a.txt").symlink_to("b.py")
    house.commit("other", {"alma.toml": MERGE})

    with pytest.raises(Conflicts):
        house.land(folder)


@pytest.mark.parametrize("where", [".gitattributes", ".git/info/attributes"])
def test_attributes_cannot_make_a_conflict_a_merge(house: House, where: str) -> None:
    folder = house.approved(BETTER)
    other = LINES.replace(b"line 3\n", b"line drei\n")
    house.commit("other", {"a.txt": other, "alma.toml": MERGE, ".gitattributes": b""})
    (house.root / ".git/info").mkdir(exist_ok=True)
    (house.root / where).write_bytes(b"a.txt merge=union\n")
    if where == ".gitattributes":
        git(house.root, "commit", "-qam", "union")

    with pytest.raises(Conflicts):
        house.land(folder)


def test_what_is_there_already_is_applied_before_anybody_is_asked(house: House) -> None:
    folder = house.propose(BETTER)
    house.commit("by hand", {**BETTER, "b.py": b"y = 2\n"})
    before = house.everything()

    landed = house.land(folder)

    assert (landed.drift.kind, landed.commit) == ("applied", None)
    assert house.everything() == before


def test_what_landed_and_moved_on_is_applied(house: House) -> None:
    folder = house.approved(BETTER)
    first = house.land(folder)
    house.commit("later", {"a.txt": LINES + b"quite different\n"})

    assert house.land(folder).commit == first.commit


def test_what_landed_and_was_taken_back_is_not_landed_again_and_says_how_to(house: House) -> None:
    folder = house.approved(BETTER)
    first = house.land(folder)
    git(house.root, "revert", "--no-edit", "HEAD")
    account = Account()

    landed = house.land(folder, account)

    assert (landed.drift.kind, landed.commit) == ("applied", first.commit)
    (note,) = [one for one in account.steps if one.rule == "note"]
    assert note.standing == "warning"
    assert f"alma repropose {folder.id} --always" in note.message


def test_a_folder_that_is_to_become_a_file_has_not_moved_by_that(tmp_path: Path) -> None:
    house = House.built(tmp_path / "project", {"a.txt": b"a\n", "f/in.txt": b"in\n"})
    folder = house.propose({"f/in.txt": None, "f": b"a file\n"})
    house.commit("elsewhere", {"a.txt": b"another\n"})

    assert moved_in(house.trees, folder.document(), "HEAD^{tree}") == ()


def test_a_commit_that_only_says_that_it_is_the_proposal_is_told(house: House) -> None:
    folder = house.approved(BETTER)
    trailer = f"Alma-Proposal: {folder.id} sha256:{folder.sha256}"
    house.commit(f"Make it better\n\n{trailer}", {"b.py": b"y = 2\n"})
    account = Account()

    landed = house.land(folder, account)

    assert landed.drift.kind == "untouched"
    (note,) = [one for one in account.steps if one.rule == "note"]
    assert (note.standing, note.message[12:]) == (
        "warning",
        " says that it is this proposal, and is not.",
    )


# Recipes


def test_a_recipe_is_made_again_over_what_moved(house: House) -> None:
    folder = house.approved(RENAMED, recipe=[RENAME])
    house.commit("other", {"load.py": b"# loads\n" + (FILES["load.py"] or b"")})

    landed = house.land(folder)

    assert landed.drift.kind == "replay"
    assert (house.root / "load.py").read_bytes() == b"# loads\n" + (RENAMED["load.py"] or b"")


def test_a_recipe_is_made_again_from_a_linked_work_tree(house: House, tmp_path: Path) -> None:
    folder = house.approved(RENAMED, recipe=[RENAME])
    git(house.root, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = House((tmp_path / "side").resolve())
    side.commit("other", {"load.py": b"# loads\n" + FILES["load.py"]})
    folder.place.parent.parent.rename(side.root / ".alma")

    assert side.land(side.folder()).drift.kind == "replay"
    assert git(house.root, "worktree", "list").count("\n") == 1


def test_a_recipe_that_comes_to_more_by_now_is_refused(house: House) -> None:
    folder = house.approved(RENAMED, recipe=[RENAME])
    more = b"def more():\n    return load()\n\n\n" + FILES["load.py"]
    house.commit("other", {"load.py": more, "alma.toml": MERGE})
    before = house.everything()

    with pytest.raises(Drifted, match="comes to something else"):
        house.land(folder)
    assert house.everything() == before


def test_a_recipe_that_cannot_be_made_again_is_refused(house: House) -> None:
    step = Step(refactoring="rename", arguments={"target": "load.py::nothing", "new": "read"})
    folder = house.approved(RENAMED, recipe=[step])
    house.commit("other", {"load.py": b"# loads\n" + FILES["load.py"]})

    with pytest.raises(Drifted, match="cannot be made again"):
        house.land(folder)


def test_a_recipe_is_not_made_again_where_nothing_may_move(house: House) -> None:
    folder = house.approved(RENAMED, recipe=[RENAME])
    house.commit("other", {"load.py": b"# loads\n" + FILES["load.py"], "alma.toml": REFUSE})

    with pytest.raises(Drifted, match="not allowed here"):
        house.land(folder)


@pytest.mark.parametrize(
    "kind", [Rename("a.py::f", "g", docs=True), RemoveUnusedImports(("a.py",))]
)
def test_a_request_comes_back_from_a_recipe(kind: Rename | RemoveUnusedImports) -> None:
    assert request_of(step_of(kind)) == kind


@pytest.mark.parametrize(
    ("refactoring", "arguments"),
    [
        ("explode", {}),
        ("rename", {"target": "a", "new": "b", "evil": 1}),
        ("rename", {"target": "a"}),
        ("rename", {"target": "a", "new": ["b"]}),
        ("rename", {"target": "a", "new": "b", "docs": "yes"}),
        ("sort-imports", {"paths": "a.py"}),
        ("sort-imports", {"paths": [1]}),
    ],
)
def test_a_recipe_that_no_alma_writes_is_refused(
    refactoring: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(NotSound, match="recipe"):
        request_of(Step(refactoring=refactoring, arguments=arguments))


# Clones that do not hold all


def _shallow(house: House, tmp_path: Path) -> House:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{house.root}", "shallow")
    clone = House((tmp_path / "shallow").resolve())
    (clone.root / ".alma").mkdir()
    (house.root / ".alma/proposals").rename(clone.root / ".alma/proposals")
    return clone


def test_a_clone_of_depth_one_lands_over_other_files(house: House, tmp_path: Path) -> None:
    house.approved(BETTER)
    house.commit("other", {"b.py": b"y = 2\n"})
    clone = _shallow(house, tmp_path)

    landed = clone.land(clone.folder())

    assert (landed.drift.kind, clone.head) == ("untouched", landed.commit)


def test_a_clone_of_depth_one_says_what_to_fetch(house: House, tmp_path: Path) -> None:
    folder = house.approved(BETTER)
    house.commit("other", {"a.txt": LINES + b"more\n", "alma.toml": MERGE})
    clone = _shallow(house, tmp_path)
    before = clone.everything()

    with pytest.raises(Drifted, match="not in this clone") as refused:
        clone.land(clone.folder())
    assert clone.everything() == before
    command = str(refused.value).rpartition(": ")[2]
    assert command == f"git fetch origin {folder.document().base.commit}"
    git(house.root, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(clone.root, *command.split()[1:])
    assert clone.land(clone.folder()).drift.kind == "merge"


def test_a_clone_without_all_files_says_what_to_fetch(house: House, tmp_path: Path) -> None:
    git(house.root, "config", "uploadpack.allowFilter", "true")
    house.approved(BETTER)
    house.commit("other", {"a.txt": LINES + b"more\n", "alma.toml": MERGE})
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{house.root}", "partial")
    clone = House((tmp_path / "partial").resolve())
    (house.root / ".alma").rename(clone.root / ".alma")

    with pytest.raises(Drifted, match="without all files") as refused:
        clone.land(clone.folder())
    git(clone.root, *str(refused.value).rpartition(": git ")[2].split())
    assert clone.land(clone.folder()).drift.kind == "merge"


def test_an_old_git_says_so(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = git(house.root, "--exec-path") + "/git"
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    # As git 2.30 does with `merge-tree --write-tree`.
    fake.write_text(
        f'#!/bin/sh\ncase "$*" in *merge-tree*) echo "usage: git merge-tree <base> <a> <b>" >&2\n'
        f'exit 129;; esac\nexec {real} "$@"\n',
        "utf-8",
    )
    fake.chmod(0o755)
    folder = house.approved(BETTER)
    house.commit("other", {"a.txt": LINES + b"more\n", "alma.toml": MERGE})
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")

    with pytest.raises(Drifted, match=r"merging needs git 2\.38 or newer, and this is 2\."):
        house.land(folder)
