"""print() as a call of the module's logger: the same text, and what cannot be is told."""

from __future__ import annotations

import io
import logging
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.conftest import make_workspace
from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.draft import Draft
from toolset.refactor.catalogue import plan
from toolset.refactor.requests import UseLogging

_INFO = UseLogging()
_SET_UP = "import logging\n\nlogger = logging.getLogger(__name__)\n"


@spelt(
    Case(
        "one value, and a logger after the imports",
        {"a.py": "import sys\n\n\ndef f(x):\n    print(x)  # why\n"},
        _INFO,
        {
            "a.py": (
                "import sys\nimport logging\n\nlogger = logging.getLogger(__name__)\n\n\n"
                "def f(x):\n    logger.info(x)  # why\n"
            ),
        },
        level="likely",
        leftovers=(),
    ),
    Case(
        "the module's own logger, at another level",
        {
            "a.py": (
                "import logging\n\n_log = logging.getLogger('a')\n\n\nclass A:\n"
                "    async def f(self):\n        print('x')\n"
            ),
        },
        UseLogging(level="error"),
        {
            "a.py": (
                "import logging\n\n_log = logging.getLogger('a')\n\n\nclass A:\n"
                "    async def f(self):\n        _log.error('x')\n"
            ),
        },
        level="likely",
    ),
    Case(
        "no import at all",
        {"a.py": '"""Doc."""\n\nprint("x")\n'},
        _INFO,
        {"a.py": f'"""Doc."""\n\n{_SET_UP}\nlogger.info("x")\n'},
    ),
    Case(
        "several values",
        {"a.py": f"{_SET_UP}\nprint(x, y)\nprint('x:', x)\nprint('a', 'b')\n"},
        _INFO,
        {
            "a.py": (
                f"{_SET_UP}\nlogger.info(\"%s %s\", x, y)\nlogger.info('x: %s', x)\n"
                "logger.info('a b')\n"
            ),
        },
    ),
    Case(
        "percent signs are text",
        {"a.py": f"{_SET_UP}\nprint('100%')\nprint('100%s', x)\nprint(x, y, sep='%')\n"},
        _INFO,
        {
            "a.py": (
                f"{_SET_UP}\nlogger.info('100%')\nlogger.info('100%%s %s', x)\n"
                'logger.info("%s%%%s", x, y)\n'
            ),
        },
    ),
    Case(
        "separator, flush, and the standard streams",
        {
            "a.py": (
                f"import sys\n{_SET_UP}\nprint(x, y, sep=', ', flush=True)\n"
                "print(x, file=sys.stderr)\nprint((x), end='\\n')\n"
            ),
        },
        _INFO,
        {
            "a.py": (
                f'import sys\n{_SET_UP}\nlogger.info("%s, %s", x, y)\n'
                "logger.info(x)\nlogger.info((x))\n"
            ),
        },
    ),
    Case(
        "f-strings, walrus and generators stay as they are",
        {"a.py": f"{_SET_UP}\nprint(f'{{x}}%')\nprint(y := 3)\nprint(z for z in x)\n"},
        _INFO,
        {
            "a.py": (
                f"{_SET_UP}\nlogger.info(f'{{x}}%')\nlogger.info(y := 3)\n"
                "logger.info(z for z in x)\n"
            ),
        },
    ),
    Case(
        "several lines keep their comments",
        {
            "a.py": (f"{_SET_UP}\nprint(  # one\n    'a'\n)\nprint(\n    x,\n    y,\n)\n"),
        },
        _INFO,
        {
            "a.py": (
                f"{_SET_UP}\nlogger.info(  # one\n    'a'\n)\n"
                'logger.info(\n    "%s %s",\n    x,\n    y,\n)\n'
            ),
        },
    ),
    Case(
        "what no logger writes",
        {
            "a.py": (
                f"{_SET_UP}\nprint()\nprint(x, end='')\nprint(*x)\nprint(x, file=out)\n"
                "print(x, y, sep=s)\nprint(x, **k)\n"
            ),
        },
        _INFO,
        {},
        leftovers=(
            "a.py:5 print() of an empty line",
            "a.py:6 print() that does not end its line",
            "a.py:7 print() of a starred value",
            "a.py:9 print() with a separator that is computed",
            "a.py:10 print() with keywords that are not known",
        ),
    ),
    Case(
        "inside an expression",
        {"a.py": f"{_SET_UP}\nf = lambda: print(1)\nx = print(2)\n"},
        _INFO,
        {},
        leftovers=(
            "a.py:5 print() inside an expression",
            "a.py:6 print() inside an expression",
        ),
    ),
    Case(
        "print of another module",
        {"a.py": "from rich import print\n\nprint(1)\n"},
        _INFO,
        {},
    ),
    Case(
        "a function of that name somewhere in the file",
        {"a.py": "class A:\n    def print(self):\n        print(1)\n"},
        _INFO,
        {},
        leftovers=("a.py:3 print() that is not Python's own",),
    ),
    Case(
        "logger is something else",
        {"a.py": "from loguru import logger\n\nprint(1)\n"},
        _INFO,
        {},
        leftovers=("a.py:3 print() in a file where logger is something else",),
    ),
    Case(
        "a parameter called logger",
        {"a.py": "def f(logger):\n    print(1)\n"},
        _INFO,
        {},
        leftovers=("a.py:2 print() in a file where logger is something else",),
    ),
    Case(
        "logging is something else",
        {"a.py": "from b import logging\n\nprint(1)\n"},
        _INFO,
        {},
        leftovers=(
            "a.py:3 print() in a file that gets no logger: the name logging means something else.",
        ),
    ),
    Case(
        "before the logger is made",
        {"a.py": "import logging\n\nprint(1)\nlog = logging.getLogger()\nprint(2)\n"},
        _INFO,
        {"a.py": "import logging\n\nprint(1)\nlog = logging.getLogger()\nlog.info(2)\n"},
        leftovers=("a.py:3 print() before the logger is made",),
    ),
    Case(
        "imports that are tried come before the logger",
        {
            "a.py": (
                "try:\n    import json\nexcept ImportError:\n    json = None\nimport os  # last\n"
                "print(os)\n"
            ),
        },
        _INFO,
        {
            "a.py": (
                "import logging\n\ntry:\n    import json\nexcept ImportError:\n    json = None\n"
                "import os  # last\n\nlogger = logging.getLogger(__name__)\n\nlogger.info(os)\n"
            ),
        },
    ),
    Case(
        "the first code is an import that shares its line",
        {"a.py": "import os; print(os)\n"},
        _INFO,
        {},
        leftovers=("a.py:1 print() in a file that gets no logger: an import shares its line.",),
    ),
    Case(
        "match, decorators and one line after a colon",
        {
            "a.py": (
                f"{_SET_UP}\n\n@d\ndef f(x):\n    match x:\n        case 1:\n            print(x)\n"
                "    if x: print('a'); print('b')\n"
            ),
        },
        _INFO,
        {
            "a.py": (
                f"{_SET_UP}\n\n@d\ndef f(x):\n    match x:\n        case 1:\n"
                "            logger.info(x)\n    if x: logger.info('a'); logger.info('b')\n"
            ),
        },
    ),
    Case("doctests and comments are no calls", {"a.py": '"""\n>>> print(1)\n"""\n'}, _INFO, {}),
    Case(
        "only the files that are named",
        {"a.py": f"{_SET_UP}\nprint(1)\n", "b.py": f"{_SET_UP}\nprint(1)\n"},
        UseLogging(("b.py",)),
        {"b.py": f"{_SET_UP}\nlogger.info(1)\n"},
    ),
    Case(
        "no such level",
        {"a.py": "print(1)\n"},
        UseLogging(level="loud"),
        refused="'loud' is no level",
    ),
)
def test_use_logging(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@pytest.mark.parametrize(
    "call",
    [
        "print('100%', 5)",
        "print('%s', '%d')",
        "print('a\\t%', x, \"b'%\", sep='%s')",
        "print(d)",
        "print('d', d)",
        "print((1, 2), [3])",
        "print('it\\'s', \"it's\", 'é\\n')",
        "print('', x)",
        "print(None, '%%')",
    ],
)
def test_the_message_is_what_was_printed(
    call: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = f"x = 'x%'\nd = {{'a': 1}}\n{call}\n"
    workspace = make_workspace(tmp_path / "project", {"a.py": before.encode()})
    (edit,) = plan(Draft(workspace), _INFO).changes
    assert edit.after is not None
    with redirect_stdout(io.StringIO()) as printed:
        exec(before, {"__name__": "before"})
    with caplog.at_level(logging.INFO):
        exec(edit.after.data.decode(), {"__name__": "after"})
    assert caplog.messages == [printed.getvalue()[:-1]]
