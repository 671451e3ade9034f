"""How recorded edits of models fare, by kind: right, refused, wrong, noise.

    python -m benchmarks.recorded_edits FILE.json

FILE holds the lists `real` and `derived` of cases with `original`, `blocks` (search, replace),
`expected` and, in `derived`, `kind` and `verdict` (apply, refuse, apply_or_refuse). "noise" is a
result that differs from the expected one in blanks and line ends alone. The peer, in the same run,
is a plain replacement of a text that stands in the file once.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toolset import ToolsetError, edit_bytes

Blocks = list[tuple[str, str]]
COLUMNS = ("right", "refused", "wrong", "noise")


def main() -> None:
    content = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    cases = [{"kind": "real", "verdict": "apply", **case} for case in content["real"]]
    cases += content["derived"]
    tables = {"alma": table(cases, edit_bytes), "plain unique replace": table(cases, plain)}
    print(f"{'kind':26} {'verdict':16}" + "".join(f"{name:>34}" for name in tables))
    print(f"{'':43}" + f"{'':6}".join(" ".join(f"{one:>6}" for one in COLUMNS) for _ in tables))
    rows = sorted({(case["kind"], case["verdict"]) for case in cases})
    for row in [*rows, ("all", "")]:
        figures = (
            " ".join(f"{counts[row][one]:6}" for one in COLUMNS) for counts in tables.values()
        )
        print(f"{row[0]:26} {row[1]:16} " + f"{'':6}".join(figures))


def table(
    cases: list[dict[str, Any]], edit: Callable[[bytes, Blocks], bytes]
) -> dict[tuple[str, str], Counter[str]]:
    counts: dict[tuple[str, str], Counter[str]] = {("all", ""): Counter()}
    for case in cases:
        result = judged(case, edit)
        for row in ((case["kind"], case["verdict"]), ("all", "")):
            counts.setdefault(row, Counter())[result] += 1
    return counts


def judged(case: dict[str, Any], edit: Callable[[bytes, Blocks], bytes]) -> str:
    blocks = [(block["search"], block["replace"]) for block in case["blocks"]]
    try:
        result = edit(case["original"].encode(), blocks)
    except (ToolsetError, LookupError):
        return "right" if case["verdict"] == "refuse" else "refused"
    if case["verdict"] == "refuse":
        return "wrong"
    expected = case["expected"].encode()
    if result == expected:
        return "right"
    return "noise" if result.split() == expected.split() else "wrong"


def plain(data: bytes, blocks: Blocks) -> bytes:
    """Replace a text that stands there once, as most tools would. Raises LookupError."""
    text = data.decode()
    for old, new in blocks:
        if text.count(old) != 1:
            raise LookupError(old)
        text = text.replace(old, new)
    return text.encode()


if __name__ == "__main__":
    main()
