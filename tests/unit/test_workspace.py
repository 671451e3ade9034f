from __future__ import annotations

import os
import socket
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import git, make_repository, make_workspace, tree, write_files
from toolset.edits import FileState
from toolset.errors import (
    FileMissing,
    NotAFile,
    OutsideWorkspace,
    PathRefused,
    ProtectedPath,
    ReadOnlyFile,
    SharedFile,
)
from toolset.workspace import Workspace

A = PurePosixPath("a.py")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("a.py", "a.py", id="plain"),
        pytest.param("./a.py", "a.py", id="dot"),
        pytest.param("pkg/../a.py", "a.py", id="out and in again"),
        pytest.param("../project/a.py", "a.py", id="through the parent"),
        pytest.param("new/deep/a.py", "new/deep/a.py", id="not there yet"),
        pytest.param("a b'c\"d\\e é.py", "a b'c\"d\\e é.py", id="odd but printable"),
        pytest.param(".gitignore", ".gitignore", id="gitignore is the user's"),
    ],
)
def test_a_path_inside_is_found(workspace: Workspace, path: str, expected: str) -> None:
    assert workspace.locate(path) == PurePosixPath(expected)


def test_an_absolute_path_inside_is_found(workspace: Workspace) -> None:
    assert workspace.locate(workspace.root / "a.py") == A


def test_a_relative_path_starts_at_its_base(workspace: Workspace) -> None:
    assert workspace.locate("a.py", base=workspace.root / "pkg") == PurePosixPath("pkg/a.py")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("..", id="parent"),
        pytest.param("../outside.py", id="dotdot"),
        pytest.param("pkg/../../outside.py", id="dotdot in the middle"),
        pytest.param("../project-2/a.py", id="a neighbour whose name begins alike"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("~/../../x", id="a tilde is a plain name"),
    ],
)
def test_a_path_outside_is_refused(workspace: Workspace, path: str) -> None:
    with pytest.raises(OutsideWorkspace, match="lies outside"):
        workspace.locate(path)


def test_a_link_to_a_file_outside_is_refused(workspace: Workspace) -> None:
    write_files(workspace.root.parent, {"outside.py": "x = 1\n"})
    (workspace.root / "link.py").symlink_to("../outside.py")

    with pytest.raises(OutsideWorkspace, match="is a link that leads outside"):
        workspace.locate("link.py")


def test_a_file_in_a_linked_folder_outside_is_refused(workspace: Workspace) -> None:
    write_files(workspace.root.parent, {"outside/a.py": "x = 1\n"})
    (workspace.root / "pkg").symlink_to("../outside")

    with pytest.raises(OutsideWorkspace):
        workspace.locate("pkg/a.py")


def test_a_link_inside_is_followed(workspace: Workspace) -> None:
    (workspace.root / "link.py").symlink_to("a.py")

    assert workspace.locate("link.py") == A


def test_a_linked_folder_inside_is_followed(workspace: Workspace) -> None:
    write_files(workspace.root, {"real/a.py": "x = 1\n"})
    (workspace.root / "link").symlink_to("real")

    assert workspace.locate("link/a.py") == PurePosixPath("real/a.py")


def test_a_link_that_leads_to_itself_is_refused(workspace: Workspace) -> None:
    (workspace.root / "loop.py").symlink_to("loop.py")

    with pytest.raises(PathRefused):
        workspace.read(workspace.locate("loop.py"))


@pytest.mark.parametrize(
    "path",
    [
        ".git",
        ".git/config",
        ".GIT/config",
        "pkg/.git/hooks/pre-commit",
        ".alma/journal/x",
        "pkg/../.alma",
    ],
)
def test_the_state_of_git_and_alma_is_refused(workspace: Workspace, path: str) -> None:
    with pytest.raises(ProtectedPath):
        workspace.locate(path)


def test_a_link_into_git_is_refused(repository: Workspace) -> None:
    (repository.root / "link").symlink_to(".git/config")

    with pytest.raises(ProtectedPath):
        repository.locate("link")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("a\nb.py", id="newline"),
        pytest.param("a\rb.py", id="carriage return"),
        pytest.param("a\x1bb.py", id="escape"),
        pytest.param("a\0b.py", id="NUL"),
        pytest.param("a\udcffb.py", id="not UTF-8"),
        pytest.param("a\u202eb.py", id="turns the text round"),
    ],
)
def test_a_name_that_cannot_be_written_down_is_refused(workspace: Workspace, path: str) -> None:
    with pytest.raises(PathRefused):
        workspace.locate(path)


