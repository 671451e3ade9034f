"""The picture that the README opens with is what the product prints, and loads nothing."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDING = runpy.run_path(str(ROOT / "scripts" / "recording.py"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def kept() -> str:
    kept: str = RECORDING["PICTURE"].read_text(encoding="utf-8")
    return kept


@pytest.mark.slow  # a whole session: some ten seconds
def test_the_picture_is_what_the_product_prints(kept: str) -> None:
    assert RECORDING["picture"]() == kept, "run: python scripts/recording.py"


def test_the_picture_loads_nothing_and_runs_nothing(kept: str) -> None:
    tree = ET.fromstring(kept)

    addresses = set(re.findall(r"[a-z]+://[^\"'<>\s)]+", kept))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert set(re.findall(r"url\((.)", kept)) == {"#"}
    assert {one.tag.removeprefix(SVG) for one in tree.iter()} <= {
        *("svg", "title", "style", "defs", "clipPath", "rect", "g", "circle", "text")
    }


def test_the_picture_has_a_ground_of_its_own_for_light_and_dark_pages(kept: str) -> None:
    window = next(ET.fromstring(kept).iter(f"{SVG}rect"), None)

    assert window is not None
    assert 'fill="#0d1117"' in kept


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param("passed in 12.3 s", "passed in 0.8 s", id="seconds"),
        pytest.param("2031-02-03 04:05 applied", "2026-11-22 09:41 applied", id="a time"),
        pytest.param("[aaaaaaaaaaa1] 2031-02-03", "[3c9ef1ee0e15] 2026-11-22", id="an id, a day"),
        pytest.param("beef 123456789012 abcdefabcdef", None, id="words and numbers are none"),
    ],
)
def test_what_differs_from_session_to_session_is_masked(told: str, expected: str | None) -> None:
    assert list(RECORDING["_masked"](iter([told]))) == [expected or told]


def test_an_id_has_the_same_mask_wherever_it_stands() -> None:
    first, second = RECORDING["_masked"](iter(["aaaaaaaaaaa1 b00000000000", "aaaaaaaaaaa1"]))

    assert first.split()[0] == second
    assert len(set(first.split())) == 2
