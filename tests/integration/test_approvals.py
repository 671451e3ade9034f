"""Whose approval counts: real keys, real signatures, and everything that could be done to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import msgspec
import pytest

from alma_agent.errors import UsageError
from alma_agent.proposals.account import Account
from alma_agent.proposals.approvals import decisions, file_names, new_approval, standing
from alma_agent.proposals.artefact import (
    ApprovalDocument,
    Attached,
    Base,
    Blob,
    ChangedFile,
    Cost,
    Decision,
    Person,
    ProposalDocument,
    digest,
    encode,
)
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.policy import Policy
from alma_agent.proposals.refusals import NotApproved, NotSound, Rejected
from alma_agent.proposals.signing import NAMESPACE, sign
from tests.ssh_keys import ssh_keygen

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
ANN, BOB, EVE, AUTHOR = (
    Person(name=name, email=f"{name.lower()}@example.org")
    for name in ("Ann", "Bob", "Eve", "Author")
)
SIGNERS = PurePosixPath("signers")
Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Keys:
    """Private keys by their names, made once."""

    place: Path

    def __getitem__(self, name: str) -> Path:
        return self.place / name

    def public(self, name: str) -> str:
        return " ".join((self.place / f"{name}.pub").read_text().split()[:2])

    def line(self, names: str, key: str, options: str = "") -> str:
        return f"{names} {options} {self.public(key)}\n"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    place = tmp_path_factory.mktemp("keys")
    for name in ("ann", "ann2", "bob", "eve", "author", "authority"):
        ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(place / name))
    certified = ("-q", "-s", str(place / "authority"), "-I", "ann", "-n", ANN.email)
    ssh_keygen(*certified, str(place / "eve.pub"))
    return Keys(place)


@pytest.fixture(scope="module")
def proven(keys: Keys) -> Policy:
    """Return the policy of a project that knows Ann's, Bob's and the author's keys."""
    return knowing(
        keys.line(ANN.email, "ann"),
        keys.line(BOB.email, "bob"),
        keys.line(AUTHOR.email, "author"),
    )


def knowing(*lines: str) -> Policy:
    return Policy(
        allowed_signers=SIGNERS, signers="".join(lines).encode(), author_may_approve=False
    )


def a_document(**others: object) -> ProposalDocument:
    blob = Blob(blob="b" * 40, mode="100644")
    document = ProposalDocument(
        version=1,
        id="0123456789ab",
        revision=1,
        supersedes=None,
        created_at="2026-01-09T12:00:00Z",
        author=AUTHOR,
        goal="rename load",
        rationale="",
        origin="diff",
        agent="",
        model=None,
        base=Base(commit="a" * 40, tree="c" * 40),
        result_tree="d" * 40,
        patch=Attached(file="0001-rename-load.patch", sha256="e" * 64),
        files=[ChangedFile(path="a.py", base=None, result=blob)],
        scope=[],
        recipe=None,
        evidence=None,
        checks=[],
        memories=[],
        notes=[],
        cost=Cost(),
    )
    return msgspec.structs.replace(document, **others)


DOCUMENT = a_document()


def an_approval(
    reviewer: Person = ANN,
    decision: Decision = "approved",
    *,
    ago: timedelta = timedelta(hours=1),
    of: ProposalDocument = DOCUMENT,
    reason: str = "reads well",
) -> ApprovalDocument:
    return new_approval(
        of,
        digest(encode(of)),
        decision=decision,
        reviewer=reviewer,
        reason=reason,
        at=NOW - ago,
    )


def written(approval: ApprovalDocument, key: Path | None = None) -> dict[str, bytes]:
    """Return an approval's file, and its signature's if there is a key."""
    data, name = encode(approval), f"approvals/{file_names(approval)}"
    return {name: data} if key is None else {name: data, f"{name}.sig": sign(data, key)}


def counted(
    policy: Policy,
    files: Files,
    *,
    merged: bool = False,
    authors: Iterable[str] = (),
    account: Account | None = None,
) -> list[str]:
    """Return the names of those whose approvals count."""
    people = standing(
        a_folder(files),
        DOCUMENT,
        policy,
        at=NOW,
        merged=merged,
        authors=tuple(authors),
        account=account or Account(),
    )
    return [one.name for one in people]


