"""Proposals' folders under `.alma/proposals/`: found, read, written. Nothing in them is believed.

They come with the repository, from whoever could push: no link is followed, no file of another kind
is read, none larger than it may be.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from alma_agent.proposals.artefact import (
    APPROVALS,
    LOGS,
    PROPOSAL,
    ProposalDocument,
    Unreadable,
    decode,
    digest,
)
from alma_agent.proposals.refusals import NoSuchProposal, NotSound
from toolset.workspace import Workspace

HOME = PurePosixPath(".alma/proposals")
_NAME = re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9-]{1,60}-(?P<id>[0-9a-f]{12})\Z")
_LARGEST = 200_000_000  # bytes, of all files; a patch with binary files may be large
_MOST_FILES = 1_000
_ATTRIBUTES = """\
# What stands here is signed byte by byte: git must leave line ends as they are.
* -text -filter -ident
"""
_IGNORE = """\
# Each clone that lands a proposal writes reports of its own: they are nobody else's.
/*/result.json
/*/junit.xml
/*/sarif.json
/*/statement.intoto.json
"""


@dataclass(frozen=True)
class Folder:
    """One proposal's folder, whole, as it was read: file names to bytes, by `/`.

    `place` is where it is on the disk; `inside` where that is in the repository.
    """

    place: Path
    inside: PurePosixPath
    files: Mapping[PurePosixPath, bytes]

    @property
    def id(self) -> str:
        """The id that the folder's name says."""
        return self.place.name[-12:]

    @property
    def sha256(self) -> str:
        """The digest of `proposal.json`: what an approval names. Raises NotSound."""
        return digest(self.data(PROPOSAL))

    def data(self, name: str) -> bytes:
        """Return a file's bytes. Raises NotSound if it is not there."""
        try:
            return self.files[PurePosixPath(name)]
        except KeyError:
            raise NotSound("digests", f"{self.inside} has no {name}.") from None

    def document(self) -> ProposalDocument:
        """Return what `proposal.json` says; nothing in it is compared yet. Raises NotSound."""
        return self._document

    @cached_property
    def _document(self) -> ProposalDocument:
        try:
            read = decode(self.data(PROPOSAL), ProposalDocument)
        except Unreadable as error:
            raise NotSound(
                "schema", f"{self.inside}/{PROPOSAL} is no proposal: {error}."
            ) from error
        if read.id != self.id:
            raise NotSound("schema", f"{self.inside} holds another proposal: {read.id}.")
        return read


def home(workspace: Workspace) -> Path:
    """Return where proposals are, whether or not it exists. Raises PathRefused for a link."""
    return workspace.state_path("proposals")


def names(workspace: Workspace) -> tuple[str, ...]:
    """Return the names of the proposals' folders, the newest last."""
    try:
        found = os.listdir(home(workspace))  # noqa: PTH208
    except FileNotFoundError:
        return ()
    return tuple(sorted(name for name in found if _NAME.fullmatch(name)))


def is_name(name: str) -> bool:
    """Say whether a folder of this name can be a proposal's."""
    return _NAME.fullmatch(name) is not None


def find(workspace: Workspace, wanted: str) -> Folder:
    """Return the folder that an id, its beginning, a folder's name or its path means.

    Raises NoSuchProposal, NotSound.
    """
    name = Path(wanted.rstrip("/")).name if "/" in wanted else wanted
    every = names(workspace)
    fits = [one for one in every if one == name] or [
        one for one in every if len(name) > 1 and one[-12:].startswith(name)
    ]
    if len(fits) != 1:
        several = f"; {len(fits)} begin so: {', '.join(one[-12:] for one in fits)}" if fits else ""
        raise NoSuchProposal(
            "schema",
            f"There is no one proposal {wanted!r} under {HOME}{several}. `alma proposals list` "
            "lists them.",
        )
    return read(workspace, fits[0])


def read(workspace: Workspace, name: str) -> Folder:
    """Read a folder, whole.

    Raises NotSound for what alma does not write: links, devices, other folders, too much.
    """
    place = home(workspace) / name
    inside = HOME / name
    if place.is_symlink():
        raise NotSound("paths", f"{inside} is a link. Remove it.")
    files: dict[PurePosixPath, bytes] = {}
    _read_into(files, place, PurePosixPath(), inside)
    return Folder(place, inside, files)


def write(workspace: Workspace, name: str, files: Mapping[str, bytes]) -> Path:
    """Make a proposal's folder, or put a new revision in its place: whole, or not at all.

    What an older revision had besides stays only if `files` has it. Returns the folder.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    top = workspace.state_folder("proposals")
    for beside, text in ((".gitattributes", _ATTRIBUTES), (".gitignore", _IGNORE)):
        if not os.path.lexists(top / beside):
            (top / beside).write_text(text, encoding="utf-8")
    place = top / name
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=top))
    old = None
    try:
        for file, data in files.items():
            target = fresh / file
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(data)
        _sync(fresh)
        fresh.chmod(0o755)
        if place.exists():
            old = Path(tempfile.mkdtemp(prefix=".old-", dir=top)) / name
            place.rename(old)
        fresh.rename(place)
    except BaseException:
        if old is not None and not place.exists():
            old.rename(place)
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    finally:
        if old is not None:
            shutil.rmtree(old.parent, ignore_errors=True)
    return place


def add(folder: Folder, files: Mapping[str, bytes]) -> None:
    """Put files into a folder that is there, each whole or not at all; those it has are replaced.

    Raises NotSound where a link stands in the way.
    """
    for name, data in files.items():
        target = folder.place / name
        if Path(os.path.realpath(target)) != target:
            raise NotSound("paths", f"{folder.inside}/{name} is a link. Remove it.")
        target.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)


def name_of(created_at: str, goal: str, id: str) -> str:
    """Return the name of a proposal's folder: its day, its goal in letters, its id."""
    slug = re.sub(r"[^a-z0-9]+", "-", goal.lower())[:40].strip("-") or "change"
    return f"{created_at[:10]}-{slug}-{id}"


def _read_into(
    files: dict[PurePosixPath, bytes], place: Path, at: PurePosixPath, inside: PurePosixPath
) -> None:
    try:
        with os.scandir(place) as found:
            entries = sorted(found, key=lambda one: one.name)
    except OSError as error:
        raise NotSound("paths", f"{inside / at} cannot be read: {error.strerror}.") from error
    for entry in entries:
        name = at / entry.name
        if entry.name.startswith("."):  # a file that is being written
            continue
        if entry.is_dir(follow_symlinks=False):
            if str(name) not in (APPROVALS, LOGS):
                raise NotSound("paths", f"{inside / name} is no folder of a proposal.")
            _read_into(files, place / entry.name, name, inside)
            continue
        if len(files) >= _MOST_FILES:
            raise NotSound("paths", f"{inside} holds too many files for a proposal.")
        left = _LARGEST - sum(map(len, files.values()))
        files[name] = _bytes(place / entry.name, inside / name, most=left)


def _bytes(path: Path, inside: PurePosixPath, *, most: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise NotSound("paths", f"{inside} is no file that a proposal holds.")
            data = file.read(most + 1) if status.st_size <= most else None
    except OSError as error:
        raise NotSound("paths", f"{inside} cannot be read: {error.strerror}.") from error
    if data is None or len(data) > most:
        megabytes = _LARGEST // 1_000_000
        raise NotSound("paths", f"{inside} makes its folder larger than {megabytes} MB.")
    return data


def _sync(top: Path) -> None:
    for path in (*top.rglob("*"), top):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
