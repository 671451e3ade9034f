"""What somebody changed already, as a tree: in the work tree, in commits, in a patch."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from alma_agent.errors import UsageError
from alma_agent.proposals.differences import Difference, of_patch, of_revision, of_work_tree
from alma_agent.proposals.refusals import Conflicts
from tests.conftest import git, make_repository, write_files
from toolset.git import Repository
from toolset.trees import Trees

TEN = "".join(f"{number}\n" for number in range(10))


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root
        make_repository(root, {"a.py": "x = 1\n", "ten.txt": TEN, ".gitignore": "*.log\n"})
        self.trees = Trees(Repository(root))

    def write(self, **files: str) -> None:
        write_files(self.root, {name.replace("_", "."): text for name, text in files.items()})

    def commit(self, message: str = "more", **files: str) -> str:
        self.write(**files)
        git(self.root, "add", "--all")
        git(self.root, "commit", "-q", "-m", message)
        return git(self.root, "rev-parse", "HEAD").strip()

    def found(self, difference: Difference, base: str = "HEAD") -> dict[str, bytes | None]:
        """Return what the files become that a difference changes."""
        old = self.trees.tree_of(base)
        assert old
        return {
            str(one.path): self.trees.blob(difference.tree, one.path)
            for one in self.trees.changes(old, difference.tree)
        }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def test_the_work_tree_s_changed_new_and_deleted_files_are_taken(project: Project) -> None:
    project.write(a_py="x = 2\n", new_py="y = 1\n", noise_log="ignored\n")
    (project.root / "ten.txt").unlink()

    found = project.found(of_work_tree(project.trees, "HEAD"))

    assert found == {"a.py": b"x = 2\n", "new.py": b"y = 1\n", "ten.txt": None}


def test_the_index_stays_as_it_was(project: Project) -> None:
    project.write(a_py="x = 2\n")
    git(project.root, "add", "a.py")
    project.write(a_py="x = 3\n")
    before = (project.root / ".git" / "index").read_bytes()

    assert project.found(of_work_tree(project.trees, "HEAD")) == {"a.py": b"x = 3\n"}
    assert (project.root / ".git" / "index").read_bytes() == before


def test_line_ends_are_those_that_git_keeps(project: Project) -> None:
    project.write(_gitattributes="* text=auto\n", a_py="x = 1\r\ny = 2\r\n")

    found = project.found(of_work_tree(project.trees, "HEAD"))

    assert found["a.py"] == b"x = 1\ny = 2\n"


def test_a_file_that_is_not_checked_out_is_not_gone(project: Project) -> None:
    git(project.root, "update-index", "--skip-worktree", "ten.txt")
    (project.root / "ten.txt").unlink()
    project.write(a_py="x = 2\n")

    assert project.found(of_work_tree(project.trees, "HEAD")) == {"a.py": b"x = 2\n"}


def test_a_change_of_the_same_length_in_the_same_second_is_seen(project: Project) -> None:
    file, index = project.root / "a.py", project.root / ".git" / "index"
    git(project.root, "config", "core.trustctime", "false")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    git(project.root, "update-index", "--refresh")
    os.utime(index, (1_700_000_000, 1_700_000_000))
    project.write(a_py="x = 2\n")
    os.utime(file, (1_700_000_000, 1_700_000_000))

    found = of_work_tree(project.trees, "HEAD")

    assert project.found(found) == {"a.py": b"x = 2\n"}


def test_alma_s_own_files_are_left_out(project: Project) -> None:
    write_files(project.root, {".alma/memories/a.md": "one\n"})
    git(project.root, "add", "--force", ".alma/memories/a.md")
    project.write(a_py="x = 2\n")

    found = of_work_tree(project.trees, "HEAD")

    assert project.found(found) == {"a.py": b"x = 2\n"}
    assert found.left_out == (PurePosixPath(".alma/memories/a.md"),)


def test_an_unfinished_merge_is_no_change_to_propose(project: Project) -> None:
    git(project.root, "branch", "side")
    project.commit(a_py="x = 2\n")
    git(project.root, "checkout", "-q", "side")
    project.commit(a_py="x = 3\n")
    with pytest.raises(Exception, match="merge"):
        git(project.root, "merge", "-q", "main")

    with pytest.raises(UsageError, match="conflicts"):
        of_work_tree(project.trees, "HEAD")


def test_work_over_head_is_carried_over_to_another_base(project: Project) -> None:
    first = git(project.root, "rev-parse", "HEAD").strip()
    project.commit(a_py="x = 2\n")
    project.write(ten_txt=TEN.replace("9", "nine"))

    found = of_work_tree(project.trees, first)

    assert project.found(found, first) == {"ten.txt": TEN.replace("9", "nine").encode()}


def test_a_branch_is_what_it_has_over_the_merge_base(project: Project) -> None:
    git(project.root, "checkout", "-q", "-b", "side")
    project.commit("Nine in words\n\nAs agreed.", ten_txt=TEN.replace("9", "nine"))
    git(project.root, "checkout", "-q", "main")
    project.commit(ten_txt=TEN.replace("0", "zero"))

    found = of_revision(project.trees, "HEAD", "side")

    both = TEN.replace("0", "zero").replace("9", "nine").encode()
    assert project.found(found) == {"ten.txt": both}
    assert (found.goal, found.rationale) == ("Nine in words", "As agreed.")
    assert found.authors == ("A Person <person@example.org>",)


def test_a_range_is_its_end_over_its_start(project: Project) -> None:
    project.commit(a_py="x = 2\n")
    middle = git(project.root, "rev-parse", "HEAD").strip()
    project.commit(ten_txt="ten\n")

    found = of_revision(project.trees, middle, f"{middle}..HEAD")

    assert project.found(found, middle) == {"ten.txt": b"ten\n"}


def test_a_branch_in_the_same_lines_conflicts(project: Project) -> None:
    git(project.root, "checkout", "-q", "-b", "side")
    project.commit(a_py="x = 2\n")
    git(project.root, "checkout", "-q", "main")
    project.commit(a_py="x = 3\n")

    with pytest.raises(Conflicts, match=r"a\.py"):
        of_revision(project.trees, "HEAD", "side")


def test_a_goal_in_the_place_of_a_revision_is_understood(project: Project) -> None:
    with pytest.raises(UsageError, match="say it first"):
        of_revision(project.trees, "HEAD", "Make it faster")


def test_a_diff_becomes_a_tree(project: Project) -> None:
    project.write(a_py="x = 2\n")
    patch = git(project.root, "diff").encode()
    git(project.root, "checkout", "-q", "--", ".")

    assert project.found(of_patch(project.trees, "HEAD", patch)) == {"a.py": b"x = 2\n"}


def test_a_letter_tells_its_subject_and_who_sends_it(project: Project) -> None:
    long = "Naïve ünits of a very long subject that git has to fold into a second line"
    project.commit(long, a_py="x = 2\n")
    git(project.root, "commit", "-q", "--amend", "--no-edit", "--author=Zoë <zoe@x.org>")
    patch = git(
        project.root, "format-patch", "-1", "--stdout", "--subject-prefix=PATCH v2"
    ).encode()
    git(project.root, "reset", "-q", "--hard", "HEAD~1")

    found = of_patch(project.trees, "HEAD", patch)

    assert project.found(found) == {"a.py": b"x = 2\n"}
    assert found.goal == long
    assert found.authors == ("Zoë <zoe@x.org>",)


@pytest.mark.parametrize(
    ("patch", "error"),
    [
        pytest.param(b"", UsageError, id="nothing"),
        pytest.param(b"hello\n", UsageError, id="no patch"),
        pytest.param(
            b"--- a/../x\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n",
            UsageError,
            id="leads out of the project",
        ),
        pytest.param(
            b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 7\n+x = 8\n", Conflicts, id="other lines"
        ),
    ],
)
def test_a_patch_that_does_not_fit_is_told(
    project: Project, patch: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        of_patch(project.trees, "HEAD", patch)
