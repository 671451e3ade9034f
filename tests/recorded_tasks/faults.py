"""What goes wrong before a step, and the rule by which each kind of fault meets each task."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests import model_server
from tests.model_server import OVERFLOWS, Cut, Fail, Garble
from tests.recorded_tasks.families import FAMILIES
from tests.recorded_tasks.recorded import RecordedTask, Use
from tests.recorded_tasks.replies import Reply, ToolCall, reply, served

# Taken in turn; the endpoint's among the model's, so that both meet every kind of step.
KINDS = (
    "500",
    "unknown tool",
    "malformed arguments",
    "garbage",
    "wrong types",
    "empty reply",
    "hang-up",
    "prose",
    "429",
    "same id",
    "same failing call twice",
    "stream cut short",
    "missing file",
    "context overflow",
    "edit that does not match",
)
ENDPOINT_FAULTS = frozenset(
    {"500", "429", "garbage", "hang-up", "stream cut short", "context overflow"}
)
_EDITS = frozenset(
    {
        "replace_text",
        "apply_patch",
        "write_file",
        "create_file",
        "delete_file",
        "move_file",
        "rename_symbol",
        "refactor",
    }
)


@dataclass(frozen=True)
class Case:
    """A task, the step before which something goes wrong, and what. `number` tells cases apart."""

    family: str
    task: RecordedTask
    at: int
    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.task.name}: {self.kind} before step {self.at + 1}"

    @property
    def stream(self) -> bool:
        """Every other case is streamed; and what is about streams."""
        return self.number % 2 == 1 or self.kind == "stream cut short"


def cases(rotation: int = 0) -> list[Case]:
    """Return a case for every step of every task; the kinds go round within a family.

    Another rotation gives each step another kind.
    """
    found: list[Case] = []
    for index, (family, tasks) in enumerate(FAMILIES.items()):
        steps = [(task, at) for task in tasks for at in range(len(task.steps))]
        found += [
            Case(family, task, at, KINDS[(number + 4 * index + rotation) % len(KINDS)], number)
            for number, (task, at) in enumerate(steps)
        ]
    return found


def replies(task: RecordedTask) -> list[Reply]:
    """Return the task's steps as a model without a fault sends them."""
    return [reply(step, f"call-{number}") for number, step in enumerate(task.steps, 1)]


def in_words(task: RecordedTask) -> list[Reply]:
    """Return the task's steps with its patch as text, not in a call; nothing if it has none."""
    said = replies(task)
    for at, step in enumerate(task.steps):
        if isinstance(step, Use) and step.tool == "apply_patch":
            text = f"This is the change:\n\n{step.arguments['patch']}\n"
            return [*said[:at], Reply(text), *said[at + 1 :]]
    return []


def faulty_replies(case: Case) -> list[Reply]:
    """Return the task's steps with a fault of the model's before one of them."""
    steps = replies(case.task)
    if case.kind == "same id" and case.at:
        old = f"call-{case.at}"  # the step before had it
        step = reply(case.task.steps[case.at], old)
        return [*steps[: case.at], *_same_id(case, old), step, *steps[case.at + 1 :]]
    wrong = _BEFORE[case.kind](case, f"wrong-{case.at + 1}")
    return [*steps[: case.at], *wrong, *steps[case.at :]]


def faulty_steps(case: Case) -> list[model_server.Step]:
    """Return what the server does: the task's steps, with a fault before one of them."""
    if case.kind not in ENDPOINT_FAULTS:
        return [served(one) for one in faulty_replies(case)]
    steps = [served(one) for one in replies(case.task)]
    fault = _endpoint_fault(case, steps[case.at])
    return [*steps[: case.at], fault, *steps[case.at :]]


def _endpoint_fault(case: Case, step: model_server.Answer) -> model_server.Step:
    match case.kind:
        case "500":
            return Fail(500, "the model fell over")
        case "429":
            return Fail(429, "slow down", headers={"Retry-After": "0"})
        case "garbage":
            return _GARBAGE[case.number % len(_GARBAGE)]
        case "hang-up":
            return Cut(step, 300)
        case "stream cut short":
            return Cut(step, (300, 450)[case.number % 2], clean=True)
        case "context overflow":
            said = list(OVERFLOWS.values())
            return said[case.number % len(said)]
    raise AssertionError(case.kind)


