"""A person goes through the hunks of a change, and says yes or no to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.console import Console
from rich.text import Text

from alma_agent.records import Verdict
from alma_agent.terminal.choosing import Choosing
from alma_agent.terminal.consoles import forget_typed
from alma_agent.terminal.diffs import NumberedHunk
from alma_agent.terminal.paging import page
from alma_agent.terminal.syntax_colours import Painter
from alma_agent.terminal.wording import YES, counted
from toolset.selection import Hunk

NO = ("n", "no", "non")


def answered(console: Console, question: str, *, none: str = "") -> str:
    """Ask; return what was typed, `none` if nobody answers any more."""
    try:
        return console.input(question, markup=False).strip()
    except EOFError:
        console.print()
        return none


def letters_explained(letters: Mapping[str, str], *, without: str = "") -> Text:
    """Return what each answer means, a line each."""
    lines = [f"{name:<5}  {what}" for name, what in letters.items() if name != without]
    return Text("\n".join(lines))


def hunk_by_hunk(console: Console, walk: Choosing) -> Verdict | None:
    """Ask about each hunk; return None if that was broken off."""
    forget_typed()  # it was for the pager, or pasted: no answer to hunks that nobody has seen
    painter = Painter()
    shown: Hunk | None = None
    while not walk.is_done:
        if walk.hunk != shown:
            number, of = walk.at + 1, len(walk.hunks)
            page(console, NumberedHunk(walk.hunk, number, of, painter))
            if before := walk.said[walk.at]:
                console.print("You took it." if before.takes else "You left it out.")
            shown = walk.hunk
        is_split = len(walk.hunk.split()) > 1
        letters = "y,n,a,d,j,k,s,q,?" if is_split else "y,n,a,d,j,k,q,?"
        said = answered(console, f"Take this hunk? [{letters}] ", none="q")
        if said.lower() in ("q", "quit"):
            return None
        step = _step(walk, said)
        if step is None:
            console.print(letters_explained(_OF_HUNKS, without="" if is_split else "s"))
        walk = step or walk
    return _verdict(console, walk)


def _verdict(console: Console, walk: Choosing) -> Verdict:
    taken, left_out = len(walk.taken), walk.left_out
    if not taken:
        reasons = dict.fromkeys(one.reason for one in walk.said if one and one.reason)
        why = "; ".join(reasons) or "you said no to every hunk"
        return Verdict(accepted=False, by="human", reason=why, left_out=left_out)
    whole = Verdict(accepted=True, by="human", reason="accepted at the prompt")
    if not left_out:
        return whole
    console.print(f"{taken} of {counted(len(walk.hunks), 'hunk')} chosen.")
    return Verdict(
        accepted=True,
        by="human",
        reason=whole.reason,
        chosen=walk.chosen,
        taken=taken,
        left_out=left_out,
    )


_OF_HUNKS = {
    "y": "take this hunk",
    "n": "leave it out",
    "a": "take it, and all that are open",
    "d": "leave it out, and all that are open",
    "j": "leave it open, go to the next",
    "k": "go back to the one before",
    "s": "split it",
    "q": "choose nothing, back to the whole",
    "words": "leave it out; they are the reason",
}


_STEPS: Mapping[str, Callable[[Choosing], Choosing]] = {
    **dict.fromkeys(YES, Choosing.yes),
    **dict.fromkeys(NO, Choosing.no),
    **dict.fromkeys(("a", "all"), lambda walk: walk.the_rest(takes=True)),
    "d": lambda walk: walk.the_rest(takes=False),
    "j": Choosing.on,
    "k": Choosing.back,
    **dict.fromkeys(("s", "split"), Choosing.split),
}


def _step(walk: Choosing, said: str) -> Choosing | None:
    """Return where an answer leads to; None if it is none. Words are the reason of a no."""
    step = _STEPS.get(said.lower())
    if step is not None:
        return step(walk)
    return walk.no(said) if len(said) > 1 and said != "help" else None
