"""Write `alma_agent/help.txt`: what `alma --help` prints, kept so that it costs no start-up.

python scripts/help_text.py
"""

from __future__ import annotations

from pathlib import Path

from alma_agent.at_once import HELP


def help_text() -> str:
    """Return the help as the commands give it, for a terminal of 80 columns or more."""
    from typer.testing import CliRunner

    from alma_agent.terminal.cli import app

    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["--help"], prog_name="alma").stdout


if __name__ == "__main__":
    Path(HELP).write_text(help_text(), encoding="utf-8")
