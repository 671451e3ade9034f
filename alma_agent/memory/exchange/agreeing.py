"""Do the files of a folder of shared memories agree with each other? Pure: nothing is read here.

A page that was edited by hand is no disagreement: it is one version more, whoever reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from alma_agent.memory.exchange.folder import complaint_at
from alma_agent.memory.exchange.importing import broken_chain
from alma_agent.memory.exchange.lines import spelt_out
from alma_agent.memory.exchange.loading import Shared


def disagreements(shared: Shared) -> Iterator[str]:
    """Yield what one file says against another, each as `file: what is wrong and what to do`."""
    for id_ in sorted(shared.forgotten):
        told = spelt_out(id_)
        if page := shared.pages.get(id_):
            yield complaint_at(
                page.path, f"{told} was forgotten, and its page is still here. Remove the page."
            )
        if id_ in shared.histories:
            yield (
                f"{_line_of(shared, id_)}: {told} was forgotten, and its line is still here. "
                "Remove the line."
            )
    for id_ in sorted(shared.histories.keys() - shared.pages.keys() - shared.forgotten):
        yield (
            f"{_line_of(shared, id_)}: {spelt_out(id_)} has no page, so nobody sees it, and it is "
            f"read all the same. Bring the page back, or: alma memory forget {spelt_out(id_)}"
        )
    standing = {id_: shared.history(id_).current for id_ in shared}
    for id_, memory in standing.items():
        if what := broken_chain(memory, standing):
            yield f"{_line_of(shared, id_)}: {spelt_out(what)}."


def edited_by_hand(shared: Shared) -> tuple[PurePosixPath, ...]:
    """Return the pages that say what no line says yet: the next import takes them over."""
    kept = shared.histories.keys() & shared.pages.keys() - shared.forgotten
    return tuple(
        sorted(
            shared.pages[id_].path
            for id_ in kept
            if shared.history(id_).versions != shared.histories[id_].versions
        )
    )


def _line_of(shared: Shared, id: str) -> str:
    return spelt_out(shared.places[id])
