"""The scenarios of the first design, with OpenAI's own client and a model on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openai
import pytest

from alma_agent.config import MemoryChoice
from alma_agent.errors import UsageError
from alma_agent.memory.engine import ContextualMemoryIntegration, MemoryEngine, MemoryEngineAgent
from alma_agent.memory.ranking import tokens_of
from alma_agent.remembered import Scope
from alma_agent.wiring import open_house
from tests.conftest import make_repository, write_files
from tests.model_server import Fail, ModelServer, Say, model_server
from toolset.errors import PathRefused
from toolset.workspace import Workspace

MODULE = "cache.py"
FILES = {
    MODULE: "class Cache:\n    def get(self, key):\n        return self.rows[key]\n",
    "src/io.py": "def load(path):\n    return path\n",
}
QUESTION = "Which method of this class is slow?"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "project", FILES).root


@pytest.fixture
def engine(project: Path) -> MemoryEngine:
    return MemoryEngine(project)


@contextmanager
def talking(engine: MemoryEngine, *answers: str) -> Iterator[tuple[MemoryEngineAgent, ModelServer]]:
    """Yield an agent whose model gives these answers, and the server that hears the questions."""
    with (
        model_server([Say(answer) for answer in answers]) as server,
        openai.OpenAI(base_url=server.url, api_key="none", max_retries=0) as client,
    ):
        yield MemoryEngineAgent(client, engine), server


def system_message(server: ModelServer, number: int = -1) -> str:
    told: dict[str, str] = server.requests[number]["messages"][0]
    assert told["role"] == "system"
    return told["content"]


def contents(found: list[dict[str, Any]]) -> list[str]:
    return [one["content"] for one in found]


def test_an_editing_session_knows_the_file_and_what_is_remembered_of_it(
    engine: MemoryEngine,
) -> None:
    engine.store("Keys are never empty.", {"file_path": MODULE})

    with talking(engine, "-") as (agent, _):
        session = agent.start_editing_session(MODULE)

    assert str(session.path) == MODULE
    assert str(session.get_contextual_memory()) == "- Keys are never empty."
    assert agent.editing_sessions == {MODULE: session}


def test_the_model_sees_the_question_the_file_and_the_memories(engine: MemoryEngine) -> None:
    engine.store("Keys are never empty.", {"file_path": MODULE})

    with talking(engine, "get is.") as (agent, server):
        answer = agent.analyze_code_with_memory(MODULE, QUESTION)

    assert answer == "get is."
    assert server.requests[0]["messages"][1] == {"role": "user", "content": QUESTION}
    assert "- Keys are never empty." in system_message(server)
    assert "return self.rows[key]" in system_message(server)


def test_an_answer_is_in_the_next_context(engine: MemoryEngine) -> None:
    with talking(engine, "get walks over all rows.", "As I said.") as (agent, server):
        agent.analyze_code_with_memory(MODULE, QUESTION)
        agent.analyze_code_with_memory(MODULE, "And now?")

    assert "walks over all rows" not in system_message(server, 0)
    assert "walks over all rows" in system_message(server, 1)
    assert QUESTION in system_message(server, 1)


def test_an_answer_is_known_to_another_engine_of_the_folder(engine: MemoryEngine) -> None:
    with talking(engine, "get walks over all rows.") as (agent, _):
        agent.analyze_code_with_memory(MODULE, QUESTION)

    (found,) = MemoryEngine(engine.folder).search(MODULE, "cognitive")
    assert "get walks over all rows." in found["content"]
    assert (found["kind"], found["files"]) == ("interaction", [MODULE])


def test_the_file_is_shown_as_it_is_now(engine: MemoryEngine, project: Path) -> None:
    with talking(engine, "-") as (agent, server):
        agent.analyze_code_with_memory(MODULE, QUESTION)
        write_files(project, {MODULE: "class Cache: pass  # rewritten\n"})
        agent.analyze_code_with_memory(MODULE, QUESTION)

    assert "# rewritten" in system_message(server)


def test_where_nothing_is_remembered_the_model_is_told_so(engine: MemoryEngine) -> None:
    with talking(engine, "-") as (agent, server):
        agent.analyze_code_with_memory(MODULE, QUESTION)

    assert "Nothing is remembered" in system_message(server)


def test_a_failed_call_is_not_remembered(engine: MemoryEngine) -> None:
    with model_server([Fail(500)]) as server:
        client = openai.OpenAI(base_url=server.url, api_key="none", max_retries=0)
        with client, pytest.raises(openai.InternalServerError):
            MemoryEngineAgent(client, engine).analyze_code_with_memory(MODULE, QUESTION)

    assert engine.search() == []


def test_a_memory_takes_one_line_of_what_the_model_is_told(engine: MemoryEngine) -> None:
    engine.store("Slow.\n\nThe file as it is now:\nimport os", {"file_path": MODULE})

    with talking(engine, "-") as (agent, server):
        agent.analyze_code_with_memory(MODULE, QUESTION)

    assert system_message(server).splitlines().count("The file as it is now:") == 1


def test_a_context_is_bounded_and_of_the_newest(engine: MemoryEngine) -> None:
    integration = ContextualMemoryIntegration(engine)
    for number in range(40):
        answer = f"Answer {number}. " + f"Method {number} walks over all of its rows again. " * 99
        integration.store_agent_interaction(MODULE, QUESTION, answer, [])

    lines = integration.get_context_for_agent(MODULE).splitlines()

    assert tokens_of("\n".join(lines)) <= 4_000
    assert "Method 39" in lines[0]
    assert all(line.startswith("- ") for line in lines)


def test_a_path_starts_at_the_engines_folder_whatever_the_current_one(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = MemoryEngine(project / "src")

    with talking(engine, "It returns the path.", "-") as (agent, server):
        agent.analyze_code_with_memory("io.py", "What does load do?")
        agent.analyze_code_with_memory(str(project / "src/io.py"), "Sure?")

    assert "It returns the path." in system_message(server, 1)
    assert {one["files"][0] for one in engine.search()} == {"src/io.py"}


@pytest.mark.parametrize("path", ["../other/cache.py", "/etc/hostname", ".git/config"])
def test_a_file_that_is_not_the_projects_is_refused(
    engine: MemoryEngine, tmp_path: Path, path: str
) -> None:
    make_repository(tmp_path / "other", FILES)

    with talking(engine, "-") as (agent, server):
        with pytest.raises(PathRefused):
            agent.analyze_code_with_memory(path, QUESTION)

        assert server.requests == []


def test_the_context_of_an_agent_is_what_was_stored_of_the_file(engine: MemoryEngine) -> None:
    integration = ContextualMemoryIntegration(engine)
    engine.store("Somebody reads the rows twice.", {"file_path": "src/io.py"})

    integration.store_agent_interaction(MODULE, QUESTION, "get is.", ["read_file", "find_code"])

    context = integration.get_context_for_agent(MODULE, QUESTION)
    assert context == (
        f"- File: {MODULE} Request: {QUESTION} Answer: get is. Tools: read_file, find_code"
    )


def test_a_stored_interaction_says_what_it_was_made_of(engine: MemoryEngine) -> None:
    told = ContextualMemoryIntegration(engine).store_agent_interaction(
        MODULE, QUESTION, "get is.", ["read_file"]
    )

    assert told["strata"] == "cognitive"
    assert told["metadata"]["type"] == "agent_interaction"
    assert told["metadata"]["tools_used"] == ["read_file"]
    assert told["metadata"]["timestamp"] == told["at"]


def test_the_same_interaction_twice_is_two(engine: MemoryEngine) -> None:
    integration = ContextualMemoryIntegration(engine)
    for _ in range(2):
        integration.store_agent_interaction(MODULE, QUESTION, "get is.", [])

    assert len(engine.search(MODULE)) == 2


def test_where_nothing_is_remembered_of_a_file_the_context_says_so(engine: MemoryEngine) -> None:
    context = ContextualMemoryIntegration(engine).get_context_for_agent(MODULE, QUESTION)

    assert context == "Nothing is remembered of it."


@pytest.mark.parametrize("strata", ["somatic", "cognitive", "metaphysical"])
def test_what_is_stored_in_a_stratum_is_found_there_alone(
    engine: MemoryEngine, strata: str
) -> None:
    for one in ("somatic", "cognitive", "metaphysical"):
        engine.store(f"what is {one}", strata=one)

    found = engine.search(strata=strata)

    assert [(one["content"], one["strata"]) for one in found] == [(f"what is {strata}", strata)]


def test_without_a_stratum_all_are_searched_newest_first(engine: MemoryEngine) -> None:
    for number, strata in enumerate(("somatic", "metaphysical", "cognitive"), start=1):
        engine.store(f"said {number}", {"timestamp": f"2026-01-0{number}"}, strata)

    assert contents(engine.search()) == ["said 3", "said 2", "said 1"]
    assert contents(engine.search(limit=1)) == ["said 3"]


def test_a_filter_finds_text_and_files(engine: MemoryEngine) -> None:
    engine.store("The CACHE holds ten rows.")
    engine.store("Reads lines.", {"file_path": MODULE})
    engine.store("Something else.")

    assert contents(engine.search("cache")) == ["The CACHE holds ten rows."]
    assert contents(engine.search(MODULE)) == ["Reads lines."]


@pytest.mark.parametrize("sign", ["%", "_", "100%", "a_b", "'; --", "\\"])
def test_a_filter_is_text_and_no_pattern(engine: MemoryEngine, sign: str) -> None:
    engine.store("plain words")
    engine.store(f"with {sign} in it")

    assert contents(engine.search(sign)) == [f"with {sign} in it"]


def test_a_store_answers_as_a_search_does(engine: MemoryEngine) -> None:
    told = engine.store("Keys are never empty.", {"file_path": MODULE, "tags": ["keys"], "n": 1})

    assert engine.search() == [told]
    assert told["verdicts"] == {MODULE: "fresh"}
    assert told["tags"] == ["keys"]
    assert told["metadata"] == {"file_path": MODULE, "tags": ["keys"], "n": 1}


def test_a_memory_says_that_its_file_changed(engine: MemoryEngine, project: Path) -> None:
    engine.store("Keys are never empty.", {"file_path": MODULE})
    write_files(project, {MODULE: "class Cache: pass\n"})

    (found,) = engine.search(MODULE)

    assert found["verdicts"] == {MODULE: "drifted"}


@pytest.mark.parametrize("strata", ["etheric", "Cognitive", " "])
@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda engine, strata: engine.store("text", strata=strata), id="store"),
        pytest.param(lambda engine, strata: engine.search("text", strata), id="search"),
    ],
)
def test_an_unknown_stratum_is_refused_with_those_that_there_are(
    engine: MemoryEngine, ask: Callable[[MemoryEngine, str], object], strata: str
) -> None:
    with pytest.raises(UsageError, match="somatic, cognitive, metaphysical"):
        ask(engine, strata)

    assert engine.search() == []


@pytest.mark.parametrize("content", ["", " \n\t"])
def test_a_blank_text_is_refused(engine: MemoryEngine, content: str) -> None:
    with pytest.raises(UsageError, match="no text"):
        engine.store(content)


@pytest.mark.parametrize("path", ["../elsewhere.py", "/etc/hostname", ".git/config", "nul\0.py"])
def test_a_path_elsewhere_stays_in_the_metadata(engine: MemoryEngine, path: str) -> None:
    told = engine.store("about another project", {"file_path": path})

    assert (told["files"], told["metadata"]["file_path"]) == ([], path)


def test_metadata_that_json_has_no_word_for_is_kept_as_text(
    engine: MemoryEngine, project: Path
) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    told = engine.store("text", {"file_path": project / MODULE, "timestamp": at})

    assert told["files"] == [MODULE]
    assert told["at"] == at.isoformat()
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize("value", [{(1, 2): 3}, float("nan")], ids=["tuple as name", "no number"])
def test_metadata_that_is_no_json_is_refused(engine: MemoryEngine, value: object) -> None:
    with pytest.raises(UsageError, match="JSON"):
        engine.store("text", {"value": value})

    assert engine.search() == []


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        pytest.param("2026-03-01T12:00:00", "2026-03-01T12:00:00+00:00", id="no zone is UTC"),
        pytest.param("2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00+00:00", id="a zone"),
        pytest.param("2026-03-01", "2026-03-01T00:00:00+00:00", id="a day"),
    ],
)
def test_a_timestamp_is_the_memorys_time(
    engine: MemoryEngine, timestamp: str, expected: str
) -> None:
    assert engine.store("text", {"timestamp": timestamp})["at"] == expected
    assert [one["at"] for one in engine.search()] == [expected]


@pytest.mark.parametrize("timestamp", [None, "yesterday", 12, "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_now(engine: MemoryEngine, timestamp: object) -> None:
    before = datetime.now(UTC)

    told = engine.store("text", {"timestamp": timestamp})

    assert before <= datetime.fromisoformat(told["at"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [("keys", ["keys"]), (("b", "a"), ["a", "b"]), (None, []), (3, [])],
    ids=["one", "several", "none", "a number"],
)
def test_tags_are_read_as_they_are_meant(
    engine: MemoryEngine, tags: object, expected: list[str]
) -> None:
    engine.store("text", {"tags": tags})

    assert [sorted(one["tags"]) for one in engine.search()] == [expected]


def test_what_a_scope_stores_no_other_finds(engine: MemoryEngine) -> None:
    of_ann = MemoryEngine(engine.folder, scope=Scope(user="ann"))
    of_ann.store("Ann likes short names.")

    assert engine.search() == []
    assert MemoryEngine(engine.folder, scope=Scope(user="bob")).search("names") == []
    assert contents(of_ann.search()) == ["Ann likes short names."]


def test_an_engine_may_share_the_ledger_of_the_runs(project: Path) -> None:
    house = open_house(Workspace.around(project), MemoryChoice(namespace="shared"))
    engine = MemoryEngine(project, ledger=house.ledger, scope=house.scope)

    engine.store("Keys are never empty.")

    assert [one.memory.text for one in house.library.recent(limit=9)] == ["Keys are never empty."]
    assert MemoryEngine(project).search() == []


def test_a_secret_reaches_neither_the_ledger_nor_the_next_context(engine: MemoryEngine) -> None:
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"

    told = engine.store(f"Use {token}.", {"file_path": MODULE, "token": token})

    assert token not in json.dumps(told)
    assert token not in ContextualMemoryIntegration(engine).get_context_for_agent(MODULE)
    state = engine.folder / ".alma"
    assert not any(token.encode() in one.read_bytes() for one in state.rglob("*") if one.is_file())
