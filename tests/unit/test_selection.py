"""The hunks of a change, and a change of only some of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_repository
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.merging import rebased
from toolset.selection import Hunk, Span, TwoTexts, chosen, hunks_of

A, B, C = map(PurePosixPath, ("a.py", "b.py", "pkg/new/c.py"))
TWENTY = b"".join(b"x%d = %d\n" % (n, n) for n in range(20))
BOTH = TWENTY.replace(b"x2 =", b"y2 =").replace(b"x15 =", b"y15 =")


def a_change(before: bytes | None, after: bytes | None, path: PurePosixPath = A) -> ChangeSet:
    states = (None if data is None else FileState(data) for data in (before, after))
    return ChangeSet((Edit(path, *states),))


def split(changes: ChangeSet) -> list[Hunk]:
    return [part for hunk in hunks_of(changes) for part in hunk.split()]


def applied(state: FileState | None, changes: ChangeSet) -> FileState | None:
    """Return the one file that a change is about, after it."""
    for edit in changes:
        assert edit.before == state
        state = edit.after
    return state


def mirrored(hunk: Hunk) -> Hunk:
    """Return the hunk that takes `hunk` out of the whole again."""
    was = hunk.texts
    return replace(
        hunk,
        edit=hunk.edit.inverted(),
        spans=tuple(Span(new, new_end, old, old_end) for old, old_end, new, new_end in hunk.spans),
        texts=was and TwoTexts(was.path, was.format, old=was.new, new=was.old),
    )


lines = st.sampled_from(["a\n", "b\n", "c\n", "é\r\n", "\n", "\f\n", "x\ry\n"])
texts = st.builds(
    lambda parts, last: "".join((*parts, last)),
    st.lists(lines, max_size=30),
    st.sampled_from(["", "end"]),
)
states = st.builds(
    lambda text, form, mode: FileState(text.encode(form), mode),
    texts,
    st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([0o644, 0o644, 0o755]),
)
changes_of_a_file = st.builds(
    lambda before, after: ChangeSet((Edit(PurePosixPath("a.txt"), before, after),)), states, states
).filter(lambda changes: changes.edits[0].before != changes.edits[0].after)


@given(changes_of_a_file)
def test_all_hunks_are_the_whole_and_none_is_nothing(changes: ChangeSet) -> None:
    assert chosen(changes, hunks_of(changes)) is changes
    assert chosen(changes, split(changes)) is changes
    assert chosen(changes, ()) == ChangeSet()


@given(changes_of_a_file, st.data())
def test_some_hunks_and_then_the_rest_are_the_whole(
    changes: ChangeSet, data: st.DataObject
) -> None:
    (edit,), parts = changes.edits, split(changes)
    taken = {number for number in range(len(parts)) if data.draw(st.booleans())}

    some = chosen(changes, [parts[number] for number in taken])
    rest = [mirrored(part) for number, part in enumerate(parts) if number not in taken]
    the_rest = chosen(changes.inverted(), rest).inverted()

    assert applied(applied(edit.before, some), the_rest) == edit.after


@pytest.mark.parametrize(
    ("before", "after", "first"),
    [
        pytest.param(TWENTY, BOTH, TWENTY.replace(b"x2 =", b"y2 ="), id="plain"),
        pytest.param(
            TWENTY.replace(b"\n", b"\r\n"),
            BOTH.replace(b"\n", b"\r\n"),
            TWENTY.replace(b"x2 =", b"y2 =").replace(b"\n", b"\r\n"),
            id="CRLF",
        ),
        pytest.param(
            b"\xef\xbb\xbf" + TWENTY,
            b"\xef\xbb\xbf" + BOTH,
            b"\xef\xbb\xbf" + TWENTY.replace(b"x2 =", b"y2 ="),
            id="byte order mark",
        ),
        pytest.param(
            TWENTY + b"end",
            BOTH + b"END",
            TWENTY.replace(b"x2 =", b"y2 =") + b"end",
            id="no newline at the end",
        ),
        pytest.param(
            b"# coding: latin-1\n# \xe9\n" + TWENTY,
            b"# coding: latin-1\n# \xe9\n" + BOTH,
            b"# coding: latin-1\n# \xe9\n" + TWENTY.replace(b"x2 =", b"y2 ="),
            id="another encoding",
        ),
    ],
)
def test_one_hunk_changes_its_own_bytes_and_no_other(
    before: bytes, after: bytes, first: bytes
) -> None:
    changes = a_change(before, after)

    (edit,) = chosen(changes, hunks_of(changes)[:1])

    assert edit.after == FileState(first)


@given(texts, texts)
def test_hunks_show_what_the_diff_shows(before: str, after: str) -> None:
    changes = a_change(before.encode(), after.encode(), PurePosixPath("a.txt"))
    shown = [
        line
        for hunk in hunks_of(changes)
        for line in (hunk.heading(), *(f"{one.sign}{one.text}" for one in hunk.lines()))
    ]

    assert shown == changes.diff().split("\n")[2:-1]


def test_what_stands_together_can_be_split() -> None:
    changes = a_change(TWENTY, TWENTY.replace(b"x2 =", b"y2 =").replace(b"x4 =", b"y4 ="))

    (hunk,) = hunks_of(changes)

    assert [part.heading() for part in hunk.split()] == ["@@ -1,4 +1,4 @@", "@@ -4,5 +4,5 @@"]
    assert [part.line for part in hunk.split()] == [3, 5]


def test_the_mode_is_a_hunk_of_its_own() -> None:
    before, after = FileState(b"x = 1\n"), FileState(b"x = 2\n", 0o755)
    changes = ChangeSet((Edit(A, before, after),))

    mode, text = hunks_of(changes)

    assert chosen(changes, [mode]).edits == (Edit(A, before, FileState(before.data, 0o755)),)
    assert chosen(changes, [text]).edits == (Edit(A, before, FileState(after.data)),)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        pytest.param(None, b"x = 1\n", "create", id="a new file"),
        pytest.param(b"x = 1\n", None, "delete", id="a file that goes"),
        pytest.param(b"\x00\x01", b"\x00\x02", "bytes", id="no text"),
        pytest.param(TWENTY, b"\xef\xbb\xbf" + BOTH, "bytes", id="another form of text"),
    ],
)
def test_what_has_no_lines_to_compare_is_one_hunk(
    before: bytes | None, after: bytes | None, kind: str
) -> None:
    (hunk,) = hunks_of(a_change(before, after))

    assert (hunk.kind, hunk.split()) == (kind, (hunk,))


def test_a_file_with_another_name_is_one_hunk() -> None:
    goes, comes = Edit(A, FileState(b"x = 1\n"), None), Edit(C, None, FileState(b"x = 2\n"))
    other = Edit(B, None, FileState(b"y = 1\n"))
    folders = (PurePosixPath("pkg"), PurePosixPath("pkg/new"))
    changes = ChangeSet((goes, other, comes), (Move(A, C),), new_folders=folders)

    new, moved = hunks_of(changes)

    assert chosen(changes, [moved]) == ChangeSet((goes, comes), (Move(A, C),), new_folders=folders)
    assert chosen(changes, [new]) == ChangeSet((other,))


def test_a_hunk_knows_the_function_that_it_is_in() -> None:
    source = b"class Cart:\n    def total(self):\n        return 1\n\n\nx = 1\n"
    changes = a_change(source, source.replace(b"return 1", b"return 2"))

    assert hunks_of(changes)[0].where == "a.py:3 Cart.total"


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        pytest.param(b"x = 1\n", b"x = 2\n", "a.py:1: `x = 2` for `x = 1`", id="change"),
        pytest.param(b"", b"x = 2\n", "a.py:1: adding `x = 2`", id="only new"),
        pytest.param(b"x = 2\n", b"", "a.py:1: removing `x = 2`", id="only old"),
        pytest.param(None, b"x = 2\n", "a.py: the new file", id="new file"),
        pytest.param(b"x = 2\n", None, "a.py: the removal of the file", id="file goes"),
    ],
)
def test_a_hunk_is_told_in_a_sentence(
    before: bytes | None, after: bytes | None, sentence: str
) -> None:
    (hunk,) = hunks_of(a_change(before, after))

    assert hunk.sentence() == sentence


def test_the_rest_can_be_applied_later_over_what_was_taken(tmp_path: Path) -> None:
    workspace = make_repository(tmp_path / "files", {"a.py": TWENTY.decode()})
    changes = a_change(TWENTY, BOTH)
    first, second = hunks_of(changes)
    (edit,) = chosen(changes, [first])
    assert edit.after is not None
    workspace.absolute(A).write_bytes(edit.after.data)

    (rest,) = rebased(workspace, chosen(changes, [second]))

    assert rest.after == FileState(BOTH)
