"""What the agents are called: in signatures, in prices, to people."""

from __future__ import annotations

ALONE = "alma"
ARCHITECT = "architect"
EDITOR = "editor"
CRITIC = "critic"
