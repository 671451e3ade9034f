"""The one JSON form of an interaction, versioned. The only user of pydantic in the middle."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from alma_agent.errors import LedgerUnavailable
from alma_agent.records import Interaction

VERSION = 1


@dataclass(frozen=True, slots=True)
class _Envelope:
    version: int
    interaction: Interaction


_adapter = TypeAdapter(_Envelope)


def encode(interaction: Interaction) -> str:
    return _adapter.dump_json(_Envelope(VERSION, interaction)).decode()


def decode(text: str) -> Interaction:
    """Raises LedgerUnavailable for a form that this alma does not know."""
    try:
        envelope = _adapter.validate_json(text)
    except ValidationError as error:
        raise LedgerUnavailable(
            "An entry of the ledger cannot be read. It may come from a newer alma: upgrade, or "
            f"move .alma/ away. ({error.error_count()} mismatches)"
        ) from error
    if envelope.version != VERSION:
        raise LedgerUnavailable(
            f"An entry of the ledger has form {envelope.version}; this alma knows {VERSION}. "
            "Upgrade alma."
        )
    return envelope.interaction
