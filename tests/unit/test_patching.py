from __future__ import annotations

import difflib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import git, write_files
from toolset.errors import (
    Elided,
    FileExists,
    FileMissing,
    HunksOverlap,
    MalformedEdit,
    NoMatch,
    OutsideWorkspace,
    StaleDelete,
    ToolsetError,
    WrongArgument,
)
from toolset.patching import edit_bytes, patch_files

OLD = b"import csv\n\n\ndef load(path):\n    return open(path)\n"
NEW = OLD.replace(b"load", b"read_csv")

BLOCK = """\
<<<<<<< SEARCH
def load(path):
=======
def read_csv(path):
>>>>>>> REPLACE
"""
UNIFIED = """\
--- a/app.py
+++ b/app.py
@@ -2,4 +2,4 @@


-def load(path):
+def read_csv(path):
     return open(path)
"""
V4A = """\
*** Begin Patch
*** Update File: app.py
@@
-def load(path):
+def read_csv(path):
     return open(path)
*** End Patch
"""


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(f"app.py\n{BLOCK}", id="block"),
        pytest.param(f"Here it is.\n\n`app.py`\n```python\n{BLOCK}```\nDone.\n", id="fenced block"),
        pytest.param(f"```python app.py\n{BLOCK}```\n", id="name in the fence"),
        pytest.param(f"### app.py:\n{BLOCK}", id="name as a heading"),
        pytest.param(f"app.py\r\n{BLOCK}".replace("\n", "\r\n"), id="CRLF block"),
        pytest.param(BLOCK, id="block for the only file"),
        pytest.param(UNIFIED, id="unified"),
        pytest.param(UNIFIED.replace("@@ -2,4 +2,4 @@", "@@ -20,9 +31,7 @@"), id="wrong numbers"),
        pytest.param(UNIFIED.replace("@@ -2,4 +2,4 @@", "@@ ... @@"), id="no numbers"),
        pytest.param(UNIFIED.replace("a/app", "app").replace("b/app", "app"), id="no prefixes"),
        pytest.param(f"So:\n```diff\n{UNIFIED}```\nDone.", id="fenced diff"),
        pytest.param(V4A, id="V4A"),
        pytest.param(f"apply_patch <<'EOF'\n{V4A}EOF\n", id="V4A in a here document"),
        pytest.param(f"```\n{V4A}```", id="fenced V4A"),
        pytest.param(V4A.replace("@@", "@@ import csv"), id="V4A with an anchor"),
        pytest.param(
            "@@\n-def load(path):\n+def read_csv(path):\n     return open(path)", id="bare hunk"
        ),
        pytest.param(f"app.py\n```python\n{NEW.decode()}```\n", id="whole file"),
    ],
)
def test_every_format_is_read(reply: str) -> None:
    assert patch_files({"app.py": OLD}, reply) == {"app.py": NEW}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(
            f"a.py\n{BLOCK}\nb.py\n{BLOCK}",
            {"a.py": NEW, "b.py": NEW},
            id="blocks for two files",
        ),
        pytest.param(
            f"a.py\n{BLOCK}<<<<<<< SEARCH\nimport csv\n=======\n>>>>>>> REPLACE\n",
            {"a.py": NEW.removeprefix(b"import csv\n"), "b.py": OLD},
            id="two blocks for one file",
        ),
        pytest.param(
            "c.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n",
            {"a.py": OLD, "b.py": OLD, "c.py": b"x = 1\n"},
            id="a block makes a file",
        ),
        pytest.param(
            "*** Begin Patch\n*** Update File: a.py\n*** Move to: c/d.py\n*** Delete File: b.py\n"
            "*** Add File: e.py\n+x\n*** End Patch",
            {"c/d.py": OLD, "e.py": b"x\n"},
            id="V4A moves, deletes, adds",
        ),
        pytest.param(
            "diff --git a/a.py b/c.py\nsimilarity index 100%\nrename from a.py\nrename to c.py\n",
            {"b.py": OLD, "c.py": OLD},
            id="git renames",
        ),
    ],
)
def test_several_files_are_changed(reply: str, expected: dict[str, bytes]) -> None:
    assert patch_files({"a.py": OLD, "b.py": OLD}, reply) == expected


def test_a_blank_line_before_talk_decides_nothing() -> None:
    same = b"x = 1\nend\n\ny\nx = 1\nend\n"
    patch = "--- f\n+++ f\n@@ -9,9 +9,9 @@\n x = 1\n-end\n+END\n\nThat is all."

    with pytest.raises(ToolsetError):
        patch_files({"f": same}, patch)


