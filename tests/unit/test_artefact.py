"""Documents of a proposal: one form in bytes, and nothing in it that nobody reads."""

from __future__ import annotations

import json

import msgspec
import pytest

from alma_agent.proposals.artefact import (
    ApprovalDocument,
    Person,
    ProposalDocument,
    Unreadable,
    decode,
    encode,
)

APPROVAL = ApprovalDocument(
    version=1,
    proposal="0123456789ab",
    revision=1,
    sha256="0" * 64,
    decision="approved",
    reviewer=Person(name="Zo\u00eb \u2028 <b>", email="zoe@example.org"),
    reason='"quoted"\n\\ \x7f',
    at="2026-01-02T03:04:05Z",
)


def told(**changed: object) -> bytes:
    """Return the approval's bytes with some keys changed, in the one form otherwise."""
    keys = json.loads(encode(APPROVAL)) | changed
    packed = msgspec.json.encode(keys, order="sorted")
    return msgspec.json.format(packed, indent=1) + b"\n"


def test_a_document_read_is_the_document_written() -> None:
    assert decode(encode(APPROVAL), ApprovalDocument) == APPROVAL


def test_text_that_is_not_ascii_can_be_read_in_a_review() -> None:
    assert "Zo\u00eb".encode() in encode(APPROVAL)


@pytest.mark.parametrize(
    "data",
    [
        encode(APPROVAL).rstrip(b"\n"),
        encode(APPROVAL) + b"\n",
        b"\xef\xbb\xbf" + encode(APPROVAL),
        encode(APPROVAL).replace(b"\n ", b"\n  "),
        encode(APPROVAL).replace(b"\n", b"\r\n"),
        encode(APPROVAL).replace(b"Zo\xc3\xab", b"Zo\\u00eb"),
        encode(APPROVAL).replace(b'"revision": 1', b'"revision": 1.0'),
        encode(APPROVAL).replace(
            b'"decision": "approved"', b'"decision": "rejected",\n "decision": "approved"'
        ),
        told(unread="a key that nobody reads"),
        told(version=2),
        told(decision="perhaps"),
        told(sha256="0" * 63),
        told(sha256="0" * 64 + "\n"),
        told(proposal="../../../etc"),
        told(at="yesterday"),
        told(revision="1"),
        b"",
        b"\xff",
        b"[" * 100_000,
        b"null",
    ],
)
def test_any_other_form_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(data, ApprovalDocument)


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(Unreadable):
        decode(encode(APPROVAL), ProposalDocument)