_GARBAGE = (
    Garble("<html>It works!</html>", "text/html"),
    Garble("not JSON"),
    Garble('{"choices": null}'),
    Garble(""),
)


def _unknown_tool(case: Case, id: str) -> list[Reply]:
    wrong = (
        ToolCall.of("bash", id, command="cat README.md"),
        ToolCall.of("str_replace_editor", id, command="view", path="README.md"),
        ToolCall("submit", "", id),
    )
    return [Reply(calls=(wrong[case.number % len(wrong)],))]


def _malformed(case: Case, id: str) -> list[Reply]:
    """The step's own arguments, cut off in the middle, as at a limit of tokens."""
    step = case.task.steps[case.at]
    tool, given = ("read_file", {"path": "README.md"})
    if isinstance(step, Use) and step.arguments:
        tool, given = step.tool, step.arguments
    whole = json.dumps(given)
    return [Reply(calls=(ToolCall(tool, whole[: len(whole) // 2], id),))]


def _wrong_types(case: Case, id: str) -> list[Reply]:
    step = case.task.steps[case.at]
    tool, names = ("read_file", ["path"])
    if isinstance(step, Use) and step.arguments:
        tool, names = step.tool, list(step.arguments)
    return [Reply(calls=(ToolCall.of(tool, id, **{name: {"is": 1} for name in names}),))]


def _empty(case: Case, id: str) -> list[Reply]:  # noqa: ARG001
    return [Reply("" if case.number % 2 else None)]


def _prose(case: Case, id: str) -> list[Reply]:  # noqa: ARG001
    """Before any edit an announcement; later a call that is only written down.

    A bare announcement after an edit cannot be told from the end of the work.
    """
    done = case.task.steps[: case.at]
    if not any(isinstance(step, Use) and step.tool in _EDITS for step in done):
        return [Reply("I will look at the code first, and then make the change.")]
    call = json.dumps({"name": "list_files", "arguments": {"pattern": ""}})
    if case.number % 2:
        return [Reply(f"<tool_call>\n{call}\n</tool_call>")]
    return [Reply(f"Let me see which files there are.\n\n```json\n{call}\n```")]


def _same_id(case: Case, id: str) -> list[Reply]:  # noqa: ARG001
    """Two calls of one reply have the id that was there before, and that comes again."""
    first = ToolCall.of("list_files", id, pattern="")
    second = ToolCall.of("read_file", id, path="README.md")
    return [Reply(calls=(first, second))]


def _failing_twice(case: Case, id: str) -> list[Reply]:
    arguments = {"path": _a_file(case.task), "old": "no such line\n", "new": "x = 1\n"}
    return [
        Reply(calls=(ToolCall.of("replace_text", f"{id}-{time}", **arguments),))
        for time in ("first", "second")
    ]


def _missing_file(case: Case, id: str) -> list[Reply]:  # noqa: ARG001
    return [Reply(calls=(ToolCall.of("read_file", id, path="no/such/file.py"),))]


def _unmatched(case: Case, id: str) -> list[Reply]:
    path = _a_file(case.task)
    patch = (
        f"--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n"
        " def nobody_wrote_this(here):\n-    return 41\n+    return 42\n"
    )
    block = (
        f"{path}\n<<<<<<< SEARCH\nnobody_wrote_this = 41\n=======\n"
        "nobody_wrote_this = 42\n>>>>>>> REPLACE\n"
    )
    return [Reply(calls=(ToolCall.of("apply_patch", id, patch=(patch, block)[case.number % 2]),))]


def _a_file(task: RecordedTask) -> str:
    """Return a file that the task may edit."""
    return str(task.file or next(iter(task.expected)))


_BEFORE: dict[str, Callable[[Case, str], list[Reply]]] = {
    "unknown tool": _unknown_tool,
    "malformed arguments": _malformed,
    "wrong types": _wrong_types,
    "empty reply": _empty,
    "prose": _prose,
    "same id": _same_id,
    "same failing call twice": _failing_twice,
    "missing file": _missing_file,
    "edit that does not match": _unmatched,
}
