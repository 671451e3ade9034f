"""The page of a run: what stands on it, and that nothing on it can do anything."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from alma_agent.config import MemoryChoice
from alma_agent.memory.ledger import recording
from alma_agent.memory.sessions.conversation import Conversation
from alma_agent.paused import PausedRun
from alma_agent.ports import Crew
from alma_agent.records import (
    Applied,
    ChecksFailed,
    Failed,
    Interaction,
    NothingToDo,
    Outcome,
    Proposal,
    Refused,
    RolledBack,
    Task,
    Undone,
    Usage,
    Verdict,
)
from alma_agent.remembered import Memory, Recollection
from alma_agent.review import AssumeYes, NobodyThere
from alma_agent.run import run
from alma_agent.terminal.report.document import document
from alma_agent.terminal.report.gathering import Report, report_of
from alma_agent.terminal.report.page import page
from alma_agent.testing import SilentObserver
from alma_agent.undo import undo
from alma_agent.wiring import House, open_house
from tests.conftest import make_repository
from tests.making import an_interaction
from toolset import checkpoints
from toolset.checks import CheckReport
from toolset.draft import Draft

HOSTILE = (
    "</script></style></title></pre><script>alert(1)</script><img src=x onerror=alert(1)>"
    "<a href='javascript:1'>\"' {{ 7*7 }} {% raw %} <!-- ]]> & \x1b[31mred\x07 \u202eturned\u200b"
)
SPELT_OUT = ("\\x1b[31mred\\x07", "\\u202eturned\\u200b", "{{ 7*7 }}", "<script>alert(1)</script>")
A = PurePosixPath("a.py")


def said(text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text}],
    }


def call(name: str, arguments: str, answer: str) -> list[dict[str, Any]]:
    about = {"type": "function_call", "call_id": name, "name": name, "arguments": arguments}
    return [about, {"type": "function_call_output", "call_id": name, "output": answer}]


class Talking:
    """Proposes new contents of a.py, and says things in the task's session meanwhile."""

    def __init__(self, house: House, text: str, *items: dict[str, Any], why: str = "so") -> None:
        self._house, self._text, self._items, self._why = house, text, items, why

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:  # noqa: ARG002
        conversation = Conversation(self._house.ledger, task.session, self._house.scope)
        conversation.append([{"role": "user", "content": task.goal}, *self._items], by="small")
        draft = Draft(self._house.workspace)
        draft.write(A, self._text)
        usage = Usage(3, 1_200, 200, 30, Decimal("0.00001"))
        return Proposal(draft.changes(), self._why, "small", usage=usage)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    workspace = make_repository(tmp_path / "shop", {"a.py": "x = 1\n"})
    opened = open_house(workspace, MemoryChoice(embedder="none"))
    yield opened
    opened.ledger.close()


async def ran(
    house: House, goal: str, proposer: Talking, *, session: str = "s", **more: Any
) -> Interaction:
    reviewer = more.pop("reviewer", AssumeYes())
    task = Task(goal, session=session, **more)
    crew = Crew(house.library, proposer, reviewer, SilentObserver())
    return await run(task, house.workspace, crew)


def made(house: House, id_: str = "") -> str:
    return page(report_of(house, id_))


def text_of(html: str, section: str = "") -> str:
    """Return what is to be read; raises if the page is not well-formed."""
    tree = ET.fromstring(html)
    found = tree if not section else next(one for one in tree.iter() if one.get("id") == section)
    return " ".join("".join(found.itertext()).split())


async def test_a_page_tells_of_goal_talk_change_check_and_cost(house: House) -> None:
    items = call("replace_text", '{"path": "a.py", "new": "x = 2"}', "Done: 1 line.")
    proposer = Talking(house, "x = 2\n", said("I change it."), *items, why="Two is better.")
    told = await ran(house, "let x be two", proposer, check=("true",))

    html = made(house)

    assert "let x be two" in text_of(html)
    assert f"Applied to 1 file. Undo: alma undo {told.id}" in text_of(html)
    talk = text_of(html, "transcript")
    assert "I change it." in talk
    assert "small calls replace_text path: a.py" in talk
    assert "Done: 1 line." in talk
    assert "-x = 1 +x = 2" in text_of(html, "change")
    assert "true passed in" in text_of(html, "checks")
    assert "Two is better." in text_of(html, "rationale")
    assert "3 calls, 1,200 tokens in (200 of them cached), 30 out: <$0.0001." in text_of(
        html, "cost"
    )


async def test_the_words_that_changed_are_marked(house: House) -> None:
    await ran(house, "let x be two", Talking(house, "x = 2\n"))

    marks = [one.text for one in ET.fromstring(made(house)).iter("mark")]

    assert marks == ["1", "2"]


async def test_recalled_memories_are_told_and_forgotten_ones_named(house: House) -> None:
    for id_ in ("m1", "m2"):
        text = f"rows are read at once ({id_})"
        keep = Memory(id_, datetime.now(UTC), text, kind="decision", reasoning="files are small")
        recording.keep(house.ledger, [keep])
    await ran(house, "are rows read at once?", Talking(house, "x = 2\n"))
    house.library.forget(["m2"])

    told = text_of(made(house), "memories")

    assert "rows are read at once (m1)" in told
    assert "because: files are small" in told
    assert "m2 forgotten since" in told


async def test_of_a_long_session_only_the_turns_of_this_run_are_told(house: House) -> None:
    first = await ran(house, "the first goal", Talking(house, "x = 2\n", said("first answer")))
    second = await ran(house, "the second goal", Talking(house, "x = 3\n", said("second answer")))
    Conversation(house.ledger, "s").append([said("said afterwards")], by="small")

    talks = [text_of(made(house, one.id), "transcript") for one in (first, second)]

    assert ["first answer" in one for one in talks] == [True, False]
    assert ["second answer" in one for one in talks] == [False, True]
    assert not any("afterwards" in one for one in talks)


