"""What `alma review` tells a program: all that it shows, as data."""

from __future__ import annotations

from typing_extensions import TypedDict


class ToldPerson(TypedDict):
    """Who somebody is to git."""

    name: str
    email: str


class ToldChangedFile(TypedDict):
    """A file of a proposal; `kind` is `create`, `change`, `delete` or `move`.

    `mode` is what it becomes, in octal digits, null for a file that goes. `moved_from` is its old
    name.
    """

    path: str
    kind: str
    mode: str | None
    moved_from: str | None


class ToldRefactoring(TypedDict):
    """One step of a recipe."""

    refactoring: str
    arguments: dict[str, object]


class ToldNote(TypedDict):
    """What a reviewer should see; `line` 0 is the whole file, an empty `path` the whole change."""

    path: str
    line: int
    text: str


class ToldProof(TypedDict):
    """How sure an exact refactoring is: `level` is `proven` or `likely`."""

    level: str
    summary: str
    leftovers: list[ToldNote]


class ToldProposalCheck(TypedDict):
    """A check over the proposal's result; `exit_code` is null if it ran too long.

    `output` is the log that lies in the proposal's folder. `network` says whether it had one.
    """

    argv: list[str]
    passed: bool
    exit_code: int | None
    seconds: float
    network: str
    output: str


class ToldUsedMemory(TypedDict):
    """A memory that the proposer was told, as it was told."""

    id: str
    kind: str
    text: str


class ToldCost(TypedDict):
    """What the proposal took from a model; `usd` is null where nobody knows the price."""

    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: str | None


class ToldScope(TypedDict):
    """What may be changed: by the proposal's own globs, and by the policy's.

    `outside` are its files that the policy does not let any proposal change.
    """

    globs: list[str]
    policy: list[str]
    outside: list[str]


class ToldStep(TypedDict):
    """What was looked at; `standing` is `passed`, `failed`, `skipped` or `warning`."""

    rule: str
    standing: str
    message: str


class ToldStanding(TypedDict):
    """Where a proposal stands against the policy of the commit that it would land on.

    `commit` is null where there is no such commit, `policy` the file that holds the policy, empty
    if none does. `needed` is how many people must approve. `is_enough`: as many did, and nobody who
    may decide said no. `steps` say of each approval whether it counts, and why not; `missing` is
    what has to happen still.
    """

    onto: str
    commit: str | None
    policy: str
    needed: int
    signed: bool
    counted: list[ToldPerson]
    is_enough: bool
    steps: list[ToldStep]
    missing: str


class ToldDecision(TypedDict):
    """What this command decided; `decision` is `approved` or `rejected`.

    `file` is where it lies in the proposal's folder. `left_out` are the parts that a person said no
    to. `not_remembered` says why it is not in memory; empty if it is.
    """

    decision: str
    reviewer: ToldPerson
    reason: str
    signed: bool
    file: str
    left_out: list[str]
    not_remembered: str


class ReviewResult(TypedDict):
    """`alma review`. `decided` is null where nothing was decided.

    `revised_from` is the revision of which a person chose a part; null if none was made.
    """

    id: str
    folder: str
    revision: int
    sha256: str
    created_at: str
    author: ToldPerson
    origin: str
    agent: str
    model: str | None
    base: str
    goal: str
    rationale: str
    scope: ToldScope
    files: list[ToldChangedFile]
    diff: str
    recipe: list[ToldRefactoring]
    evidence: ToldProof | None
    notes: list[ToldNote]
    checks: list[ToldProposalCheck]
    memories: list[ToldUsedMemory]
    cost: ToldCost
    standing: ToldStanding
    revised_from: int | None
    decided: ToldDecision | None
