"""`alma report`: the page on standard output or in a file; on a screen, the run in a few lines."""

from __future__ import annotations

from rich.text import Text

from alma_agent.terminal import render
from alma_agent.terminal.consoles import out, progress, tell
from alma_agent.terminal.opening import opened_house
from alma_agent.terminal.report.document import document, nothing
from alma_agent.terminal.report.gathering import Report, report_of
from alma_agent.terminal.report.page import cost, page
from alma_agent.terminal.verbatim import Verbatim


async def show_report(id_prefix: str) -> int:
    """Tell of a run; return the exit code. Raises UsageError if none, or several, begin so."""
    house = await opened_house(tell=progress)
    if house is None:
        tell(nothing())
        return 0
    report = report_of(house, id_prefix)
    if out.file.isatty():
        tell(document(report), _in_brief(report))
    else:
        tell(document(report), Verbatim(page(report)), end="")
    return 0


def _in_brief(report: Report) -> Text:
    """Return what a person wants to know who did not say where the page should go."""
    told = report.told
    lines = [
        (f"{told.goal}\n", "bold"),
        (f"{render.outcome(told).plain.rstrip()}\n", render.STYLES.get(told.outcome.kind, "")),
        (f"{_counted(report)} {cost(told.usage)}\n", ""),
        (f"The page: alma report {told.id} -o report.html", "dim"),
    ]
    return Text.assemble(*lines)


def _counted(report: Report) -> str:
    counts = (
        (len(report.memories) + len(report.missing), "memory", "memories"),
        (len(report.talk), "passage", "passages"),
        (len(report.change), "file", "files"),
        (len(report.told.checks), "check", "checks"),
    )
    return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts) + "."
