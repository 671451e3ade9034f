"""An install by requirements-apply.lock, without models' and vectors' packages: proposals land."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from tests.conftest import git, make_repository, write_files
from tests.integration.ci_jobs import ROOT, propose

LOCK = ROOT / "requirements-apply.lock"
MODELS = ("agents", "openai", "chromadb", "onnxruntime", "tokenizers", "numpy", "httpx")
_PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)
_MISSING = (
    "import sys; from importlib.util import find_spec as f; sys.exit(any(map(f, sys.argv[1:])))"
)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python with alma and the packages of the lock file, and no others."""
    home = tmp_path_factory.mktemp("apply")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (site,) = home.glob("lib/python3*/site-packages")
    (site / "alma.pth").write_text(f"{ROOT}\n")
    for name, _ in _PINNED.findall(LOCK.read_text()):
        try:
            found = distribution(name)
        except PackageNotFoundError:  # for another system, or another Python
            continue
        for file in found.files or ():
            is_program = file.parts[-2:-1] == ("bin",) and ".." in file.parts
            if is_program:
                link = home / "bin" / file.name
            elif file.parts[0] in ("..", "__pycache__"):
                continue
            else:
                link = site / file.parts[0]
            if not link.exists():
                top = file if is_program else file.parts[0]
                link.symlink_to(Path(str(found.locate_file(top))).resolve())
    return home / "bin" / "python"


class Alma:
    """alma in a repository, run by this Python."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._python, self._folder = python, folder

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._python), "-I", "-m", "alma_agent", *arguments],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def test_no_package_for_models_is_there(python: Path) -> None:
    assert subprocess.run([python, "-I", "-c", _MISSING, *MODELS], check=False).returncode == 0
    assert subprocess.run([python, "-I", "-c", _MISSING, "msgspec"], check=False).returncode == 1


def test_a_proposal_is_reviewed_lands_and_is_verified(tmp_path: Path, python: Path) -> None:
    project = make_repository(tmp_path / "project", {"app.py": "LIMIT = 1\n"}).root
    id_ = propose(project)[-12:]
    alma = Alma(python, project)

    shown = alma("review", id_)
    alma("review", id_, "--approve", "-m", "Fine.")
    alma("apply", id_)
    alma("verify", "HEAD")
    alma("proposals", "lint")

    assert "LIMIT = 2" in shown
    assert (project / "app.py").read_text() == "LIMIT = 2\n"


@pytest.mark.slow
def test_an_exact_refactoring_is_made_again_over_a_moved_base(tmp_path: Path, python: Path) -> None:
    text = "LIMIT = 1\nA = 2\nB = 3\nC = 4\n\n\ndef load():\n    return 1\n\n\nx = load()\n"
    project = make_repository(tmp_path / "project", {"app.py": text}).root
    command = [sys.executable, "-m", "alma_agent", "propose", "rename load to fetch"]
    subprocess.run([*command, "--file", "app.py"], cwd=project, check=True, capture_output=True)
    write_files(project, {"app.py": text.replace("LIMIT = 1", "LIMIT = 7")})
    git(project, "commit", "-q", "-am", "moved")
    (place,) = (project / ".alma" / "proposals").glob("*-*")
    alma = Alma(python, project)

    alma("review", place.name[-12:], "--approve")
    alma("apply", place.name[-12:], "--drift", "replay")

    assert "def fetch" in (project / "app.py").read_text()


def test_the_group_is_of_alma_s_own_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    builds = set(project["build-system"]["requires"])

    assert set(project["dependency-groups"]["apply"]) <= {
        *project["project"]["dependencies"],
        *builds,
    }


def test_the_lock_file_has_the_versions_that_are_tested() -> None:
    tested = set(_PINNED.findall((ROOT / "requirements.lock").read_text()))
    locked = set(_PINNED.findall(LOCK.read_text()))

    assert locked
    assert locked <= tested


def test_the_lock_file_has_a_hash_for_each_package_and_names_no_host() -> None:
    text = LOCK.read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_the_lock_file_has_no_package_for_models() -> None:
    names = {name for name, _ in _PINNED.findall(LOCK.read_text())}

    assert names.isdisjoint(
        {"openai-agents", "openai", "chromadb", "onnxruntime", "tokenizers", "numpy", "httpx"}
    )
