from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from alma_agent import keys
from alma_agent.keys import from_environment, from_keyring


@pytest.mark.parametrize(
    ("provider", "environ", "expected"),
    [
        pytest.param("openai", {"OPENAI_API_KEY": " sk\n"}, "sk", id="OpenAI's"),
        pytest.param("openai", {"OPENAI_API_KEY": "  "}, "", id="blank"),
        pytest.param("openai", {"MISTRAL_API_KEY": "k"}, "", id="another's"),
        pytest.param("openai-compatible", {"OPENAI_API_KEY": "sk"}, "sk", id="an endpoint's"),
        pytest.param("hosted-vllm", {"HOSTED_VLLM_API_KEY": "k"}, "k", id="a hyphen"),
        pytest.param(
            "gemini", {"GEMINI_API_KEY": "a", "GOOGLE_API_KEY": "b"}, "a", id="the name's own first"
        ),
    ],
)
def test_the_key_that_a_variable_holds(
    provider: str, environ: dict[str, str], expected: str
) -> None:
    assert from_environment(provider, environ) == expected


def python(code: str) -> tuple[str, ...]:
    """Return a command that stands in for `keyring get`."""
    return (sys.executable, "-c", code)


def test_the_key_that_a_keyring_prints() -> None:
    assert from_keyring("openai", command=python("print('sk-kept')")) == "sk-kept"


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(python("raise SystemExit(1)"), id="no key there"),
        pytest.param(python("print('sk-half'); raise RuntimeError"), id="a backend that fails"),
        pytest.param(("/no/such/program",), id="no program"),
        pytest.param(python("import os; os.write(1, b'\\xff')"), id="no text"),
        pytest.param(python("print(input())"), id="asks, and nobody answers"),
        pytest.param(python("print(open('/dev/tty').readline())"), id="asks on the terminal"),
    ],
)
def test_a_keyring_that_fails_is_passed_over(command: tuple[str, ...]) -> None:
    assert from_keyring("openai", command=command) == ""


def test_a_keyring_that_waits_for_a_person_is_not_waited_for() -> None:
    begun = time.monotonic()

    key = from_keyring("openai", command=python("import time; time.sleep(60)"), timeout_s=0.2)

    assert (key, time.monotonic() - begun < 10) == ("", True)


def test_a_module_in_the_project_s_folder_is_not_run_as_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keyring.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(keys, "has_keyring", lambda: True)

    from_keyring("openai")

    assert not (tmp_path / "ran").exists()


def test_the_library_is_looked_for_and_not_imported() -> None:
    keys.has_keyring()

    assert "keyring" not in sys.modules


@pytest.mark.skipif(find_spec("keyring") is None, reason="the extra alma-agent[keyring]")
def test_the_real_library_is_asked_for_the_provider_s_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class Kept(KeyringBackend):\n"
        "    priority = 1\n"
        "    def get_password(self, service, user):\n"
        "        return f'{service} of {user}'\n"
        "    set_password = delete_password = None\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "kept.Kept")

    assert from_keyring("mistral", timeout_s=30) == "alma of mistral"
