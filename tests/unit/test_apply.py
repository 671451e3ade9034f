from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import make_workspace, tree, write_files
from tests.unit import killed_at_every_point
from toolset.apply import apply, close, needs_recovery, recover
from toolset.draft import Draft
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.errors import (
    FileExists,
    NotAFile,
    OutsideWorkspace,
    PathRefused,
    ReadOnlyFile,
    SharedFile,
    StaleEdit,
    ToolsetError,
    WriteFailed,
)
from toolset.folders import Folder
from toolset.workspace import Workspace

A, B, C, NEW = (PurePosixPath(name) for name in ("a.py", "b.py", "pkg/c.py", "new/deep/n.py"))


def change(path: PurePosixPath) -> Edit:
    return Edit(path, FileState(b"old\r\n"), FileState(b"new\r\n"))


THREE = ChangeSet((change(A), change(B), change(C)))
MIXED = ChangeSet(
    (change(A), Edit(B, FileState(b"old\r\n"), None), change(C), Edit(NEW, None, FileState(b"n")))
)


@pytest.fixture
def project(workspace: Workspace) -> Workspace:
    write_files(workspace.root, {"a.py": "old\r\n", "b.py": "old\r\n", "pkg/c.py": "old\r\n"})
    return workspace


def raising(error: BaseException, real: Callable[..., Any], *, at_call: int) -> Callable[..., Any]:
    """Return `real`, but that it raises at one call."""
    calls = iter(range(at_call - 1, -1, -1))

    def call(*arguments: Any, **options: Any) -> Any:
        if next(calls, -1) == 0:
            raise error
        return real(*arguments, **options)

    return call


def doing(act: Callable[[], object], real: Callable[..., Any]) -> Callable[..., Any]:
    """Return `real`, but that at its first call something else happens before."""
    acts = iter([act])

    def call(*arguments: Any, **options: Any) -> Any:
        next(acts, lambda: None)()
        return real(*arguments, **options)

    return call


def test_every_edit_is_applied(project: Workspace) -> None:
    apply(project, MIXED, id="t")

    assert tree(project.root) == {
        "a.py": (b"new\r\n", 0o644),
        "pkg/c.py": (b"new\r\n", 0o644),
        "new/deep/n.py": (b"n", 0o644),
    }


def test_a_mode_is_kept(project: Workspace) -> None:
    (project.root / "a.py").chmod(0o755)

    apply(
        project,
        ChangeSet((Edit(A, FileState(b"old\r\n", 0o755), FileState(b"new", 0o755)),)),
        id="t",
    )

    assert tree(project.root)["a.py"] == (b"new", 0o755)


def test_a_mode_alone_is_changed(project: Workspace) -> None:
    edit = Edit(A, FileState(b"old\r\n"), FileState(b"old\r\n", 0o755))

    apply(project, ChangeSet((edit,)), id="t")

    assert tree(project.root)["a.py"] == (b"old\r\n", 0o755)


def test_a_narrow_umask_does_not_narrow_a_mode(project: Workspace) -> None:
    before = os.umask(0o077)
    try:
        apply(project, ChangeSet((change(A),)), id="t")
    finally:
        os.umask(before)

    assert tree(project.root)["a.py"] == (b"new\r\n", 0o644)


def test_no_edits_are_applied(project: Workspace) -> None:
    before = tree(project.root)

    apply(project, ChangeSet(), id="t")

    assert tree(project.root) == before


@pytest.mark.parametrize("path", [A, B, C], ids=str)
def test_a_stale_edit_writes_nothing(project: Workspace, path: PurePosixPath) -> None:
    (project.root / path).write_bytes(b"edited meanwhile")
    before = tree(project.root)

    with pytest.raises(StaleEdit, match="Nothing was written"):
        apply(project, THREE, id="t")

    assert tree(project.root) == before
    assert not needs_recovery(project)


def test_a_changed_mode_is_stale_too(project: Workspace) -> None:
    (project.root / "b.py").chmod(0o600)
    before = tree(project.root)

    with pytest.raises(StaleEdit):
        apply(project, THREE, id="t")

    assert tree(project.root) == before


def test_a_file_that_is_gone_is_stale(project: Workspace) -> None:
    (project.root / "b.py").unlink()

    with pytest.raises(StaleEdit, match="no file"):
        apply(project, THREE, id="t")


