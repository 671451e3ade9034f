"""The pages that say how the tools read to a model, and show a run, are made from the product."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = runpy.run_path(str(ROOT / "scripts" / "model_docs.py"))["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_product_says(name: str) -> None:
    made = PAGES[name]()

    assert (ROOT / "docs" / name).read_text() == made, "run: python scripts/model_docs.py"
