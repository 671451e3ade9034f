from __future__ import annotations

import pytest

from toolset.errors import RefactoringRefused
from toolset.refactor import requests
from toolset.refactor.requests import Request
from toolset.refactor.spelling import read, sentence, usage, words_of

REQUESTS = [
    requests.Rename("a.py::load", "read"),
    requests.Rename("load", "read", docs=True),
    requests.ExtractVariable("a.py:3", "a + b", "total", every=True),
    requests.AddParameter("f", "timeout", "30", annotation="float", keyword_only=True),
    requests.AddParameter("f", "x", "-1"),
    requests.ReorderParameters("f", ("b", "a")),
    requests.SortImports(),
    requests.SortImports(("a.py", "src")),
    requests.UpgradeTyping(("a.py",), to="3.12"),
    requests.ReplacePattern("f($A)", "g($A)", ("src",), language="go"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=sentence)
def test_what_is_spelt_reads_the_same(request_: Request) -> None:
    name, *words = words_of(request_)

    assert read(name, words) == request_


def test_a_sentence_is_what_a_shell_takes() -> None:
    wanted = requests.ExtractVariable("a.py:3", "a + b", "total", every=True)

    assert sentence(wanted) == "extract-variable a.py:3 'a + b' total --every"


def test_usage_tells_arguments_and_options() -> None:
    assert usage(requests.Rename) == "rename TARGET NEW [--docs]"
    assert usage(requests.UseLogging) == "use-logging [PATHS…] [--level LEVEL]"
    assert usage(requests.ReorderParameters) == "reorder-parameters TARGET ORDER…"


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("renam", [], "no refactoring 'renam'. Known: rename,"),
        ("rename", ["a"], "It takes: rename TARGET NEW"),
        ("rename", ["a", "b", "c"], "unrecognized arguments: c"),
        ("rename", ["a", "b", "--dox"], "unrecognized arguments: --dox"),
        ("use-logging", ["--level"], "expected one argument"),
    ],
)
def test_what_spells_no_request_is_refused(name: str, words: list[str], told: str) -> None:
    with pytest.raises(RefactoringRefused) as refusal:
        read(name, words)

    assert told in str(refusal.value)
