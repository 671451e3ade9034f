"""The door of the command `alma`, and of `python -m alma_agent`."""

from __future__ import annotations

import gc
import sys

from alma_agent.at_once import answer


def main() -> None:
    """Run one command of alma's. Without one: the session on a terminal, else the help."""
    told = answer(sys.argv[1:])
    if told is not None:
        print(told, end="")
        return
    gc.set_threshold(10_000, 20, 20)  # to look for circles at each import takes 5 % of a start
    from alma_agent.interrupts import end_at_once, raise_them

    end_at_once()  # until a command begins; the session hears them itself
    import typer

    from alma_agent.terminal.cli import app
    from alma_agent.terminal.completing import prepare
    from alma_agent.terminal.ending import misused

    prepare()
    is_talk = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    arguments = sys.argv[1:] or (["chat"] if is_talk else [])
    if arguments[:1] == ["chat"]:
        raise_them()
    try:
        code = app(args=arguments, prog_name="alma", standalone_mode=False)
    except typer.TyperException as error:
        code = misused(error, arguments)
    finally:
        raise_them()
        gc.freeze()  # else Python looks for circles three times more before it ends
    sys.exit(code)


if __name__ == "__main__":
    main()
