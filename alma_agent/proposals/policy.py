"""What a branch asks of a proposal before it lands: `[review]`, read from a commit's own tree.

Never from the work tree, and never from the tree that a proposal makes: who proposes a change
cannot lower the bar for it. Nothing here is silently taken for the default: a policy that cannot be
read stops all.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

from alma_agent.configuration.kinds import Setting, Value, WrongSetting
from alma_agent.errors import UsageError
from alma_agent.proposals.refusals import WrongPolicy
from toolset.errors import MalformedScope
from toolset.scope import EditScope
from toolset.trees import REGULAR, Entry, Trees

Level = Literal["refuse", "replay", "merge"]
LEVELS: tuple[Level, ...] = ("refuse", "replay", "merge")
"""How far the base may have moved; each allows what those before it do."""

_OWN, _SHARED = PurePosixPath("alma.toml"), PurePosixPath("pyproject.toml")
_TABLES = {_OWN: "review", _SHARED: "tool.alma.review"}
_LARGEST = 1_000_000  # bytes, of a file of settings or of signers
_LINK = "120000"
_FIELDS = {"check-timeout": "check_timeout_s"}

KEYS: Mapping[str, Setting] = {
    one.key: one
    for one in (
        Setting(
            "approvals",
            "whole number",
            "",
            "How many people must approve a proposal before it lands.",
            default=1,
            least=0,
        ),
        Setting(
            "allowed-signers",
            "text",
            "",
            "A file of the same tree that names the reviewers' keys, as `man ssh-keygen` says "
            "under ALLOWED SIGNERS. With it, only approvals signed by one of them count; without, "
            "nobody's name is proven.",
        ),
        Setting(
            "author-may-approve",
            "flag",
            "",
            "Whether the author's own approval counts. By default: only without allowed-signers.",
        ),
        Setting(
            "by-merge",
            "flag",
            "",
            "Whether a proposal's folder that was merged into the branch has one approval by that.",
            default=False,
        ),
        Setting(
            "expires-days",
            "number",
            "",
            "After how many days an approval no longer counts; 0: never.",
            default=30.0,
            least=0,
        ),
        Setting(
            "drift",
            "choice",
            "",
            "What may have happened to the files that a proposal touches: refuse: nothing; "
            "replay: an exact refactoring is made again, and must come to the same; merge: other "
            "lines of them changed.",
            default="replay",
            choices=LEVELS,
        ),
        Setting(
            "scope",
            "list",
            "",
            "What any proposal may change: paths and globs as in .gitignore; `!` takes away.",
            default=(),
        ),
        Setting(
            "checks",
            "list",
            "",
            "Commands that must pass, besides the proposal's own. No shell runs them.",
            default=(),
        ),
        Setting(
            "check-timeout",
            "number",
            "",
            "Seconds that each check may take.",
            default=600.0,
            least=0.1,
        ),
        Setting(
            "check-network", "flag", "", "Whether checks may reach the network.", default=False
        ),
    )
}
"""Every key, with what it takes. The documentation is made from this."""


@dataclass(frozen=True)
class Policy:
    """What a commit asks of the proposals that land on it.

    `expires_days` 0: never. `signers` are the bytes of the file that `allowed_signers` names.
    `source` is the file that says all this; empty: none does, and these are the defaults.
    """

    approvals: int = 1
    allowed_signers: PurePosixPath | None = None
    author_may_approve: bool = True
    by_merge: bool = False
    expires_days: float = 30.0
    drift: Level = "replay"
    scope: EditScope = EditScope()
    checks: tuple[tuple[str, ...], ...] = ()
    check_timeout_s: float = 600.0
    check_network: bool = False
    signers: bytes | None = field(default=None, repr=False)
    source: str = ""

    def allows(self, drift: Level) -> bool:
        """Say whether a base may have moved so far."""
        return LEVELS.index(drift) <= LEVELS.index(self.drift)


def policy_of(trees: Trees, commit: str) -> Policy:
    """Return the policy that stands in a commit's tree. Raises WrongPolicy, GitFailed."""
    entries = trees.entries(commit, _TABLES)
    found = [one for path in entries if (one := _Source.read(trees, commit, path, entries[path]))]
    if len(found) > 1:
        raise WrongPolicy(
            "policy",
            f"[review] in {_OWN} and [tool.alma.review] in {_SHARED} both say what is asked of "
            f"proposals (in {_short(commit)}). Keep one of them.",
        )
    return found[0].policy(trees) if found else Policy()


def changed_policy(trees: Trees, before: str, after: str) -> str:
    """Say what a tree asks of proposals that a commit does not; empty if it is the same.

    The first word is the file. Also a policy that cannot be read is a change. Raises WrongPolicy
    where that of `before` cannot be, GitFailed.
    """
    old = policy_of(trees, before)
    try:
        new = policy_of(trees, after)
    except WrongPolicy as error:
        return f"{old.source or _SHARED}: the policy that would stand there cannot be read: {error}"
    if new == old:
        return ""
    changed = [
        key for key in KEYS if key != "allowed-signers" and _asked(old, key) != _asked(new, key)
    ]
    told = [f"{key} {_asked(old, key)} -> {_asked(new, key)}" for key in changed]
    if (old.allowed_signers, old.signers) != (new.allowed_signers, new.signers):
        told.append(f"allowed-signers ({new.allowed_signers or 'nobody is named any more'})")
    where = new.source or old.source
    if not told:
        return f"{where}: what is asked of proposals stands here, not in {old.source or 'no file'}."
    return f"{where}: it changes what is asked of proposals: {'; '.join(told)}."


def may_change_policy(policy: Policy, paths: Iterable[PurePosixPath]) -> bool:
    """Say whether a change of these files can change a policy: only then is it worth a look."""
    return not {*_TABLES, policy.allowed_signers}.isdisjoint(paths)