async def hostile_page(house: House) -> str:
    """Return a page on which every text that others write is hostile."""
    keep = Memory("m1", datetime.now(UTC), HOSTILE, reasoning=HOSTILE, by=HOSTILE, kind="fact")
    recording.keep(house.ledger, [keep])
    items = call(HOSTILE, '{"' + "x" + '": "' + "</script>" + '"}', HOSTILE)
    other = {"type": HOSTILE, "data": HOSTILE}
    code = f'"""{HOSTILE}"""\n'
    proposer = Talking(house, code, said(HOSTILE), *items, other, why=HOSTILE)
    check = ("python3", "-c", f"print({HOSTILE!r})")
    await ran(house, f"red turned {HOSTILE}", proposer, session=HOSTILE, check=check)
    return made(house)


async def test_no_text_becomes_markup(house: House) -> None:
    html = await hostile_page(house)

    tags = {element.tag for element in ET.fromstring(html).iter()}
    assert not tags & {"script", "img", "a", "iframe", "object", "link", "base", "form"}
    for section in ("memories", "transcript", "rationale", "change", "checks"):
        for text in SPELT_OUT:
            assert text in text_of(html, section), (section, text)


async def test_no_character_that_moves_hides_or_turns_text_is_on_the_page(house: House) -> None:
    html = await hostile_page(house)

    assert not [one for one in html if not one.isprintable() and one != "\n"]


async def test_the_page_loads_nothing_and_says_so_to_the_browser(house: House) -> None:
    html = await hostile_page(house)
    tree = ET.fromstring(html)

    attributes = {name for element in tree.iter() for name in element.attrib}
    assert attributes <= {"lang", "charset", "http-equiv", "content", "name", "class", "id", "open"}
    (style,) = tree.iter("style")
    assert style.text is not None
    assert not re.search(r"url\(|@import|@font-face|expression", style.text)
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    policy = next(one for one in tree.iter("meta") if one.get("http-equiv"))
    assert policy.get("content") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


async def test_secrets_are_taken_out_of_the_change_too(house: House) -> None:
    key = "sk-proj-Zq8vT3nLw9XbR2mK7cYd5HfJ4pGs6AeU"
    await ran(house, f"use {key}", Talking(house, f"api_key = '{key}'\n", said(key), why=key))

    html = made(house)

    assert key not in html
    assert "[redacted: " in text_of(html, "change")


async def test_a_change_that_was_taken_back_says_so(house: House) -> None:
    told = await ran(house, "let x be two", Talking(house, "x = 2\n"))
    await undo(house.workspace, house.library)

    html = made(house, told.id)

    assert "reverted" in text_of(html)
    assert "It was taken back since." in text_of(html)


async def test_a_change_whose_checkpoint_is_gone_is_told_without_its_diff(house: House) -> None:
    told = await ran(house, "let x be two", Talking(house, "x = 2\n"))
    checkpoints.remove(house.workspace, checkpoints.saved(house.workspace))

    assert "cannot be shown any more" in text_of(made(house, told.id), "change")


async def test_a_refused_run_and_one_without_a_conversation_have_a_page(house: House) -> None:
    await ran(house, "let x be two", Talking(house, "x = 2\n"), reviewer=NobodyThere())
    Conversation(house.ledger, "s").clear()

    html = made(house)

    assert "Nothing was changed." in text_of(html, "change")
    assert "holds nothing of this run any more" in text_of(html, "transcript")
    assert "Not accepted by nobody" in text_of(html, "decision")


async def test_the_draft_of_a_run_that_stopped_is_shown_as_one(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    told = await ran(house, "let x be two", Talking(house, "x = 2\n"), reviewer=NobodyThere())
    draft = Draft(house.workspace)
    draft.write(A, "x = 2\n")
    task = Task("let x be two", id=told.id)
    house.paused_runs.keep(PausedRun(task, "nobody was there", "", draft.changes(), []))

    change = text_of(made(house), "change")

    assert "The draft, which was not applied" in change
    assert "+x = 2" in change


@pytest.mark.parametrize(
    "outcome",
    [
        Applied("c"),
        Refused("no"),
        ChecksFailed(CheckReport(("false",), 1, 0.1, "E assert False")),
        ChecksFailed(CheckReport(("sleep", "9"), None, 9.0, "")),
        NothingToDo(),
        Failed("a limit was reached"),
        RolledBack("killed"),
        Undone("aaa", "c"),
        Undone("aaa", "c", "redo"),
    ],
    ids=lambda one: getattr(one, "verb", one.kind),
)
def test_however_a_run_ended_it_has_a_page(outcome: Outcome) -> None:
    told = an_interaction("aaa", outcome=outcome, verdict=Verdict(accepted=True, by="human"))

    html = page(Report(told, "shop", taken_back=False))

    assert "rename load to read_csv" in text_of(html)


async def test_a_program_is_told_the_same(house: House) -> None:
    items = call("replace_text", '{"path": "a.py"}', "Done.")
    told = await ran(house, "let x be two", Talking(house, "x = 2\n", *items))

    result = document(report_of(house, told.id[:8]))

    assert result["run"] is not None
    assert result["run"]["id"] == told.id
    assert [(one["kind"], one["name"], one["answer"]) for one in result["transcript"]] == [
        ("told", "", ""),
        ("called", "replace_text", "Done."),
    ]
    assert [one["path"] for one in result["change"]] == ["a.py"]
