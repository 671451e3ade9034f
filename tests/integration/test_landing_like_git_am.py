"""`git am --keep-cr --3way` on a proposal's patch gives the tree that landing gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.landings import Files, House, git

LONG = b"".join(b"line %d\n" % number for number in range(40))
BASE: dict[str, bytes] = {
    "lf.py": b"one\ntwo\nthree\n",
    "crlf.py": b"one\r\ntwo\r\nthree\r\n",
    "mixed.txt": b"one\r\ntwo\nthree\r",
    "open.txt": b"no end",
    "binary.bin": bytes(range(256)) * 4,
    "run.sh": b"#!/bin/sh\n",
    "gone.txt": b"gone\n",
    "moved.py": LONG,
    "deep/er/moved too.py": LONG.replace(b"line", b"row"),
    "r\u00e9sum\u00e9 \u65e5\u672c.txt": "caf\u00e9\n".encode(),
    "latin.txt": b"caf\xe9\n",
    'quo"ted.txt': b"q\n",
    "both": b"a file\n",
    "blank.txt": b"  trailing  \n\ttab\n\n\n",
}
CHANGES: dict[str, tuple[Files, dict[str, str]]] = {
    "line ends": (
        {
            "crlf.py": b"one\r\n2\r\nthree\r\n",
            "mixed.txt": b"one\n2\r\nthree\r\r",
            "lf.py": b"one\r\ntwo\r\nthree\r\n",
        },
        {},
    ),
    "no line end": ({"open.txt": b"no end either", "lf.py": b"one\ntwo\nthree"}, {}),
    "binary": ({"binary.bin": bytes(range(255, -1, -1)) * 4, "new.bin": b"\0\n\r\n\xff"}, {}),
    "mode": (
        {"run.sh": b"#!/bin/sh\n", "new.sh": b"#!/bin/sh\n"},
        {"run.sh": "100755", "new.sh": "100755"},
    ),
    "mode and content": ({"run.sh": b"#!/bin/bash\n"}, {"run.sh": "100755"}),
    "empty files": ({"empty.py": b"", "gone.txt": b""}, {}),
    "gone": ({"gone.txt": None, "binary.bin": None}, {}),
    "renamed": (
        {
            "moved.py": None,
            "new/place.py": LONG,
            "deep/er/moved too.py": None,
            "flat.py": LONG.replace(b"line", b"row") + b"more\n",
        },
        {},
    ),
    "names": (
        {
            "r\u00e9sum\u00e9 \u65e5\u672c.txt": "th\u00e9\n".encode(),
            "\u00fc/ \u4e2d .txt": b"1\n",
            'quo"ted.txt': b"Q\n",
            "-dash.txt": b"d\n",
            ":(top)x": b"m\n",
            "From here.txt": b"From me Mon Sep 17 00:00:00 2001\n>From\n---\n",
        },
        {},
    ),
    "other encodings": ({"latin.txt": b"th\xe9\n"}, {}),
    "a file becomes a folder": ({"both": None, "both/file.py": b"1\n"}, {}),
    "a folder becomes a file": ({"deep/er/moved too.py": None, "deep": b"1\n"}, {}),
    "blanks": ({"blank.txt": b"  trailing \n \ttab\n\n"}, {}),
    "what looks like a mail": (
        {
            "lf.py": b"From 0123 Mon Sep 17 00:00:00 2001\nFrom: Eve <e@x>\n-- \n2.39\n"
            b"diff --git a/x b/x\n",
        },
        {},
    ),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House.built(tmp_path_factory.mktemp("template") / "project", BASE)


@pytest.mark.parametrize("change", CHANGES)
def test_git_am_gives_the_same_tree(template: House, tmp_path: Path, change: str) -> None:
    files, modes = CHANGES[change]
    house = template.copied(tmp_path / "p")
    goal = f"S\u00fc\u00dfer: [PATCH] a goal {'longer than the line of a mail ' * 3}\n\nmore"
    folder = house.approved(files, modes=modes, goal=goal)
    patch = folder.place / folder.document().patch.file
    other = template.copied(tmp_path / "am")

    landed = house.land(folder)
    git(other.root, "am", "-q", "--keep-cr", "--3way", str(patch))

    assert other.ref("HEAD^{tree}") == landed.tree == house.ref("HEAD^{tree}")
    assert git(house.root, "status", "--porcelain", "--", ".", ":!.alma") == ""
    told = git(
        other.root, "log", "-1", "--format=%an %ae %at%n%(trailers:key=Alma-Proposal,valueonly)"
    )
    assert told.split() == ["Ann", "ann@example.org", "1777809600", folder.id]
