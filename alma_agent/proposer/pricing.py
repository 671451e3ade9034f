"""What tokens cost. Prices come with `genai-prices`; nothing is fetched."""

from __future__ import annotations

from decimal import Decimal

from genai_prices import Usage as Tokens
from genai_prices import calc_price

# Providers by the name that their models are asked by, where genai-prices has another.
_PRICED_AS = {
    "bedrock": "aws",
    "fireworks_ai": "fireworks",
    "gemini": "google",
    "moonshot": "moonshotai",
    "together_ai": "together",
    "vertex_ai": "google",
    "vertexai": "google",
    "voyage": "voyageai",
    "xai": "x-ai",
}


def price(
    model: str,
    base_url: str | None,
    *,
    tokens_in: int,
    cached: int,
    tokens_out: int,
    provider: str = "openai",
) -> Decimal | None:
    """Return US dollars, or None if nobody knows the price of this model at this endpoint."""
    tokens = Tokens(input_tokens=tokens_in, cache_read_tokens=cached, output_tokens=tokens_out)
    try:
        if base_url is None:
            named = _PRICED_AS.get(provider, provider)
            return calc_price(tokens, model, provider_id=named).total_price
        return calc_price(tokens, model, provider_api_url=base_url).total_price
    except (LookupError, ValueError):
        return None
