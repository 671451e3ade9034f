from __future__ import annotations

import pickle
import shlex
from collections.abc import Callable

import pytest

from alma_agent.config import (
    MemoryChoice,
    ModelChoice,
    command,
    environment,
    model_choice,
    with_key,
)
from alma_agent.errors import UsageError

LOCAL = "http://localhost:8080/v1"
SECRET = "sk-secret-of-a-test"


@pytest.mark.parametrize(
    ("name", "environ", "expected"),
    [
        pytest.param(None, {}, None, id="nothing is configured"),
        pytest.param("gpt", {}, None, id="a name alone is no model"),
        pytest.param(None, {"OPENAI_API_KEY": ""}, None, id="an empty key is none"),
        pytest.param(None, {"OPENAI_BASE_URL": ""}, None, id="an empty endpoint is none"),
        pytest.param(
            None, {"OPENAI_API_KEY": "sk"}, ModelChoice(None, None, "sk"), id="OpenAI's default"
        ),
        pytest.param(
            "gpt", {"OPENAI_API_KEY": "sk"}, ModelChoice("gpt", None, "sk"), id="OpenAI, by name"
        ),
        pytest.param(
            "qwen",
            {"OPENAI_BASE_URL": LOCAL},
            ModelChoice("qwen", LOCAL, "no-key"),
            id="an endpoint that asks for no key",
        ),
        pytest.param(
            "qwen",
            {"OPENAI_BASE_URL": LOCAL, "OPENAI_API_KEY": "sk"},
            ModelChoice("qwen", LOCAL, "sk"),
            id="an endpoint with a key",
        ),
        pytest.param(
            "anthropic/claude",
            {"OPENAI_BASE_URL": LOCAL, "OPENAI_API_KEY": "sk", "ANTHROPIC_API_KEY": "other"},
            ModelChoice("anthropic/claude", LOCAL, "sk", provider="openai-compatible"),
            id="an endpoint's own name with a slash",
        ),
        pytest.param(
            "openai/gpt-5",
            {"OPENAI_BASE_URL": LOCAL},
            ModelChoice("openai/gpt-5", LOCAL, "no-key"),
            id="a gateway gets the whole name",
        ),
        pytest.param(
            "openai/gpt-5",
            {"OPENAI_API_KEY": "sk"},
            ModelChoice("gpt-5", None, "sk"),
            id="OpenAI, by its full name",
        ),
        pytest.param(
            "anthropic/claude",
            {"OPENAI_API_KEY": "sk", "ANTHROPIC_API_KEY": "key"},
            ModelChoice("claude", None, "key", provider="anthropic"),
            id="another provider, with its own key",
        ),
        pytest.param(
            "Ollama/qwen",
            {"OPENAI_API_KEY": "sk"},
            ModelChoice("qwen", None, "", provider="ollama"),
            id="another provider is never sent OpenAI's key",
        ),
        pytest.param(
            "ollama/qwen",
            {"OLLAMA_BASE_URL": LOCAL},
            ModelChoice("qwen", LOCAL, "", provider="ollama"),
            id="another provider, elsewhere",
        ),
        pytest.param(
            "openrouter/qwen/qwen3",
            {"OPENROUTER_API_KEY": "key"},
            ModelChoice("qwen/qwen3", None, "key", provider="openrouter"),
            id="only the first word is the provider",
        ),
        pytest.param(
            "gemini/pro",
            {"GOOGLE_API_KEY": "key"},
            ModelChoice("pro", None, "key", provider="gemini"),
            id="a key by the provider's other name",
        ),
        pytest.param(
            "gpt",
            {"OPENAI_API_KEY": "sk", "ALMA_REQUEST_TIMEOUT": "2.5"},
            ModelChoice("gpt", None, "sk", request_timeout_s=2.5),
            id="a limit for each call",
        ),
    ],
)
def test_model_choice(
    name: str | None, environ: dict[str, str], expected: ModelChoice | None
) -> None:
    assert model_choice(name, environ=environ, keyring=False) == expected


def test_an_endpoint_without_a_model_s_name_is_refused() -> None:
    with pytest.raises(UsageError, match=f"OPENAI_BASE_URL is {LOCAL}.*--model NAME"):
        model_choice(None, environ={"OPENAI_BASE_URL": LOCAL})


@pytest.mark.parametrize("name", ["/gpt", "anthropic/", "anthropic//", "a b/c", "-x/y"])
def test_half_a_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no model's name"):
        model_choice(name, environ={"OPENAI_API_KEY": "sk"})


@pytest.mark.parametrize("seconds", ["ten", "0", "-1", "inf", "nan"])
def test_a_wrong_time_out_is_refused(seconds: str) -> None:
    with pytest.raises(UsageError, match="ALMA_REQUEST_TIMEOUT is"):
        model_choice("gpt", environ={"OPENAI_API_KEY": "sk", "ALMA_REQUEST_TIMEOUT": seconds})


@pytest.mark.parametrize(
    ("name", "environ", "in_keyring", "expected"),
    [
        pytest.param("gpt", {}, {"openai": "kept"}, "kept", id="OpenAI's"),
        pytest.param("gpt", {}, {}, None, id="OpenAI wants one"),
        pytest.param("gpt", {"OPENAI_API_KEY": "set"}, {"openai": "kept"}, "set", id="set, too"),
        pytest.param("x/y", {}, {"x": "kept", "openai": "no"}, "kept", id="another provider's"),
        pytest.param("x/y", {}, {}, "", id="another provider may know who asks"),
        pytest.param("m", {"OPENAI_BASE_URL": LOCAL}, {}, "no-key", id="an endpoint without"),
        pytest.param(
            "m", {"OPENAI_BASE_URL": LOCAL}, {"openai": "kept"}, "no-key", id="is not sent OpenAI's"
        ),
        pytest.param(
            "m", {"OPENAI_BASE_URL": LOCAL}, {"openai-compatible": "k"}, "k", id="an endpoint's"
        ),
    ],
)
def test_the_key_that_the_keyring_holds(
    name: str, environ: dict[str, str], in_keyring: dict[str, str], expected: str | None
) -> None:
    choice = model_choice(name, environ=environ, keyring=True)
    assert choice is not None

    known = with_key(choice, lambda provider: in_keyring.get(provider, ""))

    assert (known and known.api_key) == expected


