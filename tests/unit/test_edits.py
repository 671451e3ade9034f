from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

import pytest

from toolset.edits import ChangeSet, Digest, Edit, FileState

A = PurePosixPath("a.py")
OLD, NEW = FileState(b"x = 1\n"), FileState(b"x = 2\n")


def test_a_digest_is_sha_256() -> None:
    assert Digest.of(b"x").hex == hashlib.sha256(b"x").hexdigest()


def test_a_digest_has_a_short_form() -> None:
    assert Digest.of(b"x").short == hashlib.sha256(b"x").hexdigest()[:12]


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        pytest.param(Edit(A, None, NEW), "create", id="create"),
        pytest.param(Edit(A, OLD, NEW), "change", id="change"),
        pytest.param(Edit(A, OLD, None), "delete", id="delete"),
    ],
)
def test_kind(edit: Edit, kind: str) -> None:
    assert edit.kind == kind


def test_inverting_swaps_before_and_after() -> None:
    changes = ChangeSet((Edit(A, OLD, NEW),))

    assert changes.inverted() == ChangeSet((Edit(A, NEW, OLD),))


def test_inverting_twice_is_no_change() -> None:
    changes = ChangeSet((Edit(A, None, NEW), Edit(PurePosixPath("b.py"), OLD, None)))

    assert changes.inverted().inverted() == changes


def test_no_edits_are_false() -> None:
    assert not ChangeSet()


def test_a_mode_alone_is_a_difference() -> None:
    assert FileState(b"x", 0o644) != FileState(b"x", 0o755)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            b"a\nb\n", b"a\nc\n", "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n", id="LF"
        ),
        pytest.param(
            b"a\r\nb\r\n",
            b"a\r\nc\r\n",
            "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
            id="CRLF is shown as LF",
        ),
        pytest.param(
            b"a",
            b"a\n",
            "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
            id="no newline at the end",
        ),
        pytest.param(
            b"a\x0cb\xe2\x80\xa8c\n",
            b"a\x0cb\xe2\x80\xa8d\n",
            "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\x0cb\u2028c\n+a\x0cb\u2028d\n",
            id="only LF ends a line",
        ),
        pytest.param(
            b"caf\xe9\n",
            b"cafe\n",
            "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-caf\\xe9\n+cafe\n",
            id="undecodable bytes are shown escaped",
        ),
        pytest.param(
            None, b"a\n", "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+a\n", id="a new file"
        ),
        pytest.param(
            b"a\n", None, "--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", id="a deleted file"
        ),
    ],
)
def test_diff(before: bytes | None, after: bytes | None, expected: str) -> None:
    old = None if before is None else FileState(before)
    new = None if after is None else FileState(after)

    assert Edit(A, old, new).diff() == expected