def test_creating_over_a_file_is_refused(project: Workspace) -> None:
    before = tree(project.root)

    with pytest.raises(FileExists):
        apply(project, ChangeSet((change(A), Edit(B, None, FileState(b"new")))), id="t")

    assert tree(project.root) == before


def test_a_read_only_file_is_refused(project: Workspace) -> None:
    (project.root / "b.py").chmod(0o444)
    old = FileState(b"old\r\n", 0o444)

    with pytest.raises(ReadOnlyFile):
        apply(project, ChangeSet((change(A), Edit(B, old, FileState(b"", 0o444)))), id="t")

    assert tree(project.root)["a.py"] == (b"old\r\n", 0o644)


def test_a_read_only_folder_is_refused(project: Workspace) -> None:
    (project.root / "pkg").chmod(0o555)

    with pytest.raises(ReadOnlyFile):
        apply(project, THREE, id="t")

    assert tree(project.root)["a.py"] == (b"old\r\n", 0o644)


def test_a_hard_link_is_refused(project: Workspace) -> None:
    os.link(project.root / "b.py", project.root / "twin.py")

    with pytest.raises(SharedFile):
        apply(project, THREE, id="t")

    assert tree(project.root)["a.py"] == (b"old\r\n", 0o644)


def test_a_folder_that_became_a_link_is_refused(project: Workspace) -> None:
    (project.root / "pkg").rename(project.root.parent / "outside")
    (project.root / "pkg").symlink_to("../outside")

    with pytest.raises(OutsideWorkspace):
        apply(project, THREE, id="t")

    assert (project.root.parent / "outside" / "c.py").read_bytes() == b"old\r\n"


