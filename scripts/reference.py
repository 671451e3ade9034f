"""Write docs/reference/ from the code; a test compares the pages with what the code says.

python scripts/reference.py
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_MADE = "<!-- Made by scripts/reference.py; a test compares it. -->\n\n"
_SCHEMA = _ROOT / "docs" / "schema" / "alma-1.schema.json"
_ANYTHING = "anything"
_EVERYWHERE = ("json", "quiet", "verbose", "output")


def commands_page() -> str:
    """Return every command but the refactorings, with what it takes."""
    from alma_agent.terminal.cli import app

    found = list(_leaves(*_tree(app, "alma")))
    shared = _shared(found)
    parts = [
        _head("Commands", "Results go to standard output, progress and errors to standard error."),
        "Every command takes these, unless its own table gives one of them another sense:\n",
        _options(shared.values(), found[0][2]),
        f"\n{len(found)} commands:\n",
        "\n".join(f"- [`{name}`](#{_anchor(name)}): {_first(one)}" for name, one, _ in found),
        "",
    ]
    for name, one, context in found:
        parts.append(_section(name, one, context, leave_out=shared))
    parts.append(
        "\nThe refactorings, each with its own arguments, are on [a page of their "
        "own](refactorings.md).\n"
    )
    return "\n".join(parts)


def refactorings_page() -> str:
    """Return every exact refactoring as a command, with what it takes."""
    from alma_agent.terminal.refactor_commands import commands

    found = [one for one in _leaves(*_tree(commands(), "alma refactor")) if one[0][-4:] != "list"]
    shared = {
        one.name: one
        for one in found[0][1].params
        if all(_same(one, each.params) for _, each, _ in found)
    }
    parts = [
        _head(
            "Exact refactorings",
            "`alma refactor NAME …` carries one out without a model. What it proves, and what it "
            "refuses, is in [Exact refactorings](../refactoring.md).",
        ),
        "Each of them takes these options:\n",
        _options(shared.values(), found[0][2]),
        "",
    ]
    for name, one, context in found:
        parts.append(_section(name, one, context, leave_out=shared))
    return "\n".join(parts)


def configuration_page() -> str:
    """Return the table of settings, and where they are looked for."""
    from alma_agent.configuration.settings import SETTINGS
    from alma_agent.proposals.policy import KEYS

    def of_policy(one: Any) -> tuple[str, ...]:
        default = "" if one.default in (None, (), "") else _code(one.shown(one.default))
        return _code(one.key), one.help, one.takes, default

    def row(one: Any) -> tuple[str, ...]:
        default = "" if one.default in (None, (), "") else _code(one.shown(one.default))
        who = "you alone" if one.is_personal else "you, or a trusted project"
        who = who if one.needs_trust or one.is_personal else "you, or the project"
        return _code(one.key), one.help, one.takes, default, _code(one.variable), who

    heads = ("key", "what it says", "takes", "default", "variable", "who may say it")
    return (
        _head(
            "Configuration",
            "A flag of the command comes first. Then the variable, then the project's file "
            "(`[tool.alma]` in `pyproject.toml`, or `alma.toml`, at the repository's root), then "
            "your own file (`alma config path` names it), then the default. "
            "[Settings for a team, and trust](../how-to/configuration.md) shows how to write them.",
        )
        + "\n"
        + _table(heads, map(row, SETTINGS.values()))
        + "\nWhere a trusted project may say something, its word counts only after "
        "`alma config trust`: such a setting could run a program, choose who is told of your "
        "code, spend money, or ask you less.\n\n"
        "Keys are no settings. They come from variables (`OPENAI_API_KEY`) or from the system's "
        "keyring, and from no file.\n"
        "\n## What a branch asks of proposals\n\n"
        "In the table `[tool.alma.review]` of `pyproject.toml`, or `[review]` of `alma.toml`. It "
        "is read from the commit that a proposal lands on, and from nowhere else; there are no "
        "flags and no variables for it. [In CI](../how-to/ci.md) shows how to write it.\n\n"
        + _table(("key", "what it says", "takes", "default"), map(of_policy, KEYS.values()))
    )


def exit_codes_page() -> str:
    """Return the table of exit codes."""
    from alma_agent.exit_codes import MEANINGS

    rows = [(str(int(one)), _code(one.kind), meaning) for one, meaning in MEANINGS.items()]
    return (
        _head(
            "Exit codes",
            "Whatever the code but 0: no file was changed, or the message says otherwise.",
        )
        + "\n"
        + _table(("code", "`error.kind` in JSON", "meaning"), rows)
        + "\n[Scripts and CI](../how-to/scripts.md) shows what to do with them.\n"
    )


def json_page() -> str:
    """Return the documents of `--json`, from the published schema."""
    from toolset.refactor.catalogue import KINDS

    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    requests = {kind.__name__ for kind in KINDS.values()}
    parts = [
        _head(
            "JSON documents",
            "With `--json`, every command prints one document on standard output, whether it "
            f"succeeds or not. [The schema](../schema/{_SCHEMA.name}) is JSON Schema; the key "
            "`alma` is its version, which goes up when a key is taken away or changes its meaning. "
            "New keys may come at any time.",
        ),
        "## The document\n",
        _object(schema),
        "## What `result` holds\n",
        _table(("command", "result"), _results(schema)),
    ]
    for name, one in sorted(schema["$defs"].items()):
        if "properties" in one and name not in requests:
            parts += [f"## {name}\n", _object(one)]
    return "\n".join(parts)


def _results(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield which commands have which results, as the schema's conditions say."""
    for one in schema["allOf"]:
        names = one["if"]["properties"]["command"]["enum"]
        held = _type(one["then"].get("else", one["then"])["properties"]["result"])
        if held != _ANYTHING:
            several = "refactor rename" in names
            yield _code("refactor NAME") if several else ", ".join(map(_code, names)), held