def a_folder(files: Files) -> Folder:
    inside = PurePosixPath(f".alma/proposals/2026-01-09-rename-load-{DOCUMENT.id}")
    all_ = {"proposal.json": encode(DOCUMENT), **files}
    return Folder(
        Path("/nowhere") / inside, inside, {PurePosixPath(name): all_[name] for name in all_}
    )


def uncounted(policy: Policy, files: Files) -> str:
    """Return why the one decision in the folder does not count."""
    (one,) = decisions(a_folder(files), DOCUMENT, policy, at=NOW, account=Account())
    return one.but


def the_signature(files: Files) -> str:
    (name,) = (one for one in files if one.endswith(".sig"))
    return name


# What counts.


def test_a_signed_approval_by_a_known_key_counts(keys: Keys, proven: Policy) -> None:
    assert counted(proven, written(an_approval(), keys["ann"])) == ["Ann"]


def test_without_signers_an_unsigned_approval_counts() -> None:
    assert counted(Policy(), written(an_approval())) == ["Ann"]


def test_no_approvals_are_enough_where_none_are_asked_for() -> None:
    assert counted(Policy(approvals=0), {}) == []


def test_an_approval_is_missing() -> None:
    with pytest.raises(NotApproved, match=r"has 0 of 1 approvals\. `alma review 0123456789ab"):
        counted(Policy(), {})


def test_what_is_missing_is_told_with_what_did_not_count(keys: Keys, proven: Policy) -> None:
    files = {**written(an_approval(), keys["ann"]), **written(an_approval(BOB))}

    with pytest.raises(NotApproved, match=r"1 of 2 approvals: Ann .* Bob <bob@.*not signed"):
        counted(replace(proven, approvals=2), files)


def test_of_many_that_do_not_count_a_few_are_told() -> None:
    people = [Person(name=f"P{number}", email=f"p{number}@example.org") for number in range(9)]
    old = [written(an_approval(one, ago=timedelta(days=99))) for one in people]

    with pytest.raises(NotApproved) as missing:
        counted(Policy(), {name: data for one in old for name, data in one.items()})

    assert str(missing.value).count("older than 30 days") == 5
    assert "; and 4 more." in str(missing.value)


def test_a_day_is_one_day() -> None:
    old = written(an_approval(ago=timedelta(days=2)))

    assert uncounted(Policy(expires_days=1), old) == "it is older than 1 day"


def test_two_people_are_two_approvals(keys: Keys, proven: Policy) -> None:
    files = {**written(an_approval(), keys["ann"]), **written(an_approval(BOB), keys["bob"])}

    assert sorted(counted(replace(proven, approvals=2), files)) == ["Ann", "Bob"]


def test_the_capitals_of_an_email_do_not_matter(keys: Keys, proven: Policy) -> None:
    ann = Person(name="Ann", email="Ann@Example.ORG")

    assert counted(proven, written(an_approval(ann), keys["ann"])) == ["Ann"]


def test_a_key_may_stand_for_a_pattern_of_names(keys: Keys) -> None:
    policy = knowing(keys.line("!author@example.org,*@example.org", "ann"))

    assert counted(policy, written(an_approval(), keys["ann"])) == ["Ann"]


def test_a_pattern_takes_names_away(keys: Keys) -> None:
    policy = knowing(keys.line("!eve@example.org,*@example.org", "eve"))

    assert "no key" in uncounted(policy, written(an_approval(EVE), keys["eve"]))


def test_a_certificate_of_a_known_authority_counts(keys: Keys) -> None:
    policy = knowing(keys.line("*@example.org", "authority", "cert-authority"))

    assert counted(policy, written(an_approval(), keys["eve-cert.pub"])) == ["Ann"]


def test_a_certificate_proves_the_names_in_it_only(keys: Keys) -> None:
    policy = knowing(keys.line("*@example.org", "authority", "cert-authority"))

    assert "no key" in uncounted(policy, written(an_approval(BOB), keys["eve-cert.pub"]))


