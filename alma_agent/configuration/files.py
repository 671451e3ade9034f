"""The files that settings stand in: where they are, what they say, and what is wrong with them.

The project's are `alma.toml`, or `[tool.alma]` in `pyproject.toml`, at the repository's root; the
user's is `config.toml` in the folder that the system keeps for settings (on Linux, XDG's).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alma_agent.configuration.kinds import Value, WrongSetting, has_password
from alma_agent.configuration.settings import RESERVED, setting

ALMA_TOML, PYPROJECT = "alma.toml", "pyproject.toml"
_LARGEST = 1_000_000
_HEADER = re.compile(r"\s*\[(?P<name>[^\[\]]+)\]\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file says of one setting. `line` counts from 1; 0: not found again in the text."""

    value: Value
    line: int


@dataclass(frozen=True)
class SettingsFile:
    """A file of settings, read. `path` need not exist; then `entries` is empty.

    `table` is where its settings stand: `tool.alma`, or empty for the top level.
    """

    path: Path
    table: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def in_pyproject(self) -> bool:
        return bool(self.table)


def user_path() -> Path:
    """Return where the user's file is, or would be."""
    import platformdirs

    return Path(platformdirs.user_config_path("alma")) / "config.toml"


def read_user(path: Path) -> SettingsFile:
    """Read the user's file. Raises WrongSetting."""
    text = _text(path)
    return SettingsFile(path) if text is None else _read(path, text, _parsed(path, text))


def read_project(root: Path) -> SettingsFile:
    """Read the project's file; without one, return where it would be: `alma.toml`.

    Raises WrongSetting, also if both `alma.toml` and `pyproject.toml` hold settings.
    """
    own, shared = root / ALMA_TOML, root / PYPROJECT
    own_text, table = _text(own), _table_of(shared)
    if own_text is not None and table is not None:
        raise WrongSetting(
            f"{ALMA_TOML} and [tool.alma] in {PYPROJECT} both hold settings. Keep one of them."
        )
    if table is not None:
        read = _read(shared, _text(shared) or "", table, table="tool.alma")
    elif own_text is not None:
        read = _read(own, own_text, _parsed(own, own_text))
    else:
        return SettingsFile(own)
    for key, entry in read.entries.items():
        _require_shareable(read.path, key, entry)
    return read


def _require_shareable(path: Path, key: str, entry: Entry) -> None:
    one = setting(key)
    if one.is_personal:
        raise WrongSetting(
            f"{_place(path, entry.line)}: {key} is for each user to choose, and not for a "
            f"project. Move it to {user_path()}."
        )
    if one.kind == "address" and isinstance(entry.value, str) and has_password(entry.value):
        raise WrongSetting(
            f"{_place(path, entry.line)}: {key} holds a password or a key, and a project's file is "
            f"shared. Move it to {user_path()}, or set {one.variable}."
        )


def _table_of(path: Path) -> Mapping[str, object] | None:
    """Return `[tool.alma]`; None where there is none. The file's rest is others' to judge."""
    text = _text(path)
    if text is None or "alma" not in text:  # most projects: nothing is parsed
        return None
    try:
        tool = _parsed(path, text).get("tool")
    except WrongSetting:
        if re.search(r"^\s*\[\s*tool\s*\.\s*\"?alma\b", text, re.MULTILINE):
            raise
        return None
    found = tool.get("alma") if isinstance(tool, Mapping) else None
    if found is not None and not isinstance(found, Mapping):
        raise WrongSetting(f"{path.name}: tool.alma is no table. Write [tool.alma], then settings.")
    return found


def _text(path: Path) -> str | None:
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > _LARGEST:
            raise WrongSetting(f"{path} is too large for a file of settings.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongSetting(f"{path} is not UTF-8, as TOML is: {error.reason}.") from error
    except OSError as error:
        raise WrongSetting(f"{path} cannot be read: {error.strerror}.") from error


def _parsed(path: Path, text: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise WrongSetting(f"{path} is no TOML: {error}.") from error


def _read(path: Path, text: str, found: Mapping[str, object], *, table: str = "") -> SettingsFile:
    entries: dict[str, Entry] = {}
    for key, value in found.items():
        if key in RESERVED and isinstance(value, Mapping):
            continue
        line = line_of(text, table, key)
        if key == "tool" and not table:
            raise WrongSetting(f"{_place(path, line)}: here, settings stand without [tool.alma].")
        try:
            entries[key] = Entry(setting(key).of_toml(value), line)
        except WrongSetting as error:
            raise WrongSetting(f"{_place(path, line)}: {error}") from error
    return SettingsFile(path, table, entries)


def _place(path: Path, line: int) -> str:
    return f"{path}, line {line}" if line else str(path)


def line_of(text: str, table: str, key: str) -> int:
    """Return the line on which a table sets a key, from 1; 0 if it is written in some other way."""
    here = ""
    sets = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""")
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            here = re.sub(r"[\s\"']", "", header["name"])
            if here == (f"{table}.{key}" if table else key):
                return number
        elif here == table and sets.match(line):
            return number
    return 0
