from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.conftest import after, make_workspace, tree, write_files
from toolset.draft import Draft
from toolset.edits import ChangeSet, Edit, FileState
from toolset.errors import (
    Ambiguous,
    FileExists,
    FileMissing,
    NoMatch,
    NotText,
    OutsideWorkspace,
    ReadOnlyFile,
    SharedFile,
    ToolsetError,
)
from toolset.workspace import Workspace

A, B = PurePosixPath("a.py"), PurePosixPath("b.py")


@pytest.fixture
def draft(workspace: Workspace) -> Draft:
    write_files(workspace.root, {"a.py": "x = 1\n"})
    return Draft(workspace)


def test_a_draft_leaves_the_disk_alone(draft: Draft) -> None:
    before = tree(draft.workspace.root)

    draft.replace(A, "1", "2")
    draft.create(B, "y = 1\n")

    assert tree(draft.workspace.root) == before


def test_staged_edits_are_read_back(draft: Draft) -> None:
    draft.replace(A, "1", "2")

    assert draft.read(A).text == "x = 2\n"


def test_edits_of_one_file_become_one(draft: Draft) -> None:
    draft.replace(A, "1", "2")
    draft.replace(A, "2", "3")

    assert draft.changes() == ChangeSet(
        (Edit(A, before=FileState(b"x = 1\n"), after=FileState(b"x = 3\n")),)
    )


def test_an_edit_taken_back_is_no_change(draft: Draft) -> None:
    draft.replace(A, "1", "2")
    draft.replace(A, "2", "1")

    assert not draft.changes()


def test_changes_come_by_path(draft: Draft) -> None:
    draft.create(PurePosixPath("z.py"), "")
    draft.create(PurePosixPath("m.py"), "")
    draft.delete(A)

    assert [str(path) for path in draft.changes().paths] == ["a.py", "m.py", "z.py"]


def test_what_a_file_was_is_kept_from_the_first_touch(draft: Draft) -> None:
    draft.replace(A, "1", "2")
    write_files(draft.workspace.root, {"a.py": "edited = 'meanwhile'\n"})
    draft.replace(A, "2", "3")

    assert draft.changes().edits[0].before == FileState(b"x = 1\n")


def test_a_created_file_that_is_deleted_again_is_no_change(draft: Draft) -> None:
    draft.create(B, "y = 1\n")
    draft.delete(B)

    assert not draft.changes()


def test_a_deleted_file_is_gone(draft: Draft) -> None:
    draft.delete(A)

    with pytest.raises(FileMissing):
        draft.read(A)


def test_a_deleted_file_may_be_created_anew(draft: Draft) -> None:
    draft.delete(A)
    draft.create(A, "y = 1\n")

    assert draft.changes().edits[0].kind == "change"


def test_the_files_are_those_that_would_be(draft: Draft) -> None:
    draft.delete(A)
    draft.create(B, "")

    assert draft.files() == (B,)


def test_creating_over_a_file_is_refused(draft: Draft) -> None:
    with pytest.raises(FileExists, match="was left as it is"):
        draft.create(A, "y = 1\n")


def test_creating_over_an_undecodable_file_is_refused(draft: Draft) -> None:
    write_files(draft.workspace.root, {"b.py": b"\xff\0"})

    with pytest.raises(FileExists):
        draft.create(B, "y = 1\n")


def test_deleting_a_missing_file_is_refused(draft: Draft) -> None:
    with pytest.raises(FileMissing):
        draft.delete(B)


def test_replacing_in_a_missing_file_is_refused(draft: Draft) -> None:
    with pytest.raises(FileMissing):
        draft.replace(B, "1", "2")


def test_a_replaced_text_says_where_it_stood(draft: Draft) -> None:
    write_files(draft.workspace.root, {"b.py": "a\nb\nc\n"})

    assert draft.replace(B, "c", "d") == 3


def test_a_text_that_is_not_there_changes_nothing(draft: Draft) -> None:
    with pytest.raises(NoMatch):
        draft.replace(A, "nothing like it", "2")

    assert not draft.changes()


def test_a_read_only_file_is_refused(draft: Draft) -> None:
    (draft.workspace.root / "a.py").chmod(0o444)

    with pytest.raises(ReadOnlyFile):
        draft.replace(A, "1", "2")


def test_a_hard_link_is_refused(draft: Draft) -> None:
    os.link(draft.workspace.root / "a.py", draft.workspace.root / "b.py")

    with pytest.raises(SharedFile):
        draft.write(A, "x = 2\n")


@pytest.mark.parametrize(
    ("data", "old", "new", "expected"),
    [
        pytest.param(b"a\r\nb\r\n", "b", "c", b"a\r\nc\r\n", id="CRLF"),
        pytest.param(b"a\nb\r\nc\n", "c", "d\ne", b"a\nb\r\nd\ne\n", id="mixed EOL"),
        pytest.param(b"a = 1", "1", "2", b"a = 2", id="no final newline"),
        pytest.param(
            b"\xef\xbb\xbfx = 1\n", "x = 1", "x = 2", b"\xef\xbb\xbfx = 2\n", id="UTF-8 BOM"
        ),
        pytest.param(
            b"# coding: latin-1\nx = '\xe9'\n",
            "é",
            "éà",
            b"# coding: latin-1\nx = '\xe9\xe0'\n",
            id="latin-1",
        ),
        pytest.param(
            "\ufeffa é\r\n".encode("utf-16-le"),
            "é",
            "è",
            "\ufeffa è\r\n".encode("utf-16-le"),
            id="UTF-16",
        ),
        pytest.param(b"a\x0cb\x1c1\r2", "1", "3", b"a\x0cb\x1c3\r2", id="odd controls"),
    ],
)
def test_bytes_around_an_edit_stay(
    workspace: Workspace, data: bytes, old: str, new: str, expected: bytes
) -> None:
    write_files(workspace.root, {"a.py": data})
    draft = Draft(workspace)

    draft.replace(A, old, new)

    assert after(workspace, draft.changes()) == {"a.py": expected}