@pytest.mark.parametrize("written", [repr, str, "{}".format, "{0!a}".format, "%s".__mod__])
def test_no_key_is_shown(written: Callable[[object], str]) -> None:
    choice = model_choice(
        "gpt",
        environ={
            "OPENAI_BASE_URL": f"https://me:{SECRET}@x.org/v1?api-key={SECRET}",
            "OPENAI_API_KEY": SECRET,
            "MISTRAL_API_KEY": f"{SECRET}-2",
        },
    )
    memory = MemoryChoice(SECRET, None, "m", f"https://me:{SECRET}@x.org", SECRET, SECRET, SECRET)

    assert SECRET not in written(choice) + written(memory)


@pytest.mark.parametrize("choice", [ModelChoice("gpt", None, SECRET), MemoryChoice(SECRET)])
def test_what_holds_keys_is_not_written_down(choice: object) -> None:
    with pytest.raises(TypeError, match="holds keys, and is not written down") as refusal:
        pickle.dumps(choice)

    assert SECRET not in str(refusal.value)


def test_an_error_shows_no_password_of_an_address() -> None:
    with pytest.raises(UsageError) as refusal:
        model_choice(None, environ={"OPENAI_BASE_URL": f"https://me:{SECRET}@x.org/v1"})

    assert SECRET not in str(refusal.value)


def test_every_known_key_is_taken_out_of_a_text() -> None:
    choice = model_choice(
        "gpt",
        environ={
            "OPENAI_BASE_URL": "https://me:pass%20word-of-me@x.org/v1",
            "OPENAI_API_KEY": SECRET,
            "MISTRAL_API_KEY": f"{SECRET}-and-more",
            "GROQ_API_KEY": "test",
        },
    )
    assert choice is not None

    hidden = choice.hiding(f"{SECRET}-and-more {SECRET} pass%20word-of-me 'pass word-of-me' a test")

    assert hidden == "[key] [key] [key] '[key]' a test"


def test_a_placeholder_is_left_in_a_text() -> None:
    choice = model_choice("m", environ={"OPENAI_BASE_URL": LOCAL}, keyring=False)
    assert choice is not None

    assert choice.hiding("there is no-key here") == "there is no-key here"


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        pytest.param(None, "OpenAI", id="OpenAI"),
        pytest.param(LOCAL, LOCAL, id="an endpoint"),
        pytest.param("https://me:secret@x.org/v1", "https://x.org/v1", id="with a password"),
        pytest.param("https://x.org/@me/v1", "https://x.org/@me/v1", id="an @ in its path"),
        pytest.param("https://x.org/v1?key=sk", "https://x.org/v1", id="with a query"),
    ],
)
def test_an_endpoint_is_named_without_its_password(base_url: str | None, expected: str) -> None:
    assert ModelChoice("m", base_url, "k").where == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        pytest.param(ModelChoice("m", None, "k"), True, id="OpenAI knows responses"),
        pytest.param(ModelChoice("m", LOCAL, "k"), False, id="others mostly know chat"),
        pytest.param(ModelChoice("m", None, "k", api="chat"), False, id="chat, as asked"),
        pytest.param(ModelChoice("m", LOCAL, "k", api="responses"), True, id="responses, as asked"),
        pytest.param(ModelChoice("m", None, "k", provider="x"), False, id="another provider"),
    ],
)
def test_which_protocol_is_spoken(choice: ModelChoice, expected: bool) -> None:
    assert choice.uses_responses is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(None, (), id="none"),
        pytest.param("pytest -q", ("pytest", "-q"), id="words"),
        pytest.param("sh -c 'a && b'", ("sh", "-c", "a && b"), id="quotes"),
        pytest.param("echo $HOME", ("echo", "$HOME"), id="no shell looks at it"),
    ],
)
def test_a_check_command_is_split_as_a_shell_would(
    text: str | None, expected: tuple[str, ...]
) -> None:
    assert command(text) == expected


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_check_is_refused_as_it_would_check_nothing(text: str) -> None:
    with pytest.raises(UsageError, match="is empty"):
        command(text)


@pytest.mark.parametrize("text", ["true && false", "pytest | tee log", "a || b", "a ; b"])
def test_a_check_that_needs_a_shell_is_refused_with_the_way_to_have_one(text: str) -> None:
    with pytest.raises(UsageError, match="no shell runs it") as refusal:
        command(text)

    advised = shlex.split(str(refusal.value).partition("--check ")[2])
    assert command(advised[0]) == ("sh", "-c", text)


def test_a_quote_without_its_end_is_refused() -> None:
    with pytest.raises(UsageError, match="No closing quotation"):
        command("pytest 'tests")


def test_a_variable_that_is_empty_is_there_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAKEFLAGS", "")
    monkeypatch.setenv("ALMA_MODEL", "")

    there = dict(environment())

    assert there["MAKEFLAGS"] == ""
    assert environment().get("ALMA_MODEL", "") == ""
