"""No socket is opened but to the endpoint that was configured, whatever a run does.

Two watches over a whole process: an audit hook sees each connection that Python makes;
strace, where there is one, those of native code as well (the embedder's runtime, Chroma's core).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from alma_agent.records import Limits
from tests.conftest import make_repository
from tests.integration.guards import audited, connected, no_connection_but_to
from tests.integration.obeying import DONE, EDIT, FILES, KEY, Person, person, project
from tests.model_server import Answer, Call, Fail, ModelServer, Say, Step, model_server

__all__ = ["person", "project"]

PROGRAM = """
import json, sys
from alma_agent.terminal.cli import app
print(json.dumps([app(one, standalone_mode=False) for one in json.loads(sys.argv[1])]))
"""
TASK = ("run", "make load return zero", "--yes", "--no-lint")
LOOK = Call("search_memory", {"query": "what load returns"})
CODE = Call("find_code", {"what": "loads the sales"})
ANSWER = Answer("Well then.", calls=[LOOK], pieces=3)
# Each command, its exit code, what the model does meanwhile.
COMMANDS: list[tuple[tuple[str, ...], int, list[Step]]] = [
    (("memory", "add", "load returns what it was given"), 0, []),
    ((*TASK, "--stream", "--session", "talk"), 0, [ANSWER, CODE, EDIT, DONE]),
    ((*TASK, "--api", "responses", "--stream"), 0, [LOOK, DONE]),
    ((*TASK, "--mode", "plan"), 0, [LOOK, Say("1. Nothing.")]),
    ((*TASK, "--agents"), 0, [Call("transfer_to_editor"), DONE]),
    ((*TASK, "--max-turns", "1"), 9, [Call("create_file", {"path": "b.py", "content": "x = 1\n"})]),
    (("resume", "--yes"), 0, [DONE]),
    ((*TASK, "--check", f"{sys.executable} -c 1"), 0, [Call("run_checks"), DONE]),
    ((*TASK, "--dry-run"), 4, [Fail(401)]),
    (("memory", "search", "load"), 0, []),
    (("undo",), 0, []),
    (("doctor",), 0, []),
]
TRACED = "connect,sendto,sendmsg,sendmmsg,bind"
_ADDRESS = re.compile(r"sa_family=AF_INET6?\b.*?htons\((\d+)\).*?\"([^\"]*)\"")


@dataclass(frozen=True)
class Watched:
    """A process that did a lot: how, and where its sockets led, as each watch saw it."""

    codes: list[int]
    heard: int
    port: int
    by_python: set[str]
    by_system: set[tuple[str, int]] | None
    home: Path
    told: str


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Run all the commands in one process, with memory by meaning, in a home of its own."""
    folder = tmp_path_factory.mktemp("watched")
    root = make_repository(folder / "project", FILES).root
    guard, trace = audited(folder / "guard"), folder / "trace.txt"
    strace = ["strace", "-f", "-qq", "-e", f"trace={TRACED}", "-o", str(trace)] if _can() else []
    commands = json.dumps([arguments for arguments, _, _ in COMMANDS])
    with model_server([step for _, _, steps in COMMANDS for step in steps]) as server:
        done = subprocess.run(
            [*strace, sys.executable, "-c", PROGRAM, commands],
            cwd=root,
            env=_environment(folder / "home", server) | guard,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    codes = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else []
    told = done.stdout + done.stderr
    seen = _addresses(trace.read_text(errors="replace")) if strace else None
    return Watched(
        codes, len(server.requests), port_of(server), connected(guard), seen, folder / "home", told
    )


def test_every_command_did_its_work(watched: Watched) -> None:
    assert watched.codes == [code for _, code, _ in COMMANDS], watched.told
    assert watched.heard == sum(len(steps) for _, _, steps in COMMANDS)


def test_python_connects_to_the_endpoint_only(watched: Watched) -> None:
    there = f"socket.connect ('127.0.0.1', {watched.port})"
    looked_up = {one for one in watched.by_python if one.startswith("socket.getaddrinfo")}

    assert there in watched.by_python
    assert looked_up <= {"socket.getaddrinfo '127.0.0.1'", "socket.getaddrinfo b'127.0.0.1'"}
    assert watched.by_python - looked_up == {there}


def test_native_code_connects_to_nothing_else(watched: Watched) -> None:
    if watched.by_system is None:
        pytest.skip("strace is not here, or may not trace")

    assert watched.by_system == {("127.0.0.1", watched.port)}


def test_no_library_leaves_anything_in_the_home_of_the_user(watched: Watched) -> None:
    left = {str(path.relative_to(watched.home)) for path in watched.home.rglob("*")}

    own = {"state", "state/alma", "state/alma/key", "state/alma/repositories"}
    assert {one for one in left if not one.startswith("state/alma/repositories/")} == own


@pytest.mark.parametrize(
    ("steps", "how"),
    [
        pytest.param([ANSWER, EDIT, DONE], {"stream": True}, id="streamed"),
        pytest.param([LOOK, Say("1. Nothing.")], {"mode": "plan"}, id="plan"),
        pytest.param([Say("Plan."), EDIT, DONE, Say("accept")], {"agents": True}, id="agents"),
        pytest.param([CODE, EDIT, DONE], {"session": "talk"}, id="a session"),
        pytest.param([EDIT, EDIT], {"limits": Limits(turns=1)}, id="at a limit"),
    ],
)
async def test_no_other_connection_is_even_tried(
    person: Person, monkeypatch: pytest.MonkeyPatch, steps: Sequence[Step], how: dict[str, Any]
) -> None:
    monkeypatch.setenv("ALMA_EMBEDDER", "minilm")
    monkeypatch.delenv("ALMA_OTEL", raising=False)
    with model_server(steps) as server, no_connection_but_to(port_of(server)) as refused:
        ended = await person.runs_at(server, **how)

    assert ended.code in (0, 9), ended.screen
    assert refused == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(person: Person, status: int) -> None:
    with model_server([DONE]) as other:
        elsewhere = {"Location": f"{other.url}/chat/completions"}
        ended = await person.runs([Fail(status, "over there", headers=elsewhere)])

    assert ended.code == 4
    assert other.requests == []
    assert other.keys == []


def port_of(server: ModelServer) -> int:
    port = urlsplit(server.url).port
    assert port
    return port


def _environment(home: Path, server: ModelServer) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ALMA_", "OPENAI_", "OTEL_", "XDG_"))
    }
    told = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "COLUMNS": "200"}
    model = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY, "ALMA_MODEL": "small"}
    return kept | told | model | {"ALMA_EMBEDDER": "minilm"}


def _can() -> bool:
    """Say whether strace is here and may trace."""
    if not (strace := shutil.which("strace")):
        return False
    return subprocess.run([strace, "-qq", "true"], capture_output=True, check=False).returncode == 0


def _addresses(trace: str) -> set[tuple[str, int]]:
    return {(found[2], int(found[1])) for found in _ADDRESS.finditer(trace)}