def test_a_key_for_this_use_counts(keys: Keys) -> None:
    policy = knowing(keys.line(ANN.email, "ann", f'namespaces="git,{NAMESPACE}"'))

    assert counted(policy, written(an_approval(), keys["ann"])) == ["Ann"]


def test_a_key_for_another_use_does_not_count(keys: Keys) -> None:
    policy = knowing(keys.line(ANN.email, "ann", 'namespaces="git"'))

    assert "no key" in uncounted(policy, written(an_approval(), keys["ann"]))


# Who is one person.


def test_one_key_under_two_names_is_one_person(keys: Keys) -> None:
    policy = knowing(keys.line(f"{ANN.email},{BOB.email}", "ann"))
    files = {**written(an_approval(), keys["ann"]), **written(an_approval(BOB), keys["ann"])}

    assert len(counted(policy, files)) == 1


def test_one_name_with_two_keys_is_one_person(keys: Keys) -> None:
    policy = knowing(keys.line(ANN.email, "ann"), keys.line(ANN.email, "ann2"))
    again = an_approval(Person(name="A.", email="ANN@example.org"), ago=timedelta(hours=2))
    files = {**written(an_approval(), keys["ann"]), **written(again, keys["ann2"])}

    assert counted(policy, files) == ["Ann"]


def test_names_that_share_a_key_with_a_third_are_one_person(keys: Keys) -> None:
    everybody = f"{ANN.email},{BOB.email}"
    policy = knowing(
        keys.line(everybody, "ann"), keys.line(BOB.email, "bob"), keys.line(EVE.email, "bob")
    )
    files = {
        **written(an_approval(ANN), keys["ann"]),
        **written(an_approval(EVE), keys["bob"]),
        **written(an_approval(BOB), keys["bob"]),
    }

    assert len(counted(policy, files)) == 2


def test_without_signers_two_emails_are_two_people() -> None:
    files = {**written(an_approval()), **written(an_approval(BOB))}

    assert sorted(counted(Policy(approvals=2), files)) == ["Ann", "Bob"]


# The author.


def test_the_authors_approval_does_not_count(keys: Keys, proven: Policy) -> None:
    assert "the author's own" in uncounted(proven, written(an_approval(AUTHOR), keys["author"]))


def test_the_author_counts_where_the_policy_says_so(keys: Keys, proven: Policy) -> None:
    policy = replace(proven, author_may_approve=True)

    assert counted(policy, written(an_approval(AUTHOR), keys["author"])) == ["Author"]


def test_without_signers_the_author_may_be_kept_out_too() -> None:
    policy = Policy(author_may_approve=False)
    author = Person(name="Me", email="AUTHOR@example.org")

    assert "the author's own" in uncounted(policy, written(an_approval(author)))


def test_whoever_brought_the_folder_is_an_author(keys: Keys, proven: Policy) -> None:
    with pytest.raises(NotApproved, match="the author's own"):
        counted(proven, written(an_approval(), keys["ann"]), authors=["Ann@example.org"])


def test_the_authors_key_under_another_name_is_still_the_authors(keys: Keys) -> None:
    policy = knowing(keys.line(AUTHOR.email, "author"), keys.line(BOB.email, "author"))

    assert "the author's, too" in uncounted(policy, written(an_approval(BOB), keys["author"]))


def test_a_key_that_fits_anybody_may_be_the_authors(keys: Keys) -> None:
    policy = knowing(keys.line("*@example.org", "ann"))

    assert "the author's, too" in uncounted(policy, written(an_approval(), keys["ann"]))


# Time.


@pytest.mark.parametrize(
    ("ago", "days"),
    [
        pytest.param(timedelta(days=30), 30.0, id="on the last day"),
        pytest.param(timedelta(days=900), 0, id="where nothing expires"),
        pytest.param(timedelta(days=900), 1e15, id="nearly never"),
        pytest.param(timedelta(minutes=-4), 30.0, id="another clock is ahead"),
    ],
)
def test_in_time(ago: timedelta, days: float) -> None:
    assert counted(Policy(expires_days=days), written(an_approval(ago=ago))) == ["Ann"]


