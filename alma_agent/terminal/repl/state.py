"""What a conversation on the terminal is at: session, mode, model, files in hand, what it took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, get_args

from alma_agent.config import Settings
from alma_agent.records import Interaction, Mode, Usage
from alma_agent.remembered import Recollection
from alma_agent.terminal.repl.sessions import SessionNote, Sessions
from toolset.errors import ToolsetError
from toolset.scope import EditScope
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.ports import Approver
    from alma_agent.wiring import House


@dataclass
class Chat:
    """The state of a conversation. `chosen` is what was said at the door; /model changes it.

    `turns` and `usage` are of this session since alma was started; `last` is the turn before, and
    `recollection` what was recalled for it. `told_until` is the newest interaction that the
    conversation has heard of. `left` is a session that was cut off, and waits for /resume;
    `cut_off_goal` the turn that was, in this one, and that the next one is not told of yet;
    `cut_off_at` is when it began, ISO 8601.
    """

    workspace: Workspace
    session: str
    chosen: Settings
    mode: Mode = "auto-edit"
    files: list[PurePosixPath] = field(default_factory=list)
    scope: EditScope = EditScope()
    turns: int = 0
    usage: Usage = Usage()
    last: Interaction | None = None
    recollection: Recollection | None = None
    told_until: str | None = None
    left: SessionNote | None = None
    cut_off_goal: str = ""
    cut_off_at: str = ""
    approver: Approver | None = None
    house: House | None = None
    is_begun: bool = False

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.workspace)

    def settings(self, mode: Mode | None = None) -> Settings:
        """Return the whole settings of the next turn."""
        return replace(self.chosen, mode=mode or self.mode, session=self.session, scope=self.scope)

    def status(self) -> str:
        """Return what stands below the prompt."""
        model = self.chosen.model
        name = (model.name or "default model") if model else "no model"
        parts = [name, self.session]
        if tokens := self.usage.input_tokens + self.usage.output_tokens:
            parts.append(f"{tokens:,} tokens")
            parts.append("price unknown" if self.usage.usd is None else f"${self.usage.usd:.4f}")
        return " | ".join(parts)

    def begin(self, goal: str = "") -> None:
        """Note that the session is at work, and at what. Raises AlmaError, PathRefused."""
        if not self.is_begun:
            self.sessions.hold(self.session)
            self.is_begun = True
        self._write(goal=goal)

    def rest(self) -> None:
        """Note that the turn is over."""
        if self.is_begun:
            self._write()

    def end(self) -> None:
        """Note that the session was left on purpose."""
        if self.is_begun:
            self._write(is_open=False)
            self.sessions.let_go()
            self.is_begun = False

    def enter(self, session: str) -> None:
        """Go to another session, new or known; the present one is left on purpose.

        Raises AlmaError if another process is in it.
        """
        note = self.sessions.note(session)
        if note is not None:
            self.sessions.hold(session)
        if self.is_begun:
            self._write(is_open=False)
        if note is None:  # nothing is made for it before its first turn
            self.sessions.let_go()
        self.is_begun = note is not None
        self.session, self.turns, self.usage = session, 0, Usage()
        self.last = self.recollection = None
        self.files, self.scope = [], EditScope()
        if note is not None:
            self.recall(note)

    def recall(self, note: SessionNote) -> None:
        """Take up what a note says of a session. What is wrong in it, or gone, is left out."""
        self.turns, self.cut_off_goal, self.cut_off_at = note.turns, note.goal, note.seen
        self.mode = next(mode for mode in get_args(Mode) if mode == note.mode)
        self.files = list(self._found(note.files))
        try:
            self.scope = EditScope(note.scope)
        except ToolsetError:
            self.scope = EditScope()

    def dismiss_left(self) -> None:
        """Do not tell again of the session that was cut off."""
        if self.left is not None:
            self.sessions.write(replace(self.left, is_open=False))
            self.left = None

    def _found(self, paths: Iterable[str]) -> Iterable[PurePosixPath]:
        for path in paths:
            try:
                located = self.workspace.locate(path)
                if self.workspace.state_of(located) is not None:
                    yield located
            except ToolsetError:
                continue

    def _write(self, *, goal: str = "", is_open: bool = True) -> None:
        self.sessions.write(
            SessionNote(
                self.session,
                turns=self.turns,
                is_open=is_open,
                goal=goal,
                mode=self.mode,
                files=tuple(map(str, self.files)),
                scope=self.scope.globs,
            )
        )
