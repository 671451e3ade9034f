"""Trees of git, made and compared without the user's files, index or HEAD."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from toolset.errors import PatchRefused, RefMoved
from toolset.git import Repository
from toolset.trees import Entry, Person, Trees

A = PurePosixPath("a.py")


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_bytes(b"one\ntwo\nthree\n")
    (tmp_path / "crlf.txt").write_bytes(b"x\r\ny\r\n")
    (tmp_path / "r\u00e9sum\u00e9.txt").write_text("caf\u00e9\n", "utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.bin").write_bytes(bytes(range(256)))
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


@pytest.fixture
def trees(root: Path) -> Trees:
    return Trees(Repository(root))


def everything(root: Path) -> dict[str, bytes]:
    """Return every file below a folder, git's own too, but for its objects."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git/objects/" not in str(path)
    }


def changed(trees: Trees) -> str:
    """Return a tree in which bytes, a mode, a name and a binary file have changed."""
    base = trees.tree_of("HEAD")
    assert base
    old = PurePosixPath("r\u00e9sum\u00e9.txt")
    entry = trees.entries(base, [old])[old]
    return trees.with_entries(
        base,
        {
            A: Entry("100755", trees.write_blob(b"one\n2\nthree")),
            PurePosixPath("crlf.txt"): Entry("100644", trees.write_blob(b"x\r\nz\r\n")),
            old: None,
            PurePosixPath("d\u00e9j\u00e0/vu.txt"): entry,
            PurePosixPath("sub/b.bin"): Entry("100644", trees.write_blob(b"\0\1\r\n\xff")),
        },
    )


def test_a_patch_carries_bytes_modes_names_and_binary_files_to_the_same_tree(trees: Trees) -> None:
    base = trees.tree_of("HEAD")
    assert base
    result = changed(trees)
    first = trees.commit(base, (), "base")
    patch = trees.patch(trees.commit(result, (first,), "\u00c4ndern: alles\n"))

    assert trees.with_patch(base, patch) == result


def test_git_am_makes_the_same_tree_of_that_patch(trees: Trees, root: Path) -> None:
    base = trees.commit_of("HEAD")
    assert base
    result = changed(trees)
    patch = trees.patch(trees.commit(result, (base,), "\u00c4ndern: alles\n"))

    (root.parent / "0001.patch").write_bytes(patch)
    git(root, "am", "-q", "--keep-cr", "--3way", str(root.parent / "0001.patch"))

    assert trees.tree_of("HEAD") == result


SETTINGS = (
    "diff.noprefix=true",
    "diff.mnemonicPrefix=true",
    "format.signOff=true",
    "format.attach=true",
    "format.subjectPrefix=X Y",
    "diff.algorithm=patience",
    "core.quotePath=false",
    "color.ui=always",
    "format.coverLetter=true",
    "format.numbered=true",
    "format.from=true",
    "diff.external=false",
    "core.abbrev=5",
)


def test_a_patch_is_the_same_whatever_the_user_has_set(trees: Trees, root: Path) -> None:
    base = trees.commit_of("HEAD")
    assert base
    person = Person("Ann", "ann@example.org", "1700000000 +0000")
    commit = trees.commit(changed(trees), (base,), "change", author=person, committer=person)
    before = trees.patch(commit)
    with (root / ".git" / "config").open("a") as config:
        for setting in SETTINGS:
            (section, key), value = setting.partition("=")[0].split("."), setting.partition("=")[2]
            config.write(f"[{section}]\n{key} = {value}\n")

    assert trees.patch(commit) == before
    tree = trees.tree_of("HEAD")
    assert tree
    assert trees.with_patch(tree, before) == trees.tree_of(commit)


def test_nothing_of_the_users_changes_while_trees_are_made(trees: Trees, root: Path) -> None:
    (root / "a.py").write_text("half done\n")
    (root / "new.py").write_text("new\n")
    git(root, "add", "new.py")
    before = everything(root)
    base = trees.tree_of("HEAD")
    assert base

    result = changed(trees)
    trees.changes(base, result)
    trees.merged(base, result, base)
    with trees.checked_out(result):
        pass

    assert everything(root) == before


def test_a_patch_that_does_not_fit_is_refused(trees: Trees) -> None:
    patch = b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-nothing\n+something\n"
    base = trees.tree_of("HEAD")
    assert base

    with pytest.raises(PatchRefused, match=r"a\.py"):
        trees.with_patch(base, patch)