TWO = {"a.py": OLD, "b.py": OLD}


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(f"a.py\n{BLOCK}\nb.py\n\n\n```python\n{BLOCK}```\n", id="blank lines between"),
        pytest.param(f"In `a.py`:\n{BLOCK}\nAnd in `b.py`, too:\n{BLOCK}", id="sentences"),
        pytest.param(
            V4A.replace("app.py", "a.py") + V4A.replace("app.py", "b.py"), id="two V4A patches"
        ),
        pytest.param(
            UNIFIED.replace("app.py", "a.py") + "\n" + UNIFIED.replace("app.py", "b.py"),
            id="two diffs",
        ),
        pytest.param(
            f"**a.py**\n\n```python\n{NEW.decode()}```\n\n`b.py`:\n```\n{NEW.decode()}```\n",
            id="whole files",
        ),
    ],
)
def test_no_file_of_a_reply_is_passed_over(reply: str) -> None:
    assert patch_files(TWO, reply) == {"a.py": NEW, "b.py": NEW}


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(f"a.py\n{BLOCK}\n`b.py` is next.\nIt needs this:\n{BLOCK}", id="which file"),
        pytest.param(f"a.py\n{BLOCK}{UNIFIED.replace('app', 'b')}", id="blocks and a diff"),
        pytest.param(V4A.replace("app", "a") + f"b.py\n{BLOCK}", id="V4A and blocks"),
        pytest.param(
            "a.py\n```markdown\n# T\n```bash\nls\n```\nmore\n```\n", id="a fence in a whole file"
        ),
        pytest.param('a.py\n```python\n"""\n```\nf()\n```\n"""\n```\n', id="fences in a docstring"),
        pytest.param("diff --git a/a.py b/a.py\nnew mode x\n", id="no mode"),
        pytest.param("diff --git a/a.py b/a.py\nrename from a.py\n", id="half a rename"),
        pytest.param("diff --git a/a.py b/a.py\n--- /dev/null\n", id="half a head"),
        pytest.param("a.py\r```\nx\n```", id="lone CR"),
    ],
)
def test_what_is_unclear_is_malformed(reply: str) -> None:
    with pytest.raises(MalformedEdit):
        patch_files(TWO, reply)


def test_a_whole_file_that_leaves_code_out_is_refused() -> None:
    with pytest.raises(Elided):
        patch_files({"a.py": OLD}, "a.py\n```python\nimport csv\n# ... rest unchanged ...\n```\n")


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param("a.py\n<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE\n", id="block"),
        pytest.param("--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+x\n", id="diff"),
        pytest.param(
            "diff --git a/b.py b/a.py\nrename from b.py\nrename to a.py\n", id="git's rename"
        ),
    ],
)
def test_a_file_that_is_there_is_not_made_anew(patch: str) -> None:
    with pytest.raises(FileExists):
        patch_files(TWO, patch)


def test_line_numbers_are_those_of_the_file_before() -> None:
    reply = (
        "<<<<<<< SEARCH\n:start_line:1\n-------\na\n=======\na\nn\nn\n>>>>>>> REPLACE\n\n"
        "<<<<<<< SEARCH\n:start_line:4\n-------\nx\n=======\nQ\n>>>>>>> REPLACE\n"
    )

    assert patch_files({"t": b"a\nx\nb\nx\nc\nx\n"}, reply) == {"t": b"a\nn\nn\nx\nb\nQ\nc\nx\n"}