def slash_page() -> str:
    """Return the commands within a session."""
    from alma_agent.terminal.repl.slash import _AS_COMMANDS, _OWN, _SIGNS

    own = [(f"/{name} {one.takes}", one.about) for name, one in _OWN.items()]
    others = [(f"/{name} {takes}", about) for name, (takes, about) in _AS_COMMANDS.items()]
    signs = [(_code(sign.replace(", ", "`, `")), about) for sign, about in _SIGNS.items()]
    rows = [(_code(typed.rstrip()), about) for typed, about in own + others]
    return (
        _head(
            "In a session",
            "What `alma` on a terminal, or `alma chat`, understands. Anything else is a task, in "
            "words. [A session](../tutorial.md#a-session) shows one.",
        )
        + "\n"
        + _table(("type", "what it does"), [*rows, *signs])
        + "\nThe other commands work, too, spelt as on [the command line](commands.md), with a "
        "slash before them: `/outline app.py`.\n"
    )


def _head(title: str, *paragraphs: str) -> str:
    return f"# {title}\n\n{_MADE}" + "".join(f"{one}\n" for one in paragraphs)


def _tree(app: Any, name: str) -> tuple[Any, Any]:
    from typer.main import get_command

    root = get_command(app)
    return root, root.make_context(name, ["-"], resilient_parsing=True)


