"""`--report KIND[=FILE]`: which reports are asked for, and where each goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

IN_FOLDER = ("junit", "sarif", "statement")
"""The kinds that have a name of their own in a proposal's folder."""
KINDS = (*IN_FOLDER, "rdjson", "github", "summary", "text")
_DOCUMENTS = (*IN_FOLDER, "rdjson", "text")
"""The kinds that are a document of their own: nothing else may stand beside one."""

STDOUT = Path("-")

ReportOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="KIND[=FILE]",
        help="Report it, too, as junit, sarif, statement (in-toto), rdjson, github (annotations), "
        "summary (Markdown, for GitHub's step summary) or text; several may be given. FILE - is "
        "standard output.",
    ),
]


@dataclass(frozen=True, slots=True)
class AskedReport:
    """A report that was asked for. `file` None: where its kind goes by itself."""

    kind: str
    file: Path | None = None

    @property
    def takes_stdout(self) -> bool:
        """Say whether it is a document that goes to standard output."""
        if self.kind not in _DOCUMENTS:
            return False
        return self.file == STDOUT or (self.file is None and self.kind not in IN_FOLDER)


def asked_reports(
    given: Iterable[str] | None, *, has_folder: bool, json: bool = False
) -> tuple[AskedReport, ...]:
    """Return what `--report` asks for.

    `has_folder`: there is a proposal's folder to write reports into; `json`: standard output is
    taken. Raises UsageError for what cannot be, before anything is done for it.
    """
    from alma_agent.errors import UsageError
    from alma_agent.terminal.envelope import require_output

    asked = tuple(_read(one) for one in given or ())
    files = [one.file.absolute() for one in asked if one.file and one.file != STDOUT]
    for one in asked:
        if one.file is None and one.kind in IN_FOLDER and not has_folder:
            raise UsageError(
                f"--report {one.kind} has no folder to go to here. Name a file: "
                f"--report {one.kind}=FILE"
            )
        if one.file and one.file != STDOUT:
            require_output(one.file)
            if files.count(one.file.absolute()) > 1:
                raise UsageError(f"Two reports cannot go to {one.file}. Name another file.")
    to_stdout = [one.kind for one in asked if one.takes_stdout]
    if len(to_stdout) + json > 1:
        others = " and ".join([*to_stdout, *(["--json"] if json else [])])
        raise UsageError(
            f"Standard output holds one document, not {others}. Name a file: "
            f"--report {to_stdout[0]}=FILE"
        )
    return asked


def _read(given: str) -> AskedReport:
    from alma_agent.errors import UsageError

    kind, is_named, file = given.partition("=")
    if kind not in KINDS:
        raise UsageError(f"There is no report {kind!r}. There are: {', '.join(KINDS)}.")
    if is_named and not file:
        raise UsageError(f"--report {given} names no file. Leave out the =, or name one.")
    return AskedReport(kind, Path(file) if is_named else None)
