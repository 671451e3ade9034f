"""What bytes are called: their SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits."""

    hex: str

    @classmethod
    def of(cls, data: bytes) -> Digest:
        return cls(hashlib.sha256(data).hexdigest())

    @property
    def short(self) -> str:
        return self.hex[:12]
