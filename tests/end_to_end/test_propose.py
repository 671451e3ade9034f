"""`alma propose`, `alma repropose`, `alma proposals list`: real repositories, the real program."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from alma_agent.memory.exchange import export
from alma_agent.memory.ledger import Ledger
from alma_agent.proposals import folder
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import Person, ProposalDocument, encode
from alma_agent.proposals.integrity import examined
from alma_agent.remembered import Wanted
from tests.conftest import git, make_repository, tree, write_files
from tests.end_to_end.conftest import clean_environment
from tests.forked import run
from tests.model_server import Call, Step, model_server
from tests.shared_memories import a_fact, keep
from toolset.git import Repository
from toolset.trees import Trees

Document = dict[str, Any]
FILES = {
    "app.py": "def load(path):\n    return path\n",
    "use.py": "from app import load\n\nprint(load(1))\n",
    "sub/deep.py": "x = 1\n",
    ".gitignore": "*.log\n",
}
RENAME = ("propose", "rename load to read_csv", "--file", "app.py")
EDIT = Call("replace_text", {"path": "sub/deep.py", "old": "x = 1", "new": "x = 2"})
DONE = Call("finish", {"rationale": "It counts to two."})
SECRET = "sk-proj-Zq8vT3nLw9XbR2mK7cYd5HfJ4pGs6AeU"
RUNS = f"{sys.executable} -c 'import use'"


class Project:
    """A repository, and alma in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = make_repository(root, FILES)
        self.trees = Trees(Repository(root))

    def alma(
        self,
        *arguments: str,
        said: str = "",
        inside: str = "",
        steps: Sequence[Step] = (),
        environment: Mapping[str, str] = {},
    ) -> Document:
        """Run a command with `--json`; return its document. `steps` are a model's."""
        whole = clean_environment() | {"HOME": str(self.root.parent), "ALMA_EMBEDDER": "none"}
        place = self.root / inside
        if not steps:
            done = run([*arguments, "--json"], place, whole | dict(environment), said=said)
        else:
            with model_server(list(steps)) as server:
                model = {
                    "OPENAI_BASE_URL": server.url,
                    "OPENAI_API_KEY": SECRET,
                    "ALMA_MODEL": "small",
                }
                done = run([*arguments, "--json"], place, whole | model, said=said)
                self.heard = server.heard
        assert "Traceback" not in done.stderr, done.stderr
        self.told = done.stderr
        document: Document = json.loads(done.stdout)
        return document

    def proposed(self, *arguments: str, **more: Any) -> ProposalDocument:
        """Propose, which has to work; return what was written."""
        document = self.alma(*arguments, **more)
        assert document["exit_code"] == 0, document["error"]
        return self.read(document["result"]["folder"])

    def read(self, inside: str) -> ProposalDocument:
        """Return a proposal as it lies there; every file of it is as it should be."""
        return examined(folder.find(self.workspace, inside), Account())

    @property
    def folders(self) -> tuple[str, ...]:
        return folder.names(self.workspace)

    def state(self) -> dict[str, bytes]:
        """Return every byte of git's and the user's, but for objects: they are only added."""
        private = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted((self.root / ".git").rglob("*"))
            if path.is_file() and "objects" not in path.parts
        }
        return private | {name: data for name, (data, _) in tree(self.root).items()}

    def commit(self, message: str = "more", **files: str) -> str:
        write_files(self.root, {f"{name}.py": text for name, text in files.items()})
        git(self.root, "add", "--all", "--", ".", ":!.alma")
        git(self.root, "commit", "-q", "-m", message)
        return git(self.root, "rev-parse", "HEAD").strip()

    def changed(self, *arguments: str) -> ProposalDocument:
        """Propose that `use.py` prints more, which no engine has to look at."""
        write_files(self.root, {"use.py": FILES["use.py"] + "print(2)\n"})
        document = self.proposed("propose", "Print more", "--from-diff", *arguments)
        git(self.root, "checkout", "-q", "--", ".")
        return document


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def dirty(project: Project) -> Project:
    """Return a project with staged, unstaged, untracked and stashed work, and a branch."""
    git(project.root, "branch", "side")
    write_files(project.root, {"use.py": "stashed = 1\n"})
    git(project.root, "stash", "-q")
    write_files(project.root, {"use.py": "staged = 1\n"})
    git(project.root, "add", "use.py")
    write_files(project.root, {"use.py": "unstaged = 1\n", "new.py": "new = 1\n"})
    return project


