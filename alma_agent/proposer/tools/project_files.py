"""Which files of the project the tools look at, and what a path or a glob names of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from alma_agent.proposer.tools.desk import Desk
from alma_agent.proposer.tools.secret_files import holds_secrets, refuse_secrets
from toolset.draft import Draft
from toolset.errors import FileMissing, NotAFile, NotText, PathRefused
from toolset.globs import ignored
from toolset.workspace import SourceFile

_MOST_BYTES = 5_000_000  # of a file to search: more is data
_GLOB_SIGNS = frozenset("*?[")


def is_glob(text: str) -> bool:
    return not _GLOB_SIGNS.isdisjoint(text)


def project_files(draft: Draft) -> tuple[PurePosixPath, ...]:
    """Return the files as the draft has them, without what `.gitignore` leaves out, git or none."""
    files = draft.files()
    return files if draft.workspace.has_git else _not_ignored(draft, files)


def files_named(desk: Desk, path: str) -> tuple[PurePosixPath, ...]:
    """Return the files that a path names: a file, those of a folder, those that fit a glob.

    Empty names them all. Raises FileMissing or PathRefused if there are none, SecretFile, and as
    `Desk.locate`.
    """
    files, path = project_files(desk.draft), path.strip()
    if is_glob(path) and (found := matching(path, files)):
        return found
    located = desk.locate("" if path == "/" else path)
    if inside := tuple(one for one in files if not located.name or located in one.parents):
        return inside
    try:
        state = desk.draft.state_of(located)
    except NotAFile as error:
        raise PathRefused(located, "holds no file, or only ignored ones.") from error
    if state is None and is_glob(path):
        raise PathRefused(path, "fits no file. list_files shows what there is.")
    if state is None:
        raise FileMissing(located)
    refuse_secrets(located)
    return (located,)


def matching(glob: str, files: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    """Return the files that fit a glob as `.gitignore` writes it; `*.py` fits in every folder.

    None fits a glob that cannot be read.
    """
    spec = ignored([glob.removeprefix("./").lstrip("!#")])
    return tuple(path for path in files if spec.match_file(str(path)))


def texts(draft: Draft, files: Iterable[PurePosixPath]) -> Iterator[SourceFile]:
    """Yield the text files among these; those that hold secrets are passed over."""
    for path in files:
        try:
            if not holds_secrets(path) and not _is_large(draft, path):
                yield draft.read(path)
        except (NotText, PathRefused):
            continue


def _is_large(draft: Draft, path: PurePosixPath) -> bool:
    try:
        return draft.workspace.size_of(path) > _MOST_BYTES
    except FileMissing:  # it is new, and only in the draft
        return False


def _not_ignored(draft: Draft, files: tuple[PurePosixPath, ...]) -> tuple[PurePosixPath, ...]:
    found = [path for path in files if path.name == ".gitignore"]
    specs = {
        source.path.parent: ignored(source.text.splitlines()) for source in texts(draft, found)
    }

    def is_ignored(path: PurePosixPath) -> bool:
        for folder in path.parents:  # the nearest one that says anything is right
            if folder in specs:
                verdict = specs[folder].check_file(str(path.relative_to(folder))).include
                if verdict is not None:
                    return verdict
        return False

    return tuple(path for path in files if not is_ignored(path)) if specs else files
