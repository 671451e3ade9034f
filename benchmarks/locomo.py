"""Are the turns that answer a question among the first ten that memory finds? On LoCoMo-like data.

    python benchmarks/locomo.py FILE          (or python -m benchmarks.locomo FILE)

FILE is a JSON list of conversations as LoCoMo (snap-research) has them: `conversation` holds
`session_N`, lists of turns (`speaker`, `dia_id`, `text`), and `session_N_date_time`; `qa` holds
questions with their `evidence` and `category`. Nothing else of it is read: no answers and no
summaries.

Each turn is a memory. What a picture shows (`blip_caption`), and by which words it was looked for
(`query`), is part of the turn's text. A question is asked of all turns of its own conversation.

Recall@10 is the mean, over the questions of all five categories, of the share of a question's
evidence that is among the first ten turns. Evidence is every `D<session>:<turn>` in the list,
several in one string too; each counts once. What has another form or names no turn is left out, and
so is a question that then has none.

Prints a table by category, and as the last line one JSON line of figures. Category 1 is multi-hop.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from alma_agent.memory.chroma_index import ChromaIndex
from alma_agent.memory.embedder import MiniLM
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.ledger.recording import keep
from alma_agent.memory.meaning import Meaning
from alma_agent.memory.recalling import Recaller
from alma_agent.remembered import Memory, Wanted

FIRST = 10
CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
_ANY_BUDGET = 1_000_000
_TURN = re.compile(r"D\d+:\d+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the ids of the turns that answer it: at least one."""

    text: str
    evidence: frozenset[str]
    category: int


class Remembered:
    """The turns of one conversation in a library of their own, to be searched."""

    def __init__(self, turns: Sequence[Memory], embedder: MiniLM, folder: Path) -> None:
        ledger = Ledger(folder / "memory.db")
        keep(ledger, turns)
        meaning = Meaning(ledger, embedder, lambda model: ChromaIndex(folder / "index", model))
        meaning.catch_up()
        self._recaller = Recaller(ledger, lambda: meaning)
        self.close = self._recaller.close

    def search(self, text: str, *, limit: int) -> list[str]:
        """Return the ids of the turns that fit a question best, best first."""
        found = self._recaller.recall(
            text,
            file=None,
            wanted=Wanted(),
            budget_tokens=_ANY_BUDGET,
            limit=limit,
            at_least=0,
        )
        return [one.memory.id for one in found.memories]


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    conversations = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    recalls: defaultdict[int, list[float]] = defaultdict(list)
    embedder, started, searching = MiniLM(), time.perf_counter(), 0.0
    for conversation in conversations:
        turns = list(turns_of(conversation["conversation"]))
        with TemporaryDirectory() as folder:
            remembered = Remembered(turns, embedder, Path(folder))
            began = time.perf_counter()
            for one in asked_of(conversation["qa"], {turn.id for turn in turns}):
                found = one.evidence.intersection(remembered.search(one.text, limit=FIRST))
                recalls[one.category].append(len(found) / len(one.evidence))
            searching += time.perf_counter() - began
            remembered.close()
    show(recalls, seconds=time.perf_counter() - started, searching=searching)


def show(recalls: Mapping[int, Sequence[float]], *, seconds: float, searching: float) -> None:
    every = list(chain(*recalls.values()))
    figures: dict[str, float] = {"recall@10": round(fmean(every), 4)}
    for category, some in sorted(recalls.items()):
        name = CATEGORIES.get(category, f"category {category}")
        print(f"{name:<14}{len(some):>6}{fmean(some):>8.3f}")
        figures[name.replace("-", "_")] = round(fmean(some), 4)
    print(f"{'all':<14}{len(every):>6}{fmean(every):>8.3f}")
    print(f"{1_000 * searching / len(every):.1f} ms a question, its embedding included")
    figures |= {"questions": len(every), "seconds": round(seconds, 1)}
    print(json.dumps(figures))


def turns_of(conversation: dict[str, Any]) -> Iterator[Memory]:
    """Yield a conversation's turns as memories, in their order."""
    sessions = [key for key in conversation if re.fullmatch(r"session_\d+", key)]
    for session in sorted(sessions, key=lambda key: int(key.removeprefix("session_"))):
        at = moment(conversation[f"{session}_date_time"])
        for turn in conversation[session]:
            yield Memory(turn["dia_id"], at, text_of(turn), session=session, by=turn["speaker"])


def text_of(turn: dict[str, Any]) -> str:
    shown = "; ".join(turn[key] for key in ("blip_caption", "query") if turn.get(key))
    return f"{turn['text']} [{shown}]" if shown else str(turn["text"])


def moment(text: str) -> datetime:
    """Read a moment such as `1:56 pm on 8 May, 2023`."""
    return datetime.strptime(text, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)


def asked_of(entries: Sequence[dict[str, Any]], turns: set[str]) -> Iterator[Asked]:
    """Yield the questions of which some evidence can be found among the turns."""
    for entry in entries:
        named = _TURN.findall(" ".join(map(str, entry["evidence"])))
        if evidence := frozenset(named) & turns:
            yield Asked(entry["question"], evidence, entry["category"])


if __name__ == "__main__":
    main()
