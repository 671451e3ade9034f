"""`alma memory`: the commands that write, erase, share and mend."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alma_agent.remembered import MemoryKind
from alma_agent.terminal.ending import ending
from alma_agent.terminal.memory import options

_Folder = Annotated[
    Path | None, typer.Argument(help="By default .alma/memories, which git may track.")
]


@ending
async def memory_add(
    text: options.Text,
    *,
    kind: options.Kind = "fact",
    file: options.Files = None,
    tag: options.Tags = None,
    topic: options.Topics = None,
    entity: options.Entities = None,
    importance: options.Importance = 0.5,
    pin: options.Pin = False,
    expires: options.Expires = "",
    by: options.By = "",
    reasoning: options.Reasoning = "",
    user: options.User = "",
    agent: options.Agent = "",
) -> int:
    """Remember a text, and bind it to code."""
    from alma_agent.terminal.memory import writing

    fields = writing.Fields(
        tags=tag,
        topics=topic,
        entities=entity,
        importance=importance,
        pinned=pin,
        expires=expires,
        by=by,
        reasoning=reasoning,
    )
    return await writing.add(text, kind, fields, files=file or (), user=user, agent=agent)


@ending
async def memory_decide(
    text: options.Text,
    reasoning: Annotated[str, typer.Option(help="Why, and what spoke against it.")],
    *,
    file: options.Files = None,
    tag: options.Tags = None,
    topic: options.Topics = None,
    entity: options.Entities = None,
    importance: options.Importance = 0.8,
    pin: options.Pin = False,
    expires: options.Expires = "",
    by: options.By = "",
    user: options.User = "",
    agent: options.Agent = "",
) -> int:
    """Remember a decision, and why it was taken."""
    from alma_agent.terminal.memory import writing

    fields = writing.Fields(
        tags=tag,
        topics=topic,
        entities=entity,
        importance=importance,
        pinned=pin,
        expires=expires,
        by=by,
        reasoning=reasoning,
    )
    return await writing.add(text, "decision", fields, files=file or (), user=user, agent=agent)


@ending
async def memory_edit(
    id: options.Id,
    *,
    text: Annotated[
        str | None, typer.Option(help="What it says now; - reads it from standard input.")
    ] = None,
    kind: Annotated[MemoryKind | None, typer.Option(help="What it is.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Its tags, in place of the old; '' for none.")
    ] = None,
    topic: Annotated[list[str] | None, typer.Option("--topic", help="Its topics.")] = None,
    entity: Annotated[list[str] | None, typer.Option("--entity", help="Its entities.")] = None,
    importance: Annotated[
        float | None, typer.Option(min=0, max=1, help="How much it matters.")
    ] = None,
    expires: options.Expires = "",
    by: Annotated[str | None, typer.Option(help="Who says it.")] = None,
    reasoning: Annotated[str | None, typer.Option(help="Why.")] = None,
) -> int:
    """Let a memory say something else; how it stood before is kept."""
    from alma_agent.terminal.memory import writing

    fields = writing.Fields(
        tags=tag,
        topics=topic,
        entities=entity,
        importance=importance,
        expires=expires,
        by=by,
        reasoning=reasoning,
    )
    return await writing.edit(id, text, kind, fields)


@ending
async def memory_pin(
    id: options.Id,
    *,
    off: Annotated[bool, typer.Option("--off", help="Take the pin out again.")] = False,
) -> int:
    """Pin a memory: it ranks higher, and nothing may contradict it without a word."""
    from alma_agent.terminal.memory import writing

    return await writing.pin(id, pinned=not off)


@ending
async def memory_forget(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Memories, by their ids.")
    ] = None,
    *,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="All with this tag.")] = None,
    session: Annotated[str, typer.Option(help="All of this session.")] = "",
    before: Annotated[
        str, typer.Option(help="All that are older than 30d, or than a date such as 2026-03-01.")
    ] = "",
    yes: options.Yes = False,
) -> int:
    """Erase memories for good: text, words, vectors, exported pages. Nothing brings them back.

    Of --tag, --session and --before, all that are given must hold.
    """
    from alma_agent.terminal.memory import forgetting

    asked = forgetting.Doomed(tuple(ids or ()), tuple(tag or ()), session, before)
    return await forgetting.forget(asked, yes=yes)


@ending
async def memory_rebuild() -> int:
    """Make the indexes of words and vectors anew from the ledger."""
    from alma_agent.terminal.memory import health

    return await health.rebuild_index()


@ending
async def memory_export(
    *,
    folder: _Folder = None,
    kind: options.Kinds = None,
    interactions: Annotated[
        bool, typer.Option("--interactions", help="What alma did, too.")
    ] = False,
) -> int:
    """Write memories as Markdown and JSON lines, to travel with the repository."""
    from alma_agent.terminal.memory import sharing

    return await sharing.export_memories(
        folder, kinds=options.kinds_of(kind), with_interactions=interactions
    )


@ending
async def memory_import(
    *,
    folder: _Folder = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would come, take nothing.")
    ] = False,
) -> int:
    """Take over memories that others exported. Twice is as once."""
    from alma_agent.terminal.memory import sharing

    return await sharing.import_memories(folder, dry_run=dry_run)