def test_a_file_is_read_with_its_bytes_and_mode(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": b"x = 1\r\n"})
    (workspace.root / "a.py").chmod(0o755)

    assert workspace.state_of(A) == FileState(b"x = 1\r\n", 0o755)


def test_no_file_has_no_state(workspace: Workspace) -> None:
    assert workspace.state_of(A) is None


def test_a_file_under_a_file_has_no_state(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "x = 1\n"})

    assert workspace.state_of(PurePosixPath("a.py/b.py")) is None


def test_a_missing_file_cannot_be_read(workspace: Workspace) -> None:
    with pytest.raises(FileMissing, match=r"a\.py: does not exist"):
        workspace.read(A)


def test_a_directory_is_no_file(workspace: Workspace) -> None:
    (workspace.root / "a.py").mkdir()

    with pytest.raises(NotAFile, match="is a directory"):
        workspace.read(A)


def test_a_pipe_is_no_file(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / "a.py")

    with pytest.raises(NotAFile, match="is a pipe"):
        workspace.read(A)


def test_a_socket_is_no_file(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace.root)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.py")

        with pytest.raises(NotAFile, match="is a socket"):
            workspace.read(A)


def test_a_device_is_no_file() -> None:
    with pytest.raises(NotAFile, match="is a device"):
        Workspace(Path("/dev")).read(PurePosixPath("null"))


def test_a_file_that_became_a_link_is_refused(workspace: Workspace) -> None:
    write_files(workspace.root, {"b.py": "x = 1\n"})
    (workspace.root / "a.py").symlink_to("b.py")

    with pytest.raises(NotAFile, match="is a symbolic link"):
        workspace.state_of(A)


def test_a_folder_that_became_a_link_is_refused(workspace: Workspace) -> None:
    write_files(workspace.root.parent, {"outside/a.py": "x = 1\n"})
    (workspace.root / "pkg").symlink_to("../outside")

    with pytest.raises(OutsideWorkspace):
        workspace.state_of(PurePosixPath("pkg/a.py"))


def test_a_read_only_file_is_refused_to_root_too(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "x = 1\n"})
    (workspace.root / "a.py").chmod(0o444)

    with pytest.raises(ReadOnlyFile, match=r"mode 0444.*chmod u\+w a\.py"):
        workspace.require_writable(A)


def test_a_read_only_folder_is_refused_to_root_too(workspace: Workspace) -> None:
    write_files(workspace.root, {"pkg/a.py": "x = 1\n"})
    (workspace.root / "pkg").chmod(0o555)

    with pytest.raises(ReadOnlyFile, match="pkg: is read-only"):
        workspace.require_writable(PurePosixPath("pkg/a.py"))


def test_a_hard_link_is_refused(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "x = 1\n"})
    (workspace.root / "b.py").hardlink_to(workspace.root / "a.py")

    with pytest.raises(SharedFile, match="has 2 hard links"):
        workspace.require_writable(A)


@pytest.mark.parametrize("path", ["a.py/b.py", "a.py/deeper/b.py"])
@pytest.mark.parametrize("mode", [0o644, 0o755])
def test_a_file_cannot_stand_under_a_file(workspace: Workspace, path: str, mode: int) -> None:
    write_files(workspace.root, {"a.py": "x = 1\n"})
    (workspace.root / "a.py").chmod(mode)

    with pytest.raises(PathRefused, match=r"a\.py: is a file, not a folder"):
        workspace.require_writable(PurePosixPath(path))


def test_a_new_file_in_a_new_folder_may_be_written(workspace: Workspace) -> None:
    workspace.require_writable(PurePosixPath("new/deep/a.py"))


def test_the_workspace_is_the_repository_around(repository: Workspace) -> None:
    (repository.root / "pkg").mkdir()

    assert Workspace.around(repository.root / "pkg") == repository


def test_without_git_the_workspace_is_the_nearest_with_state(workspace: Workspace) -> None:
    workspace.state_folder()
    (workspace.root / "pkg").mkdir()

    assert Workspace.around(workspace.root / "pkg") == workspace


