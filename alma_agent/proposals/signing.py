"""SSH signatures over approvals: made with a person's key, checked against a list of signers.

OpenSSH's own `ssh-keygen` does both; from version 8.8 on it knows when a key is valid. What a line
of `allowed_signers` means, with its options, certificates and patterns, is for it to say.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from alma_agent.errors import NeedsHuman, UsageError
from alma_agent.proposals.refusals import NotSound

NAMESPACE = "alma-review@v1"

_LARGEST = 20_000  # bytes; a signature by a certificate with many names is some thousand
_ARMOUR = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\n(?:[A-Za-z0-9+/]{1,76}={0,2}\n)+-----END SSH SIGNATURE-----\n"
)
_GOOD = re.compile(r" key (?P<key>SHA256:[A-Za-z0-9+/]+)\n\Z")
_PATTERN = re.compile(r"[*?!]")
_CHECK_S, _SIGN_S = 30, 120  # a person may have to touch a key, or to tell an agent yes
_FOR_A_PERSON = (
    *("SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER"),
    *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "HOME", "TERM"),
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: the name that the list of signers knows, and the key's SHA256 fingerprint."""

    principal: str
    key: str


def sign(data: bytes, key: Path) -> bytes:
    """Return a signature over the bytes, by a private key or, if its `.pub` is named, by an agent.

    On a terminal, ssh-keygen asks for a passphrase. Raises UsageError for a key that cannot be
    used, NeedsHuman for one with a passphrase where nobody can be asked for it.
    """
    key = key.expanduser().absolute()
    _require_file(key)
    somebody = sys.stdin.isatty() and sys.stderr.isatty()
    with _private_files(data=data) as (file,):
        run = _run_with_person if somebody else _run
        command = ("-Y", "sign", "-n", NAMESPACE, "-f", str(key), str(file))
        done = run(*command, at=file.parent, also=_FOR_A_PERSON)
        made = file.with_name(f"{file.name}.sig")
        if done.code or not made.exists():
            raise _unsigned(key, done.error, somebody=somebody)
        return made.read_bytes()


def signer_of(
    data: bytes, signature: bytes, signers: bytes, *, at: datetime, who: str | None = None
) -> Signer | None:
    """Return who of `signers` signed these bytes; None: nobody whose key was valid at that time.

    `signers` is an `allowed_signers` file. `who` asks for one name, whether it stands there itself
    or fits a pattern; without it, the first name that stands there is taken. Raises NotSound for a
    signature that is broken, over other bytes or for another use; UsageError without ssh-keygen.
    """
    names = [who] if who is not None else names_of(signature, signers, at=at)
    found = (signer_as(one, data, signature, signers, at=at) for one in names)
    if signer := next(filter(None, found), None):
        return signer
    require_sound(data, signature)
    return None


def signer_as(
    who: str, data: bytes, signature: bytes, signers: bytes, *, at: datetime
) -> Signer | None:
    """Return the signer if the key is one that `signers` know under this name, whatever its case.

    None for anything else. Raises NotSound, UsageError.
    """
    _require_armour(signature)
    spelt = {who} | {one for one in _words(signers) if one.casefold() == who.casefold()}
    with _private_files(signature=signature, signers=signers) as (its, known):
        asked = ("-n", NAMESPACE, "-s", str(its), "-f", str(known))
        for name in sorted(spelt):
            command = ("-Y", "verify", _time(at), *asked, "-I", name)
            done = _run(*command, at=its.parent, stdin=data)
            if not done.code and (good := _GOOD.search(done.output)):
                return Signer(name, good["key"])
    return None


def names_of(signature: bytes, signers: bytes, *, at: datetime) -> list[str]:
    """Return under which names `signers` know the key, first line only, without patterns.

    What was signed is not looked at. Raises NotSound, UsageError.
    """
    _require_armour(signature)
    with _private_files(signature=signature, signers=signers) as (its, known):
        asked = ("-Y", "find-principals", _time(at), "-s", str(its), "-f", str(known))
        told = _run(*asked, at=its.parent).output
    return [one for one in told.splitlines() if not _PATTERN.search(one)]


