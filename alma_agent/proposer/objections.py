"""What keeps a draft from being proposed once the model says that it is done.

Each objection goes back to the model as a message, a limited number of times.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection

from alma_agent.proposer.agents import Critic, NotJudged
from alma_agent.proposer.prompts import try_again_message
from alma_agent.proposer.tools import Desk
from alma_agent.proposer.tools.checking import checked
from alma_agent.proposer.tools.editing import apply_patch
from toolset.checks import require_parsing
from toolset.errors import DoesNotParse, OutOfScope, SpillsOver, ToolsetError
from toolset.formats.reading import holds_edit
from toolset.spills import require_no_spill

_MENDS = 2
_QUESTIONS = 4  # about an end in mere words; one for each state of the draft
_SILENT = (
    "Nothing came of that: no tool was called and nothing was said. Do the task with the tools, "
    "then call finish. If there is nothing to change, call finish and say why."
)
_NO_CALL = "A call stands in your answer as text, and is no JSON or broke off. Make it shorter."
_IN_WORDS = (
    "No tool was called. If the task is done, or nothing needs to change, call finish and say why. "
    "If it is not, go on with the tools."
)


class Objections:
    """Looks at the draft of one run; remembers how often it sent it back.

    `asked_for` are the tools whose calls need a yes: what they do is not done for words either.
    """

    def __init__(
        self, desk: Desk, critic: Critic | None = None, asked_for: Collection[str] = ()
    ) -> None:
        self._desk = desk
        self._critic = critic
        self._asked_for = asked_for
        self._left = dict.fromkeys(("words", "draft", "check", "critic"), _MENDS)
        self._left["end"] = _QUESTIONS
        self._asked_at: int | None = None
        self._objected_at: int | None = None
        self.remarks: list[str] = []  # what a person should know of the end

    async def to(self, said: str) -> str:
        """Return what the model must mend; empty if the draft can be proposed.

        Raises DoesNotParse and SpillsOver for what it has not mended when asked twice.
        """
        if self._desk.task.mode == "plan":
            return ""
        return (
            ("" if self._desk.finished is not None else self._of_words(said))
            or self._of_draft()
            or self._of_check()
            or await self._of_critic()
        )

    def _of_words(self, said: str) -> str:
        """Stage edits that were said instead of made; ask whether mere words are the end.

        Weak models announce what they will do, or say nothing: half of a change must not pass for
        the whole. A check that passed on this very draft is answer enough.
        """
        if holds_edit(said) and self._left["words"]:
            return self._staged(said)
        desk = self._desk
        if self._is_answer(said):
            return ""
        if desk.state in (self._asked_at, desk.passed) or not self._again("end"):
            return ""
        self._asked_at = desk.state
        if not said.strip():
            return _SILENT
        return f"{_NO_CALL} {_IN_WORDS}" if "<tool_call" in said else _IN_WORDS

    def _is_answer(self, said: str) -> bool:
        """Say whether words are what was asked for: a question in a conversation that goes on."""
        task = self._desk.task
        is_asked = task.session not in ("", task.id) and task.goal.rstrip().endswith("?")
        is_told = bool(said.strip()) and "<tool_call" not in said
        return is_asked and is_told and not self._desk.draft.changes()

    def _staged(self, said: str) -> str:
        """Stage the edits in an answer; return what the model is told of it."""
        desk = self._desk
        self._left["words"] -= 1
        if "apply_patch" in self._asked_for:
            return f"An edit that is only said is not made. Call apply_patch with it. {_IN_WORDS}"
        try:
            told = apply_patch(desk, said)
        except OutOfScope as error:
            desk.note_refusal("apply_patch", error)
            told = str(error)
        except ToolsetError as error:
            told = f"The edit in your answer was not made: {error}"
        self._asked_at = desk.state
        return f"{told}\n{_IN_WORDS}"

    def _of_draft(self) -> str:
        changes = self._desk.draft.changes()
        try:
            require_parsing(changes)
            require_no_spill(changes)
        except (DoesNotParse, SpillsOver) as error:
            if not self._again("draft"):
                raise
            return try_again_message(str(error))
        return ""

    def _of_check(self) -> str:
        """Run the check where the model has not: a failure it can mend is no failure yet."""
        desk, task = self._desk, self._desk.task
        changes = desk.draft.changes()
        if not task.check or not changes or desk.state == desk.passed:
            return ""
        if not self._left["check"] or "run_checks" in self._asked_for:
            return ""
        desk.observer.step(f"checking: {shlex.join(task.check)}")
        report = checked(desk)
        if report.passed or not self._again("check"):
            return ""
        return try_again_message(
            f"{shlex.join(report.command)} fails (exit code {report.exit_code}):\n"
            f"{report.output_tail}"
        )

    async def _of_critic(self) -> str:
        if self._critic is None or not self._desk.draft.changes():
            return ""
        try:
            told = await self._critic.objections(self._desk)
        except NotJudged as error:
            self.remarks = [f"The critic did not judge it: {error}."]
            return ""
        state = self._desk.state
        if told and state != self._objected_at and self._again("critic"):
            self._objected_at = state
            self._desk.observer.step(f"the critic objects: {told}")
            return f"The critic objects:\n{told}"
        self.remarks = [f"The critic still objects:\n{told}"] if told else []
        return ""

    def _again(self, what: str) -> bool:
        self._left[what] -= 1
        return self._left[what] >= 0