def test_a_rule_is_a_line_like_any_other() -> None:
    reply = "f\n<<<<<<< SEARCH\n-------\nx\n=======\n-------\ny\n>>>>>>> REPLACE\n"

    assert patch_files({"f": b"-------\nx\n"}, reply) == {"f": b"-------\ny\n"}


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        pytest.param(
            b"a\r\nb\nc\r\n", "@@\n a\n-b\n+x\n+y\n c", b"a\r\nx\ny\nc\r\n", id="endings by line"
        ),
        pytest.param(
            b"def f():\n    pass\n\ndef g():\n    pass\n",
            "@@ def g():\n-    pass\n+    return 1",
            b"def f():\n    pass\n\ndef g():\n    return 1\n",
            id="an anchor chooses",
        ),
        pytest.param(
            b"one\ntwo\none\nend\none\n",
            "@@\n-two\n+2\n@@\n-end\n+END\n@@\n-one\n+1",
            b"one\n2\none\nEND\n1\n",
            id="the order chooses",
        ),
        pytest.param(b"x = 1\n", "@@\n+y = 2", b"x = 1\ny = 2\n", id="lines alone go to the end"),
        pytest.param(
            b"def f():\n    x\n\ny\n",
            "@@ def f():\n+    w",
            b"def f():\n    w\n    x\n\ny\n",
            id="lines alone go below the anchor",
        ),
        pytest.param(
            b'def a():\n    """\n    Doc.\n    """\n\n    x\n',
            '@@ def a():\n     """\n+    n = 1\n \n',
            b'def a():\n    """\n    Doc.\n    """\n    n = 1\n\n    x\n',
            id="a blank line of context counts",
        ),
        pytest.param(
            b"a\nb\nc\n",
            "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\r\n-b\r\n+B\r\n c\r\n",
            b"a\nB\nc\n",
            id="a CRLF diff on an LF file",
        ),
        pytest.param(b"x\n", "--- f\n+++ b/f\n@@ -1 +1 @@\n-x\n+y\n", b"y\n", id="only one prefix"),
    ],
)
def test_hunks_are_placed(before: bytes, patch: str, after: bytes) -> None:
    assert patch_files({"f": before}, patch) == {"f": after}


@pytest.mark.parametrize(
    ("patch", "error"),
    [
        pytest.param("Nothing to see.", MalformedEdit, id="no edit"),
        pytest.param(V4A.partition("*** End")[0], MalformedEdit, id="V4A breaks off"),
        pytest.param(BLOCK.partition(">>>>>>>")[0], MalformedEdit, id="block breaks off"),
        pytest.param(BLOCK.replace("=======\n", ""), MalformedEdit, id="no divider"),
        pytest.param(
            BLOCK.replace("=======", "=======\n======="), MalformedEdit, id="two dividers"
        ),
        pytest.param(f"app.py\n```python\n{NEW.decode()}", MalformedEdit, id="fence breaks off"),
        pytest.param(V4A.replace("     return", "return"), MalformedEdit, id="a line without mark"),
        pytest.param(V4A.replace("app.py", "other.py"), FileMissing, id="no such file"),
        pytest.param(V4A.replace("app.py", "../app.py"), OutsideWorkspace, id="outside"),
        pytest.param(V4A.replace("app.py", "/app.py"), OutsideWorkspace, id="absolute"),
        pytest.param(V4A.replace("open", "close"), NoMatch, id="stale"),
        pytest.param(
            UNIFIED.replace("+++ b/app.py", "+++ /dev/null"), StaleDelete, id="stale deletion"
        ),
        pytest.param("@@ -1,0 +2 @@\n+x", NoMatch, id="a line number alone"),
        pytest.param(
            "@@\n-def load(path):\n+def f(path):\n@@\n-import csv\n+import json",
            HunksOverlap,
            id="hunks out of order",
        ),
        pytest.param(
            "@@\n import csv\n+x\n@@\n-import csv\n", HunksOverlap, id="hunks over each other"
        ),
        pytest.param("@@\n def load(path):\n+x\n\n+y", NoMatch, id="lines beyond a blank one"),
        pytest.param(
            "diff --git a/app.py b/app.py\nBinary files a/app.py and b/app.py differ",
            MalformedEdit,
            id="binary",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_refused(patch: str, error: type[ToolsetError]) -> None:
    files = {"app.py": OLD}

    with pytest.raises(error):
        patch_files(files, patch)

    assert files == {"app.py": OLD}


def test_a_malformed_edit_is_answered_with_an_example() -> None:
    with pytest.raises(MalformedEdit, match=r"Write it like this:\napp\.py\n<<<<<<<"):
        patch_files({"app.py": OLD}, BLOCK.partition("=======")[0])


def test_a_patch_whose_second_file_fails_changes_nothing() -> None:
    both = V4A.replace("*** End Patch", "*** Update File: gone.py\n@@\n-x\n+y\n*** End Patch")
    files = {"app.py": OLD}

    with pytest.raises(FileMissing):
        patch_files(files, both)

    assert files == {"app.py": OLD}


@pytest.mark.parametrize(
    ("data", "block", "expected"),
    [
        pytest.param(b"\xef\xbb\xbfa = 1\n", ("a = 1", "a = 2"), b"\xef\xbb\xbfa = 2\n", id="BOM"),
        pytest.param(
            "\ufeffé\r\n".encode("utf-16-be"),
            ("é", "è"),
            "\ufeffè\r\n".encode("utf-16-be"),
            id="UTF-16",
        ),
        pytest.param(b"un caf\xe9\n", ("un", "le"), b"le caf\xe9\n", id="latin-1"),
        pytest.param(
            b"# coding: latin-1\n'\xc3\xa9'\n",
            ("'Ã", "'éÃ"),
            b"# coding: latin-1\n'\xe9\xc3\xa9'\n",
            id="a coding line is obeyed",
        ),
    ],
)
def test_bytes_keep_their_encoding(data: bytes, block: tuple[str, str], expected: bytes) -> None:
    assert edit_bytes(data, [block]) == expected


lines = st.lists(st.sampled_from(["a", "b", "c = 1", "    d", ""]), max_size=12)


@given(before=lines, after=lines, context=st.integers(1, 4), ended=st.booleans())
def test_a_true_diff_gives_the_true_result_or_is_refused(
    before: list[str], after: list[str], context: int, ended: bool
) -> None:
    old, new = ("\n".join(each) + ("\n" if each and ended else "") for each in (before, after))
    body = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), "a/f", "b/f", n=context
    )
    patch = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in body
    )

    try:
        result = patch_files({"f": old.encode()}, patch)
    except ToolsetError:
        return

    assert result == {"f": new.encode()}


