from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma_agent.memory.code.touching import History, Past, names_in, will_touch, words_of

FILES = ("app/mail.py", "app/tax.py", "docs/mail.md", "tests/test_mail.py", "tests/test_tax.py")


def first(
    goal: str = "something else entirely",
    *,
    similar: Sequence[Past] = (),
    latest: Sequence[Past] = (),
    definers: Mapping[str, Sequence[str]] | None = None,
    contents: Mapping[str, float] | None = None,
    files: Sequence[str] = FILES,
) -> list[str]:
    found = will_touch(goal, files, History(similar, latest, definers or {}, contents or {}))
    return [touch.path for touch in found]


def past(*files: str, id: str = "p", words: float = 0.0, meaning: float = 0.0) -> Past:
    return Past(id, files, words, meaning)


@pytest.mark.parametrize(("words", "meaning"), [(7.0, 0.0), (0.0, 0.7)])
def test_files_of_a_similar_goal_come_first(words: float, meaning: float) -> None:
    assert first(similar=[past("app/tax.py", words=words, meaning=meaning)]) == ["app/tax.py"]


def test_one_goal_that_is_near_outweighs_many_that_are_far() -> None:
    far = [past("app/mail.py", id=str(number), meaning=0.4) for number in range(20)]

    assert first(similar=[*far, past("app/tax.py", meaning=0.9)])[0] == "app/tax.py"


def test_words_and_meaning_together_outweigh_either() -> None:
    similar = [
        past("app/mail.py", id="a", words=9.0),
        past("docs/mail.md", id="b", meaning=0.9),
        past("app/tax.py", id="c", words=8.0, meaning=0.8),
    ]

    assert first(similar=similar)[0] == "app/tax.py"


def test_an_interaction_of_many_files_says_less_of_each() -> None:
    similar = [
        past("app/mail.py", "docs/mail.md", "tests/test_mail.py", id="a", meaning=0.8),
        past("app/tax.py", id="b", meaning=0.8),
    ]

    assert first(similar=similar)[0] == "app/tax.py"


def test_a_sweeping_interaction_says_nothing() -> None:
    everything = past(*FILES, *(f"old/{number}.py" for number in range(60)), meaning=0.9)

    assert first(similar=[everything], latest=[everything]) == []


def test_the_latest_interaction_counts_most_where_nothing_else_speaks() -> None:
    latest = [past("app/tax.py", id="new"), past("app/mail.py", id="old")]

    assert first(latest=latest) == ["app/tax.py", "app/mail.py"]


def test_a_file_touched_again_and_again_outlasts_one_touched_once() -> None:
    often = [past("app/mail.py", id=str(number)) for number in range(20)]

    assert first(latest=[*often[:2], past("app/tax.py"), *often[2:]])[0] == "app/mail.py"


@pytest.mark.parametrize(
    ("goal", "path"),
    [
        pytest.param("make taxes exact", "app/tax.py", id="another ending"),
        pytest.param("explain it in docs", "docs/mail.md", id="a folder"),
        pytest.param("speed up tests/test_tax.py", "tests/test_tax.py", id="the whole path"),
        pytest.param("see mail.md", "docs/mail.md", id="the name of the file"),
    ],
)
def test_words_of_the_path(goal: str, path: str) -> None:
    assert first(goal)[0] == path


def test_a_word_of_few_paths_says_more_than_one_of_many() -> None:
    files = ["common/b.md", "common/c.md", "common/d.md", "rare/x.md"]

    assert first("something rare, something common", files=files)[0] == "rare/x.md"


def test_the_file_that_defines_a_name_of_the_goal_comes_first() -> None:
    assert first("why is `vat_rate` 19?", definers={"vat_rate": ["app/tax.py"]}) == ["app/tax.py"]


def test_a_name_that_many_files_define_says_little() -> None:
    definers = {"run": ["app/mail.py", "docs/mail.md", "tests/test_mail.py"], "vat": ["app/tax.py"]}

    assert first("`run` and `vat`", definers=definers)[0] == "app/tax.py"


def test_a_file_that_holds_the_words_of_the_goal_better_comes_first() -> None:
    assert first(contents={"app/mail.py": 3.0, "app/tax.py": 4.0}) == ["app/tax.py", "app/mail.py"]


def test_what_was_touched_together_is_touched_together_again() -> None:
    latest = [
        past(*files, id=f"{number} {files[0]}")
        for number in range(9)
        for files in (("app/mail.py", "docs/mail.md"), ("app/tax.py", "tests/test_tax.py"))
    ]

    found = first("`vat`", definers={"vat": ["app/tax.py"]}, latest=latest)

    assert found.index("tests/test_tax.py") < found.index("docs/mail.md")


def test_only_files_that_exist_are_told() -> None:
    gone = past("app/gone.py", "app/tax.py", words=5.0)

    found = first(
        "gone",
        similar=[gone],
        latest=[gone],
        definers={"x": ["app/gone.py"]},
        contents={"app/gone.py": 1.0},
    )

    assert found == ["app/tax.py"]


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert first() == []
    assert first("mail", files=()) == []


def test_the_reasons_say_what_speaks_and_cite_the_nearest_interactions() -> None:
    similar = [
        past("app/tax.py", id=id_, meaning=near)
        for id_, near in (("a1", 0.5), ("b2", 0.9), ("c3", 0.8))
    ]
    history = History(similar, definers={"vat": ["app/tax.py"]})

    (tax, *_) = will_touch("tax.py: `vat`", FILES, history)

    assert "touched for goals like this: b2, c3" in tax.why
    assert "defines vat" in tax.why
    assert "named in the goal" in tax.why
    assert "touched just now" not in tax.why


def test_the_reason_of_a_companion_is_its_leader() -> None:
    latest = [past("app/tax.py", "tests/test_tax.py", id=str(number)) for number in range(9)]
    history = History(latest=latest, definers={"vat": ["app/tax.py"]})

    companion = will_touch("`vat`", FILES, history)[1]

    assert companion.path == "tests/test_tax.py"
    assert "touched together with app/tax.py" in companion.why


def test_no_more_than_the_limit() -> None:
    found = will_touch("mail tax tests docs", FILES, History(), limit=2)

    assert len(found) == 2


@given(st.permutations(range(6)), st.floats(0.01, 1000))
def test_neither_the_order_nor_the_scale_of_the_words_matters(
    order: list[int], scale: float
) -> None:
    similar = [
        past(
            FILES[number % 5], FILES[number % 3], id=str(number), words=number, meaning=0.1 * number
        )
        for number in range(6)
    ]
    other = [
        Past(one.id, one.files, one.words * scale, one.meaning)
        for one in (similar[place] for place in order)
    ]

    assert first(similar=other) == first(similar=similar)


@pytest.mark.parametrize(
    ("goal", "names"),
    [
        ("rename `Table` and ``x.insert_all()``", {"Table", "insert_all"}),
        ("make read_csv faster", {"read_csv"}),
        ("Fix CliRunner.invoke and getValue", {"CliRunner", "getValue"}),
        ("Add a table of contents to README", set()),
    ],
)
def test_names_in_a_goal(goal: str, names: set[str]) -> None:
    assert names_in(goal) == names


def test_words_are_whole_and_in_parts() -> None:
    assert words_of("readCSV in db/row_reader.py") == (
        "readcsv", "read", "csv", "in", "db", "row_reader", "row", "reader", "py",
    )  # fmt: skip
