"""The console blocks of a page, carried out on a terminal and compared with what the page shows.

A command stands behind `$ `; what is typed at a question or in a session stands behind it, as on
the screen. On the page, `…` stands for any text, and on a line of its own for any lines. Ids, times
and sizes differ from run to run: an id that the page shows stands for the one that alma gave.

    python -m tests.docs.console docs/tutorial.md    # writes what the commands really print
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.terminal.screens import ENTER, Terminal

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_ASKED = re.compile(r"(?P<asked>.*\? \[[^\]]+\] |(?:ask|auto-edit|plan)> )(?P<typed>.*)")
_ID = r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])(?:[0-9a-f]{12}|[0-9a-f]{7,8})\b"
_CHANGING = re.compile(
    rf"(?P<id>{_ID})"
    r"|(?P<cut>…)"
    r"|(?P<date>\d{4}-\d\d-\d\d)|(?P<time>\b\d\d:\d\d\b)|(?P<session>chat-\d{8}-\d{4}-\w{4})"
    r"|(?P<version>(?<=\balma )\d+\.\d+\.\d+\b)"
    r"|(?P<number>\b\d+(?:\.\d+)?(?= (?:s|ms|KiB|MiB)\b)|[+-]?\d+\.\d\d\b)"
)
_PATTERNS = {
    "cut": ".*",
    "date": r"\d{4}-\d\d-\d\d",
    "time": r"\d\d:\d\d",
    "number": r"[+-]?\d+(?:\.\d+)?",
}
_HOME = "/home/you"
_COLUMNS, _ROWS = 100, 200


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page, and the lines that it prints there, with what is typed in them."""

    command: str
    lines: tuple[str, ...]


def steps_of(page: str) -> list[Step]:
    """Return the commands of a page's console blocks, in their order."""
    found: list[Step] = []
    for block in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.rstrip("\n").split("\n")
            found.append(Step(command, tuple(lines)))
    return found


class Session:
    """A shell of somebody who follows a page: in a checkout of alma, or already in `sales`."""

    def __init__(self, folder: Path, *, in_project: bool) -> None:
        self._ids: dict[str, str] = {}
        self.exit_code = 0
        self._place = folder / "alma"
        self._where = folder / ".where"
        shutil.copytree(
            ROOT / "fixtures", self._place / "fixtures", ignore=shutil.ignore_patterns("__py*")
        )
        self._environment = {
            **{name: "" for name in os.environ if name.startswith(("ALMA_", "OPENAI_", "XDG_"))},
            "HOME": str(folder.resolve()),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            **{
                f"GIT_{role}_{what}": said
                for role in ("AUTHOR", "COMMITTER")
                for what, said in (("NAME", "you"), ("EMAIL", "you@localhost"))
            },
            "PYTEST_ADDOPTS": "",
        }
        if in_project:
            for step in steps_of((ROOT / "docs" / "tutorial.md").read_text())[:2]:
                self.prints(step)

    def prints(self, step: Step) -> list[str]:
        """Carry out a command, typing what the page types; return the lines on the screen."""
        command = re.sub(_ID, lambda found: self._ids.get(found[0], found[0]), step.command)
        script = f"(exit {self.exit_code})\n{command}\ncode=$?; pwd > '{self._where}'; exit $code"
        terminal = Terminal(
            ["bash", "-c", script],
            folder=self._place,
            environment=self._environment,
            columns=_COLUMNS,
            rows=_ROWS,
        )
        terminal._program.setecho(True)  # as a shell leaves it
        try:
            for asked, typed in _typed(step):
                _wait_for(terminal, asked)
                terminal.type(typed + ENTER)
                _wait_for(terminal, f"{asked} {typed}"[:_COLUMNS])
            self.exit_code = terminal.ends(seconds=30)
        finally:
            terminal.close()
        self._place = Path(self._where.read_text().strip())
        lines = terminal.text.split("\n") if terminal.text else []
        return [line.replace(self._environment["HOME"], _HOME) for line in lines]

    def differs(self, step: Step, printed: list[str]) -> bool:
        """Say whether the page shows something else; remember the ids that it shows."""
        groups: dict[str, str] = {}
        pattern = "".join(
            r"(?:.*\n)*?" if line.strip() == "…" else self._pattern(line.rstrip(), groups) + r"\n"
            for line in step.lines
        )
        found = re.fullmatch(pattern, "".join(f"{line}\n" for line in printed))
        if found:
            self._ids |= {id_: found[name] for id_, name in groups.items()}
        return found is None

    def as_on_page(self, line: str) -> str:
        """Return a printed line with the ids that the page has for those of this session."""
        for shown, given in self._ids.items():
            line = line.replace(given, shown)
        return line

    def _pattern(self, line: str, groups: dict[str, str]) -> str:
        def changing(found: re.Match[str]) -> str:
            if found.lastgroup != "id":
                return _PATTERNS.get(found.lastgroup or "", r"\S+")
            shown = found[0]
            if shown in self._ids:
                return re.escape(self._ids[shown])
            if shown in groups:
                return f"(?P={groups[shown]})"
            groups[shown] = f"id{len(self._ids)}_{len(groups)}"
            return rf"(?P<{groups[shown]}>[0-9a-f]{{{len(shown)}}})"

        parts, at = [], 0
        for found in _CHANGING.finditer(line):
            parts += [re.escape(line[at : found.start()]), changing(found)]
            at = found.end()
        return "".join([*parts, re.escape(line[at:])])


def _typed(step: Step) -> Iterator[tuple[str, str]]:
    for line in step.lines:
        if found := _ASKED.fullmatch(line):
            yield found["asked"].strip(), found["typed"]


def _wait_for(terminal: Terminal, line: str) -> None:
    """Wait until a line stands on the screen, such as a question that nobody has answered."""
    for _ in range(400):
        if line.strip() in (one.strip() for one in terminal.lines):
            return
        terminal.settles(0.05)
    raise AssertionError(f"The screen does not show {line!r}:\n{terminal.text}")


def session_for(path: Path, folder: Path) -> Session:
    """Return the shell in which a page is followed; how-to pages begin where the tutorial does."""
    return Session(folder, in_project=path.name != "tutorial.md")


def _rewritten(page: str, session: Session) -> str:
    """Return a page with what its commands really print, where it shows something else."""

    def block(found: re.Match[str]) -> str:
        text = ""
        for step in steps_of(f"```console\n{found[0]}```\n"):
            try:
                printed = session.prints(step)
            except AssertionError as error:  # what the screen shows says why
                printed = str(error).split("\n")
            differs = session.differs(step, printed)
            lines = map(session.as_on_page, printed) if differs else step.lines
            text += "".join(f"{line}\n" for line in (f"$ {step.command}", *lines))
        return text

    return _BLOCK.sub(block, page)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as made:
            path.write_text(_rewritten(path.read_text(), session_for(path, Path(made))))
