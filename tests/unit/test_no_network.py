from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolset import no_network
from toolset.check_process import CheckProcess, Ended
from toolset.checks import run_check
from toolset.edits import ChangeSet
from toolset.no_network import CUT_OFF, without_network
from toolset.workspace import Workspace

HERE = CheckProcess(Path.cwd(), dict(os.environ), timeout_s=20)
needs_namespaces = pytest.mark.skipif(
    HERE.run(("true",), network=False).network != "cut off",
    reason="this system lets nobody enter a network namespace",
)
CONNECT = "import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)"
OWN_SERVER = """\
import socket
family = socket.{family}
server = socket.create_server(("{host}", 0), family=family)
client = socket.create_connection(server.getsockname()[:2], timeout=5)
server.accept()[0].sendall(b"heard")
assert client.recv(5) == b"heard"
"""


def python(script: str, *, network: bool = False) -> Ended:
    return HERE.run((sys.executable, "-c", script), network=network)


@pytest.fixture
def listener() -> Iterator[int]:
    """Return the port of somebody who listens on the host's loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_check_may_talk_to_a_server_of_its_own(host: str) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("this system has no IPv6")
    script = OWN_SERVER.format(host=host, family="AF_INET6" if ":" in host else "AF_INET")

    assert python(script) == Ended(0, b"", python("").network)


@needs_namespaces
def test_a_check_reaches_nobody_outside(listener: int) -> None:
    ended = python(CONNECT.format(port=listener))

    assert (ended.exit_code, ended.network) == (1, "cut off")
    assert b"ConnectionRefusedError" in ended.output


def test_a_check_that_is_allowed_the_network_has_it(listener: int) -> None:
    ended = python(CONNECT.format(port=listener), network=True)

    assert (ended.exit_code, ended.network) == (0, "allowed")


@needs_namespaces
@pytest.mark.skipif(sys.platform != "linux", reason="a host's interfaces are listed elsewhere")
def test_the_loopback_is_all_there_is() -> None:
    ended = python("import socket; print([name for _, name in socket.if_nameindex()])")

    assert ended.output == b"['lo']\n"


@needs_namespaces
def test_a_report_says_that_the_network_was_cut_off(repository: Workspace, listener: int) -> None:
    command = (sys.executable, "-c", CONNECT.format(port=listener))

    report = run_check(repository, ChangeSet(), command, timeout_s=20)

    assert (report.passed, report.network) == (False, "cut off")


def test_a_report_says_that_the_network_was_allowed(repository: Workspace, listener: int) -> None:
    command = (sys.executable, "-c", CONNECT.format(port=listener))

    report = run_check(repository, ChangeSet(), command, timeout_s=20, network=True)

    assert (report.passed, report.network) == (True, "allowed")


SAME = {
    "user and groups": "id",
    "folder": "pwd; pwd -P; echo $PWD",
    "environment": "env | sort",
    "signals that are ignored": "grep Sig[BI] /proc/self/status",
    "open files": "ls /proc/self/fd",
    "limits": "ulimit -a; umask",
    "its own process group": "test $(cut -d' ' -f5 /proc/$$/stat) = $$; echo $?",
    "exit code": "exit 3",
    "exit code of a program not found": "exit 127",
    "exit code of a program not run": "exit 126",
    "a signal": "kill -TERM $$",
    "a kill": "echo so far; kill -KILL $$",
    "a closed pipe": "yes | head -n 1",
}


@needs_namespaces
@pytest.mark.parametrize("script", SAME.values(), ids=list(SAME))
def test_but_for_the_network_nothing_is_another(script: str) -> None:
    cut_off, allowed = (
        HERE.run(("sh", "-c", script), network=network) for network in (False, True)
    )

    assert (cut_off.exit_code, cut_off.output) == (allowed.exit_code, allowed.output)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        pytest.param("no-such-program", "No such file or directory", id="not on PATH"),
        pytest.param("./no-such-program", "No such file or directory", id="not in the folder"),
        pytest.param("./data", "Permission denied", id="not executable"),
        pytest.param("./empty", "Exec format error", id="no program"),
        pytest.param("./data/x", "Not a directory", id="below a file"),
    ],
)
@pytest.mark.parametrize("network", [False, True], ids=["cut off", "allowed"])
def test_what_cannot_be_started_is_127(
    tmp_path: Path, program: str, why: str, network: bool
) -> None:
    (tmp_path / "data").write_text("x")
    (tmp_path / "empty").write_text("x")
    (tmp_path / "empty").chmod(0o755)

    ended = CheckProcess(tmp_path, dict(os.environ), 20).run((program,), network=network)

    assert (ended.exit_code, ended.output.decode()) == (127, f"{program}: {why}")


@pytest.mark.parametrize("network", [False, True], ids=["cut off", "allowed"])
def test_a_program_is_looked_for_on_the_check_s_own_path(tmp_path: Path, network: bool) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").write_text('#!/bin/sh\necho found "$@"\n')
    (tmp_path / "bin" / "tool").chmod(0o755)
    process = CheckProcess(tmp_path, {"PATH": f"{tmp_path}/none:{tmp_path}/bin"}, 20)

    assert process.run(("tool", "a b", "", "-c", "é"), network=network).output.decode() == (
        "found a b  -c é\n"
    )


def test_modules_of_the_project_are_not_the_launcher_s(tmp_path: Path) -> None:
    for name in ("ctypes", "signal", "fcntl", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken over')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    ended = CheckProcess(tmp_path, environment, 20).run(("echo", "fine"), network=False)

    assert ended == Ended(0, b"fine\n", HERE.run(("true",), network=False).network)


def test_where_it_cannot_be_cut_off_the_check_runs_and_says_so(
    monkeypatch: pytest.MonkeyPatch, listener: int
) -> None:
    command = (sys.executable, "-c", CONNECT.format(port=listener))
    monkeypatch.setattr(sys, "executable", "/no/such/interpreter")

    assert HERE.run(command, network=False) == Ended(0, b"", "could not be cut off")


WHO_AND_WHERE = "id -u; id -g; cat /proc/net/dev; grep CapEff /proc/self/status"


def launched(
    *around: str, launcher: str, user: int | None = None, script: str = WHO_AND_WHERE
) -> tuple[bytes, bytes]:
    """Run a script of the shell without a network; return the report and the output."""
    with tempfile.TemporaryFile() as report:
        _, *options, _, number, sh, c, _ = without_network(("sh", "-c", script), report.fileno())
        done = subprocess.run(
            [*around, "python3", *options, launcher, number, sh, c, script],
            env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(report.fileno(),),
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            check=False,
        )
        report.seek(0)
        return report.read(), done.stdout


@pytest.fixture
def launcher() -> Iterator[str]:
    """Return the launcher's path, where every user can read it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield shutil.copy(no_network.__file__, folder)