def test_without_git_or_state_the_workspace_is_the_folder(workspace: Workspace) -> None:
    assert Workspace.around(workspace.root) == workspace


def test_the_nearest_repository_wins_over_outer_state(tmp_path: Path) -> None:
    make_workspace(tmp_path, {}).state_folder()
    inner = make_repository(tmp_path / "inner", {})

    assert Workspace.around(inner.root) == inner


def test_a_workspace_reached_by_a_link_has_its_true_root(workspace: Workspace) -> None:
    link = workspace.root.parent / "link"
    link.symlink_to(workspace.root)

    assert Workspace.around(link) == workspace


def test_the_root_of_the_file_system_is_no_workspace() -> None:
    with pytest.raises(PathRefused, match="is no project folder"):
        Workspace.around(Path("/"))


def test_the_home_folder_is_no_workspace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(workspace.root))

    with pytest.raises(PathRefused, match="is no project folder"):
        Workspace.around(workspace.root)


def test_files_are_tracked_and_untracked_but_not_ignored(repository: Workspace) -> None:
    write_files(
        repository.root,
        {".gitignore": "*.log\n", "new.py": "", "x.log": "", "é 'q' \"\\.py": ""},
    )

    names = [str(path) for path in repository.files()]

    assert names == [".gitignore", "a.py", "b.py", "new.py", "é 'q' \"\\.py"]


def test_a_deleted_tracked_file_is_not_listed(repository: Workspace) -> None:
    (repository.root / "b.py").unlink()

    assert repository.files() == (A,)


def test_links_and_names_with_line_breaks_are_not_listed(repository: Workspace) -> None:
    (repository.root / "link.py").symlink_to("a.py")
    (repository.root / "a\nb.py").touch()

    assert [str(path) for path in repository.files()] == ["a.py", "b.py"]


def test_a_repository_in_the_middle_of_a_merge_lists_each_file_once(repository: Workspace) -> None:
    merge_with_conflict(repository.root)

    assert [str(path) for path in repository.files()] == ["a.py", "b.py"]


def test_without_git_hidden_cache_and_environment_folders_are_passed_over(
    workspace: Workspace,
) -> None:
    write_files(
        workspace.root,
        {
            "a.py": "",
            ".tox/a.py": "",
            "__pycache__/a.pyc": "",
            "node_modules/a.py": "",
            "my-env/pyvenv.cfg": "",
            "my-env/a.py": "",
            "pkg/b.py": "",
        },
    )

    assert [str(path) for path in workspace.files()] == ["a.py", "pkg/b.py"]


def test_alma_makes_its_own_state_ignored_and_private(repository: Workspace) -> None:
    folder = repository.state_folder("journal")

    assert folder == repository.root / ".alma" / "journal"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert git(repository.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("linked", [".alma", ".alma/journal"])
def test_a_repository_cannot_lead_alma_s_state_elsewhere(workspace: Workspace, linked: str) -> None:
    elsewhere = workspace.root.parent / "elsewhere"
    write_files(elsewhere, {"journal/kept/file": "x"})
    link = workspace.root / linked
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)

    with pytest.raises(PathRefused, match="is a link"):
        workspace.state_folder("journal", "x")

    assert list(tree(elsewhere)) == ["journal/kept/file"]


def merge_with_conflict(root: Path) -> None:
    """Leave a merge of `a.py` half done."""
    git(root, "checkout", "-q", "-b", "other")
    write_files(root, {"a.py": "x = 'other'\n"})
    git(root, "commit", "-qam", "other")
    git(root, "checkout", "-q", "main")
    write_files(root, {"a.py": "x = 'main'\n"})
    git(root, "commit", "-qam", "main")
    with pytest.raises(Exception, match="merge"):
        git(root, "merge", "other")


def test_a_link_put_in_the_way_after_the_check_leads_nowhere(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(workspace.root, {"pkg/a.py": "mine\n"})
    write_files(workspace.root.parent, {"outside/a.py": "outside\n"})
    real = Workspace.require_inside

    def swapped(self: Workspace, path: PurePosixPath) -> None:
        real(self, path)
        (workspace.root / "pkg").rename(workspace.root / "away")
        (workspace.root / "pkg").symlink_to("../outside")

    monkeypatch.setattr(Workspace, "require_inside", swapped)

    with pytest.raises(OutsideWorkspace):
        workspace.state_of(PurePosixPath("pkg/a.py"))
