"""A repository that orders the model about, and a model that obeys: the tools do not.

Orders stand in comments, in README and AGENTS.md, in names of files, in what a check prints and in
memories. The model here does what they say, each time; no test hopes for one that knows better.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from alma_agent.config import MemoryChoice, ModelChoice
from alma_agent.errors import AlmaError
from alma_agent.memory.model_tools import READING, WRITING, MemoryTools
from alma_agent.paused import PausedRuns
from alma_agent.ports import Crew
from alma_agent.proposer.orchestrator import Conduct, Knowledge, Orchestrator
from alma_agent.records import Interaction, Proposal, Task, ToolRequest
from alma_agent.remembered import Recollection
from alma_agent.review import AssumeYes, NobodyThere
from alma_agent.run import run
from alma_agent.terminal import render
from alma_agent.terminal.consoles import PlainConsole
from alma_agent.testing import SilentObserver
from alma_agent.wiring import House, open_house
from tests.conftest import Files, make_repository, tree
from tests.integration.guards import holding
from tests.model_server import Answer, Call, ModelServer, Say, Step, model_server
from toolset.checks import CheckReport
from toolset.scope import EditScope
from toolset.workspace import Workspace
