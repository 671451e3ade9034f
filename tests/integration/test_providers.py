"""The models that ask the chosen providers, over real HTTP on loopback."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import openai
import pytest
from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    function_tool,
)

from alma_agent.config import ModelChoice, model_choice
from alma_agent.errors import ModelUnavailable, UsageError
from alma_agent.proposer.providers import client_of, model_of, opened
from tests.integration.guards import no_connection_but_to
from tests.model_server import Call, Fail, ModelServer, Say, Stall, model_server

KEY = "sk-secret-of-a-test"
HAS_ANY_LLM, HAS_LITELLM = find_spec("any_llm") is not None, find_spec("litellm") is not None
needs_extension = pytest.mark.skipif(
    not HAS_ANY_LLM and not HAS_LITELLM, reason="needs alma-agent[any-llm] or [litellm]"
)
# Their libraries warn of their own affairs.
quietly = pytest.mark.filterwarnings("ignore")


@function_tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def answered(choice: ModelChoice, *, stream: bool = False) -> str:
    """Let an agent with one tool work; return its last words."""
    async with opened(choice) as model:
        agent = Agent(
            name="alma",
            tools=[add],
            model=model,
            model_settings=ModelSettings(parallel_tool_calls=False, include_usage=True),
        )
        config = RunConfig(tracing_disabled=True)
        if not stream:
            return str((await Runner.run(agent, "Add.", run_config=config)).final_output)
        result: Any = Runner.run_streamed(agent, "Add.", run_config=config)
        async for _ in result.stream_events():
            pass
        return str(result.final_output)


def chosen(name: str, server: ModelServer, **more: str) -> ModelChoice:
    """Return the choice of another provider that the server plays."""
    provider = name.partition("/")[0].upper()
    told = {f"{provider}_BASE_URL": server.url, f"{provider}_API_KEY": KEY, **more}
    choice = model_choice(name, environ=told, keyring=False)
    assert choice is not None
    return choice


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        pytest.param(ModelChoice("m", None, KEY), OpenAIResponsesModel, id="OpenAI"),
        pytest.param(
            ModelChoice("m", "http://x/v1", KEY), OpenAIChatCompletionsModel, id="an endpoint"
        ),
        pytest.param(
            ModelChoice("m", None, KEY, api="chat"), OpenAIChatCompletionsModel, id="chat, as asked"
        ),
        pytest.param(
            ModelChoice("m", "http://x/v1", KEY, api="responses"),
            OpenAIResponsesModel,
            id="responses, as asked",
        ),
    ],
)
async def test_which_model_asks(choice: ModelChoice, expected: type) -> None:
    async with opened(choice) as model:
        assert type(model) is expected


async def test_the_client_neither_retries_nor_waits_for_ever() -> None:
    client = client_of(ModelChoice("m", None, KEY, request_timeout_s=7))
    assert client is not None

    async with client:
        assert (client.max_retries, client.timeout.read) == (0, 7)  # type: ignore[union-attr]


def test_another_provider_is_not_asked_by_openai_s_client() -> None:
    assert client_of(ModelChoice("claude", None, KEY, provider="anthropic")) is None


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_whole_name_with_slashes_is_asked_for(api: Any) -> None:
    with model_server([Say("Here.")]) as server:
        choice = model_choice(
            "anthropic/claude", api=api, environ={"OPENAI_BASE_URL": server.url}, keyring=False
        )
        assert choice is not None

        assert await answered(choice) == "Here."

    assert server.requests[0]["model"] == "anthropic/claude"


async def test_a_call_that_takes_too_long_is_given_up() -> None:
    with model_server([Stall(2)]) as server:
        choice = ModelChoice("m", server.url, KEY, request_timeout_s=0.1)

        with pytest.raises(openai.APITimeoutError):
            await answered(choice)


async def test_no_error_of_a_provider_shows_the_key() -> None:
    with model_server([Fail(401, f"wrong key {KEY}")]) as server:
        choice = ModelChoice("m", server.url, KEY)

        with pytest.raises(openai.AuthenticationError) as refusal:
            await answered(choice)

    assert KEY not in choice.hiding(str(refusal.value))


@pytest.mark.skipif(HAS_ANY_LLM or HAS_LITELLM, reason="an extension is installed")
def test_what_is_not_installed_is_said_with_its_command() -> None:
    choice = ModelChoice("claude", None, KEY, provider="anthropic")

    with pytest.raises(UsageError, match=r"pip install 'alma-agent\[any-llm\]'") as refusal:
        model_of(choice, None)

    assert KEY not in str(refusal.value)


@needs_extension
@quietly
def test_a_provider_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UsageError, match="Nobody knows a provider nobody"):
        model_of(ModelChoice("m", None, KEY, provider="nobody"), None)


@needs_extension
@quietly
def test_a_provider_that_wants_a_key_says_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)

    with pytest.raises(ModelUnavailable, match=r"ANTHROPIC_API_KEY.*keyring set alma anthropic"):
        model_of(ModelChoice("claude", None, "", provider="anthropic"), None)


@pytest.mark.skipif(not HAS_ANY_LLM or HAS_LITELLM, reason="needs alma-agent[any-llm] alone")
@quietly
def test_a_provider_s_own_library_that_is_missing_is_named() -> None:
    if find_spec("mistralai") is not None:
        pytest.skip("mistralai is installed")

    with pytest.raises(UsageError, match=r"pip install 'any-llm-sdk\[mistral\]'"):
        model_of(ModelChoice("m", None, KEY, provider="mistral"), None)


@needs_extension
@quietly
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_another_provider_works_with_tools(stream: bool) -> None:
    with model_server([Call("add", {"a": 1, "b": 2}), Say("Three.")]) as server:
        assert await answered(chosen("deepseek/small", server), stream=stream) == "Three."

    assert set(server.keys) == {f"Bearer {KEY}"}
    assert server.requests[1]["messages"][-1]["content"] == "3"


@needs_extension
@quietly
async def test_another_provider_opens_no_socket_but_to_its_endpoint() -> None:
    with model_server([Say("Here.")]) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        with no_connection_but_to(port) as refused:
            await answered(chosen("deepseek/small", server))

    assert refused == []


@needs_extension
@quietly
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_another_provider_that_takes_too_long_is_given_up(stream: bool) -> None:
    with model_server([Stall(2)]) as server:
        choice = chosen("deepseek/small", server, ALMA_REQUEST_TIMEOUT="0.2")

        with pytest.raises(openai.APITimeoutError):
            await answered(choice, stream=stream)


@needs_extension
@quietly
async def test_another_provider_s_error_shows_no_key() -> None:
    with model_server([Fail(401, f"wrong key {KEY}")]) as server:
        choice = chosen("deepseek/small", server)

        with pytest.raises(openai.AuthenticationError) as refusal:
            await answered(choice)

    assert KEY not in choice.hiding(str(refusal.value))
