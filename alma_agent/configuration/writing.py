"""Settings written into a file: everything else in it, comments too, stays as it is."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import tomllib
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alma_agent.configuration.kinds import Setting, Value, WrongSetting

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def set_in(
    path: Path, table: str, one: Setting, value: Value, *, inside: Path | None = None
) -> None:
    """Write a setting into a file, which is made if need be.

    `table` is empty for the top level, or names a table that is there. `inside` is the folder that
    no link may lead out of; None: the file is the user's own, and nobody else may read it. Raises
    WrongSetting if the file is no TOML, or cannot be written.
    """
    document = _document(path)
    _table(document, table)[one.key] = list(value) if isinstance(value, tuple) else value
    text = document.as_string()
    if _plain(tomllib.loads(text), table).get(one.key) != _as_toml(value):
        raise WrongSetting(f"{path} is written so that {one.key} must be set in it by hand.")
    _write(path, text, inside)


def unset_in(path: Path, table: str, key: str, *, inside: Path | None = None) -> bool:
    """Take a setting out of a file; say whether it was there. Raises WrongSetting."""
    if not path.is_file():
        return False
    document = _document(path)
    here = _table(document, table)
    if key not in here:
        return False
    del here[key]
    _write(path, document.as_string(), inside)
    return True


def _document(path: Path) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(path.read_bytes().decode()) if path.exists() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{path} is no TOML: {error}. Mend it by hand first.") from error
    except OSError as error:
        raise WrongSetting(f"{path} cannot be read: {error.strerror}.") from error


def _table(document: MutableMapping[str, Any], table: str) -> MutableMapping[str, Any]:
    here = document
    for name in filter(None, table.split(".")):
        here = here[name]
    return here


def _plain(found: dict[str, Any], table: str) -> dict[str, Any]:
    return dict(_table(found, table))


def _as_toml(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def _write(path: Path, text: str, inside: Path | None) -> None:
    """Replace the file as a whole, where a link leads, with its rights and line ends."""
    real = Path(os.path.realpath(path))
    if inside is not None and not real.is_relative_to(inside):
        raise WrongSetting(f"{path} is a link that leads out of {inside}. Change the file itself.")
    try:
        real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if real.exists():
            if not os.access(real, os.W_OK):
                raise PermissionError(0, "it is read-only")
            mode = stat.S_IMODE(real.stat().st_mode)
            if b"\r\n" in real.read_bytes():
                text = re.sub(r"(?<!\r)\n", "\r\n", text)
        else:
            mode = 0o600 if inside is None else 0o644
        _replace(real, text.encode(), mode)
    except OSError as error:
        raise WrongSetting(f"{path} cannot be written: {error.strerror}.") from error


def _replace(path: Path, data: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as to:
            to.write(data)
            to.flush()
            os.fsync(to.fileno())
        fresh.chmod(mode)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
