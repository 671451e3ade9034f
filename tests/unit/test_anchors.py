"""Anchors: what is said of code that a memory speaks of, after the files have changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma_agent.memory.anchoring.anchors import Place, Standing, anchored, standing
from alma_agent.redact import redacted
from alma_agent.remembered import Anchor
from toolset.digest import Digest

HEAD = "head"
LOAD = '''
def load(path, mode="r"):
    """Read the rows of a file."""
    with open(path, mode) as file:
        return [line.split(",") for line in file if line.strip()]
'''
CLASSES = """
class One:
    def run(self, task):
        self.started = task
        return self.finish(task.result, 1)

    def close(self):
        pass


class Two:
    def close(self):
        pass
"""


@dataclass
class Tree:
    """Files in memory: as they are `now`, and as the commit had them `then`."""

    now: Mapping[str, str | bytes]
    then: Mapping[str, str | bytes] = field(default_factory=dict)
    renames: Mapping[str, str] = field(default_factory=dict)
    was_read: list[str] = field(default_factory=list)

    def read(self, path: PurePosixPath) -> bytes | None:
        self.was_read.append(str(path))
        return _bytes(self.now.get(str(path)))

    def changed(self, head: str) -> Collection[PurePosixPath]:
        then = self.then if head else {}
        return [PurePosixPath(one) for one, data in self.now.items() if then.get(one) != data]

    def committed(self, path: PurePosixPath, head: str) -> bytes | None:
        assert head == HEAD
        return _bytes(self.then.get(str(path)))

    def renamed(self, path: PurePosixPath, head: str) -> PurePosixPath | None:
        assert head == HEAD
        new = self.renames.get(str(path))
        return PurePosixPath(new) if new else None


def _bytes(data: str | bytes | None) -> bytes | None:
    return data.encode() if isinstance(data, str) else data


def anchor_in(files: Mapping[str, str | bytes], path: str, symbol: str = "") -> Anchor:
    data = _bytes(files[path])
    assert data is not None
    return anchored(PurePosixPath(path), symbol, data, HEAD)


def after(
    then: Mapping[str, str | bytes],
    now: Mapping[str, str | bytes],
    symbol: str = "",
    path: str = "a.py",
) -> Standing:
    """Anchor a symbol in the files of a commit, and ask when they are as `now`."""
    return standing(anchor_in(then, path, symbol), Tree(now, then))


def where(told: Standing) -> str:
    return f"{told.verdict} {told.path}::{told.symbol}"


@pytest.mark.parametrize(
    ("now", "symbol", "expected"),
    [
        pytest.param({"a.py": LOAD}, "load", "fresh a.py::load", id="nothing"),
        pytest.param({"a.py": f"import os\n{LOAD}"}, "load", "fresh a.py::load", id="elsewhere"),
        pytest.param(
            {"a.py": LOAD.replace('"', "'").replace("\n", "\r\n")},
            "load",
            "fresh a.py::load",
            id="formatting",
        ),
        pytest.param(
            {"a.py": LOAD.replace("load", "read")}, "load", "moved a.py::read", id="renamed"
        ),
        pytest.param({"b.py": LOAD}, "load", "moved b.py::load", id="the file renamed"),
        pytest.param({"b.py": LOAD}, "", "moved b.py::", id="the file, as a whole"),
        pytest.param(
            {"a.py": "", "b.py": f"import os\n{LOAD}"},
            "load",
            "moved b.py::load",
            id="another file",
        ),
        pytest.param(
            {"a.py": "", "c/d.py": LOAD.replace("load", "read_all")},
            "load",
            "moved c/d.py::read_all",
            id="another file and name",
        ),
        pytest.param(
            {"a.py": "class A:\n    @staticmethod" + LOAD.replace("\n", "\n    ")},
            "load",
            "moved a.py::A.load",
            id="into a class",
        ),
        pytest.param(
            {"a.py": LOAD.replace("split", "rsplit")}, "load", "drifted a.py::load", id="edited"
        ),
        pytest.param(
            {"a.py": "", "b.py": LOAD.replace("split", "rsplit")},
            "load",
            "drifted b.py::load",
            id="moved and edited",
        ),
        pytest.param({"a.py": "x = 1\n"}, "load", "orphaned a.py::load", id="removed"),
        pytest.param({}, "load", "orphaned a.py::load", id="its file removed"),
        pytest.param({}, "", "orphaned a.py::", id="the file removed"),
        pytest.param({"a.py": f"x = (\n{LOAD}"}, "load", "fresh a.py::load", id="broken elsewhere"),
        pytest.param(
            {"a.py": LOAD.replace("path, ", "path, (")}, "load", "drifted a.py::load", id="broken"
        ),
    ],
)
def test_what_is_said_of_a_function(now: dict[str, str], symbol: str, expected: str) -> None:
    assert where(after({"a.py": LOAD}, now, symbol)) == expected


def test_a_change_is_shown() -> None:
    told = after({"a.py": LOAD}, {"a.py": LOAD.replace('"r"', '"rb"')}, "load")
    assert told.difference.splitlines()[:5] == [
        "--- a.py::load",
        "+++ a.py::load",
        "@@ -1,3 +1,3 @@",
        '-def load(path, mode="r"):',
        '+def load(path, mode="rb"):',
    ]


def test_a_change_of_what_was_too_long_to_keep_is_shown_from_its_commit() -> None:
    long = "class A:\n" + "".join(f"    field_{number} = {number}\n" for number in range(500))
    told = after({"a.py": long}, {"a.py": long.replace("= 7\n", "= 8\n")}, "A")
    assert "-    field_7 = 7" in told.difference


def test_a_method_follows_its_class_when_that_is_renamed() -> None:
    now = {"a.py": CLASSES.replace("Two", "Three")}
    assert where(after({"a.py": CLASSES}, now, "Two.close")) == "moved a.py::Three.close"


def test_a_method_goes_to_another_class() -> None:
    run = CLASSES[CLASSES.index("    def run") : CLASSES.index("    def close")]
    now = {"a.py": CLASSES.replace(run, "") + f"\n{run}"}
    assert where(after({"a.py": CLASSES}, now, "One.run")) == "moved a.py::Two.run"


def test_a_method_that_goes_out_of_its_class_as_it_is_has_moved() -> None:
    then = {"a.py": "class A:\n    def f(self, x):\n        return x + 1\n"}
    now = {"a.py": "class A: pass\n\ndef f(self, x):\n    return x + 1\n"}
    assert where(after(then, now, "A.f")) == "moved a.py::f"


def test_a_file_follows_under_another_suffix() -> None:
    then = {"a.rst": "Title\n=====\n\nSome words.\n"}
    assert where(after(then, {"b/a.md": then["a.rst"]}, path="a.rst")) == "moved b/a.md::"


def test_a_mark_that_nobody_can_read_fits_nothing() -> None:
    anchor = Anchor(PurePosixPath("a.py"), digest="tea:leaves")
    assert where(standing(anchor, Tree({"a.py": LOAD}))) == "drifted a.py::"


def test_what_was_there_before_is_not_what_has_gone() -> None:
    now = {
        "a.py": CLASSES[: CLASSES.index("    def close")] + CLASSES[CLASSES.index("\nclass Two") :]
    }
    assert where(after({"a.py": CLASSES}, now, "One.close")) == "orphaned a.py::One.close"


def test_what_was_renamed_and_not_committed_is_followed_back() -> None:
    renamed = anchor_in({"a.py": LOAD.replace("load", "read")}, "a.py", "read")

    told = standing(renamed, Tree(now={"a.py": LOAD}, then={"a.py": LOAD}))

    assert where(told) == "moved a.py::load"


def test_an_edited_method_of_a_moved_file_is_not_taken_for_another_like_it() -> None:
    run = CLASSES[CLASSES.index("    def run") : CLASSES.index("    def close")]
    then = {"a.py": f"{CLASSES}\n{run}"}
    now = {"b.py": then["a.py"].replace("result, 1", "result, 2", 1)}
    assert where(after(then, now, "One.run")) == "drifted b.py::One.run"


def test_of_several_that_say_the_same_none_is_chosen() -> None:
    then = {"a.py": "def gone(self):\n    pass\n"}
    now = {"a.py": "def one(self):\n    pass\n\n\ndef two(self):\n    pass\n"}
    told = after(then, now, "gone")
    here = PurePosixPath("a.py")
    assert told == Standing(
        "orphaned", here, "gone", candidates=(Place(here, "one"), Place(here, "two"))
    )


def test_as_many_that_say_the_same_are_taken_in_their_order() -> None:
    then = {"a.py": "def a(): pass\ndef b(): pass\n"}
    now = {"a.py": "def c(): pass\ndef d(): pass\n"}
    assert where(after(then, now, "b")) == "moved a.py::d"


def test_one_that_says_the_same_as_several_that_went_is_none_of_them() -> None:
    then = {"a.py": "def a(): pass\ndef b(): pass\n"}
    assert where(after(then, {"a.py": "def c(): pass\n"}, "b")) == "orphaned a.py::b"


def test_a_namesake_is_nearer_than_others_of_the_same_body() -> None:
    then = {"a.py": "def stop(): pass\n"}
    now = {"a.py": "def other(): pass\n", "b.py": "def stop(): pass\n"}
    assert where(after(then, now, "stop")) == "moved b.py::stop"


def test_git_says_where_an_edited_file_went() -> None:
    then = {"a.md": "one two three"}
    anchor = anchor_in(then, "a.md")
    told = standing(anchor, Tree({"b.md": "four five six"}, then, renames={"a.md": "b.md"}))
    assert where(told) == "drifted b.md::"


def test_a_symbol_that_is_still_gone_is_fresh() -> None:
    anchor = anchor_in({"a.py": ""}, "a.py", "load")
    assert anchor.digest is None
    assert where(standing(anchor, Tree({"a.py": ""}))) == "fresh a.py::load"


def test_a_symbol_that_came_back_has_drifted() -> None:
    anchor = anchor_in({"a.py": ""}, "a.py", "load")
    told = standing(anchor, Tree({"a.py": LOAD}))
    assert told.verdict == "drifted"
    assert "+def load" in told.difference


def test_a_symbol_written_again_the_same_is_fresh() -> None:
    anchor = anchor_in({"a.py": LOAD}, "a.py", "load")
    assert standing(anchor, Tree({"a.py": "x = 1\n"})).verdict == "orphaned"
    assert standing(anchor, Tree({"a.py": f"x = 1\n{LOAD}"})).verdict == "fresh"


def test_without_a_commit_the_files_alone_are_asked() -> None:
    anchor = anchored(PurePosixPath("a.py"), "load", LOAD.encode(), "")
    told = standing(anchor, Tree({"b.py": LOAD}))
    assert where(told) == "moved b.py::load"


@pytest.mark.parametrize(
    ("path", "then", "now", "verdict"),
    [
        pytest.param("a.md", "one two\nthree\n", "one\ntwo three", "fresh", id="prose, wrapped"),
        pytest.param("a.md", "one two\n", "one too\n", "drifted", id="prose, edited"),
        pytest.param("a.rst", "a *b*\n", "a * b *\n", "drifted", id="prose, spaces at signs"),
        pytest.param("a.json", '{"a": [1]}', '{\n"a":\n[1]\n}', "fresh", id="JSON, formatted"),
        pytest.param("a.yml", "a:\n  b: 1\n", "a:\n    b: 1\r\n\r\n", "fresh", id="YAML, wider"),
        pytest.param("a.yml", "a:\n  b: 1\n", "a:\nb: 1\n", "drifted", id="YAML, another depth"),
        pytest.param("a.py", "print 1\n", "print 1  \n", "fresh", id="old Python, spaces"),
        pytest.param("a.py", "print 1\n", "print 2\n", "drifted", id="old Python, edited"),
        pytest.param("a.py", "x = 1\n", "x = (1)\n", "fresh", id="a module's own code"),
        pytest.param("a.py", "x = 1\n", "x = 2\n", "drifted", id="a module's own code, edited"),
        pytest.param("a.bin", b"\0\1", b"\0\2", "drifted", id="binary"),
    ],
)
def test_what_is_said_of_a_file(
    path: str, then: str | bytes, now: str | bytes, verdict: str
) -> None:
    assert after({path: then}, {path: now}, path=path).verdict == verdict


def test_a_symbol_of_a_file_that_is_no_python_means_the_file() -> None:
    assert anchor_in({"a.js": "function f() {}"}, "a.js", "f").symbol == ""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"a.py": LOAD}, "fresh a.py::"),
        ({"a.py": LOAD + "\n"}, "drifted a.py::"),
        ({"b.py": LOAD}, "moved b.py::"),
        ({}, "orphaned a.py::"),
    ],
)
def test_the_digest_of_an_older_ledger_is_understood(now: dict[str, str], expected: str) -> None:
    anchor = Anchor(PurePosixPath("a.py"), digest=Digest.of(LOAD.encode()).hex)
    assert where(standing(anchor, Tree(now))) == expected


def test_what_did_not_change_is_not_looked_for() -> None:
    files = Tree({"a.py": LOAD, "b.py": LOAD})
    standing(anchor_in(files.now, "a.py", "load"), files)
    assert files.was_read == ["a.py"]


WORDS = st.sampled_from(["alpha", "beta", "gamma", "delta"])
STATEMENTS = st.lists(
    st.builds("    {} = {}({}, 1)".format, WORDS, WORDS, WORDS), min_size=2, max_size=6
).map("\n".join)


@settings(deadline=None, max_examples=50)
@given(STATEMENTS, st.sampled_from(["a.py", "b.py", "c/a.py"]), st.sampled_from(["load", "fetch"]))
def test_a_function_is_found_wherever_it_goes(body: str, path: str, name: str) -> None:
    then = {"a.py": f"def load(alpha):\n{body}\n", "z.py": "x = 1\n"}
    now = {"a.py": "", "z.py": "x = 1\n", path: f"def {name}(alpha):\n{body}\n"}
    expected = "fresh" if (path, name) == ("a.py", "load") else "moved"
    assert where(after(then, now, "load")) == f"{expected} {path}::{name}"


@settings(deadline=None, max_examples=50)
@given(STATEMENTS, STATEMENTS, st.sampled_from(["a.py", "b.py"]))
def test_an_edited_function_is_never_called_fresh_or_moved(
    body: str, other: str, path: str
) -> None:
    then = {"a.py": f"def load(alpha):\n{body}\n"}
    now = {path: f"def load(alpha):\n{body}\n{other}\n"}
    assert after(then, now, "load").verdict in ("drifted", "orphaned")


def test_a_difference_shows_no_secret_and_invents_none() -> None:
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    code = f'def load(path):\n    token = "{token}"\n    return open(path)\n'
    anchor = anchor_in({"a.py": code}, "a.py", "load")
    kept = replace(anchor, source=redacted(anchor.source))
    now = code.replace("open(path)", "open(path).read()")

    told = standing(kept, Tree({"a.py": now}, {"a.py": code}))

    changed = [line for line in told.difference.splitlines() if line.startswith(("+ ", "- "))]
    assert changed == ["-    return open(path)", "+    return open(path).read()"]
    assert token not in told.difference
