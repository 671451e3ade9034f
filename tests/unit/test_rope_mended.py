from __future__ import annotations

from pathlib import Path

import pytest

from toolset.refactor.rope_mended import FileSystemCommands, Project

SOURCE = (
    "é = '🙂'\n"
    "@deco(é)\n"
    "def f(a='é'):\n"
    "    ü = '🙂'; x = [one for one in ü]\n"
    "    async def g(): return 'ü'\n"
    "    return g\n"
    "class C:\n"
    "    y = 1\n"
)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        pytest.param("é = ", "a", id="before"),
        pytest.param("deco", "f", id="a decorator, as rope has it"),
        pytest.param("x = [", "f", id="behind letters of several bytes"),
        pytest.param("one for", "<comprehension>", id="comprehension"),
        pytest.param("return 'ü'", "g", id="inner"),
        pytest.param("return g", "f", id="after the inner one"),
        pytest.param("y = 1", "C", id="class"),
    ],
)
def test_an_offset_is_in_the_innermost_scope_around_it(
    tmp_path: Path, text: str, scope: str
) -> None:
    (tmp_path / "a.py").write_text(SOURCE, encoding="utf-8")
    project = Project(str(tmp_path), fscommands=FileSystemCommands(), ropefolder=None)

    module = project.get_pymodule(project.get_resource("a.py"))
    found = module.get_scope().get_inner_scope_for_offset(SOURCE.index(text) + 1)
    name = getattr(found.pyobject, "get_name", lambda: "")() or found.get_kind()
    project.close()

    assert name == scope