def test_an_edit_keeps_the_mode(draft: Draft) -> None:
    (draft.workspace.root / "a.py").chmod(0o755)

    draft.replace(A, "1", "2")

    assert draft.changes().edits[0].after == FileState(b"x = 2\n", 0o755)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"x = '\xe9'\n", id="undecodable"),
        pytest.param(b"\0x", id="binary"),
    ],
)
def test_a_file_that_is_no_text_is_refused(workspace: Workspace, data: bytes) -> None:
    write_files(workspace.root, {"a.py": data})

    with pytest.raises(NotText):
        Draft(workspace).replace(A, "x", "y")


def test_a_character_that_the_file_s_encoding_lacks_is_refused(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": b"# coding: latin-1\nx = 2\n"})

    with pytest.raises(NotText, match="no place for '€'"):
        Draft(workspace).replace(A, "2", "'€'")


@pytest.mark.parametrize("new", ["cp1251", "utf-8", "klingon"])
def test_a_coding_line_is_not_changed_under_bytes_that_mean_something_else_then(
    workspace: Workspace, new: str
) -> None:
    write_files(workspace.root, {"a.py": b"# coding: latin-1\nx = '\xe9'\n"})

    with pytest.raises(NotText):
        Draft(workspace).replace(A, "latin-1", new)


def test_a_new_file_is_not_written_in_another_encoding_than_it_says(draft: Draft) -> None:
    with pytest.raises(NotText):
        draft.create(B, "# coding: latin-1\nx = 'é'\n")


def test_half_a_surrogate_pair_is_not_written(draft: Draft) -> None:
    with pytest.raises(NotText):
        draft.create(B, "x = '\ud800'\n")


def test_a_file_under_a_file_is_refused(draft: Draft) -> None:
    with pytest.raises(ToolsetError, match="is a file, not a folder"):
        draft.create(PurePosixPath("a.py/b.py"), "")


_texts = st.text(st.sampled_from("ab \n\r\té\u2028\x0c\\.*(") | st.characters(codec="utf-8"))


@given(head=_texts, old=_texts, tail=_texts, new=_texts, bom=st.booleans())
def test_a_replacement_changes_no_byte_around_the_match(
    head: str, old: str, tail: str, new: str, bom: bool
) -> None:
    whole = head + old + tail
    assume(whole.find(old) == whole.rfind(old))
    start, end = (b"\xef\xbb\xbf" if bom else b"") + head.encode(), tail.encode()
    with TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder) / "p", {"a.txt": start + old.encode() + end})
        draft = Draft(workspace)
        try:
            draft.replace(PurePosixPath("a.txt"), old, new)
        except (NoMatch, Ambiguous, NotText):
            return
        for edit in draft.changes():
            assert edit.after is not None
            assert edit.after.data.startswith(start.removesuffix(b"\r"))
            assert edit.after.data.endswith(end)


PATCH = """\
*** Begin Patch
*** Update File: ./a.py
@@
-x = 1
+x = 2
*** Update File: old.sh
*** Move to: bin/new.sh
*** Delete File: b.py
*** Add File: c.py
+y = 3
*** End Patch
"""


def test_a_patch_is_staged_whole(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "x = 1\r\n", "b.py": "", "old.sh": "echo\n"})
    (workspace.root / "old.sh").chmod(0o755)
    draft = Draft(workspace)

    draft.patch(PATCH)

    assert {str(edit.path): edit.after for edit in draft.changes()} == {
        "a.py": FileState(b"x = 2\r\n"),
        "b.py": None,
        "bin/new.sh": FileState(b"echo\n", 0o755),
        "c.py": FileState(b"y = 3\n"),
        "old.sh": None,
    }


@pytest.mark.parametrize(
    ("files", "error"),
    [
        pytest.param(
            {"a.py": "x = 1\n", "b.py": "", "old.sh": "", "c.py": ""}, FileExists, id="new"
        ),
        pytest.param(
            {"a.py": "x = 1\n", "b.py": "", "old.sh": "", "bin/new.sh": ""}, FileExists, id="moved"
        ),
        pytest.param({"a.py": "x = 1\n", "b.py": ""}, FileMissing, id="missing"),
    ],
)
def test_a_patch_that_does_not_fit_stages_nothing(
    workspace: Workspace, files: dict[str, str], error: type[ToolsetError]
) -> None:
    write_files(workspace.root, files)
    draft = Draft(workspace)

    with pytest.raises(error):
        draft.patch(PATCH)

    assert not draft.changes()


def test_a_patch_without_a_name_is_for_the_file_in_hand(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "x = 1\n", "b.py": "x = 1\n"})
    draft = Draft(workspace)

    draft.patch("@@\n-x = 1\n+x = 2", only=A)

    assert draft.changes().paths == (A,)


def test_a_patch_leads_nobody_outside(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "x = 1\n"})

    with pytest.raises(OutsideWorkspace):
        Draft(workspace).patch("*** Begin Patch\n*** Add File: ../b.py\n+x\n*** End Patch")
