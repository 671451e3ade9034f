"""SARIF 2.1.0: what failed and what deserves a look, as results of the rules of an account.

Steps that passed are no results, as code scanning would show each as an alert; those that were not
run are notifications.

Source: OASIS SARIF 2.1.0; and what GitHub's code scanning takes of it, which wants a location with
each result: where a step is about no file, that is the proposal itself, if its folder is known.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import msgspec

from alma_agent import __version__
from alma_agent.proposals.account import RULES, Step
from alma_agent.proposals.reports.escaping import utf8
from alma_agent.proposals.reports.outcome import Outcome

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "SRCROOT"
_INDEX = {rule: index for index, rule in enumerate(RULES)}


def report(outcome: Outcome) -> bytes:
    """Return the report in UTF-8."""
    run = {
        "tool": {"driver": _driver()},
        "automationDetails": {"id": f"alma/{outcome.command}/{utf8(outcome.about)}"},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The repository's top folder."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(outcome)],
        "results": [_result(outcome, one) for one in outcome.told],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=1) + b"\n"


def level_of(step: Step) -> str:
    """Return how much a step weighs: `error`, `warning` or `note`."""
    if step.standing == "failed":
        return "error"
    return "warning" if step.standing == "warning" else "note"


def _driver() -> dict[str, Any]:
    return {
        "name": "alma",
        "semanticVersion": __version__,
        "rules": [
            {
                "id": rule,
                "shortDescription": {"text": holds},
                "defaultConfiguration": {"level": "note" if rule == "note" else "error"},
            }
            for rule, holds in RULES.items()
        ],
    }


def _invocation(outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {
        "executionSuccessful": not outcome.exit_code,
        "exitCode": outcome.exit_code,
        "endTimeUtc": outcome.moment,
    }
    if outcome.message:
        told["exitCodeDescription"] = utf8(outcome.message)
    skipped = [one for one in outcome.steps if one.standing == "skipped"]
    told["toolExecutionNotifications"] = [
        {
            "level": "note",
            "message": {"text": utf8(f"{one.rule}: not run. {one.message}")},
            **({"associatedRule": _rule(one)} if one.rule in _INDEX else {}),
        }
        for one in skipped
    ]
    return told


def _result(outcome: Outcome, step: Step) -> dict[str, Any]:
    text = "\n".join(filter(None, (step.message, step.detail)))
    told: dict[str, Any] = {
        "ruleId": step.rule,
        "level": level_of(step),
        "message": {"text": utf8(text)},
        "partialFingerprints": {"almaStep/v1": _fingerprint(outcome, step)},
    }
    if step.rule in _INDEX:
        told["ruleIndex"] = _INDEX[step.rule]
    path = outcome.path_of(step)
    if path:
        place: dict[str, Any] = {
            "artifactLocation": {"uri": quote(utf8(path)), "uriBaseId": _ROOT},
        }
        if step.line:
            place["region"] = {"startLine": step.line}
        told["locations"] = [{"physicalLocation": place}]
    return told


def _rule(step: Step) -> dict[str, Any]:
    return {"id": step.rule, "index": _INDEX[step.rule]}


def _fingerprint(outcome: Outcome, step: Step) -> str:
    """Return what stays the same for the same finding in a later run: no line, no time."""
    about = f"{outcome.about}\0{step.rule}\0{step.path}\0{step.message}"
    return hashlib.sha256(utf8(about).encode()).hexdigest()
