"""One file of `approvals/`: whose decision it is, and whether it counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from alma_agent.errors import UsageError
from alma_agent.proposals.account import Account, Standing
from alma_agent.proposals.artefact import (
    ApprovalDocument,
    Person,
    ProposalDocument,
    Unreadable,
    decode,
)
from alma_agent.proposals.policy import Policy
from alma_agent.proposals.refusals import NotSound
from alma_agent.proposals.signing import Signer, names_of, require_sound, signer_as, signer_of

MOMENT = "%Y-%m-%dT%H:%M:%SZ"

_EMAIL = re.compile(r"[^\s<>,*?]{1,254}")
_LONGEST_NAME, _LONGEST_LINE = 200, 200
_LARGEST = 100_000  # bytes of one approval
_CLOCKS_DIFFER = timedelta(minutes=5)
_DAY_S = 86_400


@dataclass(frozen=True)
class Decided:
    """A decision. `but` says why it does not count; empty: it does.

    `is_theirs`: it is about this revision, and as certain as the policy asks for it is the
    reviewer's; so it takes the place of what they said before, even where it does not count.
    `signer` None: the policy names nobody to know a signature by, or it is of none of them.
    """

    approval: ApprovalDocument
    path: PurePosixPath
    signer: Signer | None = None
    is_theirs: bool = False
    but: str = ""

    @property
    def who(self) -> str:
        return f"{self.approval.reviewer.name} <{self.approval.reviewer.email}>"

    @property
    def is_rejection(self) -> bool:
        return self.approval.decision == "rejected"

    @property
    def marks(self) -> set[str]:
        """What shows it to be the same person's as another: the e-mail, and the key."""
        name = self.approval.reviewer.email.casefold()
        return {name, self.signer.key} if self.signer else {name}


@dataclass(frozen=True)
class Looking:
    """What approvals are held against. `sha256` is that of `proposal.json`; `at` is now."""

    sha256: str
    document: ProposalDocument
    policy: Policy
    signers: bytes
    at: datetime
    authors: tuple[str, ...]
    account: Account

    def decided(self, path: PurePosixPath, data: bytes, signature: bytes | None) -> Decided:
        """Return what one file says, and add it to the account. Raises NotSound, UsageError."""
        approval, time = _read(path, data)
        try:
            one = self._held(Decided(approval, path), time, data, signature)
        except NotSound as error:
            raise NotSound(error.rule, f"{path}.sig: {error}") from error
        rule = "rejections" if one.is_rejection else "approvals"
        key = f", signed with {one.signer.key}" if one.signer else ""
        told = f"{one.who} {approval.decision} revision {approval.revision}{key}"
        if one.but:
            told = f"{told}; it does not count: {one.but}"
        elif reason := one_line(approval.reason):
            told = f"{told}: {reason}"
        stands: Standing = "warning" if one.but or one.is_rejection else "passed"
        self.account.add(rule, stands, told, path=str(path))
        return one

    def _held(self, one: Decided, time: datetime, data: bytes, signature: bytes | None) -> Decided:
        if why := self._meant_otherwise(one.approval):
            self._look_at_unknown(one.path, data, signature)
            return replace(one, but=why)
        if self.policy.allowed_signers is None:
            self._look_at_unknown(one.path, data, signature)
        elif signature is None:
            return replace(one, but="it is not signed, and the policy has allowed-signers")
        else:
            signer = self._signer(one, time, data, signature)
            if signer is None:
                return replace(one, but=self._stranger(signature))
            told = f"The signature is by {signer.principal}, {signer.key}"
            self.account.add("signatures", "passed", told, path=f"{one.path}.sig")
            one = replace(one, signer=signer)
        if time > self.at + _CLOCKS_DIFFER:
            return replace(one, but=f"it is of the future, {one.approval.at}")
        one = replace(one, is_theirs=True)
        return one if one.is_rejection else replace(one, but=self._but(one, time, data, signature))

    def _meant_otherwise(self, approval: ApprovalDocument) -> str:
        if approval.proposal != self.document.id:
            return f"it is about another proposal, {approval.proposal}"
        if approval.revision != self.document.revision:
            return f"it is about revision {approval.revision}, and this is another"
        if approval.sha256 != self.sha256:
            return "it is about another proposal.json than this one"
        return ""

    def _look_at_unknown(self, path: PurePosixPath, data: bytes, signature: bytes | None) -> None:
        """Refuse a broken signature also where nobody asks whose it is."""
        if signature is None:
            return
        try:
            require_sound(data, signature)
        except UsageError as error:
            self.account.add("signatures", "skipped", str(error), path=f"{path}.sig")
        else:
            told = "The signature is sound; whose it is was not asked"
            self.account.add("signatures", "passed", told, path=f"{path}.sig")

    def _signer(self, one: Decided, time: datetime, data: bytes, signature: bytes) -> Signer | None:
        email = one.approval.reviewer.email
        now = signer_of(data, signature, self.signers, at=self.at, who=email)
        # The date is the signer's word: with a key that is valid no more, it could be any.
        return now and signer_as(email, data, signature, self.signers, at=time)

    def _stranger(self, signature: bytes) -> str:
        names = names_of(signature, self.signers, at=self.at)
        known = f"; it is a key of {', '.join(names)}" if names else ""
        return (
            f"it is signed with no key that {self.policy.allowed_signers} has for them, valid when "
            f"it was made and now{known}"
        )

    def _but(self, one: Decided, time: datetime, data: bytes, signature: bytes | None) -> str:
        if not self.policy.author_may_approve:
            if one.approval.reviewer.email.casefold() in {who.casefold() for who in self.authors}:
                return "it is the author's own"
            if one.signer and signature and self._is_authors_key(data, signature):
                return "its key is the author's, too"
        days = self.policy.expires_days
        if days and (self.at - time).total_seconds() > days * _DAY_S:
            return f"it is older than {days:g} {'day' if days == 1 else 'days'}"
        return ""

    def _is_authors_key(self, data: bytes, signature: bytes) -> bool:
        """Say so for a key that the signers know under an author's name besides another."""
        return any(
            signer_as(author, data, signature, self.signers, at=self.at)
            for author in self.authors
            if is_email(author)
        )


def one_line(text: str) -> str:
    """Return a text that somebody wrote as a line that can do nothing to a terminal."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}\u2026"


def is_email(text: str) -> bool:
    """Say whether a text can be somebody's e-mail to git, and one name to ssh-keygen."""
    return bool(_EMAIL.fullmatch(text)) and text.isprintable()


def wrong_person(person: Person) -> str:
    """Say what cannot stand in a commit's message; empty: all of it can."""
    name = person.name
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable() or {*"<>"} & {*name}:
        return f"name cannot stand in a commit: {one_line(name)!r}"
    return "" if is_email(person.email) else f"e-mail is none: {one_line(person.email)!r}"


def _read(path: PurePosixPath, data: bytes) -> tuple[ApprovalDocument, datetime]:
    try:
        if len(data) > _LARGEST:
            raise Unreadable("it is too large")
        approval = decode(data, ApprovalDocument)
        if why := wrong_person(approval.reviewer):
            raise Unreadable(f"its reviewer's {why}")
        return approval, datetime.fromisoformat(approval.at)
    except ValueError as error:  # a date such as the 31st of February, too
        raise NotSound("approvals", f"{path} is no approval: {error}.") from error
