"""The slash commands about the conversation: what it is about, what it knows, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

from rich.table import Table
from rich.text import Text

from alma_agent.errors import AlmaError, UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.terminal.consoles import err, out
from alma_agent.terminal.repl.command_line import words
from alma_agent.terminal.repl.sessions import may_be_name, new_name
from alma_agent.terminal.repl.state import Chat
from alma_agent.terminal.wording import counted
from toolset.errors import FileMissing
from toolset.scope import EditScope

_SUMMARY_TOKENS = 2_000
_CHARACTERS_PER_TOKEN = 4


def model(chat: Chat, name: str) -> int:
    """Show which model is asked, or ask another one from now on."""
    from alma_agent.config import model_choice

    if name:
        before = chat.chosen.model
        chosen = model_choice(
            name, api=before.api if before else "auto", stream=before.stream if before else True
        )
        chat.chosen = replace(chat.chosen, model=chosen)
    choice = chat.chosen.model
    if choice is None:
        out.print(
            "No model is configured: known refactorings work without one. Set OPENAI_API_KEY or "
            "OPENAI_BASE_URL before you start alma."
        )
    else:
        out.print(f"{choice.name or 'The default model'} at {choice.where}", soft_wrap=True)
    return ExitCode.DONE


def add(chat: Chat, text: str) -> int:
    """Take files in hand: the model is shown their outline at each turn. Without any: list them.

    Raises FileMissing for what is no file of the project.
    """
    fresh = list(_located(chat, text))
    chat.files += [path for path in fresh if path not in chat.files]
    return _told_files(chat)


def drop(chat: Chat, text: str) -> int:
    """Lay files aside again; without any: all of them."""
    gone = set(_located(chat, text, may_be_gone=True)) if text else set(chat.files)
    chat.files = [path for path in chat.files if path not in gone]
    return _told_files(chat)


def scope(chat: Chat, text: str) -> int:
    """Show what may be changed, or set it: globs as in .gitignore; `off`: the whole project."""
    if text:
        globs = () if text == "off" else tuple(words(text))
        chat.scope = EditScope(globs)
        if globs and not any(map(chat.scope.allows, chat.workspace.files())):
            err.print("No file is in the scope yet.")
    out.print(f"What may be changed: {chat.scope}", soft_wrap=True)
    return ExitCode.DONE


def new(chat: Chat, name: str) -> int:
    """Begin another conversation; the present one stays, and /resume NAME comes back to it.

    Raises UsageError for what is no name.
    """
    from alma_agent.terminal.repl.telling import mark_told

    if name and not may_be_name(name):
        raise UsageError("A session's name is short, in one line, and no key. Choose another one.")
    former = chat.session
    chat.enter(name or new_name())
    mark_told(chat)
    out.print(f"Now in {chat.session}. Back: /resume {former}", soft_wrap=True)
    return ExitCode.DONE


def why(chat: Chat) -> int:
    """Show what was recalled for the last turn, and what made it fit."""
    from alma_agent.terminal import render_memory

    found = chat.recollection
    if found is None or not found.memories:
        out.print("Nothing was recalled for the last turn.")
        return ExitCode.DONE
    for one in found.memories:
        out.print(render_memory.hit(one))
    out.print("Where one comes from: /why ID", style="dim")
    return ExitCode.DONE


def cost(chat: Chat) -> int:
    """Show what this session has taken since alma was started."""
    from alma_agent.terminal import render

    out.print(
        f"{chat.session}: {counted(chat.turns, 'turn')}, {render.cost(chat.usage)}", soft_wrap=True
    )
    out.print("All of the project: /cost --by model", style="dim")
    return ExitCode.DONE


def context(chat: Chat, text: str) -> int:
    """Show what a model would be told at the next turn, and about how many tokens it takes.

    `all` shows the texts themselves.
    """
    parts = list(_context_parts(chat))
    if text == "all":
        for name, part in parts:
            out.print(Text(f"--- {name}", style="bold"))
            out.print(part, soft_wrap=True)
        return ExitCode.DONE
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("what")
    table.add_column("tokens, about", justify="right")
    for name, part in parts:
        table.add_row(name, f"{_tokens(part):,}")
    table.add_row("together", f"{sum(_tokens(part) for _, part in parts):,}", style="bold")
    out.print(table)
    out.print(f"What may be changed: {chat.scope}. The texts: /context all", style="dim")
    return ExitCode.DONE


def compact(chat: Chat) -> int:
    """Go on in a new part of the session, which begins with a summary of what was said."""
    from alma_agent.terminal.repl import telling
    from alma_agent.terminal.repl.turns import open_chat_house

    open_chat_house(chat)
    held = telling.conversation(chat)
    said = held.items() if held else []
    if held is None or not said:
        out.print("Nothing was said yet.")
        return ExitCode.DONE
    before = _tokens(_spoken(said))
    text = _summary(chat)
    former, turns, usage, last = chat.session, chat.turns, chat.usage, chat.last
    files, allowed = chat.files, chat.scope
    chat.enter(_next_part(chat, former))
    chat.turns, chat.usage, chat.last, chat.files, chat.scope = turns, usage, last, files, allowed
    chat.begin()
    telling.say(
        chat,
        f"{telling.SIGN} The conversation so far, in short (data; the whole is in the session "
        f"{former}):\n{text}",
    )
    out.print(
        f"About {before:,} tokens are now {_tokens(text):,}, in {chat.session}. The whole is kept: "
        f"/resume {former}",
        soft_wrap=True,
    )
    return ExitCode.DONE


def _summary(chat: Chat) -> str:
    """Return the conversation in short: by the model, if there is one, else its own sentences."""
    from alma_agent.config import with_key
    from alma_agent.memory.sessions.window import Extractive

    house = chat.house
    assert house is not None  # noqa: S101 - opened by the caller
    held = house.working_memories().get(chat.session, house.scope)
    messages = held.messages if held else ()
    choice = with_key(chat.chosen.model) if chat.chosen.model else None
    if choice is not None:
        try:
            return house.summariser(choice).summarise("", messages, budget_tokens=_SUMMARY_TOKENS)
        except AlmaError as error:
            err.print(f"{error} Its own sentences are kept instead.", soft_wrap=True)
    return Extractive().summarise("", messages, budget_tokens=_SUMMARY_TOKENS)


def _context_parts(chat: Chat) -> Iterator[tuple[str, str]]:
    """Yield what a model would be told, by name."""
    from alma_agent.proposer.context import contract, opening, project_rules
    from alma_agent.proposer.prompts import recalled_message
    from alma_agent.records import Task
    from alma_agent.terminal.repl import telling
    from alma_agent.terminal.repl.turns import open_chat_house
    from toolset.draft import Draft

    open_chat_house(chat)
    settings = chat.settings()
    task = Task(
        "...",
        scope=settings.scope,
        mode=settings.mode,
        check=settings.check,
        at_hand=tuple(chat.files),
    )
    yield "rules of the project (AGENTS.md)", project_rules(chat.workspace)
    allowed = "\n".join(contract(task))
    whole = opening(task, Draft(chat.workspace, scope=task.scope))
    yield "files in hand, map of the project", whole.split(allowed)[0].strip()
    yield "what may be done", allowed
    held = telling.conversation(chat)
    yield "the conversation", _spoken(held.items() if held else [])
    if chat.recollection and chat.recollection.memories:
        yield "memories (of the last turn)", recalled_message(chat.recollection)


def _spoken(items: list[dict[str, object]]) -> str:
    """Return all that a conversation's items say, as text."""
    import json

    named = ("role", "content", "name", "arguments", "output")
    kept = [{name: one[name] for name in named if one.get(name)} for one in items]
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in kept)


def _next_part(chat: Chat, session: str) -> str:
    """Return the name of a session's next part: `NAME.2`, or the first that is free."""
    base, dot, number = session.rpartition(".")
    base = base if dot and number.isdecimal() else session
    part = 2
    while chat.sessions.note(f"{base}.{part}") is not None:
        part += 1
    return f"{base}.{part}"


def _located(chat: Chat, text: str, *, may_be_gone: bool = False) -> Iterator[PurePosixPath]:
    for word in words(text):
        path = chat.workspace.locate(word.removeprefix("@"))
        if chat.workspace.state_of(path) is None and not may_be_gone:
            raise FileMissing(path)
        yield path


def _told_files(chat: Chat) -> int:
    told = ", ".join(map(str, chat.files))
    out.print(f"In hand: {told}" if told else "No file is in hand. /add PATH", soft_wrap=True)
    with suppress(AlmaError):
        chat.rest()
    return ExitCode.DONE


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)
