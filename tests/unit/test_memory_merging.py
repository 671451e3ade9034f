"""What two short texts are to each other. When in doubt: `other`, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma_agent.memory.merging.relation import Relation, relation

_CASES: dict[Relation, list[tuple[str, str]]] = {
    "same": [
        ("Use ruff.", "use ruff"),
        ("The cache is cleared at midnight", "the cache is cleared at midnight!"),
        ("In tests, use pytest", "Use pytest in tests."),
        ("Formats with ruff, mypy and pytest", "formats with mypy, pytest and ruff"),
        ("Indent with two spaces", "indent with 2 spaces"),
        ("Don't use tabs", "do not use tabs"),
        ("Avoid using tabs", "Never use tabs"),
        ("The default port: 8,000", "the default port is 8000"),
        ("The timeout is 30s", "The timeout is 30 seconds"),
        ("Call `load()` first", "call load() first"),
        ("The cache is no longer used", "The cache is not used"),
    ],
    "says less": [
        ("Use ruff and mypy", "use mypy"),
        ("Use ruff and mypy in the pipeline", "use ruff in the pipeline"),
        ("load() is slow because it reads the file twice", "load() is slow"),
        ("Use tabs. The line length is 100.", "The line length is 100"),
        ("Use httpx instead of requests", "use httpx"),
        ("The loader is very slow", "The loader is slow"),
        ("Always use tabs", "use tabs"),
        ("Alice likes tea and Bob likes coffee", "Bob likes coffee"),
        ("Use pytest, not unittest", "use pytest"),
        (
            "Commit messages are short. The subject says why. Reviewers squash.",
            "Commit messages are short. The subject says why.",
        ),
        ("Do not use eval because it is unsafe", "never use eval"),
    ],
    "contradicts": [
        ("indent with 2 spaces", "indent with 4 spaces"),
        ("the default port is 8000", "the default port is 9000"),
        ("prefer pytest over unittest", "prefer unittest over pytest"),
        ("indent with tabs", "indent with spaces"),
        ("use tabs", "avoid tabs"),
        ("use tabs", "do not use tabs"),
        ("always commit to main", "never commit to main"),
        ("enable caching", "disable caching"),
        ("The flag enables caching", "The flag disables caching"),
        ("Caching is enabled in production", "Caching is disabled in production"),
        ("Caching is on by default", "Caching is off by default"),
        ("The timeout is 30 s", "The timeout is 10 s"),
        ("The timeout is 30 s", "The timeout is 30 ms"),
        ("Use Python 3.11", "Use Python 3.12"),
        ("Retry 3 times after 10 s", "Retry 5 times after 20 s"),
        ("The default branch is main", "The default branch is trunk"),
        ("Alice's favourite editor is vim", "Alice's favourite editor is emacs"),
        ("load() is slow", "load() is fast"),
        ("load() is safe", "load() is unsafe"),
        ("load() runs before save()", "save() runs before load()"),
        ("vim is faster than emacs", "emacs is faster than vim"),
        ("Format before the merge", "Format after the merge"),
        ("Use PostgreSQL as the database", "Use MySQL as the database"),
        ("Alice likes tea", "Alice dislikes tea"),
        ("Use pathlib, not os.path", "Use os.path, not pathlib"),
        ("Python >= 3.11", "Python >= 3.12"),
        ("test_load passes", "test_load fails"),
        ("The build needs Docker", "The build does not need Docker"),
        ("build with cache", "build without cache"),
        ("This project uses 2 spaces", "This project uses 4 spaces"),
        ("Set the timeout to 30 s", "Set the timeout to 60 s"),
        ("max_retries = 3", "max_retries = 5"),
        ("The user's name is Alice", "The user's name is Bob"),
        ("Use double quotes", "Use single quotes"),
        ("The tests are not broken", "The tests are broken"),
    ],
    "other": [
        # about different things
        ("load() is slow", "save() is slow"),
        ("Use plan A", "Use plan B"),
        ("use plan a", "use plan b"),
        ("s is a string", "second is a string"),
        ("the parser is slow", "the printer is slow"),
        ("load() retries 3 times", "save() retries 3 times"),
        ("load() retries 3 times", "save() retries 5 times"),
        ("src/a.py has 3 classes", "src/b.py has 5 classes"),
        ("step 1 is slow", "step 2 is slow"),
        ("issue 12 is fixed", "issue 14 is fixed"),
        ("port 8000 is open", "port 9000 is open"),
        ("The tests pass on Python 3.11", "The tests pass on Python 3.12"),
        ("Wait 5 s before step 2", "Wait 5 s before step 3"),
        ("Supports Python 3.11", "Supports Python 3.12"),
        ("public methods are documented", "private methods are documented"),
        ("fast tests run first", "slow tests run first"),
        ("Use 2 spaces in Lua", "Use 2 spaces in Python"),
        ("The timeout is 30 s in step 1", "The timeout is 30 s in step 2"),
        ("Alice likes tea", "Bob likes tea"),
        ("Alice bought 3 apples", "Alice bought 5 apples"),
        ("The tool reads config_a", "The tool reads config_b"),
        ("fooBar is a class", "foobar is a class"),
        # signs that say something
        ("x > 3", "x < 3"),
        ("a -> b", "b -> a"),
        ("C++ is used", "C# is used"),
        ("x == 3", "x != 3"),
        ("Costs $5", "Costs 5"),
        ("returns *args", "returns args"),
        # both may be true
        ("The parser is slow", "The parser is recursive"),
        ("Use ruff", "Use mypy"),
        ("Converts from JSON to YAML", "Converts from YAML to JSON"),
        ("It is slow", "It is fast"),
        ("The parser is new and it is slow", "it is slow"),
        ("set 2 is broken", "set 3 is broken"),
        ("load() calls save()", "save() calls load()"),
        ("Always use tabs", "Really use tabs"),
        ("Use fixtures for tests", "Use factories for tests"),
        ("Use ruff?", "Use ruff"),
        ("The port is 8000 and the host is db", "The port is 9000 and the host is cache"),
        # words that are in both, in another sense
        ("Use tabs in Makefiles", "Use tabs"),
        ("Use tabs if the file has tabs", "Use tabs"),
        ("Maybe use tabs", "Use tabs"),
        ("Use ruff and new mypy", "Use ruff and mypy"),
        ("Use ruff or black", "Use ruff"),
        ("Use tabs only in Makefiles", "Use tabs in Makefiles"),
        ("The integration test suite is slow", "The test suite is slow"),
        ("Alice likes tea and Bob drinks coffee", "Alice likes coffee"),
        ("load is slow and save is fast", "load is fast"),
        ("pytest is used, unittest is not", "unittest is used in pytest"),
        ("If the build fails and the tests pass, retry", "If the build fails, retry"),
        ("tabs in Makefiles, spaces in Python", "tabs in Python, spaces in Makefiles"),
        ("The port was 8000", "The port is 8000"),
        ("The build fails on Windows", "The build fails"),
        ("It is slow. The cache is full.", "The cache is full. It is slow."),
        ("The timeout is at most 30 s", "The timeout is 30 s"),
        ("Use black and ruff in the pipeline", "Use black"),
        ("Use tabs. Only in Makefiles.", "Use tabs"),
        ("The release was planned and shipped", "The release was shipped late"),
        ("", "Use ruff"),
    ],
}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(old, new, expected, id=f"{old} | {new}")
        for expected, pairs in _CASES.items()
        for old, new in pairs
    ],
)
def test_what_a_new_text_is_to_an_old_one(old: str, new: str, expected: Relation) -> None:
    assert relation(old, new) == expected


_MIRRORED: dict[Relation, Relation] = {"says less": "says more", "says more": "says less"}
_WORDS = (
    "use",
    "avoid",
    "not",
    "never",
    "tabs",
    "spaces",
    "in",
    "and",
    "because",
    "load()",
    "is",
    "slow",
    "3",
    "4",
    ".",
    ",",
    "over",
    "if",
)
_SENTENCES = st.lists(
    st.sampled_from(_WORDS),
    max_size=9,
).map(" ".join)


@pytest.mark.parametrize("pair", [pair for pairs in _CASES.values() for pair in pairs], ids=str)
def test_the_other_way_round_less_is_more(pair: tuple[str, str]) -> None:
    found = relation(*pair)

    assert relation(*reversed(pair)) == _MIRRORED.get(found, found)


@given(_SENTENCES, _SENTENCES)
def test_what_says_less_brings_no_new_word(old: str, new: str) -> None:
    if relation(old, new) == "says less":
        assert set(new.split()) - {".", ",", "and", "not", "never", "avoid", "use"} <= set(
            old.split()
        )


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_the_same_as_itself(one: str, other: str) -> None:
    assert relation(one, one) == "same"
    relation(one, other)
