"""Which folders' settings the user trusts: recorded outside of them, for just these values."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from alma_agent.configuration.kinds import Value
from alma_agent.errors import AlmaError


class Trust:
    """The user's records of trust. `folder`: by default, in what the system keeps for state."""

    def __init__(self, folder: Path | None = None) -> None:
        self._given = folder

    def holds(self, root: Path, values: Mapping[str, Value]) -> bool:
        """Say whether the user has trusted just these settings of this folder."""
        try:
            record = json.loads(self._path(root).read_bytes())
        except (OSError, ValueError):
            return False
        return isinstance(record, dict) and record.get("digest") == _digest(root, values)

    def give(self, root: Path, values: Mapping[str, Value]) -> None:
        """Trust these settings of this folder, until one changes. Raises AlmaError."""
        path = self._path(root)
        record = {
            "folder": str(root),
            "digest": _digest(root, values),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as to:
                json.dump(record, to, indent=2)
            fresh.replace(path)
        except OSError as error:
            raise AlmaError(f"The trust cannot be noted in {path}: {error.strerror}.") from error

    def take_back(self, root: Path) -> bool:
        """Trust this folder no more; say whether it was. Raises AlmaError."""
        try:
            self._path(root).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise AlmaError(f"{self._path(root)} cannot be removed: {error.strerror}.") from error
        return True

    def _path(self, root: Path) -> Path:
        return self._folder / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:32]}.json"

    @property
    def _folder(self) -> Path:
        if self._given is not None:
            return self._given
        import platformdirs

        return Path(platformdirs.user_state_path("alma")) / "trusted"


def _digest(root: Path, values: Mapping[str, Value]) -> str:
    told = json.dumps([os.fsencode(root).hex(), sorted(values.items())])
    return hashlib.sha256(told.encode()).hexdigest()
