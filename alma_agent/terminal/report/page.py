"""A report as one page of HTML: no script, no address, nothing loaded; every text escaped.

What people, models and files wrote is data. Characters that turn, hide or move text are spelt out,
as on the screen.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from alma_agent import __version__
from alma_agent.records import ChecksFailed, Usage
from alma_agent.terminal import render
from alma_agent.terminal.consoles import visible
from alma_agent.terminal.costs import dollars
from alma_agent.terminal.report.diff_lines import diff_lines
from alma_agent.terminal.report.gathering import Report
from toolset.checks import CheckReport

if TYPE_CHECKING:
    from jinja2 import Template

_MOODS = {  # of outcomes, for their colour
    "applied": "good",
    "approved": "good",
    "redone": "good",
    "undone": "warn",
    "refused": "warn",
    "reverted": "warn",
    "checks failed": "bad",
    "failed": "bad",
    "rolled back": "bad",
}


def page(report: Report) -> str:
    """Return the whole document, as UTF-8 can hold it."""
    told = report.told
    kind = "reverted" if report.taken_back else render.told_kind(told.outcome)
    checks = told.checks
    if isinstance(told.outcome, ChecksFailed) and not checks:
        checks = (told.outcome.report,)
    style = _resource("report.css")
    return _template().render(
        report=report,
        told=told,
        kind=kind,
        mood=_MOODS.get(kind, "calm"),
        outcome=_outcome(report),
        facts=list(_facts(report)),
        checks=[(one, shlex.join(one.command), _result(one)) for one in checks],
        cost=cost(told.usage),
        diff_lines=diff_lines,
        style=_safe(style),
        style_digest=_digest(style),
        version=__version__,
    )


def cost(usage: Usage) -> str:
    """Return what a run took from models, in a sentence."""
    if not usage.requests:
        return "Nothing was taken from a model; it cost nothing."
    calls = "1 call" if usage.requests == 1 else f"{usage.requests:,} calls"
    cached = f" ({usage.cached_tokens:,} of them cached)" if usage.cached_tokens else ""
    tokens = f"{usage.input_tokens:,} tokens in{cached}, {usage.output_tokens:,} out"
    money = "at a price that nobody knows" if usage.usd is None else dollars(usage.usd)
    return f"{calls}, {tokens}: {money}."


def _outcome(report: Report) -> str:
    if isinstance(report.told.outcome, ChecksFailed):
        return "Not applied: the check failed on a copy with the change. Nothing was written."
    back = " It was taken back since." if report.taken_back else ""
    return f"{render.outcome(report.told).plain}{back}"


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    told = report.told
    yield "run", told.id
    yield "when", f"{told.at:%Y-%m-%d %H:%M:%S} UTC"
    yield "took", f"{told.seconds:.1f} s"
    optional = (
        ("repository", report.repository),
        ("file", str(told.file or "")),
        ("by", told.proposer),
        ("session", told.session),
        ("evidence", told.evidence),
    )
    yield from ((name, value) for name, value in optional if value)


def _result(check: CheckReport) -> str:
    seconds = f"{check.duration_s:.1f} s"
    if check.passed:
        return f"passed in {seconds}"
    how = "ran too long" if check.exit_code is None else f"exit code {check.exit_code}"
    return f"failed in {seconds} ({how})"


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_readable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(_resource("report.html.j2"))


def _readable(value: Any) -> Any:
    """Return a value as it may stand on the page, before it is escaped."""
    from markupsafe import Markup

    if isinstance(value, Markup):
        return value
    return visible(str(value).encode("utf-8", "replace").decode())


def _safe(style: str) -> Any:
    from markupsafe import Markup

    return Markup(style)  # noqa: S704 - a file of this package, which holds no markup


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _resource(name: str) -> str:
    return resources.files(__package__ or "").joinpath(name).read_text(encoding="utf-8")
