from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma_agent.codec import VERSION, decode, encode
from alma_agent.errors import LedgerUnavailable
from alma_agent.records import (
    Applied,
    Approved,
    ChecksFailed,
    Failed,
    Interaction,
    NothingToDo,
    Outcome,
    Refused,
    RolledBack,
    Undone,
    Usage,
    Verdict,
)
from tests.making import a_change, an_interaction
from toolset.checks import CheckReport
from toolset.edits import ChangeSet, Edit, FileState

REPORT = CheckReport(("pytest", "-q"), 1, 0.25, "1 failed\n")
LATE = CheckReport(("sleep", "9"), None, 3.0, "\nstopped after 3 s", "cut off")


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(Applied("abc"), id="applied"),
        pytest.param(Refused("you said no"), id="refused"),
        pytest.param(Refused("nobody is there", needs_human=True), id="needs a human"),
        pytest.param(ChecksFailed(REPORT), id="checks failed"),
        pytest.param(ChecksFailed(LATE), id="check ran too long"),
        pytest.param(NothingToDo(), id="nothing to do"),
        pytest.param(Failed("no model"), id="failed"),
        pytest.param(RolledBack("killed"), id="rolled back"),
        pytest.param(Undone(of="abc", checkpoint="def"), id="undone"),
        pytest.param(Approved("abc", "as we said"), id="approved"),
    ],
)
def test_every_outcome_comes_back_as_it_was(outcome: Outcome) -> None:
    told = an_interaction("abc", outcome=outcome)

    assert decode(encode(told)) == told


def test_everything_that_an_interaction_holds_comes_back() -> None:
    told = an_interaction(
        "abc",
        file=PurePosixPath("src/a.py"),
        proposer="gpt",
        rationale="because",
        evidence="proven",
        files=(a_change("a.py", b"1", b"2"), a_change("b.py", None, b"2")),
        recalled=("x", "y"),
        checks=(REPORT, LATE),
        verdict=Verdict(accepted=True, by="human", reason="y", taken=2, left_out=("a.py: x",)),
        usage=Usage(2, 30, 10, 4, Decimal("0.000123456789")),
        seconds=1.5,
    )

    assert decode(encode(told)) == told


def test_the_bytes_that_a_reviewer_chose_are_not_kept() -> None:
    chosen = ChangeSet((Edit(PurePosixPath("a.py"), None, FileState(b"secret")),))
    verdict = Verdict(accepted=True, by="human", chosen=chosen)

    told = decode(encode(an_interaction("abc", verdict=verdict)))

    assert told.verdict == replace(verdict, chosen=None)


def test_a_report_from_before_checks_lost_the_network_says_that_it_was_allowed() -> None:
    row = json.loads(encode(an_interaction("abc", checks=(LATE,))))
    del row["interaction"]["checks"][0]["network"]

    assert decode(json.dumps(row)).checks == (replace(LATE, network="allowed"),)


def test_a_price_that_nobody_knows_stays_unknown() -> None:
    told = an_interaction("abc", usage=Usage(requests=1, usd=None))

    assert decode(encode(told)).usage.usd is None


texts = st.text()  # all of Unicode, but lone surrogates
times = st.datetimes().map(lambda naive: naive.replace(tzinfo=UTC))


@given(goal=texts, rationale=texts, at=times, seconds=st.floats(0, 1e9))
def test_any_text_comes_back_as_it_was(
    goal: str, rationale: str, at: datetime, seconds: float
) -> None:
    told = Interaction("abc", at, goal, NothingToDo(), rationale=rationale, seconds=seconds)

    assert decode(encode(told)) == told


def test_a_time_keeps_its_zone() -> None:
    assert decode(encode(an_interaction("abc"))).at.utcoffset() == timedelta(0)


def _as_version(version: int) -> str:
    return json.dumps(json.loads(encode(an_interaction("abc"))) | {"version": version})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(_as_version(VERSION + 1), f"form {VERSION + 1}.*Upgrade", id="newer form"),
        pytest.param('{"version": 9, "story": {}}', "newer alma: upgrade", id="unknown shape"),
        pytest.param("", "cannot be read", id="nothing"),
        pytest.param("not json", "cannot be read", id="no JSON"),
        pytest.param("[]", "cannot be read", id="another shape"),
        pytest.param('{"version": 1}', "cannot be read", id="half of it"),
    ],
)
def test_what_this_alma_does_not_know_is_refused_with_a_cure(text: str, says: str) -> None:
    with pytest.raises(LedgerUnavailable, match=says):
        decode(text)