def test_a_file_that_a_person_edits_in_between_is_kept_and_the_rest_is_as_before(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_b = lambda: (project.root / "b.py").write_bytes(b"a person's")  # noqa: E731
    monkeypatch.setattr(Folder, "replace", doing(edit_b, Folder.replace))

    with pytest.raises(StaleEdit):
        apply(project, THREE, id="t")

    assert {name: data for name, (data, _) in tree(project.root).items()} == {
        "a.py": b"old\r\n",
        "b.py": b"a person's",
        "pkg/c.py": b"old\r\n",
    }


def test_a_file_that_becomes_a_folder_in_between_stops_everything(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_folder() -> None:
        (project.root / "b.py").unlink()
        (project.root / "b.py").mkdir()

    monkeypatch.setattr(Folder, "replace", doing(make_folder, Folder.replace))

    with pytest.raises(NotAFile):
        apply(project, THREE, id="t")

    assert list(tree(project.root).values()) == [(b"old\r\n", 0o644)] * 2


def test_a_file_that_appears_in_between_is_not_overwritten(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    appear = lambda: (project.root / "z.py").write_bytes(b"a person's")  # noqa: E731
    monkeypatch.setattr(os, "link", doing(appear, os.link))
    before = tree(project.root)

    with pytest.raises(ToolsetError):
        apply(
            project,
            ChangeSet((change(A), Edit(PurePosixPath("z.py"), None, FileState(b"ours")))),
            id="t",
        )

    assert tree(project.root) == {**before, "z.py": (b"a person's", 0o644)}


@pytest.mark.parametrize("at_call", [1, 2, 3])
def test_a_full_disk_leaves_the_files_as_they_were(
    project: Workspace, monkeypatch: pytest.MonkeyPatch, at_call: int
) -> None:
    before = tree(project.root)
    full = OSError(errno.ENOSPC, "No space left on device", "b.py")
    monkeypatch.setattr(Folder, "replace", raising(full, Folder.replace, at_call=at_call))

    with pytest.raises(WriteFailed, match="No space left on device"):
        apply(project, THREE, id="t")

    assert tree(project.root) == before
    assert not needs_recovery(project)


@pytest.mark.parametrize(
    ("where", "name", "at_call"),
    [
        pytest.param(Folder, "replace", 1, id="first rename"),
        pytest.param(Folder, "replace", 2, id="second rename"),
        pytest.param(Folder, "link", 1, id="create"),
        pytest.param(Folder, "unlink", 1, id="delete"),
        pytest.param(os, "fsync", 4, id="while the new bytes are made durable"),
        pytest.param(os, "mkdir", 4, id="making a folder"),
    ],
)
def test_ctrl_c_leaves_the_files_as_they_were(
    project: Workspace, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, at_call: int
) -> None:
    before = tree(project.root)
    monkeypatch.setattr(
        where, name, raising(KeyboardInterrupt(), getattr(where, name), at_call=at_call)
    )

    with pytest.raises(KeyboardInterrupt):
        apply(project, MIXED, id="t")

    assert tree(project.root) == before
    assert not (project.root / "new").exists()
    assert not needs_recovery(project)


@pytest.fixture
def interrupted(project: Workspace) -> Workspace:
    """Return a project where a transaction was killed after its first rename."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Folder, "replace", raising(KeyboardInterrupt(), Folder.replace, at_call=2))
        patch.setattr("toolset.apply._restore", raising(KeyboardInterrupt(), print, at_call=1))
        with pytest.raises(KeyboardInterrupt):
            apply(project, THREE, id="t", memo="why")
    return project


def test_an_interrupted_transaction_needs_recovery(interrupted: Workspace) -> None:
    assert needs_recovery(interrupted)


def test_recovery_puts_the_old_files_back(interrupted: Workspace) -> None:
    (recovery,) = recover(interrupted)

    assert {data for data, _ in tree(interrupted.root).values()} == {b"old\r\n"}
    assert (recovery.id, recovery.memo, recovery.applied) == ("t", "why", False)
    assert recovery.paths == (A, B, C)


def test_recovering_twice_is_harmless(interrupted: Workspace) -> None:
    recover(interrupted)
    before = tree(interrupted.root)

    recover(interrupted)

    assert tree(interrupted.root) == before


def test_a_closed_transaction_needs_no_recovery(interrupted: Workspace) -> None:
    recover(interrupted)

    close(interrupted, "t")

    assert not needs_recovery(interrupted)


def test_an_applied_transaction_that_was_not_closed_stays_applied(project: Workspace) -> None:
    apply(project, THREE, id="t", memo="why")
    before = tree(project.root)

    (recovery,) = recover(project)

    assert recovery.applied
    assert recovery.memo == "why"
    assert tree(project.root) == before


def test_recovery_leaves_a_file_that_a_person_edited_and_keeps_the_old_bytes(
    interrupted: Workspace,
) -> None:
    (interrupted.root / "a.py").write_bytes(b"a person's")

    (recovery,) = recover(interrupted)

    assert (interrupted.root / "a.py").read_bytes() == b"a person's"
    assert recovery.conflicts == (A,)
    assert recovery.kept_at is not None
    assert (recovery.kept_at / "a.py").read_bytes() == b"old\r\n"
    assert not needs_recovery(interrupted)


def test_recovery_restores_the_others_beside_one_that_a_person_edited(
    interrupted: Workspace,
) -> None:
    (interrupted.root / "c.py").write_bytes(b"a person's")

    recover(interrupted)

    assert (interrupted.root / "a.py").read_bytes() == b"old\r\n"
    assert not list(interrupted.root.rglob("*.tmp"))


def test_recovery_leaves_a_link_that_stands_in_a_file_s_place(interrupted: Workspace) -> None:
    (interrupted.root / "a.py").unlink()
    (interrupted.root / "a.py").symlink_to("b.py")

    (recovery,) = recover(interrupted)

    assert (interrupted.root / "a.py").is_symlink()
    assert recovery.conflicts == (A,)


def test_recovery_makes_a_folder_that_went_meanwhile(project: Workspace) -> None:
    changes = ChangeSet((Edit(C, FileState(b"old\r\n"), None),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("toolset.apply._sync_folders", raising(KeyboardInterrupt(), print, at_call=1))
        patch.setattr("toolset.apply._restore", raising(KeyboardInterrupt(), print, at_call=1))
        with pytest.raises(KeyboardInterrupt):
            apply(project, changes, id="t")
    (project.root / "pkg").rmdir()

    recover(project)

    assert (project.root / "pkg" / "c.py").read_bytes() == b"old\r\n"


def test_recovery_goes_on_where_a_folder_became_a_file(interrupted: Workspace) -> None:
    (interrupted.root / "pkg" / "c.py").unlink()
    for remains in (interrupted.root / "pkg").iterdir():
        remains.unlink()
    (interrupted.root / "pkg").rmdir()
    (interrupted.root / "pkg").write_bytes(b"a person's")

    (recovery,) = recover(interrupted)

    assert recovery.conflicts == (C,)
    assert tree(interrupted.root) == {
        "a.py": (b"old\r\n", 0o644),
        "b.py": (b"old\r\n", 0o644),
        "pkg": (b"a person's", 0o644),
    }


def manifest(path: str, folder: str = "new") -> dict[str, Any]:
    entry = [path, ["0" * 64, 0o644], None, 0, 4]
    return {"version": 2, "memo": "", "entries": [entry], "made_folders": [folder]}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(manifest("../outside.py"), id="a file outside"),
        pytest.param(manifest("/tmp/outside.py"), id="an absolute path"),
        pytest.param(manifest(".git/hooks/pre-commit"), id="a hook"),
        pytest.param(manifest("a.py", "../.."), id="a folder outside"),
        pytest.param({"version": 2}, id="no entries"),
        pytest.param(manifest("a.py") | {"version": 9}, id="of another version"),
        pytest.param([], id="no object"),
    ],
)
def test_a_journal_that_came_with_the_repository_leads_nobody_outside(
    project: Workspace, content: Any
) -> None:
    home = project.state_folder("journal")
    write_files(home, {"evil.open": json.dumps(content) + "\nevil"})
    before = tree(project.root.parent)

    with pytest.raises(PathRefused, match="move it away"):
        recover(project)

    assert tree(project.root.parent) == before


def test_a_linked_journal_folder_loses_nothing_elsewhere(project: Workspace) -> None:
    elsewhere = project.root.parent / "elsewhere"
    write_files(elsewhere, {"work/file": "x"})
    project.state_folder()
    (project.root / ".alma" / "journal").symlink_to(elsewhere)

    with pytest.raises(PathRefused):
        recover(project)

    assert list(tree(elsewhere)) == ["work/file"]


Reports = list[dict[str, Any]]


def reports_of(event: str, stride: int, home: Path) -> Reports:
    """Return what was found after every `stride`-th point where `event` can happen."""
    script = killed_at_every_point.__file__
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, script, str(home), str(stride), event],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module", params=[("killed", 1), ("torn", 5)], ids=lambda param: param[0])
def deaths(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return reports_of(*request.param, tmp_path_factory.mktemp("deaths"))


@pytest.fixture(
    scope="module",
    params=[("full", 2), ("stuck", 3), ("denied", 5)],
    ids=lambda param: param[0],
)
def failures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return reports_of(*request.param, tmp_path_factory.mktemp("failures"))


def test_there_are_hundreds_of_points_where_a_transaction_can_die(deaths: Reports) -> None:
    assert deaths[-1]["point"] > 250


def test_there_are_hundreds_of_points_where_the_system_can_refuse(failures: Reports) -> None:
    assert failures[-1]["point"] > 100


def test_a_transaction_that_died_anywhere_is_whole_after_recovery(deaths: Reports) -> None:
    assert [death for death in deaths if death["state"] not in ("old", "new")] == []


def test_recovery_says_truly_whether_the_transaction_was_applied(deaths: Reports) -> None:
    wrong = [death for death in deaths if (death["state"] == "new") != (death["applied"] == [True])]

    assert wrong == []


def test_a_transaction_that_died_leaves_no_conflict_and_nothing_open(deaths: Reports) -> None:
    assert [death for death in deaths if death["conflicts"] or death["open"]] == []


def test_recovery_itself_died_at_many_points(deaths: Reports) -> None:
    assert sum(death["deaths in recovery"] for death in deaths) > 20


def test_a_refusal_of_the_system_is_explained_and_leaves_the_old_files(failures: Reports) -> None:
    refused = [one for one in failures if one["code"] == killed_at_every_point.REFUSED]

    assert [one for one in refused if one["state"] != "old" or one["conflicts"]] == []
    assert len(refused) > 20


def test_what_is_not_explained_did_no_harm(failures: Reports) -> None:
    others = [one for one in failures if one["code"] != killed_at_every_point.REFUSED]

    assert {one["code"] for one in others} <= {killed_at_every_point.UNHARMED}
    assert [one for one in others if one["state"] != "new" or one["conflicts"]] == []


_states = st.builds(
    FileState,
    st.binary(max_size=30) | st.sampled_from([b"\xef\xbb\xbfx\r\n", b"a\r\nb\n", b"\xff\0"]),
    st.sampled_from([0o644, 0o755, 0o600, 0o664, 0o775]),
)
_names = ("a.py", "b c.txt", "d/e.py", "d/f/é'\"\\.bin", "g/h.py")
_trees = st.dictionaries(st.sampled_from(_names), _states)


def between(before: dict[str, FileState], after: dict[str, FileState]) -> ChangeSet:
    return ChangeSet(
        tuple(
            Edit(PurePosixPath(name), before.get(name), after.get(name))
            for name in _names
            if before.get(name) != after.get(name)
        )
    )


@contextmanager
def holding(states: dict[str, FileState]) -> Iterator[Workspace]:
    """Yield a workspace of its own with these files; hypothesis shares pytest's folder."""
    with TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder) / "p", {n: s.data for n, s in states.items()})
        for name, state in states.items():
            (workspace.root / name).chmod(state.mode)
        yield workspace


@settings(max_examples=60, deadline=None)
@given(before=_trees, after=_trees)
def test_any_change_and_then_its_inverse_give_the_same_bytes_and_modes(
    before: dict[str, FileState], after: dict[str, FileState]
) -> None:
    with holding(before) as workspace:
        changes = between(before, after)

        apply(workspace, changes, id="do")
        assert tree(workspace.root) == {n: (s.data, s.mode) for n, s in after.items()}

        apply(workspace, changes.inverted(), id="undo")
        assert tree(workspace.root) == {n: (s.data, s.mode) for n, s in before.items()}


def test_a_link_put_in_the_way_while_writing_leads_nowhere(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = project.root.parent / "outside"
    write_files(outside, {"c.py": "old\r\n"})

    def swap() -> None:
        (project.root / "pkg").rename(project.root / "away")
        (project.root / "pkg").symlink_to("../outside")

    monkeypatch.setattr(Folder, "replace", doing(swap, Folder.replace))
    with suppress(ToolsetError):
        apply(project, THREE, id="t")

    assert (outside / "c.py").read_bytes() == b"old\r\n"
    assert [path.name for path in outside.iterdir()] == ["c.py"]


def test_extended_attributes_are_kept(project: Workspace) -> None:
    try:
        os.setxattr(project.root / "a.py", "user.origin", b"here")
    except OSError:
        pytest.skip("this file system has no extended attributes")

    apply(project, ChangeSet((change(A),)), id="t")

    assert os.getxattr(project.root / "a.py", "user.origin") == b"here"


def test_a_moved_file_keeps_its_extended_attributes(project: Workspace) -> None:
    try:
        os.setxattr(project.root / "a.py", "user.origin", b"here")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    old = project.state_of(A)

    apply(project, ChangeSet((Edit(A, old, None), Edit(NEW, None, old)), (Move(A, NEW),)), id="t")

    assert os.getxattr(project.root / NEW, "user.origin") == b"here"


def folders(root: Path) -> set[str]:
    return {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_dir() and ".alma" not in path.relative_to(root).parts
    }


@settings(max_examples=60, deadline=None)
@given(before=_trees, after=_trees)
def test_any_drafted_change_and_its_inverse_give_the_same_tree_of_folders(
    before: dict[str, FileState], after: dict[str, FileState]
) -> None:
    with holding(before) as workspace:
        files_before, folders_before = tree(workspace.root), folders(workspace.root)
        draft = Draft(workspace)
        draft.stage(between(before, after))
        changes = draft.changes()

        apply(workspace, changes, id="do")
        close(workspace, "do")
        assert folders(workspace.root) == {
            str(parent) for name in after for parent in PurePosixPath(name).parents[:-1]
        }

        apply(workspace, changes.inverted(), id="undo")
        assert tree(workspace.root) == files_before
        assert folders(workspace.root) == folders_before


def test_a_disk_that_is_really_full_leaves_the_files_as_they_were(tmp_path: Path) -> None:
    script = f"""
mount -t tmpfs -o size=200k tmpfs {tmp_path} && cd {tmp_path} &&
head -c 60000 /dev/zero | tr '\\0' x > a.py &&
exec {sys.executable} -c "
from pathlib import Path, PurePosixPath
from toolset.apply import apply
from toolset.draft import Draft
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.workspace import Workspace
root = Path('.').resolve()
old = FileState(Path('a.py').read_bytes())
mode = Path('a.py').stat().st_mode & 0o777
old = FileState(old.data, mode)
try:
    apply(Workspace(root), ChangeSet((Edit(PurePosixPath('a.py'), old,
          FileState(b'y' * 120_000, mode)),)), id='t')
except Exception as error:
    print(error)
print(Path('a.py').read_bytes() == old.data, sorted(p.name for p in root.iterdir()))
"
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"no small disk can be made here: {done.stderr.strip()}")

    assert "No space left on device" in done.stdout
    assert "True ['.alma', 'a.py']" in done.stdout