def test_a_patch_that_leads_out_is_refused(trees: Trees) -> None:
    patch = b"--- /dev/null\n+++ b/../out.py\n@@ -0,0 +1 @@\n+x\n"
    base = trees.tree_of("HEAD")
    assert base

    with pytest.raises(PatchRefused):
        trees.with_patch(base, patch)


def test_both_sides_of_a_merge_are_in_its_tree(trees: Trees) -> None:
    base = trees.tree_of("HEAD")
    assert base
    ours = trees.with_entries(base, {A: Entry("100644", trees.write_blob(b"1\ntwo\nthree\n"))})
    new = {PurePosixPath("n.py"): Entry("100644", trees.write_blob(b"new\n"))}
    theirs = trees.with_entries(base, new)

    merged = trees.merged(base, ours, theirs)

    assert not merged.conflicts
    assert {one.path for one in trees.changes(base, merged.tree)} == {A, PurePosixPath("n.py")}


def test_a_merge_in_the_same_lines_names_the_files(trees: Trees) -> None:
    base = trees.tree_of("HEAD")
    assert base
    sides = [
        trees.with_entries(base, {A: Entry("100644", trees.write_blob(data))})
        for data in (b"1\ntwo\nthree\n", b"eins\ntwo\nthree\n")
    ]

    assert trees.merged(base, *sides).conflicts == (A,)


def test_a_folder_is_an_entry_too(trees: Trees) -> None:
    folder, nothing = PurePosixPath("sub"), PurePosixPath("nothing")

    found = trees.entries("HEAD", [folder, nothing])

    assert found[folder].mode == "040000"
    assert nothing not in found


def test_a_file_can_come_where_a_folder_was(trees: Trees) -> None:
    base = trees.tree_of("HEAD")
    assert base
    blob = Entry("100644", trees.write_blob(b"x"))

    made = trees.with_entries(base, {PurePosixPath("sub"): blob, PurePosixPath("sub/b.bin"): None})

    assert trees.entries(made, [PurePosixPath("sub")]) == {PurePosixPath("sub"): blob}


def test_a_branch_that_moved_meanwhile_stays_where_it_is(trees: Trees, root: Path) -> None:
    old = trees.commit_of("HEAD")
    assert old
    theirs = git(root, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "theirs")
    git(root, "update-ref", "refs/heads/main", theirs)
    ours = git(root, "commit-tree", "HEAD^{tree}", "-p", old, "-m", "ours")

    with pytest.raises(RefMoved, match="moved meanwhile"):
        trees.move("refs/heads/main", ours, old=old, why="alma")

    assert trees.commit_of("main") == theirs


def test_a_branch_to_make_that_is_there_stays_as_it_is(trees: Trees, root: Path) -> None:
    head = trees.commit_of("HEAD")
    assert head
    git(root, "branch", "taken")

    with pytest.raises(RefMoved):
        trees.move("refs/heads/taken", head, old=None, why="alma")


def test_no_hook_runs_while_a_tree_is_checked_out(trees: Trees, root: Path) -> None:
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        hook = root / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {root}/ran-{name}\n")
        hook.chmod(0o755)
    head = trees.commit_of("HEAD")
    assert head

    with trees.worktree(head), trees.checked_out(head):
        pass
    trees.move("refs/heads/other", head, old=None, why="alma")

    assert not list(root.glob("ran-*"))


def test_a_private_work_tree_goes_with_all_its_traces(trees: Trees, root: Path) -> None:
    head = trees.commit_of("HEAD")
    assert head
    before = everything(root)

    with trees.worktree(head) as folder:
        assert (folder / "sub" / "b.bin").read_bytes() == bytes(range(256))
        (folder / "a.py").write_text("scribble")

    assert not folder.exists()
    assert everything(root) == before
    assert not list((root / ".git").glob("worktrees/*"))


def test_who_the_user_is_comes_from_git(
    trees: Trees, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{name}", raising=False)
    git(root, "config", "user.name", "Zo\u00eb")
    git(root, "config", "user.email", "zoe@example.org")

    person = trees.person()

    assert person
    assert person[:2] == ("Zo\u00eb", "zoe@example.org")


def test_a_user_who_is_nobody_to_git_is_nobody(
    trees: Trees, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    assert trees.person() is None


def test_a_revision_that_is_not_here_is_none(trees: Trees) -> None:
    assert trees.commit_of("0" * 40) is None
    assert trees.tree_of("nothing") is None
    assert trees.commit_of("--help") is None
