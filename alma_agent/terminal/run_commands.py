"""`alma run` and `alma resume`: from flags to settings."""

from __future__ import annotations

from typing import Annotated

import typer

from alma_agent.terminal import run_options as opt
from alma_agent.terminal.completing import paused_ids
from alma_agent.terminal.ending import ending


@ending
async def run(
    goal: Annotated[
        str,
        typer.Argument(
            help='What to do, such as "rename load to read_csv"; - reads it from standard input.'
        ),
    ],
    file: opt.FileOption = None,
    scope: opt.ScopeOption = None,
    mode: opt.ModeOption = opt.MODE,
    ask_before: opt.AskBeforeOption = None,
    agents: opt.AgentsOption = opt.AGENTS,
    architect_model: opt.ArchitectOption = None,
    check: opt.CheckOption = None,
    no_check: opt.NoCheckOption = False,
    check_timeout: opt.CheckTimeoutOption = opt.CHECK_TIMEOUT,
    check_network: opt.CheckNetworkOption = opt.CHECK_NETWORK,
    lint: opt.LintOption = opt.LINT,
    yes: opt.YesOption = False,
    accept: opt.AcceptOption = opt.ACCEPT,
    dry_run: opt.DryRunOption = False,
    exit_code: opt.ExitCodeOption = False,
    model: opt.ModelOption = None,
    api: opt.ApiOption = opt.API,
    stream: opt.StreamOption = None,
    session: opt.SessionOption = opt.SESSION,
    max_turns: opt.MaxTurnsOption = opt.MAX_TURNS,
    max_seconds: opt.MaxSecondsOption = opt.MAX_SECONDS,
    max_tokens: opt.MaxTokensOption = None,
    max_usd: opt.MaxUsdOption = None,
) -> int:
    """Carry out one task: propose, check, show, ask, apply, remember.

    Exit codes: 0 done or nothing to do, 1 refused or failed, 2 wrong command, 3 needs a person,
    4 no model, 5 the check failed, 6 files changed meanwhile, 7 already there, 8 out of scope or a
    path that alma does not touch, 9 limit reached.
    """
    from alma_agent.terminal.status import first_sign

    first_sign()
    from alma_agent.config import Settings, command, model_choice
    from alma_agent.records import Limits
    from alma_agent.terminal import running
    from alma_agent.terminal.configured import require_known_check
    from alma_agent.terminal.consoles import on_terminal
    from alma_agent.terminal.standard_input import text_or_input
    from toolset.scope import EditScope

    require_known_check(check=check, no_check=no_check, yes=yes)
    streams = on_terminal() if stream is None else stream
    settings = Settings(
        model=model_choice(model, api=api.value, stream=streams),
        architect=model_choice(architect_model, stream=streams) if architect_model else None,
        agents=agents,
        mode=mode.value,
        ask_before=frozenset(ask_before or ()),
        session=session,
        scope=EditScope(tuple(scope or ())),
        limits=Limits(turns=max_turns, seconds=max_seconds, tokens=max_tokens, usd=max_usd),
        check=() if no_check else command(check),
        check_timeout_s=check_timeout,
        check_network=check_network,
        assume_yes=yes,
        accept=accept.value,
        lint=lint,
    )
    return await running.run_task(
        text_or_input(goal, what="the goal"),
        file,
        settings,
        dry_run=dry_run,
        exit_code=exit_code,
    )


@ending
async def resume(
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Which paused run; the newest if empty.", autocompletion=paused_ids
        ),
    ] = "",
    show: Annotated[bool, typer.Option("--list", help="Only list the paused runs.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Forget it, with its draft.")] = False,
    as_it_is: Annotated[
        bool, typer.Option("--apply", help="Ask no model: review the draft as it is.")
    ] = False,
    approve: Annotated[
        bool | None,
        typer.Option("--approve/--reject", help="The answer to the calls that wait for a yes."),
    ] = None,
    yes: opt.YesOption = False,
    model: opt.ModelOption = None,
    api: opt.ApiOption = opt.API,
    stream: opt.StreamOption = None,
    max_turns: opt.MaxTurnsOption = opt.MAX_TURNS,
    max_seconds: opt.MaxSecondsOption = opt.MAX_SECONDS,
    max_tokens: opt.MaxTokensOption = None,
    max_usd: opt.MaxUsdOption = None,
) -> int:
    """Go on with a run that stopped half way.

    It stopped at a limit, at a question, because the model was not there, or somebody stopped it.
    """
    from alma_agent.terminal import resuming
    from alma_agent.terminal.consoles import on_terminal

    if show:
        return await resuming.list_paused()
    if drop:
        return await resuming.drop_paused(id)
    streams = on_terminal() if stream is None else stream
    said = {"turns": max_turns, "seconds": max_seconds, "tokens": max_tokens, "usd": max_usd}
    settings = resuming.ResumeSettings(
        model=model,
        api=api.value,
        stream=streams,
        limits={name: value for name, value in said.items() if value is not None},
        assume_yes=yes,
    )
    return await resuming.resume_run(id, settings, as_it_is=as_it_is, approve=approve)
