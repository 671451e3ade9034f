"""The flags that several commands of memory share, as typer takes them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from alma_agent.remembered import MemoryKind, Stratum

# typer takes no list of literals.
KindName = StrEnum("KindName", get_args(MemoryKind))  # type: ignore[misc]
StratumName = StrEnum("StratumName", get_args(Stratum))  # type: ignore[misc]

Id = Annotated[str, typer.Argument(help="The memory's id, or how it begins.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="How many.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

# What a search is narrowed down to.
Kinds = Annotated[list[KindName] | None, typer.Option("--kind", help="Of this kind; repeatable.")]
Strata = Annotated[list[StratumName] | None, typer.Option("--stratum", help="Of this stratum.")]
WithTags = Annotated[list[str] | None, typer.Option("--tag", help="With this tag, and the others.")]
OnTopics = Annotated[list[str] | None, typer.Option("--topic", help="On this topic, or another.")]
OfFile = Annotated[Path | None, typer.Option("--file", "-f", help="Bound to code of this file.")]
SignedBy = Annotated[str, typer.Option("--by", help="Said or written by this one.")]
InSession = Annotated[str, typer.Option("--session", help="Of this session.")]
Since = Annotated[
    str, typer.Option(help="Not older than 30m, 2h, 7d, 4w, or a date such as 2026-03-01.")
]
Contains = Annotated[str, typer.Option(help="Whose text holds this, whatever its capitals.")]
LeastImportance = Annotated[
    float, typer.Option("--min-importance", min=0, max=1, help="At least so important.")
]
Pinned = Annotated[bool, typer.Option("--pinned", help="Only those that are pinned.")]
Superseded = Annotated[
    bool, typer.Option("--superseded", help="Those too that others have replaced.")
]

# Whose memories; without these, this repository's own.
AllScopes = Annotated[bool, typer.Option("--all-scopes", help="Everybody's in this ledger.")]
Namespace = Annotated[str | None, typer.Option(help="Of this namespace.")]
User = Annotated[str, typer.Option(help="Of this user.")]
Agent = Annotated[str, typer.Option(help="Of this agent.")]

# What is written.
Text = Annotated[str, typer.Argument(help="What to remember; - reads it from standard input.")]
Kind = Annotated[MemoryKind, typer.Option(help="What it is.")]
Files = Annotated[
    list[str] | None,
    typer.Option("--file", "-f", metavar="FILE[::SYMBOL]", help="The code that it speaks of."),
]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag; repeatable.")]
Topics = Annotated[list[str] | None, typer.Option("--topic", help="A topic; repeatable.")]
Entities = Annotated[list[str] | None, typer.Option("--entity", help="Who or what is in it.")]
Importance = Annotated[float, typer.Option(min=0, max=1, help="How much it matters.")]
Pin = Annotated[bool, typer.Option("--pin", help="Nothing may contradict it without a word.")]
Expires = Annotated[
    str, typer.Option(help="When it is no longer true: in 30d, or at a date such as 2026-03-01.")
]
By = Annotated[str, typer.Option(help="Who says it.")]
Reasoning = Annotated[str, typer.Option(help="Why.")]


def kinds_of(names: Iterable[str] | None) -> tuple[MemoryKind, ...]:
    return cast("tuple[MemoryKind, ...]", tuple(map(str, names or ())))


def strata_of(names: Iterable[str] | None) -> tuple[Stratum, ...]:
    return cast("tuple[Stratum, ...]", tuple(map(str, names or ())))
