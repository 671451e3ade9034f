"""Whatever point a run is killed at, the files are the old ones or the new ones, and it is told."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import ACCEPTED, Project, clean_environment

RENAME = ("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)
TOP = Path(__file__).parents[2]


def killed_at_every(
    stride: int, how: signal.Signals, project: Project, scratch: Path
) -> Iterator[dict[str, Any]]:
    """Yield what happened at each point: see `killing`."""
    scratch.mkdir()
    command = [sys.executable, "-m", "tests.end_to_end.killing", how.name, "1", str(stride)]
    with subprocess.Popen(
        [*command, str(project.root), str(scratch), *RENAME],
        cwd=TOP,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield from map(json.loads, process.stdout)
    assert process.returncode == 0


def old_and_new(project: Project) -> tuple[dict[str, str], dict[str, str]]:
    """Return the files before and after an undisturbed run, as `killing` gives them."""
    before = {name: data.decode("latin-1") for name, (data, _) in project.files().items()}
    assert project.alma(*RENAME).returncode == 0
    after = {name: data.decode("latin-1") for name, (data, _) in project.files().items()}
    assert before != after
    assert project.alma("undo").returncode == 0
    return before, after


@pytest.mark.parametrize(
    ("stride", "how"),
    [
        pytest.param(9, signal.SIGKILL, id="kill -9, every ninth point"),
        pytest.param(13, signal.SIGINT, id="Ctrl-C, every thirteenth point"),
        pytest.param(1, signal.SIGKILL, id="kill -9, every point", marks=pytest.mark.slow),
        pytest.param(1, signal.SIGINT, id="Ctrl-C, every point", marks=pytest.mark.slow),
        pytest.param(1, signal.SIGTERM, id="kill, every point", marks=pytest.mark.slow),
    ],
)
def test_a_killed_run_leaves_the_old_files_or_the_new(
    flat: Project, tmp_path: Path, stride: int, how: signal.Signals
) -> None:
    old, new = old_and_new(flat)

    points = list(killed_at_every(stride, how, flat, tmp_path / "scratch"))

    mixed = [point["point"] for point in points if point["files"] not in (old, new)]
    assert mixed == []
    assert [point["log_status"] for point in points] == [0] * len(points)
    assert points[-1]["point"] > 40, "the run takes over forty steps that could be its last"


def test_the_next_command_tells_what_became_of_a_killed_run(flat: Project, tmp_path: Path) -> None:
    old, new = old_and_new(flat)

    points = list(killed_at_every(3, signal.SIGKILL, flat, tmp_path / "scratch"))

    told_back = [one for one in points if "was taken back" in one["said"]]
    told_forward = [one for one in points if "had written all its files" in one["said"]]
    assert {json.dumps(one["files"]) for one in told_back} == {json.dumps(old)}
    assert {json.dumps(one["files"]) for one in told_forward} == {json.dumps(new)}


def test_a_run_killed_by_the_clock_leaves_the_old_files_or_the_new(flat: Project) -> None:
    before = flat.files()
    for milliseconds in range(300, 1500, 150):
        process = subprocess.Popen(
            [sys.executable, "-m", "alma_agent", *RENAME],
            cwd=flat.root,
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert flat.alma("log").returncode == 0
        if flat.files() != before:
            assert flat.alma("undo").returncode == 0
        assert flat.files() == before
