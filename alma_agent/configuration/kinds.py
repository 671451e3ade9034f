"""What one setting is: what it takes, how a file and a variable say it, how it is shown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from alma_agent.errors import UsageError

Kind = Literal["text", "flag", "whole number", "number", "choice", "list", "address", "command"]
Value: TypeAlias = str | bool | int | float | tuple[str, ...] | None

_YES, _NO = (
    frozenset({"1", "true", "t", "yes", "y", "on"}),
    frozenset({"0", "false", "f", "no", "n", "off"}),
)
_HAS_PASSWORD = re.compile(r"//[^/@]*@|[?&](password|key|token)=", re.IGNORECASE)
_SHORT, _MOST = 60, 1e15


class WrongSetting(UsageError):
    """A setting in a file or a variable is unknown, or is not what it takes."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `default` None: there is none. `least` bounds a number from below.

    `needs_trust`: with it, a project's file could run a program, send code or memories somewhere,
    spend money or ask less, so it counts only in a folder that the user trusts. `is_personal`: it
    is the user's alone, and a project's file must not say it.
    """

    key: str
    kind: Kind
    variable: str
    help: str
    default: Value = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    needs_trust: bool = True
    is_personal: bool = False

    @property
    def parameter(self) -> str:
        """Return the name that a command's parameter has for it."""
        return self.key.replace("-", "_")

    @property
    def takes(self) -> str:
        """Say what it takes."""
        bound = f", {self.least:g} or more" if self.least is not None else ""
        at = "postgresql://host/name" if self.key == "ledger-url" else "https://host/v1"
        return {
            "text": "a text",
            "flag": "true or false",
            "whole number": f"a whole number{bound}",
            "number": f"a number{bound}",
            "choice": f"one of {', '.join(self.choices)}",
            "list": "a list of texts",
            "address": f"an address, such as {at}",
            "command": "a command and its arguments, as one text; no shell runs it",
        }[self.kind]

    def of_toml(self, found: object) -> Value:
        """Return a value that stands in a file. Raises WrongSetting; the caller says which file."""
        if isinstance(found, list) and self.kind == "list":
            if all(isinstance(one, str) and one.strip() for one in found):
                return tuple(found)
        elif isinstance(found, bool):
            if self.kind == "flag":
                return found
        elif isinstance(found, int | float):
            if self.kind in ("number", "whole number"):
                return self._counted(found)
        elif isinstance(found, str) and self.kind in ("text", "choice", "address", "command"):
            return self._said(found)
        raise self._wrong(found)

    def of_text(self, text: str) -> Value:
        """Return the value that a variable's or a command's text means. Raises WrongSetting.

        A list's parts have commas or line breaks between them.
        """
        text = text.strip()
        match self.kind:
            case "flag" if text.lower() in _YES | _NO:
                return text.lower() in _YES
            case "whole number" | "number":
                try:
                    return self._counted(int(text) if self.kind == "whole number" else float(text))
                except ValueError:
                    raise self._wrong(text) from None
            case "list":
                return tuple(part.strip() for part in re.split(r"[,\n]", text) if part.strip())
            case "flag":
                raise self._wrong(text)
        return self._said(text)

    def as_text(self, value: Value) -> str:
        """Return the value as its variable would hold it."""
        if isinstance(value, bool):
            return "1" if value else "0"
        return "\n".join(value) if isinstance(value, tuple) else str(value)

    def as_json(self, value: Value) -> Value | list[str]:
        """Return the value as a document may hold it: without what may be a secret."""
        if isinstance(value, str):
            return self._without_secrets(value)
        return list(map(self._without_secrets, value)) if isinstance(value, tuple) else value

    def shown(self, value: Value) -> str:
        """Return the value as a file would say it, without what may be a secret."""
        return "" if value is None else json.dumps(self.as_json(value), ensure_ascii=False)

    def exactly(self, value: Value) -> str:
        """Return the value as a file would say it, with all of it: for who must judge it."""
        return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)

    def _said(self, text: str) -> Value:
        if not text.strip() or (self.kind == "choice" and text not in self.choices):
            raise self._wrong(text)
        if self.kind == "address" and not re.match(r"[a-z][a-z0-9+.-]*://[^/?#\s]", text):
            raise self._wrong(text)
        if self.kind == "command":
            from alma_agent.config import command

            try:
                command(text)
            except UsageError as error:
                raise WrongSetting(str(error)) from error
        return text

    def _counted(self, found: float) -> Value:
        if self.kind == "whole number" and not isinstance(found, int):
            raise self._wrong(found)
        least = -_MOST if self.least is None else self.least
        if not least <= found <= _MOST:  # so NaN is wrong, too
            raise self._wrong(found)
        return found if self.kind == "whole number" else float(found)

    def _wrong(self, found: object) -> WrongSetting:
        text = self._without_secrets(json.dumps(found, ensure_ascii=False, default=str))
        if (
            self.kind == "address" and "@" in text
        ):  # what is no address may hold a password anywhere
            text = "…"
        text = text if len(text) <= _SHORT else f"{text[:_SHORT]}…"
        return WrongSetting(f"{self.key} is {text}; it takes {self.takes}.")

    def _without_secrets(self, text: str) -> str:
        from alma_agent.keys import without_password
        from alma_agent.redact import redacted

        return redacted(without_password(text) if self.kind == "address" else text)


def has_password(address: str) -> bool:
    """Say whether an address holds a user, a password or a key."""
    return bool(_HAS_PASSWORD.search(address))
