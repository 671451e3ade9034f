"""How servers say that a request is longer than the model's context, each in its own words.

The sentences are those that their users report, or that stand in their sources.
"""

from __future__ import annotations

from tests.model_server.steps import Fail


def _plain(status: int, message: str, **more: object) -> Fail:
    return Fail(status, body={"error": {"message": message, **more}})


OVERFLOWS: dict[str, Fail] = {
    "OpenAI": Fail(
        400,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in "
        "204308 tokens. Please reduce the length of the messages.",
        code="context_length_exceeded",
    ),
    "OpenAI responses": _plain(
        400,
        "Your input exceeds the context window of this model. Please adjust your input and try "
        "again.",
        type="invalid_request_error",
    ),
    "OpenAI gpt-5": _plain(
        400,
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
        "509178 tokens. Please reduce the length of the messages.",
    ),
    "OpenAI rate tier": _plain(
        429,
        "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, "
        "Requested 35123. The input or output tokens must be reduced in order to run successfully.",
        code="rate_limit_exceeded",
    ),
    "llama.cpp": _plain(
        400,
        "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it",
        type="exceed_context_size_error",
        code=400,
        n_prompt_tokens=4390,
        n_ctx=4096,
    ),
    "llama.cpp, older": _plain(
        500, "the request exceeds the available context size. try increasing the context size"
    ),
    "llama.cpp, while it answers": _plain(
        500, "Context size has been exceeded.", type="server_error", code=500
    ),
    "llama-cpp-python": _plain(500, "Requested tokens (2285) exceed context window of 2048"),
    "vLLM": Fail(
        400,
        body={
            "object": "error",
            "message": "This model's maximum context length is 6048 tokens. However, you requested "
            "6616 tokens (568 in the messages, 6048 in the completion). Please reduce the length "
            "of the messages or completion.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    "vLLM, no room for an answer": Fail(
        400,
        body={
            "object": "error",
            "message": "max_tokens must be at least 1, got -186.",
            "code": 400,
        },
    ),
    "vLLM, a long prompt": _plain(
        400,
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
    ),
    "SGLang": _plain(
        400, "The input (5000 tokens) is longer than the model's context length (4096 tokens)."
    ),
    "TGI": _plain(
        422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096."
    ),
    "Ollama": _plain(400, "prompt too long; exceeded max context length by 812 tokens"),
    "Ollama, not truncating": _plain(400, "the input length exceeds the context length"),
    "LM Studio": _plain(
        400,
        "The number of tokens to keep from the initial prompt is greater than the context length.",
    ),
    "LiteLLM": _plain(
        400,
        "litellm.ContextWindowExceededError: litellm.BadRequestError: AnthropicError - prompt is "
        "too long: 205668 tokens > 200000 maximum",
    ),
    "OpenRouter": _plain(
        400,
        "This endpoint's maximum context length is 16384 tokens. However, you requested about "
        "94307 tokens (94307 of text input). Please reduce the length of either one, or use the "
        '"middle-out" transform to compress your prompt automatically.',
        code=400,
    ),
    "Anthropic": Fail(
        400,
        body={
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "prompt is too long: 213462 tokens > 200000 maximum",
            },
        },
    ),
    "Anthropic, with the answer": _plain(
        400,
        "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease "
        "input length or `max_tokens` and try again",
    ),
    "Gemini": _plain(
        400,
        "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
    ),
    "xAI": _plain(
        400,
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    ),
    "Groq": _plain(400, "Please reduce the length of the messages or completion."),
    "Mistral": _plain(
        400,
        "Prompt contains 40960 tokens and 0 draft tokens, too large for model with 32768 maximum "
        "context length",
    ),
    "Bedrock": _plain(400, "Input is too long for requested model."),
    "Copilot": _plain(400, "prompt token count of 130000 exceeds the limit of 128000"),
    "Kimi": _plain(400, "Your request exceeded model token limit: 131072 (requested: 140000)"),
    "MiniMax": _plain(400, "invalid params, context window exceeds limit"),
    "a proxy before it": Fail(413, body="<html><h1>413 Request Entity Too Large</h1></html>"),
}