def _leaves(command: Any, context: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield each command that does something: its whole name, itself, its context."""
    for name, one in getattr(command, "commands", {}).items():
        if one.hidden:
            continue
        inner = one.make_context(name, [], parent=context, resilient_parsing=True)
        if getattr(one, "commands", None):
            yield from _leaves(one, inner)
        else:
            yield inner.command_path, one, inner


def _shared(found: Sequence[tuple[str, Any, Any]]) -> dict[str, Any]:
    """Return the options that `@ending` gives to every command, by name."""
    with_all = next(one for _, one, _ in found if {*_EVERYWHERE} <= {p.name for p in one.params})
    return {one.name: one for one in with_all.params if one.name in _EVERYWHERE}


def _same(one: Any, others: Iterable[Any]) -> bool:
    return any(
        (one.name, one.help, one.opts) == (each.name, each.help, each.opts) for each in others
    )


def _section(name: str, command: Any, context: Any, *, leave_out: dict[str, Any]) -> str:
    own = [one for one in command.params if not _same(one, leave_out.values())]
    arguments = [one for one in own if one.param_type_name == "argument"]
    options = [one for one in own if one.param_type_name != "argument"]
    pieces = [f"{name} [OPTIONS]", *(_spelt(one) for one in arguments)]
    parts = [f"\n## {name}\n", f"```text\n{' '.join(pieces)}\n```\n", _prose(command.help)]
    if arguments:
        rows = [(_code(_spelt(one)), one.help or "") for one in arguments]
        parts += ["", _table(("argument", ""), rows).rstrip()]
    if options:
        parts += ["", _options(options, context).rstrip()]
    return "\n".join(parts) + "\n"


def _spelt(argument: Any) -> str:
    """Return an argument as usage lines have it: `NAME`, `[NAME]`, `[NAMES]...`."""
    name = (argument.metavar or argument.name.upper()).strip("[]")
    name = name if argument.required else f"[{name}]"
    return f"{name}..." if argument.nargs != 1 else name


def _options(options: Iterable[Any], context: Any) -> str:
    def row(one: Any) -> tuple[str, ...]:
        flags, told = one.get_help_record(context)  # as --help has it: "text  [default: 3; x>=1]"
        told, _, more = told.partition("  [")
        extra = dict(part.partition(": ")[::2] for part in more.rstrip("]").split("; "))
        bound = next((f" From {part[3:]} on." for part in extra if part[:3] == "x>="), "")
        flags = flags.replace(" range>", ">").replace("<list[str]>", "<str>")
        default, variable = extra.get("default", ""), extra.get("env var", "")
        return _code(flags), told + bound, _code(default), _code(variable)

    return _table(("option", "", "default", "variable"), map(row, options))


def _object(one: dict[str, Any]) -> str:
    # Of a result, the schema's conditions say which keys must be there: all, unless it failed.
    required = one.get("required", one.get("properties", {}))
    rows = [
        (_code(key), _type(value), "" if key in required else "may be missing")
        for key, value in one.get("properties", {}).items()
    ]
    told = f"{_prose(one['description'])}\n\n" if one.get("description") else ""
    return told + _table(("key", "holds", ""), rows)


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{_anchor(name)})"
    for several in ("anyOf", "oneOf"):
        if several in value:
            return " or ".join(dict.fromkeys(map(_type, value[several])))
    if "enum" in value:
        return ", ".join(_code(json.dumps(one)) for one in value["enum"])
    if "const" in value:
        return _code(json.dumps(value["const"]))
    if value.get("type") == "array":
        return f"a list of {_type(value.get('items', {}))}"
    kind = value.get("type", _ANYTHING)
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, without the columns that are empty in every row."""
    all_rows = list(rows)
    used = [n for n in range(len(heads)) if n == 0 or any(row[n] for row in all_rows)]
    lines = [[heads[n] for n in used], ["---"] * len(used)]
    lines += [[_cell(row[n]) for n in used] for row in all_rows]
    return "".join(re.sub(" +", " ", f"| {' | '.join(one)} |\n") for one in lines)


def _cell(text: str) -> str:
    """Return what a cell may hold. A bar in code is spelt as all readers of Markdown take it."""

    def spelt(found: re.Match[str]) -> str:
        return f"<code>{html.escape(found[1], quote=False).replace('|', '&#124;')}</code>"

    text = re.sub(r"`([^`]*\|[^`]*)`", spelt, re.sub(r"\s+", " ", text).strip())
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _prose(text: str | None) -> str:
    """Return a docstring as Markdown: `<`, `*` and `_` outside of code mean themselves."""
    parts = re.split(r"(`[^`]*`)", (text or "").strip())
    return "".join(
        part if n % 2 else re.sub(r"([<*_])", r"\\\1", part) for n, part in enumerate(parts)
    )


def _first(command: Any) -> str:
    return _prose((command.help or "").split("\n\n", maxsplit=1)[0].replace("\n", " "))


def _anchor(text: str) -> str:
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


PAGES = {
    "commands.md": commands_page,
    "refactorings.md": refactorings_page,
    "configuration.md": configuration_page,
    "exit-codes.md": exit_codes_page,
    "json.md": json_page,
    "repl.md": slash_page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        try:
            made = page()
        except (ImportError, FileNotFoundError) as error:
            print(f"docs/reference/{name} left out: {error}", file=sys.stderr)
            continue
        (_ROOT / "docs" / "reference" / name).write_text(made, encoding="utf-8")
        print(f"docs/reference/{name}", file=sys.stderr)