@dataclass(frozen=True)
class _Source:
    """The table of one file in one commit."""

    commit: str
    path: PurePosixPath
    text: str
    table: Mapping[str, Any]

    @classmethod
    def read(cls, trees: Trees, commit: str, path: PurePosixPath, entry: Entry) -> _Source | None:
        """Return the table, or None where the file has none."""
        if entry.mode == _LINK:
            raise _wrong(path, commit, "it is a link. Let it be a file of its own.")
        if entry.mode not in REGULAR:
            return None
        text = _text(_bytes(trees, entry), path, commit)
        if "review" not in text:  # most projects: nothing is parsed
            return None
        import tomllib

        try:
            table: object = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            if path == _SHARED and "alma" not in text:
                return None  # others' to judge
            raise _wrong(path, commit, f"it is no TOML: {error}.") from error
        for name in _TABLES[path].split("."):
            table = table.get(name) if isinstance(table, Mapping) else None
        if table is None:
            return None
        if not isinstance(table, Mapping):
            why = f"{_TABLES[path]} is no table. Write [{_TABLES[path]}], then its keys."
            raise _wrong(path, commit, why)
        return cls(commit, path, text, table)

    def policy(self, trees: Trees) -> Policy:
        said: dict[str, Any] = {
            key: one.default for key, one in KEYS.items() if one.default is not None
        }
        said |= {key: self._value(key, found) for key, found in self.table.items()}
        signers = self._signers(trees, said.get("allowed-signers"))
        return Policy(
            approvals=said["approvals"],
            allowed_signers=signers[0] if signers else None,
            author_may_approve=said.get("author-may-approve", signers is None),
            by_merge=said["by-merge"],
            expires_days=said["expires-days"],
            drift=said["drift"],
            scope=self._scope(said["scope"]),
            checks=tuple(self._command(text) for text in said["checks"]),
            check_timeout_s=said["check-timeout"],
            check_network=said["check-network"],
            signers=signers[1] if signers else None,
            source=str(self.path),
        )

    def _value(self, key: str, found: object) -> Value:
        if key not in KEYS:
            raise self._wrong(key, f"{key} is no key of a policy. {_meant(key)}")
        try:
            return KEYS[key].of_toml(found)
        except WrongSetting as error:
            raise self._wrong(key, str(error)) from error

    def _scope(self, globs: tuple[str, ...]) -> EditScope:
        try:
            return EditScope(globs)
        except MalformedScope as error:
            raise self._wrong("scope", f"scope: {error}") from error

    def _command(self, text: str) -> tuple[str, ...]:
        from alma_agent.check_command import words

        try:
            return words(text, written=lambda said: json.dumps(said, ensure_ascii=False))
        except UsageError as error:
            raise self._wrong("checks", f"checks: {error}") from error

    def _signers(self, trees: Trees, named: str | None) -> tuple[PurePosixPath, bytes] | None:
        if named is None:
            return None
        path, key = PurePosixPath(named), "allowed-signers"
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in named:
            why = f"{key} is {named!r}; it takes the path of a file in this repository."
            raise self._wrong(key, why)
        entry = trees.entries(self.commit, [path]).get(path)
        if entry is None or entry.mode not in REGULAR:
            what = "a link" if entry and entry.mode == _LINK else "no file"
            raise self._wrong(
                key,
                f"{key} names {path}, which is {what} in that commit. Commit a file there: a line "
                "for each reviewer, `ann@example.org ssh-ed25519 AAAA...`.",
            )
        data = _bytes(trees, entry)
        lines = [line.strip() for line in data.splitlines()]
        if len(data) > _LARGEST or not any(line and line[:1] != b"#" for line in lines):
            what = "is too large" if len(data) > _LARGEST else "names nobody"
            raise self._wrong(key, f"{key} names {path}, which {what} in that commit.")
        return path, data

    def _wrong(self, key: str, why: str) -> WrongPolicy:
        from alma_agent.configuration.files import line_of

        line = line_of(self.text, _TABLES[self.path], key)
        return _wrong(self.path, self.commit, why, line=line)


def _bytes(trees: Trees, entry: Entry) -> bytes:
    return trees.repository.quick("cat-file", "blob", entry.blob)


def _text(data: bytes, path: PurePosixPath, commit: str) -> str:
    if len(data) > _LARGEST:
        raise _wrong(path, commit, "it is too large for a file of settings.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if path == _SHARED and b"alma" not in data:
            return ""  # others' to judge
        raise _wrong(path, commit, f"it is not UTF-8, as TOML is: {error.reason}.") from error


def _asked(policy: Policy, key: str) -> str:
    """Return what a policy says under a key, as a person reads it."""
    said: object = getattr(policy, _FIELDS.get(key, key.replace("-", "_")))
    if isinstance(said, bool):
        return "true" if said else "false"
    if key == "checks":
        return json.dumps([shlex.join(one) for one in policy.checks], ensure_ascii=False)
    return f"{said:g}" if isinstance(said, int | float) else str(said)


def _meant(key: str) -> str:
    import difflib

    alike = difflib.get_close_matches(key.replace("_", "-").lower(), KEYS, n=1)
    return f"Did you mean {alike[0]}?" if alike else f"There are {', '.join(KEYS)}."


def _wrong(path: PurePosixPath, commit: str, why: str, *, line: int = 0) -> WrongPolicy:
    place = f"{path}, line {line}" if line else str(path)
    return WrongPolicy("policy", f"The policy of {_short(commit)} cannot be read ({place}): {why}")


def _short(commit: str) -> str:
    return commit[:12] if len(commit) in (40, 64) else commit
