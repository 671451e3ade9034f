"""The shell steps of action.yml and ci/gitlab.yml, carried out against a bare repository."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alma_agent.proposals import folder
from alma_agent.proposals.approvals import file_names, new_approval
from alma_agent.proposals.artefact import Decision, Person, encode
from alma_agent.proposals.checking import CheckRun
from alma_agent.proposals.making import Told, made
from alma_agent.proposals.signing import sign
from tests.conftest import git, make_repository, write_files
from tests.integration.ci_jobs import ADA, ROOT, Forge, Runner, propose, pushed
from tests.ssh_keys import ssh_keygen
from toolset.git import Repository
from toolset.trees import Trees
from toolset.workspace import Workspace

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed; the group `docs` has it")

BEN = Person(name="Ben", email="ben@example.org")
APP = "def load(path):\n    return open(path).read()\n\n\nLIMIT = 1\n"
USER = "from app import load\n\nprint(load('x'))\n"
FILES = {"app.py": APP, "user.py": USER, "notes.txt": "one\ntwo\n"}
BY_MERGE = "[review]\nby-merge = true\n"
SIGNED = '[review]\nallowed-signers = "reviewers"\n'
RACER = """\
import pathlib, subprocess, sys
root = pathlib.Path(sys.argv[1])
if not (root / "done").exists():
    (root / "done").touch()
    for words in (["commit", "-qam", "first"], ["push", "-q", "origin", "HEAD:main"]):
        who = ["-c", "user.name=Racer", "-c", "user.email=racer@example.org"]
        subprocess.run(["git", *who, *words], cwd=root / "other", check=True)
