"""`--from-diff` with its value, and without."""

from __future__ import annotations

import pytest

from alma_agent.terminal.proposals.optional_value import completed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("--from-diff", "--from-diff .", id="nothing follows"),
        pytest.param("goal --from-diff -n", "goal --from-diff . -n", id="a flag follows"),
        pytest.param("--from-diff -- goal", "--from-diff . -- goal", id="only arguments follow"),
        pytest.param("--from-diff -", "--from-diff -", id="standard input"),
        pytest.param("--from-diff HEAD -n", "--from-diff HEAD -n", id="a revision"),
        pytest.param("--from-diff=HEAD", "--from-diff=HEAD", id="in one word"),
        pytest.param("-- --from-diff", "-- --from-diff", id="no flag, but an argument"),
    ],
)
def test_a_bare_flag_means_the_work_tree(words: str, expected: str) -> None:
    assert " ".join(completed(words.split())) == expected
