from __future__ import annotations

import re
import warnings
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec, PathSpec

from toolset.globs import globs, ignored
from toolset.scope import EditScope

# A class that a slash is in is left out: the library lets it cross a folder, and git does not.
_PART = st.sampled_from(["a", "b", "*", "*", "**", "?", "[ab]", "[]b]", "\\*", "\\[", "."])
_SEGMENT = st.one_of(st.just("**"), st.lists(_PART, min_size=1, max_size=6).map("".join))
_GLOB = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "/", "!"]),
    st.lists(_SEGMENT, min_size=1, max_size=5).map("/".join),
    st.sampled_from(["", "/", "/**"]),
)
_PATH = st.lists(st.text("ab*[.]", min_size=1, max_size=5), min_size=1, max_size=6).map("/".join)


@settings(max_examples=1_000)
@given(st.lists(_GLOB, min_size=1, max_size=3), st.lists(_PATH, min_size=1, max_size=5))
@example(["a/**/b/**/b"], ["a/b/b/b", "a/x/b/c/b/d", "a/b"])
@example(["**/a*b*/**/b/"], ["aab/b/b/a", "b/ab/x/b/b", "ab/b"])
@example(["*", "!**/a", "a/"], ["a/a", "a/a/b"])
def test_what_fits_is_what_fits_for_the_library(lines: list[str], paths: list[str]) -> None:
    for path in paths:
        plain = GitIgnoreSpec.from_lines(lines, backend="simple").check_file(path)
        assert ignored(lines).check_file(path).include == plain.include
        plain = PathSpec.from_lines("gitignore", lines, backend="simple").check_file(path)  # type: ignore[assignment]
        assert globs(lines).check_file(path).include == plain.include


@settings(max_examples=300)
@given(st.text("ab*?[]!^-\\#/ é+.", max_size=12), _PATH)
def test_any_text_is_a_glob_that_is_read_or_refused(line: str, path: str) -> None:
    ignored([line]).match_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            PathSpec.from_lines("gitignore", [line])
    except (ValueError, re.error):
        with pytest.raises(ValueError, match=r"."):
            globs([line])
    else:
        globs([line]).match_file(path)


ENDLESS = [
    pytest.param("*a" * 12 + "b", "a" * 80, id="stars"),
    pytest.param("*?" * 40 + "b", "a" * 200, id="stars and signs"),
    pytest.param("*" * 60 + "b", "a" * 200, id="stars alone"),
    pytest.param("*[ab]" * 40 + "c", "a" * 200, id="stars and classes"),
    pytest.param("**/a/" * 12 + "b", "a/" * 80 + "c", id="folders"),
    pytest.param("**/*/" * 12 + "b", "a/" * 80 + "c", id="any folders"),
    pytest.param("x/" + "**/*a*a/" * 12 + "b", "x/" + "aaaa/" * 80 + "c", id="both"),
    pytest.param("*a" * 2_000 + "b", "a" * 255, id="a long one"),
    pytest.param("**/a/" * 1_000 + "b", "a/" * 2_000 + "c", id="a deep one"),
]


@pytest.mark.parametrize("wrap", ["{}", "/{}", "!{}", "{}/"])
@pytest.mark.parametrize(("glob", "path"), ENDLESS)
def test_no_glob_takes_for_ever(glob: str, path: str, wrap: str) -> None:
    glob = wrap.format(glob)

    assert ignored([glob]).check_file(path).include is None
    assert globs([glob]).check_file(path).include is None


@pytest.mark.parametrize(("glob", "path"), ENDLESS)
def test_no_scope_takes_for_ever(glob: str, path: str) -> None:
    assert not EditScope((glob,)).allows(PurePosixPath(path))
    assert EditScope((f"!{glob}",)).allows(PurePosixPath(path))


@pytest.mark.parametrize("glob", ["a[!x]b", "a[^x]b", "a[+-9]b", "a[!x]*b", "*[!x]b"])
def test_a_class_of_signs_is_no_slash(glob: str) -> None:
    assert not globs([f"/{glob}"]).match_file("a/b")
    assert not ignored([f"/{glob}"]).match_file("a/b")
    assert globs([f"/{glob}"]).match_file("a3b")


@pytest.mark.parametrize("line", ["[z-a]", "a\\", "/", "x" * 20_000, "", "# a", "[z-a]*"])
def test_a_line_that_cannot_be_read_leaves_nothing_out(line: str) -> None:
    spec = ignored(["*.log", line])

    assert spec.match_file("a.log")
    assert not spec.match_file("a")
    assert not spec.match_file("z")
