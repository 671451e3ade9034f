"""What is not taken from a folder of shared memories, and how that is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alma_agent.memory.exchange import (
    SharedFilesRefused,
    export,
    import_,
)
from alma_agent.memory.exchange.history import history_of
from alma_agent.memory.exchange.lines import UnreadableLine, decode, encode
from alma_agent.memory.exchange.pages import UnreadablePage, parse
from alma_agent.memory.ledger import Ledger, memories
from tests.shared_memories import (
    A_DECISION,
    a_fact,
    another,
    held,
    keep,
    page_of,
    write_line,
    write_lines,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "memories"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        pytest.param({"form": 2}, "was written by a newer alma .* Upgrade alma", id="newer form"),
        pytest.param({"form": 0}, "form: ", id="no such form"),
        pytest.param({"importance": 1.5}, "importance: ", id="too important"),
        pytest.param({"importance": "0.5"}, "importance: ", id="a number as text"),
        pytest.param({"kind": "rumour"}, "kind: ", id="unknown kind"),
        pytest.param({"colour": "red"}, "colour: ", id="unknown field"),
        pytest.param({"at": "2026-03-04T05:06:07"}, "at: .*timezone", id="no time zone"),
        pytest.param({"since": "9999-12-31T23:59:59Z"}, "since: ", id="end of all time"),
        pytest.param({"id": ""}, "id: ", id="no id"),
        pytest.param({"id": "a\nb"}, "id: .*does not print", id="id of two lines"),
        pytest.param({"text": "x" * 200_001}, "text: ", id="too long"),
        pytest.param({"text": "\0"}, "text: .*NUL", id="NUL"),
        pytest.param({"tags": ["t"] * 501}, "tags: ", id="too many tags"),
        pytest.param({"metadata": "{"}, "metadata: ", id="metadata that is no JSON"),
        pytest.param({"anchors": [{"path": "/etc/passwd"}]}, "path: .*leads out", id="absolute"),
        pytest.param({"anchors": [{"path": "a/../../b"}]}, "path: .*leads out", id="upwards"),
        pytest.param({"anchors": [{"path": "."}]}, "path: .*leads out", id="no file"),
        pytest.param({"scope": {"user": "*"}}, "scope.user: .*searches", id="everybody's"),
        pytest.param({"supersedes": "aa11"}, "supersedes itself", id="supersedes itself"),
    ],
)  # fmt: skip
def test_a_broken_line_is_told_with_its_place(
    ledger: Ledger, folder: Path, fields: dict[str, object], complaint: str
) -> None:
    write_line(folder, **fields)
    with pytest.raises(SharedFilesRefused, match=rf"jsonl/00\.jsonl:1: .*{complaint}"):
        import_(ledger, folder)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("{", "Invalid JSON", id="half a line"),
        pytest.param("[]", "Input should be an object", id="a list"),
        pytest.param('{"form": 1, "text": "\\ud800"}', "Invalid JSON", id="half"),
        pytest.param('{"form": 1, "forgotten": "a", "why": "b"}', "why: ", id="told too much"),
        pytest.param("[" * 100_000, "Invalid JSON", id="deep"),
    ],
)  # fmt: skip
def test_what_is_no_memory_is_no_line(line: str, complaint: str) -> None:
    with pytest.raises(UnreadableLine, match=complaint):
        decode(line)


def test_nothing_is_half_imported(ledger: Ledger, folder: Path) -> None:
    good = encode(history_of(a_fact()))
    write_lines(folder, f"{good}\n{{}}\n{good.replace('aa11', 'cc33')}\nx\n")
    with pytest.raises(SharedFilesRefused) as refused:
        import_(ledger, folder)
    assert held(ledger) == {}
    assert [one.split(" ")[0] for one in refused.value.problems] == [
        "jsonl/00.jsonl:2:",
        "jsonl/00.jsonl:4:",
    ]


def test_memories_that_supersede_each_other_are_refused(ledger: Ledger, folder: Path) -> None:
    pair = [a_fact("aa11", "One.", supersedes="bb22"), a_fact("bb22", "Two.", supersedes="aa11")]
    write_lines(folder, "\n".join(encode(history_of(one)) for one in pair))
    with pytest.raises(SharedFilesRefused, match="supersedes itself"):
        import_(ledger, folder)


def test_secrets_do_not_come_in(ledger: Ledger, folder: Path) -> None:
    write_line(folder, text="ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2)
    import_(ledger, folder)
    assert held(ledger)["aa11"].text == "[redacted: GitHub token]"


def crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def with_bom(data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


@pytest.mark.parametrize("changed", [crlf, with_bom])
def test_what_tools_do_to_files_does_not_matter(
    ledger: Ledger, folder: Path, tmp_path: Path, changed: object
) -> None:
    keep(ledger, A_DECISION)
    export(ledger, folder)
    for path in (*folder.rglob("*.md"), *folder.rglob("*.jsonl")):
        path.write_bytes(changed(path.read_bytes()))  # type: ignore[operator]
    other = another(tmp_path)
    import_(other, folder)
    assert held(other) == {"bb22": A_DECISION}
    with other.reading() as connection:
        assert memories.revisions(connection, "bb22") == []


def as_link(file: Path) -> None:
    file.rename(file.with_suffix(".txt"))
    file.symlink_to(file.with_suffix(".txt").name)


def as_linked_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name("elsewhere"))
    file.parent.symlink_to("elsewhere")


def as_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def as_latin_1(file: Path) -> None:
    file.write_bytes(b"{}\n\xe4\n")


def as_utf_16(file: Path) -> None:
    file.write_text(file.read_text(), "utf-16")


def in_mid_merge(file: Path) -> None:
    file.write_text(f"<<<<<<< HEAD\n{file.read_text()}\n=======\n>>>>>>> theirs\n")


def too_large(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(17 * 2**20)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        pytest.param(as_link, "jsonl/00.jsonl: is a link", id="link"),
        pytest.param(as_linked_folder, "jsonl: is a link", id="linked folder"),
        pytest.param(as_pipe, "no regular file", id="pipe"),
        pytest.param(as_latin_1, "jsonl/00.jsonl:2: is not UTF-8", id="Latin-1"),
        pytest.param(as_utf_16, "jsonl/00.jsonl:1: is not UTF-8", id="UTF-16"),
        pytest.param(in_mid_merge, "jsonl/00.jsonl:1: a merge was begun", id="conflict marks"),
        pytest.param(too_large, "is larger than 16 MiB", id="too large"),
    ],
)
def test_odd_files_are_refused(ledger: Ledger, folder: Path, spoil: object, complaint: str) -> None:
    file = write_line(folder)
    spoil(file)  # type: ignore[operator]
    with pytest.raises(SharedFilesRefused, match=complaint):
        import_(ledger, folder)


def test_an_unfinished_merge_of_a_page_is_refused(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    page = page_of(folder, "aa11")
    page.write_text(page.read_text() + "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> theirs\n")
    with pytest.raises(SharedFilesRefused, match=r"aa11\.md:\d+: a merge was begun"):
        import_(ledger, folder)


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        pytest.param("Use uv.\n", "begins with its fields", id="no fields"),
        pytest.param('---\nid: "a"\n', "begins with its fields", id="no end"),
        pytest.param('---\nid: "a"\nid: "b"\n---\n', "was there before", id="twice"),
        pytest.param("---\nid: a\n---\n", "has no value in JSON", id="not JSON"),
        pytest.param('---\nid: "a"\n---\n', "form: ", id="no form"),
        pytest.param('---\nid: "a"\nform: 2\n---\n', "Upgrade alma", id="newer form"),
        pytest.param("---\nform: 1\n---\n", "id: is missing", id="no id"),
        pytest.param('---\nid: "a"\nform: 1\nat: NaN\n---\n', "Invalid JSON|at: ", id="no time"),
    ],
)
def test_a_broken_page_is_told(page: str, complaint: str) -> None:
    with pytest.raises(UnreadablePage, match=complaint):
        parse(page)
