"""`alma proposals lint`: are proposals' folders what they say; nobody is asked who approved."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer
from typing_extensions import TypedDict

from alma_agent.exit_codes import ExitCode
from alma_agent.terminal.ending import ending

if TYPE_CHECKING:
    from alma_agent.proposals.folder import Folder
    from toolset.workspace import Workspace


class LintedProposal(TypedDict):
    """One folder under `.alma/proposals/`, and what is wrong with it: nothing, if it is sound.

    `id` is empty if the folder's name says none.
    """

    folder: str
    id: str
    problems: list[str]


class ProposalsLintResult(TypedDict):
    """`alma proposals lint`: every folder that was looked at."""

    proposals: Sequence[LintedProposal]


@ending
def lint_proposals(
    which: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH|ID", help="Proposals, or files of theirs; all if none is named."
        ),
    ] = None,
) -> int:
    """Check that proposals' folders are whole, and that nobody changed a byte of them.

    Whether one is approved, and fits its branch, is for `alma apply`. The exit code is 8 if one is
    broken.
    """
    from alma_agent.terminal.consoles import manner, tell
    from toolset.workspace import Workspace

    workspace = Workspace.around(Path.cwd())
    found = [_looked_at(workspace, name) for name in _names(workspace, which)]
    broken = [one for one in found if one["problems"]]
    tell(ProposalsLintResult(proposals=found), *_lines(found))
    if not broken:
        return ExitCode.DONE
    manner.reason = broken[0]["problems"][0]
    return ExitCode.NOT_ALLOWED


def _names(workspace: Workspace, which: Iterable[str] | None) -> list[str]:
    """Return the names to look at under `.alma/proposals/`, each once. Raises NoSuchProposal."""
    from alma_agent.proposals.folder import HOME, find, home

    if not which:
        try:
            return sorted(one for one in os.listdir(home(workspace)) if one[:1] != ".")  # noqa: PTH208
        except FileNotFoundError:
            return []
    wanted: dict[str, None] = {}
    for one in which:
        inside = _inside(workspace, one)
        if inside is not None and inside.is_relative_to(HOME) and inside != HOME:
            name = inside.relative_to(HOME).parts[0]
            if not name.startswith("."):  # git's notes beside the proposals
                wanted[name] = None
        elif inside == HOME:
            wanted |= dict.fromkeys(_names(workspace, None))
        else:
            wanted[find(workspace, one).place.name] = None
    return list(wanted)


def _inside(workspace: Workspace, path: str) -> PurePosixPath | None:
    """Return a path as it is named inside the workspace; None for what is no path in it.

    No link is followed: what a link under `.alma/proposals/` leads to is not looked at.
    """
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    if "/" not in path and not os.path.lexists(whole):
        return None
    is_inside = whole.is_relative_to(workspace.root)
    return PurePosixPath(whole.relative_to(workspace.root)) if is_inside else None


def _looked_at(workspace: Workspace, name: str) -> LintedProposal:
    from alma_agent.proposals.account import Account
    from alma_agent.proposals.folder import HOME, is_name, read
    from alma_agent.proposals.integrity import examined
    from alma_agent.proposals.refusals import ProposalRefused

    told = LintedProposal(folder=f"{HOME}/{name}", id="", problems=[])
    if not is_name(name):
        told["problems"].append(f"{HOME}/{name} is no folder of a proposal. Remove it.")
        return told
    told["id"] = name[-12:]
    try:
        folder = read(workspace, name)
        examined(folder, Account())
    except ProposalRefused as error:
        told["problems"].append(str(error))
        return told
    told["problems"] += _of_hidden_files(folder)
    told["problems"] += _of_approvals(folder)
    return told


def _of_hidden_files(folder: Folder) -> list[str]:
    """Return what nobody sees who reviews: alma reads no such file, and git takes it along."""
    inside = (path.relative_to(folder.place) for path in folder.place.rglob(".*"))
    return [f"{folder.inside}/{path} is hidden. Remove it." for path in sorted(inside)]


def _of_approvals(folder: Folder) -> list[str]:
    """Return what is wrong with the form of the approvals; whether they count is not asked."""
    from alma_agent.proposals.artefact import APPROVALS, ApprovalDocument, Unreadable, decode

    problems = []
    for path, data in folder.files.items():
        if str(path.parent) != APPROVALS:
            continue
        where = f"{folder.inside}/{path}"
        if path.suffix == ".sig":
            if path.with_suffix("") not in folder.files:
                problems.append(f"{where} signs a file that is not there.")
            continue
        try:
            approval = decode(data, ApprovalDocument)
        except Unreadable as error:
            problems.append(f"{where} is no approval: {error}.")
            continue
        if approval.proposal != folder.id:
            problems.append(f"{where} is about another proposal: {approval.proposal}.")
    return problems


def _lines(found: Sequence[LintedProposal]) -> list[str]:
    if not found:
        return ["There are no proposals."]
    lines = []
    for one in found:
        lines += [f"FAIL  {problem}" for problem in one["problems"]] or [f"ok    {one['folder']}"]
    return lines