@pytest.mark.parametrize(
    ("ago", "days", "why"),
    [
        pytest.param(timedelta(days=30, seconds=1), 30.0, "older than 30 days", id="expired"),
        pytest.param(timedelta(hours=13), 0.5, "older than 0.5 days", id="expired by noon"),
        pytest.param(timedelta(minutes=-6), 30.0, "of the future", id="of the future"),
        pytest.param(timedelta(days=-900), 0, "of the future", id="where nothing expires"),
    ],
)
def test_out_of_time(ago: timedelta, days: float, why: str) -> None:
    assert why in uncounted(Policy(expires_days=days), written(an_approval(ago=ago)))


def test_a_key_that_is_valid_now_counts(keys: Keys) -> None:
    policy = knowing(keys.line(ANN.email, "ann", 'valid-after="20260110",valid-before="20260111"'))

    assert counted(policy, written(an_approval(), keys["ann"])) == ["Ann"]


def test_a_key_that_was_not_valid_yet_does_not_count(keys: Keys) -> None:
    policy = knowing(keys.line(ANN.email, "ann", 'valid-after="202601101130"'))

    assert "valid when it was made" in uncounted(policy, written(an_approval(), keys["ann"]))


def test_an_old_date_does_not_bring_an_expired_key_back(keys: Keys) -> None:
    policy = knowing(keys.line(ANN.email, "ann", 'valid-before="20260105"'))
    files = written(an_approval(ago=timedelta(days=6)), keys["ann"])

    assert "valid when it was made and now" in uncounted(policy, files)


