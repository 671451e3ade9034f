"""The site builds without a warning, and no page loads anything from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.console import ROOT

# Of a page, what a browser loads by itself; a link that a reader may follow is none of it.
_LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=\"?(?P<src>[^\s\">]+)"
    r"|<link\b(?=[^>]*\brel=\"?(?:stylesheet|preconnect|preload|icon))[^>]*\bhref=\"?(?P<href>[^\s\">]+)"
)
_FROM_STYLES = re.compile(r"@import[^;]*?https?:[^;]*|url\(\s*[\"']?https?:[^)]*\)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="the documentation's tools are not installed")
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert built.stderr == ""
    return folder


@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loaded = [
        found["src"] or found["href"]
        for page in site.rglob("*.html")
        for found in _LOADED.finditer(page.read_text(encoding="utf-8"))
    ]

    assert loaded
    assert [one for one in loaded if re.match(r"(?:https?:)?//", one)] == []


@pytest.mark.slow
def test_no_style_loads_anything_from_elsewhere(site: Path) -> None:
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]

    assert styles
    assert [found[0] for text in styles for found in _FROM_STYLES.finditer(text)] == []


@pytest.mark.slow
def test_the_schema_and_the_pictures_are_on_the_site(site: Path) -> None:
    published = {
        path.relative_to(ROOT / "docs")
        for folder in ("schema", "pictures")
        for path in (ROOT / "docs" / folder).rglob("*.*")
    }

    assert published
    assert {one for one in published if not (site / one).is_file()} == set()
