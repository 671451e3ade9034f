"""`alma chat`, and `alma` alone on a terminal: from flags to a conversation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alma_agent.exit_codes import ExitCode
from alma_agent.terminal import run_options as opt

if TYPE_CHECKING:
    from alma_agent.config import Settings
    from alma_agent.terminal.repl.state import Chat


def chat(
    context: typer.Context,
    *,
    session: opt.SessionOption = opt.SESSION,
    go_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation here.")
    ] = False,
    scope: opt.ScopeOption = None,
    mode: opt.ModeOption = opt.MODE,
    ask_before: opt.AskBeforeOption = None,
    agents: opt.AgentsOption = opt.AGENTS,
    architect_model: opt.ArchitectOption = None,
    check: opt.CheckOption = None,
    check_timeout: opt.CheckTimeoutOption = opt.CHECK_TIMEOUT,
    check_network: opt.CheckNetworkOption = opt.CHECK_NETWORK,
    lint: opt.LintOption = opt.LINT,
    accept: opt.AcceptOption = opt.ACCEPT,
    model: opt.ModelOption = None,
    api: opt.ApiOption = opt.API,
    stream: opt.StreamOption = None,
    max_turns: opt.MaxTurnsOption = opt.MAX_TURNS,
    max_seconds: opt.MaxSecondsOption = opt.MAX_SECONDS,
    max_tokens: opt.MaxTokensOption = None,
    max_usd: opt.MaxUsdOption = None,
) -> None:
    """Talk with alma: each goal is a turn, and each turn knows those before it.

    The limits are those of one turn.
    """
    from alma_agent.terminal.consoles import err, speak
    from alma_agent.terminal.ending import Terminated, explained

    def settings() -> Settings:
        from alma_agent.config import Settings, command, model_choice
        from alma_agent.records import Limits

        streams = stream is None or stream
        return Settings(
            model=model_choice(model, api=api.value, stream=streams),
            architect=model_choice(architect_model, stream=streams) if architect_model else None,
            agents=agents,
            mode=mode.value,
            ask_before=frozenset(ask_before or ()),
            limits=Limits(turns=max_turns, seconds=max_seconds, tokens=max_tokens, usd=max_usd),
            check=command(check),
            check_timeout_s=check_timeout,
            check_network=check_network,
            accept=accept.value,
            lint=lint,
        )

    speak(json=False, quiet=False, verbose=False)
    try:
        code = _talked(context, settings(), session, go_on=go_on, scope=tuple(scope or ()))
    except Terminated:
        code = ExitCode.TERMINATED
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last door: nothing passes as a traceback
        end = explained(error)
        err.print(f"alma: {end.message}", style="red", soft_wrap=True)
        code = end.code
    raise typer.Exit(code)


def _talked(
    context: typer.Context, settings: Settings, session: str, *, go_on: bool, scope: tuple[str, ...]
) -> int:
    """Lead a conversation to its end; return the exit code."""
    from alma_agent import __version__
    from alma_agent.config import memory_choice
    from alma_agent.errors import NeedsHuman, UsageError
    from alma_agent.terminal.consoles import on_terminal
    from alma_agent.terminal.repl.loop import Loop, farewell, greet
    from alma_agent.terminal.repl.preloading import Preloading
    from alma_agent.terminal.repl.prompt import Prompt
    from alma_agent.terminal.repl.slash import SlashCommands

    if not on_terminal():
        raise NeedsHuman("alma chat needs a terminal. For one task: alma run GOAL.")
    if go_on and session and _is_said(context, "session"):
        raise UsageError("Say --continue, or --session NAME, not both.")
    state = _state(settings, session, go_on=go_on, scope=scope)
    if _is_said(context, "mode"):  # else it is as it was in the session
        state.mode = settings.mode
    root = context.find_root().command
    commands = getattr(root, "commands", {})
    names = {name: one.get_short_help_str(80) for name, one in commands.items()}
    slash = SlashCommands(state, root, names)
    prompt = Prompt(state.workspace, state, slash.known())
    greet(state, __version__)
    preloading = Preloading(
        with_model=settings.model is not None,
        with_meaning=memory_choice().embedder == "minilm",
    )
    code = Loop(state, root, slash, prompt, preloading).run()
    farewell(state)
    return code


def _is_said(context: typer.Context, parameter: str) -> bool:
    """Say whether a flag stands on the command line, and is no default or setting."""
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _state(settings: Settings, session: str, *, go_on: bool, scope: tuple[str, ...]) -> Chat:
    """Return the state that a conversation begins with. Raises UsageError."""
    from alma_agent.errors import UsageError
    from alma_agent.terminal.repl.sessions import may_be_name, new_name
    from alma_agent.terminal.repl.state import Chat
    from toolset.scope import EditScope
    from toolset.workspace import Workspace

    if session and not may_be_name(session):
        raise UsageError("A session's name is short, in one line, and no key. Choose another one.")
    workspace = Workspace.around(Path.cwd())
    state = Chat(workspace, session or new_name(), settings, settings.mode)
    notes = state.sessions.notes()
    if go_on and not notes:
        raise UsageError("There is no conversation here to go on with. Begin one: alma chat.")
    note = notes[0] if go_on else state.sessions.note(session) if session else None
    if note is not None:
        state.session = note.session
        state.recall(note)
    else:
        state.left = state.sessions.cut_off()
    if scope:
        state.scope = EditScope(scope)
    return state
