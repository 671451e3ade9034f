"""What a skeleton says, and in which of the three common styles.

It says only what the code shows: the words of the names, defaults, what is raised and returned.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from toolset.refactor.annotating.returned import Function, own_nodes

Style = Literal["google", "numpy", "sphinx"]
Definition = Function | ast.ClassDef
_SIGNS: dict[Style, re.Pattern[str]] = {
    "google": re.compile(r"^\s*(Args|Arguments|Returns|Yields|Raises):\s*$", re.MULTILINE),
    "numpy": re.compile(r"^\s*(Parameters|Returns|Yields|Raises)\s*\n\s*-{3,}\s*$", re.MULTILINE),
    "sphinx": re.compile(r"^\s*:(param|returns?|raises?|rtype)\b", re.MULTILINE),
}
_LONGEST_DEFAULT = 30


@dataclass(frozen=True, slots=True)
class Facts:
    """What a skeleton tells of a function; of a class, the summary alone."""

    summary: str
    parameters: tuple[tuple[str, str], ...] = ()
    result: tuple[str, str] | None = None
    yields: bool = False
    raised: tuple[str, ...] = ()


def usual_style(docstrings: Iterable[str]) -> Style:
    """Return the style that most docstrings have; google where none shows one."""
    styles = Counter(
        style for text in docstrings for style, sign in _SIGNS.items() if sign.search(text)
    )
    return styles.most_common(1)[0][0] if styles else "google"


def facts_of(node: Definition, *, is_method: bool) -> Facts:
    """Return what the code of a class or function shows."""
    summary = sentence(node.name)
    if isinstance(node, ast.ClassDef):
        return Facts(summary)
    if any(_last_name(one) in ("property", "cached_property") for one in node.decorator_list):
        return Facts(summary)
    own = list(own_nodes(node))
    yields = any(isinstance(one, ast.Yield | ast.YieldFrom) for one in own)
    returns = [one for one in own if isinstance(one, ast.Return) and _is_value(one.value)]
    shown = _on_one_line(node.returns)
    is_none = shown in ("None", "NoReturn", "Never", "typing.NoReturn", "typing.Never")
    has_result = (returns or yields or shown) and not is_none
    return Facts(
        summary,
        tuple(_parameters(node, is_method=is_method)),
        (shown, "Each value." if yields else "The result.") if has_result else None,
        yields,
        tuple(dict.fromkeys(_raised(node.body))),
    )


def skeleton(facts: Facts, style: Style) -> list[str]:
    """Return the lines between the quotes, not indented; one line where there is no more to say."""
    sections = list(_WRITERS[style](facts))
    if not sections:
        return [facts.summary]
    return [facts.summary, "", *sections]


def sentence(name: str) -> str:
    """Return a name's words: `read_csv` is `Read csv.`, and `HTTPServer` is `HTTP server.`."""
    spaced = re.sub(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+", " ", name).split()
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in spaced]
    text = " ".join(words) or name
    return text[0].upper() + text[1:] + "."


def _parameters(node: Function, *, is_method: bool) -> Iterator[tuple[str, str]]:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs: list[tuple[ast.arg, ast.expr | None]] = list(zip(positional, defaults, strict=True))
    is_static = any(_last_name(one) == "staticmethod" for one in node.decorator_list)
    for argument, default in pairs[1 if is_method and not is_static else 0 :]:
        yield argument.arg, _about(argument, default)
    if arguments.vararg:
        yield f"*{arguments.vararg.arg}", sentence(arguments.vararg.arg)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument.arg, _about(argument, default)
    if arguments.kwarg:
        yield f"**{arguments.kwarg.arg}", sentence(arguments.kwarg.arg)


def _about(argument: ast.arg, default: ast.expr | None) -> str:
    shown = _on_one_line(default)
    about = sentence(argument.arg)
    return f"{about} Default: {shown}." if shown else about


def _on_one_line(node: ast.expr | None) -> str:
    """Return code as Python would write it; empty where it is long, or no docstring can hold it."""
    shown = ast.unparse(node) if node else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not shown.isascii():
        return ""
    is_plain = shown.isprintable() and not re.search(r'["\\]', shown)
    return shown if is_plain and len(shown) <= _LONGEST_DEFAULT else ""


def _raised(body: Iterable[ast.AST]) -> Iterator[str]:
    """Yield what is raised and not within a `try`, where it may be caught again."""
    for node in body:
        match node:
            case ast.Raise(exc=ast.Call(func=raised)) | ast.Raise(exc=ast.expr() as raised):
                name = ast.unparse(raised)
                if re.fullmatch(r"(\w+\.)*_*[A-Z]\w*", name):
                    yield name
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                continue
            case ast.Try() | ast.TryStar() | ast.With() | ast.AsyncWith():
                continue
            case _:
                yield from _raised(ast.iter_child_nodes(node))


def _google(facts: Facts) -> Iterator[str]:
    sections: list[list[str]] = []
    if facts.parameters:
        sections.append(["Args:", *(f"    {name}: {what}" for name, what in facts.parameters)])
    if facts.result:
        shown, what = facts.result
        kind = "Yields:" if facts.yields else "Returns:"
        is_type = shown and not facts.yields
        sections.append([kind, f"    {shown}: {what}" if is_type else f"    {what}"])
    if facts.raised:
        sections.append(["Raises:", *(f"    {name}: In some cases." for name in facts.raised)])
    yield from _separated(sections)


def _numpy(facts: Facts) -> Iterator[str]:
    sections: list[list[str]] = []
    if facts.parameters:
        named = (line for name, what in facts.parameters for line in (name, f"    {what}"))
        sections.append(["Parameters", "----------", *named])
    if facts.result:
        shown, what = facts.result
        title = "Yields" if facts.yields else "Returns"
        shown = shown if shown and not facts.yields else "object"
        sections.append([title, "-" * len(title), shown, f"    {what}"])
    if facts.raised:
        named = (line for name in facts.raised for line in (name, "    In some cases."))
        sections.append(["Raises", "------", *named])
    yield from _separated(sections)


def _sphinx(facts: Facts) -> Iterator[str]:
    for name, what in facts.parameters:
        yield f":param {name.lstrip('*')}: {what}"
    if facts.result:
        yield f":{'yields' if facts.yields else 'returns'}: {facts.result[1]}"
    yield from (f":raises {name}: In some cases." for name in facts.raised)


_WRITERS: dict[Style, Callable[[Facts], Iterator[str]]] = {
    "google": _google,
    "numpy": _numpy,
    "sphinx": _sphinx,
}


def _separated(sections: list[list[str]]) -> Iterator[str]:
    for number, section in enumerate(sections):
        yield from ([""] if number else [])
        yield from section


def _is_value(value: ast.expr | None) -> bool:
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


def _last_name(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called).rpartition(".")[2]