def require_sound(data: bytes, signature: bytes) -> None:
    """Raise NotSound for a signature that is broken or not over these bytes, whoever made it."""
    _require_armour(signature)
    with _private_files(signature=signature) as (its,):
        command = ("-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(its))
        if _run(*command, at=its.parent, stdin=data).code:
            raise NotSound(
                "signatures",
                f"The signature is broken, over other bytes, or not for {NAMESPACE}. Whoever "
                "signed has to do it again.",
            )


class _Done(NamedTuple):
    code: int
    output: str
    error: str


def _run(*arguments: str, at: Path, stdin: bytes = b"", also: Sequence[str] = ()) -> _Done:
    """Run ssh-keygen in a private folder, without a terminal; `also` are variables it may see."""
    with _explained():
        done = subprocess.run(
            ["ssh-keygen", *arguments],
            cwd=at,  # so that a relative folder of PATH holds nothing
            env=_environment(also),
            input=stdin,
            capture_output=True,
            check=False,
            start_new_session=True,
            timeout=_SIGN_S if also else _CHECK_S,
        )
    return _Done(done.returncode, done.stdout.decode(errors="replace"), _text(done.stderr))


def _run_with_person(*arguments: str, at: Path, also: Sequence[str]) -> _Done:
    """Run ssh-keygen on the terminal; it may ask for a passphrase, or for a touch of a key."""
    said = []
    with _explained():
        process = subprocess.Popen(
            ["ssh-keygen", *arguments],
            cwd=at,
            env=_environment(also),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    with process:
        for line in process.stderr or ():
            said.append(line)
            if b"user presence" in line:
                print(_text(line), file=sys.stderr, flush=True)
    return _Done(process.returncode, "", _text(b"".join(said)))


def _environment(also: Sequence[str]) -> dict[str, str]:
    own = {name: os.environ[name] for name in also if name in os.environ}
    return own | {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC0", "LC_ALL": "C"}


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(
            "ssh-keygen is not installed, or not on PATH; signatures of approvals need it. Install "
            "OpenSSH: the package openssh-client (Debian, Ubuntu), openssh (Fedora, Arch, "
            "Homebrew), openssh-keygen (Alpine)."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"ssh-keygen did not answer within {error.timeout:g} s.") from error


def _time(at: datetime) -> str:
    return f"-Overify-time={at.astimezone(UTC):%Y%m%d%H%M%S}"  # ssh-keygen's zone is set to UTC


def _words(signers: bytes) -> list[str]:
    return re.split(r'[\s,"]+', signers.decode(errors="replace"))


def _text(said: bytes) -> str:
    return said.decode(errors="replace").strip()


@contextmanager
def _private_files(**contents: bytes) -> Iterator[tuple[Path, ...]]:
    """Yield files that nobody else can read; they go at the end, and what is put beside them."""
    with tempfile.TemporaryDirectory(prefix="alma-") as folder:
        files = tuple(Path(folder) / name for name in contents)
        for file, data in zip(files, contents.values(), strict=True):
            file.write_bytes(data)
        yield files


def _require_armour(signature: bytes) -> None:
    if len(signature) > _LARGEST or not _ARMOUR.fullmatch(signature):
        raise NotSound("signatures", "This is no signature as ssh-keygen writes it.")


def _require_file(key: Path) -> None:
    if not key.is_file():
        raise UsageError(
            f"There is no key {key}. Name a private key, or the .pub of one that ssh-agent holds; "
            "`ssh-keygen -t ed25519` makes one."
        )
    if not os.access(key, os.R_OK):
        raise UsageError(f"The key {key} cannot be read by you. Sign as the user that owns it.")


def _unsigned(key: Path, error: str, *, somebody: bool) -> UsageError | NeedsHuman:
    """Return what to tell of a key that did not sign, from ssh-keygen's own words."""
    if "passphrase" in error and not somebody:
        return NeedsHuman(
            f"The key {key} needs its passphrase, and nobody is at a terminal to give it. Run this "
            f"on one, or load the key first: `ssh-add {key}`."
        )
    for sign, told in (
        ("passphrase", f"This is not the passphrase of {key}. Try again."),
        ("are too open", f"The key {key} can be read by others. Say `chmod 600 {key}`."),
        ("No private key found", f"Neither ssh-agent nor a file has the private key of {key}."),
        ("agent refused", f"ssh-agent did not sign with {key}: it was told no, or is locked."),
        ("load public key", f"{key} is no SSH key that ssh-keygen can read."),
    ):
        if sign in error:
            return UsageError(f"{told} Nothing was signed.")
    last = error.splitlines()[-1] if error else "it did not say why"
    return UsageError(f"ssh-keygen could not sign with {key}: {last}. Nothing was signed.")
