"""Renames in every spelling of the text; what is refused is in `tests/unit/test_rename.py`."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import Rename


@spelt(
    Case(
        "function and its import",
        {
            "a.py": "def load(path):\n    return path\n",
            "b.py": "from a import load\n\n\ndef main():\n    return load('x')\n",
        },
        Rename("load", "read"),
        {
            "a.py": "def read(path):\n    return path\n",
            "b.py": "from a import read\n\n\ndef main():\n    return read('x')\n",
        },
        level="proven",
    ),
    Case(
        "address with a path",
        {
            "a.py": "class A:\n    def run(self):\n        return self.run\n",
            "b.py": "class A:\n    def run(self):\n        return self.run\n",
        },
        Rename("b.py::A.run", "go"),
        {"b.py": "class A:\n    def go(self):\n        return self.go\n"},
        level="proven",
    ),
)
def test_rename(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
