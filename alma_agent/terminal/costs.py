"""`alma cost`: what models took, by model, repository, day or session.

Summed from the usage of what is recorded. Money is decimal; what nobody knows the price of is
counted apart, and said: a sum never looks complete when it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Literal

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text
from typing_extensions import TypedDict

from alma_agent.config import memory_choice
from alma_agent.errors import LedgerUnavailable
from alma_agent.memory import known_ledgers
from alma_agent.memory.ledger import Ledger, spending
from alma_agent.records import Interaction, Usage
from alma_agent.remembered import EVERYBODY
from alma_agent.terminal.consoles import progress, tell
from alma_agent.terminal.opening import opened_house
from toolset.errors import PathRefused
from toolset.workspace import STATE_FOLDER, Workspace

_LEDGER = "ledger.sqlite3"
_WIDE = 72  # columns from which on calls and runs are shown, too
_LEAST, _CENT = Decimal("0.0001"), Decimal("0.01")
_GONE = "it is gone"

By = Literal["model", "repo", "day", "session"]


@dataclass(frozen=True, slots=True)
class Spent:
    """One interaction, and the repository in which it happened."""

    repository: str
    told: Interaction


@dataclass(frozen=True, slots=True)
class Sum:
    """What some runs took. `usd` sums the known prices; of `unpriced` runs nobody knows one."""

    name: str
    runs: int = 0
    usage: Usage = Usage()
    unpriced: int = 0

    @property
    def usd(self) -> Decimal:
        return self.usage.usd or Decimal(0)

    def with_run(self, usage: Usage) -> Sum:
        priced = Usage(
            usage.requests,
            usage.input_tokens,
            usage.cached_tokens,
            usage.output_tokens,
            usage.usd or Decimal(0),
        )
        unpriced = self.unpriced + (usage.usd is None)
        return Sum(self.name, self.runs + 1, self.usage + priced, unpriced)


@dataclass(frozen=True, slots=True)
class Costs:
    """Sums by something, the dearest first (days: the newest), and of all.

    `free` counts the runs that asked no model. `unread` names ledgers that are known, and could not
    be read, with the reason.
    """

    by: By
    since: datetime | None
    sums: tuple[Sum, ...]
    total: Sum
    free: int = 0
    unread: tuple[tuple[str, str], ...] = ()


class ToldSum(TypedDict):
    """What some runs took.

    `usd` is a decimal number as text, without the runs of unknown price; null if all are.
    """

    name: str
    runs: int
    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: str | None
    runs_of_unknown_price: int


class UnreadLedger(TypedDict):
    """A ledger that is in no sum, and why."""

    ledger: str
    reason: str


class CostResult(TypedDict):
    """`alma cost`; `by` is `model`, `repo`, `day` or `session`."""

    by: str
    since: str | None
    sums: list[ToldSum]
    total: ToldSum
    runs_without_model: int
    unread: list[UnreadLedger]


_NAMES: dict[By, Callable[[Spent], str]] = {
    "model": lambda one: one.told.proposer or "(not said)",
    "repo": lambda one: one.repository,
    "day": lambda one: f"{one.told.at.astimezone(UTC):%Y-%m-%d}",
    "session": lambda one: one.told.session or "(none)",
}


async def show_costs(since: datetime | None, by: By, *, everywhere: bool) -> int:
    """Tell what models took: in this repository, or in all that are known."""
    unread: list[tuple[str, str]] = []
    if everywhere or by == "repo":
        spent = list(_everywhere(since, unread))
    else:
        house = await opened_house(tell=progress)
        if house is None:
            tell(document(summed([], by, since)), "Nothing was taken from a model here yet.")
            return 0
        with house.ledger.reading() as connection:
            root = house.scope.namespace or str(house.workspace.root)
            told = spending.happened(connection, house.scope, since)
            spent = [Spent(root, one) for one in told]
    found = summed(spent, by, since, unread)
    tell(document(found), Sheet(found))
    return 0


def summed(
    spent: Iterable[Spent],
    by: By,
    since: datetime | None = None,
    unread: Sequence[tuple[str, str]] = (),
) -> Costs:
    """Sum up what was spent. What is recorded in two ledgers (a copied folder) counts once."""
    sums: dict[str, Sum] = {}
    total, free = Sum("total"), 0
    once = {one.told.id: one for one in spent}
    for one in once.values():
        usage = one.told.usage
        if not usage.requests:
            free += one.told.proposer != ""
            continue
        name = _NAMES[by](one)
        sums[name] = sums.get(name, Sum(name)).with_run(usage)
        total = total.with_run(usage)
    return Costs(by, since, tuple(_ordered(sums.values(), by)), total, free, tuple(unread))


def document(costs: Costs) -> CostResult:
    """Return the sums as JSON tells them."""
    return CostResult(
        by=costs.by,
        since=costs.since.isoformat() if costs.since else None,
        sums=[_told(one) for one in costs.sums],
        total=_told(costs.total),
        runs_without_model=costs.free,
        unread=[UnreadLedger(ledger=ledger, reason=reason) for ledger, reason in costs.unread],
    )


def dollars(usd: Decimal) -> str:
    """Return money as people read it: four decimals below a dollar, else two; never `1e-05`."""
    if not usd:
        return "$0"
    shown = usd.quantize(_LEAST, ROUND_HALF_UP)
    if not shown:
        return f"<${_LEAST}"
    return f"${shown}" if shown < 1 else f"${usd.quantize(_CENT, ROUND_HALF_UP):,}"


@dataclass(frozen=True)
class Sheet:
    """Sums as a table that fits the screen, however narrow."""

    costs: Costs

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        costs = self.costs
        if costs.sums:
            yield self._table(options, is_wide=options.max_width >= _WIDE)
        else:
            when = "in this time" if costs.since else "yet"
            yield Text(f"Nothing was taken from a model {when}.")
        for line in _notes(costs):
            yield Text(line, style="dim")

    def _table(self, options: ConsoleOptions, *, is_wide: bool) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        heading = "day (UTC)" if self.costs.by == "day" else self.costs.by
        table.add_column(heading, overflow="fold", max_width=max(10, options.max_width - 26))
        more = ("runs", "calls", "in", "cached", "out") if is_wide else ("tokens",)
        for name in (*more, "cost"):
            table.add_column(name, justify="right", no_wrap=True)
        several = len(self.costs.sums) > 1
        for one in (*self.costs.sums, *([self.costs.total] if several else [])):
            style = "bold" if one is self.costs.total else ""
            cells = _cells(one) if is_wide else [f"{_tokens(one.usage):,}"]
            table.add_row(Text(_shown(one.name)), *cells, _money(one), style=style)
        return table


def _everywhere(since: datetime | None, unread: list[tuple[str, str]]) -> Iterator[Spent]:
    """Yield what was spent in each ledger that this user is known to have, the shared one too."""
    if shared := memory_choice().ledger:
        with closing(Ledger(shared)) as ledger, ledger.reading() as connection:
            for one in spending.happened(connection, EVERYBODY, since):
                yield Spent(one.scope.namespace or "(none)", one)
    for root in _roots():
        file = root / STATE_FOLDER / _LEDGER
        if not file.is_file() or file.is_symlink() or file.parent.is_symlink():
            unread.append((str(root), _GONE))
            continue
        try:
            with spending.looked_at(file) as connection:
                told = list(spending.happened(connection, EVERYBODY, since))
        except LedgerUnavailable as error:
            unread.append((str(root), str(error)))
            continue
        yield from (Spent(one.scope.namespace or str(root), one) for one in told)


def _roots() -> list[Path]:
    """Return the repositories with a ledger of their own; this one, too, if it has one."""
    roots = known_ledgers.repositories()
    try:
        here = Workspace.around(Path.cwd())
    except PathRefused:  # the home folder: no project, and a good place to ask for all of them
        return roots
    is_new = here.root not in roots and (here.root / STATE_FOLDER / _LEDGER).is_file()
    return [*roots, here.root] if is_new else roots


def _ordered(sums: Iterable[Sum], by: By) -> list[Sum]:
    named = sorted(sums, key=lambda one: one.name, reverse=by == "day")
    if by == "day":
        return named
    return sorted(named, key=lambda one: (-one.usd, -_tokens(one.usage)))


def _told(one: Sum) -> ToldSum:
    usage = one.usage
    return ToldSum(
        name=one.name,
        runs=one.runs,
        requests=usage.requests,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        usd=None if one.runs and one.unpriced == one.runs else f"{one.usd.normalize():f}",
        runs_of_unknown_price=one.unpriced,
    )


def _cells(one: Sum) -> list[str]:
    usage = one.usage
    counted = (
        one.runs,
        usage.requests,
        usage.input_tokens,
        usage.cached_tokens,
        usage.output_tokens,
    )
    return [f"{number:,}" for number in counted]


def _money(one: Sum) -> str:
    if one.unpriced == one.runs:
        return "unknown"
    return dollars(one.usd) + (" + ?" if one.unpriced else "")


def _notes(costs: Costs) -> Iterator[str]:
    if costs.total.unpriced:
        runs = _count(costs.total.unpriced, "run")
        yield f"The price of {runs} is unknown, and in no sum."
    if costs.free:
        yield f"{_count(costs.free, 'run')} took nothing from a model."
    gone = [ledger for ledger, reason in costs.unread if reason == _GONE]
    if gone:
        yield f"{_count(len(gone), 'repository')} that alma worked in went away; not counted."
    yield from (f"Not counted: {reason}" for _, reason in costs.unread if reason != _GONE)


def _count(number: int, what: str) -> str:
    several = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"1 {what}" if number == 1 else f"{number:,} {several}"


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


def _shown(name: str) -> str:
    """Return a name for a person: a path in the home folder is told from there."""
    home = str(Path("~").expanduser())
    return f"~{name.removeprefix(home)}" if name.startswith(f"{home}/") else name
