"""What was chosen for this call: flags and settings (by way of typer), the providers' variables.

Read once, at the door, and handed on as values. What `alma_agent.configuration` finds in files is
laid below the environment by the door, too: here it is one mapping. What holds a key is not shown
by `repr`, and cannot be pickled.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NoReturn

from alma_agent import keys
from alma_agent.check_command import words
from alma_agent.environment import environment
from alma_agent.errors import UsageError
from alma_agent.records import Limits, Mode
from toolset.refactor.evidence import Level
from toolset.scope import EditScope

Api = Literal["auto", "chat", "responses"]
OPENAI, OPENAI_COMPATIBLE = "openai", "openai-compatible"
_REQUEST_TIMEOUT_S = 300.0
_PROVIDER = re.compile(r"[A-Za-z][\w.-]*")


class _HoldsKeys:
    """A value that nobody writes down by accident."""

    __slots__ = ()

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds keys, and is not written down.")


@dataclass(frozen=True, slots=True, repr=False)
class ModelChoice(_HoldsKeys):
    """Which model to ask, and where. `base_url` None: the provider's own; `name` None: its default.

    `provider` is `openai`, `openai-compatible` (there is a `base_url`), or another that one of the
    SDK's extensions knows. `api_key` is empty if the keyring, or the extension, may know one.
    """

    name: str | None
    base_url: str | None
    api_key: str
    api: Api = "auto"
    stream: bool = False
    provider: str = OPENAI
    request_timeout_s: float = _REQUEST_TIMEOUT_S
    other_keys: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if self.base_url and self.provider == OPENAI:
            object.__setattr__(self, "provider", OPENAI_COMPATIBLE)

    def __repr__(self) -> str:
        name = f"{self.provider}/{self.name}" if self.name else self.provider
        return f"ModelChoice({name!r} at {self.where!r}, api={self.api!r}, stream={self.stream})"

    @property
    def where(self) -> str:
        """Name the endpoint, without a password that stands in its address."""
        if self.base_url:
            return keys.without_password(self.base_url)
        return "OpenAI" if self.provider == OPENAI else self.provider

    @property
    def spec(self) -> str:
        """Return the model as `--model` takes it; empty for the default."""
        return f"{self.provider}/{self.name}" if not self.speaks_openai else self.name or ""

    @property
    def speaks_openai(self) -> bool:
        """Say whether OpenAI's client can ask it; else one of the SDK's extensions must."""
        return self.provider in (OPENAI, OPENAI_COMPATIBLE)

    @property
    def uses_responses(self) -> bool:
        """Say which protocol to speak: OpenAI knows responses, other endpoints mostly chat only."""
        return self.provider == OPENAI if self.api == "auto" else self.api == "responses"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every key that is known, longest first: what no text may hold."""
        return keys.worth_hiding((self.api_key, *self.other_keys, *keys.password_of(self.base_url)))

    def hiding(self, text: str) -> str:
        """Return the text with `[key]` for each of the secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "[key]")
        return text


@dataclass(frozen=True, slots=True)
class Settings:
    """All that wiring needs to know. `model` None: none is configured.

    `agents`: an architect, an editor and a critic instead of one agent; `architect` is the model of
    the first. `ask_before` names tools whose every call needs a yes. `session` is the conversation
    that goes on; empty: a new one.
    """

    model: ModelChoice | None = None
    architect: ModelChoice | None = None
    agents: bool = False
    mode: Mode = "auto-edit"
    ask_before: frozenset[str] = frozenset()
    session: str = ""
    scope: EditScope = EditScope()
    limits: Limits = Limits()
    check: tuple[str, ...] = ()
    check_timeout_s: float = 600.0
    check_network: bool = False
    assume_yes: bool = False
    accept: Level = "proven"
    lint: bool = True


@dataclass(frozen=True, slots=True)
class MemoryChoice(_HoldsKeys):
    """Where memory is kept and who reads its meaning.

    `ledger` is the URL of a PostgreSQL database, None for a file in the workspace; `namespace`
    says whose memories are this workspace's there. `embedder` is `minilm`, `none`, or the name of a
    model that the endpoint `embedder_url` (None: OpenAI) serves. `chroma` is the URL of a Chroma
    server, None for a folder in the workspace.
    """

    ledger: str | None = field(default=None, repr=False)
    namespace: str | None = None
    embedder: str = "minilm"
    embedder_url: str | None = field(default=None, repr=False)
    embedder_key: str = field(default="", repr=False)
    chroma: str | None = field(default=None, repr=False)
    chroma_token: str = field(default="", repr=False)


def model_choice(
    name: str | None,
    *,
    api: Api = "auto",
    stream: bool = False,
    environ: Mapping[str, str] | None = None,
    keyring: bool | None = None,
) -> ModelChoice | None:
    """Return the configured model, or None: neither a key nor an endpoint is set.

    `name` is a model of the endpoint in OPENAI_BASE_URL, slashes and all; without one, `gpt-5` and
    `openai/gpt-5` are OpenAI's, and `anthropic/NAME` is another provider's. If a `keyring` (by
    default: if its library) is there, a key that is not set may come from `with_key`.

    `environ`: by default, `environment()`. Raises UsageError for an endpoint without a model's
    name, for half a name, a wrong time-out.
    """
    environ = environment() if environ is None else environ
    name = (name or "").strip() or None
    base_url = environ.get("OPENAI_BASE_URL", "").strip() or None
    provider, name = (OPENAI_COMPATIBLE, name) if base_url else _provider_and_name(name)
    if base_url and not name:
        raise UsageError(
            f"The endpoint or OPENAI_BASE_URL is {keys.without_password(base_url)}, but no model "
            "is named. Add --model NAME, set ALMA_MODEL, or say `alma config set model NAME`."
        )
    key = keys.from_environment(provider, environ)
    may_ask = keys.has_keyring() if keyring is None else keyring
    if not key and not may_ask:
        if provider == OPENAI:
            return None
        key = keys.NO_KEY if provider == OPENAI_COMPATIBLE else ""
    if provider not in (OPENAI, OPENAI_COMPATIBLE):
        base_url = environ.get(keys.address_variable(provider), "").strip() or None
    return ModelChoice(
        name,
        base_url,
        key,
        api,
        stream,
        provider,
        _request_timeout(environ),
        other_keys=keys.all_known(environ),
    )


def with_key(
    choice: ModelChoice, ask: Callable[[str], str] = keys.from_keyring
) -> ModelChoice | None:
    """Return the choice with the keyring's key if it has none; None if OpenAI's is not to be had.

    Takes up to some seconds: call it when a model is needed, not before.
    """
    if choice.api_key:
        return choice
    if key := ask(choice.provider):
        return replace(choice, api_key=key)
    if choice.provider == OPENAI:
        return None
    # Others may have their own ways to know who asks, such as a cloud's credentials.
    return replace(choice, api_key=keys.NO_KEY) if choice.speaks_openai else choice


def _provider_and_name(name: str | None) -> tuple[str, str | None]:
    """Split `provider/name`; a bare name is OpenAI's."""
    if name is None or "/" not in name:
        return OPENAI, name
    provider, _, rest = name.partition("/")
    if not _PROVIDER.fullmatch(provider) or not rest.strip("/"):
        raise UsageError(
            f"--model {name} is no model's name. Write NAME for one of OpenAI's, or PROVIDER/NAME, "
            "such as anthropic/claude-sonnet-4-5."
        )
    return provider.lower(), rest


def _request_timeout(environ: Mapping[str, str]) -> float:
    text = environ.get("ALMA_REQUEST_TIMEOUT", "").strip()
    if not text:
        return _REQUEST_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"ALMA_REQUEST_TIMEOUT is {text!r}; it takes seconds, more than 0.")
    return seconds


def known_secrets(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return every key that the environment holds: what no text that is kept may hold."""
    return keys.worth_hiding(keys.all_known(environ))


def memory_choice(environ: Mapping[str, str] | None = None) -> MemoryChoice:
    """Return what `ALMA_LEDGER_URL` and the like say of memory; by default, in `environment()`."""
    environ = environment() if environ is None else environ
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
    """Return a check command as its words; none if there is no command. Raises UsageError."""
    return () if text is None else words(text)
