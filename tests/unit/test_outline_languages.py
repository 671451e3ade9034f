from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from toolset.edits import FileState
from toolset.outline.repository import outline_of
from toolset.outline.values import OutlinedSymbol, Unread
from toolset.workspace import SourceFile, source_file


def file(name: str, text: str | bytes) -> SourceFile:
    data = text.encode() if isinstance(text, str) else text
    return source_file(PurePosixPath(name), FileState(data))


LANGUAGES: Mapping[str, tuple[str, str, list[tuple[str, str, int, int]]]] = {
    "javascript": (
        "a.js",
        (
            "class A {\n  m(x) {\n    return 1\n  }\n}\nfunction f() {}\nconst g = async (y) => 1\n"
            "exports.h = function () {}\n"
        ),
        [
            ("A", "class", 1, 5),
            ("A.m", "method", 2, 4),
            ("f", "function", 6, 6),
            ("g", "function", 7, 7),
            ("exports.h", "function", 8, 8),
        ],
    ),
    "typescript": (
        "a.ts",
        (
            "interface I {\n  f(a: string): void\n}\nabstract class A<T> {\n"
            "  h = (z: number) => 1\n}\nenum E { X }\ntype T = string\n"
            "namespace N {\n  function g() {}\n}\n"
        ),
        [
            ("I", "interface", 1, 3),
            ("I.f", "method", 2, 2),
            ("A", "class", 4, 6),
            ("A.h", "method", 5, 5),
            ("E", "enum", 7, 7),
            ("T", "type", 8, 8),
            ("N", "namespace", 9, 11),
            ("N.g", "function", 10, 10),
        ],
    ),
    "tsx": (
        "a.tsx",
        "export const App = (p: P) => <div>{p.x}</div>\n",
        [("App", "function", 1, 1)],
    ),
    "go": (
        "a.go",
        (
            "package p\n\ntype S struct {\n\tx int\n}\n\ntype I interface{}\n\n"
            "func (s *S) M() error {\n\treturn nil\n}\n\nfunc G[T any](x T) {}\n"
        ),
        [
            ("S", "struct", 3, 5),
            ("I", "interface", 7, 7),
            ("S.M", "method", 9, 11),
            ("G", "function", 13, 13),
        ],
    ),
    "rust": (
        "a.rs",
        (
            "mod m {\n    struct S;\n    impl<T> Tr for S {\n        async fn f(&self) {}\n    }\n"
            "}\ntrait Tr {\n    fn g();\n}\nenum E { A }\n"
            "macro_rules! k { () => {} }\nfn main() {}\n"
        ),
        [
            ("m", "module", 1, 6),
            ("m.S", "struct", 2, 2),
            ("m.S.f", "method", 4, 4),
            ("Tr", "trait", 7, 9),
            ("Tr.g", "method", 8, 8),
            ("E", "enum", 10, 10),
            ("k", "macro", 11, 11),
            ("main", "function", 12, 12),
        ],
    ),
    "java": (
        "A.java",
        (
            "class A<T> {\n  A(int x) {}\n  int f(int a) {\n    return 1;\n  }\n}\n"
            "interface I { void g(); }\nenum E { X }\nrecord R(int x) {}\n"
        ),
        [
            ("A", "class", 1, 6),
            ("A.A", "method", 2, 2),
            ("A.f", "method", 3, 5),
            ("I", "interface", 7, 7),
            ("I.g", "method", 7, 7),
            ("E", "enum", 8, 8),
            ("R", "class", 9, 9),
        ],
    ),
    "c": (
        "a.c",
        (
            "#define M(x) x\nstruct P {\n  int x;\n};\nstruct P *p;\n"
            "static int *f(int a, char *b)\n{\n  return 0;\n}\nint g(void);\n"
        ),
        [("M", "macro", 1, 1), ("P", "struct", 2, 4), ("f", "function", 6, 9)],
    ),
    "cpp": (
        "a.cpp",
        (
            "namespace n {\nclass A : B {\n  ~A() {}\n  int f(int y) const { return 1; }\n};\n}\n"
            "int n::A::g(int z) { return 0; }\n"
        ),
        [
            ("n", "namespace", 1, 6),
            ("n.A", "class", 2, 5),
            ("n.A.~A", "method", 3, 3),
            ("n.A.f", "method", 4, 4),
            ("n.A.g", "function", 7, 7),
        ],
    ),
    "csharp": (
        "A.cs",
        (
            "namespace N.M {\n  class A {\n    async Task F(int a) {\n      void L() {}\n    }\n"
            "  }\n  struct S {}\n}\n"
        ),
        [
            ("N.M", "namespace", 1, 8),
            ("N.M.A", "class", 2, 6),
            ("N.M.A.F", "method", 3, 5),
            ("N.M.A.F.L", "function", 4, 4),
            ("N.M.S", "struct", 7, 7),
        ],
    ),
    "ruby": (
        "a.rb",
        (
            "module M\n  class A < B\n    def f(a)\n    end\n    def self.g; end\n  end\nend\n"
            "def h; end\n"
        ),
        [
            ("M", "module", 1, 7),
            ("M.A", "class", 2, 6),
            ("M.A.f", "method", 3, 4),
            ("M.A.g", "method", 5, 5),
            ("h", "function", 8, 8),
        ],
    ),
    "php": (
        "a.php",
        "<?php\nclass A {\n  function f($a) {}\n}\ntrait T {}\nfunction h() {}\n",
        [
            ("A", "class", 2, 4),
            ("A.f", "method", 3, 3),
            ("T", "trait", 5, 5),
            ("h", "function", 6, 6),
        ],
    ),
    "kotlin": (
        "a.kt",
        (
            "class A {\n  fun f(a: Int): Int {\n    return a\n  }\n}\ninterface I\n"
            "enum class E { X }\nobject O\nfun g() {}\n"
        ),
        [
            ("A", "class", 1, 5),
            ("A.f", "method", 2, 4),
            ("I", "interface", 6, 6),
            ("E", "enum", 7, 7),
            ("O", "class", 8, 8),
            ("g", "function", 9, 9),
        ],
    ),
    "swift": (
        "a.swift",
        (
            "class A {\n  func f(a: Int) async {}\n}\nstruct S {}\nprotocol P {\n  func g()\n}\n"
            "extension A {\n  func h() {}\n}\n"
        ),
        [
            ("A", "class", 1, 3),
            ("A.f", "method", 2, 2),
            ("S", "struct", 4, 4),
            ("P", "interface", 5, 7),
            ("P.g", "method", 6, 6),
            ("A.h", "method", 9, 9),
        ],
    ),
    "scala": (
        "a.scala",
        "class A(x: Int) {\n  def f(a: Int): Int = 1\n}\nobject O\ntrait T\n",
        [
            ("A", "class", 1, 3),
            ("A.f", "method", 2, 2),
            ("O", "class", 4, 4),
            ("T", "trait", 5, 5),
        ],
    ),
    "lua": (
        "a.lua",
        "function a.b.c(x)\nend\nlocal function f() end\nfunction M:m() end\n",
        [("a.b.c", "function", 1, 2), ("f", "function", 3, 3), ("M.m", "function", 4, 4)],
    ),
    "bash": (
        "a.sh",
        "f() {\n  :\n}\nfunction g { :; }\n",
        [("f", "function", 1, 3), ("g", "function", 4, 4)],
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_language_s_symbols(language: str) -> None:
    name, text, expected = LANGUAGES[language]
    found = outline_of(file(name, text))

    assert found is not None
    assert [(s.qualified_name, s.kind, s.start_line, s.end_line) for s in found.symbols] == expected
    assert (found.language, found.error, found.cognitive_complexity) == (language, None, None)


@pytest.mark.parametrize(
    ("name", "text", "symbol"),
    [
        pytest.param(
            "a.js",
            "async function f(a, {b}, /* no */ ...c) {}\n",
            OutlinedSymbol("f", "f", "function", 1, 1, 1, ("a", "{b}", "...c"), is_async=True),
            id="javascript",
        ),
        pytest.param(
            "a.js",
            "function f() {\n  return async () => 2\n}\n",
            OutlinedSymbol("f", "f", "function", 1, 3, 1),
            id="what a body holds says nothing of it",
        ),
        pytest.param(
            "a.c",
            "static int\n*f(int a,\n   char *b)\n{\n}\n",
            OutlinedSymbol("f", "f", "function", 1, 5, 2, ("int a", "char *b")),
            id="a C function's name is below its type",
        ),
        pytest.param(
            "a.kt",
            'fun f(a: Int, b: String = "x") {}\n',
            OutlinedSymbol("f", "f", "function", 1, 1, 1, ("a: Int", "b: String")),
            id="kotlin",
        ),
        pytest.param(
            "a.swift",
            "func f(a: Int) async {}\n",
            OutlinedSymbol("f", "f", "function", 1, 1, 1, ("a: Int",), is_async=True),
            id="swift",
        ),
    ],
)
def test_another_language_s_function(name: str, text: str, symbol: OutlinedSymbol) -> None:
    found = outline_of(file(name, text))

    assert found is not None
    assert found.symbols == (symbol,)


def test_a_mistake_in_another_language_is_told_beside_what_could_be_read() -> None:
    found = outline_of(file("a.js", "function f() {}\n\nfunction g( {\n\nfunction h() {}\n"))

    assert found is not None
    assert found.error is not None
    assert (found.symbols[0].name, found.error.line) == ("f", 3)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.cs", "struct {}\n}\n", id="csharp"),
        pytest.param("a.swift", "func() {}\n", id="swift"),
        pytest.param("a.rb", "def f.()\nend\n", id="ruby"),
        pytest.param("a.lua", "function() end\n", id="lua"),
        pytest.param("a.js", "class {() {}\n", id="javascript"),
    ],
)
def test_a_definition_whose_name_is_missing_is_left_out(name: str, text: str) -> None:
    found = outline_of(file(name, text))

    assert found is not None
    assert found.symbols == ()


def test_a_header_is_c_or_what_it_looks_like() -> None:
    headers = [outline_of(file("a.h", text)) for text in ("int f();\n", "class A {};\n")]

    assert [one and one.language for one in headers] == ["c", "cpp"]


def test_bytes_of_several_encodings_are_told() -> None:
    found = outline_of(file("a.js", "const x = 'é'\n".encode() + b"// \xff\n"))

    assert found is not None
    assert found.error == Unread(None, "it holds bytes of several encodings")
