from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolset.edits import ChangeSet, Edit, FileState
from toolset.gates import Finding, findings

A = PurePosixPath("a.py")
CONFLICT = "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n"


def changed(before: str, after: str, path: str = "a.py", mode: int = 0o644) -> Edit:
    states = FileState(before.encode()), FileState(after.encode(), mode)
    return Edit(PurePosixPath(path), *states)


def whats(*edits: Edit) -> list[str]:
    return [finding.what for finding in findings(ChangeSet(edits))]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param("a\n", "a\n" + CONFLICT, [2], id="a conflict"),
        pytest.param(
            "", CONFLICT.replace("=======", "||||||| base\n=======") + CONFLICT, [1, 7], id="two"
        ),
        pytest.param("", CONFLICT.replace("\n", "\r\n"), [1], id="CRLF"),
        pytest.param("", CONFLICT.replace(" HEAD", ""), [1], id="no name"),
        pytest.param(CONFLICT, "a\n" + CONFLICT, [], id="there before"),
        pytest.param(CONFLICT, CONFLICT + CONFLICT, [6], id="one more"),
        pytest.param("", "Heading\n=======\n", [], id="an underline"),
        pytest.param("", "<<<<<<< HEAD\n>>>>>>> theirs\n", [], id="no middle"),
        pytest.param("", "=======\n>>>>>>> a\n<<<<<<< b\n", [], id="out of order"),
        pytest.param("", " " + CONFLICT, [], id="not at the line's start"),
        pytest.param("", CONFLICT.replace("<<<<<<<", "<<<<<<<<"), [], id="eight"),
        pytest.param("", ">>>>>>> x\n=======\n", [], id="quoted mail"),
    ],
)
def test_conflict_markers_are_found(before: str, after: str, lines: list[int]) -> None:
    found = findings(ChangeSet((changed(before, after, "a.txt"),)))

    assert [finding.line for finding in found] == lines


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("a.py", "# ... rest of the code unchanged ...", id="python"),
        pytest.param("a.py", "    # ...existing code...", id="no spaces"),
        pytest.param("a.py", "pass  # … (remaining methods omitted)", id="after code"),
        pytest.param("a.py", "# rest of file unchanged...", id="at the end"),
        pytest.param("a.py", "# [... same as before ...]", id="brackets"),
        pytest.param("a.js", "// ... existing code ...", id="javascript"),
        pytest.param("a.jsx", "  {/* ... existing code ... */}", id="jsx"),
        pytest.param("a.c", "/* ... rest unchanged ... */", id="c"),
        pytest.param("a.html", "<!-- rest unchanged ... -->", id="html"),
        pytest.param("a.html", "<!-- ... rest unchanged -->", id="html, before"),
        pytest.param("a.sql", "-- ... previous code here", id="sql"),
        pytest.param("a.toml", "# ... remaining settings", id="toml"),
    ],
)
def test_a_comment_in_codes_place_is_found(path: str, line: str) -> None:
    found = findings(ChangeSet((changed("x\n", f"x\n{line}\n", path),)))

    what = f"this comment may stand for code left out: {line.strip()}"
    assert found == (Finding(PurePosixPath(path), 2, what),)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.py", "class P:\n    def rest(self) -> None: ...\n", id="a body"),
        pytest.param("a.py", "def f(): ...  # ...\n", id="no such word"),
        pytest.param("a.py", "x[..., 0]  # the rest\n", id="an index, and a comment"),
        pytest.param("a.py", "s = '# ... rest unchanged ...'\n", id="in a string"),
        pytest.param("a.py", '"""\n# ... rest unchanged ...\n"""\n', id="in a docstring"),
        pytest.param("a.py", "# Wait... the same happens below, too.\n", id="a sentence"),
        pytest.param("a.py", "# .../existing/b.py has it\n", id="a path"),
        pytest.param("a.py", "# name omitted: @command(cls=C, ...)\n", id="arguments"),
        pytest.param("a.py", "# Put it on the same line as them...\n", id="the same thing"),
        pytest.param("a.py", "# interesting...\n", id="a word that holds another"),
        pytest.param("a.py", "f(*rest)  # keep the rest\n", id="no ellipsis"),
        pytest.param("a.md", "And ... the rest.\n", id="prose"),
        pytest.param("a.js", "f(...rest); g('existing');\n", id="javascript's rest"),
        pytest.param("a.js", 'u = "https://x/... existing";\n', id="an address"),
    ],
)
def test_ordinary_code_is_no_elision(path: str, text: str) -> None:
    assert whats(changed("x\n", text, path)) == []


def test_an_elision_that_was_there_before_is_not_told() -> None:
    line = "# ... rest unchanged ...\n"

    assert whats(changed(f"x = 1\n{line}", f"x = 2\nif x:\n    {line}")) == []


