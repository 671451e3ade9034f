"""What was chosen for this call: flags and `ALMA_*` (by way of typer), and OpenAI's own variables.

Read once, at the door, and handed on as values. Keys come from the environment only, never from a
flag, and are not shown by `repr`.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from alma_agent.errors import UsageError
from alma_agent.records import Limits
from toolset.refactor.evidence import Level

Api = Literal["auto", "chat", "responses"]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model to ask, and where. `base_url` None is OpenAI; `name` None its SDK's default."""

    name: str | None
    base_url: str | None
    api_key: str = field(repr=False)
    api: Api = "auto"
    stream: bool = False

    @property
    def where(self) -> str:
        """Name the endpoint, without a password that stands in its address."""
        return re.sub(r"//[^/@]*@", "//", self.base_url or "OpenAI")

    @property
    def uses_responses(self) -> bool:
        """Say which protocol to speak: OpenAI knows responses, other endpoints mostly chat only."""
        return self.base_url is None if self.api == "auto" else self.api == "responses"


@dataclass(frozen=True, slots=True)
class Settings:
    """All that wiring needs to know. `model` None: none is configured."""

    model: ModelChoice | None = None
    limits: Limits = Limits()
    check: tuple[str, ...] = ()
    check_timeout_s: float = 600.0
    assume_yes: bool = False
    accept: Level = "proven"
    lint: bool = True


@dataclass(frozen=True, slots=True)
class MemoryChoice:
    """Where memory is kept and who reads its meaning.

    `ledger` is the URL of a PostgreSQL database, None for a file in the workspace; `namespace`
    says whose memories are this workspace's there. `embedder` is `minilm`, `none`, or the name of a
    model that the endpoint `embedder_url` (None: OpenAI) serves. `chroma` is the URL of a Chroma
    server, None for a folder in the workspace.
    """

    ledger: str | None = field(default=None, repr=False)
    namespace: str | None = None
    embedder: str = "minilm"
    embedder_url: str | None = None
    embedder_key: str = field(default="", repr=False)
    chroma: str | None = field(default=None, repr=False)
    chroma_token: str = field(default="", repr=False)


_SHELL_SIGNS = frozenset({"&&", "||", "|", ";", "&", "<", ">", ">>", "2>&1"})


def model_choice(
    name: str | None,
    *,
    api: Api = "auto",
    stream: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> ModelChoice | None:
    """Return the configured model, or None: neither a key nor an endpoint is set.

    Raises UsageError for an endpoint without a model's name: there is no default there.
    """
    base_url = environ.get("OPENAI_BASE_URL") or None
    api_key = environ.get("OPENAI_API_KEY", "")
    if not base_url and not api_key:
        return None
    if base_url and not name:
        raise UsageError(
            f"OPENAI_BASE_URL is {base_url}, but no model is named. Add --model NAME, or set "
            "ALMA_MODEL."
        )
    # Local endpoints ask for no key, but the client insists on some text.
    return ModelChoice(name, base_url, api_key or "no-key", api, stream)


def memory_choice(environ: Mapping[str, str] = os.environ) -> MemoryChoice:
    """Return what `ALMA_LEDGER_URL` and the like say of memory."""
    return MemoryChoice(
        ledger=environ.get("ALMA_LEDGER_URL") or None,
        namespace=environ.get("ALMA_NAMESPACE") or None,
        embedder=environ.get("ALMA_EMBEDDER") or "minilm",
        embedder_url=environ.get("ALMA_EMBEDDER_URL") or environ.get("OPENAI_BASE_URL") or None,
        embedder_key=environ.get("ALMA_EMBEDDER_KEY") or environ.get("OPENAI_API_KEY", ""),
        chroma=environ.get("ALMA_CHROMA_URL") or None,
        chroma_token=environ.get("ALMA_CHROMA_TOKEN", ""),
    )


def command(text: str | None) -> tuple[str, ...]:
    """Split a check command as a shell would; no shell runs it.

    Raises UsageError if it cannot be split, is empty, or needs a shell: `true && pytest` would be
    `true` with two arguments, and always pass.
    """
    if text is None:
        return ()
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"The check command {text!r} cannot be read: {error}.") from error
    if not words:
        raise UsageError("The check command is empty. Leave --check out, or say what must pass.")
    if signs := _SHELL_SIGNS.intersection(words):
        raise UsageError(
            f"The check command {text!r} holds {min(signs)!r}, and no shell runs it. "
            f"If it needs one: --check {shlex.quote(f'sh -c {shlex.quote(text)}')}"
        )
    return words
