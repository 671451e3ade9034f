"""What `alma config` and `alma completion` tell a program: the `result` of each, for the envelope.

A setting's value is a text, a number, a yes or no, a list of texts, or null if it has none.
"""

from __future__ import annotations

from typing import TypeAlias

from typing_extensions import TypedDict

Value: TypeAlias = str | int | float | bool | list[str] | None


class ToldSetting(TypedDict):
    """A setting's value, and where it comes from: a layer, a file or variable, a line."""

    value: Value
    layer: str
    where: str | None
    line: int | None


class ConfigShowResult(TypedDict):
    """`alma config show`; `left_out` are values of the project's file that nobody trusts yet."""

    settings: dict[str, ToldSetting]
    left_out: dict[str, Value]


class ConfigGetResult(TypedDict):
    """`alma config get`."""

    key: str
    value: Value


class ConfigSetResult(TypedDict):
    """`alma config set`: what was written, and into which file."""

    key: str
    value: Value
    file: str


class ConfigUnsetResult(TypedDict):
    """`alma config unset`; `removed` is false if the file did not have the key."""

    key: str
    file: str
    removed: bool


class ConfigEditResult(TypedDict):
    """`alma config edit`: how many settings the file has now."""

    file: str
    settings: int


class ConfigPathResult(TypedDict):
    """`alma config path`: where the file is, or would be."""

    path: str
    exists: bool


class ConfigTrustResult(TypedDict):
    """`alma config trust`: the values that need trust, and whether they have it now."""

    folder: str
    settings: dict[str, Value]
    trusted: bool


class ConfigUntrustResult(TypedDict):
    """`alma config untrust`; `changed` is false if the folder was not trusted before."""

    folder: str
    trusted: bool
    changed: bool


class CompletionResult(TypedDict):
    """`alma completion`: the script, and how a person puts it to use."""

    shell: str
    script: str
    how: str
