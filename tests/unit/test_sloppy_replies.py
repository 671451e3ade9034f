"""Replies as weak models write them: talk is no edit, and what may be one is not passed over."""

from __future__ import annotations

import pytest

from toolset.errors import Elided, MalformedEdit, NoMatch, ToolsetError
from toolset.patching import edit_bytes, patch_files


def block(old: str, new: str) -> str:
    return f"<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"


X_TO_Y = block("x", "y")
UPDATE_A = "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch\n"
DIFF_A = "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n-x\n+y\n z\n"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(
            "You can now run `a.py` like this:\n\n```sh\n./a.py --all\n```\n", id="an example"
        ),
        pytest.param(
            "The bug is in `a.py`:\n\n```python\ndef f(): ...\n```\n", id="a part that is shown"
        ),
        pytest.param("OUTPUT:\n```\n1\n```\n", id="a heading in capitals"),
        pytest.param("### Node.js\n```js\nf()\n```\n", id="a title with a dot"),
    ],
)
def test_a_fence_in_talk_is_no_edit(reply: str) -> None:
    with pytest.raises(MalformedEdit, match="there is no edit in it"):
        patch_files({"a.py": b"x\n"}, reply)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("a.py\n```diff\n-x\n+y\n z\n```\n", id="a diff without its hunk's head"),
        pytest.param("a.py\n```\nx\n```\n\na.py\n```\ny\n```\n", id="two texts of one file"),
        pytest.param(f"{DIFF_A}\ntalk\n\n@@ -3 +3 @@\n-c\n+C\n", id="a hunk after talk"),
        pytest.param(f"```diff\n{DIFF_A}```\n```diff\n@@ -3 +3 @@\n-c\n+C\n```\n", id="two fences"),
        pytest.param(f"{DIFF_A}\nIndex: b.py\n@@ -1 +1 @@\n-x\n+y\n", id="a file without its head"),
        pytest.param(f"a.py\n{X_TO_Y}\nb.py\n```python\nz = 1\n```\n", id="block, then whole file"),
        pytest.param(f"{UPDATE_A}\nb.py\n```python\nz = 1\n```\n", id="V4A, then whole file"),
        pytest.param(f"a.py\n{X_TO_Y}\n@@\n-z\n+w\n", id="block, then a bare hunk"),
        pytest.param(
            f"{UPDATE_A}*** Update File: b.py\n@@\n-x\n+y\n*** End Patch\n", id="V4A begun once"
        ),
        pytest.param(
            f"a.py\n{X_TO_Y}\n<<<<<<< ORIGINAL\nz\n=======\nw\n>>>>>>> UPDATED\n", id="other marks"
        ),
        pytest.param(f"a.py\n{X_TO_Y}\n{block('z', 'w').lower()}", id="marks in lower case"),
        pytest.param(
            f"a.py\n{X_TO_Y}\n  <<<<<<< SEARCH\n  z\n  =======\n  w\n  >>>>>>> REPLACE\n",
            id="marks in a list",
        ),
        pytest.param(f"a.py\n{X_TO_Y}\nAnd in b.py:\n\n{X_TO_Y}", id="a file named in talk"),
        pytest.param(
            f"a.py\n{X_TO_Y}\nThe same in `b.py` as in `a.py`:\n{X_TO_Y}", id="two files in talk"
        ),
        pytest.param(
            "--- a.py\n+++ b2.py\n@@ -1,2 +1,2 @@\n-x\n+y\n z\n", id="a diff of two names"
        ),
        pytest.param("--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+x\n", id="a diff of no name"),
    ],
)
def test_what_may_be_an_edit_is_not_passed_over(reply: str) -> None:
    with pytest.raises(MalformedEdit):
        patch_files({"a.py": b"x\nz\nc\n", "b.py": b"x\n"}, reply)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(
            "Here:\n\na.py\n```python\nx = 2\n```\n\nRun it:\n\n```sh\npython a.py\n```\n",
            b"x = 2\n",
            id="talk after a whole file",
        ),
        pytest.param(
            f"In `a.py`:\n\n```python\n{X_TO_Y}```\n\nThen run `a.py`:\n```sh\npython a.py\n```\n",
            b"y\nz\n",
            id="talk after a fenced block",
        ),
        pytest.param(
            f"a.py\n{X_TO_Y}\nNow a.py is done.\n\n{block('z', 'w')}", b"y\nw\n", id="same"
        ),
        pytest.param(
            f"{DIFF_A}\n+ I made y of x\n- and kept z\n", b"y\nz\n", id="a list below a diff"
        ),
        pytest.param(
            "@@ -1,2 +1,2 @@\n-x\n+y\n z\n\\ No newline at end of file\n", b"y\nz", id="end"
        ),
    ],
)
def test_talk_around_an_edit_is_only_talk(reply: str, expected: bytes) -> None:
    assert patch_files({"a.py": b"x\nz\n"}, reply) == {"a.py": expected}


