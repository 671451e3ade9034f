"""What was looked at on the way to a branch, step by step: every report is made from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from alma_agent.errors import AlmaError
from toolset.errors import ToolsetError

Standing = Literal["passed", "failed", "skipped", "warning"]

RULES: Mapping[str, str] = {
    "schema": "proposal.json is a proposal, in its one form",
    "digests": "Every file of the folder is what proposal.json says",
    "paths": "Only regular files inside the project are changed",
    "patch": "The patch gives exactly the files that proposal.json names",
    "scope": "No file outside of the scope is changed",
    "policy": "The base branch's policy can be read and allows this",
    "signatures": "Each signature is by its key, over the approval's bytes",
    "approvals": "As many people approved this very revision as the policy asks for",
    "rejections": "Nobody who may decide said no",
    "drift": "The base is where the proposal left it, in the files that it touches",
    "checks": "The checks pass over the tree that lands",
    "work-tree": "Nothing in the work tree is in the way",
    "ref": "The branch is moved from where it was looked at",
    "commit": "The commit holds what was approved, and nothing else",
    "note": "What a reviewer should see",
}
"""Every rule by its name, and what it holds when it passed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at. `detail` is what a program said; `path` and `line` say where.

    `skipped` means that it was not run, and `message` says why: it did not pass.
    """

    rule: str
    standing: Standing
    message: str
    path: str = ""
    line: int = 0
    seconds: float = 0.0
    detail: str = ""


@dataclass(slots=True)
class Account:
    """The steps so far, in their order."""

    steps: list[Step] = field(default_factory=list)

    def add(self, rule: str, standing: Standing, message: str = "", **more: object) -> None:
        """Add one step; `more` are `path`, `line`, `seconds`, `detail`."""
        self.steps.append(Step(rule, standing, message or RULES[rule], **more))  # type: ignore[arg-type]

    @contextmanager
    def step(self, rule: str, message: str = "") -> Iterator[None]:
        """Add a step that passes, or fails with the error that it raises."""
        began = time.monotonic()
        try:
            yield
        except (AlmaError, ToolsetError) as error:
            seconds = round(time.monotonic() - began, 3)
            self.add(rule, "failed", str(error), seconds=seconds)
            raise
        self.add(rule, "passed", message, seconds=round(time.monotonic() - began, 3))

    @property
    def failed(self) -> tuple[Step, ...]:
        return tuple(one for one in self.steps if one.standing == "failed")
