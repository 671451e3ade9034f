"""The codes that alma ends with, and what each means. The documentation is made from this."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended. Whatever it is but 0: no file was changed, or the message says so."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NEEDS_HUMAN = 3
    MODEL_UNAVAILABLE = 4
    CHECKS_FAILED = 5
    STALE = 6
    CONFLICT = 7
    NOT_ALLOWED = 8
    LIMIT_REACHED = 9
    BUG = 70
    INTERRUPTED = 130
    NOBODY_READS = 141
    TERMINATED = 143

    @property
    def kind(self) -> str:
        """Return the name that JSON documents have for it."""
        return self.name.lower().replace("_", " ")


MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "done, or nothing to do",
    ExitCode.FAILED: "somebody said no, it failed, a commit is no proposal, or (with "
    "`--exit-code`) there would be a change",
    ExitCode.USAGE: "wrong command, file, setting or configuration",
    ExitCode.NEEDS_HUMAN: "a person has to decide, and none is there; approvals are missing",
    ExitCode.MODEL_UNAVAILABLE: "no model is configured, it refuses the key, or does not answer",
    ExitCode.CHECKS_FAILED: "the check failed on a copy with the change; nothing was written",
    ExitCode.STALE: "a file changed meanwhile, in the same lines; a branch moved; work of yours "
    "is in the way",
    ExitCode.CONFLICT: "a file to create is already there; an undo, or a proposal, meets other "
    "work in its lines",
    ExitCode.NOT_ALLOWED: "out of scope; a path that alma does not touch (outside the repository, "
    "read-only, git's own); a paused run that is not yours; no way back could be kept; a proposal "
    "that somebody changed, or that the policy does not allow",
    ExitCode.LIMIT_REACHED: "a limit was reached: turns, seconds, tokens or money",
    ExitCode.BUG: "a bug in alma; the report's path is printed",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C",
    ExitCode.NOBODY_READS: "nobody reads the output any more",
    ExitCode.TERMINATED: "terminated",
}


def kind_of(code: int) -> str:
    """Return the name of any exit code."""
    known = code in list(ExitCode)
    return ExitCode(code).kind if known else ExitCode.FAILED.kind
