"""A program started without a network: only a loopback of its own.

This file is the launcher, too. It runs by itself (`python -I -S no_network.py REPORT COMMAND...`),
cuts the network off, says so on the file descriptor REPORT, and becomes the command: same process,
user, folder, environment and signals. If it cannot, it says nothing and ends.

On Linux it enters a network namespace, in a user namespace of its own. Everybody is there who they
were, but whatever was started outside is closed to them, root included: its network, its memory,
and the environment in which alma's own key may lie. An ordinary user can bring nobody else along:
the files of others seem to be nobody's, and sudo does not work. Root brings all, so `chown` and
`su` work; only the machine's own affairs (mounts, clock, modules, higher limits) are refused.
Where a system refuses root a user namespace, the network alone is cut off.

macOS has no second loopback, so the host's stays. Sockets that are files (`/run/docker.sock`) are
no network, and stay everywhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

CUT_OFF = b"cut off"

_SANDBOX = "/usr/bin/sandbox-exec"  # of macOS; the last rule that fits decides
_SANDBOX_RULES = """\
(version 1)
(allow default)
(deny network*)
(allow network-bind (local ip "localhost:*"))
(allow network-inbound (local ip "localhost:*"))
(allow network-outbound (remote ip "localhost:*"))
(allow network* (local unix-socket))
(allow network* (remote unix-socket))
(deny network-outbound (literal "/private/var/run/mDNSResponder"))
"""

# From sched.h, linux/sockios.h and net/if.h; Python 3.12 knows the first two.
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def without_network(command: tuple[str, ...], report: int) -> tuple[str, ...]:
    """Return the command that starts `command` without a network, and says so on `report`.

    `report` is a file descriptor that it inherits, and `command` does not. Nothing on it means
    that the network could not be cut off, and that `command` was not started.
    """
    around = (_SANDBOX, "-p", _SANDBOX_RULES) if sys.platform == "darwin" else ()
    return (*around, sys.executable, "-I", "-S", __file__, str(report), *command)


def _main(report: int, command: list[str]) -> int:
    os.set_inheritable(report, False)
    if sys.platform != "darwin":
        try:
            _enter_namespaces()
        except (OSError, AttributeError, ImportError):
            return 1
    os.write(report, CUT_OFF)
    _restore_signals()
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        os.write(2, os.fsencode(f"{command[0]}: {error.strerror}"))
        return 127


def _enter_namespaces() -> None:
    """Raise OSError if the system does not allow it; some namespaces may be entered then."""
    try:
        _enter_user_namespace(_map_everybody)
    except OSError:
        try:
            _call("unshare", _CLONE_NEWNET)  # as root, who is nobody's prisoner then
        except OSError:
            _enter_user_namespace(_map_oneself)
            _call("unshare", _CLONE_NEWNET)
    else:
        _call("unshare", _CLONE_NEWNET)
    _bring_up_loopback()


def _enter_user_namespace(map_users: Callable[[str], None]) -> None:
    """Raise OSError, and stay outside, if the system does not allow it.

    A child makes the namespace: only from outside can others than oneself be mapped, and one who
    has entered cannot come back if that is refused.
    """
    import ctypes  # noqa: F401  # once for both

    ready, tell = os.pipe()
    wait, release = os.pipe()
    child = os.fork()
    if not child:
        _make_user_namespace(tell, wait, release)
    os.close(tell)
    os.close(wait)
    try:
        if not os.read(ready, 1):
            raise PermissionError("no user namespace")
        map_users(f"/proc/{child}")
        _enter(f"/proc/{child}/ns/user")
    finally:
        os.close(ready)
        os.close(release)
        os.waitpid(child, 0)


def _enter(namespace: str) -> None:
    descriptor = os.open(namespace, os.O_RDONLY)
    try:
        _call("setns", descriptor, _CLONE_NEWUSER)
    finally:
        os.close(descriptor)


def _make_user_namespace(tell: int, wait: int, release: int) -> None:
    """Make it, say so, wait until the parent lets go or dies, and end: this does not return."""
    try:
        os.close(release)
        _call("unshare", _CLONE_NEWUSER)
        os.write(tell, b"!")
        os.read(wait, 1)
    finally:
        os._exit(0)


def _map_everybody(process: str) -> None:
    for kind in ("uid_map", "gid_map"):
        with open(f"/proc/self/{kind}") as file:  # noqa: PTH123
            known = [line.split() for line in file]  # first one, first one outside, how many
        _write(f"{process}/{kind}", "".join(f"{one} {one} {many}\n" for one, _, many in known))


def _map_oneself(process: str) -> None:
    _write(f"{process}/setgroups", "deny")
    _write(f"{process}/uid_map", f"{os.geteuid()} {os.geteuid()} 1")
    _write(f"{process}/gid_map", f"{os.getegid()} {os.getegid()} 1")


def _call(name: str, *arguments: int) -> None:
    import ctypes

    if ctypes.CDLL(None, use_errno=True)[name](*arguments):
        raise OSError(ctypes.get_errno(), name)


def _bring_up_loopback() -> None:
    import ctypes
    import fcntl
    import struct

    libc = ctypes.CDLL(None, use_errno=True)
    interface = libc.socket(2, 2, 0)  # AF_INET, SOCK_DGRAM; `import socket` takes 10 ms
    if interface < 0:
        raise OSError(ctypes.get_errno(), "socket")
    try:
        fcntl.ioctl(interface, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP))
    finally:
        os.close(interface)


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123
        file.write(text)


def _restore_signals() -> None:
    """Undo what Python does at its start: a command expects to die of a closed pipe."""
    import signal

    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1]), sys.argv[2:]))
