"""What a proposal is made over: the repository, the commit, the person who proposes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alma_agent.errors import UsageError
from alma_agent.proposals.artefact import Person
from toolset.git import Repository
from toolset.trees import Trees
from toolset.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Ground:
    """A commit of the repository that the user stands in. `asked` is how it was named."""

    workspace: Workspace
    trees: Trees
    asked: str
    base: str
    tree: str
    author: Person

    @property
    def name(self) -> str:
        """The commit as a person is told of it: `HEAD (1a2b3c4)`."""
        return f"{self.asked} ({self.base[:7]})"


def ground(revision: str) -> Ground:
    """Return what a revision of the current repository means to a proposal. Raises UsageError."""
    workspace = Workspace.around(Path.cwd())
    if not workspace.has_git:
        raise UsageError(
            f"{workspace.root} is no git repository. Proposals are made over a commit: `git init`, "
            "and commit what there is."
        )
    trees = Trees(Repository(workspace.root))
    base, tree = trees.commit_of(revision), trees.tree_of(revision)
    if base is None or tree is None:
        if revision == "HEAD":
            raise UsageError("There is no commit yet. Commit something, then propose a change.")
        raise UsageError(f"There is no commit {revision!r} here. Fetch it, or name another one.")
    person = trees.person("AUTHOR")
    if person is None:
        raise UsageError(
            "Git does not know who proposes this. Say it once: `git config user.name NAME` and "
            "`git config user.email ADDRESS`."
        )
    return Ground(
        workspace, trees, revision, base, tree, Person(name=person.name, email=person.email)
    )
