"""The normal form: formatting leaves a symbol's digest, and nothing else does."""

from __future__ import annotations

import ast
import subprocess
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruff.__main__ import find_ruff_bin

from toolset.broken_python import symbols_of_broken
from toolset.normal_form import Unparsable, symbols_of

SOURCE = '''
class Shelf(Base, key="k"):
    """Holds books.

        Those on loan too.
    """

    size: int = 3

    @property
    def full(self):
        return len(self.books) >= self.size

    def add(self, book, *, at=None, **more):
        """Put a book in its place."""
        if not (book in self.books and at is None):
            self.books[at or 0 : -1] += [book, *more, f"{book!r:>{self.size}}" "x"]
            del (self.last, self.first)
        return {"a": 1, **more}, lambda x, /, y=2: x if y else -x


async def read(path, mode="r"):
    async with open(path) as (one, two), other:
        return [line for line in one if line] + await two.read()
'''


def digests(source: str) -> dict[str, tuple[str, str]]:
    symbols = symbols_of(source.encode())
    return {name: (symbol.digest(), symbol.binding) for name, symbol in symbols.items()}


def digest(source: str, name: str = "f") -> str:
    return symbols_of(source.encode())[name].digest()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("def f(): return 'a'", 'def f():\n    return "a"\n', id="quotes and lines"),
        pytest.param("def f(): return (1)", "def f(): return 1", id="brackets"),
        pytest.param("def f(a): g(a, 1)", "def f(\n  a,\n):\n  g(\n  a,\n  1,\n  )", id="commas"),
        pytest.param("def f(): return 'ab'", "def f(): return 'a' 'b'", id="joined strings"),
        pytest.param("def f(): return u'a'", "def f(): return 'a'", id="u prefix"),
        pytest.param("def f(): return 0XFF, 1_0", "def f(): return 0xff, 10", id="numbers"),
        pytest.param("def f(): del (a, b)", "def f(): del a, b", id="del with brackets"),
        pytest.param("class f(): pass", "class f: pass", id="empty brackets of a class"),
        pytest.param("def f(): pass", "def f(): # why\n    # because\n    pass", id="comments"),
        pytest.param("def f():\n  a\n  b", "def f():\r\n\ta;\\\r\n\tb\r\n", id="CRLF and tabs"),
        pytest.param(
            'def f():\n    """A.\n\n    B.\n    """',
            'def f():\n  """  A.  \n\n  B."""',
            id="a docstring's indentation",
        ),
        pytest.param(
            "def f(): return '''a\nb'''", "def f(): return '''a\r\nb'''", id="line ends in strings"
        ),
    ],
)
def test_formatting_keeps_the_digest(before: str, after: str) -> None:
    assert digest(before) == digest(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("def f(): return a + b", "def f(): return a - b", id="operator"),
        pytest.param("def f(): return a < b < c", "def f(): return a < (b < c)", id="grouping"),
        pytest.param("def f(): return 1", "def f(): return True", id="a constant's type"),
        pytest.param("def f(): return 1", "def f(): return 1.0", id="a number's type"),
        pytest.param("def f(): return 'a'", "def f(): return b'a'", id="bytes"),
        pytest.param("def f(): return 'a b'", "def f(): return 'a  b'", id="spaces in a string"),
        pytest.param("def f(): return 'a\\n'", "def f(): return 'a'", id="line end in a string"),
        pytest.param("def f(): return 'g'", "def f(): return g", id="a string that is a name"),
        pytest.param("def f(a=1): pass", "def f(a=2): pass", id="default"),
        pytest.param("def f(a, b=1): pass", "def f(a=1, b=1): pass", id="one default more"),
        pytest.param("def f(*, a, b=1): pass", "def f(*, a=1, b): pass", id="keyword default"),
        pytest.param("def f(a, /, b): pass", "def f(a, b): pass", id="positional only"),
        pytest.param("def f(a, *b): pass", "def f(a, b): pass", id="star"),
        pytest.param("def f(): g(a, b)", "def f(): g(b, a)", id="arguments swapped"),
        pytest.param("def f(): g(a)", "def f(): g(*a)", id="starred argument"),
        pytest.param("def f(): g(a=1, b=2)", "def f(): g(b=1, a=2)", id="keywords swapped"),
        pytest.param("def f():\n  a\n  b", "def f():\n  a", id="a statement less"),
        pytest.param("def f():\n  if a: b\n  c", "def f():\n  if a:\n    b\n    c", id="a block"),
        pytest.param("def f(): pass", "@g\ndef f(): pass", id="decorator"),
        pytest.param("def f(): pass", "async def f(): pass", id="async"),
        pytest.param("class f(A): pass", "class f(B): pass", id="base class"),
        pytest.param("class f(A): pass", "class f(metaclass=A): pass", id="metaclass"),
        pytest.param("def f() -> int: pass", "def f(): pass", id="annotation"),
        pytest.param("def f(): 'a b'", "def f(): 'a c'", id="a docstring's words"),
        pytest.param(
            "def f():\n  import a\n  import b", "def f():\n  import b\n  import a", id="imports"
        ),
        pytest.param("def f(): return a[b:c]", "def f(): return a[b::c]", id="slice"),
        pytest.param("def f(): return {None: a}", "def f(): return {**a}", id="unpacking"),
        pytest.param("def f(): return f'{a}'", "def f(): return f'{a!r}'", id="conversion"),
        pytest.param("def f(): return f'{a:2}'", "def f(): return f'{a:3}'", id="format"),
        pytest.param("def f():\n yield a", "def f():\n yield from a", id="yield from"),
        pytest.param("def f(): return [a, b]", "def f(): return (a, b)", id="list or tuple"),
        pytest.param("def f(): from . import a", "def f(): from .. import a", id="import level"),
        pytest.param("def f(): import a as b", "def f(): import b as a", id="import as"),
        pytest.param(
            "def f():\n match a:\n  case None: b", "def f():\n match a:\n  case True: b", id="case"
        ),
    ],
)
def test_an_edit_changes_the_digest(before: str, after: str) -> None:
    assert digest(before) != digest(after)