def test_validity_is_told_in_universal_time(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC0")
    public = tmp_path / "eve.pub"
    public.write_bytes(keys["eve.pub"].read_bytes())
    (tmp_path / "eve").write_bytes(keys["eve"].read_bytes())
    (tmp_path / "eve").chmod(0o600)
    a_day = ("-V", "20260110:20260111", "-I", "ann", "-n", ANN.email)
    ssh_keygen("-q", "-s", str(keys["authority"]), *a_day, str(public))
    policy = knowing(keys.line("*@example.org", "authority", "cert-authority"))

    monkeypatch.setenv("TZ", "UTC-14")  # where it is the next day already

    assert counted(policy, written(an_approval(), tmp_path / "eve-cert.pub")) == ["Ann"]


# A no.


def test_a_rejection_blocks_whoever_else_approves(keys: Keys, proven: Policy) -> None:
    no = an_approval(BOB, "rejected", reason="leaks\x1b[2J the\nfile")
    files = {**written(an_approval(), keys["ann"]), **written(no, keys["bob"])}

    with pytest.raises(Rejected, match=r"Bob <bob@example.org> rejected .*: leaks \[2J the file\."):
        counted(proven, files)


def test_who_approves_later_takes_the_rejection_back(keys: Keys, proven: Policy) -> None:
    no = an_approval(ANN, "rejected", ago=timedelta(hours=2))
    files = {**written(no, keys["ann"]), **written(an_approval(), keys["ann"])}

    assert counted(proven, files) == ["Ann"]


def test_who_rejects_later_takes_the_approval_back(keys: Keys, proven: Policy) -> None:
    yes = an_approval(ago=timedelta(hours=2))
    files = {
        **written(yes, keys["ann"]),
        **written(an_approval(ANN, "rejected"), keys["ann"]),
        **written(an_approval(BOB), keys["bob"]),
    }

    with pytest.raises(Rejected, match="Ann"):
        counted(proven, files)


def test_a_no_in_the_same_second_holds() -> None:
    (no,) = written(an_approval(ANN, "rejected")).values()

    with pytest.raises(Rejected):
        counted(Policy(), {**written(an_approval()), "approvals/a.json": no})


@pytest.mark.parametrize(
    ("reviewer", "ago"),
    [
        pytest.param(AUTHOR, timedelta(hours=1), id="the author's"),
        pytest.param(BOB, timedelta(days=31), id="expired"),
    ],
)
def test_a_yes_that_does_not_count_takes_ones_own_no_back(reviewer: Person, ago: timedelta) -> None:
    no = an_approval(reviewer, "rejected", ago=timedelta(days=60))
    files = {**written(no), **written(an_approval(reviewer, ago=ago)), **written(an_approval())}

    assert counted(Policy(author_may_approve=False), files) == ["Ann"]


def test_a_no_does_not_expire() -> None:
    files = {
        **written(an_approval(BOB, "rejected", ago=timedelta(days=90))),
        **written(an_approval()),
    }

    with pytest.raises(Rejected, match="Bob"):
        counted(Policy(), files)


def test_the_authors_no_counts(keys: Keys, proven: Policy) -> None:
    files = {
        **written(an_approval(AUTHOR, "rejected"), keys["author"]),
        **written(an_approval(), keys["ann"]),
    }

    with pytest.raises(Rejected, match="Author"):
        counted(proven, files)


@pytest.mark.parametrize("key", ["eve", None])
def test_a_strangers_no_blocks_nothing(keys: Keys, proven: Policy, key: str | None) -> None:
    no = written(an_approval(BOB, "rejected"), keys[key] if key else None)

    assert counted(proven, {**no, **written(an_approval(), keys["ann"])}) == ["Ann"]


def test_one_name_cannot_take_back_anothers_no_with_a_key_of_its_own(keys: Keys) -> None:
    policy = knowing(keys.line(ANN.email, "ann"), keys.line(f"{BOB.email},{EVE.email}", "bob"))
    files = {
        **written(an_approval(BOB, "rejected", ago=timedelta(hours=3)), keys["bob"]),
        **written(an_approval(EVE), keys["bob"]),
    }

    with pytest.raises(Rejected, match="Bob"):
        counted(policy, files)


def test_a_no_about_an_older_revision_blocks_nothing() -> None:
    no = an_approval(BOB, "rejected", of=a_document(revision=2))

    assert counted(Policy(), {**written(no), **written(an_approval())}) == ["Ann"]


# By merge.


def test_a_merge_is_one_approval_where_the_policy_says_so() -> None:
    assert counted(Policy(by_merge=True), {}, merged=True) == []


@pytest.mark.parametrize(
    ("policy", "merged"),
    [
        pytest.param(Policy(by_merge=False), True, id="not by this policy"),
        pytest.param(Policy(by_merge=True), False, id="not merged"),
        pytest.param(Policy(by_merge=True, approvals=2), True, id="one is not two"),
    ],
)
def test_a_merge_is_not_enough(policy: Policy, merged: bool) -> None:
    with pytest.raises(NotApproved):
        counted(policy, {}, merged=merged)


def test_a_merge_does_not_take_a_no_back() -> None:
    with pytest.raises(Rejected):
        counted(Policy(by_merge=True), written(an_approval(BOB, "rejected")), merged=True)


# Approvals of something else.


@pytest.mark.parametrize(
    ("of", "why"),
    [
        pytest.param(a_document(id="ba9876543210"), "another proposal, ba98", id="proposal"),
        pytest.param(a_document(revision=2), "about revision 2", id="revision"),
        pytest.param(a_document(goal="more"), "another proposal.json", id="content"),
    ],
)
def test_what_was_approved_is_something_else(
    keys: Keys, proven: Policy, of: ProposalDocument, why: str
) -> None:
    assert why in uncounted(proven, written(an_approval(of=of), keys["ann"]))


# Tampering.


def test_an_unknown_key_does_not_count(keys: Keys, proven: Policy) -> None:
    assert "no key that signers has" in uncounted(proven, written(an_approval(), keys["eve"]))


def test_one_reviewer_cannot_sign_for_another(keys: Keys, proven: Policy) -> None:
    assert "it is a key of bob@" in uncounted(proven, written(an_approval(), keys["bob"]))


def test_an_approval_that_is_not_signed_does_not_count(proven: Policy) -> None:
    assert "not signed" in uncounted(proven, written(an_approval()))


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("part", ["approval", "signature"])
@pytest.mark.parametrize("knows_signers", [True, False])
def test_one_byte_of_it_is_another(
    keys: Keys, proven: Policy, part: str, knows_signers: bool
) -> None:
    files = written(an_approval(), keys["ann"])
    signature = the_signature(files)
    name = signature if part == "signature" else signature.removesuffix(".sig")
    policy = proven if knows_signers else Policy()

    for at in range(0, len(files[name]), 17):
        with pytest.raises(NotSound):
            counted(policy, {**files, name: flipped(files[name], at)})


def test_the_signature_of_another_approval(keys: Keys, proven: Policy) -> None:
    files = written(an_approval(reason="one"), keys["ann"])
    others = written(an_approval(reason="two"), keys["ann"])

    with pytest.raises(NotSound, match="over other bytes"):
        counted(proven, {**files, the_signature(files): others[the_signature(others)]})


def test_the_signature_of_a_rejection_is_none_of_an_approval(keys: Keys, proven: Policy) -> None:
    files = written(an_approval(), keys["ann"])
    no = written(an_approval(ANN, "rejected"), keys["ann"])

    with pytest.raises(NotSound, match="over other bytes"):
        counted(proven, {**files, the_signature(files): no[the_signature(no)]})


def test_a_signature_for_another_use(keys: Keys, proven: Policy, tmp_path: Path) -> None:
    files = written(an_approval(), keys["ann"])
    file = tmp_path / "approval"
    file.write_bytes(files[the_signature(files).removesuffix(".sig")])
    ssh_keygen("-Y", "sign", "-n", "git", "-f", str(keys["ann"]), str(file))

    with pytest.raises(NotSound, match="not for alma-review@v1"):
        counted(proven, {**files, the_signature(files): Path(f"{file}.sig").read_bytes()})


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(b"", id="empty"),
        pytest.param(bytes(range(256)), id="binary"),
        pytest.param(b"-----BEGIN SSH SIGNATURE-----\n" + b"A" * 5_000_000, id="huge"),
        pytest.param(
            b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", id="short"
        ),
        pytest.param(
            b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n", id="of PGP"
        ),
    ],
)
@pytest.mark.parametrize("knows_signers", [True, False])
def test_what_is_no_signature(proven: Policy, signature: bytes, knows_signers: bool) -> None:
    files = written(an_approval())
    policy = proven if knows_signers else Policy()

    with pytest.raises(NotSound, match="signature"):
        counted(policy, {**files, f"{next(iter(files))}.sig": signature})


