"""Write docs/model-tools.md and docs/transcript.md from the product itself; a test compares them.

python scripts/model_docs.py
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from agents.testing import ScriptedModel, function_call

from alma_agent.config import ModelChoice
from alma_agent.memory.model_tools import READING, WRITING, MemoryTools
from alma_agent.proposer.memory_tools import memory_tools
from alma_agent.proposer.orchestrator import Knowledge, Orchestrator
from alma_agent.proposer.tools import tools
from alma_agent.records import Proposal, Task
from alma_agent.remembered import Anchor, Memory, Recalled, Recollection, Standing
from alma_agent.testing import SilentObserver
from toolset.workspace import Workspace

_ROOT = Path(__file__).resolve().parent.parent
_STATS = PurePosixPath("stats.py")
_LEFT_OUT = shutil.ignore_patterns("__pycache__")
_MADE = "<!-- Made by scripts/model_docs.py; a test compares it. -->\n\n"


class _NoLibrary:
    """Memory's tools are described, and not called."""

    notebook: Any = None

    def search(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def forget(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


def _memory() -> MemoryTools:
    return MemoryTools(_NoLibrary(), Workspace(_ROOT), only=READING + WRITING)


def tools_page() -> str:
    """Return every tool as the model reads it."""
    every = [*tools(), *memory_tools(_memory())]
    size = sum(len(json.dumps(_schema(one))) for one in every) // 4
    head = (
        "# What the model can do\n\n" + _MADE + "Each tool as the model reads it: its name, its "
        f"description, what it takes. All {len(every)} together are about {size:,} tokens. In plan "
        "mode, and for the architect and the critic, only those that read are offered. "
        "[A run from beginning to end](transcript.md) shows them at work.\n"
    )
    return head + "".join(f"\n## {one.name}\n\n{_told(one)}\n" for one in every)


def _schema(tool: Any) -> dict[str, Any]:
    return {"name": tool.name, "d": tool.description, "p": tool.params_json_schema}


def _told(tool: Any) -> str:
    taken = tool.params_json_schema.get("properties", {})
    required = tool.params_json_schema.get("required", [])
    lines = [
        f"- `{name}` ({_type(about)}{'' if name in required else ', may be left out'})"
        f"{': ' + about['description'] if about.get('description') else ''}"
        for name, about in taken.items()
    ]
    return "\n\n".join(filter(None, [tool.description, "\n".join(lines)]))


def _type(about: dict[str, Any]) -> str:
    kinds = about.get("anyOf", [about])
    return " or ".join(str(one.get("type", "any")) for one in kinds)


_PATCH = """\
*** Begin Patch
*** Update File: stats.py
@@
-    \"\"\"Return the arithmetic mean; 0 of nothing.\"\"\"
-    return sum(values) / len(values) if values else 0.0
+    \"\"\"Return the arithmetic mean. Raises ValueError for no values.\"\"\"
+    if not values:
+        raise ValueError("mean of no values")
+    return sum(values) / len(values)
*** End Patch"""
_STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("read_symbol", {"symbol": "mean", "path": "stats.py"}),
    ("find_references", {"symbol": "mean", "path": "stats.py"}),
    ("replace_text", {"path": "stats.py", "old": "return sum(value) / len(value)", "new": "x"}),
    ("apply_patch", {"patch": _PATCH}),
    ("replace_text", {"path": "report.py", "old": "import", "new": "import os, "}),
    ("run_checks", {}),
    (
        "finish",
        {"rationale": "mean of no values is an error now, as asked; the docstring says so."},
    ),
)


def transcript_page() -> str:
    """Return a whole run: what the model was told, what it called, what it was answered."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "flat"
        shutil.copytree(_ROOT / "fixtures" / "flat", project, ignore=_LEFT_OUT)
        subprocess.run(["git", "init", "--quiet", project], check=True)
        proposal, model = asyncio.run(_run(project))
    first = model.calls[0]
    parts = [
        "# A run, from beginning to end\n\n" + _MADE + 'The task is `alma run "let mean raise '
        'ValueError for no values" --file stats.py --check "python -m compileall -q ."`, on a copy '
        "of `fixtures/flat`. The model is a script, so that the page is the same each time; "
        "everything else is real: the prompt, the tools, their answers, the change.\n",
        f"\n## Instructions, the same for every run\n\n{_fenced(first.system_instructions or '')}",
    ]
    heads = ("The task", "Memories, put behind it at every call, and kept with no conversation")
    for head, item in zip(heads, first.input, strict=True):
        parts.append(f"\n## {head}\n\n{_fenced(item['content'])}")
    parts.append("\n## The conversation\n")
    answers = {
        item["call_id"]: item["output"]
        for item in model.calls[-1].input
        if item.get("type") == "function_call_output"
    }
    for number, (name, arguments) in enumerate(_STEPS):
        told = "\n".join(f"{key}: {value}" for key, value in arguments.items())
        parts.append(f"\nThe model calls **{name}**:\n\n{_fenced(told)}")
        if (answer := answers.get(f"call-{number}")) is not None:
            parts.append(f"\nAnswer:\n\n{_fenced(answer)}")
    parts.append(
        "\n## The proposal\n\nWhat a person is shown, and asked about. Refused, and recorded: "
        f"{', '.join(f'`{one}`' for one in proposal.refusals)}.\n\n"
        f"{_fenced(proposal.changes.diff(), 'diff')}"
    )
    return _steady("".join(parts))


async def _run(folder: Path) -> tuple[Proposal, ScriptedModel]:
    model = ScriptedModel(
        [
            [function_call(name, taken, call_id=f"call-{n}")]
            for n, (name, taken) in enumerate(_STEPS)
        ]
    )
    worker = Orchestrator(
        Workspace(folder),
        ModelChoice("scripted", None, "none"),
        SilentObserver(),
        knowledge=Knowledge(_memory()),
        model=model,
    )
    task = Task(
        "let mean raise ValueError for no values",
        file=_STATS,
        check=(sys.executable, "-m", "compileall", "-q", "."),
        id="000000000000",
    )
    return await worker.propose(task, _recollection()), model


def _recollection() -> Recollection:
    decided = Memory(
        "3f2a9c0d1e4b",
        datetime(2026, 5, 4, tzinfo=UTC),
        "Statistics raise for what has no answer; they never return a number in its place.",
        kind="decision",
        reasoning="a silent 0 hid an empty import for a week",
        anchors=(Anchor(_STATS, "mean"),),
    )
    standing = Standing(decided.anchors[0], "fresh", _STATS, "mean")
    return Recollection((Recalled(decided, 0.9, standings=(standing,)),), 40)


def _fenced(text: str, language: str = "text") -> str:
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.strip()}\n{fence}\n"


def _steady(text: str) -> str:
    """Return the page without what differs from one machine to another."""
    return text.replace(sys.executable, "python")


PAGES = {"model-tools.md": tools_page, "transcript.md": transcript_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (_ROOT / "docs" / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name}", file=sys.stderr)
