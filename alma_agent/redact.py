"""Secrets out of a text, before it reaches ledger, index or log. Pure, and cheap to import.

Own patterns: detect-secrets takes 0.1 s to import, reads line by line (so no PEM key), and finds
something in every line of ordinary code when it is handed text instead of a file.

Patterns of what holds a fixed sign are compiled only when a text holds that sign.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

from alma_agent import secret_forms as forms

_SHORTEST_PASSWORD, _SHORTEST_KEY, _SHORTEST_HEX = 4, 8, 32
_COMMIT = 40  # hexadecimal digits: nobody tells such a key from the name of a commit
# Random text of letters and digits: at least so long, in pieces of one kind no longer than this on
# average, with so many bits of entropy a character.
_SHORTEST, _LONGEST_CHUNK, _BITS = 12, 2.9, 3.0
_LONGEST_CHUNK_OF_NAMED = 3.6  # where a name says that it is a secret

_NAME_WORDS = re.compile(r"pass|pwd|secret|token|key|auth|credential|bearer", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"""^\$\w+$|\$[({]|[{}<>]|%\(|^%s$|\*{3}|\.{3}|x{4}|\[redacted|your|example|change.?me|placeholder
    |dummy|redacted|replace|insert|invalid|wrong|incorrect|hidden|masked
    |^(?:none|null|nil|true|false|str|string|bytes|int|bool|any|optional|required|admin|root|user
       |guest|tests?|testing|foo|bar|baz|tiger|scott|postgres|mysql|basic|digest|plain|text
       |disabled|enabled|default|unset|empty|env|prompt|ask|x+|0+|-+)\d{0,3}$""",
    re.IGNORECASE | re.VERBOSE,
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w]*(?:[.-][A-Za-z_]\w*)*")
_DIGESTS = re.compile(
    r"""sha\d?|md5|blake|hash|digest|checksum|integrity|commit|rev|git|etag|finger|oid|blob|tree
    |parent|merge|uuid|guid|crc|sum|sri|version|build|id$|color|colour|vector|expected""",
    re.IGNORECASE | re.VERBOSE,
)
_A_DIGEST_FOLLOWS = re.compile(r"sha\d+[=:-]\Z")
_CHUNKS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")

_OF_PASSWORDS = re.compile(r"pass|pwd|pw$", re.IGNORECASE)
# What may follow such a name without its being that of something else: `token_url` is no token.
_STILL_NAMES_IT = re.compile(
    rf"(?:[\w-]*?(?:{forms.NAMES}))?(?:[_-]?(?:value|key|old|new|prod|dev|live|v)?\d*)",
    re.IGNORECASE,
)


_configured: tuple[str, ...] = ()  # keys of this process, whatever they look like


def also_take_out(secrets: Iterable[str]) -> None:
    """Let `redacted` take these out of every text, too: the keys that this process was given."""
    global _configured  # noqa: PLW0603 - a process has one environment, and every text is its
    _configured = tuple(sorted({*_configured, *secrets}, key=lambda one: (-len(one), one)))


def without_configured(text: str) -> str:
    """Return the text without the keys that this process was given, and otherwise as it is."""
    for secret in _configured:
        text = text.replace(secret, _told("key"))
    return text


_compiled: Callable[[str], re.Pattern[str]] = cache(re.compile)


def redacted(text: str) -> str:
    """Return the text with each secret replaced by `[redacted: KIND]`; else it as it is.

    Idempotent, and linear in the text's length (about 35 ms for 100,000 characters).
    """
    text = _without_issued(without_configured(text))
    for sign, pattern, kind, holds in _SIGNED:
        if sign in text:
            text = _compiled(pattern).sub(_replacing(kind, holds), text)
    text = forms.SAID.sub(_without_said, text)
    text = forms.QUOTED.sub(_without_quoted, text)
    return forms.EXPORTED.sub(_replacing("high entropy", _is_random), text)


def _without_issued(text: str) -> str:
    present = tuple(prefix for prefix in forms.ISSUED if prefix in text)
    if not present:
        return text

    def replaced(found: re.Match[str]) -> str:
        prefix, rest = found["prefix"], found["rest"]
        of_a_digest = _A_DIGEST_FOLLOWS.search(
            found.string, max(0, found.start() - 9), found.start()
        )
        issued = _is_issued(prefix, rest) and not of_a_digest
        return _told(forms.ISSUED[prefix]) if issued else found[0]

    return _beginning_with(present).sub(replaced, text)


@cache
def _beginning_with(prefixes: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = "|".join(map(re.escape, sorted(prefixes, key=len, reverse=True)))
    return re.compile(rf"(?<![A-Za-z0-9_])(?P<prefix>{longest_first})(?P<rest>[\w./+=-]{{13,}}+)")


def _is_issued(prefix: str, rest: str) -> bool:
    if prefix.isalnum() and prefix.isupper():  # nothing parts it from the rest
        shape = r"[0-9a-f]{32}" if prefix == "SK" else r"[A-Z0-9]{13,20}|[\w=-]{28,}"
        is_shaped = bool(re.fullmatch(shape, rest))
        return is_shaped and any(map(str.isdigit, rest)) and "EXAMPLE" not in rest
    return not _PLACEHOLDER.search(rest) and any(
        len(piece) >= _SHORTEST and _is_mixed(piece) for piece in re.split(r"[./_-]", rest)
    )


def _replacing(kind: str, holds: Callable[[str], bool]) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        group = "secret" if "secret" in found.re.groupindex else 0
        secret = found[group]
        if not holds(secret):
            return found[0]
        start, end = found.start(group) - found.start(), found.end(group) - found.start()
        return found[0][:start] + _told(kind) + found[0][end:]

    return replaced


def _without_said(found: re.Match[str]) -> str:
    """Take out what a name says is a secret: `password = "..."`, `api_key: ...`."""
    group = "quoted" if found["quoted"] else "bare"
    value = found[group]
    judged = _is_secret_quoted if group == "quoted" else _is_secret_bare
    if not judged(found, value):
        return found[0]
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    kind = "password" if _OF_PASSWORDS.match(found["name"]) else "secret"
    return found[0][:start] + _told(kind) + found[0][end:]


def _is_secret_quoted(found: re.Match[str], value: str) -> bool:
    if _PLACEHOLDER.search(value) or (_UUID.fullmatch(value) and not _names_it(found)):
        return False
    if not _names_it(found):  # `token_url = ...`: only what could be nothing else
        return _is_random(value)
    if any(map(str.isspace, value)):
        return False
    if _IDENTIFIER.fullmatch(value) and (value.isupper() or _NAME_WORDS.search(value)):
        return any(map(str.isdigit, value)) and not value.isupper()
    if _OF_PASSWORDS.match(found["name"]):
        return len(value) >= _SHORTEST_PASSWORD and not _is_path(value)
    return len(value) >= _SHORTEST_KEY and not _is_path(value) and _is_mixed(value)


def _is_secret_bare(found: re.Match[str], value: str) -> bool:
    if _PLACEHOLDER.search(value) or _is_path(value) or not _is_mixed(value):
        return False
    if not _names_it(found):
        return _is_random(value)
    if not _IDENTIFIER.fullmatch(value):
        return True
    return _looks_random(value, _LONGEST_CHUNK_OF_NAMED) or _is_password_bare(found, value)


def _is_password_bare(found: re.Match[str], value: str) -> bool:
    """Tell a word that is set as data from a variable: `password=other2,`, `password = old2`."""
    sign = found["sign"]
    in_prose = sign.strip(" :").isalpha()
    as_data = " " not in sign.rstrip() and found["after"] not in {",", ")", "]", "}"}
    named = bool(_OF_PASSWORDS.match(found["name"])) and not _NAME_WORDS.search(value)
    return named and (in_prose or (as_data and ("." not in value or found["after"] in {";", "&"})))


def _names_it(found: re.Match[str]) -> bool:
    """Say whether the name is that of the secret itself, not of its length or place."""
    return bool(_STILL_NAMES_IT.fullmatch(found["more"]))


def _without_quoted(found: re.Match[str]) -> str:
    value = found["secret"]
    before = found.string[max(0, found.start() - 60) : found.start()].rpartition("\n")[2]
    if _HEX.fullmatch(value):
        could_be_key = len(value) >= _SHORTEST_HEX and len(value) != _COMMIT
        is_held = _is_assigned(before) or bool(_NAME_WORDS.search(before))
        suspect = could_be_key and is_held and not _DIGESTS.search(before)
    else:
        suspect = _is_random(value) and not _DIGESTS.match(value)
    quote = found["quote"]
    return f"{quote}{_told('high entropy')}{quote}" if suspect and _is_mixed(value) else found[0]


def _is_assigned(before: str) -> bool:
    return before.rstrip().endswith(("=", ":"))


def _is_random(value: str) -> bool:
    """Say whether a text is letters and digits in no order that a person would write.

    Hexadecimal digits are not: most name a commit, a file, a test.
    """
    value = value.rstrip("=")
    if _UUID.fullmatch(value) or _HEX.fullmatch(value) or _PLACEHOLDER.search(value):
        return False
    return _looks_random(value, _LONGEST_CHUNK)


def _looks_random(value: str, longest_chunk: float) -> bool:
    """Say whether most of a text is in short pieces, and one of its parts in no order at all.

    Names fall into long pieces of one kind (`callFunction2` into call, Function, 2), random text
    into pieces of about two characters.
    """
    parts = re.split(r"[/_.-]", value)
    wordy = sum(
        len(part) for part in parts if part.isalpha() and _chunk_length(part) > longest_chunk
    )
    return wordy <= len(value) / 3 and any(
        len(part) >= _SHORTEST
        and _is_mixed(part)
        and _chunk_length(part) <= longest_chunk
        and _entropy(part) >= _BITS
        for part in parts
    )


def _chunk_length(part: str) -> float:
    """Return how many characters of one kind stand together, on average."""
    return len(part) / max(len(_CHUNKS.findall(part)), 1)


def _is_mixed(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _is_path(value: str) -> bool:
    return value.startswith(("/", "./", "../", "~/")) or "://" in value


def _entropy(value: str) -> float:
    """Return Shannon's entropy, in bits a character."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


def _is_no_placeholder(value: str) -> bool:
    return not _PLACEHOLDER.search(value) and not _NAME_WORDS.fullmatch(value)


def _is_password(value: str) -> bool:
    named = _NAME_WORDS.search(value) and _IDENTIFIER.fullmatch(value)
    return not named and not value.isdigit() and _is_no_placeholder(value)


def _always(_: str) -> bool:
    return True


def _told(kind: str) -> str:
    return f"[redacted: {kind}]"


_SIGNED: tuple[tuple[str, str, str, Callable[[str], bool]], ...] = (
    ("PRIVATE KEY", forms.PRIVATE_KEY, "private key", _always),
    ("eyJ", forms.JWT, "JWT", _always),
    ("://", forms.IN_URL, "password", _is_password),
    ("://", forms.ALONE_IN_URL, "token", _is_random),
    ("uthorization", forms.HEADER, "credentials", _is_no_placeholder),
    ("UTHORIZATION", forms.HEADER, "credentials", _is_no_placeholder),
    ("earer", forms.BEARER, "token", _is_mixed),
    ("password", forms.NETRC, "password", _is_password),
    ("curl", forms.CURL, "password", _is_password),
    ("--", forms.OPTION, "secret", _is_mixed),
    ("</", forms.IN_XML, "secret", _is_password),
    ("(", forms.PAIR, "password", _is_password),
    ("ig", forms.SIGNATURE, "signature", _is_mixed),
    ("Q~", forms.AZURE_CLIENT, "Azure secret", _is_mixed),
    (":AA", forms.TELEGRAM, "Telegram token", _is_mixed),
)
