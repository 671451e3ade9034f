"""`alma outline` and `alma refs`."""

from __future__ import annotations

import json
import subprocess

from tests.end_to_end.conftest import ALMA, Project, clean_environment


def test_outline_shows_every_file_with_lines_and_complexity(flat: Project) -> None:
    told = flat.alma("outline").stdout

    assert "stats.py  (python, " in told
    assert "class Cache" in told
    assert "cognitive complexity" in told


def test_a_syntax_error_is_told_at_its_line(flat: Project) -> None:
    (flat.root / "broken.py").write_text("x = 1\ndef f(:\n")

    done = flat.alma("outline", "broken.py")

    assert done.returncode == 1
    assert "broken.py:2: " in done.stderr


def test_outline_as_json(flat: Project) -> None:
    told = json.loads(flat.alma("outline", "stats.py", "--json").stdout)["result"]

    (file,) = told["files"]
    assert file["path"] == "stats.py"
    assert any(one["qualified_name"] == "Cache.load" for one in file["symbols"])


def test_who_calls_it(flat: Project) -> None:
    told = flat.alma("refs", "app.py::load", "--calls").stdout

    assert "app.py:29: in summarise: for row in load(path):" in told
    assert "def load" not in told


def test_where_it_is_defined(flat: Project) -> None:
    assert flat.alma("refs", "app.py::load", "--definition").stdout.startswith(
        "app.py:13: def load"
    )


def test_a_reader_that_goes_early_is_no_bug(flat: Project) -> None:
    for number in range(300):
        (flat.root / f"m{number}.py").write_text(f"def function_number_{number}(): ...\n" * 40)
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(ALMA)} outline | head -1; echo ${{PIPESTATUS[0]}}"],
        cwd=flat.root,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.endswith("141\n")
    assert done.stderr == ""
