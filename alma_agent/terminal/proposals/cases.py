"""A proposal in a reviewer's hand: examined, its change as bytes, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

from alma_agent.errors import UsageError
from alma_agent.proposals import folder as folders
from alma_agent.proposals.account import Account, Step
from alma_agent.proposals.artefact import (
    LOGS,
    Person,
    ProposalDocument,
)
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.integrity import examined
from alma_agent.proposals.loading import changes_of
from alma_agent.proposals.policy import Policy, changed_policy, may_change_policy, policy_of
from alma_agent.proposals.refusals import NotApproved, Rejected, WrongPolicy
from alma_agent.proposals.reviewers import reviewers_of
from alma_agent.terminal.proposals.landed import how_landed
from alma_agent.terminal.proposals.listing import is_open
from toolset.edits import ChangeSet
from toolset.git import GitFailed, Repository
from toolset.trees import Entry, Trees
from toolset.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a proposal stands against what the commit asks that it would land on.

    `commit` is empty if the name `onto` names none. `policy` None: it cannot be read. `missing`
    says what has to happen before it may land; empty if nothing has. `landed` says how it landed;
    empty if it has not.
    """

    onto: str
    commit: str
    policy: Policy | None
    people: tuple[Person, ...] = ()
    steps: tuple[Step, ...] = ()
    missing: str = ""
    wrong: WrongPolicy | None = field(default=None, repr=False)
    landed: str = ""
    changed_policy: str = ""


@dataclass(frozen=True)
class Case:
    """A proposal whose folder is sound. `changes` are the bytes as git stores them."""

    workspace: Workspace
    trees: Trees
    folder: Folder
    document: ProposalDocument
    changes: ChangeSet

    @property
    def logs(self) -> list[str]:
        """What the checks said, in their order."""
        files = [f"{LOGS}/{one.log.file}" for one in self.document.checks]
        return [self.folder.data(name).decode("utf-8", "replace") for name in files]

    @cached_property
    def diff(self) -> str:
        """The whole change as a unified diff."""
        return self.changes.diff()

    @property
    def name(self) -> str:
        return self.folder.place.name

    def standing(self, onto: str) -> Standing:
        """Return where it stands over what `onto` names. Raises NotSound for a broken approval."""
        commit = self.trees.commit_of(onto) or ""
        if not commit:
            told = f"{onto} names no commit here; --onto names what it should land on."
            return Standing(onto, "", None, missing=told)
        try:
            policy = policy_of(self.trees, commit)
        except WrongPolicy as error:
            return Standing(onto, commit, None, missing=str(error), wrong=error)
        account = Account()
        people: tuple[Person, ...] = ()
        missing = ""
        landed = how_landed(self.folder, self.document, self.trees, onto)
        if landed:
            account.add("drift", "passed", landed)
        policy_after = "" if landed else self._policy_after(policy, commit)
        if policy_after:
            account.add("note", "warning", policy_after)
        try:
            people = reviewers_of(
                self.trees,
                self.folder,
                self.document,
                policy,
                onto=commit,
                at=datetime.now(UTC),
                account=account,
            )
        except (NotApproved, Rejected) as error:
            missing = str(error)
        steps = tuple(account.steps)
        return Standing(
            onto, commit, policy, people, steps, missing, landed=landed, changed_policy=policy_after
        )

    def _policy_after(self, policy: Policy, commit: str) -> str:
        """Say what of the policy would be another, were the proposal's files put over a commit."""
        rows = {
            PurePosixPath(row.path): Entry(row.result.mode, row.result.blob) if row.result else None
            for row in self.document.files
        }
        if not may_change_policy(policy, rows):
            return ""
        try:
            after = self.trees.with_entries(str(self.trees.tree_of(commit)), rows)
            return changed_policy(self.trees, commit, after)
        except GitFailed:  # another file stands where one of its folders is to be: apply says so
            return ""

    def outside(self, policy: Policy | None) -> list[str]:
        """Return the files that the policy lets no proposal change."""
        if policy is None:
            return []
        paths = [row.path for row in self.document.files]
        return [path for path in paths if not policy.scope.allows(PurePosixPath(path))]


def case_of(workspace: Workspace, wanted: str | None) -> Case:
    """Return the proposal that is meant; by default the one that is open.

    Raises UsageError, NoSuchProposal, NotSound, Drifted if its base's files are not in this clone.
    """
    if not workspace.has_git:
        raise UsageError(f"{workspace.root} is no git repository: there are no proposals in it.")
    trees = Trees(Repository(workspace.root))
    folder = folders.find(workspace, wanted or _the_open_one(workspace, trees))
    document = examined(folder, Account())
    return Case(workspace, trees, folder, document, changes_of(trees, folder, document))


def here() -> Workspace:
    return Workspace.around(Path.cwd())


def _the_open_one(workspace: Workspace, trees: Trees) -> str:
    every = folders.names(workspace)
    if not every:
        raise UsageError(
            f"There is no proposal under {folders.HOME}. `alma propose GOAL` makes one."
        )
    if len(every) > 1:
        every = tuple(name for name in every if is_open(workspace, trees, name))
    if len(every) != 1:
        several = f"{len(every)} proposals are open" if every else "No proposal is open any more"
        raise UsageError(f"{several}: name one. `alma proposals list` lists them.")
    return every[0]
