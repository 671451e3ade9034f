"""Jobs of a forge, played on this machine: the very shell steps of action.yml and ci/gitlab.yml.

GitHub replaces `${{ inputs.NAME }}` in `env:` and runs each step by `bash -eo pipefail`; GitLab
puts a job's lines one after the other into one script. So does this. `origin` is a bare repository.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alma_agent.proposals import folder
from alma_agent.proposals.artefact import Person
from alma_agent.proposals.making import Told, made
from tests.conftest import git
from toolset.git import Repository
from toolset.trees import Entry, Trees
from toolset.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
ADA = Person(name="Ada", email="ada@example.org")
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended, all that it printed, and the outputs that it set."""

    code: int
    text: str
    outputs: Mapping[str, str]


class Runner:
    """A machine that runs jobs: a folder for its files, and alma on PATH."""

    def __init__(self, home: Path) -> None:
        self._home = home
        programs = home / "bin"
        programs.mkdir(parents=True)
        alma = programs / "alma"
        alma.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m alma_agent "$@"\n')
        alma.chmod(0o755)
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("ALMA_", "OPENAI_", "GITHUB_", "CI_", "PROPOSAL_"))
            },
            # Last, the Python that these tests run in: a bare machine has no `python`.
            "PATH": f"{programs}:{os.environ['PATH']}:{Path(sys.executable).parent}",
            "RUNNER_TEMP": str(home),
            "TMPDIR": str(home),
            "NO_COLOR": "1",
        }

    def github(
        self, checkout: Path, given: Mapping[str, str], env: Mapping[str, str] | None = None
    ) -> Ended:
        """Run the action in a checkout with these inputs; `env` is what the workflow's step has."""
        action = read_yaml(ROOT / "action.yml")
        inputs = {name: one.get("default", "") for name, one in action["inputs"].items()}
        assert given.keys() <= inputs.keys()
        inputs |= {"alma": "installed", **given}
        output, path = self._home / "output", self._home / "path"
        output.write_text("")
        path.write_text("")
        text, code = "", 0
        for step in action["runs"]["steps"]:
            environment = {
                **self.environment,
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_PATH": str(path),
                **(env or {}),
                **{name: _replaced(value, inputs) for name, value in step.get("env", {}).items()},
            }
            done = self._bash(step["run"], checkout, environment)
            text, code = text + done.stdout, done.returncode
            if code:
                break
        told = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return Ended(code, text, told)

    def on_path(self) -> list[str]:
        """Return the programs that a step put on PATH for those after it."""
        folders = (self._home / "path").read_text().splitlines()
        return sorted(one.name for folder in folders for one in Path(folder).iterdir())

    def gitlab(
        self,
        checkout: Path,
        job: str,
        env: Mapping[str, str] | None = None,
        pipeline: Document | None = None,
    ) -> Ended:
        """Run a job of ci/gitlab.yml, or of a `pipeline` that includes it, with these variables."""
        whole_pipeline = {**read_yaml(ROOT / "ci" / "gitlab.yml"), **(pipeline or {})}
        whole = _extended(whole_pipeline, job)
        variables = {
            **whole_pipeline.get("variables", {}),
            **whole["variables"],
            "CI": "true",
            "CI_DEFAULT_BRANCH": "main",
            "PROPOSAL_ALMA": "installed",
            **(env or {}),
        }
        script = "\n".join([*whole["before_script"], *whole["script"]])
        return self.script(checkout, script, variables)

    def script(self, checkout: Path, script: str, env: Mapping[str, str]) -> Ended:
        """Run a step that is a script of its own."""
        done = self._bash(script, checkout, {**self.environment, **env})
        return Ended(done.returncode, done.stdout, {})

    def _bash(
        self, script: str, folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        file = self._home / "step.sh"
        file.write_text(script)
        return subprocess.run(
            [*_BASH, str(file)],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )


class Forge:
    """A bare repository that everybody pushes to, and clones of it."""

    def __init__(self, folder: Path, first: Path) -> None:
        self._folder = folder
        self.origin = folder / "origin.git"
        git(folder, "clone", "-q", "--bare", str(first), str(self.origin))

    def clone(self, name: str, *options: str) -> Path:
        """Return a checkout of its own; `options` are git's, such as --depth=1."""
        place = self._folder / name
        git(self._folder, "clone", "-q", *options, f"file://{self.origin}", str(place))
        return place

    def at(self, branch: str = "main") -> str:
        return git(self.origin, "rev-parse", branch).strip()

    def shows(self, path: str, branch: str = "main") -> str:
        return git(self.origin, "show", f"{branch}:{path}")


def pushed(checkout: Path, message: str, branch: str = "main") -> None:
    """Commit everything in a checkout, and push it."""
    git(checkout, "add", "--all")
    git(checkout, "commit", "-q", "-m", message)
    git(checkout, "push", "-q", "origin", f"HEAD:{branch}")


def propose(
    checkout: Path, goal: str = "Raise the limit", *, old: str = "LIMIT = 1", new: str = "LIMIT = 2"
) -> str:
    """Write a proposal that changes app.py into a checkout; return its name."""
    trees = Trees(Repository(checkout))
    base = git(checkout, "rev-parse", "HEAD").strip()
    text = (checkout / "app.py").read_text().replace(old, new)
    entry = Entry("100644", trees.write_blob(text.encode()))
    result = trees.with_entries(base, {Workspace(checkout).locate("app.py"): entry})
    name, files = made(trees, base, result, Told(goal=goal, author=ADA, origin="diff"))
    folder.write(Workspace(checkout), name, files)
    return name


def read_yaml(path: Path) -> Document:
    import yaml  # type: ignore[import-untyped, unused-ignore]

    read: Document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def _replaced(value: str, inputs: Mapping[str, str]) -> str:
    def value_of(found: re.Match[str]) -> str:
        return inputs[found[1].removeprefix("inputs.")]

    return _EXPRESSION.sub(value_of, value)


def _extended(document: Document, name: str) -> Document:
    """Return a job with what it extends: GitLab merges mappings, and replaces everything else."""
    job = document[name]
    if "extends" not in job:
        return dict(job)
    below = _extended(document, job["extends"])
    variables = {**below.get("variables", {}), **job.get("variables", {})}
    return {**below, **job, "variables": variables}
