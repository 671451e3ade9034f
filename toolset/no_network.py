"""A program started without a network: only a loopback of its own.

This file is the launcher, too. It runs by itself (`python -I -S no_network.py REPORT COMMAND...`),
cuts the network off, says so on the file descriptor REPORT, and becomes the command: same process,
user, folder, environment and signals. If it cannot, it says nothing and ends.

On Linux it enters a network namespace. An ordinary user needs a user namespace for that, in which
they are who they were, but nobody else has a name: the files of others seem to be nobody's, and
sudo does not work. macOS has no second loopback, so the host's stays. Sockets that are files
(`/run/docker.sock`) are no network, and stay everywhere.
"""

from __future__ import annotations

import os
import sys

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
            _enter_namespace()
        except (OSError, AttributeError, ImportError):
            return 1
    os.write(report, CUT_OFF)
    _restore_signals()
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        os.write(2, os.fsencode(f"{command[0]}: {error.strerror}"))
        return 127


def _enter_namespace() -> None:
    """Raise OSError if the system does not allow it; other namespaces may be entered then."""
    try:
        _unshare(_CLONE_NEWNET)  # as root: everything else stays as it is
        _bring_up_loopback()
    except OSError:
        user, group = os.geteuid(), os.getegid()
        _unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
        _bring_up_loopback()


def _unshare(flags: int) -> None:
    import ctypes

    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


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
