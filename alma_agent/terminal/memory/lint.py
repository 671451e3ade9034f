"""`alma memory lint`: can the exported memories be read, and do their files agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.terminal.ending import ending

_SHOWN = 200  # a folder of tens of thousands of files may be broken in all of them


class MemoryLintResult(TypedDict):
    """`alma memory lint`: the folders that were read, and all that is wrong in them.

    `problems` are `file:line: what is wrong`. `edited` are pages that somebody edited by hand and
    no import has heard of: that is no mistake.
    """

    folders: list[str]
    memories: int
    forgotten: int
    problems: list[str]
    edited: list[str]


@ending
def memory_lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH", help="Folders of exported memories, or files in them; .alma/memories."
        ),
    ] = None,
) -> int:
    """Check that exported memories can be read, and that their files agree.

    Reads files only: no ledger, no model. The exit code is 1 if something is wrong.
    """
    from alma_agent.terminal.consoles import manner, tell

    found = _looked_at(_folders(paths or ()))
    tell(found, *_lines(found))
    if not found["problems"]:
        return ExitCode.DONE
    manner.reason = found["problems"][0]
    return ExitCode.FAILED


def _looked_at(folders: Sequence[Path]) -> MemoryLintResult:
    from alma_agent.memory.exchange import SharedFilesRefused
    from alma_agent.memory.exchange.agreeing import disagreements, edited_by_hand
    from alma_agent.memory.exchange.loading import load

    told = MemoryLintResult(folders=[], memories=0, forgotten=0, problems=[], edited=[])
    for folder in folders:
        shown = _shown(folder)
        told["folders"].append(str(shown))
        try:
            shared = load(folder)
        except SharedFilesRefused as error:
            told["problems"] += [_placed(shown, one) for one in error.problems]
            continue
        told["memories"] += sum(1 for _ in shared)
        told["forgotten"] += len(shared.forgotten)
        if folder.is_dir():  # one file alone has nothing to agree with
            told["problems"] += [_placed(shown, one) for one in disagreements(shared)]
            told["edited"] += [str(shown / path) for path in edited_by_hand(shared)]
    return told


def _folders(paths: Iterable[Path]) -> list[Path]:
    """Return what to read, each once; of a file in `.alma/memories`, the whole: files must agree.

    Raises UsageError for a path that is not there, PathRefused for a link in alma's own folder.
    """
    from alma_agent.memory.forgetting import SHARED_FOLDER
    from toolset.workspace import STATE_FOLDER, Workspace

    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise UsageError(f"{path} is not there. Name a folder of exported memories, or a file.")
        whole = path.parent.resolve() / path.name
        homes = (one for one in whole.parents if one.parts[-2:] == (STATE_FOLDER, SHARED_FOLDER))
        found[next(homes, whole)] = None
    if not paths:
        home = Workspace.around(Path.cwd()).state_path(SHARED_FOLDER)
        if home.is_dir():
            found[home] = None
    return list(found)


def _shown(folder: Path) -> Path:
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _placed(shown: Path, problem: str) -> str:
    """Return a complaint with its file as the caller names it."""
    return f"{shown.parent if shown.is_file() else shown}/{problem}"


def _lines(found: MemoryLintResult) -> list[str]:
    if not found["folders"]:
        return ["No memories were exported here."]
    problems = found["problems"]
    lines = problems[:_SHOWN]
    if len(problems) > _SHOWN:
        lines.append(f"and {len(problems) - _SHOWN} more")
    lines += [
        f"{page}: edited by hand; alma memory import takes it over" for page in found["edited"]
    ]
    counted = f"{found['memories']} memories, {found['forgotten']} forgotten"
    end = f"{len(problems)} things are wrong." if problems else "nothing is wrong."
    return [*lines, f"{', '.join(found['folders'])}: {counted}; {end}"]
