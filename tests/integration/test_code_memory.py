from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import code_memory


def commit(folder: Path, message: str, **files: str | None) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(exist_ok=True)
        path.unlink() if text is None else path.write_text(text, "utf-8")
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", folder, "add", "-A"], check=True)
    subprocess.run(["git", "-C", folder, *identity, "commit", "-qm", message], check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    commit(tmp_path, "Start the tax and mail modules", app__tax_py="", app__mail_py="")
    for number in range(6):
        commit(tmp_path, f"Round the tax of invoice {number}", app__tax_py=f"tax = {number}\n")
        commit(tmp_path, f"Retry sending mail {number}", app__mail_py=f"def send{number}(): ...\n")
    return tmp_path


def test_commits_are_read_as_interactions(repository: Path) -> None:
    commit(
        repository,
        "Merge pull request #7 from someone/drop-mail\n\nDrop mail\n\nCo-authored-by: B <b@c.d>",
        app__mail_py=None,
        app__post_py="",
    )

    *_, before, last = code_memory.Repository(repository).commits()

    assert before.goal == "Retry sending mail 5"
    assert before.blobs.keys() == {"app/mail.py"}
    assert last.goal == "drop-mail #7\n\nDrop mail"
    assert last.blobs["app/mail.py"] is None
    assert last.blobs["app/post.py"] is not None


def test_a_commit_of_new_files_alone_is_no_query(repository: Path) -> None:
    commit(repository, "Add a whole new thing", app__new_py="new = 1\n")
    commits = list(code_memory.Repository(repository).commits())

    assert code_memory.foretellable(commits, most_files=5) == list(range(1, 13))


def test_the_names_that_a_file_defines(repository: Path) -> None:
    code = "class Rate:\n    async def of(self): ...\n"
    commit(repository, "Add rates", app__rate_py=code)
    opened = code_memory.Repository(repository)
    *_, last = opened.commits()

    names = opened.defined(last.blobs["app/rate.py"] or "")
    opened.close()

    assert names == {"Rate", "of"}


def test_the_figures(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["code_memory.py", str(repository), "--queries", "6"])

    code_memory.main()

    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["queries"] == 6
    assert figures["hit@10"] == 1.0
    assert figures["mrr"] == 1.0
    assert figures["baselines"]["most frequent"]["mrr"] < 1.0