@pytest.mark.parametrize(
    "settings",
    [
        ["line-length=20", "format.indent-style='tab'"],
        ["line-length=200", "format.quote-style='single'"],
        ["line-length=40", "format.skip-magic-trailing-comma=true", "indent-width=2"],
    ],
    ids=str,
)
def test_a_formatter_keeps_every_digest_of_a_file(settings: list[str]) -> None:
    options = [part for one in settings for part in ("--config", one)]
    command = [find_ruff_bin(), "format", "--isolated", *options, "-"]
    formatted = subprocess.run(command, input=SOURCE, capture_output=True, text=True, check=True)

    assert formatted.stdout != SOURCE
    assert digests(formatted.stdout) == digests(SOURCE)


NAMES = st.sampled_from(["a", "b", "self.c"])
EXPRESSIONS = st.recursive(
    NAMES | st.integers(0, 3).map(str) | st.text("ab'\"\n \\", max_size=4).map(repr),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "<", "and", "in"]), inner),
        st.builds("g({}, k={})".format, inner, inner),
        st.builds("[{}, *{}]".format, inner, inner),
        st.builds("({} if {} else -{})".format, inner, inner, inner),
        st.builds("(lambda x={}: {})".format, inner, inner),
    ),
    max_leaves=6,
)
BODIES = st.lists(
    st.builds("    x = {}".format, EXPRESSIONS)
    | st.builds("    if {}:\n        return {}".format, EXPRESSIONS, EXPRESSIONS),
    min_size=1,
    max_size=4,
).map("\n".join)


@settings(deadline=None, max_examples=50)
@given(BODIES)
def test_written_anew_from_its_tree_code_keeps_its_digest(body: str) -> None:
    source = f"def f(a, b=1):\n{body}\n"
    assert digest(ast.unparse(ast.parse(source))) == digest(source)


@settings(deadline=None, max_examples=50)
@given(BODIES, BODIES)
def test_two_bodies_have_one_digest_only_if_they_have_one_tree(one: str, other: str) -> None:
    sources = [f"def f(a, b=1):\n{body}\n" for body in (one, other)]
    first, second = (ast.dump(ast.parse(source)) for source in sources)
    assert (digest(sources[0]) == digest(sources[1])) == (first == second)


def test_a_renamed_function_is_known_by_its_old_name() -> None:
    old = "def f(n):\n    '''f of n'''\n    return n and f(n - 1)"
    new = "def g(n):\n    '''g of n'''\n    return n and g(n - 1)"
    assert symbols_of(new.encode())["g"].digest(known_as="f") == digest(old)


def test_a_new_name_that_was_used_for_other_things_is_no_change() -> None:
    old, new = "def f(self): return x.g()", "def g(self): return x.g()"
    assert symbols_of(new.encode())["g"].digest(known_as="f", strictly=True) == digest(old)


def test_a_method_of_a_renamed_class_is_known_by_its_old_name() -> None:
    old = "class A:\n    def f(self): return super(A, self).f()"
    new = old.replace("A", "B")
    assert symbols_of(new.encode())["B.f"].digest(known_as="A.f") == digest(old, "A.f")


def test_another_name_in_the_body_is_a_change() -> None:
    assert digest("def f(): return g()") != digest("def f(): return h()")


@pytest.mark.parametrize(
    ("method", "binding"),
    [
        ("@staticmethod\n    def f(x): return x", "static"),
        ("def f(self, x): return x", "unused self"),
    ],
)
def test_a_function_that_went_into_a_class_has_the_same_tokens(method: str, binding: str) -> None:
    inside = symbols_of(f"class A:\n    {method}".encode())["A.f"]
    assert inside.tokens == symbols_of(b"def f(x): return x")["f"].tokens
    assert inside.binding == binding


def test_definitions_of_one_name_are_one_symbol() -> None:
    source = (
        "class A:\n    @property\n    def p(self): return 1\n    @p.setter\n    def p(self, v): s\n"
    )
    symbol = symbols_of(source.encode())["A.p"]
    assert symbol.lines == ((2, 3), (4, 5))
    assert symbol.digest() != digest(source.replace("s\n", "t\n"), "A.p")


def test_symbols_are_found_in_every_block() -> None:
    source = """
        if a:
            def one(): pass
        else:
            class Two:
                with b:
                    def three(self):
                        for x in y:
                            def four(): pass
    """
    names = list(symbols_of(textwrap.dedent(source).encode()))
    assert names == ["", "one", "Two", "Two.three", "Two.three.four"]


def test_a_chain_of_a_thousand_operators_is_read() -> None:
    assert "f" in symbols_of(b"def f(): return " + b" + ".join([b"a"] * 300))


@pytest.mark.parametrize("data", [b"def f(:", b"\0", b"# coding: nonsense\n", b"\xff"])
def test_what_is_no_python_is_refused(data: bytes) -> None:
    with pytest.raises(Unparsable):
        symbols_of(data)


def test_of_a_broken_file_the_whole_definitions_are_read() -> None:
    source = textwrap.dedent(
        """\
        def one(): return 1

        class A:
            def f(self): return 2

            def g(self: return

        @dec
        def two():
            return 3
        """
    )
    found = symbols_of_broken(source.encode())
    assert list(found) == ["one", "A.f", "two"]
    assert found["two"].lines == ((8, 10),)
    assert found["A.f"].digest() == digest("class A:\n    def f(self): return 2", "A.f")
