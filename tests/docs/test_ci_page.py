"""The jobs that docs/how-to/ci.md shows, carried out; `test_console_blocks` has its commands."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import git, make_repository
from tests.integration.ci_jobs import ROOT, Forge, Runner

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed; the group `docs` has it")

Document = dict[str, Any]
PAGE = ROOT / "docs" / "how-to" / "ci.md"
GITHUB, CHECKS, GITLAB, PRE_COMMIT = map(
    yaml.safe_load,
    re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE),
)
FILES = {
    "app.py": "def load(path):\n    return path\n",
    "alma.toml": "[review]\nby-merge = true\n",
}
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path / "runner")


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path, make_repository(tmp_path / "first", FILES).root)


def played(
    runner: Runner, checkout: Path, job: Document, context: Mapping[str, str]
) -> dict[str, str]:
    """Carry out the steps of a job; return all that its expressions may name afterwards."""
    known = dict(context)
    artefacts = checkout.parent / "artefacts"
    for step in job["steps"]:
        action = step.get("uses", "").partition("@")[0]
        given = {name: filled(value, known) for name, value in step.get("with", {}).items()}
        env = {name: filled(value, known) for name, value in step.get("env", {}).items()}
        match action:
            case "actions/checkout":
                continue
            case "actions/upload-artifact":
                shutil.copytree(checkout / given["path"], artefacts / given["name"])
                continue
            case "actions/download-artifact":
                shutil.copytree(artefacts / given["name"], checkout / given["path"])
                continue
            case "OWNER/alma":
                ended = runner.github(checkout, given, env)
            case _:
                ended = runner.script(checkout, step["run"], env)
        assert ended.code == 0, ended.text
        known |= {
            f"steps.{step.get('id')}.outputs.{name}": it for name, it in ended.outputs.items()
        }
    return known


def filled(value: object, known: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: known[found[1]], str(value))


def merged(forge: Forge, branch: str) -> None:
    """Have a person merge a pull request."""
    person = forge.clone("person")
    git(person, "merge", "-q", "--no-ff", "-m", "Merge", f"origin/{branch}")
    git(person, "push", "-q", "origin", "HEAD:main")


def with_gh(runner: Runner, tmp_path: Path) -> Path:
    """Put a `gh` on PATH that writes down what it is asked; there is no forge to ask here."""
    asked = tmp_path / "asked"
    program = tmp_path / "runner" / "bin" / "gh"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {asked}\n')
    program.chmod(0o755)
    assert runner.environment["PATH"].startswith(str(program.parent))
    return asked


@pytest.mark.slow
def test_the_jobs_on_github_bring_a_goal_onto_main(
    forge: Forge, runner: Runner, tmp_path: Path
) -> None:
    asked = with_gh(runner, tmp_path)
    jobs = GITHUB["jobs"]
    context = {
        "inputs.goal": "rename load to read_csv",
        "inputs.file": "app.py",
        "secrets.OPENAI_API_KEY": "sk-of-nobody",
        "github.token": "token-of-nobody",
    }

    known = played(runner, forge.clone("propose", "--depth=1"), jobs["propose"], context)
    opened = played(runner, forge.clone("open", "--depth=1"), jobs["open"], context)
    branch = opened["steps.alma.outputs.branch"]
    assert f"alma/{known['steps.alma.outputs.proposal']}" == branch
    assert asked.read_text().splitlines()[:4] == ["pr", "create", "--head", branch]
    pull_request = {"github.event.pull_request.base.sha": forge.at()}
    played(
        runner, forge.clone("checks", f"--branch={branch}"), CHECKS["jobs"]["checks"], pull_request
    )
    merged(forge, branch)
    played(runner, forge.clone("apply", "--depth=1"), jobs["apply"], {})

    assert "def read_csv" in forge.shows("app.py")


@pytest.mark.slow
def test_the_jobs_on_gitlab_bring_a_goal_onto_main(
    forge: Forge, runner: Runner, tmp_path: Path
) -> None:
    git(forge.origin, "config", "receive.advertisePushOptions", "true")
    source = tmp_path / "alma"
    shutil.copytree(ROOT / "ci", source / "ci")
    make_repository(source, {})
    variables = {
        "PROPOSAL_SOURCE": str(source),
        "PROPOSAL_SOURCE_REF": "HEAD",
        "CI_COMMIT_BRANCH": "main",
    }
    goal = {"PROPOSAL_GOAL": "rename load to read_csv", "PROPOSAL_FILE": "app.py"}

    def job(name: str, **more: str) -> Path:
        checkout = forge.clone(f"{name}-job", "--depth=1")
        git(checkout, "checkout", "-q", "--detach")
        if name == "open":
            shutil.copytree(tmp_path / "propose-job" / "alma-proposal", checkout / "alma-proposal")
        ended = runner.gitlab(checkout, name, {**variables, **more}, GITLAB)
        assert ended.code == 0, ended.text
        return checkout

    job("propose", **goal)
    job("open", **goal)
    (branch,) = git(forge.origin, "branch", "--format=%(refname:short)", "--list", "alma/*").split()
    merged(forge, branch)
    job("lint")
    job("apply")

    assert "def read_csv" in forge.shows("app.py")


def test_no_job_has_both_a_key_and_the_right_to_write() -> None:
    for name, job in GITHUB["jobs"].items():
        may_write = "write" in job["permissions"].values()
        assert ("secrets." in str(job)) != may_write, name


def test_the_job_with_the_key_keeps_no_token() -> None:
    checkout = GITHUB["jobs"]["propose"]["steps"][0]

    assert checkout["with"] == {"persist-credentials": False}


def test_no_value_gets_into_the_text_of_a_script() -> None:
    steps = [step for job in GITHUB["jobs"].values() for step in job["steps"]]
    scripts = [step["run"] for step in steps if "run" in step]

    assert scripts
    assert [one for one in scripts if "${{" in one] == []


def test_the_hooks_are_those_that_there_are() -> None:
    named = {hook["id"] for repository in PRE_COMMIT["repos"] for hook in repository["hooks"]}
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

    assert named == {hook["id"] for hook in hooks}
