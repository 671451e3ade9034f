"""A change between two trees as a proposal's files, and back; the next revision of it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from alma_agent.proposals import folder
from alma_agent.proposals.artefact import Note, Person, ProposalDocument
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.loading import changes_of
from alma_agent.proposals.making import Told, made
from alma_agent.proposals.refusals import Drifted, NotSound
from alma_agent.proposals.revising import revised, tree_with
from tests.conftest import git, make_repository, write_files
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.errors import PathRefused
from toolset.git import Repository
from toolset.trees import Trees
from toolset.workspace import Workspace

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
AUTHOR = Person(name="Ada", email="ada@example.org")
TOLD = Told(goal="Read it\nlazily", author=AUTHOR, origin="diff", created_at=AT, id="0123456789ab")
FILES: dict[str, str | bytes] = {
    "a.py": "x = 1\n",
    "windows.txt": b"one\r\ntwo\r\n",
    "old/name.py": "".join(f"line_{number} = {number}\n" for number in range(30)),
    "picture.png": b"\x89PNG\0\1",
    "run.sh": "echo\n",
    "gone.txt": "bye\n",
}
AFTER: dict[str, str | bytes] = {
    "a.py": "x = 2\n",
    "windows.txt": b"one\r\nthree\r\n",
    "new/näme.py": FILES["old/name.py"],
    "picture.png": b"\x89PNG\0\2",
    "run.sh": "echo\n",
}


class Made:
    """A repository, and a proposal that is written in it."""

    def __init__(self, root: Path, told: Told = TOLD) -> None:
        self.workspace = make_repository(root, FILES)
        self.trees = Trees(Repository(self.workspace.root))
        self.base = git(root, "rev-parse", "HEAD").strip()
        self.result = tree_of(self.workspace, AFTER, executable="run.sh")
        name, files = made(self.trees, self.base, self.result, told)
        folder.write(self.workspace, name, files)
        self.folder = folder.read(self.workspace, name)

    @property
    def document(self) -> ProposalDocument:
        return self.folder.document()


@pytest.fixture
def proposal(tmp_path: Path) -> Made:
    return Made(tmp_path / "project")


def tree_of(workspace: Workspace, files: dict[str, str | bytes], *, executable: str = "") -> str:
    """Return the tree that these files make, by git's own means, elsewhere."""
    other = workspace.root.parent / "other"
    git(workspace.root, "worktree", "add", "-q", "--detach", str(other))
    for path in [one for one in other.rglob("*") if one.is_file() and one.name != ".git"]:
        path.unlink()
    write_files(other, files)
    if executable:
        (other / executable).chmod(0o755)
    git(other, "add", "--all")
    made = git(other, "write-tree").strip()
    git(workspace.root, "worktree", "remove", "--force", str(other))
    return made


def test_the_folder_is_named_by_day_goal_and_id(proposal: Made) -> None:
    assert proposal.folder.place.name == "2026-03-04-read-it-lazily-0123456789ab"


def test_the_table_tells_each_file_before_and_after(proposal: Made) -> None:
    told = {row.path: row for row in proposal.document.files}

    assert list(told) == sorted(told)
    assert {path: (row.base is None, row.result is None) for path, row in told.items()} == {
        "a.py": (False, False),
        "gone.txt": (False, True),
        "new/näme.py": (True, False),
        "old/name.py": (False, True),
        "picture.png": (False, False),
        "run.sh": (False, False),
        "windows.txt": (False, False),
    }
    assert told["new/näme.py"].moved_from == "old/name.py"
    assert told["run.sh"].result is not None
    assert told["run.sh"].result.mode == "100755"


def test_git_am_makes_the_same_tree_of_the_patch(proposal: Made) -> None:
    patch = proposal.folder.place / proposal.document.patch.file

    git(proposal.workspace.root, "am", "--keep-cr", "--3way", "-q", str(patch))

    assert git(proposal.workspace.root, "rev-parse", "HEAD^{tree}").strip() == proposal.result
    message = git(proposal.workspace.root, "log", "-1", "--format=%an <%ae>%n%B")
    assert message.split("\n") == [
        *("Ada <ada@example.org>", "Read it", "", "Alma-Proposal: 0123456789ab"),
        *("", ""),
    ]


def test_the_same_change_told_alike_makes_the_same_bytes(proposal: Made) -> None:
    _, files = made(proposal.trees, proposal.base, proposal.result, TOLD)

    assert {PurePosixPath(name): data for name, data in files.items()} == proposal.folder.files


def test_nothing_is_made_of_no_change(repository: Workspace) -> None:
    trees = Trees(Repository(repository.root))

    with pytest.raises(ValueError, match="nothing"):
        made(trees, "HEAD", trees.tree_of("HEAD") or "", TOLD)