def test_a_refactoring_is_proposed_with_its_recipe(project: Project) -> None:
    document = project.proposed(*RENAME, "--check", RUNS)

    assert document.origin == "refactoring"
    assert document.model is None
    assert [row.path for row in document.files] == ["app.py", "use.py"]
    assert document.recipe is not None
    assert [(one.refactoring, one.arguments) for one in document.recipe] == [
        ("rename", {"target": "app.py::load", "new": "read_csv", "docs": False})
    ]
    assert document.evidence is not None
    assert document.evidence.level == "proven"
    assert [one.exit_code for one in document.checks] == [0]


def test_nothing_of_the_user_s_is_touched(dirty: Project) -> None:
    before = dirty.state()

    dirty.proposed(*RENAME)

    assert dirty.state() == before
    assert "uncommitted changes (1 file) are not part of it" in dirty.told


def test_a_difference_leaves_the_user_s_files_alone(dirty: Project) -> None:
    before = dirty.state()

    document = dirty.proposed("propose", "Count", "--from-diff")

    assert dirty.state() == before
    assert [row.path for row in document.files] == ["new.py", "use.py"]


def test_paths_count_from_where_the_user_stands(project: Project) -> None:
    document = project.proposed("propose", "rename x to y", "--file", "deep.py", inside="sub")

    assert document.recipe is not None
    assert document.recipe[0].arguments["target"] == "sub/deep.py::x"


def test_a_file_that_the_base_does_not_have_is_told(project: Project) -> None:
    write_files(project.root, {"new.py": "x = 1\n"})

    document = project.alma("propose", "rename x to y", "--file", "new.py")

    assert document["exit_code"] == 2
    assert "Commit it first" in document["error"]["message"]


def test_a_failing_check_is_no_proposal(project: Project) -> None:
    write_files(project.root, {"app.py": "x = 2\n"})

    document = project.alma("propose", "Count", "--from-diff", "--check", "false")

    assert document["exit_code"] == 5
    assert document["result"]["outcome"] == "checks failed"
    assert project.folders == ()


def test_a_check_may_be_a_program_that_git_ignores(project: Project) -> None:
    write_files(project.root, {"check.log": f"#!{sys.executable}\nimport use\n"})
    (project.root / "check.log").chmod(0o755)

    assert project.proposed(*RENAME, "--check", "./check.log").checks[0].exit_code == 0


def test_a_secret_in_the_check_is_not_published(project: Project) -> None:
    document = project.alma(*RENAME, "--check", f"deploy --key {SECRET}")

    assert document["exit_code"] == 2
    assert SECRET not in json.dumps(document)


def test_what_a_check_prints_is_kept_without_secrets(project: Project) -> None:
    write_files(project.root, {"use.py": f"print('{SECRET[:20]}' + '{SECRET[20:]}')\n"})

    document = project.proposed("propose", "Count", "--from-diff", "--check", RUNS)

    read = folder.find(project.workspace, document.id)
    assert b"redacted" in read.data("logs/check-1.txt")


def test_line_ends_of_the_work_tree_do_not_come_along(project: Project) -> None:
    write_files(project.root, {".gitattributes": "*.py text eol=crlf\n"})
    project.commit()
    git(project.root, "checkout-index", "--all", "--force")

    document = project.proposed("propose", "rename x to y", "--file", "sub/deep.py")

    path = PurePosixPath("sub/deep.py")
    assert project.trees.blob(document.result_tree, path) == b"y = 1\n"


