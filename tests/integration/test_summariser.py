"""A model's summary over real HTTP, and what happens without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma_agent.config import Api, ModelChoice
from alma_agent.errors import ModelUnavailable
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.ranking import tokens_of
from alma_agent.memory.sessions.talk import Message
from alma_agent.memory.sessions.window import Window
from alma_agent.memory.sessions.working_memory import WorkingMemories
from alma_agent.proposer.summariser import ModelSummariser
from tests.model_server import Call, Fail, Garble, Hangup, Say, Step, model_server

TALK = [
    Message("user", f"Decision {number}: module_{number} moves to package_{number}.", f"m{number}")
    for number in range(30)
]


def asking(url: str, api: Api = "auto") -> ModelSummariser:
    return ModelSummariser(ModelChoice("small", url, "sk-secret", api=api), timeout_s=5)


@pytest.mark.parametrize(
    ("api", "path"), [("chat", "/v1/chat/completions"), ("responses", "/v1/responses")]
)
def test_older_messages_are_put_into_the_model_s_words(ledger: Ledger, api: Api, path: str) -> None:
    with model_server([Say("All modules move.")]) as server:
        working = WorkingMemories(ledger, window=Window(600), summariser=asking(server.url, api))
        session = working.add("s", TALK)

    assert session.context == "All modules move."
    assert server.paths == [path]
    assert "user: Decision 0: module_0 moves" in server.heard
    assert "sk-secret" not in server.heard


def test_an_answer_that_is_too_long_is_cut(ledger: Ledger) -> None:
    long = " ".join(f"Module {number} moves to its package." for number in range(200))
    with model_server([Say(long)]) as server:
        working = WorkingMemories(ledger, window=Window(600), summariser=asking(server.url))
        session = working.add("s", TALK)

    assert "Module" in session.context
    assert tokens_of(session.context) <= 0.2 * 600


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(Fail(500), id="an error"),
        pytest.param(Fail(401), id="a wrong key"),
        pytest.param(Garble("<html>", "text/html"), id="a page"),
        pytest.param(Garble("{}"), id="half an answer"),
        pytest.param(Hangup(), id="a dead line"),
        pytest.param(Call("load"), id="a call"),
        pytest.param(Say(" "), id="nothing"),
    ],
)
@pytest.mark.parametrize("api", ["chat", "responses"])
def test_without_an_answer_sentences_are_chosen(tmp_path: Path, step: Step, api: Api) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    with model_server([step]) as server:
        with pytest.raises(ModelUnavailable):
            asking(server.url, api).summarise("", TALK, budget_tokens=100)
        working = WorkingMemories(ledger, window=Window(600), summariser=asking(server.url, api))
        session = working.add("s", TALK)
    ledger.close()

    assert "Decision" in session.context


def test_another_provider_s_key_and_talk_do_not_go_to_openai() -> None:
    choice = ModelChoice("claude", None, "sk-secret", provider="anthropic")

    with pytest.raises(ModelUnavailable, match="anthropic is not asked for summaries"):
        ModelSummariser(choice).summarise("", TALK[:2], budget_tokens=100)
