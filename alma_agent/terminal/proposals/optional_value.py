"""`--from-diff` with or without a value: typer knows no flag whose value may be left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import typer

from alma_agent.terminal.late import LateCommand

FLAG, WORK_TREE = "--from-diff", "."


class WithOptionalDiff(LateCommand):
    """A command whose `--from-diff` means the work tree if nothing follows it."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        return super().parse_args(ctx, list(completed(args)))


def completed(words: Sequence[str]) -> Iterator[str]:
    """Yield the words of a command line, with the value that a bare `--from-diff` stands for."""
    for number, word in enumerate(words):
        yield word
        if word == "--":
            yield from words[number + 1 :]
            return
        follows = words[number + 1] if number + 1 < len(words) else "--"
        if word == FLAG and follows != "-" and follows.startswith("-"):
            yield WORK_TREE
