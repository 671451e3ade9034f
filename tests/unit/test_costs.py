"""What models took: sums, and how money reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from alma_agent.records import Usage
from alma_agent.terminal import costs
from alma_agent.terminal.costs import Sheet, Spent, dollars, summed
from tests.making import an_interaction, days_after


def spent(
    id_: str, usd: str | None = "0.25", *, model: str = "small", repo: str = "shop", **more: Any
) -> Spent:
    usage = Usage(2, 1_000, 400, 50, None if usd is None else Decimal(usd))
    told = an_interaction(id_, **{"proposer": model, "usage": usage} | more)
    return Spent(repo, told)


def seen(found: costs.Costs, width: int = 100) -> str:
    """Return what stands on a screen; long lines are the terminal's to wrap."""
    console = Console(width=width, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(Sheet(found), soft_wrap=True)
    return capture.get()


@pytest.mark.parametrize(
    ("usd", "expected"),
    [
        ("0", "$0"),
        ("0.00001", "<$0.0001"),
        ("1E-7", "<$0.0001"),
        ("0.00005", "$0.0001"),
        ("0.0123", "$0.0123"),
        ("0.99999", "$1.00"),
        ("1", "$1.00"),
        ("1234.567", "$1,234.57"),
        ("1E+3", "$1,000.00"),
    ],
)
def test_money_reads_as_money(usd: str, expected: str) -> None:
    assert dollars(Decimal(usd)) == expected


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param("model", [("large", "2"), ("small", "0.75")], id="the dearest model first"),
        pytest.param("repo", [("site", "2.5"), ("shop", "0.25")], id="repositories"),
        pytest.param("day", [("2026-01-03", "2.5"), ("2026-01-02", "0.25")], id="newest day first"),
        pytest.param("session", [("s", "2"), ("(none)", "0.75")], id="sessions"),
    ],
)
def test_sums(by: Any, expected: list[tuple[str, str]]) -> None:
    several = [
        spent("a", "0.25"),
        spent("b", "0.5", repo="site", at=days_after(1)),
        spent("c", "2", model="large", repo="site", at=days_after(1), session="s"),
    ]

    found = summed(several, by)

    assert [(one.name, f"{one.usd.normalize():f}") for one in found.sums] == expected
    assert found.total.usd == Decimal("2.75")


def test_many_small_sums_lose_nothing() -> None:
    found = summed([spent(f"{n}", "0.0000001") for n in range(1_000)], "model")

    assert found.total.usd == Decimal("0.0001")


def test_what_two_ledgers_hold_counts_once() -> None:
    assert summed([spent("a"), spent("a", repo="a copy")], "model").total.runs == 1


def test_an_unknown_price_is_counted_apart_and_said() -> None:
    found = summed([spent("a", "0.25"), spent("b", None), spent("c", None, model="own")], "model")

    assert [(one.name, one.usd, one.unpriced) for one in found.sums] == [
        ("small", Decimal("0.25"), 1),
        ("own", Decimal(0), 1),
    ]
    text = seen(found)
    assert "$0.2500 + ?" in text
    assert "unknown" in text
    assert "The price of 2 runs is unknown, and in no sum." in text


def test_runs_without_a_model_are_told_and_undos_are_none() -> None:
    exact = spent("a", model="planner", usage=Usage())
    undo = spent("b", model="", usage=Usage())

    found = summed([exact, undo], "model")

    assert (found.free, found.sums) == (1, ())
    assert "1 run took nothing from a model." in seen(found)


@pytest.mark.parametrize("width", [40, 80])
def test_the_table_fits_the_screen(width: int) -> None:
    several = [spent("a", "1234.5", repo="/a/very/long/path/" * 4), spent("b", None)]

    *table, _note = seen(summed(several, "repo"), width).splitlines()

    assert max(map(len, table)) <= width
    assert table[-1].split()[-3:] == ["$1,234.50", "+", "?"]


def test_a_name_cannot_reach_the_terminal() -> None:
    from alma_agent.terminal.consoles import PlainConsole

    console = PlainConsole(width=80, force_terminal=True, highlight=False)
    with console.capture() as capture:
        console.print(Sheet(summed([spent("a", model="m\x1b[2J")], "model")), soft_wrap=True)

    assert "\x1b[2J" not in capture.get()


def test_the_document_has_money_as_decimal_text() -> None:
    told = costs.document(summed([spent("a", "1E-7"), spent("b", None)], "model"))

    assert told["total"] == {
        "name": "total",
        "runs": 2,
        "requests": 4,
        "input_tokens": 2_000,
        "cached_tokens": 800,
        "output_tokens": 100,
        "usd": "0.0000001",
        "runs_of_unknown_price": 1,
    }
