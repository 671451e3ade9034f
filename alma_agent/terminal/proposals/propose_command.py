"""`alma propose`: from flags to settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alma_agent.terminal import run_options as opt
from alma_agent.terminal.ending import ending
from alma_agent.terminal.proposals.propose_documents import ProposeResult

__all__ = ["ProposeResult", "propose"]

BaseOption = Annotated[
    str, typer.Option("--base", metavar="REV", help="The commit that it is made over.")
]
NoteOption = Annotated[
    list[str] | None, typer.Option("--note", help="What a reviewer should see, too.")
]
MemoryOption = Annotated[
    Path | None,
    typer.Option(
        "--memory",
        metavar="FOLDER",
        help="Take memories from exported files, and leave the ledger alone; where there is no "
        "ledger, from .alma/memories.",
    ),
]


@ending
async def propose(  # noqa: PLR0917 - typer makes flags of them
    goal: Annotated[
        str,
        typer.Argument(
            help='What to do, such as "rename load to read_csv"; with --from-diff, what it is for. '
            "- reads it from standard input.",
            show_default=False,
        ),
    ] = "",
    from_diff: Annotated[
        str | None,
        typer.Option(
            "--from-diff",
            metavar="[REV|-]",
            help="Propose what somebody changed already: what is not committed; what the commit "
            "REV has over the base, or B over A in A..B; with -, a patch on standard input.",
        ),
    ] = None,
    base: BaseOption = "HEAD",
    note: NoteOption = None,
    agent: Annotated[
        str, typer.Option("--agent", help="With --from-diff: who made the change, if no person.")
    ] = "",
    memory: MemoryOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Make it and check it, write nothing.")
    ] = False,
    file: opt.FileOption = None,
    scope: opt.ScopeOption = None,
    check: opt.CheckOption = None,
    no_check: opt.NoCheckOption = False,
    check_timeout: opt.CheckTimeoutOption = opt.CHECK_TIMEOUT,
    check_network: opt.CheckNetworkOption = opt.CHECK_NETWORK,
    lint: opt.LintOption = opt.LINT,
    agents: opt.AgentsOption = opt.AGENTS,
    architect_model: opt.ArchitectOption = None,
    model: opt.ModelOption = None,
    api: opt.ApiOption = opt.API,
    stream: opt.StreamOption = None,
    max_turns: opt.MaxTurnsOption = opt.MAX_TURNS,
    max_seconds: opt.MaxSecondsOption = opt.MAX_SECONDS,
    max_tokens: opt.MaxTokensOption = None,
    max_usd: opt.MaxUsdOption = None,
) -> int:
    """Make a change for others to review; your files are not touched.

    It goes into a folder under .alma/proposals/: commit that, or review it here, then land it with
    alma apply.

    Exit codes: 0 proposed or nothing to do, 2 wrong command, 3 needs a person, 4 no model, 5 the
    check failed, 7 it meets other changes at the base, 8 out of scope, 9 limit reached.
    """
    from alma_agent.terminal.proposals.ground import ground

    over = ground(base)
    if from_diff is None:
        from alma_agent.terminal.status import first_sign

        first_sign()
    from alma_agent.config import Settings, command, model_choice
    from alma_agent.records import Limits
    from alma_agent.terminal.consoles import on_terminal
    from alma_agent.terminal.proposals import proposing
    from alma_agent.terminal.standard_input import text_or_input
    from toolset.scope import EditScope

    checks = () if no_check else command(check)
    proposing.require_sense(goal, from_diff, agent, file, checks)
    streams = on_terminal() if stream is None else stream
    is_diff = from_diff is not None
    settings = Settings(
        model=None if is_diff else model_choice(model, api=api.value, stream=streams),
        architect=model_choice(architect_model, stream=streams) if architect_model else None,
        agents=agents,
        scope=EditScope(tuple(scope or ())),
        limits=Limits(turns=max_turns, seconds=max_seconds, tokens=max_tokens, usd=max_usd),
        check=checks,
        check_timeout_s=check_timeout,
        check_network=check_network,
        lint=lint,
    )
    said = text_or_input(goal, what="the goal")
    wish = proposing.Wish(settings, tuple(note or ()), memory, dry_run)
    if from_diff is not None:
        return await proposing.propose_difference(from_diff, said, agent, over, wish)
    from alma_agent.terminal.proposals.goals import propose_goal

    return await propose_goal(said, file, over, wish)