@pytest.mark.parametrize(
    "new", ["1 | def f():\n    x = 2\n2 |     return x", "1 | x\n1 | y", "1 | x\n  | y"]
)
def test_line_numbers_on_some_lines_are_not_written_into_the_file(new: str) -> None:
    with pytest.raises(NoMatch):
        patch_files(
            {"a.py": b"def f():\n    return 1\n"}, block("1 | def f():\n2 |     return 1", new)
        )


@pytest.mark.parametrize(
    "hunk",
    [
        pytest.param("@@ def h():\n+    log()\n", id="lines below an anchor that is not there"),
        pytest.param("@@ class A:\n-    y = 2\n+    y = 3\n", id="lines of another class"),
    ],
)
def test_an_anchor_is_taken_at_its_word(hunk: str) -> None:
    patch = f"*** Begin Patch\n*** Update File: a.py\n{hunk}*** End Patch\n"

    with pytest.raises(NoMatch):
        patch_files({"a.py": b"class A:\n    x = 1\n\nclass B:\n    y = 2\n"}, patch)


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("prénom = 1\n", "nom"),
        ("naïve = 1\n", "na"),
        ("x = 1.5\n", "x = 1"),
        ("x = 1.5\n", "5"),
        ("a == b\n", "a ="),
        ("cafe\u0301 = 1\n", "cafe"),
    ],
)
def test_no_name_number_or_operator_is_cut(text: str, old: str) -> None:
    with pytest.raises(NoMatch, match="as a part of longer words"):
        edit_bytes(text.encode(), [(old, "q")])


@pytest.mark.parametrize(
    "comment",
    ["# ...", "// ...", "/* ... */", "# (unchanged)", "# same as before", "# rest of the function"],
)
@pytest.mark.parametrize("more", ["", "e = 5\nf = 6\ng = 7\n"])
def test_a_comment_in_place_of_lines_is_refused(comment: str, more: str) -> None:
    with pytest.raises(Elided):
        edit_bytes(b"a = 1\nb = 2\nc = 3\n", [("b = 2\nc = 3\n", f"{more}{comment}\n")])


@pytest.mark.parametrize(
    "reply",
    [
        '--- "a/x\\8y"\n+++ "b/x\\8y"\n@@ -1 +1 @@\n-x\n+y\n',
        f"a.py\n{block(':start_line:' + '1' * 5_000 + chr(10) + '-------' + chr(10) + 'q', 'y')}",
        f"a.py\n{block('1' * 5_000 + ' | q', 'y')}",
    ],
)
def test_numbers_that_are_none_are_told(reply: str) -> None:
    with pytest.raises(ToolsetError):
        patch_files({"a.py": b"x\n"}, reply)


@pytest.mark.parametrize("name", ["README.md", "App.tsx", "src/main.py", "Makefile"])
def test_a_heading_may_name_a_whole_file(name: str) -> None:
    assert patch_files({}, f"### {name}\n```\nx\n```\n") == {name: b"x\n"}


def test_talk_may_call_the_file_by_its_last_name() -> None:
    reply = f"src/a.py\n{X_TO_Y}\nAnd then, still in a.py:\n\n{block('z', 'w')}"

    assert patch_files({"src/a.py": b"x\nz\n"}, reply) == {"src/a.py": b"y\nw\n"}


def test_a_whole_file_brings_no_second_byte_order_mark() -> None:
    done = patch_files({"a.txt": b"\xef\xbb\xbfx\n"}, "a.txt\n```\n\ufeffy\n```\n")

    assert done == {"a.txt": b"\xef\xbb\xbfy\n"}
