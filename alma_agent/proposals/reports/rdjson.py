"""rdjson, reviewdog's form of diagnostics: what failed and what deserves a look.

Source: reviewdog's `proto/rdf`, DiagnosticResult.
"""

from __future__ import annotations

from typing import Any

import msgspec

from alma_agent.proposals.account import Step
from alma_agent.proposals.reports.escaping import utf8
from alma_agent.proposals.reports.outcome import Outcome
from alma_agent.proposals.reports.sarif import level_of

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def report(outcome: Outcome) -> bytes:
    """Return the report in UTF-8."""
    told: dict[str, Any] = {
        "source": {"name": "alma"},
        "diagnostics": [_diagnostic(outcome, one) for one in outcome.told],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def _diagnostic(outcome: Outcome, step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {
        "message": utf8(step.message),
        "severity": _SEVERITIES[level_of(step)],
        "code": {"value": step.rule},
    }
    if step.detail:
        told["original_output"] = utf8(step.detail)
    path = outcome.path_of(step)
    if path:
        told["location"] = {"path": utf8(path)}
        if step.line:
            told["location"]["range"] = {"start": {"line": step.line}}
    return told
