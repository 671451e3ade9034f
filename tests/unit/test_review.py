from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from alma_agent.records import Proposal
from alma_agent.review import AssumeYes
from toolset.edits import ChangeSet
from toolset.refactor.evidence import Evidence, Leftover, Level, Place

A = Place(PurePosixPath("a.py"), 1, 0)
PROVEN = Evidence({A: ("rope", "jedi")})


@pytest.mark.parametrize(
    ("evidence", "accept", "accepted"),
    [
        pytest.param(PROVEN, "proven", True, id="proven"),
        pytest.param(PROVEN, "likely", True, id="proven, and likely would do"),
        pytest.param(Evidence({A: ("jedi",)}), "proven", False, id="one witness"),
        pytest.param(
            PROVEN + Evidence(leftovers=(Leftover(A, "string", "x"),)),
            "proven",
            False,
            id="a leftover",
        ),
        pytest.param(PROVEN + Evidence(doubts=("really?",)), "proven", False, id="a doubt"),
        pytest.param(
            PROVEN + Evidence(others=(Leftover(A, "another symbol", "x"),)),
            "proven",
            True,
            id="another symbol of that name is no leftover",
        ),
        pytest.param(Evidence({A: ("jedi",)}), "likely", True, id="likely is accepted"),
        pytest.param(None, "proven", True, id="a model's proposal has no evidence"),
    ],
)
async def test_yes_is_a_yes_to_what_is_proven(
    evidence: Evidence | None, accept: Level, accepted: bool
) -> None:
    proposal = Proposal(ChangeSet(), "x", "planner", evidence)

    verdict = await AssumeYes(accept).review(proposal, ())

    assert verdict.accepted is accepted
    assert accepted or "--accept likely" in verdict.reason
