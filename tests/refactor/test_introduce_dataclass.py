"""Classes made dataclasses: each is built, kept and compared as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import make_workspace
from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.draft import Draft
from toolset.refactor.catalogue import plan
from toolset.refactor.requests import IntroduceDataclass

_ASK = IntroduceDataclass("a.py::Point")


def _case(name: str, before: str, after: str, **more: object) -> Case:
    return Case(name, {"a.py": before}, _ASK, {"a.py": after}, **more)  # type: ignore[arg-type]


_REPR = "    def __repr__(self):\n        return 'Point'\n"


@spelt(
    _case(
        "types, and nothing to be seen from outside",
        "class Point:\n"
        '    """A point."""\n'
        "\n"
        "    def __init__(self, x: int, y: int) -> None:\n"
        "        self.x = x\n"
        "        self.y = y\n"
        "\n" + _REPR,
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        '    """A point."""\n'
        "\n"
        "    x: int\n"
        "    y: int\n"
        "\n" + _REPR,
        level="proven",
        leftovers=(),
    ),
    _case(
        "own equality is kept",
        "class Point:\n"
        '    """A point."""\n'
        "\n"
        "    def __init__(self, x: int) -> None:\n"
        "        self.x = x\n"
        "\n"
        "    def __eq__(self, other):\n"
        "        return self.x == other.x\n",
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "@dataclass\n"
        "class Point:\n"
        '    """A point."""\n'
        "\n"
        "    x: int\n"
        "\n"
        "    def __eq__(self, other):\n"
        "        return self.x == other.x\n",
        level="likely",  # its repr() is new
    ),
    _case(
        "defaults, and parameters by name only",
        "import os\n"
        "from typing import Optional\n"
        "\n"
        "\n"
        "class Point:\n"
        "    def __init__(self, x: int = 0, *, name: Optional[str] = None, path: str):\n"
        "        self.x = x\n"
        "        self.name = name\n"
        "        self.path = path\n"
        "\n" + _REPR,
        "import os\n"
        "from typing import Optional\n"
        "from dataclasses import dataclass, field\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        "    x: int = 0\n"
        "    name: Optional[str] = field(default=None, kw_only=True)\n"
        "    path: str = field(kw_only=True)\n"
        "\n" + _REPR,
        level="likely",
    ),
    _case(
        "no types",
        "class Point:\n    def __init__(self, x, y=0):\n        self.x = x\n        self.y = y\n",
        "from dataclasses import dataclass\n"
        "from typing import Any\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        "    x: Any\n"
        "    y: Any = 0\n",
        leftovers=(
            "a.py:3 its type is not said: Any",
            "a.py:4 its type is not said: Any",
        ),
    ),
    _case(
        "comments find their fields",
        "class Point:\n"
        "    # what it takes\n"
        "    def __init__(\n"
        "        self,\n"
        "        x: int,  # to the right\n"
        "        # grows downwards\n"
        "        y: int,\n"
        "    ) -> None:\n"
        "        self.x = x  # in pixels\n"
        "\n"
        "        # never negative\n"
        "        self.y = y  # é\n",
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        "    # what it takes\n"
        "    # to the right\n"
        "    x: int  # in pixels\n"
        "\n"
        "    # grows downwards\n"
        "    # never negative\n"
        "    y: int  # é\n",
    ),
    _case(
        "an empty collection for each object",
        "class Point:\n"
        "    def __init__(self, x: int):\n"
        "        self.x = x\n"
        "        self.seen: set[int] = set()\n"
        "        self.names = []\n",
        "from dataclasses import dataclass, field\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        "    x: int\n"
        "    seen: set[int] = field(default_factory=set, init=False)\n"
        "    names: list = field(default_factory=list, init=False)\n",
    ),
    _case(
        "derived values",
        "class Point:\n"
        "    def __init__(self, x: int, y: int) -> None:\n"
        "        self.x = x\n"
        "        self.y = y\n"
        "        # far out\n"
        "        self.sum = x + y  # both\n"
        "        self.text = f'{x!r:>{y}} {self.sum}'\n"
        "\n" + _REPR,
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        "    x: int\n"
        "    y: int\n"
        "\n"
        "    def __post_init__(self) -> None:\n"
        "        # far out\n"
        "        self.sum = self.x + self.y  # both\n"
        "        self.text = f'{self.x!r:>{self.y}} {self.sum}'\n"
        "\n" + _REPR,
    ),
    _case(
        "a constant between, so the order changes",
        "class Point:\n"
        '    """A point."""\n'
        "\n"
        "    def __init__(self, x: int, y: int):\n"
        "        self.x = x\n"
        "        self.count = 0\n"
        "        self.y = y\n"
        "\n" + _REPR,
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        '    """A point."""\n'
        "\n"
        "    x: int\n"
        "    y: int\n"
        "\n"
        "    def __post_init__(self):\n"
        "        self.count = 0\n"
        "\n" + _REPR,
        level="likely",
    ),
    _case(
        "the docstring of __init__",
        "class Point:\n"
        "    def __init__(self, x: int):\n"
        '        """Make a point.\n'
        "\n"
        "        It stays.\n"
        '        """\n'
        "        self.x = x\n",
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        '    """Make a point.\n'
        "\n"
        "    It stays.\n"
        '    """\n'
        "\n"
        "    x: int\n",
    ),
    _case(
        "parameters stored in another order",
        "class Point:\n"
        '    """A point."""\n'
        "\n"
        "    def __init__(self, x: int, y: int):\n"
        "        self.y = y\n"
        "        self.x = x\n"
        "\n" + _REPR,
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        '    """A point."""\n'
        "\n"
        "    x: int\n"
        "    y: int\n"
        "\n" + _REPR,
        level="likely",
    ),
    _case(
        "types on the attributes, never evaluated before",
        "from __future__ import annotations\n"
        "\n"
        "\n"
        "class Point:\n"
        "    def __init__(self, x):\n"
        "        self.x: Point | None = x\n",
        "from __future__ import annotations\n"
        "\n"
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point:\n"
        "    x: Point | None\n",
    ),
    _case(
        "Any is there already, and class variables stay",
        "from typing import Any, ClassVar, Generic, TypeVar\n"
        "\n"
        "T = TypeVar('T')\n"
        "\n"
        "\n"
        "class Point(Generic[T]):\n"
        "    made: ClassVar[int] = 0\n"
        "    LIMIT = 3\n"
        "\n"
        "    def __init__(self, x, limit: int = LIMIT) -> None:\n"
        "        self.x = x\n"
        "        self.limit = limit\n"
        "\n"
        "    async def go(self) -> None: ...\n",
        "from typing import Any, ClassVar, Generic, TypeVar\n"
        "from dataclasses import dataclass\n"
        "\n"
        "T = TypeVar('T')\n"
        "\n"
        "\n"
        "@dataclass(eq=False)\n"
        "class Point(Generic[T]):\n"
        "    made: ClassVar[int] = 0\n"
        "    LIMIT = 3\n"
        "\n"
        "    x: Any\n"
        "    limit: int = LIMIT\n"
        "\n"
        "    async def go(self) -> None: ...\n",
        leftovers=("a.py:11 its type is not said: Any",),
    ),
    Case(
        "subclass with its own __init__, and a base class with a repr",
        {
            "a.py": "class Base:\n"
            "    def __repr__(self):\n"
            "        return 'base'\n"
            "\n"
            "\n"
            "class Point(Base):\n"
            '    """A point."""\n'
            "\n"
            "    def __init__(self, x: int) -> None:\n"
            "        self.x = x\n",
            "b.py": "from a import Point\n"
            "\n"
            "\n"
            "class Pixel(Point):\n"
            "    def __init__(self, x):\n"
            "        super().__init__(x * 2)\n",
        },
        _ASK,
        {
            "a.py": "from dataclasses import dataclass\n"
            "\n"
            "\n"
            "class Base:\n"
            "    def __repr__(self):\n"
            "        return 'base'\n"
            "\n"
            "\n"
            "@dataclass(eq=False, repr=False)\n"
            "class Point(Base):\n"
            '    """A point."""\n'
            "\n"
            "    x: int\n"
        },
        level="proven",
    ),
    _case(
        "class in a function, import in use already",
        "import dataclasses\n"
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "def make():\n"
        "    class Point:\n"
        "        def __init__(self, x: int):\n"
        "            self.x = x\n"
        "\n"
        "    return Point\n",
        "import dataclasses\n"
        "from dataclasses import dataclass\n"
        "\n"
        "\n"
        "def make():\n"
        "    @dataclass(eq=False)\n"
        "    class Point:\n"
        "        x: int\n"
        "\n"
        "    return Point\n",
    ),
    Case(
        "somebody asks for dataclasses",
        {
            "a.py": "class Point:\n    def __init__(self, x: int):\n        self.x = x\n",
            "b.py": "from dataclasses import asdict\n",
        },
        _ASK,
        {
            "a.py": "from dataclasses import dataclass\n"
            "\n"
            "\n"
            "@dataclass(eq=False)\n"
            "class Point:\n"
            "    x: int\n"
        },
        leftovers=("b.py:1 asks for dataclasses",),
    ),
)
def test_introduce_dataclass(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def _refused(name: str, text: str, refused: str) -> Case:
    return Case(name, {"a.py": text}, _ASK, refused=refused)


def _init(parameters: str, *lines: str, head: str = "class Point:\n", tail: str = "") -> str:
    body = "".join(f"        {line}\n" for line in lines or ("self.x = x",))
    return f"{head}    def __init__(self, {parameters}):\n{body}{tail}"


@spelt(
    _refused("no __init__", "class Point:\n    x = 1\n", "no single __init__"),
    _refused("*args", _init("*x"), r"\*args"),
    _refused("positional only", _init("x, /"), "positional only"),
    _refused("mutable default", _init("x=[]"), "share the default"),
    _refused("call of super", _init("x", "super().__init__()", "self.x = x"), "line 3"),
    _refused("another name", _init("x", "self._x = x"), "does not keep x"),
    _refused("a condition", _init("x", "if x:", "    self.x = x"), "line 3"),
    _refused("a local variable", _init("x", "y = x", "self.x = y"), "line 3"),
    _refused("stored twice", _init("x", "self.x = x", "self.x = x"), "twice"),
    _refused("calls its own method", _init("x", "self.x = x", "self.y = self.f()"), "line 4"),
    _refused("hands itself on", _init("x", "self.x = x", "self.y = f(self)"), "line 4"),
    _refused("reads late", _init("x", "self.x = x", "self.y = lambda: x"), "line 4"),
    _refused("walrus", _init("x", "self.x = x", "self.y = (z := x)"), "line 4"),
    _refused("comment at the end", _init("x", "self.x = x", "# the end"), "would be lost"),
    _refused("comment at the colon", _init("x").replace("x):", "x):  # noqa"), "would be lost"),
    _refused("base class of elsewhere", _init("x", head="class Point(Odd):\n"), "inherits from"),
    _refused("metaclass", _init("x", head="class Point(metaclass=M):\n"), "metaclass"),
    _refused("decorated", _init("x", head="@final\nclass Point:\n"), "decorator"),
    _refused("slots", _init("x", head="class Point:\n    __slots__ = ('x',)\n\n"), "__slots__"),
    _refused(
        "property of the name",
        _init("x", tail="\n    @property\n    def x(self):\n        return 1\n"),
        "binds x too",
    ),
    _refused("annotated attribute", _init("x", head="class Point:\n    y: int = 1\n\n"), "y: int"),
    _refused("mangled", _init("__x", "self.__x = __x"), "mangles"),
    _refused(
        "inherited default",
        "class Base:\n    x = 3\n\n\n" + _init("x", head="class Point(Base):\n"),
        "Base, a base class, binds x",
    ),
    _refused(
        "a dataclass below it",
        "from dataclasses import dataclass\n\n\n"
        + _init("x")
        + "\n\n@dataclass\nclass Pixel(Point):\n    colour: int\n",
        "Pixel, a subclass",
    ),
    _refused(
        "a field would hide a type",
        "from datetime import date\n\n\n"
        + _init("date: date = None, other: date = None", "self.date = date", "self.other = other"),
        "reads another date",
    ),
    _refused(
        "a type that was never evaluated",
        _init("x", "self.x: Point = x"),
        "never been evaluated",
    ),
    _refused("dataclass is another thing", "dataclass = 1\n\n\n" + _init("x"), "already bound"),
    _refused(
        "a method called list",
        _init(
            "x",
            "self.x = x",
            "self.y = []",
            head="class Point:\n    def list(self):\n        pass\n\n",
        ),
        "list means something else",
    ),
    _refused(
        "overloads",
        "from typing import overload\n\n\nclass Point:\n    @overload\n"
        "    def __init__(self, x: int): ...\n    @overload\n    def __init__(self, x: str): ...\n"
        "    def __init__(self, x):\n        self.x = x\n",
        "no single __init__",
    ),
    _refused(
        "a field called as what makes fields",
        _init("field: int = 1, *, x", "self.field = field", "self.x = x"),
        "would hide",
    ),
    _refused("deleted", _init("x", tail="\n    def f(self):\n        del self.x\n"), "deletes x"),
)
def test_refused(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def test_a_program_prints_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        "class Point:\n"
        "    def __init__(self, x: int, y: int = 2, *, z=3):\n"
        "        self.x = x\n"
        "        self.y = y\n"
        "        self.z = z\n"
        "        self.seen = []\n"
        "        self.sum = x + y + z\n"
        "\n"
        "\n"
        "one, two = Point(1), Point(1)\n"
        "one.seen.append(1)\n"
        "print(vars(one), vars(two), one == two, len({one, two}))\n"
        "for wrong in ((), (1, 2, 3)):\n"
        "    try:\n"
        "        Point(*wrong)\n"
        "    except TypeError as error:\n"
        "        print(error)\n"
    )
    workspace = make_workspace(tmp_path / "project", {"a.py": program})
    (edit,) = plan(Draft(workspace), _ASK).changes
    assert edit.after is not None

    exec(program, {"__name__": "__main__"})
    before = capsys.readouterr().out
    exec(edit.after.data, {"__name__": "__main__"})

    assert before == capsys.readouterr().out
    assert before.startswith("{'x': 1, 'y': 2, 'z': 3, 'seen': [1], 'sum': 6}")