def test_a_link_is_no_change_that_is_proposed(repository: Workspace) -> None:
    (repository.root / "link").symlink_to("a.py")
    git(repository.root, "add", "link")

    with pytest.raises(PathRefused, match="link"):
        made(
            Trees(Repository(repository.root)),
            "HEAD",
            git(repository.root, "write-tree").strip(),
            TOLD,
        )


def test_secrets_in_what_is_told_stay_out(tmp_path: Path) -> None:
    secret = "password = 'tr0ub4dor&3xyz'"
    told = replace(
        TOLD, goal=secret, rationale=secret, notes=(Note(path="a.py", line=1, text=secret),)
    )

    whole = b"".join(Made(tmp_path / "project", told).folder.files.values())

    assert b"tr0ub4dor" not in whole


def test_a_proposal_is_read_back_as_the_change_that_it_was(proposal: Made) -> None:
    changes = changes_of(proposal.trees, proposal.folder, proposal.document)

    after = {str(one.path): one.after.data for one in changes if one.after}
    before = {str(one.path): one.before.data for one in changes if one.before}
    assert after == {
        name: data.encode() if isinstance(data, str) else data for name, data in AFTER.items()
    }
    assert before["gone.txt"] == b"bye\n"
    assert changes.moves == (Move(PurePosixPath("old/name.py"), PurePosixPath("new/näme.py")),)


def cloned(proposal: Made, *options: str) -> tuple[Trees, Folder]:
    """Return a clone that has the proposal's folder, and none of the results' blobs."""
    root = proposal.workspace.root
    place = root.parent / "clone"
    git(root.parent, "clone", "-q", *options, root.as_uri(), str(place))
    subprocess.run(["cp", "-r", root / ".alma", place / ".alma"], check=True)
    workspace = Workspace(place)
    return Trees(Repository(place)), folder.read(workspace, proposal.folder.place.name)


def test_a_clone_that_has_only_the_touched_files_is_enough(proposal: Made) -> None:
    write_files(proposal.workspace.root, {"later.py": "z = 3\n"})
    git(proposal.workspace.root, "add", "later.py")
    git(proposal.workspace.root, "commit", "-q", "-m", "later")
    trees, read = cloned(proposal, "--depth=1")

    assert trees.commit_of(proposal.base) is None
    assert len(changes_of(trees, read, read.document())) == 7


def test_a_clone_without_the_touched_files_says_what_to_fetch(proposal: Made) -> None:
    write_files(proposal.workspace.root, {"a.py": "x = 3\n"})
    git(proposal.workspace.root, "commit", "-q", "-a", "-m", "later")
    trees, read = cloned(proposal, "--depth=1")

    with pytest.raises(Drifted, match=f"git fetch origin {proposal.base}"):
        changes_of(trees, read, read.document())


def test_a_patch_that_gives_something_else_is_told(proposal: Made) -> None:
    name = PurePosixPath(proposal.document.patch.file)
    changed = proposal.folder.files[name].replace(b"+x = 2", b"+x = 3")
    other = replace(proposal.folder, files={**proposal.folder.files, name: changed})

    with pytest.raises(NotSound, match="does not give"):
        changes_of(proposal.trees, other, proposal.document)


CHOSEN = ChangeSet((Edit(PurePosixPath("a.py"), FileState(b"x = 1\n"), FileState(b"x = 2\n")),))


def test_a_revision_holds_what_was_chosen_and_names_the_one_before(proposal: Made) -> None:
    name, files = revised(proposal.trees, proposal.folder, proposal.document, CHOSEN)
    folder.write(proposal.workspace, name, files)

    read = folder.read(proposal.workspace, name)
    document = read.document()
    assert (document.id, document.revision) == (proposal.document.id, 2)
    assert document.supersedes == proposal.folder.sha256
    assert [row.path for row in document.files] == ["a.py"]
    assert changes_of(proposal.trees, read, document) == CHOSEN


def test_approvals_stay_as_files_of_a_revision(proposal: Made) -> None:
    folder.add(proposal.folder, {"approvals/ada-1.json": b"{}\n"})
    read = folder.read(proposal.workspace, proposal.folder.place.name)

    _, files = revised(proposal.trees, read, read.document(), CHOSEN)

    assert files["approvals/ada-1.json"] == b"{}\n"


def test_a_tree_takes_a_file_where_a_folder_was(proposal: Made) -> None:
    path = PurePosixPath("old")
    gone = PurePosixPath("old/name.py")
    edits = (
        Edit(path, None, FileState(b"file\n")),
        Edit(gone, FileState(b""), None),
    )

    made_tree = tree_with(proposal.trees, proposal.document.base.tree, ChangeSet(edits))

    assert proposal.trees.blob(made_tree, path) == b"file\n"
