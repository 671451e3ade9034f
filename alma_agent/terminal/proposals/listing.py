"""Every proposal in a line: what it is for, how far it has come."""

from __future__ import annotations

from pathlib import Path

from alma_agent.proposals import folder
from alma_agent.proposals.artefact import (
    APPROVALS,
    ApprovalDocument,
    Unreadable,
    decode,
)
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.refusals import NotSound, ProposalRefused
from alma_agent.terminal.consoles import tell, visible
from alma_agent.terminal.proposals.landed import has_landed
from alma_agent.terminal.proposals.propose_documents import (
    ProposalsListResult,
    ToldListed,
    changed_files,
)
from alma_agent.terminal.wording import counted
from toolset.git import Repository
from toolset.trees import Trees
from toolset.workspace import Workspace

_GOAL_SHOWN = 60


def list_all() -> int:
    """Tell every proposal; return the exit code."""
    workspace = Workspace.around(Path.cwd())
    trees = Trees(Repository(workspace.root)) if workspace.has_git else None
    head = _head(trees)
    every = [_listed(workspace, name, trees, head) for name in folder.names(workspace)]
    found = sorted(every, key=lambda one: one["created_at"])
    result: ProposalsListResult = {"proposals": found}
    if not found:
        tell(result, "No proposals. Make one: alma propose GOAL")
        return 0
    tell(result, *(visible(_line(one)) for one in found))
    return 0


def _listed(workspace: Workspace, name: str, trees: Trees | None, head: str | None) -> ToldListed:
    told = ToldListed(
        id=name[-12:],
        folder=str(folder.HOME / name),
        created_at=name[:10],
        goal="",
        revision=0,
        files=0,
        approved=0,
        rejected=0,
        standing="broken",
        why="",
    )
    try:
        read = folder.read(workspace, name)
        document = read.document()
    except NotSound as error:
        told["why"] = str(error)
        return told
    decisions = [one.decision for one in _decisions(read)]
    told["created_at"] = document.created_at
    told["goal"] = document.goal
    told["revision"] = document.revision
    told["files"] = len(changed_files(document))
    told["approved"] = decisions.count("approved")
    told["rejected"] = decisions.count("rejected")
    told["standing"] = _standing(read, trees, head)
    return told


def is_open(workspace: Workspace, trees: Trees, name: str) -> bool:
    """Say whether a proposal is still to be decided, or to land.

    A broken one is: it is better named than passed over.
    """
    try:
        return _standing(folder.read(workspace, name), trees, _head(trees)) == "open"
    except ProposalRefused:
        return True


def _standing(read: Folder, trees: Trees | None, head: str | None) -> str:
    """Return `landed`, `rejected` or `open`. Raises NotSound."""
    if has_landed(read, trees, head):
        return "landed"
    latest = {
        one.reviewer.email.casefold(): one.decision
        for one in sorted(_decisions(read), key=lambda one: (one.at, one.decision))
    }
    return "rejected" if "rejected" in latest.values() else "open"


def _decisions(read: Folder) -> list[ApprovalDocument]:
    """Return what people decided on this very revision, as files say; nobody's name is proven."""
    found: list[ApprovalDocument] = []
    for path, data in read.files.items():
        if path.parts[0] == APPROVALS and path.suffix == ".json":
            try:
                decision = decode(data, ApprovalDocument)
            except Unreadable:
                continue
            if decision.sha256 == read.sha256:
                found.append(decision)
    return found


def _head(trees: Trees | None) -> str | None:
    return trees.tree_of("HEAD") if trees else None


def _line(one: ToldListed) -> str:
    head = f"{one['id']}  {one['created_at'][:10]}  {one['standing']:<8}"
    if one["standing"] == "broken":
        return f"{head}  {one['why']}"
    decided = [f"{one['approved']} approved"] if one["approved"] else []
    decided += [f"{one['rejected']} rejected"] if one["rejected"] else []
    goal = one["goal"].partition("\n")[0]
    shown = goal if len(goal) <= _GOAL_SHOWN else f"{goal[:_GOAL_SHOWN]}…"
    told = ", ".join([f"revision {one['revision']}", counted(one["files"], "file"), *decided])
    return f"{head}  {shown} ({told})"