def test_a_signature_with_something_after_it(keys: Keys, proven: Policy) -> None:
    files = written(an_approval(), keys["ann"])
    name = the_signature(files)

    with pytest.raises(NotSound, match="no signature"):
        counted(proven, {**files, name: files[name] + b"more\n"})


def test_a_signature_without_its_approval(keys: Keys, proven: Policy) -> None:
    files = written(an_approval(), keys["ann"])
    name = the_signature(files)

    with pytest.raises(NotSound, match="approval that is not there"):
        counted(proven, {name: files[name]})


@pytest.mark.parametrize(
    "name",
    [
        "approvals/notes.txt",
        "approvals/.json",
        "approvals/a.json.sig.sig",
        "approvals/a b.json",
        "approvals/b/a.json",
    ],
)
def test_a_file_that_is_no_approval(name: str) -> None:
    with pytest.raises(NotSound, match="is no approval"):
        counted(Policy(), {**written(an_approval()), name: encode(an_approval(BOB))})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data.rstrip(b"\n"), id="another form"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="other line ends"),
        pytest.param(lambda data: data.replace(b'"version": 1', b'"version": 2'), id="version"),
        pytest.param(lambda data: data.replace(b"{\n", b'{\n "also": 1,\n', 1), id="a key more"),
        pytest.param(lambda data: data.replace(b"2026-01-10", b"2026-02-31"), id="no such day"),
        pytest.param(lambda data: data.replace(b"Ann", b"<Ann>"), id="a name with brackets"),
        pytest.param(lambda data: data.replace(b"Ann", b"Ann\\nBcc"), id="a name of two lines"),
        pytest.param(lambda data: data.replace(b'"Ann"', b'" "'), id="no name"),
        pytest.param(lambda data: data.replace(b"ann@", b"ann\\u0000@"), id="NUL in the e-mail"),
        pytest.param(lambda data: data.replace(b"ann@", b"*@"), id="a pattern as e-mail"),
        pytest.param(lambda data: data.replace(b"reads well", b"x" * 200_000), id="huge"),
        pytest.param(lambda data: b"[" * 50_000, id="deep"),  # noqa: ARG005
        pytest.param(lambda data: b"\xff" + data, id="no text"),
    ],
)
def test_an_approval_that_alma_does_not_write(change: object) -> None:
    ((name, data),) = written(an_approval()).items()
    assert callable(change)

    with pytest.raises(NotSound, match="is no approval"):
        counted(Policy(), {name: change(data)})


