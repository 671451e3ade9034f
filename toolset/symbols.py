"""Where the functions and classes of one Python file stand, to the character, by libcst.

A `Source` is only ever changed by a range of its text, so every other byte stays as it was.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from toolset.encoding import has_lone_return
from toolset.errors import RefactoringRefused
from toolset.snippet import HouseStyle, is_blank, parse_or_refuse, usual_quote

Definition = cst.FunctionDef | cst.ClassDef
Block = cst.Module | cst.IndentedBlock
Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement

_REST_OF_LINE = re.compile(r"(?:[ \t\f;]|\\\r?\n)*(#[^\r\n]*)?")
_BLANK_LINE = re.compile(r"[ \t\f]*\r?\n")


@dataclass(frozen=True, slots=True)
class Found:
    """One definition in a source; offsets count characters.

    `start` is that of the first decorator or keyword, `end` lies before the last line's ending;
    comments that are indented deeper than the header belong to it.
    """

    name: str
    node: Definition
    block: Block
    start: int
    end: int
    indent: str

    @property
    def gap(self) -> int:
        """The blank lines between definitions, as this block has them mostly; else PEP 8's."""
        gaps = Counter(
            len(list(takewhile(is_blank, one.leading_lines)))
            for before, one in pairwise(self.block.body)
            if isinstance(before, Definition) and isinstance(one, Definition)
        )
        return gaps.most_common(1)[0][0] if gaps else 2 if isinstance(self.block, cst.Module) else 1


class Source:
    """A Python text, and at which offset each of its nodes stands."""

    def __init__(self, text: str) -> None:
        """Raise RefactoringRefused for what libcst cannot read and write back the same."""
        parse_or_refuse(text, "The file does not parse")
        if has_lone_return(text):
            raise RefactoringRefused("The file ends lines with CR alone. Convert it to LF first.")
        try:
            module = cst.parse_module(text)
            self.wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
            self._ranges = self.wrapper.resolve(PositionProvider)
            self._definitions = list(_definitions(module))
            same = module.code == text
        except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError) as error:
            raise RefactoringRefused(f"libcst cannot read the file: {error}") from error
        if not same:
            raise RefactoringRefused("libcst cannot read the file exactly.")
        self.text, self.module, self.unit = text, module, module.default_indent
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def start(self, node: cst.CSTNode) -> int:
        where = self._ranges[node].start
        return self._lines[where.line - 1] + where.column

    def end(self, node: cst.CSTNode) -> int:
        where = self._ranges[node].end
        return self._lines[where.line - 1] + where.column

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Return where the line ends on which a statement ends at `offset`, before its ending."""
        rest = _REST_OF_LINE.match(self.text, offset)
        return rest.end() if rest else offset

    def comment_after(self, offset: int) -> str:
        """Return the comment behind a statement that ends at `offset`; empty if there is none."""
        rest = _REST_OF_LINE.match(self.text, offset)
        return (rest[1] or "") if rest else ""

    def newline_at(self, offset: int) -> str:
        """Return the ending of the line at `offset`; of the one before, if it is the last."""
        after = self.text.find("\n", offset)
        at = after if after >= 0 else self.text.rfind("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"

    def find(self, name: str) -> Found:
        """Return the one symbol of this qualified name. Raises RefactoringRefused."""
        named = self._definitions
        match [(node, block) for one, node, block in named if one == name]:
            case [(node, block)]:
                return self._found(name, node, block)
            case []:
                names = {one for one, _, _ in named}
                last = name.rpartition(".")[2]
                same_end = [one for one in names if one.rpartition(".")[2] == last]
                near = {*same_end, *difflib.get_close_matches(name, names, n=5, cutoff=0.5)}
                why = f"There is no function or class {name} in this file."
            case _:
                near = {name}
                why = f"{name} is defined several times; edit the file by its text instead."
        raise RefactoringRefused(
            why,
            candidates=[
                f"line {self._ranges[node.name].start.line}: {one}"
                for one, node, _ in named
                if one in near
            ],
        )

    def top_of(self, node: Statement) -> int:
        """Return where the lines of a statement begin, with the comments attached above it.

        A comment that reaches up to the first line is the file's own, not the statement's.
        """
        attached = len(list(takewhile(lambda one: not is_blank(one), reversed(self.above(node)))))
        decorators = node.decorators if isinstance(node, Definition) else ()
        line = self.line(self.start(decorators[0] if decorators else node)) - 1
        return self._lines[line if attached == line else line - attached]

    def render(self, code: str, indent: str, newline: str) -> str:
        """Return new code in the file's style, indented, without the last line's ending.

        Raises RefactoringRefused if it would no longer be the same code.
        """
        style = HouseStyle(self.unit, usual_quote(self._ranges))
        return style.render(code, indent, newline)

    def with_range(self, start: int, end: int, new: str) -> str:
        """Return the text with one range replaced. Raises RefactoringRefused if it is no Python."""
        text = self.text[:start] + new + self.text[end:]
        parse_or_refuse(text, "The file would no longer parse")
        return text

    def without_lines(self, start: int, end: int, node: Statement, block: Block) -> str:
        """Return the text without a statement's lines, and without the smaller gap around them."""
        above = self.above(node)
        line = self.line(start) - 1
        first, last = self._lines[line], self.text.find("\n", end) + 1 or len(self.text)
        blank_above = len(list(takewhile(is_blank, reversed(above))))
        below = [last]
        while blank := _BLANK_LINE.match(self.text, below[-1]):
            below.append(blank.end())
        if not self.text[below[-1] :].strip():
            return self.with_range(self._lines[line - blank_above], last, "")
        opens_block = node is block.body[0] and blank_above == len(above)
        spare = len(below) - 1 if opens_block else blank_above
        return self.with_range(first, below[min(spare, len(below) - 1)], "")

    def _found(self, name: str, node: Definition, block: Block) -> Found:
        start = self.start(node.decorators[0] if node.decorators else node)
        indent = self.text[self.line_start(start) : start]
        return Found(name, node, block, start, self._end(node, indent), indent)

    def _end(self, node: Definition, indent: str) -> int:
        """Return the end of the last line, comments included that are indented deeper."""
        end = self.line_end(self.end(node))
        comment = re.compile(rf"(?:\r?\n[ \t]*(?=\r?\n))*\r?\n{indent}[ \t]+#[^\r\n]*")
        while deeper := comment.match(self.text, end):
            end = deeper.end()
        return end

    def above(self, node: Statement) -> Sequence[cst.EmptyLine]:
        """Return the blank lines and comments above a statement."""
        if node is self.module.body[0]:
            return (*self.module.header, *node.leading_lines)
        return node.leading_lines


def _definitions(
    node: cst.CSTNode, inside: tuple[str, ...] = ()
) -> Iterator[tuple[str, Definition, Block]]:
    """Yield each function and class with its qualified name and the block it stands in."""
    for child in node.children:
        if isinstance(child, Definition) and isinstance(node, Block):
            names = (*inside, child.name.value)
            yield ".".join(names), child, node
            yield from _definitions(child.body, names)
        elif not isinstance(child, cst.BaseExpression | cst.BaseSmallStatement):
            yield from _definitions(child, inside)
