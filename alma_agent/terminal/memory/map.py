"""A picture of memories by file and age, as SVG: a row a file, a dot a memory. Pure.

The same memories make the same bytes: age is told from the newest of them, not from today.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from alma_agent.remembered import Memory
from alma_agent.terminal.consoles import visible

_ROW, _TOP, _LEFT, _WIDTH, _RIGHT = 22, 40, 300, 1000, 20  # pixels
_LEAST_RADIUS, _MORE_RADIUS = 3.0, 5.0
_LONGEST_LABEL, _LONGEST_TITLE = 34, 300
_TICKS = 4
_CLASSES = {  # by how an interaction ended, or what kind a memory is
    "applied": "good",
    "approved": "good",
    "refused": "warn",
    "undone": "warn",
    "reverted": "warn",
    "checks failed": "bad",
    "failed": "bad",
    "rolled back": "bad",
    "decision": "rule",
    "preference": "rule",
}
_LEGEND = (
    ("good", "applied or approved"),
    ("warn", "refused or taken back"),
    ("bad", "failed"),
    ("rule", "decision, preference"),
    ("said", "other"),
)
# Middle tones: they stand out from white and from black, whichever the reader's page has.
_STYLE = """
text { font: 12px sans-serif; fill: #24292f; }
line { stroke: #d0d7de; }
circle { fill-opacity: 0.75; }
.good { fill: #2da44e; } .warn { fill: #bf8700; } .bad { fill: #cf222e; }
.rule { fill: #8250df; } .said { fill: #0969da; }
.page { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } line { stroke: #444c56; } .page { fill: #0d1117; }
}
"""


def drawing(memories: Iterable[Memory], *, most_files: int = 40) -> str:
    """Return an SVG document of the files with the most memories; hovering tells of each dot."""
    several = sorted(memories, key=lambda one: (one.at, one.id))
    rows = _rows(several)
    shown = sorted(rows, key=lambda path: (-len(rows[path]), path))[:most_files]
    height = _TOP + _ROW * max(1, len(shown)) + 2 * _ROW
    svg = ET.Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {height}",
        width=str(_WIDTH),
        height=str(height),
        role="img",
    )
    ET.SubElement(svg, "title").text = "Memories by file and age"
    ET.SubElement(svg, "style").text = _STYLE
    ET.SubElement(svg, "rect", {"class": "page", "width": "100%", "height": "100%"})
    if not shown:
        _text(svg, _ROW, _TOP, "No memory is bound to code.")
    else:
        span = several[0].at, several[-1].at
        _axis(svg, span, height)
        for number, path in enumerate(shown):
            _row(svg, _TOP + _ROW * number, path, rows[path], span)
    _legend(svg, height - _ROW / 2)
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode", xml_declaration=False) + "\n"


def _rows(memories: Sequence[Memory]) -> dict[PurePosixPath, list[Memory]]:
    rows: dict[PurePosixPath, list[Memory]] = defaultdict(list)
    for memory in memories:
        for path in dict.fromkeys(anchor.path for anchor in memory.anchors):
            rows[path].append(memory)
    return rows


def _axis(svg: ET.Element, span: tuple[datetime, datetime], height: int) -> None:
    start, end = span
    days = Counter[str]()
    for tick in range(_TICKS + 1):
        at = start + (end - start) * (tick / _TICKS)
        day = f"{at:%Y-%m-%d}"
        days[day] += 1
        if days[day] == 1:  # one day has one label
            x = _x(at, span)
            place = {"x1": _number(x), "x2": _number(x), "y1": "24", "y2": str(height - 2 * _ROW)}
            ET.SubElement(svg, "line", place)
            anchor = "end" if tick == _TICKS else "start" if tick == 0 else "middle"
            _text(svg, x, 16, day, anchor)


def _row(
    svg: ET.Element,
    y: float,
    path: PurePosixPath,
    memories: Sequence[Memory],
    span: tuple[datetime, datetime],
) -> None:
    middle = y + _ROW / 2
    label = visible(str(path))
    short = label if len(label) <= _LONGEST_LABEL else f"…{label[-_LONGEST_LABEL:]}"
    named = _text(svg, _LEFT - 14, middle + 4, f"{short} ({len(memories)})", "end")
    ET.SubElement(named, "title").text = label
    line = {"x1": str(_LEFT), "x2": str(_WIDTH - _RIGHT), "y1": _number(middle)}
    ET.SubElement(svg, "line", line | {"y2": _number(middle)})
    for memory in memories:
        radius = _LEAST_RADIUS + _MORE_RADIUS * memory.importance
        dot = ET.SubElement(
            svg,
            "circle",
            {
                "class": _CLASSES.get(memory.outcome or memory.kind, "said"),
                "cx": _number(_x(memory.at, span)),
                "cy": _number(middle),
                "r": _number(radius),
            },
        )
        ET.SubElement(dot, "title").text = _title(memory)


def _title(memory: Memory) -> str:
    text = visible(" ".join(memory.text.split()))
    short = text if len(text) <= _LONGEST_TITLE else f"{text[:_LONGEST_TITLE]}…"
    return f"{memory.at:%Y-%m-%d %H:%M} {memory.outcome or memory.kind} [{memory.id}]: {short}"


def _legend(svg: ET.Element, y: float) -> None:
    x = float(_LEFT)
    for name, told in _LEGEND:
        ET.SubElement(
            svg, "circle", {"class": name, "cx": _number(x), "cy": _number(y - 4), "r": "5"}
        )
        _text(svg, x + 10, y, told)
        x += 34 + 7 * len(told)


def _text(svg: ET.Element, x: float, y: float, told: str, anchor: str = "start") -> ET.Element:
    place = {"x": _number(x), "y": _number(y), "text-anchor": anchor}
    made = ET.SubElement(svg, "text", place)
    made.text = told
    return made


def _x(at: datetime, span: tuple[datetime, datetime]) -> float:
    start, end = span
    whole = end - start
    share = (at - start) / whole if whole > timedelta() else 1.0
    return _LEFT + 10 + share * (_WIDTH - _RIGHT - _LEFT - 20)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
