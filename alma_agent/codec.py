"""The one JSON form of an interaction, and of a memory; versioned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from alma_agent.errors import LedgerUnavailable
from alma_agent.records import Interaction
from alma_agent.remembered import Memory

VERSION = 1


@dataclass(frozen=True, slots=True)
class _Envelope:
    version: int
    interaction: Interaction


@dataclass(frozen=True, slots=True)
class _MemoryEnvelope:
    version: int
    memory: Memory


_adapter = TypeAdapter(_Envelope)
_E = TypeVar("_E", _Envelope, _MemoryEnvelope)


def encode(interaction: Interaction) -> str:
    """What a reviewer chose is not in it: files' bytes are in checkpoints, and nowhere else."""
    envelope = _Envelope(VERSION, interaction)
    without = {"interaction": {"verdict": {"chosen"}}}
    return _adapter.dump_json(envelope, exclude=without).decode()


def decode(text: str) -> Interaction:
    """Raises LedgerUnavailable for a form that this alma does not know."""
    return _read(_adapter, text).interaction


def encode_memory(memory: Memory) -> str:
    return _memory_adapter().dump_json(_MemoryEnvelope(VERSION, memory)).decode()


def decode_memory(text: str) -> Memory:
    """Raises LedgerUnavailable for a form that this alma does not know."""
    return _read(_memory_adapter(), text).memory


@cache
def _memory_adapter() -> TypeAdapter[_MemoryEnvelope]:
    """Made when it is first needed: only an edited memory is kept so, and every run starts here."""
    return TypeAdapter(_MemoryEnvelope)


def _read(adapter: TypeAdapter[_E], text: str) -> _E:
    try:
        envelope = adapter.validate_json(text)
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
    return envelope
