"""What the commit of a landed proposal says: its author, its message, its trailers.

All of it follows from the proposal and from who reviewed it, so that `verify` can say it again. A
goal is the proposer's words: no line of it can be read as a trailer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from alma_agent.proposals.artefact import Person, ProposalDocument
from alma_agent.proposals.integrity import when
from toolset import trees as git_trees

TRAILER = "Alma-Proposal"

_ALMA = Person("alma", "alma@localhost")
_CRUD = "".join(map(chr, range(33))) + ".,:;<>\"\\'"
"""What git takes off both ends of a name."""
_NAMED = re.compile(r"(?P<id>[0-9a-f]{12}) sha256:(?P<sha256>[0-9a-f]{64})")
_ID = re.compile(r"[0-9a-f]{12}")
_REVIEWED = "Reviewed-by"


def message_of(document: ProposalDocument, sha256: str, reviewers: Iterable[Person]) -> str:
    """Return a commit's message: the goal, what made the change, what was approved, by whom."""
    subject, *more = [_plain(line) for line in document.goal.strip().splitlines()]
    subject = subject.strip() or "Change"
    body = "\n".join(f"  {line}".rstrip() for line in more).strip("\n")
    trailers = [
        *([f"Assisted-by: {by}"] if (by := _assistant(document)) else []),
        f"{TRAILER}: {document.id} sha256:{sha256}",
        *dict.fromkeys(f"{_REVIEWED}: {_told(one)}" for one in reviewers),
    ]
    return "\n\n".join(part for part in (subject, body, "\n".join(trailers)) if part) + "\n"


def author_of(document: ProposalDocument) -> git_trees.Person:
    """Return the proposer as the author of a commit, at the time of the proposal."""
    return _at(document.author, when(document.created_at))


def committer_of(person: git_trees.Person | None, now: datetime) -> git_trees.Person:
    """Return who lands it: who the user is to git, else alma."""
    who = Person(person.name, person.email) if person else _ALMA
    return _at(who, now)


def named_in(message: str) -> tuple[str, str] | None:
    """Return the id and digest that a commit's trailer names; None: it names no one proposal."""
    named = [value for key, value in _trailers(message) if key == TRAILER]
    found = _NAMED.fullmatch(named[0]) if len(named) == 1 else None
    return (found["id"], found["sha256"]) if found else None


def id_alone_in(message: str) -> str:
    """Return the id that a trailer names without a digest, as in the patch; empty: it does not."""
    named = [value for key, value in _trailers(message) if key == TRAILER]
    return named[0] if len(named) == 1 and _ID.fullmatch(named[0]) else ""


def claims(message: str) -> bool:
    """Say whether a commit says of itself that it is a proposal."""
    return any(key == TRAILER for key, _ in _trailers(message))


def reviewers_in(message: str, among: Iterable[Person]) -> tuple[Person, ...]:
    """Return those of `among` whom a commit's trailers name, in the trailers' order."""
    told = {_told(one): one for one in among}
    named = (value for key, value in _trailers(message) if key == _REVIEWED)
    return tuple(told[value] for value in named if value in told)


def reviewer_count(message: str) -> int:
    """Return how many reviewers a commit's trailers name."""
    return sum(key == _REVIEWED for key, _ in _trailers(message))


def name_to_git(name: str) -> str:
    """Return a name as git writes it into a commit."""
    return re.sub(r"[\n\r\0<>]", "", _plain(name)).strip(_CRUD)


def _trailers(message: str) -> list[tuple[str, str]]:
    last = message.rstrip("\n").rpartition("\n\n")[2].split("\n")
    pairs = (line.partition(": ") for line in last)
    return [(key, value) for key, colon, value in pairs if colon]


def _assistant(document: ProposalDocument) -> str:
    if document.origin == "diff":
        return _plain(document.agent).strip()
    if document.origin == "refactoring":
        return "alma:refactor"
    return f"alma:{_plain(document.model or 'model').strip()}"


def _at(person: Person, moment: datetime) -> git_trees.Person:
    email = name_to_git(person.email)
    name = name_to_git(person.name) or email or "unknown"
    return git_trees.Person(name, email, f"@{int(moment.timestamp())} {moment:%z}")


def _told(person: Person) -> str:
    email = name_to_git(person.email)
    return f"{name_to_git(person.name) or email} <{email}>"


def _plain(text: str) -> str:
    """Return a text as one line that no terminal and no log reads as anything else."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
