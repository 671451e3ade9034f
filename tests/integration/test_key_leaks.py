"""No key in any file, log, prompt or error, wherever it stands and whoever repeats it.

Afterwards every file is searched: the project's, alma's own, git's, those of home and of the
folder for temporary ones. Only what held the key before may hold it still.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alma_agent.records import Limits
from tests.conftest import git
from tests.integration.guards import holding
from tests.integration.obeying import APP, DONE, EDIT, KEY, Ended, Person, person, project
from tests.model_server import Answer, Call, Fail, Say, Step
from toolset.workspace import Workspace

__all__ = ["person", "project"]

NO_FORM = "tulip-harbor-window"  # as nobody's keys look: a server's of one's own, perhaps
LOOK = [Call("read_file", {"path": "settings.py"}), Call("search_text", {"text": "API_KEY"})]
CHECK = (sys.executable, "-c", "print(open('settings.py').read())")
FAILING = (sys.executable, "-c", "print(open('settings.py').read()); raise SystemExit(1)")


@pytest.fixture(params=[KEY, NO_FORM], ids=["of a known form", "of none"])
def key(
    request: pytest.FixtureRequest, project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Put a key where people put keys; in the end, look where else it is."""
    key: str = request.param
    monkeypatch.setenv("OPENAI_API_KEY", key)
    (project.root / ".env").write_text(f"OPENAI_API_KEY={key}\n")
    (project.root / "settings.py").write_text(f'# {key}\nAPI_KEY = "{key}"\nX = {{"k": "{key}"}}\n')
    (project.root / "AGENTS.md").write_text(
        f"Run the tests with OPENAI_API_KEY={key}, not {key}.\n"
    )
    git(project.root, "add", "--all")
    git(project.root, "commit", "-q", "-m", "second")
    folder = project.root.parent
    before = holding(key, folder)
    yield key
    assert holding(key, folder) - before == set()


def assert_untold(key: str, *ends: Ended) -> None:
    for ended in ends:
        assert key not in ended.server.heard
        assert key not in ended.screen
        assert key not in ended.log


def names(key: str) -> list[Step]:
    """Return answers that repeat the key in each place where a model can put it."""
    return [
        Answer(
            f"The key is {key}.",
            calls=[Call("search_text", {"text": key})],
            reasoning=key,
            pieces=7,
        ),
        Call("remember", {"content": f"the key is {key}", "tags": [key]}),
        Call("decide", {"decision": f"use {key}", "reasoning": f"because of {key}"}),
        Call("create_file", {"path": f"{key}.py", "content": f"K = '{key}'\n"}),
        Call(f"no_{key}", {key: key}),
        Call("finish", {"rationale": f"It is {key}."}),
    ]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("session", ["", "talk"], ids=["no session", "a session"])
async def test_a_run_that_succeeds(person: Person, key: str, session: str, stream: bool) -> None:
    ended = await person.runs([*LOOK, EDIT, DONE], session=session, stream=stream)

    assert ended.code == 0
    assert_untold(key, ended)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_a_model_that_repeats_the_key(person: Person, key: str, stream: bool) -> None:
    ended = await person.runs([EDIT, *names(key)], session="talk", stream=stream)

    assert ended.code == 0
    assert_untold(key, ended)


async def test_writes_out_of_scope_that_are_named_after_the_key(person: Person, key: str) -> None:
    ended = await person.runs([EDIT, *names(key)], file="app.py")

    assert ended.interaction.refusals
    assert_untold(key, ended)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
async def test_an_endpoint_that_repeats_the_key(person: Person, key: str, status: int) -> None:
    ended = await person.runs([*LOOK, EDIT, Fail(status, f"bad key: {key}", code=key)])

    assert ended.code == 4
    assert_untold(key, ended)


async def test_a_check_that_prints_the_key_and_passes(person: Person, key: str) -> None:
    ended = await person.runs([EDIT, Call("run_checks"), DONE], check=CHECK)

    assert ended.code == 0
    assert_untold(key, ended)


async def test_a_check_that_prints_the_key_and_fails(person: Person, key: str) -> None:
    ended = await person.runs([EDIT, Call("run_checks"), DONE], check=FAILING)

    assert ended.code == 5
    assert_untold(key, ended)


async def test_a_run_that_is_not_accepted(person: Person, key: str) -> None:
    ended = await person.runs([*LOOK, EDIT, DONE], assume_yes=False)

    assert ended.code == 3
    assert_untold(key, ended)


HOW: list[Any] = [
    pytest.param({"limits": Limits(turns=3)}, 9, id="at a limit"),
    pytest.param({"ask_before": frozenset({"replace_text"})}, 3, id="at a question"),
]


@pytest.mark.parametrize(("how", "code"), HOW)
@pytest.mark.parametrize("session", ["", "talk"], ids=["no session", "a session"])
async def test_a_run_that_is_paused(
    person: Person, key: str, session: str, how: dict[str, Any], code: int
) -> None:
    ended = await person.runs([*LOOK, EDIT, DONE], session=session, **how)

    assert ended.code == code
    assert "alma resume" in ended.screen
    assert key not in await person.lists()
    assert_untold(key, ended)


@pytest.mark.parametrize(("how", "code"), HOW)
async def test_a_run_that_is_paused_and_resumed(
    person: Person, key: str, how: dict[str, Any], code: int
) -> None:
    begun = await person.runs([*LOOK, EDIT, DONE], **how)
    (Path.cwd() / "settings.py").touch()

    ended = await person.resumes([*LOOK, DONE], approve=True)

    assert (begun.code, ended.code) == (code, 0)
    assert (Path.cwd() / "app.py").read_text().endswith("return p or 0\n")
    assert_untold(key, begun, ended)


async def test_a_paused_run_whose_draft_is_taken_as_it_is(person: Person, key: str) -> None:
    begun = await person.runs([*LOOK, EDIT, DONE], limits=Limits(turns=3))

    ended = await person.resumes([DONE], as_it_is=True)

    assert (begun.code, ended.code) == (9, 0)
    assert_untold(key, begun, ended)


@pytest.mark.parametrize("agents", [False, True], ids=["one agent", "three"])
async def test_a_plan(person: Person, key: str, agents: bool) -> None:
    ended = await person.runs([*LOOK, Say(f"1. Use {key}.")], mode="plan", agents=agents)

    assert ended.code == 0
    assert_untold(key, ended)


async def test_a_goal_that_holds_the_key(person: Person, key: str) -> None:
    ended = await person.runs([EDIT, DONE], goal=f"use the key {key} in load")

    assert ended.code == 0
    assert key not in ended.server.heard


async def test_a_key_in_the_file_in_hand(person: Person, key: str) -> None:
    (Path.cwd() / "settings.py").write_text(f"def load_{key.replace('-', '_')}(p=1): ...\n{APP}")

    ended = await person.runs([DONE], file="settings.py")

    assert_untold(key, ended)
