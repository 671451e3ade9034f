"""A process that has imported the heavy libraries once, and forks a child for each command.

A program, started by `tests.forked`; it imports nothing of alma's and nothing of the tests'. A
child takes over the arguments, folder, environment and outputs of its command, and goes in by the
program's own door, as `python -m alma_agent` does; all of alma is imported in the child. What it
saves is the import of other people's modules, which is most of the time of a short command.

    python server.py DESCRIPTOR [LIBRARY...]

On the socket DESCRIPTOR comes one message a command with four descriptors: standard input, output
and error, and a socket to report on. On that one stands the command as a line of JSON; back come
two lines, the child's process id and, at its end, its exit status.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import termios
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

# Where these keep their caches is decided by the home they are imported in.
_OF_THE_HOME = {"jedi", "parso", "rope", "pytoolconfig"}


def main() -> None:
    """Serve until the other side is gone; return in a child only, which is to be the command."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    for name in sys.argv[2:]:
        import_module(name)
    _refuse_threads()
    gc.collect()
    gc.freeze()  # else each child's collections would copy the pages that it shares
    _serve(control)


def _refuse_threads() -> None:
    """Make sure that a fork leaves nobody behind who holds a lock."""
    tasks = Path("/proc/self/task")
    threads = len(list(tasks.iterdir())) if tasks.is_dir() else 1
    if threads > 1:
        raise SystemExit(f"the imports started {threads - 1} threads; a fork would not be safe")


def _serve(control: socket.socket) -> None:
    """Fork a child for each message, report each death; return in a child."""
    ended, wakes = socket.socketpair()
    for end in (ended, wakes):
        end.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when nobody asks any more
    reports: dict[int, socket.socket] = {}
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(ended, selectors.EVENT_READ)
    while True:
        waiting = {key.fileobj for key, _ in selector.select()}
        if ended in waiting:
            ended.recv(4096)
            _report_the_dead(reports)
        if control not in waiting:
            continue
        message, descriptors, _, _ = socket.recv_fds(control, 1, 4)
        if not message:
            sys.exit()
        report = socket.socket(fileno=descriptors[3])
        if (child := os.fork()) == 0:
            break
        for descriptor in descriptors[:3]:
            os.close(descriptor)
        reports[child] = report
        report.sendall(b"%d\n" % child)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    selector.close()
    for other in (control, ended, wakes, *reports.values()):
        other.close()
    with report, report.makefile() as asked:
        _become(json.loads(asked.readline()), descriptors[:3])


def _report_the_dead(reports: dict[int, socket.socket]) -> None:
    while reports:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        with reports.pop(child) as report, suppress(OSError):  # nobody may be waiting any more
            report.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(command: dict[str, Any], streams: list[int]) -> None:
    """Give this process all that makes the command one of its own."""
    environment = command["environment"]
    if _home(environment) != _home(os.environ):
        for name in [one for one in sys.modules if one.partition(".")[0] in _OF_THE_HOME]:
            del sys.modules[name]
    os.environ.clear()
    os.environ.update(environment)
    _take_streams(streams)
    if command["terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(command["folder"])
    sys.path[0] = str(Path.cwd())  # as `python -m` has it
    sys.argv[1:] = command["arguments"]


def _take_streams(streams: list[int]) -> None:
    """Make these the standard streams, buffered as Python does it when it starts."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old = getattr(sys, name)
        by_line = 1 if number == 2 or os.isatty(number) else -1
        mode = "w" if number else "r"
        new = open(number, mode, by_line, old.encoding, old.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def _home(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name == "HOME" or name.startswith("XDG_")
    }


def _run() -> None:
    """Be `python -m alma_agent`, but for taking all the libraries' modules apart at the end."""
    code: object = 0
    try:
        runpy.run_module("alma_agent", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    if not isinstance(code, int):
        sys.exit(code)  # type: ignore[arg-type]
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
    _run()
