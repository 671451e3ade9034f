"""What a span says of the model that was asked, and of its answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from agents import ModelResponse
from agents.models.default_models import get_default_model
from agents.models.fake_id import FAKE_RESPONSES_ID

from alma_agent.config import ModelChoice

Attributes = dict[str, str | int | bool]
_AS_CONVENTIONS_SAY = {
    "azureopenai": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "openai-compatible": "openai",  # the form of what is sent, not who answers
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}


def asked(choice: ModelChoice) -> Attributes:
    """Return who is asked, and where."""
    told: Attributes = {
        "gen_ai.provider.name": _AS_CONVENTIONS_SAY.get(choice.provider, choice.provider),
        "gen_ai.request.model": choice.name or get_default_model(),
    }
    if not choice.base_url:
        return told
    url = urlsplit(choice.base_url)
    if url.hostname:
        told["server.address"] = url.hostname
        told["server.port"] = url.port or (443 if url.scheme == "https" else 80)
    return told


def answered(response: ModelResponse) -> Attributes:
    """Return what it cost in tokens; nothing if the endpoint did not say."""
    usage = response.usage
    told: Attributes = {}
    if response.response_id and response.response_id != FAKE_RESPONSES_ID:
        told["gen_ai.response.id"] = response.response_id
    if not usage.total_tokens:
        return told
    told["gen_ai.usage.input_tokens"] = usage.input_tokens
    told["gen_ai.usage.output_tokens"] = usage.output_tokens
    details = {
        "gen_ai.usage.cache_read.input_tokens": usage.input_tokens_details.cached_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.output_tokens_details.reasoning_tokens,
    }
    return told | {name: count for name, count in details.items() if count}
