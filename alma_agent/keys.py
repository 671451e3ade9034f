"""Where a key to a model comes from: the environment, else the system's keyring. Never a flag.

The keyring is asked by another process: it may wait for a person, or ask on the terminal, and such
a process has no terminal and can be ended.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from urllib.parse import unquote

SERVICE = "alma"
NO_KEY = "no-key"  # for endpoints that ask for none: the client insists on some text
_KEYRING_SECONDS = 3.0
# Shorter values are placeholders; taken out of every text, they would spoil it.
_SHORTEST = 8
_OTHER_NAMES = {"gemini": ("GOOGLE_API_KEY",), "openai-compatible": ("OPENAI_API_KEY",)}
_MORE_SECRETS = frozenset({"ALMA_CHROMA_TOKEN", "ALMA_EMBEDDER_KEY", "HF_TOKEN"})
_PASSWORD = re.compile(r"//[^/@]*?:(?P<password>[^/@]*)@")


def from_environment(provider: str, environ: Mapping[str, str]) -> str:
    """Return what `<PROVIDER>_API_KEY` holds; empty if it is not set."""
    names = (variable(provider), *_OTHER_NAMES.get(provider, ()))
    return next((key for name in names if (key := environ.get(name, "").strip())), "")


def variable(provider: str) -> str:
    """Return the name of the variable that holds the provider's key."""
    return f"{_as_variable(provider)}_API_KEY"


def address_variable(provider: str) -> str:
    """Return the name of the variable that says where the provider is, if it has moved."""
    return f"{_as_variable(provider)}_BASE_URL"


def has_keyring() -> bool:
    """Say whether the library is installed. It is not imported."""
    return find_spec("keyring") is not None


def from_keyring(
    provider: str, *, command: Sequence[str] | None = None, timeout_s: float = _KEYRING_SECONDS
) -> str:
    """Return the key that `keyring set alma PROVIDER` put away; empty if there is none.

    A keyring that fails, is locked, or does not answer in `timeout_s` has none.
    """
    if command is None and not has_keyring():
        return ""
    # -P, and another folder: a keyring.py in the project must not be what is run here.
    asked = command or (sys.executable, "-P", "-m", "keyring", "get", SERVICE, provider)
    try:
        answer = subprocess.run(
            asked,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            check=True,
            cwd=os.sep,
            start_new_session=True,  # no terminal to ask on
        )
        return answer.stdout.decode().strip()
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""


def all_known(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return every key that the environment holds, whomever it is for."""
    return tuple(
        value.strip()
        for name, value in environ.items()
        if name.endswith("_API_KEY") or name in _MORE_SECRETS
    )


def password_of(address: str | None) -> tuple[str, ...]:
    """Return the password in an address, as it stands there and as it is meant."""
    found = _PASSWORD.search(address or "")
    return (found["password"], unquote(found["password"])) if found else ()


def without_password(address: str) -> str:
    """Return the address without user, password and query, each of which may be a key."""
    return re.sub(r"//[^/@]*@", "//", address).partition("?")[0]


def worth_hiding(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that are no placeholders, each once, those that hold others first."""
    long = {key for key in keys if len(key) >= _SHORTEST and key != NO_KEY}
    return tuple(sorted(long, key=lambda key: (-len(key), key)))


def _as_variable(provider: str) -> str:
    return re.sub(r"\W", "_", provider).upper()
