"""An in-toto Statement v1: this commit is this proposal, approved as the policy asks.

Its predicate is SLSA's verification summary v1: who verified what by which policy, from which
approvals. It is not signed: whoever trusts a key of the CI's puts it into an envelope of their own.

Source: in-toto attestation framework, Statement v1; SLSA, Verification Summary Attestation v1.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from alma_agent import __version__
from alma_agent.proposals.reports.escaping import utf8
from alma_agent.proposals.reports.outcome import Outcome

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/verification_summary/v1"
LEVEL = "ALMA_APPROVED_PROPOSAL"
"""What was verified. It is no level of SLSA's: alma does not measure those."""


def report(outcome: Outcome) -> bytes | None:
    """Return the statement in UTF-8; None where no commit was made or found to be a proposal."""
    commits = _commits(outcome)
    if not commits:
        return None
    passed = not outcome.exit_code
    told = {
        "_type": TYPE,
        "subject": [{"name": "commit", "digest": {"gitCommit": one}} for one in commits],
        "predicateType": PREDICATE,
        "predicate": {
            "verifier": {"id": f"urn:alma:verifier:{__version__}"},
            "timeVerified": outcome.moment,
            "resourceUri": _resource(outcome),
            "policy": _policy(outcome),
            "inputAttestations": [
                {"uri": quote(utf8(name)), "digest": {"sha256": digest}}
                for name, digest in sorted(outcome.digests.items())
            ],
            "verificationResult": "PASSED" if passed else "FAILED",
            "verifiedLevels": [LEVEL] if passed else ["FAILED"],
        },
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def _commits(outcome: Outcome) -> list[str]:
    if outcome.command == "verify":
        return [one.commit for one in outcome.verified if one.standing != "not a proposal"]
    if outcome.word == "landed" and outcome.landed and outcome.landed.commit:
        return [outcome.landed.commit]
    return []


def _resource(outcome: Outcome) -> str:
    """Return what the commit is for: a branch, so that no statement serves for another."""
    if outcome.landed and outcome.landed.ref:
        return f"git:{quote(utf8(outcome.landed.ref))}"
    return f"urn:alma:{outcome.command}:{quote(utf8(outcome.about), safe='')}"


def _policy(outcome: Outcome) -> dict[str, Any]:
    """Return where the policy was read: in the commit that it landed on, whole."""
    if outcome.landed:
        return {
            "uri": f"git:{outcome.landed.onto}",
            "digest": {"gitCommit": outcome.landed.onto},
        }
    return {"uri": "urn:alma:policy:parent-of-each-commit"}
