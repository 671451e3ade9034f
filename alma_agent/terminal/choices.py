"""What some flags let one choose from."""

from __future__ import annotations

from enum import StrEnum


class ApiName(StrEnum):
    """The protocols that a model endpoint may speak."""

    auto = "auto"
    chat = "chat"
    responses = "responses"


class AcceptedLevel(StrEnum):
    """How sure an exact refactoring must be for --yes."""

    proven = "proven"
    likely = "likely"


class ModeName(StrEnum):
    """How far a model may go by itself."""

    ask = "ask"
    auto_edit = "auto-edit"
    plan = "plan"
