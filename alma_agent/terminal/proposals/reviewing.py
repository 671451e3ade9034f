"""`alma review`, from arguments to an exit code: shown, asked about, decided, remembered.

Nothing of the project is changed. What is written is a decision in the proposal's folder, or,
where a person chose some hunks only, its next revision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from alma_agent.errors import AlmaError, NeedsHuman, UsageError
from alma_agent.proposals import folder as folders
from alma_agent.proposals.artefact import APPROVALS, Decision, Person
from alma_agent.proposals.policy import Policy
from alma_agent.proposals.vouching import vouch_here
from alma_agent.terminal.asking_hunks import NO, answered, letters_explained
from alma_agent.terminal.consoles import err, forget_typed, manner, on_terminal, out, tell
from alma_agent.terminal.paging import page
from alma_agent.terminal.proposals import render_proposal as render
from alma_agent.terminal.proposals.cases import Case, Standing, case_of, here
from alma_agent.terminal.proposals.choosing_a_part import Part, choose_part
from alma_agent.terminal.proposals.keeping_decisions import Kept, keep_decision
from alma_agent.terminal.proposals.landed import landed_by, require_kept
from alma_agent.terminal.proposals.remembering import Decided, remember
from alma_agent.terminal.proposals.review_results import result_of
from alma_agent.terminal.proposals.who_reviews import Key, key_of, reviewer_of
from alma_agent.terminal.wording import YES
from toolset.selection import hunks_of

APPROVED: Decision = "approved"
REJECTED: Decision = "rejected"
_FEWEST_WORDS = 2  # of a reason: what is a word only may be a slip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says. `decision` None: only show it, or ask."""

    id: str | None = None
    decision: Decision | None = None
    reason: str = ""
    hunks: bool = False
    key: Path | None = None
    onto: str = "HEAD"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a person came to; `part` is what they chose instead of the whole."""

    decision: Decision | None
    reason: str = ""
    part: Part | None = None
    left_out: tuple[str, ...] = ()


async def review(asked: Asked) -> int:
    """Show a proposal, and decide on it as asked. Raises AlmaError and ToolsetError."""
    _require_sense(asked)
    case = case_of(here(), asked.id)
    standing = case.standing(asked.onto)
    if asked.hunks:
        _require_kept(case, standing)
    if asked.decision is not None:  # said before anybody reads: it could not be kept
        _signing(case, standing, asked, asked.decision)
    _show(case, standing, is_decided=asked.decision is not None and not asked.hunks)
    if standing.landed and asked.decision is None and not asked.hunks:
        return 0  # there is nothing left to decide
    said = _said(case, standing, asked)
    if said.part is None and said.decision is None:
        return 0
    return await _carried_out(case, said, asked)


def _require_sense(asked: Asked) -> None:
    if asked.decision == "rejected" and not asked.reason.strip():
        raise UsageError("A no needs its reason, which the next proposal hears of: -m TEXT.")
    if asked.decision is None and asked.reason:
        raise UsageError("-m is the reason of --approve or --reject. Say which.")
    if asked.hunks and asked.decision == "rejected":
        raise UsageError("--hunks takes a part, --reject takes nothing. Say one of them.")
    if asked.hunks and not on_terminal():
        raise NeedsHuman(
            "Hunks are chosen at a terminal, and there is none. Without --hunks, the "
            "whole is shown."
        )


def _require_kept(case: Case, standing: Standing) -> None:
    """Raise UsageError where a part would take the place of what landed, its only copy."""
    if by := standing.commit and landed_by(case.folder, case.document, case.trees, standing.commit):
        require_kept(case.folder, case.document, case.trees, by)


def _show(case: Case, standing: Standing, *, is_decided: bool) -> None:
    document = case.document
    if not manner.json:
        scope = standing.policy.scope.globs if standing.policy else ()
        page(
            out,
            render.head(str(case.folder.inside), document),
            render.scope(document, scope, case.outside(standing.policy)),
            render.files(document),
            Text(),
            render.change(case.changes),
        )
    shown = [
        Text(),
        render.judged(document, case.logs, whole_memories=manner.verbose),
        *([render.look(standing.changed_policy)] if standing.changed_policy else []),
        # Where the decision is made already, what it comes to is told after it.
        *([] if is_decided else _standing_shown(standing)),
    ]
    tell(result_of(case, standing), *shown)


def _standing_shown(standing: Standing) -> list[RenderableType]:
    policy = standing.policy
    shown: list[RenderableType] = []
    if standing.landed:
        return [render.landed(standing.landed)]
    if policy:
        steps = [one for one in standing.steps if one.path and one.standing != "failed"]
        shown.append(render.standing(standing.onto, policy, steps))
    if standing.missing:
        return [*shown, render.still_missing(standing.missing)]
    told = [one.message for one in standing.steps if one.rule == "approvals"]
    return [*shown, render.enough(told[-1] if told else "")]


def _said(case: Case, standing: Standing, asked: Asked) -> _Said:
    """Return the decision that the command line names, or that the person at the terminal takes."""
    if asked.hunks:
        return _part_said(case, standing, asked) or _Said(None)
    if asked.decision is not None:
        return _Said(asked.decision, asked.reason)
    if not on_terminal():
        return _Said(None)
    return _whole_said(case, standing, asked)


def _whole_said(case: Case, standing: Standing, asked: Asked) -> _Said:
    has_parts = sum(len(hunk.split()) for hunk in hunks_of(case.changes)) > 1
    letters = "y/N/h/?" if has_parts else "y/N/?"
    forget_typed()
    while True:
        said = answered(out, f"Approve revision {case.document.revision}? [{letters}] ")
        match said.lower():
            case word if word in (*YES, "approve"):
                return _Said("approved", asked.reason)
            case word if word in ("", *NO):
                out.print("Nothing was decided.")
                return _Said(None)
            case "h" | "hunks" if has_parts:
                if found := _part_said(case, standing, asked):
                    return found
            case _ if len(said.split()) >= _FEWEST_WORDS:
                return _Said("rejected", said)
            case _:
                out.print(letters_explained(_ANSWERS, without="" if has_parts else "h"))


def _part_said(case: Case, standing: Standing, asked: Asked) -> _Said | None:
    """Return what came of going through the hunks; None if nothing did."""
    part = choose_part(out, case, standing.policy)
    if part is None:
        return None
    if part.files is None:  # all of it, or nothing
        if part.verdict.accepted:
            return _Said("approved", asked.reason) if asked.decision else None
        return _Said("rejected", part.verdict.reason, left_out=part.verdict.left_out)
    return _Said(asked.decision, asked.reason, part, part.verdict.left_out)


async def _carried_out(case: Case, said: _Said, asked: Asked) -> int:
    decided_on, kept = case, None
    if said.part is not None and said.part.files is not None:
        decided_on = _revised(case, said.part.files)
        if said.decision is None:
            said = replace(said, decision=_revision_approved(decided_on))
    try:
        if said.decision is not None:
            kept = _kept(decided_on, said, said.decision, asked)
            decided_on = case_of(case.workspace, case.name)
    except AlmaError:  # no key, say: the part was chosen all the same
        if said.left_out and decided_on is not case:
            await _remember(case, decided_on, replace(said, decision=None))
        raise
    why_not = await _remember(case, decided_on, said)
    _tell_end(decided_on, decided_on.standing(asked.onto), kept, said, why_not=why_not)
    return 0


def _revised(case: Case, files: dict[str, bytes]) -> Case:
    """Write the next revision; return it, and tell what it is."""
    folders.write(case.workspace, case.name, files)
    made = case_of(case.workspace, case.name)
    vouch_here(case.workspace, made.folder.sha256)  # its checks were run here after a yes
    told = f"What you chose is revision {made.document.revision} of {made.document.id}."
    if any(name.parts[0] == APPROVALS for name in case.folder.files):
        told += " Whoever approved the one before has to approve this one: those count no more."
    if not manner.json:
        out.print(told, soft_wrap=True)
        out.print(render.judged(made.document, made.logs), soft_wrap=True)
    return made


def _kept(case: Case, said: _Said, decision: Decision, asked: Asked) -> Kept:
    standing = case.standing(asked.onto)
    who, key = _signing(case, standing, asked, decision)
    policy = standing.policy or Policy()  # `_signing` refused where there is none
    return keep_decision(case, decision, who, said.reason, key=key, policy=policy, onto=asked.onto)


async def _remember(case: Case, decided_on: Case, said: _Said) -> str:
    taken = said.part.verdict.taken if said.part else 0
    # What was left out is told of the change as it was proposed.
    told_of = case if said.left_out else decided_on
    return await remember(told_of, Decided(said.decision, said.reason, taken, said.left_out))


def _revision_approved(case: Case) -> Decision | None:
    forget_typed()
    while True:
        said = answered(out, f"Approve revision {case.document.revision}? [y/N/?] ").lower()
        if said in (*YES, "approve"):
            return "approved"
        if said in ("", *NO):
            return None
        out.print(letters_explained(_OF_A_REVISION))


def _signing(
    case: Case, standing: Standing, asked: Asked, decision: Decision
) -> tuple[Person, Key | None]:
    """Return who decides, and with which key. Raises UsageError, WrongPolicy."""
    if standing.wrong:
        raise standing.wrong
    if standing.policy is None:
        raise UsageError(standing.missing)
    flag = "--approve" if decision == "approved" else "--reject -m TEXT"
    who = reviewer_of(case.trees)
    return who, key_of(case.trees, asked.key, standing.policy, case.document.id, flag)


def _tell_end(
    case: Case, standing: Standing, kept: Kept | None, said: _Said, *, why_not: str
) -> None:
    result = result_of(case, standing)
    if said.part is not None and said.part.files is not None:
        result["revised_from"] = case.document.revision - 1
    shown: list[RenderableType] = []
    if kept is not None:
        result["decided"] = kept.told(said.left_out, why_not)
        signed = ", signed" if kept.signed else ""
        shown += [
            Text(
                f"{kept.decision.capitalize()} revision {case.document.revision} of "
                f"{case.document.id} as {render.person(kept.reviewer)}{signed}.",
                style="green" if kept.decision == "approved" else "yellow",
            ),
            *_standing_shown(standing),
            Text(_next(case, standing)),
        ]
    tell(result, *shown)
    if why_not:
        err.print(f"It is not in memory: {why_not}", style="yellow", soft_wrap=True)


def _next(case: Case, standing: Standing) -> str:
    if standing.landed:
        return f"It lies in {case.folder.inside}/approvals."
    if standing.missing:
        return f"It lies in {case.folder.inside}/approvals: commit and push it, if others wait."
    return f"Land it: alma apply {case.document.id}"


_ANSWERS = {
    "y": "approve it",
    "n": "decide nothing now",
    "h": "choose hunk by hunk: what you take becomes the next revision",
    "words": "reject it; they are the reason (two at least), which alma remembers",
}
_OF_A_REVISION = {"y": "approve it", "n": "decide nothing now; the revision stays"}
