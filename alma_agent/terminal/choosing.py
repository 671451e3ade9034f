"""Which hunks of a change are taken: what a person has said so far, hunk by hunk. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolset.edits import ChangeSet
from toolset.selection import Hunk, chosen, hunks_of


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to one hunk; `reason` is of a no."""

    takes: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Choosing:
    """A walk over the hunks of `changes`. `said` has an answer for each, None while it is open.

    `at` is the hunk that is asked about. Each method returns the walk one step further on.
    """

    changes: ChangeSet
    hunks: tuple[Hunk, ...]
    said: tuple[Answer | None, ...]
    at: int = 0

    @classmethod
    def over(cls, changes: ChangeSet) -> Choosing:
        hunks = hunks_of(changes)
        return cls(changes, hunks, (None,) * len(hunks))

    @property
    def hunk(self) -> Hunk:
        return self.hunks[self.at]

    @property
    def is_done(self) -> bool:
        return all(answer is not None for answer in self.said)

    @property
    def taken(self) -> tuple[Hunk, ...]:
        return tuple(hunk for hunk, answer in self._answered() if answer.takes)

    @property
    def left_out(self) -> tuple[str, ...]:
        """A sentence for each hunk that was said no to: what it would have done, and why not."""
        return tuple(
            f"{hunk.sentence()} ({answer.reason})" if answer.reason else hunk.sentence()
            for hunk, answer in self._answered()
            if not answer.takes
        )

    @property
    def chosen(self) -> ChangeSet:
        """What is taken; the whole if that is all of it, nothing if that is none."""
        return chosen(self.changes, self.taken)

    def yes(self) -> Choosing:
        return self._answering(Answer(takes=True)).on()

    def no(self, reason: str = "") -> Choosing:
        return self._answering(Answer(takes=False, reason=reason)).on()

    def the_rest(self, *, takes: bool) -> Choosing:
        """Answer this hunk, and all that are open, alike."""
        answer = Answer(takes=takes)
        walk = self._answering(answer)
        return replace(walk, said=tuple(one or answer for one in walk.said))

    def on(self) -> Choosing:
        """Go to the next hunk that is open; the first one comes after the last."""
        count = len(self.hunks)
        order = [(self.at + step) % count for step in range(1, count + 1)]
        return replace(self, at=next((n for n in order if self.said[n] is None), self.at))

    def back(self) -> Choosing:
        """Go to the hunk before, answered or not."""
        return replace(self, at=max(self.at - 1, 0))

    def split(self) -> Choosing:
        """Cut this hunk in its stretches of changed lines, all open; itself if it is one."""
        parts = self.hunk.split()
        if len(parts) == 1:
            return self
        return replace(
            self,
            hunks=(*self.hunks[: self.at], *parts, *self.hunks[self.at + 1 :]),
            said=(*self.said[: self.at], *(None for _ in parts), *self.said[self.at + 1 :]),
        )

    def _answering(self, answer: Answer) -> Choosing:
        said = (*self.said[: self.at], answer, *self.said[self.at + 1 :])
        return replace(self, said=said)

    def _answered(self) -> Sequence[tuple[Hunk, Answer]]:
        pairs = zip(self.hunks, self.said, strict=True)
        return [(hunk, answer) for hunk, answer in pairs if answer is not None]
