"""What a model says, while it says it: Markdown, of which each finished block is printed once.

The block in the making may be shown on a live area; it is no part of the scrollback until it is
whole. Secrets are taken out of a block before anybody sees it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from rich.cells import chop_cells
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment, Segments
from rich.text import Text

from alma_agent.redact import redacted
from alma_agent.terminal.consoles import visible
from alma_agent.terminal.live_area import LiveArea, is_live

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from rich.markdown import Markdown

_LONGEST_RENDERED = 4_000  # characters of an unfinished block; a longer one is shown as it came
_LONGEST_LAID_OUT = 100_000  # characters of a block; a longer one is printed as it came
_LONGEST_SECRET = 20_000  # characters; whoever shows a text's end looks so far back for one
_LOOKED_AT_ALWAYS = 2_000  # characters
_LOOKED_AGAIN = 1.2  # times its length when it was looked at before
_CODE_THEME = "ansi_dark"  # the terminal's own colours, so that it can be read on any background


class Blocks:
    """Splits a stream of Markdown into its top-level blocks: paragraphs, lists, fences, tables.

    A block is finished when the next one has begun, for nothing that follows can change it.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []  # of the block in the making
        self._length = 0
        self._looked_from = 0  # a length: before it, nobody looks whether a block has ended

    @property
    def rest(self) -> str:
        """The block in the making."""
        return "".join(self._pieces)

    def add(self, piece: str) -> str:
        """Take in a piece; return what it finished, of one block or several, or nothing."""
        piece = piece.replace("\r", "")
        self._pieces.append(piece)
        self._length += len(piece)
        # Only a whole line can begin a block for certain: `1` may become `1.`, or `100 files`.
        # To look takes as long as the block is: a long one is looked at more seldom.
        if "\n" not in piece or self._length < self._looked_from:
            return ""
        rest = self.rest
        begins = _last_block_begins(rest[: rest.rfind("\n") + 1])
        lines = rest.split("\n")
        self._begin("\n".join(lines[begins:]))
        return "".join(f"{line}\n" for line in lines[:begins])

    def end(self) -> str:
        """Return what is left, which is finished now."""
        rest = self.rest
        self._begin("")
        return rest

    def _begin(self, rest: str) -> None:
        self._pieces, self._length = [rest], len(rest)
        self._looked_from = 0 if len(rest) < _LOOKED_AT_ALWAYS else int(len(rest) * _LOOKED_AGAIN)


class Speech(Protocol):
    """Something that is being said, piece by piece, to its end."""

    def add(self, piece: str) -> None: ...

    def end(self) -> None: ...


def speech(console: Console, area: LiveArea, below: RenderableType) -> Speech:
    """Return how something said now is shown; `below` is what stands under it meanwhile."""
    return _Rendered(console, area, below) if is_live(console) else _Verbatim(console)


class _Rendered:
    """Prints each block when it is finished; shows the one in the making."""

    def __init__(self, console: Console, area: LiveArea, below: RenderableType) -> None:
        self._console = console
        self._area = area
        self._below = below
        self._blocks = Blocks()
        self._has_printed = False

    def add(self, piece: str) -> None:
        self._print(self._blocks.add(piece))
        self._area.show(self)

    def end(self) -> None:
        self._area.clear()
        self._print(self._blocks.end())

    def _print(self, text: str) -> None:
        if not text.strip():
            return
        with self._console:  # in one go: the screen does not flicker
            if self._has_printed:
                self._console.print()
            self._console.print(Said(text))
        self._has_printed = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._blocks.rest.strip():
            if self._has_printed:
                yield Text()
            yield unfinished(self._blocks.rest)
        yield self._below


class _Verbatim:
    """Prints whole lines as they come: for who reads them later."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pieces: list[str] = []  # of the line in the making

    def add(self, piece: str) -> None:
        whole, newline, rest = piece.rpartition("\n")
        if newline:
            self._print("".join((*self._pieces, whole)))
            self._pieces = []
        if rest:
            self._pieces.append(rest)

    def end(self) -> None:
        if self._pieces:
            self._print("".join(self._pieces))
            self._pieces = []

    def _print(self, text: str) -> None:
        self._console.print(redacted(text), markup=False, highlight=False, soft_wrap=True)


class Said:
    """Some Markdown as it is shown: no blank lines around it, nothing centred, links spelt out."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if len(self._text) > _LONGEST_LAID_OUT:
            for line in visible(redacted(self._text.strip("\n"))).split("\n"):
                cut = chop_cells(line.expandtabs(), options.max_width) or [""]
                yield Segment("\n".join(cut))
                yield Segment.line()
            return
        options = options.update(height=None)
        lines = console.render_lines(markdown(self._text), options, pad=False)
        while lines and _is_blank(lines[0]):
            lines.pop(0)
        while lines and _is_blank(lines[-1]):
            lines.pop()
        yield Segments([one for line in lines for one in (*line, Segment.line())])


def unfinished(text: str) -> RenderableType:
    """Return a block in the making, as far as it is known."""
    if len(text) > _LONGEST_RENDERED:
        return Text(visible(redacted(text[-_LONGEST_SECRET:]))[-_LONGEST_RENDERED:])
    return Said(text)


def markdown(text: str) -> Markdown:
    """Return Markdown that rich can print, with nothing of the text left out.

    HTML is shown as it was written, and the address of a link beside its words: a model's text may
    not hide behind another.
    """
    from alma_agent.terminal.markdown import PlainMarkdown

    # Spelt out before it is laid out: what would make a line too long then would be cut off.
    return PlainMarkdown(visible(redacted(text)), _parser(), code_theme=_CODE_THEME)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
    return parser.disable(["html_block", "html_inline", "image", "reference"])


def _last_block_begins(text: str) -> int:
    """Return the line on which the last top-level block begins; 0 if there is but one."""
    begins = [one.map[0] for one in _parser().parse(text) if one.level == 0 and one.map]
    return begins[-1] if len(begins) > 1 else 0


def _is_blank(line: list[Segment]) -> bool:
    return not any(one.text.strip() for one in line)
