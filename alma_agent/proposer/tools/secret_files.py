"""Files that hold secrets, as their names say: a model sees that they are there, never what is in.

By name alone: whoever keeps a key in `settings.py` is looked after by `alma_agent.redact`.
"""

from __future__ import annotations

import re
from fnmatch import translate
from pathlib import PurePosixPath

from toolset.errors import PathRefused

_SECRET = (
    *(".env", ".env[-_.]*", "*.env", ".envrc", ".envrc.*"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.ppk", "*.jks", "*.keystore", "*.gpg"),
    *("*.kdb", "*.kdbx", "*.tfstate", "*.tfvars", "*[-_.]kubeconfig"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*"),
    *(".netrc", "_netrc", ".pypirc", ".npmrc", ".pgpass", ".htpasswd", ".git-credentials"),
    *(".vault[-_]*", ".my.cnf", ".mylogin.cnf"),
    *("*[-_]credentials.json", "client_secret*.json", "service[-_]account*.json"),
)
_PUBLIC = (
    *(".env*[-_.]example", ".env*[-_.]sample", ".env*[-_.]template", ".env*[-_.]dist"),
    *("example.env", "sample.env", "template.env", "id_*.pub"),
)
_BY_WORD = ("credentials*", "secrets*", "kubeconfig*")  # modules and pages are called so, too
_NO_DATA = frozenset(
    {".py", ".pyi", ".md", ".rst", ".html", ".js", ".ts", ".tsx", ".go", ".rs", ".java", ".rb"}
)
_BACKUP = re.compile(r"(~|\.(bak|old|orig|save|sw[a-p]))+$")  # what editors and people add
_FOLDERS = frozenset({".aws", ".ssh", ".gnupg", ".kube", ".docker"})


class SecretFile(PathRefused):
    """A file that a model may neither read nor change."""

    def __init__(self, path: PurePosixPath) -> None:
        super().__init__(
            path,
            "holds secrets, as its name says; it is neither shown nor changed here. Go on without "
            "it; if the task needs it, say so in your answer.",
        )


def holds_secrets(path: PurePosixPath) -> bool:
    """Say whether a file is one to keep secrets in, by its name or its folder's."""
    if _FOLDERS.intersection(part.lower() for part in path.parts[:-1]):
        return True
    name = _BACKUP.sub("", path.name.lower())
    if _any_of(_PUBLIC).fullmatch(name):
        return False
    by_word = _any_of(_BY_WORD).fullmatch(name) and PurePosixPath(name).suffix not in _NO_DATA
    return bool(by_word or _any_of(_SECRET).fullmatch(name))


def refuse_secrets(path: PurePosixPath) -> None:
    """Raise SecretFile for a file that holds secrets by its name."""
    if holds_secrets(path):
        raise SecretFile(path)


def _any_of(globs: tuple[str, ...]) -> re.Pattern[str]:
    # `re` keeps the pattern compiled.
    return re.compile("|".join(translate(glob) for glob in globs))
