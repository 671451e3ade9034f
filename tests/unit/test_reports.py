"""Reports: each in its own form, whatever stands in what it tells; none says more than was run."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any

import pytest
from lxml import etree

from alma_agent.proposals.account import RULES, Account
from alma_agent.proposals.artefact import Person, ResultDocument, decode
from alma_agent.proposals.checking import CheckRun
from alma_agent.proposals.drift import Drift
from alma_agent.proposals.landing import Landed
from alma_agent.proposals.reports import github, junit, rdjson, result, sarif, statement, text
from alma_agent.proposals.reports.escaping import (
    annotation,
    annotation_property,
    markdown,
    quoted,
    spelt,
)
from alma_agent.proposals.reports.outcome import Outcome
from alma_agent.proposals.verifying import Verified
from tests.report_schemas import require_junit, require_rdjson, require_sarif, statement_in

NOW = datetime(2026, 5, 4, 12, 30, 15, tzinfo=UTC)
ID, SHA256 = "0123456789ab", "d" * 64
INSIDE = PurePosixPath(f".alma/proposals/2026-05-04-rename-{ID}")
COMMIT, TREE, ONTO = "a" * 40, "b" * 40, "c" * 40
KINDS = ("junit", "sarif", "rdjson", "text")
NASTY = (
    "\x1b[31mred\x1b[0m \0 \x0b \ud800 \ufffe \u202egpj.exe ]]> <b>&amp;</b> \r\n"
    "::error::fake\n##[add-mask]x\n| a | `b` [l](http://e.example) <img src=x> www.e.example\n```\n"
)


def account() -> Account:
    told = Account()
    told.add("schema", "passed")
    told.add("approvals", "passed", "1 of 1 approvals: Grace <grace@example.org>")
    told.add("checks", "passed", "pytest -q", seconds=1.25, detail="3 passed")
    told.add("note", "warning", "Read this line", path="src/é a.py", line=7)
    return told


def landed(**other: Any) -> Landed:
    told: dict[str, Any] = {
        "commit": COMMIT,
        "tree": TREE,
        "ref": "refs/heads/main",
        "onto": ONTO,
        "drift": Drift("untouched", TREE, ()),
        "reviewers": (Person(name="Grace", email="grace@example.org"),),
        "checks": (CheckRun(("pytest", "-q"), 0, 1.25, "cut off", "3 passed"),),
    }
    return Landed(**told | other)


def outcome(**other: Any) -> Outcome:
    told: dict[str, Any] = {
        "command": "apply",
        "about": ID,
        "at": NOW,
        "account": account(),
        "inside": INSIDE,
        "digests": {f"{INSIDE}/proposal.json": SHA256, f"{INSIDE}/approvals/grace.json": "e" * 64},
        "landed": landed(),
    }
    return Outcome(**told | other)


def refused(message: str = "A check failed.", detail: str = "", **other: Any) -> Outcome:
    steps = Account()
    steps.add("schema", "passed")
    steps.add("checks", "failed", message, detail=detail, seconds=0.5)
    steps.add("commit", "skipped", "A check failed before")
    told = {"account": steps, "landed": None, "exit_code": 5, "message": message, "rule": "checks"}
    return outcome(**told | other)


OUTCOMES = [
    pytest.param(outcome(), id="landed"),
    pytest.param(outcome(dry_run=True, landed=landed(commit=None)), id="dry run"),
    pytest.param(outcome(landed=landed(drift=Drift("applied", TREE, ()))), id="applied"),
    pytest.param(outcome(landed=landed(ref=None)), id="detached head"),
    pytest.param(refused(), id="refused"),
    pytest.param(refused(NASTY, NASTY), id="refused with nasty text"),
    pytest.param(refused(inside=None, digests={}), id="folder not readable"),
    pytest.param(outcome(account=Account(), landed=None, exit_code=8), id="refused, no step told"),
    pytest.param(
        outcome(command="verify", landed=None, inside=None, digests={}, about="main~2..main"),
        id="verified",
    ),
]


@pytest.mark.parametrize("told", OUTCOMES)
def test_junit_is_valid(told: Outcome) -> None:
    require_junit(junit.report(told))


@pytest.mark.parametrize("told", OUTCOMES)
def test_sarif_is_valid(told: Outcome) -> None:
    require_sarif(sarif.report(told))


@pytest.mark.parametrize("told", OUTCOMES)
def test_rdjson_is_valid(told: Outcome) -> None:
    require_rdjson(rdjson.report(told))


def test_a_statement_is_one_of_in_toto_about_the_commit() -> None:
    told, _ = statement_in(statement.report(outcome()))
    assert told.type == "https://in-toto.io/Statement/v1"
    assert [dict(one.digest) for one in told.subject] == [{"gitCommit": COMMIT}]
    assert told.predicate_type == "https://slsa.dev/verification_summary/v1"


def test_a_statement_names_the_policy_and_what_was_approved() -> None:
    _, told = statement_in(statement.report(outcome()))
    assert told.verification_result == "PASSED"
    assert dict(told.policy.digest) == {"gitCommit": ONTO}
    assert {one.uri: one.digest["sha256"] for one in told.input_attestations} == {
        f"{INSIDE}/proposal.json": SHA256,
        f"{INSIDE}/approvals/grace.json": "e" * 64,
    }


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(refused(), id="refused"),
        pytest.param(outcome(dry_run=True, landed=landed(commit=None)), id="dry run"),
        pytest.param(outcome(landed=landed(drift=Drift("applied", TREE, ()))), id="applied before"),
    ],
)
def test_there_is_no_statement_where_nothing_landed(told: Outcome) -> None:
    assert statement.report(told) is None


def test_a_statement_of_commits_that_are_wrong_says_failed() -> None:
    found = (Verified(COMMIT, ID, "verified", ""), Verified(ONTO, ID, "wrong", "other tree"))
    told = outcome(command="verify", landed=None, verified=found, exit_code=8, digests={})
    whole, predicate = statement_in(statement.report(told))
    assert len(whole.subject) == 2
    assert predicate.verification_result == "FAILED"
    assert predicate.verified_levels == "FAILED"


def cases(told: Outcome) -> dict[str, list[str]]:
    tree = etree.fromstring(junit.report(told))
    return {
        str(case.get("name")).partition(":")[0]: [child.tag for child in case]
        for case in tree.iter("testcase")
    }


def test_a_step_that_was_not_run_is_skipped_in_junit() -> None:
    assert cases(refused()) == {
        "schema": ["system-out"],
        "checks": ["failure"],
        "commit": ["skipped"],
    }


def test_a_refusal_without_a_failed_step_is_a_failure_all_the_same() -> None:
    told = outcome(landed=None, exit_code=8, rule="digests", message="proposal.json was changed")
    assert cases(told)["digests"] == ["failure"]


def test_junit_counts_what_it_holds() -> None:
    suite = etree.fromstring(junit.report(refused()))[0]
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]


def test_several_steps_of_a_rule_have_names_of_their_own_in_junit() -> None:
    steps = Account()
    for command in ("ruff check", "pytest -q"):
        steps.add("checks", "passed", command)
    tree = etree.fromstring(junit.report(outcome(account=steps)))
    assert len({case.get("name") for case in tree.iter("testcase")}) == 2


def test_junit_holds_what_a_check_said() -> None:
    tree = etree.fromstring(junit.report(refused("A check failed.", "E  assert 1 == 2 & <more>")))
    (failure,) = tree.iter("failure")
    assert "E  assert 1 == 2 & <more>" in str(failure.text)


def test_characters_that_xml_cannot_hold_are_spelt_out_in_junit() -> None:
    tree = etree.fromstring(junit.report(refused(detail="\x1b[31m\0\ud800\ufffe")))
    (failure,) = tree.iter("failure")
    assert r"\x1b[31m\x00\ud800\ufffe" in str(failure.text)


def results(told: Outcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(sarif.report(told))["runs"][0]["results"]
    return found


def test_sarif_names_the_rule_the_file_and_the_line() -> None:
    (note,) = results(outcome())
    place = note["locations"][0]["physicalLocation"]
    assert (note["ruleId"], note["level"]) == ("note", "warning")
    assert place["artifactLocation"]["uri"] == "src/%C3%A9%20a.py"
    assert place["region"] == {"startLine": 7}


def test_sarif_has_every_rule_in_its_place() -> None:
    run = json.loads(sarif.report(refused()))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == list(RULES)
    assert rules[run["results"][0]["ruleIndex"]] == "checks"


def test_a_refusal_about_no_file_is_placed_at_the_proposal_in_sarif() -> None:
    (found,) = results(refused())
    place = found["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == f"{INSIDE}/proposal.json"


def test_a_refusal_has_no_place_in_sarif_where_no_folder_is_known() -> None:
    (found,) = results(refused(inside=None, digests={}))
    assert "locations" not in found


def test_passed_steps_are_no_results_and_skipped_ones_are_told_in_sarif() -> None:
    run = json.loads(sarif.report(refused()))["runs"][0]
    assert [one["ruleId"] for one in run["results"]] == ["checks"]
    (skipped,) = run["invocations"][0]["toolExecutionNotifications"]
    assert skipped["message"]["text"].startswith("commit: not run.")


def test_a_finding_keeps_its_fingerprint_when_lines_and_times_move() -> None:
    moved = account()
    moved.steps[-1] = replace(moved.steps[-1], line=90, seconds=4.0)
    before, after = results(outcome()), results(outcome(account=moved))
    assert before[0]["partialFingerprints"] == after[0]["partialFingerprints"]


def test_two_findings_have_two_fingerprints() -> None:
    steps = account()
    steps.add("note", "warning", "Another", path="src/é a.py", line=7)
    prints = {one["partialFingerprints"]["almaStep/v1"] for one in results(outcome(account=steps))}
    assert len(prints) == 2


def test_rdjson_places_a_warning() -> None:
    (told,) = json.loads(rdjson.report(outcome()))["diagnostics"]
    assert told["severity"] == "WARNING"
    assert told["location"] == {"path": "src/é a.py", "range": {"start": {"line": 7}}}


def test_annotations_are_a_command_a_line() -> None:
    assert github.commands(outcome()).splitlines() == [
        "::warning file=src/é a.py,line=7,title=alma note::Read this line",
        f"::notice title=alma apply::landed: {COMMIT} refs/heads/main",
    ]


def test_nothing_in_a_message_makes_another_annotation() -> None:
    told = github.commands(refused("no\n::error::fake\r::set-output name=x::y"))
    assert told == ("::error title=alma checks::no%0A::error::fake%0D::set-output name=x::y\n")


def test_nothing_in_a_path_ends_an_annotations_properties() -> None:
    steps = Account()
    steps.add("note", "warning", "look", path="a,line=1::b%\n.py")
    first = github.commands(outcome(account=steps)).splitlines()[0]
    assert first == "::warning file=a%2Cline=1%3A%3Ab%25%0A.py,title=alma note::look"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param("100%\r\nnext", "100%25%0D%0Anext", id="percent and line ends"),
        pytest.param("a: b, c", "a: b, c", id="colon and comma stay in a message"),
        pytest.param("\x1b[31m", r"\x1b[31m", id="escape sequence"),
    ],
)
def test_annotation(given: str, told: str) -> None:
    assert annotation(given) == told


def test_annotation_property() -> None:
    assert annotation_property("a: b, 100%") == "a%3A b%2C 100%25"


@pytest.mark.parametrize(
    "given",
    [
        "<script>x</script>",
        "[a](http://e.example)",
        "![a](x)",
        "`code`",
        "a | b",
        "*a* _b_ ~c~",
        "a\n\n# b",
        "www.e.example",
        "&lt;",
        "\\|",
        "$x$",
    ],
)
def test_markdown_shows_text_as_it_is(given: str) -> None:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
    shown = reader.render(f"told: {markdown(given)}").strip()
    plain = " ".join(given.split())
    escaped = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert shown == f"<p>told: {escaped}</p>"


def test_a_summary_is_one_table_whatever_stands_in_it() -> None:
    from markdown_it import MarkdownIt

    shown = MarkdownIt("commonmark").enable("table").render(github.summary(refused(NASTY, NASTY)))
    assert shown.count("<tr>") == 1 + 3
    assert "<img" not in shown
    assert "<a " not in shown


def test_a_summary_shows_the_end_of_long_output_and_says_so() -> None:
    output = "".join(f"line {number}\n" for number in range(500))
    told = github.summary(refused(detail=output))
    assert "(440 lines before)" in told
    assert "line 499" in told


def test_quoted_lines_are_no_commands_of_the_runner() -> None:
    lines = quoted("  ::error::x\n##[add-mask]y\n").split("\n")
    assert lines == ["  |   ::error::x", "  | ## [add-mask]y"]


def test_a_step_is_no_command_of_the_runner() -> None:
    steps = Account()
    steps.add("approvals", "passed", "##[add-mask]x\n::error::y")
    assert text.lines_of(steps.steps) == ["ok      ## [add-mask]x ::error::y"]


def test_text_that_turns_others_around_is_spelt_out() -> None:
    assert spelt("a\u202eb\u200bc\r\nd\te") == "a\\u202eb\\u200bc\nd\te"


def test_text_says_each_step_and_what_it_came_to() -> None:
    assert text.report(outcome()).splitlines() == [
        f"alma apply {ID}: landed",
        "ok      proposal.json is a proposal, in its one form",
        "ok      1 of 1 approvals: Grace <grace@example.org>",
        "ok      pytest -q (1.2 s)",
        "warning src/é a.py:7: Read this line",
        "Drift: untouched; the base moved, in other files only.",
        "Approved by Grace <grace@example.org>.",
        f"Landed: {COMMIT[:12]} on main.",
        "To push it: git push origin main",
    ]


def test_text_of_a_refusal_shows_what_was_not_run_and_what_the_check_said() -> None:
    assert text.report(refused("A check failed.", "E  assert")).splitlines() == [
        f"alma apply {ID}: refused",
        "ok      proposal.json is a proposal, in its one form",
        "FAILED  A check failed. (0.5 s)",
        "  | E  assert",
        "not run commit: A check failed before",
        "  | A check failed.",
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("told", OUTCOMES)
def test_no_report_holds_a_character_that_moves_the_cursor(told: Outcome, kind: str) -> None:
    made = import_module(f"alma_agent.proposals.reports.{kind}").report(told)
    shown = made if isinstance(made, str) else made.decode()
    assert not {one for one in shown if ord(one) < 32} - {"\n"}


def test_the_files_of_a_folder_tell_of_each_other() -> None:
    made = result.files(outcome())
    told = decode(made["result.json"], ResultDocument)
    assert sorted(made) == ["junit.xml", "result.json", "sarif.json", "statement.intoto.json"]
    assert (told.outcome, told.commit, told.ref) == ("landed", COMMIT, "refs/heads/main")
    assert told.checks[0].log.file == "junit.xml"


def test_a_result_without_readable_proposal_is_not_written() -> None:
    assert sorted(result.files(refused(digests={}))) == ["junit.xml", "sarif.json"]