@given(data=st.binary(max_size=60), old=st.text(max_size=8), new=st.text(max_size=8))
def test_any_bytes_and_any_edit_end_well(data: bytes, old: str, new: str) -> None:
    try:
        result = edit_bytes(data, [(old, new)])
    except ToolsetError:
        return

    assert old.strip()
    assert len(result) >= len(data) - len(old.encode("utf-16")) * 2


_SCRAPS = """\
*** Begin Patch|*** Update File: f|*** Add File: g|*** End Patch|@@|@@ a|-a|+b| a||<<<<<<< SEARCH
=======|>>>>>>> REPLACE|--- a/f|+++ b/f|```|@@ -1,2 +1 @@|\\ No newline at end of file
diff --git a/f b/f|f|f.py|a|*** Move to: h|*** End of File|rename from f|new mode 100755|f\r"""
_scraps = st.sampled_from(_SCRAPS.replace("\n", "|").split("|"))


@given(scraps=st.lists(_scraps, max_size=14))
def test_any_patch_ends_well(scraps: list[str]) -> None:
    try:
        patch_files({"f": b"a\nb\na\n"}, "\n".join(scraps))
    except ToolsetError:
        return


@pytest.mark.parametrize("context", [1, 3])
def test_what_git_writes_is_carried_out(tmp_path: Path, context: int) -> None:
    before = {
        "a b.py": OLD,
        "é.txt": b"1\n2\n3\n4\n5\n6\n7\n8\n",
        "gone.py": b"x\n",
        "crlf": b"a\r\n",
    }
    after = {
        "a b.py": NEW,
        "dir/é.txt": b"1\n2\n3\n4\n5\n6\n7\nend",
        "new.py": b"",
        "crlf": b"a\r\nb\r\n",
        "newcrlf": b"x\r\ny",
    }
    write_files(tmp_path, before)
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.autocrlf", "false")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "-q", "-m", "before")
    for name in before:
        (tmp_path / name).unlink()
    write_files(tmp_path, after)
    git(tmp_path, "add", "--all")
    command = ["git", "diff", "--cached", f"-U{context}", "-M"]

    patch = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout.decode()

    assert patch_files(before, patch) == after


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (edit_bytes, ("x = 1", [("x", "y")])),
        (edit_bytes, (b"x = 1", ("x", "y"))),
        (edit_bytes, (b"x = 1", [("x", None)])),
        (edit_bytes, (b"x = 1", None)),
        (patch_files, ({"a.py": b"x"}, None)),
        (patch_files, ({"a.py": "x"}, "--- a.py")),
        (patch_files, ([b"x"], "--- a.py")),
    ],
)
def test_arguments_of_another_type_are_told(
    function: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    with pytest.raises(WrongArgument, match="must be"):
        function(*arguments)


_BLOCK = "<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"


@pytest.mark.parametrize(
    ("files", "reply", "example"),
    [
        pytest.param({"a": b"x\n", "b": b"x\n"}, _BLOCK, "<<<<<<< SEARCH", id="which file"),
        pytest.param(
            {"a": b"x\n"},
            f"a\n{_BLOCK}\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-y\n+z\n",
            "<<<<<<< SEARCH",
            id="two formats",
        ),
    ],
)
def test_a_refused_reply_teaches_the_format(
    files: dict[str, bytes], reply: str, example: str
) -> None:
    with pytest.raises(MalformedEdit, match="Write it like this") as refusal:
        patch_files(files, reply)

    assert example in str(refusal.value)
