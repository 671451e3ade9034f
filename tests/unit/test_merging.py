from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.conftest import write_files
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.errors import FileExists, StaleEdit, ToolsetError
from toolset.merging import rebased
from toolset.workspace import Workspace

A, B = PurePosixPath("a.py"), PurePosixPath("b.py")
OLD = b"1\r\n2\n3\n4\n5\n6\n7\n"


def changing(before: bytes, after: bytes, *, to_mode: int = 0o644) -> ChangeSet:
    return ChangeSet((Edit(A, FileState(before), FileState(after, to_mode)),))


@pytest.mark.parametrize(
    ("proposed", "now", "expected"),
    [
        pytest.param(b"1\r\nX\n3\n4\n5\n6\n7\n", b"1\r\n2\n3\n4\n5\n6\nY\n",
                     b"1\r\nX\n3\n4\n5\n6\nY\n", id="elsewhere"),
        pytest.param(b"1\r\n2\n3\n4\n5\n6\nX\n", b"0\n1\r\n2\n3\n4\n5\n6\n7\n",
                     b"0\n1\r\n2\n3\n4\n5\n6\nX\n", id="lines moved"),
        pytest.param(OLD + b"X", b"Y\r\n2\n3\n4\n5\n6\n7\n",
                     b"Y\r\n2\n3\n4\n5\n6\n7\nX", id="no final newline"),
    ],
)  # fmt: skip
def test_changes_elsewhere_in_a_file_are_kept(
    workspace: Workspace, proposed: bytes, now: bytes, expected: bytes
) -> None:
    write_files(workspace.root, {"a.py": now})

    (edit,) = rebased(workspace, changing(OLD, proposed))

    assert (edit.before, edit.after) == (FileState(now), FileState(expected))


def test_a_change_in_the_same_lines_is_refused_and_shown(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": OLD.replace(b"2", b"mine")})

    with pytest.raises(StaleEdit) as refusal:
        rebased(workspace, changing(OLD, OLD.replace(b"2", b"alma's")))

    for line in ("mine", "||||||| before", "2", "alma's"):
        assert f"\n  {line}\n" in str(refusal.value)


def test_what_did_not_change_is_the_same(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": OLD})
    changes = changing(OLD, b"new")

    assert rebased(workspace, changes) is changes


def test_what_is_there_already_falls_out(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "new"})

    assert not rebased(workspace, changing(OLD, b"new"))


def test_a_mode_that_was_set_since_stays(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": OLD})
    (workspace.root / "a.py").chmod(0o755)

    (edit,) = rebased(workspace, changing(OLD, b"new"))

    assert edit.after == FileState(b"new", 0o755)


def test_a_mode_that_the_edit_sets_is_set(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": b"0\n" + OLD})

    (edit,) = rebased(workspace, changing(OLD, OLD, to_mode=0o755))

    assert edit.after == FileState(b"0\n" + OLD, 0o755)


@pytest.mark.parametrize("now", [b"\0mine", None])
def test_what_cannot_be_merged_is_refused(workspace: Workspace, now: bytes | None) -> None:
    if now is not None:
        write_files(workspace.root, {"a.py": now})

    with pytest.raises(StaleEdit):
        rebased(workspace, changing(b"\0old", b"\0new"))


def test_a_changed_file_is_not_deleted(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "mine"})

    with pytest.raises(StaleEdit):
        rebased(workspace, ChangeSet((Edit(A, FileState(OLD), None),)))


def test_a_file_to_create_that_is_there_is_not_written_over(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "mine"})

    with pytest.raises(FileExists):
        rebased(workspace, ChangeSet((Edit(A, None, FileState(OLD)),)))


def test_a_file_that_moves_takes_along_what_was_changed_since(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": OLD + b"mine\n"})
    moved = FileState(OLD.replace(b"2", b"X"))
    edits = (Edit(A, FileState(OLD), None), Edit(B, None, moved))

    gone, come = rebased(workspace, ChangeSet(edits, (Move(A, B),)))

    assert gone == Edit(A, FileState(OLD + b"mine\n"), None)
    assert come == Edit(B, None, FileState(OLD.replace(b"2", b"X") + b"mine\n"))


def test_a_file_does_not_move_to_where_one_is(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": OLD + b"mine\n", "b.py": "mine"})
    edits = (Edit(A, FileState(OLD), None), Edit(B, None, FileState(OLD)))

    with pytest.raises(ToolsetError):
        rebased(workspace, ChangeSet(edits, (Move(A, B),)))
