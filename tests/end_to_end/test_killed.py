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


def killed_at(
    points: range, how: signal.Signals, project: Project, scratch: Path
) -> Iterator[dict[str, Any]]:
    """Yield what happened at each of these points, as far as the run goes: see `killing`."""
    scratch.mkdir()
    first, stride = str(points.start), str(points.step)
    command = [sys.executable, "-m", "tests.end_to_end.killing", how.name, first, stride]
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
    ("first", "stride", "how"),
    [
        pytest.param(1, 5, signal.SIGKILL, id="kill -9, every fifth point"),
        pytest.param(3, 15, signal.SIGINT, id="Ctrl-C, every fifteenth point"),
        pytest.param(1, 1, signal.SIGKILL, id="kill -9, every point", marks=pytest.mark.slow),
        pytest.param(2, 5, signal.SIGINT, id="Ctrl-C, every fifth point", marks=pytest.mark.slow),
        pytest.param(4, 5, signal.SIGTERM, id="kill, every fifth point", marks=pytest.mark.slow),
        pytest.param(1, 2, signal.SIGINT, id="Ctrl-C, odd points", marks=pytest.mark.faults),
        pytest.param(2, 2, signal.SIGINT, id="Ctrl-C, even points", marks=pytest.mark.faults),
        pytest.param(1, 2, signal.SIGTERM, id="kill, odd points", marks=pytest.mark.faults),
        pytest.param(2, 2, signal.SIGTERM, id="kill, even points", marks=pytest.mark.faults),
    ],
)
def test_a_killed_run_leaves_the_old_files_or_the_new_and_is_told(
    flat: Project, tmp_path: Path, first: int, stride: int, how: signal.Signals
) -> None:
    old, new = old_and_new(flat)

    points = list(killed_at(range(first, sys.maxsize, stride), how, flat, tmp_path / "scratch"))

    mixed = [point["point"] for point in points if point["files"] not in (old, new)]
    assert mixed == []
    assert [point["log_status"] for point in points] == [0] * len(points)
    assert points[-1]["point"] > 40, "the run takes over forty steps that could be its last"
    told_back = [one for one in points if "was taken back" in one["said"]]
    told_forward = [one for one in points if "had written all its files" in one["said"]]
    assert all(one["files"] == old for one in told_back)
    assert all(one["files"] == new for one in told_forward)
    if how == signal.SIGKILL:  # the other two are told by the run itself
        assert told_back
        assert told_forward


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
