from __future__ import annotations

import pytest

from alma_agent.proposer.pricing import price


def known(model: str, provider: str, base_url: str | None = None) -> bool:
    cost = price(model, base_url, tokens_in=1000, cached=500, tokens_out=100, provider=provider)
    assert cost is None or cost > 0
    return cost is not None


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o", "openai"),
        ("claude-sonnet-4-5", "anthropic"),
        ("gemini-2.5-pro", "gemini"),
        ("mistral-large-latest", "mistral"),
        ("grok-4", "xai"),
        ("anthropic/claude-sonnet-4.5", "openrouter"),
    ],
)
def test_the_price_at_a_provider_is_known(model: str, provider: str) -> None:
    assert known(model, provider)


@pytest.mark.parametrize(
    ("model", "provider", "base_url"),
    [
        pytest.param("unheard-of", "openai", None, id="a model"),
        pytest.param("qwen3", "ollama", None, id="a provider"),
        pytest.param("claude-sonnet-4-5", "openai", None, id="another provider's model"),
        pytest.param("gpt-4o", "openai", "http://localhost:1/v1", id="an endpoint"),
        pytest.param("claude-sonnet-4-5", "anthropic", "http://localhost:1", id="a gateway"),
    ],
)
def test_a_price_that_nobody_knows_is_none(model: str, provider: str, base_url: str | None) -> None:
    assert not known(model, provider, base_url)


def test_what_the_cache_served_costs_less() -> None:
    def cost(cached: int) -> object:
        return price("gpt-4o", None, tokens_in=1000, cached=cached, tokens_out=0)

    assert cost(1000) < cost(0)  # type: ignore[operator]
