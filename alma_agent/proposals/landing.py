"""An approved proposal lands on a branch: every step in its order, and the ref is the last one.

No model, no key, no network. Whatever fails: no ref, no file and no index of the user's is moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from alma_agent.errors import AlmaError, UsageError
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import Person, ProposalDocument
from alma_agent.proposals.asked_checks import AskedChecks
from alma_agent.proposals.checking import CheckRun
from alma_agent.proposals.drift import Drift, applied_in, drift_of
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.integrity import examined, require_in_policy_scope
from alma_agent.proposals.message import TRAILER, author_of, committer_of, message_of
from alma_agent.proposals.policy import (
    Level,
    Policy,
    changed_policy,
    may_change_policy,
    policy_of,
)
from alma_agent.proposals.refusals import PolicyForbids, ProposalRefused
from alma_agent.proposals.replaying import replay_of
from alma_agent.proposals.reviewers import reviewers_of
from alma_agent.proposals.target import Target, require_still, target_of, trees_of
from alma_agent.proposals.vouching import Consent
from toolset.branches import Branches
from toolset.errors import ToolsetError
from toolset.git import GitFailed
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.proposals.bringing import WorkTree

_STEPS = (
    *("schema", "digests", "paths", "scope", "policy", "signatures", "approvals", "rejections"),
    *("patch", "drift", "checks", "commit", "work-tree", "ref"),
)


@dataclass(frozen=True)
class Wanted:
    """Where a proposal is to land, and how: the flags of `alma apply`."""

    onto: str | None = None
    branch: str | None = None
    in_place: bool = False
    drift: Level | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Landed:
    """What became of a proposal.

    `commit` None: nothing was to be done, and no commit says who did it; or it was a dry run.
    `ref` None: nothing was moved. `onto` is the commit that it landed on.
    """

    commit: str | None
    tree: str
    ref: str | None
    onto: str
    drift: Drift
    reviewers: tuple[Person, ...] = ()
    checks: tuple[CheckRun, ...] = ()


def land(
    workspace: Workspace,
    folder: Folder,
    wanted: Wanted,
    account: Account,
    *,
    now: datetime,
    consent: Consent,
) -> Landed:
    """Land a proposal, or say that it has landed already.

    `account` gets a step for all that was looked at, and for what was not reached. `consent` is
    asked before checks of the proposal's own are run that nobody vouches for: no signature, no
    merge, no approval that was given in this clone. Raises ProposalRefused, UsageError,
    ToolsetError, and what `consent` does.
    """
    try:
        return _Landing(workspace, folder, wanted, account, now=now, consent=consent).land()
    except GitFailed as error:
        refused = ProposalRefused("commit", f"git said no: {error}. Nothing was moved.")
        _not_reached(account, refused)
        raise refused from error
    except (AlmaError, ToolsetError) as error:
        _not_reached(account, error)
        raise


class _Landing:
    """One attempt."""

    def __init__(
        self,
        workspace: Workspace,
        folder: Folder,
        wanted: Wanted,
        account: Account,
        *,
        now: datetime,
        consent: Consent,
    ) -> None:
        self._workspace, self._folder, self._wanted = workspace, folder, wanted
        self._account, self._now, self._consent = account, now, consent
        self._trees = trees_of(workspace)

    def land(self) -> Landed:
        document = examined(self._folder, self._account)
        wanted = self._wanted
        target = target_of(self._trees, wanted.onto, wanted.branch, in_place=wanted.in_place)
        with self._account.step("policy"):
            policy = policy_of(self._trees, target.commit)
            level = _level(policy, wanted.drift)
        require_in_policy_scope(policy.scope, document, self._account)
        if there := self._applied(document, target):
            return there
        if target.exists:
            raise UsageError(f"There is a branch {wanted.branch!r} already. Choose another name.")
        reviewers = reviewers_of(
            self._trees,
            self._folder,
            document,
            policy,
            onto=target.commit,
            at=self._now,
            account=self._account,
        )
        drift = self._drift(document, target, level)
        work_tree = self._work_tree(target, drift)
        self._note_policy(policy, target, drift)
        asked = AskedChecks(
            self._workspace, self._trees, self._folder, document, policy, self._account
        )
        asked.require_consent(target.commit, reviewers, self._consent)
        checks = asked.run(drift.tree)
        landed = Landed(None, drift.tree, None, target.commit, drift, reviewers, checks)
        if wanted.dry_run:
            why = "This was a dry run: nothing was moved."
            self._account.add("commit", "skipped", why)
            self._account.add("ref", "skipped", why)
            return landed
        commit = self._commit(document, landed)
        self._move(target, commit, work_tree, again=bool(checks))
        return Landed(commit, drift.tree, target.ref, target.commit, drift, reviewers, checks)

    def _note_policy(self, policy: Policy, target: Target, drift: Drift) -> None:
        """Tell of a proposal that changes what is asked of the next one."""
        if not may_change_policy(policy, (one.path for one in drift.changes)):
            return
        if told := changed_policy(self._trees, target.commit, drift.tree):
            path, _, what = told.partition(": ")
            what = f"{what[:1].upper()}{what[1:]}"
            self._account.add("note", "warning", what, path=path)

    def _applied(self, document: ProposalDocument, target: Target) -> Landed | None:
        """Return how the target has the proposal already; None if it has not."""
        if target.commit == document.base.commit:
            return None
        commit = self._landed_commit(document, target)
        tree = target.tree or self._trees.tree_of(target.commit)
        if tree is None or not (commit or applied_in(self._trees, document, tree)):
            return None
        told = f"It landed already, by {commit[:12]}." if commit else "All of it is there already."
        self._account.add("drift", "passed", told)
        if not applied_in(self._trees, document, tree):
            gone = (
                "What it changed was changed since, or taken back. To land it again, as a new "
                f"revision: alma repropose {document.id} --always"
            )
            self._account.add("note", "warning", gone)
        return Landed(commit, tree, None, target.commit, Drift("applied", tree))

    def _landed_commit(self, document: ProposalDocument, target: Target) -> str | None:
        """Return the commit by which the proposal landed: one that says so, and that it is true."""
        claim = f"{TRAILER}: {document.id} sha256:{self._folder.sha256}"
        claiming = Branches(self._trees).commits_saying(
            claim, of=target.commit, beyond=document.base.commit
        )
        for commit in claiming:
            from alma_agent.proposals.verifying import is_proposal

            if is_proposal(self._trees, self._folder, commit):
                return commit
            self._account.add(
                "note", "warning", f"{commit[:12]} says that it is this proposal, and is not."
            )
        return None

    def _drift(self, document: ProposalDocument, target: Target, level: Level) -> Drift:
        patch = self._folder.data(document.patch.file)
        with self._account.step("drift"):
            drift = drift_of(
                self._trees,
                document,
                patch,
                target.commit,
                allowed=level,
                replay=replay_of(self._trees, document),
                target=target.tree,
            )
        self._account.add("patch", "passed")
        return drift

    def _work_tree(self, target: Target, drift: Drift) -> WorkTree | None:
        """Return the files to bring along; None if the branch is not checked out."""
        if not target.in_place:
            self._account.add("work-tree", "skipped", "The branch is not checked out here.")
            return None
        from alma_agent.proposals.bringing import WorkTree

        work_tree = WorkTree(self._trees, target.commit, drift.tree, drift.changes)
        with self._account.step("work-tree"):
            work_tree.require_room()
        return work_tree

    def _commit(self, document: ProposalDocument, landed: Landed) -> str:
        with self._account.step("commit"):
            return self._trees.commit(
                landed.tree,
                (landed.onto,),
                message_of(document, self._folder.sha256, landed.reviewers),
                author=author_of(document),
                committer=committer_of(self._trees.person(), self._now),
            )

    def _move(
        self, target: Target, commit: str, work_tree: WorkTree | None, *, again: bool
    ) -> None:
        """Move the ref, and bring along what is checked out. `again`: time went by since a look."""
        if again:
            require_still(self._trees, target)
            if work_tree:
                work_tree.require_room()
        why = f"alma apply {self._folder.id}"
        moving = Branches(self._trees).moving(target.ref, commit, old=target.old, why=why)
        with self._account.step("ref"), moving as move:
            if work_tree is None:
                move()
                return
            with work_tree.brought_along():
                move()


def _level(policy: Policy, asked: Level | None) -> Level:
    if asked is None:
        return policy.drift
    if not policy.allows(asked):
        raise PolicyForbids(
            "policy", f"--drift {asked} is more than the policy allows: {policy.drift}."
        )
    return asked


def _not_reached(account: Account, error: Exception) -> None:
    """Add what failed, if no step says so, and every step that was not reached."""
    if not account.failed:
        account.add(getattr(error, "rule", "ref"), "failed", str(error))
    reached = {step.rule for step in account.steps}
    for rule in _STEPS:
        if rule not in reached:
            account.add(rule, "skipped", "It was not looked at: something else failed before.")