as_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can be another user"
)


@needs_namespaces
@as_root
def test_an_ordinary_user_stays_one(launcher: str) -> None:
    if not shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin"):
        pytest.skip("there is no Python that every user can start")

    report, output = launched(launcher=launcher, user=65534)

    if not report:
        pytest.skip("this system lets no ordinary user enter a namespace")
    assert output.split()[:2] == [b"65534", b"65534"]
    assert [line.split()[0] for line in output.splitlines() if b": " in line] == [b"lo:"]
    assert output.split()[-2:] == [b"CapEff:", b"0000000000000000"]


@pytest.fixture(params=[pytest.param(None, id="oneself"), pytest.param(65534, marks=as_root)])
def secretive(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of this user, and of another, with a key in its environment."""
    with subprocess.Popen(
        ("cat",),
        env={"PATH": "/usr/bin:/bin", "KEY": "hunter2"},
        stdin=subprocess.PIPE,
        user=request.param,
        group=request.param,
        extra_groups=None if request.param is None else [],
    ) as process:
        process.user = request.param  # type: ignore[attr-defined]
        yield process
        assert process.stdin
        process.stdin.close()


@needs_namespaces
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc here")
@pytest.mark.parametrize("way", ["environ", "mem", "maps", "ns/net", "root/etc/passwd"])
def test_what_the_same_user_runs_outside_is_closed(
    secretive: subprocess.Popen[bytes], launcher: str, way: str
) -> None:
    path, user = f"/proc/{secretive.pid}/{way}", getattr(secretive, "user", None)

    report, output = launched(launcher=launcher, user=user, script=f"cat {path}")

    if user and not report:
        pytest.skip("this system lets no ordinary user enter a namespace")
    assert output == f"cat: {path}: Permission denied\n".encode()


@needs_namespaces
@pytest.mark.skipif(sys.platform != "linux", reason="there are no namespaces here")
def test_nobody_gets_back_into_the_host_s_network() -> None:
    script = f"""\
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
assert libc.setns(os.pidfd_open({os.getpid()}), 0x40000000) == -1
print(errno.errorcode[ctypes.get_errno()])
"""

    assert python(script).output == b"EPERM\n"


ROOTS = {
    "give a file away": "touch f && chown 65534:65533 f && stat -c %u:%g f",
    "be another user": "import os; os.setgroups([7]); os.setgid(65533); os.setuid(65534); "
    "print(os.getresuid(), os.getresgid(), os.getgroups())",
    "read another's file": "touch f && chown 65534 f && chmod 600 f && echo x > f && cat f",
    "read a file as another": "import os; open('f', 'w').close(); os.chown('f', 65534, 65534); "
    "os.chmod('f', 0o600); os.setuid(65534); print(open('f').read() == '')",
    "use git": "git init -q && git -c user.name=a -c user.email=b commit -q --allow-empty -m x "
    "&& git log --format=%s",
    "use git in another's": "git init -q && chown -R 65534 . && git -c safe.directory='*' status",
    "link, and let others in": "mkdir d && chmod 1777 d && ln -s d e && mkfifo d/p && ls -ld d e",
    "change the root": "import os; os.chroot('/'); print(os.getcwd())",
}


@needs_namespaces
@as_root
@pytest.mark.parametrize("script", ROOTS.values(), ids=list(ROOTS))
def test_what_root_does_it_does_without_a_network_too(tmp_path: Path, script: str) -> None:
    command = (sys.executable, "-c") if script.startswith("import") else ("sh", "-c")
    tmp_path.parent.chmod(0o755)
    tmp_path.chmod(0o777)
    ended = []
    for network in (False, True):
        (folder := tmp_path / "in").mkdir(mode=0o777)
        process = CheckProcess(folder, dict(os.environ), timeout_s=20)
        ended.append(process.run((*command, script), network=network))
        shutil.rmtree(folder)
    cut_off, allowed = ended

    assert cut_off.output.split(b":")[0] == allowed.output.split(b":")[0]
    assert (cut_off.exit_code, cut_off.network) == (0, "cut off")


@needs_namespaces
@as_root
def test_a_server_of_root_s_may_listen_where_servers_do() -> None:
    assert python("import socket; socket.create_server(('127.0.0.1', 80))").exit_code == 0


def inside(rule: str) -> tuple[str, ...]:
    """Return what runs a command as the only user of a namespace, under a rule of the shell's."""
    around = ("unshare", "--user", "--map-root-user", "sh", "-c", f'{rule} && exec "$@"', "sh")
    if not shutil.which("unshare") or subprocess.run([*around, "true"], check=False).returncode:
        pytest.skip("this system lets nobody enter a user namespace")
    return around


def test_where_no_namespace_is_allowed_the_command_is_not_started(launcher: str) -> None:
    around = inside("echo 0 > /proc/sys/user/max_net_namespaces")

    assert launched(*around, launcher=launcher) == (b"", b"")


def test_where_root_gets_no_user_namespace_the_network_alone_is_cut_off(launcher: str) -> None:
    around = inside("echo 0 > /proc/sys/user/max_user_namespaces")

    report, output = launched(*around, launcher=launcher)

    assert (report, output.split()[0]) == (CUT_OFF, b"0")
    assert [line.split()[0] for line in output.splitlines() if b": " in line] == [b"lo:"]


def test_where_root_is_not_over_all_users_it_brings_those_it_is_over(launcher: str) -> None:
    script = "cat /proc/self/uid_map /proc/self/gid_map"

    report, output = launched(*inside("true"), launcher=launcher, script=script)

    assert (report, output.split()) == (CUT_OFF, [b"0", b"0", b"1"] * 2)


def test_a_command_cannot_write_the_report() -> None:
    with tempfile.TemporaryFile() as report:
        script = f"echo lie >&{report.fileno()}"
        subprocess.run(
            without_network(("sh", "-c", script), report.fileno()),
            pass_fds=(report.fileno(),),
            stderr=subprocess.DEVNULL,
            check=False,
        )
        report.seek(0)

        assert report.read() in {CUT_OFF, b""}