def numbered(count: int) -> str:
    return "".join(f"x{n}\n\n" for n in range(count))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            100, 40, ["it loses 60 of its 100 lines (not counting blank ones)"], id="most"
        ),
        pytest.param(100, 50, [], id="half"),
        pytest.param(40, 11, [], id="29 lines"),
        pytest.param(
            40, 10, ["it loses 30 of its 40 lines (not counting blank ones)"], id="30 lines"
        ),
        pytest.param(200, 160, [], id="a small part"),
        pytest.param(2, 0, ["it is emptied; it had 2 lines that were not blank"], id="emptied"),
        pytest.param(10, 100, [], id="growth"),
        pytest.param(0, 0, [], id="still empty"),
    ],
)
def test_a_great_loss_is_found(before: int, after: int, expected: list[str]) -> None:
    assert whats(changed(numbered(before), numbered(after))) == expected


def test_only_blank_lines_left_is_emptied() -> None:
    assert whats(changed("x\n", "\n \n")) == ["it is emptied; it had 1 lines that were not blank"]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(Edit(A, FileState(numbered(100).encode()), None), id="deleted on purpose"),
        pytest.param(Edit(A, None, FileState(b"")), id="an empty file created"),
        pytest.param(Edit(A, None, FileState(b"x\n", 0o755)), id="a script created"),
        pytest.param(Edit(A, FileState(b"\0"), FileState(b"\1\0")), id="binary"),
        pytest.param(Edit(A, FileState(b"x\n"), FileState(b"x\n", 0o640)), id="another mode"),
    ],
)
def test_what_is_ordinary_is_not_told(edit: Edit) -> None:
    assert whats(edit) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(FileState(b"x\n"), FileState(b"x\n", 0o755), "it becomes executable", id="+x"),
        pytest.param(
            FileState(b"x\n", 0o755), FileState(b"x\n"), "it is no longer executable", id="-x"
        ),
        pytest.param(
            FileState(b"x\n"), FileState(b"\xef\xbb\xbfx\n"), "it gets a byte order mark", id="+BOM"
        ),
        pytest.param(
            FileState(b"\xef\xbb\xbfx\n"),
            FileState(b"x\n"),
            "it loses its byte order mark",
            id="-BOM",
        ),
        pytest.param(
            FileState(b"# coding: latin-1\n# \xe9\n"),
            FileState("# é\n".encode()),
            "its encoding changes from iso-8859-1 to utf-8",
            id="encoding",
        ),
        pytest.param(
            FileState(b"x\n"), FileState(b"x\0\n"), "it can no longer be read as text", id="binary"
        ),
    ],
)
def test_a_file_that_changes_its_kind_is_found(
    before: FileState, after: FileState, expected: str
) -> None:
    assert whats(Edit(A, before, after)) == [expected]


def test_findings_come_by_file() -> None:
    first, second = changed("x\n", "x\n", "a.sh", 0o755), changed("x\n", CONFLICT, "b.py")

    assert findings(ChangeSet((first, second))) == (
        Finding(PurePosixPath("a.sh"), None, "it becomes executable"),
        Finding(PurePosixPath("b.py"), 1, "a merge conflict starts here, with its markers"),
    )


PIECES = (
    *(
        "x = 1",
        '"""',
        'y = """a',
        'b"""',
        "(",
        ")",
        "z \\",
        "'a\\",
        "    w",
        'f"{x}"',
        'f"""{',
        "}",
    ),
    *("# ... rest", "<<<<<<<", "=======", ">>>>>>>", "\f", "\r", "\0", "\ud800", "é"),
)
texts = st.one_of(st.lists(st.sampled_from(PIECES)).map("\n".join), st.text())


@given(texts, texts)
@example("", "# ... rest \ud800")
def test_no_two_texts_crash_it(before: str, after: str) -> None:
    encoded = (FileState(text.encode("utf-8", "surrogatepass")) for text in (before, after))

    findings(ChangeSet((Edit(A, *encoded),)))


@given(st.binary(), st.binary())
def test_no_bytes_crash_it(before: bytes, after: bytes) -> None:
    findings(ChangeSet((Edit(A, FileState(before), FileState(after)),)))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(
            {"test_a.py": "def test_one(): pass\n\nasync def test_two(): pass\n"},
            {"test_a.py": "def test_one(): pass\n"},
            ["tests are removed: test_two"],
            id="one of two",
        ),
        pytest.param(
            {"test_a.py": "def test_one(): pass\n"},
            {},
            ["tests are removed: test_one"],
            id="the file",
        ),
        pytest.param(
            {"test_a.py": "def test_one(): pass\n"},
            {"test_b.py": "class TestA:\n    def test_one(self): pass\n"},
            [],
            id="moved to another file",
        ),
        pytest.param(
            {"app.py": "def test_one(): pass\n"}, {"app.py": "x = 1\n"}, [], id="no file of tests"
        ),
    ],
)
def test_tests_that_go_are_told(
    before: dict[str, str], after: dict[str, str], told: list[str]
) -> None:
    edits = tuple(
        Edit(PurePosixPath(name), _state(before.get(name)), _state(after.get(name)))
        for name in sorted({*before, *after})
    )

    assert [one.what for one in findings(ChangeSet(edits)) if "test" in one.what] == told


def _state(text: str | None) -> FileState | None:
    return None if text is None else FileState(text.encode())