def test_one_broken_approval_stops_all(keys: Keys, proven: Policy) -> None:
    files = written(an_approval(), keys["ann"])

    with pytest.raises(NotSound):
        counted(proven, {**files, "approvals/other.json": b"{}\n"})


# What is told.


def test_every_approval_is_a_step(keys: Keys, proven: Policy) -> None:
    account = Account()
    files = {**written(an_approval(), keys["ann"]), **written(an_approval(BOB))}

    counted(proven, files, account=account)

    assert [(one.rule, one.standing) for one in account.steps] == [
        ("signatures", "passed"),
        ("approvals", "passed"),
        ("approvals", "warning"),
        ("rejections", "passed"),
        ("approvals", "passed"),
    ]


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        pytest.param({}, "approvals", id="none"),
        pytest.param(written(an_approval(ANN, "rejected")), "rejections", id="rejected"),
        pytest.param({"approvals/a.json": b""}, "approvals", id="broken"),
        pytest.param({"approvals/a.json.sig": b""}, "signatures", id="alone"),
    ],
)
def test_what_stops_it_is_a_step_that_failed(files: Files, rule: str) -> None:
    account = Account()

    with pytest.raises((NotApproved, Rejected, NotSound)):
        counted(Policy(), files, account=account)

    assert [one.rule for one in account.failed] == [rule]


# Without ssh-keygen.


@pytest.fixture
def no_programs(keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Return a signed approval, on a machine that now has no ssh-keygen."""
    files = written(an_approval(), keys["ann"])
    monkeypatch.setenv("PATH", str(tmp_path))
    return files


def test_where_names_are_proven_it_is_needed(no_programs: Files, proven: Policy) -> None:
    with pytest.raises(UsageError, match="package openssh-client"):
        counted(proven, no_programs)


def test_where_they_are_not_it_is_told_that_nobody_looked(no_programs: Files) -> None:
    account = Account()

    counted(Policy(), no_programs, account=account)

    assert [one.rule for one in account.steps if one.standing == "skipped"] == ["signatures"]


# How an approval is written.


def test_decisions_of_one_reviewer_stand_side_by_side() -> None:
    some = [an_approval(ago=timedelta(hours=hours)) for hours in (1, 2)]
    other = [an_approval(ANN, "rejected"), an_approval(BOB), an_approval(of=a_document(revision=2))]

    assert len({file_names(one) for one in (*some, *other)}) == 5


@pytest.mark.parametrize("email", ["\u00e4\u00f6@example.org", "a" * 250, "..", "A/B@x"])
def test_any_email_becomes_a_file_name(email: str) -> None:
    files = written(an_approval(Person(name="Ann", email=email)))

    assert counted(Policy(), files) == ["Ann"]


@pytest.mark.parametrize(
    "reviewer",
    [
        pytest.param(Person(name="", email="a@x"), id="no name"),
        pytest.param(Person(name="Ann", email=""), id="no e-mail"),
        pytest.param(Person(name="Ann", email="a x"), id="a blank"),
        pytest.param(Person(name="Ann\nBob", email="a@x"), id="two lines"),
    ],
)
def test_a_reviewer_must_be_somebody(reviewer: Person) -> None:
    with pytest.raises(UsageError, match=r"git config user\.name"):
        an_approval(reviewer)


def test_a_reason_of_odd_bytes_can_be_written() -> None:
    assert counted(Policy(), written(an_approval(reason="\udcff"))) == ["Ann"]
