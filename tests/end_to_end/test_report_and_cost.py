"""`alma report` and `alma cost` as programs, behind a run that asked a model."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.end_to_end.conftest import Project
from tests.model_server import Call, Say, model_server

EDIT = Call("replace_text", {"path": "app.py", "old": "Summarise sales.", "new": "Sum up sales."})
DONE = Call("finish", {"rationale": "Plainer words."})


@pytest.fixture
def worked(flat: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a project in which a model has changed something."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with model_server([Say("I look first."), EDIT, DONE]) as server:
        model = {"OPENAI_BASE_URL": server.url, "ALMA_MODEL": "small", "ALMA_EMBEDDER": "none"}
        goal = ("say it in plainer words", "--file", "app.py", "--yes")
        done = flat.alma("run", *goal, environment=model)
    assert done.returncode == 0, done.stderr
    return flat


def test_a_run_becomes_a_page_and_a_sum(worked: Project, tmp_path: Path) -> None:
    report = worked.alma("report", "-o", str(tmp_path / "report.html"))
    cost = worked.alma("cost", "--since", "1d", "--by", "model", "--json")

    assert (report.returncode, report.stdout) == (0, "")
    text = "".join(ET.parse(tmp_path / "report.html").getroot().itertext())
    for part in ("say it in plainer words", "I look first.", "replace_text", '+"""Sum up sales.'):
        assert part in text
    (one,) = json.loads(cost.stdout)["result"]["sums"]
    assert (one["name"], one["requests"], one["input_tokens"]) == ("small", 3, 300)
    assert (one["usd"], one["runs_of_unknown_price"]) == (None, 1)


def test_where_alma_has_not_worked_there_is_no_page_and_no_trace(flat: Project) -> None:
    report, cost = flat.alma("report"), flat.alma("cost")

    assert (report.returncode, report.stdout) == (0, "")
    assert (cost.returncode, cost.stdout) == (0, "Nothing was taken from a model here yet.\n")
    assert not (flat.root / ".alma").exists()
