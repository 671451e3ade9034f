"""Which of the SDK's models asks the model that was chosen, and how.

OpenAI, and what speaks as it does, is asked by OpenAI's client. Others are asked by any-llm or
LiteLLM, which are extras: whichever is installed, any-llm first.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec

import openai
from agents import Model, OpenAIChatCompletionsModel, OpenAIResponsesModel
from agents.models.default_models import get_default_model

from alma_agent.config import ModelChoice
from alma_agent.errors import ModelUnavailable, UsageError
from alma_agent.keys import NO_KEY, SERVICE, variable
from alma_agent.proposer.timed_model import TimedModel

_CONNECT_S = 15.0
# LiteLLM's `ollama` is an older protocol, which knows no tools.
_AS_LITELLM_SAYS = {"ollama": "ollama_chat", "vertexai": "vertex_ai", "together": "together_ai"}


def model_of(choice: ModelChoice, client: openai.AsyncOpenAI | None) -> Model:
    """Return who asks the model. `client` is that of `client_of`; other providers need none.

    Raises UsageError if the provider is unknown or its extra is not installed, ModelUnavailable if
    it wants a key and there is none.
    """
    if (client := client or client_of(choice)) is None:
        return TimedModel(_extension(choice), choice.request_timeout_s)
    name = choice.name or get_default_model()
    if choice.uses_responses:
        return OpenAIResponsesModel(name, client, model_is_explicit=choice.name is not None)
    return OpenAIChatCompletionsModel(name, client)


def client_of(choice: ModelChoice) -> openai.AsyncOpenAI | None:
    """Return OpenAI's client for the endpoint; None if it cannot ask this provider.

    It does not retry: the run decides on that.
    """
    if not choice.speaks_openai:
        return None
    return openai.AsyncOpenAI(
        api_key=choice.api_key or NO_KEY,
        base_url=choice.base_url,
        timeout=openai.Timeout(choice.request_timeout_s, connect=_CONNECT_S),
        max_retries=0,
        # A redirect would send the conversation to a host that nobody chose.
        http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
    )


@asynccontextmanager
async def opened(choice: ModelChoice) -> AsyncIterator[Model]:
    """Hold the model that was chosen, and close what it opened. Raises as `model_of` does."""
    client = client_of(choice)
    try:
        model = model_of(choice, client)
        try:
            yield model
        finally:
            await model.close()
    finally:
        if client is not None:
            await client.close()


def _extension(choice: ModelChoice) -> Model:
    if find_spec("any_llm") is not None and (model := _any_llm(choice)) is not None:
        return model
    if find_spec("litellm") is not None and (model := _litellm(choice)) is not None:
        return model
    if find_spec("any_llm") is None and find_spec("litellm") is None:
        raise UsageError(
            f"--model {choice.provider}/{choice.name} is no model of OpenAI's, and what asks other "
            "providers is not installed: pip install 'alma-agent[any-llm]' (or [litellm]). Or, for "
            "an OpenAI-compatible endpoint, set OPENAI_BASE_URL."
        )
    raise UsageError(
        f"Nobody knows a provider {choice.provider} (of --model {choice.provider}/{choice.name}). "
        "For an OpenAI-compatible endpoint, set OPENAI_BASE_URL."
    )


def _any_llm(choice: ModelChoice) -> Model | None:
    """Return any-llm's model; None if it does not know the provider."""
    from agents.extensions.models.any_llm_model import AnyLLMModel
    from any_llm import AnyLLM
    from any_llm.exceptions import MissingApiKeyError

    if choice.provider not in AnyLLM.get_supported_providers():
        return None
    try:  # made once to see whether it can be: else a run would only find out at its first call
        AnyLLM.create(choice.provider, choice.api_key or None, choice.base_url)
    except MissingApiKeyError as error:
        raise ModelUnavailable(_no_key(choice, error.env_var_name)) from error
    except ImportError as error:
        raise UsageError(
            f"What asks {choice.provider} is not installed: "
            f"pip install 'any-llm-sdk[{choice.provider}]'."
        ) from error
    return AnyLLMModel(
        f"{choice.provider}/{choice.name}",
        choice.base_url,
        choice.api_key or None,
        "responses" if choice.uses_responses else "chat_completions",
    )


def _litellm(choice: ModelChoice) -> Model | None:
    """Return LiteLLM's model; None if it does not know the provider."""
    # Read when it is imported. By default it fetches prices, and loads the .env of the project in
    # hand, which could so choose where the key is sent.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    import litellm
    from agents.extensions.models.litellm_model import LitellmModel

    litellm.suppress_debug_info = True  # it prints advice on each error
    litellm.telemetry = False
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    provider = _AS_LITELLM_SAYS.get(choice.provider, choice.provider)
    if provider not in litellm.provider_list:
        return None
    name = f"{provider}/{choice.name}"
    told = litellm.validate_environment(name, api_key=choice.api_key or None)
    missing = [one for one in told["missing_keys"] if not one.endswith("_BASE")]
    if missing and not choice.base_url:  # a server of one's own may ask for none
        raise ModelUnavailable(_no_key(choice, ", ".join(missing)))
    return LitellmModel(name, choice.base_url, choice.api_key or None)


def _no_key(choice: ModelChoice, wanted: str) -> str:
    return (
        f"{choice.provider} wants a key. Set {wanted or variable(choice.provider)}, or put it into "
        f"the system's keyring: keyring set {SERVICE} {choice.provider}. Nothing was written."
    )
