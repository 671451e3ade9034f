"""Make docs/pictures/session.svg: what alma prints in a real session, in a real pseudo-terminal.

python scripts/recording.py

Nothing in the picture is written by hand but the commands. Ids, dates and seconds are masked, so
that the same product makes the same bytes; a test compares them. The lines appear one after the
other where the viewer animates SVG, and stand there at once where it does not.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pexpect
import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

_ROOT = Path(__file__).resolve().parent.parent
PICTURE = _ROOT / "docs" / "pictures" / "session.svg"
COLUMNS, _ROWS = 100, 300  # rows: more than the session has, so that nothing scrolls or is paged
_PROMPT = "$ "
_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and what is typed when it asks."""

    command: str
    question: str = ""
    answer: str = ""


SESSION = (
    Step(
        'alma memory decide "Say mean, not average" --reasoning "as statistics does"'
        " --file report.py"
    ),
    Step(
        'alma run "rename average_sale to mean_sale" --file report.py'
        ' --check "python -m pytest -q"',
        question=r"Apply this to .*\] ",
        answer="y",
    ),
    Step("alma undo"),
    Step("alma redo"),
    Step("alma log --graph"),
)

# GitHub's page may be light or dark; the window brings a dark ground of its own, for both.
_THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        (72, 79, 88),
        (255, 123, 114),
        (63, 185, 80),
        (210, 153, 34),
        (88, 166, 255),
        (188, 140, 255),
        (57, 197, 207),
        (177, 186, 196),
    ],
    [
        (139, 148, 158),
        (255, 161, 152),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (255, 255, 255),
    ],
)
# rich's own, without its fonts from the network and its name; the lines appear in turn.
_FORMAT = """\
<svg class="rich-terminal" role="img" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{
font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
font-size: {char_height}px; line-height: {line_height}px; font-variant-ligatures: none;
}}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; }}
{styles}
@keyframes appear {{ from {{ opacity: 0; }} to {{ opacity: 1; }} }}
@media (prefers-reduced-motion: no-preference) {{
.{unique_id}-matrix text {{ animation: appear 0.01s both; }}
DELAYS
}}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
_ID, _DAY = "alma", "2026-11-22"
_MASKS = (
    (re.compile(r"\b\d+\.\d s\b"), "0.8 s"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d\b"), f"{_DAY} 09:41"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), _DAY),
)
_SGR = re.compile(r"\x1b\[([\d;]+)m")
_RUN_ID = re.compile(r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{12}\b")
_TYPED_S, _LINE_S, _PAUSE_S = 0.8, 0.06, 1.2  # until a command is typed, a line follows, one reads


def picture() -> str:
    """Return the session as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        lines = _screen("".join(_masked(_told(Path(folder)))))
    return _drawn(lines)


def _told(folder: Path) -> Iterator[str]:
    """Yield what stands in the terminal, command after command."""
    project = folder / "shop"
    left_out = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    shutil.copytree(_ROOT / "fixtures" / "flat", project, ignore=left_out)
    environment = _environment(folder)
    for command in ("git init -q", "git add --all", "git commit -q -m start"):
        subprocess.run(shlex.split(command), cwd=project, env=environment, check=True)
    for step in SESSION:
        yield "\r\n" if step != SESSION[0] else ""
        yield f"\x1b[1;32m{_PROMPT}\x1b[0;1m{step.command}\x1b[0m\r\n"
        yield _output(step, project, environment)


