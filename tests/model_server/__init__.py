"""An OpenAI-compatible model on loopback, that says what a test wrote for it.

Speaks chat completions and responses, streamed and not, over real HTTP; keeps every request; and
misbehaves in the ways that real endpoints do.
"""

from tests.model_server.overflows import OVERFLOWS
from tests.model_server.server import ModelServer, model_server
from tests.model_server.steps import (
    Answer,
    Call,
    Cut,
    Fail,
    Garble,
    Hangup,
    Say,
    Stall,
    Step,
)

__all__ = [
    "OVERFLOWS",
    "Answer",
    "Call",
    "Cut",
    "Fail",
    "Garble",
    "Hangup",
    "ModelServer",
    "Say",
    "Stall",
    "Step",
    "model_server",
]
