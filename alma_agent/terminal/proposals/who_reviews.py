"""Who reviews, as git knows them, and the key that they sign with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alma_agent.errors import UsageError
from alma_agent.proposals.artefact import Person
from alma_agent.proposals.policy import Policy
from toolset.trees import Trees

_IN_LINE = ("key::", "ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-")


@dataclass(frozen=True, slots=True)
class Key:
    """A key to sign with: a file's path, or a public key itself, whose other half an agent has."""

    told: str

    @contextmanager
    def file(self) -> Iterator[Path]:
        """Yield the key as a file."""
        if not self.told.startswith(_IN_LINE):
            yield Path(self.told)
            return
        with tempfile.TemporaryDirectory(prefix="alma-") as folder:
            public = Path(folder) / "key.pub"
            public.write_text(f"{self.told.removeprefix('key::')}\n", encoding="utf-8")
            yield public


def reviewer_of(trees: Trees) -> Person:
    """Return who decides. Raises UsageError if git does not know."""
    found = trees.person()
    if found is None:
        raise UsageError(
            "git does not know who you are, and an approval is somebody's. Say "
            '`git config user.name "Ann Example"` and `git config user.email ann@example.org`.'
        )
    return Person(name=found.name, email=found.email)


def key_of(
    trees: Trees, named: Path | None, policy: Policy | None, id: str, flag: str
) -> Key | None:
    """Return the key to sign with: the one that is named, or git's where signatures are asked for.

    `flag` is the decision as the command line has it. Raises UsageError if one is needed and there
    is none: what is not signed would not count.
    """
    if named is not None:
        return Key(str(named))
    if policy is None or policy.allowed_signers is None:
        return None
    is_ssh, told = _setting(trees, "gpg.format") == "ssh", _setting(trees, "user.signingkey")
    if is_ssh and told:
        return Key(told)
    halves = [] if is_ssh else ["`git config gpg.format ssh`"]
    halves += [] if told else ["`git config user.signingkey ~/.ssh/id_ed25519.pub`"]
    own = "or, once for all, let git have a key of yours:"
    if len(halves) == 1:
        own = "or let git's own key be taken, which lacks only"
    raise UsageError(
        f"Only signed decisions count here: {policy.source} names {policy.allowed_signers}. Sign "
        f"yours: `alma review {id} {flag} --sign ~/.ssh/id_ed25519`; {own} "
        f"{' and '.join(halves)}. Nothing was written."
    )


def _setting(trees: Trees, key: str) -> str:
    kind = ("--type=path",) if key == "user.signingkey" else ()
    told = trees.repository.quick("config", *kind, "--get", key, fine=(0, 1))
    return told.decode(errors="replace").strip()
