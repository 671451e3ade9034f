"""`alma refactor`: exact refactorings by name, told as text or JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import pexpect
import pytest
from typer.testing import CliRunner

from alma_agent.terminal.refactor_commands import commands
from tests.end_to_end.conftest import ACCEPTED, ALMA, Project, clean_environment
from toolset.refactor.catalogue import KINDS

PROVEN = ("refactor", "rename", "stats.py::Cache", "Shelf")
LIKELY = ("refactor", "rename", "app.py::load", "read_csv")


def document(project: Project, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = project.alma(*arguments, "--json")
    return done.returncode, json.loads(done.stdout)["result"]


def test_list_names_every_refactoring(flat: Project) -> None:
    told = json.loads(flat.alma("refactor", "list", "--json").stdout)["result"]

    assert [one["name"] for one in told["refactorings"]] == list(KINDS)
    for one in told["refactorings"]:
        assert one["about"]
        assert one["usage"].startswith(one["name"])


@pytest.mark.parametrize("name", KINDS)
def test_each_has_its_help(name: str) -> None:
    done = CliRunner().invoke(commands(), [name, "--help"])

    assert done.exit_code == 0
    assert "--accept" in done.output


def test_yes_alone_applies_what_is_proven(flat: Project) -> None:
    code, told = document(flat, *PROVEN, "--yes")

    assert (code, told["level"], told["outcome"]) == (0, "proven", "applied"), told
    assert told["files"] == ["report.py", "stats.py", "test_report.py"]
    assert b"class Shelf" in flat.files()["stats.py"][0]


def test_yes_alone_does_not_apply_what_is_likely(flat: Project) -> None:
    before = flat.files()

    code, told = document(flat, *LIKELY, "--yes")

    assert (code, told["level"], told["outcome"]) == (3, "likely", "refused")
    assert "--accept likely" in told["reason"]
    assert flat.files() == before


def test_yes_with_accept_likely_applies_it_and_lists_what_is_left(flat: Project) -> None:
    code, told = document(flat, *LIKELY, *ACCEPTED)

    assert (code, told["outcome"]) == (0, "applied")
    assert {"path": "README.md", "line": 3, "column": 51, "kind": "document"}.items() <= (
        told["leftovers"][0].items()
    )
    assert b"def read_csv" in flat.files()["app.py"][0]
    assert flat.alma("undo", told["id"]).returncode == 0


def test_a_dry_run_tells_all_and_writes_and_remembers_nothing(flat: Project) -> None:
    before = flat.files()

    code, told = document(flat, *LIKELY, "--dry-run")

    assert (code, told["outcome"], told["id"]) == (0, "proposed", None)
    assert "+def read_csv" in told["diff"]
    assert flat.files() == before
    assert "rename" not in flat.alma("log").stdout


def test_a_dry_run_runs_the_check_and_says_that_it_failed(flat: Project) -> None:
    done = flat.alma(*LIKELY, "-n", "--check", f"{sys.executable} -c 'exit(1)'")

    assert done.returncode == 5
    assert "failed" in done.stdout


def test_a_refusal_is_a_document_too(flat: Project) -> None:
    code, told = document(flat, "refactor", "rename", "app.py::lod", "read_csv", "--yes")

    assert (code, told["level"], told["outcome"], told["files"]) == (1, "refused", "refused", [])
    assert "load" in told["reason"]


def test_several_symbols_that_fit_are_listed(flat: Project) -> None:
    (flat.root / "other.py").write_text("def mean(values): ...\n")

    code, told = document(flat, "refactor", "rename", "mean", "average")

    assert (code, told["level"]) == (3, "refused")
    assert told["candidates"] == ["other.py::mean", "stats.py::mean"]


def test_a_person_at_the_terminal_chooses_between_them(flat: Project) -> None:
    (flat.root / "other.py").write_text("def mean(values): ...\n")
    terminal = pexpect.spawn(
        ALMA[0],
        [*ALMA[1:], "run", "rename mean to average"],
        cwd=flat.root,
        env=clean_environment(),
        encoding="utf-8",
        timeout=60,
    )
    terminal.expect("Which one")
    terminal.sendline("1")
    terminal.expect("Apply this to 1 file")
    terminal.sendline("y")
    terminal.expect("Applied")
    terminal.expect(pexpect.EOF)

    assert flat.files()["other.py"][0] == b"def average(values): ...\n"


def test_paths_count_from_the_folder_that_one_is_in(shapes: Project) -> None:
    folder = shapes.root / "shapes"
    name = next(path.name for path in sorted(folder.glob("*.py")) if path.name != "__init__.py")

    done = shapes.alma("refactor", "sort-imports", name, "--json", "--dry-run", folder=folder)

    assert json.loads(done.stdout)["result"]["request"]["paths"] == [f"shapes/{name}"]


def test_the_next_run_recalls_it(flat: Project) -> None:
    flat.alma(*PROVEN, "--yes")

    assert "rename stats.py::Cache Shelf" in flat.alma("log").stdout