"""
READS_KEYS = "import os,sys; sys.exit(any('SECRET' in one for one in os.environ.values()))"


SECRETS = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "CI_JOB_TOKEN",
    "CI_REGISTRY_PASSWORD",
    "CI_REPOSITORY_URL",
    "GITHUB_ENV",
    "GITHUB_STEP_SUMMARY",
    "GH_PAT",
    "DOCKER_AUTH_CONFIG",
    "PGPASSWORD",
    "SSH_AUTH_SOCK",
    "SSH_PRIVATE_KEY",
    "SIGNING_PASSPHRASE",
    "db_password",
    "MYSQL_PWD",
)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path / "runner")


def forge_with(tmp_path: Path, policy: str, **files: str) -> Forge:
    first = make_repository(tmp_path / "first", {**FILES, "alma.toml": policy, **files})
    return Forge(tmp_path, first.root)


def with_check(checkout: Path, name: str, *argv: str) -> None:
    """Let a proposal that was written ask for a check."""
    trees = Trees(Repository(checkout))
    document = folder.read(Workspace(checkout), name).document()
    run = CheckRun(argv, 0, 0.1, "cut off", "fine\n")
    told = Told(goal=document.goal, author=ADA, origin="diff", checks=(run,), id=document.id)
    _, files = made(trees, document.base.commit, document.result_tree, told)
    folder.write(Workspace(checkout), name, files)


def decide(
    checkout: Path, name: str, *, key: Path | None = None, decision: Decision = "approved"
) -> None:
    """Put Ben's decision into a proposal's folder, signed if there is a key."""
    found = folder.read(Workspace(checkout), name)
    approval = new_approval(
        found.document(),
        found.sha256,
        decision=decision,
        reviewer=BEN,
        reason="",
        at=datetime.now(UTC),
    )
    path = f"approvals/{file_names(approval)}"
    data = encode(approval)
    signature = {f"{path}.sig": sign(data, key)} if key else {}
    folder.add(found, {path: data, **signature})


def merged(forge: Forge, name: str = "author") -> str:
    """Have somebody propose, and the proposal merged into main; return its name."""
    author = forge.clone(name)
    proposal = propose(author)
    pushed(author, "A proposal")
    return proposal


# What the files say


def test_no_value_gets_into_the_text_of_a_script() -> None:

    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    jobs = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text()).values()
    lines = [step["run"] for step in steps]
    lines += [
        line for job in jobs for key in ("before_script", "script") for line in job.get(key, [])
    ]
    lines += [path.read_text() for path in (ROOT / "ci").glob("*.sh")]

    assert len(lines) > 10
    assert [line for line in lines if "${{" in line or "$[[" in line] == []


def test_the_action_uses_no_other_action() -> None:

    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]

    assert [step for step in steps if "uses" in step] == []
    assert all(step["shell"] == "bash" for step in steps)


def test_every_input_of_the_action_reaches_a_step() -> None:

    action = yaml.safe_load((ROOT / "action.yml").read_text())
    used = re.findall(r"\$\{\{ inputs\.(\w+) \}\}", (ROOT / "action.yml").read_text())

    assert set(used) == set(action["inputs"])


def test_scripts_stop_at_the_first_error() -> None:
    scripts = [path for path in (ROOT / "ci").glob("*.sh") if path.stem != "secretless"]

    assert scripts
    assert all("\nset -euo pipefail\n" in path.read_text() for path in scripts)


# Landing


def test_a_merged_proposal_lands_once(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    name = merged(forge)
    before = forge.at()

    first = runner.github(forge.clone("one", "--depth=1"), {"mode": "apply"})
    after = forge.at()
    again = runner.github(forge.clone("two"), {"mode": "apply"})

    assert (first.code, again.code) == (0, 0), first.text + again.text
    assert f"Pushed to origin/main: {after[:12]}." in first.text
    assert f"{name} landed before, by {after[:12]}." in again.text
    assert commands_in(again.text) == []
    assert len(again.text.splitlines()) == 3  # alma's version, that line, and that nothing is new
    assert "LIMIT = 2" in forge.shows("app.py")
    assert git(forge.origin, "rev-parse", "main~1").strip() == before
    assert name[-12:] in git(forge.origin, "log", "-1", "--format=%B", "main")
    assert first.outputs["commit"] == after == forge.at()


def test_a_signed_proposal_lands_on_gitlab(tmp_path: Path, runner: Runner) -> None:
    forge, name = _signed(tmp_path)

    ended = runner.gitlab(
        forge.clone("job", "--depth=1"),
        ".alma-apply",
        {"CI_COMMIT_BRANCH": "main", "PROPOSAL_SOURCE": str(_source(tmp_path))},
    )

    assert ended.code == 0, ended.text
    assert "Reviewed-by: Ben <ben@example.org>" in git(
        forge.origin, "log", "-1", "--format=%B", "main"
    )
    assert "LIMIT = 2" in forge.shows("app.py")
    assert (tmp_path / "job" / "alma-reports" / f"{name}.sarif").is_file()


def test_what_nobody_approved_stays_where_it_is(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, "[review]\napprovals = 1\n")
    merged(forge)
    before = forge.at()

    ended = runner.github(forge.clone("job"), {"mode": "apply"})

    assert ended.code == 0, ended.text
    assert "it has not the approvals that it needs" in ended.text
    assert forge.at() == before


def test_a_checkout_without_a_branch_is_told_what_to_set(tmp_path: Path, runner: Runner) -> None:
    """A run leaves its checkout so: the next one in it has to be told the branch."""
    checkout = make_repository(tmp_path / "one", FILES).root
    git(checkout, "checkout", "-q", "--detach")

    ended = runner.github(checkout, {"mode": "apply"})

    assert ended.code == 2, ended.text
    assert "Set PROPOSAL_ONTO" in ended.text


@pytest.mark.slow
def test_a_named_proposal_that_nobody_approved_fails(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, "[review]\napprovals = 1\n")
    name = merged(forge)
    before = forge.at()

    ended = runner.github(forge.clone("job"), {"mode": "apply", "proposals": name[-12:]})

    assert ended.code == 3, ended.text
    assert forge.at() == before


@pytest.mark.slow
def test_no_check_runs_that_only_unsigned_words_vouch_for(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, "[review]\napprovals = 1\n")
    author = forge.clone("author")
    name = propose(author)
    with_check(author, name, "touch", str(tmp_path / "ran"))
    decide(author, name)
    pushed(author, "A proposal, approved by whoever says so")
    before = forge.at()

    ended = runner.github(forge.clone("job"), {"mode": "apply"})

    assert ended.code == 3, ended.text
    assert forge.at() == before
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_a_rejected_proposal_keeps_none_from_landing(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    author = forge.clone("author")
    decide(author, propose(author), decision="rejected")
    propose(author, "Read binary", old="open(path)", new='open(path, "rb")')
    pushed(author, "Two proposals")

    ended = runner.github(forge.clone("job"), {"mode": "apply"})

    assert ended.code == 0, ended.text
    assert '"rb"' in forge.shows("app.py")
    assert "LIMIT = 1" in forge.shows("app.py")


@pytest.mark.slow
def test_a_base_that_moved_elsewhere_is_no_hindrance(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    merged(forge)
    other = forge.clone("other")
    write_files(other, {"notes.txt": "other\n"})
    pushed(other, "Elsewhere")

    ended = runner.github(forge.clone("job", "--depth=1"), {"mode": "apply"})

    assert ended.code == 0, ended.text
    assert "LIMIT = 2" in forge.shows("app.py")
    assert forge.shows("notes.txt") == "other\n"


@pytest.mark.slow
@pytest.mark.parametrize("depth", [(), ("--depth=1",)], ids=["whole clone", "depth 1"])
def test_a_base_that_moved_in_the_same_lines_is(
    tmp_path: Path, runner: Runner, depth: tuple[str, ...]
) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    merged(forge)
    other = forge.clone("other")
    write_files(other, {"app.py": APP.replace("LIMIT = 1", "LIMIT = 7")})
    pushed(other, "In its lines")
    before = forge.at()

    ended = runner.github(forge.clone("job", *depth), {"mode": "apply"})

    assert ended.code == 7, ended.text
    assert forge.at() == before


@pytest.mark.slow
def test_what_landed_long_ago_is_known_in_a_clone_of_depth_1(
    tmp_path: Path, runner: Runner
) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    merged(forge)
    assert runner.github(forge.clone("job"), {"mode": "apply"}).code == 0
    other = forge.clone("other")
    write_files(other, {"app.py": APP.replace("LIMIT = 1", "LIMIT = 7")})
    pushed(other, "Later work in its lines")
    before = forge.at()

    ended = runner.github(forge.clone("again", "--depth=1"), {"mode": "apply"})

    assert ended.code == 0, ended.text
    assert forge.at() == before


@pytest.mark.slow
def test_somebody_who_pushes_first_is_not_overwritten(tmp_path: Path, runner: Runner) -> None:
    """The check pushes to main as another would, at the worst time: after the tree was made."""
    forge = forge_with(tmp_path, f"{BY_MERGE}check-network = true\n")
    (tmp_path / "racer.py").write_text(RACER)
    author = forge.clone("author")
    name = propose(author)
    with_check(author, name, sys.executable, str(tmp_path / "racer.py"), str(tmp_path))
    pushed(author, "A proposal")
    other = forge.clone("other")
    write_files(other, {"notes.txt": "first\n"})

    ended = runner.github(forge.clone("job", "--depth=1"), {"mode": "apply"})

    assert ended.code == 0, ended.text
    assert "landing anew" in ended.text
    assert "LIMIT = 2" in forge.shows("app.py")
    assert forge.shows("notes.txt") == "first\n"
    assert git(forge.origin, "log", "-1", "--format=%s", "main~1").strip() == "first"


@pytest.mark.slow
def test_a_push_that_the_forge_forbids_is_an_error(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    merged(forge)
    hook = forge.origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'main is protected'\nexit 1\n")
    hook.chmod(0o755)
    before = forge.at()

    ended = runner.github(forge.clone("job"), {"mode": "apply"})

    assert ended.code == 1, ended.text
    assert "main is protected" in ended.text
    assert forge.at() == before


@pytest.mark.slow
def test_no_hook_of_the_checkout_runs(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    job = forge.clone("job")
    merged(forge)  # so that the job has to fetch
    git(job, "config", "core.fsmonitor", ".git/hooks/pre-push")
    for name in ("pre-push", "post-checkout", "pre-commit", "reference-transaction"):
        hook = job / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
        hook.chmod(0o755)

    ended = runner.github(job, {"mode": "apply"})

    assert ended.code == 0, ended.text
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_a_check_finds_no_key_and_no_token(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    author = forge.clone("author")
    with_check(author, propose(author), sys.executable, "-c", READS_KEYS)
    pushed(author, "A proposal")
    secrets = dict.fromkeys(SECRETS, "SECRET")

    ended = runner.github(forge.clone("job"), {"mode": "apply"}, secrets)

    assert ended.code == 0, ended.text
    assert "LIMIT = 2" in forge.shows("app.py")


@pytest.mark.slow
def test_a_proposing_check_finds_no_key_and_no_token(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    (tmp_path / "reads.py").write_text(READS_KEYS)
    given = {
        "mode": "propose",
        "goal": "rename load to read_csv",
        "file": "app.py",
        "check": f"{sys.executable} {tmp_path / 'reads.py'}",
    }

    ended = runner.github(forge.clone("job"), given, dict.fromkeys(SECRETS, "SECRET"))

    assert ended.code == 0, ended.text


@pytest.mark.slow
def test_a_statement_that_came_with_a_proposal_is_not_handed_on_as_almas(
    tmp_path: Path, runner: Runner
) -> None:
    forge = forge_with(tmp_path, BY_MERGE + 'checks = ["false"]\n')
    author = forge.clone("author")
    name = propose(author)
    (folder.read(Workspace(author), name).place / "statement.intoto.json").write_text("{}")
    git(author, "add", "--force", ".alma/proposals")
    pushed(author, "A proposal")
    job = forge.clone("job")

    ended = runner.github(job, {"mode": "apply"})

    assert ended.code == 5, ended.text
    assert not list((job / "alma-reports").glob("*.intoto.json"))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["apply", "verify"])
def test_a_link_of_the_checkout_does_not_lead_reports_elsewhere(
    tmp_path: Path, runner: Runner, mode: str
) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    author = forge.clone("author")
    propose(author)
    (author / "alma-reports").symlink_to(elsewhere)
    pushed(author, "A proposal")

    ended = runner.github(forge.clone("job"), {"mode": mode})

    assert ended.code == 2, ended.text
    assert "belongs to the repository" in ended.text
    assert not list(elsewhere.iterdir())


@pytest.mark.slow
def test_a_failing_check_lands_nothing(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE + 'checks = ["false"]\n')
    merged(forge)
    before = forge.at()

    ended = runner.github(forge.clone("job"), {"mode": "apply"})

    assert ended.code == 5, ended.text
    assert forge.at() == before


@pytest.mark.slow
def test_it_lands_on_a_branch_for_a_pull_request(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    merged(forge)
    before = forge.at()

    first = runner.github(forge.clone("job"), {"mode": "apply", "branch": "landed"})
    landed = forge.at("landed")
    again = runner.github(forge.clone("again"), {"mode": "apply", "branch": "landed"})

    assert (first.code, again.code) == (0, 0), first.text + again.text
    assert forge.at() == before
    assert "LIMIT = 2" in forge.shows("app.py", "landed")
    assert forge.at("landed") == landed


def test_values_are_values_whatever_they_hold(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    merged(forge)
    before = forge.at()
    trap = f"$(touch {tmp_path / 'ran'})"

    for name, value in (
        ("onto", f"--upload-pack={trap}"),
        ("proposals", f"--{trap}"),
        ("drift", trap),
    ):
        ended = runner.github(forge.clone(name), {"mode": "apply", name: value})
        assert ended.code == 2, ended.text

    assert forge.at() == before
    assert not (tmp_path / "ran").exists()


def test_a_mode_that_is_none_is_refused(tmp_path: Path, runner: Runner) -> None:
    ended = runner.github(make_repository(tmp_path / "one", {}).root, {"mode": "../ci/apply"})

    assert ended.code == 2
    assert "mode is propose" in ended.text


@pytest.mark.slow
def test_changes_in_the_checkout_are_not_swept_away(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    merged(forge)
    job = forge.clone("job")
    write_files(job, {"notes.txt": "mine\n"})

    ended = runner.github(job, {"mode": "apply"})

    assert ended.code == 2
    assert (job / "notes.txt").read_text() == "mine\n"


# Verifying


@pytest.mark.slow
def test_a_pull_request_does_not_lower_its_own_bar(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, "[review]\napprovals = 1\n")
    author = forge.clone("author")
    name = propose(author)
    write_files(author, {"alma.toml": "[review]\napprovals = 0\n"})
    pushed(author, "A looser policy", "theirs")
    assert runner.script(author, f"alma apply {name[-12:]}", {}).code == 0
    git(author, "push", "-q", "origin", "HEAD:theirs")
    job = forge.clone("job", "--branch=theirs")

    by_base = runner.github(job, {"mode": "verify", "base": forge.at()})
    by_itself = runner.github(job, {"mode": "verify", "range": f"{forge.at()}..HEAD"})

    assert (by_base.code, by_itself.code) == (8, 0), by_base.text + by_itself.text


def test_a_base_that_is_none_has_no_policy(tmp_path: Path, runner: Runner) -> None:
    """GitLab says so of the first push of a branch."""
    checkout = make_repository(tmp_path / "one", FILES).root
    git(checkout, "commit", "-q", "--allow-empty", "-m", "second")

    ended = runner.github(checkout, {"mode": "verify", "base": "0" * 40})

    assert ended.code == 0, ended.text


# Proposing, and the whole way


@pytest.mark.slow
def test_from_a_goal_to_a_commit(tmp_path: Path, runner: Runner) -> None:
    """An exact refactoring needs no model, so no key is here at all."""
    forge = forge_with(tmp_path, BY_MERGE)

    made_ = runner.github(
        forge.clone("propose", "--depth=1"),
        {
            "mode": "propose",
            "goal": "rename load to read_csv",
            "file": "app.py",
            "scope": "*.py\n!notes.txt",
            "check": f"{sys.executable} -c 'import app' app.py",
            "folder": str(tmp_path / "handed-over"),
        },
        {"GIT_AUTHOR_EMAIL": "", "GITHUB_ACTOR": "octo", "GITHUB_ACTOR_ID": "7"},
    )
    assert made_.code == 0, made_.text
    name = made_.outputs["proposal"]
    document = (tmp_path / "handed-over" / name / "proposal.json").read_text()
    assert '"7+octo@users.noreply.github.com"' in document
    assert forge.at() == git(tmp_path / "propose", "rev-parse", "HEAD").strip()

    opened = runner.github(
        forge.clone("open", "--depth=1"), {"mode": "open", "folder": str(tmp_path / "handed-over")}
    )
    assert opened.code == 0, opened.text
    branch = opened.outputs["branch"]
    assert branch == f"alma/{name}"
    changed = git(forge.origin, "diff", "--name-only", "main", branch).split()
    assert all(path.startswith(".alma/proposals/") for path in changed)

    person = forge.clone("person")
    git(person, "merge", "-q", "--no-ff", "-m", "Approved", f"origin/{branch}")
    git(person, "push", "-q", "origin", "main")
    applied = runner.github(forge.clone("apply", "--depth=1"), {"mode": "apply"})
    assert applied.code == 0, applied.text
    assert "def read_csv" in forge.shows("app.py")
    assert "read_csv" in forge.shows("user.py")

    verified = runner.github(
        forge.clone("verify", "--depth=1"),
        {"mode": "verify", "range": "main~1..main", "every": "true"},
    )
    assert verified.code == 0, verified.text


@pytest.mark.slow
def test_opening_again_finds_its_own_branch(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    name = _handed_over(forge, tmp_path / "over")
    (tmp_path / "over" / name / "result.json").write_text("{}")  # it is of nobody's landing here

    first = runner.github(forge.clone("one"), {"mode": "open", "folder": str(tmp_path / "over")})
    there = forge.at(f"alma/{name}")
    again = runner.github(forge.clone("two"), {"mode": "open", "folder": str(tmp_path / "over")})

    assert (first.code, again.code) == (0, 0), first.text + again.text
    assert forge.at(f"alma/{name}") == there
    added = git(forge.origin, "diff", "--name-only", "main", f"alma/{name}").split()
    assert ".alma/proposals/.gitignore" in added
    assert not [path for path in added if path.endswith("result.json")]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["link", "hidden", "byte", "other file"])
def test_what_the_proposing_job_did_not_make_is_not_opened(
    tmp_path: Path, runner: Runner, how: str
) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    place = tmp_path / "over" / _handed_over(forge, tmp_path / "over")
    match how:
        case "link":
            (place / "approvals").symlink_to("/etc")
        case "hidden":
            (place / ".gitattributes").write_text("* filter=x\n")
        case "byte":
            (patch,) = place.glob("*.patch")
            patch.write_bytes(patch.read_bytes().replace(b"LIMIT = 2", b"LIMIT = 3"))
        case _:
            (place / "run.sh").write_text("echo\n")

    ended = runner.github(forge.clone("job"), {"mode": "open", "folder": str(tmp_path / "over")})

    assert ended.code == 8, ended.text
    assert git(forge.origin, "branch", "--format=%(refname:short)").split() == ["main"]


@pytest.mark.slow
def test_line_ends_stay_as_they_were_signed(tmp_path: Path, runner: Runner) -> None:
    attributes = {".gitattributes": "* text=auto\n"}
    forge = forge_with(tmp_path, BY_MERGE, **attributes)
    author = forge.clone("author")
    name = propose(author, old="LIMIT = 1\n", new="LIMIT = 2\r\n")
    shutil.copytree(author / ".alma" / "proposals" / name, tmp_path / "over" / name)

    opened = runner.github(forge.clone("open"), {"mode": "open", "folder": str(tmp_path / "over")})
    person = forge.clone("person")
    git(person, "merge", "-q", f"origin/alma/{name}")
    git(person, "push", "-q", "origin", "HEAD:main")
    applied = runner.github(forge.clone("apply"), {"mode": "apply"})

    assert (opened.code, applied.code) == (0, 0), opened.text + applied.text
    assert "LIMIT = 2\r\n" in blob_of(forge, "app.py")


@pytest.mark.slow
def test_lint_tells_of_everything(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    name = merged(forge)
    job = forge.clone("job")
    (job / ".alma" / "proposals" / name / "proposal.json").write_text("{}\n")

    ended = runner.github(job, {"mode": "lint"})

    assert ended.code == 8, ended.text


def blob_of(forge: Forge, path: str) -> str:
    command = ["git", "cat-file", "blob", f"main:{path}"]
    return subprocess.run(
        command, cwd=forge.origin, capture_output=True, check=True
    ).stdout.decode()


@pytest.mark.slow
def test_no_line_of_others_is_a_command_to_the_runner(tmp_path: Path, runner: Runner) -> None:
    forge = forge_with(tmp_path, BY_MERGE)
    author = forge.clone("author")
    name = propose(author, "Raise it\n::error::from the goal")
    with_check(author, name, "sh", "-c", "echo '::error::from the check'; exit 1")
    pushed(author, "A proposal")

    ended = runner.github(forge.clone("job"), {"mode": "apply"})

    assert ended.code == 5, ended.text
    assert "from the check" in ended.text
    heard = commands_in(ended.text)
    assert any(line.startswith("::error") for line in heard)
    assert not [line for line in heard if line.startswith("::error::from")]


@pytest.mark.slow
def test_no_line_of_a_proposing_check_is_a_command_to_the_runner(
    tmp_path: Path, runner: Runner
) -> None:
    given = {
        "mode": "propose",
        "goal": "rename load to read_csv",
        "file": "app.py",
        "check": "sh -c \"echo '::error::from the check'; exit 1\"",
    }

    ended = runner.github(forge_with(tmp_path, BY_MERGE).clone("job"), given)

    assert ended.code == 5, ended.text
    assert "::error::from the check" in ended.text
    assert commands_in(ended.text) == []


def commands_in(text: str) -> list[str]:
    """Return the lines that GitHub's runner takes for commands."""
    heard, mark = [], ""
    for line in map(str.strip, text.splitlines()):
        if mark:
            mark = "" if line == f"::{mark}::" else mark
        elif found := re.fullmatch("::stop-commands::(.+)", line):
            mark = found[1]
        elif line.startswith("::") or "##[" in line:
            heard.append(line)
    return heard


