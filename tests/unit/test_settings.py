"""The table of settings: what each takes, in a file and in a variable, and how it is shown."""

from __future__ import annotations

import pytest

from alma_agent.config import MemoryChoice, ModelChoice, Settings
from alma_agent.configuration.kinds import Value, WrongSetting
from alma_agent.configuration.settings import SETTINGS, setting, unknown_variables

DEFAULTS = Settings()


@pytest.mark.parametrize(
    ("key", "found", "expected"),
    [
        pytest.param("model", "gpt-5", "gpt-5", id="text"),
        pytest.param("agents", True, True, id="flag"),
        pytest.param("max-turns", 5, 5, id="whole number"),
        pytest.param("max-seconds", 60, 60.0, id="a whole number is a number"),
        pytest.param("mode", "ask", "ask", id="choice"),
        pytest.param("scope", ["src/**", "tests"], ("src/**", "tests"), id="list"),
        pytest.param("scope", [], (), id="empty list"),
        pytest.param("endpoint", "http://localhost:8080/v1", "http://localhost:8080/v1", id="url"),
        pytest.param("check", "python -m pytest", "python -m pytest", id="command"),
    ],
)
def test_a_value_in_a_file(key: str, found: object, expected: Value) -> None:
    assert setting(key).of_toml(found) == expected


@pytest.mark.parametrize(
    ("key", "found", "message"),
    [
        pytest.param(
            "max-turns", "ten", 'max-turns is "ten"; it takes a whole number, 1 or more', id="text"
        ),
        pytest.param(
            "max-turns", 0, "max-turns is 0; it takes a whole number, 1 or more", id="less"
        ),
        pytest.param("max-turns", 1.5, "max-turns is 1.5", id="a part of one"),
        pytest.param("max-turns", True, "max-turns is true", id="a flag is no number"),
        pytest.param("max-turns", 10**400, "max-turns is 1000", id="more than can be"),
        pytest.param("max-usd", float("nan"), "max-usd is NaN", id="no number"),
        pytest.param("agents", "yes", 'agents is "yes"; it takes true or false', id="flag as text"),
        pytest.param("mode", "auto", "one of ask, auto-edit, plan", id="no choice"),
        pytest.param("scope", "src", "a list of texts", id="text for a list"),
        pytest.param("scope", [""], "a list of texts", id="empty text in a list"),
        pytest.param("model", "", "it takes a text", id="empty"),
        pytest.param("endpoint", "localhost:8080", "an address, such as https", id="no address"),
        pytest.param("check", "true && pytest", "holds '&&', and no shell runs it", id="shell"),
        pytest.param("ledger-url", "//me:hunter22@host", "//host", id="a password is not repeated"),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(
    key: str, found: object, message: str
) -> None:
    with pytest.raises(WrongSetting) as raised:
        setting(key).of_toml(found)

    assert message in str(raised.value)
    assert "hunter22" not in str(raised.value)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        pytest.param("agents", "1", True, id="1"),
        pytest.param("agents", "No", False, id="No"),
        pytest.param("max-turns", " 7 ", 7, id="number"),
        pytest.param("scope", "src/**, my tests/**", ("src/**", "my tests/**"), id="commas"),
        pytest.param("scope", "src/**\ntests/**\n", ("src/**", "tests/**"), id="lines"),
    ],
)
def test_a_value_in_a_variable(key: str, text: str, expected: Value) -> None:
    assert setting(key).of_text(text) == expected


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("modle", r"modle is no setting\. Did you mean model\?"),
        ("max_turns", "Did you mean max-turns?"),
        ("zzz", "`alma config show` names them all"),
        ("api-key", "takes no keys from files"),
        ("chroma-token", "takes no keys from files"),
        ("yes", "is said with each command"),
    ],
)
def test_what_is_no_setting_is_told_with_what_may_be_meant(key: str, message: str) -> None:
    with pytest.raises(WrongSetting, match=message):
        setting(key)


def test_an_unknown_variable_is_noticed() -> None:
    found = unknown_variables(["ALMA_MDOEL", "ALMA_OTEL", "ALMA_MODEL", "PATH", "ALMA_ZZZ"])

    assert found == {"ALMA_MDOEL": "ALMA_MODEL", "ALMA_ZZZ": ""}


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("endpoint", "https://me:hunter22@host/v1?key=hunter22", '"https://host/v1"'),
        ("check", "run --token=ghp_" + "a1B2" * 9, "ghp_a1B2"),
    ],
)
def test_what_may_be_a_secret_is_not_shown(key: str, value: str, shown: str) -> None:
    told = setting(key).shown(value)

    assert "hunter22" not in told
    assert "ghp_" not in told
    assert key == "check" or told == shown


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("mode", DEFAULTS.mode),
        ("agents", DEFAULTS.agents),
        ("scope", DEFAULTS.scope.globs),
        ("ask-before", tuple(DEFAULTS.ask_before)),
        ("accept", DEFAULTS.accept),
        ("session", DEFAULTS.session),
        ("check-timeout", DEFAULTS.check_timeout_s),
        ("check-network", DEFAULTS.check_network),
        ("lint", DEFAULTS.lint),
        ("max-turns", DEFAULTS.limits.turns),
        ("max-seconds", DEFAULTS.limits.seconds),
        ("max-tokens", DEFAULTS.limits.tokens),
        ("max-usd", DEFAULTS.limits.usd),
        ("request-timeout", ModelChoice(None, None, "").request_timeout_s),
        ("embedder", MemoryChoice().embedder),
    ],
)
def test_the_defaults_are_those_of_the_values_that_are_handed_on(key: str, default: Value) -> None:
    assert SETTINGS[key].default == default
