"""Nothing lands that was changed after it was approved, or that reaches where it must not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import msgspec
import pytest

from alma_agent.proposals.account import Account
from alma_agent.proposals.approvals import standing
from alma_agent.proposals.artefact import (
    PROPOSAL,
    Attached,
    ChangedFile,
    ProposalDocument,
    UsedMemory,
    decode,
    digest,
    encode,
)
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.integrity import examined, made_tree
from alma_agent.proposals.policy import Policy
from alma_agent.proposals.refusals import NotSound, ProposalRefused
from alma_agent.proposals.signing import sign
from tests.integration.landings import BEN, NOW, House, git
from tests.ssh_keys import ssh_keygen

FILES = {"a.py": b"x = 1\n", "sub/c.py": b"z = 1\n"}
BETTER = {"a.py": b"x = 2\n", "sub/new.py": b"n = 1\n", "sub/c.py": None}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House.built(tmp_path_factory.mktemp("template") / "project", FILES)
    text = "Call it x."
    memory = UsedMemory(id="m1", kind="taste", text=text, sha256=digest(text.encode()))
    house.approved(BETTER, checks=[("true",)], memories=(memory,), scope=("**",))
    return house


@pytest.fixture
def house(template: House, tmp_path: Path) -> House:
    return template.copied(tmp_path / "project")


@pytest.fixture(scope="module")
def folder(template: House) -> Folder:
    return template.folder()


def with_files(folder: Folder, **files: bytes | None) -> Folder:
    changed = {PurePosixPath(name): data for name, data in files.items()}
    kept = {name: data for name, data in folder.files.items() if name not in changed}
    return replace(folder, files=kept | {n: d for n, d in changed.items() if d is not None})


def with_document(folder: Folder, **said: object) -> Folder:
    """Return a folder whose proposal.json says something else, in its one form."""
    document = msgspec.structs.replace(folder.document(), **said)
    return with_files(folder, **{PROPOSAL: encode(document)})


def counted(folder: Folder) -> None:
    account = Account()
    standing(folder, examined(folder, account), Policy(), at=NOW, account=account)


def one_byte_off(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    yield data + b"\n"
    yield data[:-1]


def test_the_folder_is_sound_as_it_is(folder: Folder) -> None:
    counted(folder)


@pytest.mark.parametrize("name", [PROPOSAL, "0001-make-it-better.patch", "logs/check-1.txt"])
def test_one_byte_anywhere_is_refused(folder: Folder, name: str) -> None:
    for data in one_byte_off(folder.data(name)):
        with pytest.raises(ProposalRefused):
            counted(with_files(folder, **{name: data}))


def test_a_byte_of_a_memory_is_refused(folder: Folder) -> None:
    (memory,) = folder.document().memories
    other = msgspec.structs.replace(memory, text="Call it y.")

    with pytest.raises(NotSound, match="The memory m1 is not"):
        examined(with_document(folder, memories=[other]), Account())


@pytest.mark.parametrize("name", ["0001-make-it-better.patch", "logs/check-1.txt", PROPOSAL])
def test_a_file_that_is_not_there_is_refused(folder: Folder, name: str) -> None:
    with pytest.raises(NotSound, match="has no"):
        examined(with_files(folder, **{name: None}), Account())


@pytest.mark.parametrize(
    "name", ["0002-more.patch", "run.sh", "logs/check-2.txt", "approvals/x.txt"]
)
def test_a_file_that_nobody_named_is_refused(folder: Folder, name: str) -> None:
    with pytest.raises(NotSound, match="is not named"):
        examined(with_files(folder, **{name: b""}), Account())


@pytest.mark.parametrize(
    "name", ["result.json", "junit.xml", "sarif.json", "statement.intoto.json"]
)
def test_what_became_of_it_may_be_added(folder: Folder, name: str) -> None:
    examined(with_files(folder, **{name: b"{}"}), Account())


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="other line ends"),
        pytest.param(lambda data: data.replace(b"{\n", b'{\n "version": 1,\n', 1), id="twice"),
        pytest.param(lambda data: data.replace(b'"goal"', b'"evil": 1,\n "goal"', 1), id="unknown"),
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="byte order mark"),
        pytest.param(lambda _: b"[" * 100_000, id="deep"),
        pytest.param(lambda _: b"null", id="null"),
    ],
)
def test_another_form_of_the_same_is_refused(
    folder: Folder, form: Callable[[bytes], bytes]
) -> None:
    changed = with_files(folder, **{PROPOSAL: form(folder.data(PROPOSAL))})

    with pytest.raises(NotSound, match="is no proposal"):
        examined(changed, Account())


@pytest.mark.parametrize(
    "path",
    [
        *("../a.py", "/a.py", "a/../b.py", "./a.py", "a//b.py", "a/", "", ".", ".."),
        *(".git/config", "sub/.GIT/hooks/x", ".Alma/x", ".alma/proposals/x", "git~1/config"),
        *(".git./config", ".git /config", ".git::$INDEX_ALLOCATION/x", "a\\b.py"),
        *("a\nb.py", "a\tb.py", "a\x1b[0m.py", "a\u202eb.py", ".g\u200cit/config"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(folder: Folder, path: str) -> None:
    (row,) = [one for one in folder.document().files if one.path == "sub/new.py"]

    with pytest.raises(NotSound):
        examined(with_document(folder, files=[msgspec.structs.replace(row, path=path)]), Account())


@pytest.mark.parametrize("mode", ["120000", "160000", "040000", "100600"])
def test_a_mode_of_no_regular_file_is_refused(folder: Folder, mode: str) -> None:
    data = folder.data(PROPOSAL).replace(b"100644", mode.encode(), 1)

    with pytest.raises(NotSound, match="is no proposal"):
        examined(with_files(folder, **{PROPOSAL: data}), Account())


def _row(folder: Folder, at: str, **said: object) -> ChangedFile:
    (row,) = [one for one in folder.document().files if one.path == at]
    return msgspec.structs.replace(row, **said)


def _tables(folder: Folder) -> Mapping[str, list[ChangedFile]]:
    a, gone, new = (_row(folder, name) for name in ("a.py", "sub/c.py", "sub/new.py"))
    return {
        "not sorted": [new, gone, a],
        "twice": [a, a],
        "no change": [_row(folder, "a.py", result=_row(folder, "a.py").base)],
        "neither before nor after": [_row(folder, "sub/new.py", result=None)],
        "a file and its folder": [_row(folder, "sub/new.py", path="sub"), new],
        "moved from what stays": [a, _row(folder, "sub/new.py", moved_from="a.py")],
        "moved from nowhere": [_row(folder, "sub/new.py", moved_from="x.py")],
        "moved over a file": [_row(folder, "a.py", moved_from="sub/c.py"), gone],
        "moved twice": [
            gone,
            _row(folder, "sub/new.py", moved_from="sub/c.py"),
            _row(folder, "sub/new.py", path="sub/new2.py", moved_from="sub/c.py"),
        ],
    }


@pytest.mark.parametrize(
    "kind",
    [
        *("not sorted", "twice", "no change", "neither before nor after", "a file and its folder"),
        *("moved from what stays", "moved from nowhere", "moved over a file", "moved twice"),
    ],
)
def test_a_table_of_files_that_makes_no_sense_is_refused(folder: Folder, kind: str) -> None:
    with pytest.raises(NotSound):
        examined(with_document(folder, files=_tables(folder)[kind]), Account())


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"created_at": "2026-13-01T00:00:00Z"}, id="no time"),
        pytest.param({"goal": " \n"}, id="no goal"),
        pytest.param({"result_tree": "0" * 64}, id="two kinds of ids"),
        pytest.param({"id": "ffffffffffff"}, id="another id"),
        pytest.param({"scope": ["lib/"]}, id="outside of its own scope"),
        pytest.param({"scope": [" "]}, id="no scope"),
    ],
)
def test_a_document_that_makes_no_sense_is_refused(folder: Folder, said: dict[str, object]) -> None:
    with pytest.raises(NotSound):
        examined(with_document(folder, **said), Account())


def test_a_patch_that_stands_where_another_file_does_is_refused(folder: Folder) -> None:
    patch = Attached(file=PROPOSAL, sha256=folder.sha256)

    with pytest.raises(NotSound, match="cannot be what"):
        examined(with_document(folder, patch=patch), Account())


# Patches that do not do what the table says, each with a digest that fits


def patched(house: House, patch: bytes) -> ProposalDocument:
    folder = house.folder()
    attached = Attached(file="0001-make-it-better.patch", sha256=digest(patch))
    data = encode(msgspec.structs.replace(folder.document(), patch=attached))
    return decode(data, ProposalDocument)


def added(path: str, mode: str = "100644", line: str = "1") -> bytes:
    """Return a patch that adds a file of one line."""
    head = f"diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n"
    return f"{head}@@ -0,0 +1 @@\n+{line}\n".encode()


MORE = {
    "another file": added("more.py"),
    "a link": added("link", "120000", "/etc"),
    "a submodule": added("module", "160000", f"Subproject commit {'0123456789' * 4}"),
    "outside": added("../more.py"),
    "git's own": added(".git/hooks/post-checkout"),
    "alma's own": added(".alma/more.py"),
    "a mode": b"diff --git a/sub/new.py b/sub/new.py\nold mode 100644\nnew mode 100755\n",
    "a second mail": b"From %b Mon Sep 17 00:00:00 2001\nFrom: Eve <e@x>\n\n---\n" % (b"01234" * 8)
    + added("more.py"),
}


@pytest.mark.parametrize("more", MORE)
def test_a_patch_that_does_more_than_the_table_says_is_refused(house: House, more: str) -> None:
    folder = house.folder()
    patch = folder.data(folder.document().patch.file) + MORE[more]
    base = folder.document().base.tree

    with pytest.raises(NotSound):
        made_tree(house.trees, patched(house, patch), patch, base)


def test_a_patch_that_does_less_or_else_is_refused(house: House) -> None:
    patch = house.folder().data("0001-make-it-better.patch").replace(b"+x = 2", b"+x = 3")

    with pytest.raises(NotSound, match=r"does not do what proposal\.json says, in a\.py"):
        made_tree(house.trees, patched(house, patch), patch, "HEAD^{tree}")


def test_a_result_that_is_not_the_patchs_is_refused(house: House) -> None:
    folder = house.folder()
    patch = folder.data(folder.document().patch.file)
    document = msgspec.structs.replace(folder.document(), result_tree=folder.document().base.tree)

    with pytest.raises(NotSound, match="makes another tree"):
        made_tree(house.trees, document, patch, document.base.tree)


def test_a_base_that_is_not_its_commits_is_refused(house: House) -> None:
    other = house.trees.commit(house.tree_with({"b.py": b"1\n"}), (), "other")
    folder = house.propose(BETTER)
    base = msgspec.structs.replace(folder.document().base, commit=other)
    (folder.place / PROPOSAL).write_bytes(
        encode(msgspec.structs.replace(folder.document(), base=base))
    )
    git(house.root, "update-ref", "refs/heads/other", other)

    with pytest.raises(NotSound, match="has another tree"):
        house.land(house.approve(house.folder()), onto="other")


# On the disk, as somebody who can push would leave it


def test_a_changed_file_on_the_disk_does_not_land(house: House) -> None:
    folder = house.folder()
    patch = folder.place / folder.document().patch.file
    patch.write_bytes(patch.read_bytes().replace(b"From: Ann", b"From: Eve"))
    before = house.everything()

    with pytest.raises(NotSound, match="is not what"):
        house.land(house.folder())
    assert house.everything() == before


def test_an_approval_of_another_proposal_does_not_count(house: House) -> None:
    other = house.propose({"a.py": b"x = 9\n"}, id="ffffffffffff")
    approvals = house.folder().place / "approvals"
    approvals.rename(other.place / "approvals")

    with pytest.raises(ProposalRefused):
        house.land(house.folder("ffffffffffff"))


def test_the_approval_of_an_older_revision_does_not_count(house: House) -> None:
    folder = house.folder()
    data = folder.data(PROPOSAL).replace(b'"revision": 1', b'"revision": 2')
    (folder.place / PROPOSAL).write_bytes(data)

    with pytest.raises(ProposalRefused):
        house.land(house.folder())


def test_a_signed_approval_lands_and_with_one_byte_off_it_does_not(
    house: House, tmp_path: Path
) -> None:
    key = tmp_path / "ben"
    ssh_keygen("-q", "-t", "ed25519", "-N", "", "-f", str(key))
    public = b" ".join(key.with_suffix(".pub").read_bytes().split()[:2])
    policy = b'[review]\nallowed-signers = "signers"\n'
    house.commit("policy", {"alma.toml": policy, "signers": b"ben@example.org " + public + b"\n"})
    folder = house.propose({"a.py": b"x = 5\n"})
    (approval,) = (house.approve(folder, BEN).place / "approvals").iterdir()
    good = approval.read_bytes()
    approval.with_name(f"{approval.name}.sig").write_bytes(sign(good, key))

    approval.write_bytes(good.replace(b'"Ben"', b'"Bem"'))
    with pytest.raises(ProposalRefused):
        house.land(house.folder())
    approval.write_bytes(good)
    assert house.land(house.folder()).reviewers[0].email == "ben@example.org"


@pytest.mark.parametrize("name", ["proposal.json", "0001-make-it-better.patch"])
def test_a_link_in_the_folder_is_not_followed(house: House, tmp_path: Path, name: str) -> None:
    file = house.folder().place / name
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NotSound):
        house.land(house.folder())


@pytest.mark.parametrize(
    "moment", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2200-01-01T00:00:00Z"]
)
def test_a_time_that_nobody_lives_in_is_refused(folder: Folder, moment: str) -> None:
    with pytest.raises(NotSound, match="is no time between 1970 and 2200"):
        examined(with_document(folder, created_at=moment), Account())


def test_a_folder_that_is_too_large_in_all_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = house.folder()
    here = sum(map(len, folder.files.values()))
    monkeypatch.setattr("alma_agent.proposals.folder._LARGEST", here + 100)
    house.folder()
    for name in ("junit.xml", "sarif.json"):  # each by itself is small enough
        (folder.place / name).write_bytes(b"x" * 60)

    with pytest.raises(NotSound, match="makes its folder larger than"):
        house.folder()


def test_more_decisions_than_people_make_are_refused(folder: Folder) -> None:
    many = {f"approvals/{number}.json": b"{}" for number in range(101)}

    with pytest.raises(NotSound, match="100 are the most"):
        counted(with_files(folder, **many))
