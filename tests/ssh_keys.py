"""Real SSH keys for signed approvals."""

from __future__ import annotations

import shutil
import subprocess

import pytest


def ssh_keygen(*arguments: str) -> None:
    """Run ssh-keygen; skip the test where there is none."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed: Debian and Ubuntu have it in openssh-client")
    subprocess.run(["ssh-keygen", *arguments], check=True, capture_output=True)
