"""`alma apply` and `alma verify`: what they say, what they report, how they end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from alma_agent.errors import NeedsHuman, UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.proposals import folder
from alma_agent.proposals.approvals import file_names, new_approval
from alma_agent.proposals.artefact import Person, ResultDocument, decode, encode
from alma_agent.proposals.checking import CheckRun
from alma_agent.proposals.landing import Wanted
from alma_agent.proposals.refusals import ChecksFailed, NotApproved, NotSound
from alma_agent.terminal import configured
from alma_agent.terminal.consoles import manner, speak
from alma_agent.terminal.proposals.applying import apply_proposal
from alma_agent.terminal.proposals.report_options import asked_reports
from alma_agent.terminal.proposals.reporting import ReportsMissing
from alma_agent.terminal.proposals.verify_commits import verify_commits
from tests.conftest import git, make_repository, tree
from tests.end_to_end.conftest import clean_environment
from tests.forked import run
from tests.made_proposals import proposed
from tests.report_schemas import require_junit, require_rdjson, require_sarif, statement_in
from toolset.workspace import Workspace

GRACE = Person(name="Grace", email="grace@example.org")
IN_FOLDER = ("junit.xml", "result.json", "sarif.json", "statement.intoto.json")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    workspace = make_repository(tmp_path / "project", {"a.py": "x = 1\n", "b.py": "y = 2\n"})
    monkeypatch.chdir(workspace.root)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    speak(json=False, quiet=False, verbose=False)
    yield workspace
    speak(json=False, quiet=False, verbose=False)


@pytest.fixture
def approved(project: Workspace) -> tuple[str, Path]:
    """Return an approved proposal's id and folder."""
    id_, place = proposed(project, {"a.py": "y = 1\n"})
    approve(project, id_)
    return id_, place


def approve(project: Workspace, id_: str) -> None:
    found = folder.find(project, id_)
    approval = new_approval(
        found.document(),
        found.sha256,
        decision="approved",
        reviewer=GRACE,
        reason="",
        at=datetime.now(UTC),
    )
    folder.add(found, {f"approvals/{file_names(approval)}": encode(approval)})


def checked(*argv: str) -> CheckRun:
    """Return a check that a proposal brings along, to be run again where it lands."""
    return CheckRun(argv, 0, 0.1, "cut off", "")


def apply(id_: str, *reports: str, yes: bool = False, **wanted: Any) -> int:
    asked = asked_reports(reports, has_folder=not wanted.get("dry_run"), json=manner.json)
    return apply_proposal(id_, Wanted(**wanted), asked, yes=yes)


def verify(revision: str, *reports: str, every: bool = False) -> int:
    return verify_commits(revision, asked_reports(reports, has_folder=False), every=every)


def head(project: Workspace, ref: str = "HEAD") -> str:
    return git(project.root, "rev-parse", ref).strip()


def result(place: Path) -> ResultDocument:
    return decode((place / "result.json").read_bytes(), ResultDocument)


def endings(junit: bytes) -> dict[str, str]:
    """Return how each rule's last step ended in a JUnit report."""
    return {
        str(case.get("name")).partition(":")[0]: case[0].tag
        for case in etree.fromstring(junit).iter("testcase")
    }


