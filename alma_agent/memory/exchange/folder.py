"""A folder of shared memories: its files' names, and what they say, read with suspicion.

Whoever can send a change to the repository can write here: links are not followed, sizes are
limited, and every complaint names file and line.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path, PurePosixPath

from alma_agent.errors import UsageError
from alma_agent.memory.exchange.history import History
from alma_agent.memory.exchange.lines import spelt_out
from alma_agent.remembered import MemoryKind

ATTRIBUTES = PurePosixPath(".gitattributes")
LINES = PurePosixPath("jsonl")
PAGES: dict[MemoryKind, PurePosixPath] = {
    "decision": PurePosixPath("decisions"),
    "fact": PurePosixPath("facts"),
    "interaction": PurePosixPath("interactions"),
    "lesson": PurePosixPath("lessons"),
    "preference": PurePosixPath("preferences"),
    "summary": PurePosixPath("summaries"),
}
_MOST_BYTES = 16 * 2**20  # a file
_MOST_BYTES_IN_ALL = 256 * 2**20
_MOST_FILES = 50_000
_MOST_SHOWN = 10
_MOST_OF_A_TITLE = 48
_OWN_ID = re.compile(r"[0-9a-z]{1,32}")
_MARKS_IN_LINES = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?$")
_MARKS_IN_PAGES = re.compile(r"^<{7} .*?^={7}$.*?^>{7} ", re.MULTILINE | re.DOTALL)


class SharedFilesRefused(UsageError):
    """Files of shared memories that cannot be taken as they are; nothing was changed.

    `problems` are `file:line: what is wrong`.
    """

    def __init__(self, folder: Path, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        shown = [f"  {one}" for one in self.problems[:_MOST_SHOWN]]
        if len(self.problems) > _MOST_SHOWN:
            shown.append(f"  and {len(self.problems) - _MOST_SHOWN} more")
        super().__init__(
            "\n".join([f"{folder}: cannot be used as it is. Nothing was changed.", *shown])
        )


def lines_file(id: str) -> PurePosixPath:
    """Return which file has a memory's line.

    One of 4,096: two people seldom meet in one, even where a site merges without `merge=union`.
    """
    return LINES / f"{_digest(id)[:3]}.jsonl"


def page_file(history: History) -> PurePosixPath:
    """Return the name of a memory's page, which edits do not change: date, first words, id."""
    first = history.versions[0].memory
    id_ = history.id if _OWN_ID.fullmatch(history.id) else _digest(history.id)[:16]
    parts = [f"{first.at.astimezone(UTC):%Y-%m-%d}", _title(first.text), id_]
    return PAGES[history.current.kind] / f"{'-'.join(filter(None, parts))}.md"


def is_lines_file(path: PurePosixPath) -> bool:
    return path.suffix == ".jsonl" and path.parent == LINES


def is_page_file(path: PurePosixPath) -> bool:
    return path.suffix == ".md" and path.parent in PAGES.values()


def shared_texts(folder: Path) -> dict[PurePosixPath, str]:
    """Return the files of shared memories in a folder, or the one named, without BOM or CR.

    Other files are left alone. Raises SharedFilesRefused for links, odd files, what is not UTF-8,
    too much of anything, and merges that nobody finished.
    """
    texts: dict[PurePosixPath, str] = {}
    problems: list[str] = []
    left = _MOST_BYTES_IN_ALL
    for path, file in _files(folder):
        try:
            if len(texts) >= _MOST_FILES or left <= 0:
                raise _Complaint("is one file too many: this is no folder of shared memories")
            data = _bytes_of(file)
            left -= len(data)
            texts[path] = _text_of(data)
            _require_merged(path, texts[path])
        except _Complaint as complaint:
            problems.append(complaint_at(path, complaint, complaint.line))
            if len(problems) > _MOST_FILES or left <= 0:
                break
    if problems:
        raise SharedFilesRefused(folder, problems)
    return texts


def complaint_at(path: PurePosixPath, what: object, line: int = 0) -> str:
    """Return a complaint with where it belongs; `line` counts from 1."""
    return f"{spelt_out(str(path))}:{line}: {what}" if line else f"{spelt_out(str(path))}: {what}"


class _Complaint(Exception):
    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line


def _files(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield the files of shared memories, and links and odd things that have their names."""
    if not folder.exists():
        raise UsageError(f"{folder} is not there. alma memory export makes it.")
    if not folder.is_dir():
        yield PurePosixPath(folder.name), folder
        return
    for inside in (LINES, *PAGES.values()):
        home = folder / inside
        if home.is_symlink():
            yield inside, home
        elif home.is_dir():
            for name in sorted(os.listdir(home)):  # noqa: PTH208 - names, not paths
                path = inside / name
                if is_lines_file(path) or is_page_file(path):
                    yield path, home / name


def _bytes_of(file: Path) -> bytes:
    try:
        # Without waiting: somebody may have put a pipe here.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if file.is_symlink():
            raise _Complaint("is a link; links are not followed. Remove it") from error
        raise _Complaint(f"cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _Complaint("is no regular file. Remove it")
        data = opened.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise _Complaint(f"is larger than {_MOST_BYTES // 2**20} MiB. Remove it")
    return data


def _text_of(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Complaint("is not UTF-8. Save it as UTF-8", line) from error
    if "\r" in text and text.count("\r\n") == text.count("\n"):  # git's autocrlf
        text = text.replace("\r\n", "\n")
    return text


def _require_merged(path: PurePosixPath, text: str) -> None:
    if path.suffix == ".md":
        found = _MARKS_IN_PAGES.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 0
    else:
        marked = (
            number
            for number, one in enumerate(text.split("\n"), 1)
            if _MARKS_IN_LINES.fullmatch(one)
        )
        line = next(marked, 0)
    if line:
        raise _Complaint(
            "a merge was begun here and not finished. In a .jsonl, keep the lines of both sides "
            "and delete the marks; in a .md, choose",
            line,
        )


def _title(text: str) -> str:
    """Return the first words of a text as they can stand in a file's name anywhere."""
    plain = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode().lower()
    title = ""
    for word in re.findall(r"[a-z0-9]+", plain):
        if len(title) + len(word) >= _MOST_OF_A_TITLE:
            break
        title = f"{title}-{word}" if title else word
    return title


def _digest(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "replace")).hexdigest()