# Installing


@pytest.mark.parametrize(
    ("mode", "lock"),
    [("apply", "requirements-apply.lock"), ("propose", "requirements.lock")],
)
def test_what_is_installed_is_locked(tmp_path: Path, runner: Runner, mode: str, lock: str) -> None:
    """A Python that only writes down what it was told takes the place of the real one."""
    told = tmp_path / "told"
    stub = tmp_path / "python"
    stub.write_text(
        f"""#!/bin/sh\nprintf "%s\\n" "$*" >> {told}\n"""
        """if [ "$2" = venv ]; then mkdir -p "$5/bin"; cp "$0" "$5/bin/python"; fi\n"""
    )
    stub.chmod(0o755)
    given = {"mode": mode, "alma": "", "python": str(stub)}

    runner.github(make_repository(tmp_path / "one", {}).root, given)

    lines = told.read_text().splitlines()
    assert any(f"--require-hashes --requirement {ROOT}/{lock}" in line for line in lines)
    assert lines[-1].endswith(f"install --no-deps --no-build-isolation {ROOT}")
    assert runner.on_path() == ["alma"]
    # Else a `pip.py` of the checkout that it is run in would take pip's place.
    assert all(line.startswith("-Im ") for line in lines)


# pre-commit


@pytest.mark.slow
def test_the_hook_verifies_what_is_pushed(tmp_path: Path, runner: Runner) -> None:
    import shlex

    forge = forge_with(tmp_path, BY_MERGE)
    merged(forge)
    assert runner.github(forge.clone("job"), {"mode": "apply"}).code == 0
    clone = forge.clone("clone")
    (hook,) = (
        one
        for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
        if one["id"] == "alma-verify"
    )
    git(clone, "commit", "--amend", "-q", "--allow-empty", "-m", _forged(clone))

    codes = [
        subprocess.run(
            shlex.split(hook["entry"]),
            cwd=clone,
            env={**runner.environment, "PRE_COMMIT_FROM_REF": from_, "PRE_COMMIT_TO_REF": to},
            check=False,
        ).returncode
        for from_, to in (("origin/main~1", "origin/main"), ("origin/main~1", "HEAD"))
    ]

    assert codes == [0, 8]


def _forged(clone: Path) -> str:
    write_files(clone, {"app.py": (clone / "app.py").read_text() + "import os\n"})
    git(clone, "add", "app.py")
    return git(clone, "log", "-1", "--format=%B")


def _signed(tmp_path: Path) -> tuple[Forge, str]:
    """Return a forge whose main has a proposal that Ben, a known signer, has approved."""
    key = tmp_path / "key"
    ssh_keygen("-q", "-t", "ed25519", "-N", "", "-f", str(key))
    reviewers = f"ben@example.org {key.with_suffix('.pub').read_text()}"
    forge = forge_with(tmp_path, SIGNED, reviewers=reviewers)
    author = forge.clone("author")
    name = propose(author)
    decide(author, name, key=key)
    pushed(author, "A proposal, approved")
    return forge, name


def _handed_over(forge: Forge, place: Path) -> str:
    author = forge.clone("author")
    name = propose(author)
    shutil.copytree(author / ".alma" / "proposals" / name, place / name)
    return name


def _source(tmp_path: Path) -> Path:
    """Return a repository with alma's scripts, as GitLab's jobs fetch it."""
    source = tmp_path / "alma"
    shutil.copytree(ROOT / "ci", source / "ci")
    make_repository(source, {})
    return source