def test_it_is_proposed_in_a_linked_work_tree(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(project.root, "worktree", "add", "-q", "-b", "side", str(other))
    write_files(other, {"app.py": "x = 2\n"})
    before = git(project.root, "worktree", "list")

    done = run(["propose", "Count", "--from-diff"], other, clean_environment())

    assert (done.returncode, done.stderr) == (0, "")
    assert project.folders == ()
    assert list((other / ".alma" / "proposals").iterdir())
    assert git(project.root, "worktree", "list") == before


def test_what_is_out_of_scope_is_no_proposal(project: Project) -> None:
    write_files(project.root, {"use.py": "x = 1\n"})

    document = project.alma("propose", "Count", "--from-diff", "--scope", "app.py")

    assert document["exit_code"] == 8
    assert project.folders == ()


def test_the_base_s_policy_says_what_any_proposal_may_change(project: Project) -> None:
    write_files(project.root, {"alma.toml": "[review]\nscope = ['!use.py']\n"})
    project.commit()
    write_files(project.root, {"use.py": "x = 2\n"})

    document = project.alma("propose", "Count", "--from-diff")

    assert (document["exit_code"], document["error"]["type"]) == (8, "PolicyForbids")
    assert project.folders == ()


def test_a_dry_run_writes_nothing(project: Project) -> None:
    write_files(project.root, {"app.py": "x = 2\n"})

    document = project.alma("propose", "Count", "--from-diff", "--dry-run")

    assert document["result"]["outcome"] == "would be proposed"
    assert document["result"]["proposal"]["files"]
    assert not (project.root / ".alma" / "proposals").exists()


def test_no_change_is_no_proposal(project: Project) -> None:
    document = project.alma("propose", "Nothing", "--from-diff")

    assert (document["exit_code"], document["result"]["outcome"]) == (0, "nothing to do")
    assert project.folders == ()


def test_likely_is_enough_and_is_told_as_a_note(project: Project) -> None:
    project.commit(other='handlers = {"load": "load"}\n')

    document = project.proposed(*RENAME)

    assert document.evidence is not None
    assert document.evidence.level == "likely"
    assert any("proven" in note.text for note in document.notes)


def test_a_symbol_that_two_files_have_needs_a_person(project: Project) -> None:
    project.commit(twin="def load():\n    pass\n")

    document = project.alma("propose", "rename load to read_csv")

    assert document["exit_code"] == 3
    assert project.folders == ()


def test_a_commit_brings_its_own_words(project: Project) -> None:
    git(project.root, "checkout", "-q", "-b", "side")
    project.commit("Count to two\n\nOne was too few.", app="x = 2\n")
    git(project.root, "checkout", "-q", "main")

    document = project.proposed("propose", "--from-diff", "side", "--agent", "Some Agent 2")

    assert (document.goal, document.rationale) == ("Count to two", "One was too few.")
    assert (document.origin, document.agent) == ("diff", "Some Agent 2")


def test_a_patch_comes_by_standard_input(project: Project) -> None:
    write_files(project.root, {"app.py": "x = 2\n"})
    patch = git(project.root, "diff")
    git(project.root, "checkout", "-q", "--", ".")

    document = project.proposed("propose", "Count", "--from-diff", "-", said=patch)

    assert [row.path for row in document.files] == ["app.py"]


def test_a_difference_without_a_goal_asks_for_one(project: Project) -> None:
    write_files(project.root, {"app.py": "x = 2\n"})

    document = project.alma("propose", "--from-diff")

    assert document["exit_code"] == 2
    assert "what the change is for" in document["error"]["message"]


def test_what_looks_wrong_in_a_difference_is_noted(project: Project) -> None:
    write_files(project.root, {"app.py": "def load(:\n", "use.py": f'key = "{SECRET}"\n'})

    document = project.proposed("propose", "Count", "--from-diff", "--note", "Mind the gap.")

    told = {(note.path, note.line): note.text for note in document.notes}
    assert "does not parse" in told["app.py", 1]
    assert "secret" in told["use.py", 1]
    assert told["", 0] == "Mind the gap."


def test_a_link_is_not_proposed(project: Project) -> None:
    (project.root / "link").symlink_to("app.py")

    document = project.alma("propose", "Link", "--from-diff")

    assert document["exit_code"] == 8
    assert project.folders == ()


def test_a_repository_without_commits_is_told(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")

    done = run(["propose", "rename a to b"], tmp_path, clean_environment())

    assert done.returncode == 2
    assert "no commit yet" in done.stderr


def test_a_person_is_told_the_folder_and_what_is_next(project: Project) -> None:
    done = run([*RENAME], project.root, clean_environment())

    (name,) = project.folders
    assert f".alma/proposals/{name}" in done.stdout
    assert f"alma review {name[-12:]}" in done.stdout


def test_a_model_s_change_tells_model_cost_and_memories(project: Project) -> None:
    (project.root / ".alma").mkdir()
    ledger = Ledger(project.root / ".alma" / "ledger.sqlite3")
    keep(ledger, a_fact("aa11", f"Count slowly, with {SECRET}."))
    before = _said(ledger)

    document = project.proposed("propose", "count slowly", steps=[EDIT, DONE])

    assert (document.origin, document.model, document.recipe) == ("model", "small", None)
    assert document.cost.requests == 2
    assert [one.id for one in document.memories] == ["aa11"]
    assert SECRET not in document.memories[0].text
    assert _said(ledger) == before


def test_memories_come_from_exported_files_where_there_is_no_ledger(
    project: Project, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    keep(ledger, a_fact("aa11", "Count slowly."))
    export(ledger, project.root / ".alma" / "memories", Wanted())

    document = project.proposed("propose", "count slowly", steps=[EDIT, DONE])

    assert [one.id for one in document.memories] == ["aa11"]
    assert not (project.root / ".alma" / "ledger.sqlite3").exists()


def test_a_folder_of_memories_leaves_the_ledger_alone(project: Project, tmp_path: Path) -> None:
    (project.root / ".alma").mkdir()
    keep(Ledger(project.root / ".alma" / "ledger.sqlite3"), a_fact("bb22", "Count fast."))
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    keep(ledger, a_fact("aa11", "Count slowly."))
    export(ledger, tmp_path / "memories", Wanted())

    document = project.proposed(
        "propose", "count slowly", "--memory", str(tmp_path / "memories"), steps=[EDIT, DONE]
    )

    assert [one.id for one in document.memories] == ["aa11"]


def _said(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        from alma_agent.memory.ledger import memories

        return [one.text for one in memories.with_ids(connection, ["aa11"])]


BEFORE = f"import sys\n{FILES['use.py']}"
MOVED = "from app import load\n\nprint(load(1), load(2))\n"


def test_a_refactoring_is_made_again_over_a_moved_base(project: Project) -> None:
    first = project.proposed(*RENAME)
    base = project.commit(use=MOVED)
    read = folder.find(project.workspace, first.id)

    told = project.alma("repropose", first.id)

    assert told["exit_code"] == 0, told["error"]
    assert told["result"]["by"] == "replay"
    assert "read_csv(2)" in told["result"]["range_diff"]
    second = project.read(told["result"]["folder"])
    assert (second.id, second.revision, second.base.commit) == (first.id, 2, base)
    assert second.supersedes == read.sha256
    assert second.recipe == first.recipe
    assert project.folders == (read.place.name,)


def test_any_other_change_is_merged_over_a_moved_base(project: Project) -> None:
    first = project.changed()
    base = project.commit(use=BEFORE)

    told = project.alma("repropose", first.id)

    second = project.read(told["result"]["folder"])
    assert (told["result"]["by"], second.revision, second.base.commit) == ("merge", 2, base)
    both = project.trees.blob(second.result_tree, PurePosixPath("use.py"))
    assert both == f"{BEFORE}print(2)\n".encode()


def test_decisions_on_the_revision_before_are_dead(project: Project) -> None:
    first = project.changed()
    folder.add(folder.find(project.workspace, first.id), {"approvals/zoe.json": b"{}\n"})
    project.commit(use=BEFORE)

    told = project.alma("repropose", first.id)

    assert told["result"]["dead"] == ["approvals/zoe.json"]


def test_a_conflict_says_what_to_do(project: Project) -> None:
    first = project.proposed(*RENAME)
    before = folder.find(project.workspace, first.id).files
    project.commit(app="def read(path):\n    return path\n")

    told = project.alma("repropose", first.id)

    assert told["exit_code"] == 7
    assert "alma propose 'rename load to read_csv'" in told["error"]["message"]
    assert folder.find(project.workspace, first.id).files == before


@pytest.mark.parametrize(
    ("file", "why"),
    [pytest.param("", "made over", id="not moved"), pytest.param("z", "as it is", id="elsewhere")],
)
def test_there_is_nothing_to_repropose(project: Project, file: str, why: str) -> None:
    first = project.changed()
    if file:
        project.commit(**{file: "z = 1\n"})

    told = project.alma("repropose", first.id)

    assert (told["exit_code"], told["result"]["outcome"]) == (0, "nothing to do")
    assert why in told["result"]["why"]
    assert project.read(first.id).revision == 1


def test_commands_that_came_with_a_proposal_are_run_only_after_a_yes(project: Project) -> None:
    first = project.changed("--check", RUNS)
    project.commit(use=BEFORE)

    (vouched,) = (project.root / ".alma" / "approved").iterdir()
    vouched.unlink()  # as in any other clone: nobody here named the check

    refused = project.alma("repropose", first.id)
    done = project.alma("repropose", first.id, "--yes")

    assert (refused["exit_code"], done["exit_code"]) == (3, 0)
    assert done["result"]["proposal"]["checks"][0]["passed"]
    assert "checking: " in project.told


def test_a_revision_may_have_another_check(project: Project) -> None:
    first = project.changed("--check", RUNS)
    other = "git --version"

    told = project.alma("repropose", first.id, "--always", "--check", other)

    assert told["exit_code"] == 0, told["error"]
    (check,) = project.read(first.id).checks
    assert check.argv == other.split()


def test_a_check_that_only_this_machine_has_is_told(project: Project) -> None:
    first = project.changed("--check", RUNS)

    assert [note.text for note in first.notes] == [
        f"{sys.executable} is a path of this machine: where it is not, the check cannot be run."
    ]


def test_a_wrong_policy_is_told_before_a_model_is_asked(project: Project) -> None:
    (project.root / "alma.toml").write_text("[review]\napproval = 2\n")
    project.commit()

    told = project.alma("propose", "make it nicer")

    assert (told["exit_code"], told["error"]["type"]) == (2, "WrongPolicy")


def test_what_landed_and_was_taken_back_is_proposed_again_only_if_asked(project: Project) -> None:
    first = project.changed()
    assert project.alma("review", first.id, "--approve")["exit_code"] == 0
    commit = project.alma("apply", first.id)["result"]["commit"]
    git(project.root, "revert", "--no-edit", "HEAD")

    told = project.alma("repropose", first.id)
    refused = project.alma("repropose", first.id, "--always")
    git(project.root, "add", "-f", ".alma/proposals")
    git(project.root, "commit", "-qm", "what landed")
    done = project.alma("repropose", first.id, "--always")

    assert f"it landed, by {commit[:12]}; what it changed was" in told["result"]["why"]
    assert refused["exit_code"] == 2
    assert "Commit .alma/proposals first" in refused["error"]["message"]
    assert (done["exit_code"], project.read(first.id).revision) == (0, 2)


def test_a_tampered_proposal_is_not_carried_over(project: Project) -> None:
    first = project.changed()
    read = folder.find(project.workspace, first.id)
    patch = read.data(first.patch.file).replace(b"print(2)", b"print(3)")
    folder.add(read, {first.patch.file: patch})
    project.commit(use=BEFORE)

    assert project.alma("repropose", first.id)["exit_code"] == 8


def test_proposals_are_listed_with_their_standing(project: Project) -> None:
    first = project.changed()
    read = folder.find(project.workspace, first.id)
    folder.write(
        project.workspace,
        "2026-01-02-broken-0123456789ab",
        {"proposal.json": encode(Person(name="a", email="b"))},
    )

    (broken, open_) = project.alma("proposals", "list")["result"]["proposals"]
    git(project.root, "am", "-q", "--keep-cr", str(read.place / first.patch.file))
    (_, landed) = project.alma("proposals", "list")["result"]["proposals"]

    assert (broken["standing"], open_["standing"], landed["standing"]) == (
        *("broken", "open", "landed"),
    )
    assert (open_["id"], open_["files"], open_["approved"]) == (first.id, 1, 0)