def _output(step: Step, project: Path, environment: Mapping[str, str]) -> str:
    """Return what a command printed, escape sequences and all. Raises if it failed."""
    arguments = shlex.split(step.command)[1:]
    told = io.StringIO()
    child = pexpect.spawn(
        sys.executable,
        ["-m", "alma_agent", *arguments],
        cwd=str(project),
        env=dict(environment),
        dimensions=(_ROWS, COLUMNS),
        timeout=_TIMEOUT_S,
        encoding="utf-8",
    )
    child.logfile_read = told
    if step.question:
        child.expect(step.question)
        child.sendline(step.answer)
    child.expect(pexpect.EOF)
    child.close()
    if child.exitstatus:
        raise SystemExit(f"{step.command}: exit code {child.exitstatus}\n{told.getvalue()}")
    return told.getvalue()


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which nobody's settings change what is printed."""
    mine = ("ALMA_", "OPENAI_", "GIT_", "XDG_", "LC_", "PYTEST", "COV_")
    names = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PAGER", "EDITOR", "VIRTUAL_ENV")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(mine) and name not in names
    }
    who = {
        f"GIT_{role}_{what}": value  # the commit's name stands in the picture
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A"), ("EMAIL", "a@localhost"), ("DATE", f"{_DAY}T09:00Z"))
    }
    return (
        kept
        | who
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(_ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
            "HOME": str(folder),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PROMPT_TOOLKIT_NO_CPR": "1",
        }
    )


def _masked(told: Iterator[str]) -> Iterator[str]:
    """Yield texts without what differs from one session to the next, in the same width."""
    ids: dict[str, str] = {}
    for text in told:
        for pattern, instead in _MASKS:
            text = pattern.sub(instead, text)  # noqa: PLW2901
        yield _RUN_ID.sub(lambda found: ids.setdefault(found[0], _steady_id(len(ids))), text)


def _steady_id(number: int) -> str:
    """Return an id that looks like one, the same each time."""
    return f"{0x3C9EF1EE0E15 + number * 0x24A7D3B91C6F & 0xFFFFFFFFFFFF:012x}"


def _shaded(sequence: re.Match[str]) -> str:
    """Return a sequence of SGR with grey for faint, which pyte does not know."""
    numbers = sequence[1].split(";")
    for place, number in enumerate(numbers):
        if number == "2" and numbers[place - 1] not in ("38", "48"):
            numbers[place] = "90"
    return f"\x1b[{';'.join(numbers)}m"


def _screen(told: str) -> list[Text]:
    """Return what the terminal shows in the end, line by line."""
    screen = pyte.Screen(COLUMNS, _ROWS)
    pyte.Stream(screen).feed(_SGR.sub(_shaded, told))
    lines = [
        _line([screen.buffer[row][column] for column in range(COLUMNS)]) for row in range(_ROWS)
    ]
    while lines and not lines[-1].plain:
        lines.pop()
    if len(lines) >= _ROWS - 1:
        raise SystemExit("The session is longer than the screen: raise _ROWS.")
    return lines


def _line(cells: Sequence[pyte.screens.Char]) -> Text:
    line = Text(no_wrap=True)
    for style, run in groupby(cells, key=_style):
        line.append("".join(cell.data for cell in run), style)
    line.rstrip()
    return line


def _style(cell: pyte.screens.Char) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


def _colour(name: str) -> str | None:
    """Return pyte's name of a colour as rich's."""
    if name == "default":
        return None
    if re.fullmatch(r"[0-9a-f]{6}", name):
        return f"#{name}"
    bright = name.startswith("bright")
    plain = name.removeprefix("bright").replace("brown", "yellow")
    return f"bright_{plain}" if bright else plain


def _drawn(lines: Sequence[Text]) -> str:
    console = Console(
        width=COLUMNS,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        _environ={},
    )
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)
    drawn = console.export_svg(title="alma", theme=_THEME, code_format=_FORMAT, unique_id=_ID)
    drawn = drawn.replace("TITLE", "A session with alma, in a terminal").replace(
        "DELAYS", _delays(lines)
    )
    return "\n".join(line.strip() for line in drawn.splitlines() if line.strip()) + "\n"


def _delays(lines: Sequence[Text]) -> str:
    """Return when each line appears: commands wait until they are read, results come quickly."""
    rules, at = [], 0.0
    for number, line in enumerate(lines):
        is_command = line.plain.startswith(_PROMPT)
        at += (_PAUSE_S if number else 0.0) if is_command else _LINE_S
        if line.plain:
            rules.append(
                f'[clip-path="url(#{_ID}-line-{number})"] {{ animation-delay: {at:.2f}s; }}'
            )
        at += _TYPED_S if is_command else 0.0
    return "\n".join(rules)


if __name__ == "__main__":
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")
    print(PICTURE.relative_to(_ROOT), file=sys.stderr)
