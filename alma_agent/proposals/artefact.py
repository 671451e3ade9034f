"""What a proposal's folder holds, as values: `proposal.json`, an approval, what became of it.

Each has one form in bytes, which is what digests and signatures are about: JSON with sorted keys,
one a line, UTF-8, a line end at the end. Whatever reads otherwise is refused, and so is a key that
this alma does not know: what nobody reads cannot have been reviewed.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

VERSION = 1

PROPOSAL, APPROVALS, LOGS = "proposal.json", "approvals", "logs"
RESULT, JUNIT, SARIF, STATEMENT = "result.json", "junit.xml", "sarif.json", "statement.intoto.json"

ObjectId = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{12}\Z")]
FileName = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,120}\Z")]
Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]
Mode = Literal["100644", "100755"]
Origin = Literal["refactoring", "model", "diff"]
Decision = Literal["approved", "rejected"]


class _Told(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value that stands in a file."""


class Person(_Told, frozen=True):
    """Who somebody is to git."""

    name: str
    email: str


class Base(_Told, frozen=True):
    """What the change was made over."""

    commit: ObjectId
    tree: ObjectId


class Blob(_Told, frozen=True):
    """A file's content and mode, as git has them."""

    blob: ObjectId
    mode: Mode


class ChangedFile(_Told, frozen=True):
    """One path before and after; None where there is no file. A renamed file goes and comes."""

    path: str
    base: Blob | None
    result: Blob | None
    moved_from: str | None = None


class Attached(_Told, frozen=True):
    """A file of the folder, and the digest of its bytes."""

    file: FileName
    sha256: Sha256


class Step(_Told, frozen=True):
    """One exact refactoring: its name on the command line, and what it was asked."""

    refactoring: str
    arguments: dict[str, Any]


class UsedMemory(_Told, frozen=True):
    """A memory that the proposer was told, as it was told, and the digest of that text."""

    id: str
    kind: str
    text: str
    sha256: Sha256


class Check(_Told, frozen=True):
    """A check as it was run over the result tree. `exit_code` None: it ran past its time limit.

    `log` is what it said, shortened, in the folder `logs`.
    """

    argv: list[str]
    exit_code: int | None
    seconds: float
    network: str
    log: Attached


class Note(_Told, frozen=True):
    """What a reviewer should see besides the difference. `line` counts from 1; 0: the whole."""

    path: str
    line: int
    text: str


class Evidence(_Told, frozen=True):
    """What vouches for an exact refactoring: `level` is `proven` or `likely`."""

    level: str
    summary: str
    leftovers: list[Note]


class Cost(_Told, frozen=True):
    """What the proposal took from a model. `usd` None: nobody knows the price."""

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: str | None = "0"


class ProposalDocument(_Told, frozen=True):
    """`proposal.json`: a change, and all that a reviewer is to know of it.

    `revision` counts from 1; `supersedes` is the digest of the revision before. `author` proposed
    it. `agent` is who made the change: alma with its version, or whoever a diff names; `model` is
    None where none was asked. `scope` are globs of what may be changed at all.
    """

    version: Literal[1]
    id: Id
    revision: Annotated[int, Meta(ge=1)]
    supersedes: Sha256 | None
    created_at: Moment
    author: Person
    goal: str
    rationale: str
    origin: Origin
    agent: str
    model: str | None
    base: Base
    result_tree: ObjectId
    patch: Attached
    files: Annotated[list[ChangedFile], Meta(min_length=1)]
    scope: list[str]
    recipe: list[Step] | None
    evidence: Evidence | None
    checks: list[Check]
    memories: list[UsedMemory]
    notes: list[Note]
    cost: Cost


class ApprovalDocument(_Told, frozen=True):
    """A person's decision on one revision of one proposal, named by its digest.

    Its signature, if there is one, is over the bytes of this document: the decision, the reviewer
    and the time cannot be changed without it, nor what they are about.
    """

    version: Literal[1]
    proposal: Id
    revision: int
    sha256: Sha256
    decision: Decision
    reviewer: Person
    reason: str
    at: Moment


class ResultDocument(_Told, frozen=True):
    """What became of a proposal. `ref` None: nothing was moved."""

    version: Literal[1]
    proposal: Id
    sha256: Sha256
    at: Moment
    outcome: str
    exit_code: int
    drift: str | None
    onto: ObjectId | None
    commit: ObjectId | None
    tree: ObjectId | None
    ref: str | None
    reviewers: list[Person]
    checks: list[Check]
    message: str


Document = TypeVar("Document", ProposalDocument, ApprovalDocument, ResultDocument)


class Unreadable(ValueError):
    """Bytes that are not a document's one form; the message says what is wrong."""


def encode(document: Struct) -> bytes:
    """Return a document in its one form."""
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def decode(data: bytes, kind: type[Document]) -> Document:
    """Return the document that the bytes are. Raises Unreadable for any other form."""
    try:
        read = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if encode(read) != data:
        raise Unreadable("it is not in its one form: keys sorted, one a line, nothing twice")
    return read


def digest(data: bytes) -> str:
    """Return the sha256 of bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
