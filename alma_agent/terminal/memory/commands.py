"""`alma memory`: the commands that look. Those that write are in `memory_writing_commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alma_agent.terminal.ending import ending
from alma_agent.terminal.memory import options

_Few = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="How many.")]
_Question = Annotated[str, typer.Argument(help="What to look for, by words and by meaning.")]


@ending
async def memory_list(
    *,
    limit: options.Limit = 20,
    kind: options.Kinds = None,
    stratum: options.Strata = None,
    tag: options.WithTags = None,
    topic: options.OnTopics = None,
    file: options.OfFile = None,
    by: options.SignedBy = "",
    session: options.InSession = "",
    since: options.Since = "",
    contains: options.Contains = "",
    min_importance: options.LeastImportance = 0.0,
    pinned: options.Pinned = False,
    superseded: options.Superseded = False,
    all_scopes: options.AllScopes = False,
    namespace: options.Namespace = None,
    user: options.User = "",
    agent: options.Agent = "",
) -> int:
    """List memories, the newest first."""
    from alma_agent.terminal.memory import looking as remembering

    asked = remembering.Narrowed(
        kinds=options.kinds_of(kind),
        strata=options.strata_of(stratum),
        tags=tuple(tag or ()),
        topics=tuple(topic or ()),
        file=file,
        by=by,
        session=session,
        since=since,
        contains=contains,
        least_importance=min_importance,
        pinned=pinned,
        superseded=superseded,
        whose=remembering.Whose(all_scopes, namespace, user, agent),
    )
    return await remembering.list_memories(asked, limit=limit)


@ending
async def memory_search(
    text: _Question,
    *,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Prefer this file.")] = None,
    limit: _Few = 10,
    kind: options.Kinds = None,
    tag: options.WithTags = None,
    since: options.Since = "",
    all_scopes: options.AllScopes = False,
    namespace: options.Namespace = None,
    user: options.User = "",
    agent: options.Agent = "",
) -> int:
    """Find memories, the most fitting first."""
    from alma_agent.terminal.memory import looking as remembering

    asked = remembering.Narrowed(
        kinds=options.kinds_of(kind),
        tags=tuple(tag or ()),
        since=since,
        superseded=True,
        whose=remembering.Whose(all_scopes, namespace, user, agent),
    )
    return await remembering.search_memories(text, asked, file=file, limit=limit)


@ending
async def memory_show(id: options.Id) -> int:
    """Show all that is known of one memory, and what became of its code."""
    from alma_agent.terminal.memory import looking as remembering

    return await remembering.show_memory(id)


@ending
async def memory_why(
    what: Annotated[str, typer.Argument(metavar="ID|QUESTION", help="A memory, or a question.")],
    *,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Prefer this file.")] = None,
) -> int:
    """Explain how a question's answers are ranked, or where a memory comes from."""
    from alma_agent.terminal.memory import reasons

    return await reasons.explain(what, file=file)


@ending
async def memory_files(
    goal: Annotated[str, typer.Argument(help="A task, in words.")],
    *,
    limit: _Few = 10,
) -> int:
    """Say which files a task will touch, by what earlier ones did."""
    from alma_agent.terminal.memory import code

    return await code.likely_files(goal, limit=limit)


@ending
async def memory_code(
    question: Annotated[str, typer.Argument(help='What it does: "where are rows parsed".')],
    *,
    limit: _Few = 10,
) -> int:
    """Find the functions and classes that do something."""
    from alma_agent.terminal.memory import code

    return await code.find_code(question, limit=limit)


@ending
async def memory_timeline(
    file: Annotated[Path, typer.Argument(help="A file of the project, there still or not.")],
) -> int:
    """Show what happened to a file, and what was remembered of it, oldest first."""
    from alma_agent.terminal.memory import history

    return await history.show_timeline(file)


@ending
async def memory_map(
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The SVG to write, such as memory.svg.")
    ] = None,
    files: Annotated[int, typer.Option(min=1, max=200, help="Files at the most.")] = 40,
) -> int:
    """Draw the memories by file and age, as SVG."""
    from alma_agent.terminal.memory import history

    return await history.draw_map(output, files=files)


@ending
async def memory_stats(all_scopes: options.AllScopes = False) -> int:
    """Count what is remembered, what of it is stale, and how much it is used."""
    from alma_agent.terminal.memory import statistics

    return await statistics.show_statistics(everybody=all_scopes)


@ending
async def memory_doctor() -> int:
    """Look for what is wrong with the memory, and say how to mend it."""
    from alma_agent.terminal.memory import health

    return await health.examine_memory()
