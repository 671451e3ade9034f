from __future__ import annotations

import shlex

import pytest

from alma_agent.config import ModelChoice, command, model_choice
from alma_agent.errors import UsageError

LOCAL = "http://localhost:8080/v1"


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
    ],
)
def test_model_choice(
    name: str | None, environ: dict[str, str], expected: ModelChoice | None
) -> None:
    assert model_choice(name, environ=environ) == expected


def test_an_endpoint_without_a_model_s_name_is_refused() -> None:
    with pytest.raises(UsageError, match=f"OPENAI_BASE_URL is {LOCAL}.*--model NAME"):
        model_choice(None, environ={"OPENAI_BASE_URL": LOCAL})


def test_the_key_is_not_shown() -> None:
    assert "sk-secret" not in repr(ModelChoice("gpt", None, "sk-secret"))


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        pytest.param(None, "OpenAI", id="OpenAI"),
        pytest.param(LOCAL, LOCAL, id="an endpoint"),
        pytest.param("https://me:secret@x.org/v1", "https://x.org/v1", id="with a password"),
        pytest.param("https://x.org/@me/v1", "https://x.org/@me/v1", id="an @ in its path"),
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
