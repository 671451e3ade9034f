"""What a branch asks of proposals, read from the trees of a real repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from alma_agent.proposals.policy import LEVELS, Level, Policy, policy_of
from alma_agent.proposals.refusals import WrongPolicy
from tests.conftest import git
from toolset.git import Repository
from toolset.scope import EditScope
from toolset.trees import Entry, Trees

ALMA, PYPROJECT, SIGNERS = "alma.toml", "pyproject.toml", "signers"
ANN = b"ann@example.org ssh-ed25519 AAAA\n"


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    root = tmp_path_factory.mktemp("policy")
    git(root, "init", "-q")
    return Trees(Repository(root))


def tree_with(trees: Trees, files: Mapping[str, str | bytes], *, mode: str = "100644") -> str:
    """Return a tree with these files in it."""
    told = b""
    for name, text in sorted(files.items()):
        blob = trees.write_blob(text if isinstance(text, bytes) else text.encode())
        told += f"{mode} blob {blob}\t{name}\0".encode()
    return trees.repository.quick("mktree", "-z", stdin=told).decode().strip()


def read(trees: Trees, files: Mapping[str, str | bytes]) -> Policy:
    return policy_of(trees, tree_with(trees, files))


def test_without_a_policy_one_approval_is_asked_for(trees: Trees) -> None:
    assert read(trees, {"a.py": "x = 1\n"}) == Policy()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("approvals = 2", Policy(approvals=2), id="approvals"),
        pytest.param("approvals = 0", Policy(approvals=0), id="no approvals"),
        pytest.param("author-may-approve = false", Policy(author_may_approve=False), id="author"),
        pytest.param("by-merge = true", Policy(by_merge=True), id="merge"),
        pytest.param("expires-days = 1.5", Policy(expires_days=1.5), id="part of a day"),
        pytest.param("expires-days = 0", Policy(expires_days=0), id="never expires"),
        pytest.param('drift = "refuse"', Policy(drift="refuse"), id="drift"),
        pytest.param(
            'scope = ["src/**", "!src/key.py"]',
            Policy(scope=EditScope(("src/**", "!src/key.py"))),
            id="scope",
        ),
        pytest.param(
            """checks = ["ruff check .", "sh -c 'a && b'"]""",
            Policy(checks=(("ruff", "check", "."), ("sh", "-c", "a && b"))),
            id="checks",
        ),
        pytest.param("check-timeout = 5", Policy(check_timeout_s=5.0), id="time limit"),
        pytest.param("check-network = true", Policy(check_network=True), id="network"),
        pytest.param("", Policy(), id="empty table"),
    ],
)
def test_a_key_says_what_is_asked(trees: Trees, said: str, expected: Policy) -> None:
    found = read(trees, {PYPROJECT: f"[tool.alma.review]\n{said}\n"})

    assert found == Policy(**{**vars(expected), "source": PYPROJECT})


def test_alma_toml_says_it_as_well(trees: Trees) -> None:
    found = read(trees, {ALMA: 'model = "m"\n[review]\napprovals = 3\n', PYPROJECT: "[tool.x]\n"})

    assert (found.approvals, found.source) == (3, ALMA)


def test_signers_come_from_the_same_tree(trees: Trees) -> None:
    said = f'[review]\nallowed-signers = "./{SIGNERS}"\n'
    found = read(trees, {ALMA: said, SIGNERS: ANN})

    assert (found.allowed_signers, found.signers) == (PurePosixPath(SIGNERS), ANN)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("", False, id="by default not, where names are proven"),
        pytest.param("author-may-approve = true", True, id="unless the policy says so"),
    ],
)
def test_an_author_with_signers(trees: Trees, said: str, expected: bool) -> None:
    text = f'[review]\nallowed-signers = "{SIGNERS}"\n{said}\n'

    assert read(trees, {ALMA: text, SIGNERS: ANN}).author_may_approve is expected


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param('approvals = "two"', 'approvals is "two"; it takes a whole number', id="text"),
        pytest.param("approvals = true", "approvals is true", id="a yes is no number"),
        pytest.param("approvals = 1.0", "approvals is 1.0", id="a fraction"),
        pytest.param("approvals = -1", "a whole number, 0 or more", id="less than none"),
        pytest.param("expires-days = -1", "expires-days is -1", id="expired before it began"),
        pytest.param("expires-days = nan", "expires-days is NaN", id="not a number"),
        pytest.param("expires-days = inf", "expires-days is Infinity", id="infinite"),
        pytest.param("check-timeout = 0", "check-timeout is 0", id="no time"),
        pytest.param("by-merge = 1", "by-merge is 1; it takes true or false", id="a number"),
        pytest.param('drift = "any"', "it takes one of refuse, replay, merge", id="drift"),
        pytest.param('scope = "src"', "it takes a list of texts", id="a text, no list"),
        pytest.param('scope = ["#"]', "'#' does not say which files", id="no glob"),
        pytest.param('checks = ["a && b"]', "no shell runs it", id="needs a shell"),
        pytest.param("""checks = ["a 'b"]""", "cannot be read", id="open quote"),
        pytest.param("checks = [1]", "checks is [1]", id="no command"),
        pytest.param("aprovals = 2", "Did you mean approvals?", id="misspelt"),
        pytest.param("expires_days = 2", "Did you mean expires-days?", id="underscore"),
        pytest.param("reviewers = 2", "reviewers is no key of a policy", id="unknown"),
        pytest.param("allowed-signers = 1", "it takes a text", id="signers: a number"),
        pytest.param('allowed-signers = "../keys"', "path of a file in this", id="outside"),
        pytest.param('allowed-signers = "/etc/keys"', "path of a file in this", id="absolute"),
        pytest.param('allowed-signers = "."', "path of a file in this", id="the root"),
        pytest.param('allowed-signers = "nowhere"', "which is no file in that", id="not there"),
        pytest.param('allowed-signers = "*"', "which is no file in that", id="a glob is a name"),
        pytest.param('allowed-signers = "empty"', "which names nobody", id="nobody"),
        pytest.param("approvals = 1\napprovals = 2", "is no TOML", id="said twice"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_assumed(trees: Trees, said: str, why: str) -> None:
    files = {PYPROJECT: f"[tool.alma.review]\n{said}\n", "empty": "# nobody\n\n"}

    with pytest.raises(WrongPolicy) as told:
        read(trees, files)

    assert why in str(told.value)


def test_a_mistake_is_told_with_its_line(trees: Trees) -> None:
    with pytest.raises(WrongPolicy, match=r"\(pyproject\.toml, line 3\): drift is 1; it takes"):
        read(trees, {PYPROJECT: "[tool.alma.review]\napprovals = 1\ndrift = 1\n"})


def test_two_files_that_say_it_are_one_too_many(trees: Trees) -> None:
    with pytest.raises(WrongPolicy, match="both say what is asked"):
        read(trees, {ALMA: "[review]\n", PYPROJECT: "[tool.alma.review]\n"})


@pytest.mark.parametrize("name", [ALMA, PYPROJECT])
def test_a_policy_behind_a_link_is_refused(trees: Trees, name: str) -> None:
    with pytest.raises(WrongPolicy, match="it is a link"):
        policy_of(trees, tree_with(trees, {name: "elsewhere.toml"}, mode="120000"))


def test_signers_behind_a_link_are_refused(trees: Trees) -> None:
    text = trees.write_blob(f'[review]\nallowed-signers = "{SIGNERS}"\n'.encode())
    tree = trees.with_entries(
        tree_with(trees, {SIGNERS: "elsewhere"}, mode="120000"),
        {PurePosixPath(ALMA): Entry("100644", text)},
    )

    with pytest.raises(WrongPolicy, match="which is a link in that commit"):
        policy_of(trees, tree)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        pytest.param({ALMA: "[review"}, "alma.toml): it is no TOML", id="alma.toml"),
        pytest.param({ALMA: b"[review]\n#\xff"}, "it is not UTF-8", id="no text"),
        pytest.param({PYPROJECT: "[tool.alma.review"}, "it is no TOML", id="pyproject.toml"),
        pytest.param({PYPROJECT: b"[tool.alma.review]\n#\xff"}, "not UTF-8", id="not UTF-8"),
        pytest.param({ALMA: "review = 1\n"}, "Write [review]", id="no table"),
        pytest.param({PYPROJECT: "tool.alma.review = 1\n"}, "is no table", id="no table there"),
        pytest.param({ALMA: "#" * 1_000_001}, "too large", id="too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_no_empty_policy(
    trees: Trees, files: dict[str, str | bytes], why: str
) -> None:
    with pytest.raises(WrongPolicy) as told:
        read(trees, files)

    assert why in str(told.value)


@pytest.mark.parametrize("text", ["[tool.x", b"#\xff", "tool = 1\n# review\n", "review = 1\n"])
def test_what_is_wrong_elsewhere_in_pyproject_is_for_others(
    trees: Trees, text: str | bytes
) -> None:
    assert read(trees, {PYPROJECT: text}) == Policy()


def test_a_dotted_table_is_found(trees: Trees) -> None:
    assert read(trees, {PYPROJECT: "[tool]\nalma.review.approvals = 4\n"}).approvals == 4


def test_a_byte_order_mark_is_none_of_the_policy(trees: Trees) -> None:
    assert read(trees, {ALMA: "\ufeff[review]\napprovals = 4\n"}).approvals == 4


@pytest.mark.parametrize(
    ("drift", "allowed"),
    [
        ("refuse", ["refuse"]),
        ("replay", ["refuse", "replay"]),
        ("merge", ["refuse", "replay", "merge"]),
    ],
)
def test_a_level_allows_what_is_before_it(drift: Level, allowed: list[str]) -> None:
    assert [one for one in LEVELS if Policy(drift=drift).allows(one)] == allowed