def test_it_says_what_it_came_to_and_how_to_push_it(
    project: Workspace, approved: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(approved[0]) == 0

    assert capsys.readouterr().out.splitlines()[-4:] == [
        "Drift: exact; the base is where the proposal left it.",
        "Approved by Grace <grace@example.org>.",
        f"Landed: {head(project)[:12]} on main.",
        "To push it: git push origin main",
    ]


def test_it_says_of_each_check_that_it_was_run(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    id_, _ = proposed(project, {"a.py": "y = 1\n"}, checks=(checked("true"),))
    approve(project, id_)

    apply(id_, yes=True)

    assert "ok      true: passed" in capsys.readouterr().out


def test_checks_that_nobody_vouches_for_need_a_yes(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    id_, place = proposed(project, {"a.py": "y = 1\n"}, checks=(checked("touch", "was run"),))
    approve(project, id_)
    before = head(project)

    with pytest.raises(NeedsHuman) as refused:
        apply(id_)

    cure = f"Look at it and approve it here (alma review {id_} --approve), or say --yes."
    assert str(refused.value).splitlines() == [
        "The proposal's checks are commands that came with it, and nobody has vouched for them:",
        "  touch 'was run'",
        f"Nothing was run or written. {cure}",
    ]
    assert (head(project), result(place).exit_code) == (before, ExitCode.NEEDS_HUMAN)
    assert "was run" not in capsys.readouterr().out


def test_the_users_own_check_needs_no_yes(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configured, "_process", configured._Process())  # as when alma starts
    monkeypatch.setenv("ALMA_CHECK", "test -f a.py")
    id_, _ = proposed(project, {"a.py": "y = 1\n"}, checks=(checked("test", "-f", "a.py"),))
    approve(project, id_)

    assert apply(id_) == 0


def test_what_landed_has_every_report_in_its_folder(
    project: Workspace, approved: tuple[str, Path]
) -> None:
    id_, place = approved

    apply(id_)

    junit, _, sarif, statement = ((place / name).read_bytes() for name in IN_FOLDER)
    require_junit(junit)
    require_sarif(sarif)
    (subject,) = statement_in(statement)[0].subject
    assert dict(subject.digest) == {"gitCommit": head(project)}
    told = result(place)
    assert (told.outcome, told.commit, told.ref) == ("landed", head(project), "refs/heads/main")
    assert told.reviewers == [GRACE]


def test_a_folder_with_reports_is_still_a_proposal(
    project: Workspace, approved: tuple[str, Path]
) -> None:
    apply(approved[0])
    assert apply(approved[0], branch="other", onto=head(project, "main~1")) == 0


def test_what_is_refused_is_reported_before_the_exit_code(project: Workspace) -> None:
    id_, place = proposed(project, {"a.py": "y = 1\n"})
    before = head(project)

    with pytest.raises(NotApproved):
        apply(id_)

    assert (result(place).outcome, result(place).exit_code) == ("refused", ExitCode.NEEDS_HUMAN)
    told = endings((place / "junit.xml").read_bytes())
    assert (told["approvals"], told["checks"]) == ("failure", "skipped")
    require_sarif((place / "sarif.json").read_bytes())
    assert not (place / "statement.intoto.json").exists()
    assert head(project) == before


def test_a_failed_check_is_shown_and_kept_with_what_it_said(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    fails = (sys.executable, "-c", "print('::error::no'); raise SystemExit(3)")
    id_, place = proposed(project, {"a.py": "y = 1\n"}, checks=(checked(*fails),))
    approve(project, id_)

    with pytest.raises(ChecksFailed):
        apply(id_, yes=True)

    assert "  | ::error::no" in capsys.readouterr().out.splitlines()
    (failure,) = etree.fromstring((place / "junit.xml").read_bytes()).iter("failure")
    assert "::error::no" in str(failure.text)


def test_a_dry_run_leaves_no_report_in_the_folder(
    project: Workspace, approved: tuple[str, Path]
) -> None:
    before = head(project), sorted(approved[1].rglob("*"))

    assert apply(approved[0], dry_run=True) == 0

    assert (head(project), sorted(approved[1].rglob("*"))) == before


def test_a_dry_run_is_reported_where_a_file_is_named(
    approved: tuple[str, Path], tmp_path: Path
) -> None:
    apply(approved[0], f"junit={tmp_path}/junit.xml", dry_run=True)
    told = endings((tmp_path / "junit.xml").read_bytes())
    assert (told["approvals"], told["commit"]) == ("system-out", "skipped")


def test_a_proposal_that_is_there_already_is_told_and_keeps_its_reports(
    project: Workspace, approved: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    id_, place = approved
    apply(id_)
    before = {name: (place / name).read_bytes() for name in IN_FOLDER}
    capsys.readouterr()

    assert apply(id_) == 0

    assert f"Already applied: {head(project)[:12]}." in capsys.readouterr().out
    assert {name: (place / name).read_bytes() for name in IN_FOLDER} == before


def test_where_no_report_says_that_it_landed_one_says_that_it_is_there(
    approved: tuple[str, Path],
) -> None:
    id_, place = approved
    apply(id_)
    for name in IN_FOLDER:
        (place / name).unlink()

    apply(id_)

    assert result(place).outcome == "already applied"
    assert not (place / "statement.intoto.json").exists()


def test_a_refusal_of_before_does_not_stay_when_it_has_landed(project: Workspace) -> None:
    id_, place = proposed(project, {"a.py": "y = 1\n"})
    with pytest.raises(NotApproved):
        apply(id_)
    approve(project, id_)

    apply(id_)

    assert result(place).outcome == "landed"


def test_a_broken_folder_is_reported_where_a_file_is_named(
    approved: tuple[str, Path], tmp_path: Path
) -> None:
    (approved[1] / "result.json").symlink_to("/etc/passwd")

    with pytest.raises(NotSound):
        apply(approved[0], f"junit={tmp_path}/junit.xml")

    assert endings((tmp_path / "junit.xml").read_bytes()) == {"paths": "failure"}


def test_reports_that_the_folder_cannot_take_are_told(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    id_, place = proposed(
        project,
        {"a.py": "y = 1\n"},
        checks=(checked("sh", "-c", f"mv {project.root}/.alma/proposals {project.root}/.alma/x"),),
    )
    approve(project, id_)

    assert apply(id_, yes=True) == 0

    assert f"could not be put into .alma/proposals/{place.name}" in capsys.readouterr().err
    assert git(project.root, "show", "HEAD:a.py") == "y = 1\n"


def test_a_report_that_fails_after_the_branch_was_moved_says_that_the_commit_is_there(
    project: Workspace, tmp_path: Path
) -> None:
    in_the_way = checked("mkdir", str(tmp_path / "junit.xml"))
    id_, _ = proposed(project, {"a.py": "y = 1\n"}, checks=(in_the_way,))
    approve(project, id_)

    with pytest.raises(ReportsMissing) as told:
        apply(id_, f"junit={tmp_path}/junit.xml", yes=True)

    assert f"The commit is there all the same: {head(project)} on refs/heads/main" in str(
        told.value
    )
    assert git(project.root, "show", "HEAD:a.py") == "y = 1\n"


def test_rdjson_has_standard_output_to_itself(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    id_, place = proposed(project, {"a.py": "y = 1\n"})

    with pytest.raises(NotApproved):
        apply(id_, "rdjson")

    out = capsys.readouterr().out.encode()
    require_rdjson(out)
    (told,) = json.loads(out)["diagnostics"]
    assert told["location"]["path"] == f".alma/proposals/{place.name}/proposal.json"


def test_annotations_go_to_standard_output(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    id_, _ = proposed(project, {"a.py": "y = 1\n"})

    with pytest.raises(NotApproved):
        apply(id_, "github")

    commands = [one for one in capsys.readouterr().out.splitlines() if one.startswith("::")]
    assert len(commands) == 1
    assert commands[0].startswith("::error title=alma approvals::")


def test_a_summary_is_added_to_githubs_page(
    approved: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# before\n\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))

    apply(approved[0], "summary")

    assert page.read_text().startswith("# before\n\n### alma apply: Rename x to y\n")


@pytest.mark.parametrize(
    ("reports", "told"),
    [
        pytest.param(["html"], "There is no report 'html'", id="unknown"),
        pytest.param(["junit="], "names no file", id="no name"),
        pytest.param(["junit=a.py"], "belongs to the repository", id="a tracked file"),
        pytest.param(["junit=no/such/x.xml"], "there is no folder", id="no folder"),
        pytest.param(["junit=x", "sarif=x"], "Two reports cannot go to x", id="one file twice"),
        pytest.param(["rdjson", "junit=-"], "one document, not rdjson and junit", id="two at once"),
    ],
)
def test_a_report_that_cannot_be_is_refused_before_anything_is_done(
    project: Workspace, approved: tuple[str, Path], reports: list[str], told: str
) -> None:
    before = head(project), tree(project.root)

    with pytest.raises(UsageError, match=told):
        apply(approved[0], *reports)

    assert (head(project), tree(project.root)) == before


def test_a_report_does_not_follow_a_link_of_the_repository(
    project: Workspace, approved: tuple[str, Path], tmp_path: Path
) -> None:
    (project.root / "link.xml").symlink_to(tmp_path / "elsewhere.xml")
    git(project.root, "add", "link.xml")
    git(project.root, "commit", "-q", "-m", "a link")

    with pytest.raises(UsageError, match="belongs to the repository"):
        apply(approved[0], "junit=link.xml")

    assert not (tmp_path / "elsewhere.xml").exists()


def test_a_dry_run_has_no_folder_to_report_into(approved: tuple[str, Path]) -> None:
    with pytest.raises(UsageError, match="--report junit=FILE"):
        apply(approved[0], "junit", dry_run=True)


@pytest.mark.usefixtures("project")
def test_json_leaves_no_room_for_a_document() -> None:
    with pytest.raises(UsageError, match="not rdjson and --json"):
        asked_reports(["rdjson"], has_folder=True, json=True)


def test_quietly_it_says_only_what_it_came_to(
    approved: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    speak(json=False, quiet=True, verbose=False)
    apply(approved[0])
    assert capsys.readouterr().out.startswith("Drift: exact")


def test_a_commit_that_was_applied_is_verified(
    project: Workspace, approved: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    apply(approved[0])
    capsys.readouterr()

    assert verify("HEAD") == 0

    assert f"{head(project)[:12]} verified (proposal {approved[0]})" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_a_commit_that_is_no_proposal_fails() -> None:
    assert verify("HEAD") == ExitCode.FAILED


def test_in_a_range_commits_that_are_no_proposals_are_listed(
    project: Workspace, approved: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    git(project.root, "commit", "-q", "--allow-empty", "-m", "by hand")
    apply(approved[0])
    capsys.readouterr()

    assert verify("HEAD~2..HEAD") == 0

    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in shown] == ["not", "verified"]


def test_in_a_range_commits_that_are_no_proposals_fail_if_every_one_is_to_be(
    project: Workspace, approved: tuple[str, Path]
) -> None:
    git(project.root, "commit", "-q", "--allow-empty", "-m", "by hand")
    apply(approved[0])
    assert verify("HEAD~2..HEAD", every=True) == ExitCode.FAILED


def test_a_commit_that_was_changed_after_its_approval_is_wrong(
    project: Workspace, approved: tuple[str, Path], tmp_path: Path
) -> None:
    apply(approved[0])
    (project.root / "a.py").write_text("y = 666\n")
    git(project.root, "commit", "-q", "--all", "--amend", "--no-edit")

    assert verify("HEAD", f"junit={tmp_path}/junit.xml", f"sarif={tmp_path}/sarif.json") == 8

    junit = (tmp_path / "junit.xml").read_bytes()
    require_junit(junit)
    require_sarif((tmp_path / "sarif.json").read_bytes())
    assert endings(junit) == {"commit": "failure"}


def test_a_statement_can_be_made_of_a_range(
    project: Workspace, approved: tuple[str, Path], tmp_path: Path
) -> None:
    apply(approved[0])

    verify("HEAD~1..HEAD", f"statement={tmp_path}/s.json")

    whole, predicate = statement_in((tmp_path / "s.json").read_bytes())
    assert [dict(one.digest) for one in whole.subject] == [{"gitCommit": head(project)}]
    assert predicate.verification_result == "PASSED"


@pytest.mark.usefixtures("project")
def test_an_empty_range_is_said_to_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify("HEAD..HEAD") == 0
    assert capsys.readouterr().out == "HEAD..HEAD holds no commit.\n"


@pytest.mark.usefixtures("project")
def test_verifying_what_is_not_there_is_a_wrong_command() -> None:
    with pytest.raises(UsageError):
        verify("no-such-branch")


def alma(project: Workspace, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = run([*arguments, "--json"], project.root, clean_environment())
    document: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, document


def test_json_holds_the_whole_account(project: Workspace, approved: tuple[str, Path]) -> None:
    code, document = alma(project, "apply", approved[0])

    told = document["result"]
    assert (code, told["outcome"], told["commit"]) == (0, "landed", head(project))
    assert {"schema", "digests", "approvals", "drift", "ref"} <= {
        step["rule"] for step in told["steps"]
    }


def test_json_of_a_refusal_holds_the_account_too(project: Workspace) -> None:
    id_, _ = proposed(project, {"a.py": "y = 1\n"})

    code, document = alma(project, "apply", id_)

    assert (code, document["error"]["type"]) == (ExitCode.NEEDS_HUMAN, "NotApproved")
    assert document["result"]["outcome"] == "refused"


def test_json_of_a_verified_commit(project: Workspace, approved: tuple[str, Path]) -> None:
    apply(approved[0])

    code, document = alma(project, "verify", "HEAD")

    (commit,) = document["result"]["commits"]
    assert (code, commit["standing"], commit["proposal"]) == (0, "verified", approved[0])


def test_an_id_that_nothing_has_is_a_wrong_command(project: Workspace) -> None:
    assert alma(project, "apply", "ffffffffffff")[0] == ExitCode.USAGE


def test_who_proposed_it_here_with_a_check_of_their_own_is_not_asked_again(
    project: Workspace,
) -> None:
    (project.root / "alma.toml").write_text("[review]\napprovals = 0\n")
    git(project.root, "add", "alma.toml")
    git(project.root, "commit", "-qm", "policy")
    (project.root / "a.py").write_text("x = 2\n")
    words = ("propose", "More", "--from-diff", "--check", "test -f a.py")

    code, document = alma(project, *words)

    assert code == 0, document
    assert alma(project, "apply", document["result"]["proposal"]["id"])[0] == 0


def test_verify_takes_the_policy_of_the_commit_that_is_named(
    project: Workspace, approved: tuple[str, Path]
) -> None:
    apply(approved[0])
    (project.root / "alma.toml").write_text("[review]\napprovals = 2\n")
    git(project.root, "add", "alma.toml")
    git(project.root, "commit", "-qm", "policy")

    assert verify("HEAD~1") == 0
    code, document = alma(project, "verify", "HEAD~1", "--policy", "main")

    assert code == ExitCode.NOT_ALLOWED
    assert "has 1 of 2 approvals" in document["result"]["commits"][0]["why"]
