"""A key signs or says why not; ssh-keygen, an agent and a terminal are the real ones."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pexpect
import pytest

from alma_agent.errors import NeedsHuman, UsageError
from alma_agent.proposals.refusals import NotSound
from alma_agent.proposals.signing import names_of, require_sound, sign, signer_of
from tests.ssh_keys import ssh_keygen

DATA, NOW = b"what is signed\n", datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a key, and one with the passphrase `secret`."""
    place = tmp_path_factory.mktemp("keys")
    for name, passphrase in (("open", ""), ("locked", "secret")):
        ssh_keygen("-q", "-t", "ed25519", "-N", passphrase, "-f", str(place / name))
    return place


@pytest.fixture(autouse=True)
def _nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no agent and no window of whoever runs the tests be asked."""
    for name in ("SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where temporary files are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def signers(key: Path, name: str = "ann@example.org") -> bytes:
    return f"{name} {key.with_name(f'{key.name}.pub').read_text()}".encode()


def test_a_signature_is_its_signers(keys: Path) -> None:
    found = signer_of(DATA, sign(DATA, keys / "open"), signers(keys / "open"), at=NOW)

    assert found
    assert found.principal == "ann@example.org"
    assert found.key.startswith("SHA256:")


def test_a_signature_is_nobodys_who_is_not_listed(keys: Path) -> None:
    assert signer_of(DATA, sign(DATA, keys / "open"), signers(keys / "locked"), at=NOW) is None


def test_a_name_that_looks_like_an_option_is_a_name(keys: Path) -> None:
    signature, known = sign(DATA, keys / "open"), signers(keys / "open", "-Overify-time")

    found = signer_of(DATA, signature, known, at=NOW, who="-Overify-time")

    assert found
    assert found.principal == "-Overify-time"


def test_a_list_of_nobody_names_nobody(keys: Path) -> None:
    assert names_of(sign(DATA, keys / "open"), b"no line of signers\n", at=NOW) == []


def test_other_bytes_are_not_signed(keys: Path) -> None:
    with pytest.raises(NotSound, match="over other bytes"):
        require_sound(b"others\n", sign(DATA, keys / "open"))


def test_a_key_in_the_home_folder_may_be_named_so(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(keys))

    require_sound(DATA, sign(DATA, Path("~/open")))


def test_a_key_may_be_named_from_here(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(keys)

    require_sound(DATA, sign(DATA, Path("open")))


def test_nothing_is_left_behind(keys: Path, temporary: Path) -> None:
    signer_of(DATA, sign(DATA, keys / "open"), signers(keys / "open"), at=NOW)

    assert list(temporary.iterdir()) == []


def test_nothing_is_left_behind_by_a_failure(keys: Path, temporary: Path) -> None:
    with pytest.raises(NeedsHuman):
        sign(DATA, keys / "locked")

    assert list(temporary.iterdir()) == []


def test_nothing_is_put_beside_the_key(keys: Path) -> None:
    before = sorted(keys.iterdir())

    sign(DATA, keys / "open")

    assert sorted(keys.iterdir()) == before


def test_there_is_no_such_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no key .*ssh-keygen -t ed25519"):
        sign(DATA, tmp_path / "none")


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no key"):
        sign(DATA, tmp_path)


def test_what_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("no key\n")

    with pytest.raises(UsageError, match="is no SSH key"):
        sign(DATA, tmp_path / "notes")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_key_that_cannot_be_read(keys: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes((keys / "open").read_bytes())
    key.chmod(0)

    with pytest.raises(UsageError, match="cannot be read by you"):
        sign(DATA, key)


def test_a_key_that_others_can_read(keys: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes((keys / "open").read_bytes())
    key.chmod(0o644)

    with pytest.raises(UsageError, match=f"chmod 600 {key}"):
        sign(DATA, key)


def test_a_passphrase_needs_somebody_to_say_it(keys: Path) -> None:
    with pytest.raises(NeedsHuman, match=f"ssh-add {keys / 'locked'}"):
        sign(DATA, keys / "locked")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("secret\n", "-----BEGIN SSH SIGNATURE-----", id="right"),
        pytest.param("sekret\n", "This is not the passphrase of", id="wrong"),
    ],
)
def test_a_passphrase_is_typed_on_a_terminal(keys: Path, typed: str, expected: str) -> None:
    assert expected in on_a_terminal(SIGNING, keys / "locked", typed)


def test_a_terminal_that_is_not_for_input_is_not_asked(keys: Path) -> None:
    program = f"import sys; sys.stdin = open({os.devnull!r}){SIGNING}"

    assert "nobody is at a terminal" in on_a_terminal(program, keys / "locked", "secret\n")


SIGNING = f"""
import sys
from pathlib import Path
from alma_agent.proposals.signing import sign
try:
    print(sign({DATA!r}, Path(sys.argv[1])).decode())
except Exception as error:
    print(error)
"""


def on_a_terminal(program: str, key: Path, typed: str) -> str:
    """Return what a Python program shows after something was typed where it asked for it."""
    shown: str = pexpect.run(
        shlex.join([sys.executable, "-c", program, str(key)]),
        events={"passphrase.*:": typed},
        encoding="utf-8",
        timeout=20,
    )
    return shown


@pytest.fixture
def agent(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Start an agent that holds no key as yet."""
    socket = tmp_path_factory.mktemp("s") / "agent"
    running = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE)
    assert running.stdout
    running.stdout.readline()  # it listens
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield
    running.terminate()
    running.communicate()


@pytest.mark.usefixtures("agent")
def test_an_agent_signs_for_a_public_key(keys: Path, tmp_path: Path) -> None:
    subprocess.run(["ssh-add", "-q", str(keys / "open")], check=True)
    public = tmp_path / "elsewhere.pub"
    public.write_bytes((keys / "open.pub").read_bytes())

    require_sound(DATA, sign(DATA, public))


@pytest.mark.usefixtures("agent")
def test_an_agent_that_wants_a_yes_and_gets_none(keys: Path) -> None:
    subprocess.run(["ssh-add", "-q", "-c", str(keys / "open")], check=True)

    with pytest.raises(UsageError, match="ssh-agent did not sign"):
        sign(DATA, keys / "open.pub")


def test_a_public_key_that_nobody_has_the_other_half_of(keys: Path, tmp_path: Path) -> None:
    public = tmp_path / "elsewhere.pub"
    public.write_bytes((keys / "open.pub").read_bytes())

    with pytest.raises(UsageError, match="Neither ssh-agent nor a file has the private key"):
        sign(DATA, public)


def test_without_ssh_keygen(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match="ssh-keygen is not installed"):
        sign(DATA, keys / "open")


def test_no_program_of_the_repository_is_run(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`PATH=.` would run a `ssh-keygen` that says yes to everything."""
    program = tmp_path / "ssh-keygen"
    program.write_text("#!/bin/sh\necho 'Good signature with ED25519 key SHA256:AAAA'\n")
    program.chmod(0o755)
    signature = sign(DATA, keys / "open")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")

    with pytest.raises(UsageError, match="ssh-keygen is not installed"):
        signer_of(DATA, signature, signers(keys / "open"), at=NOW)
