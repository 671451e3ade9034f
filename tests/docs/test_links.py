"""Links of README, CONTRIBUTING, CHANGELOG and docs/ lead somewhere; no network is needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.console import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)`*\s*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?(?P<to>[^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_IMAGE = re.compile(r"<(?:img|source)\b[^>]*?\b(?:src|srcset)=\"(?P<to>[^\"]+)\"")
_CODE = re.compile(r"(?P<ticks>`+).*?(?P=ticks)", re.DOTALL)
_EXTERNAL = re.compile(r"(?:https?|mailto):")


def _prose(path: Path) -> str:
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def _links(path: Path) -> list[str]:
    prose = _prose(path)
    found = [*_LINK.finditer(_CODE.sub(_blank, prose)), *_IMAGE.finditer(prose)]
    return [one["to"] for one in found]


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as mkdocs and git's hosts make them."""
    heads = re.findall(r"^#{1,6} +(.+?) *#*$", _prose(path), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head) for head in heads)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", one).strip().lower()) for one in plain}


def wrong_links(path: Path) -> list[str]:
    """Return what is wrong with a page's links to other files of the repository."""
    wrong = []
    for link in _links(path):
        if _EXTERNAL.match(link):
            continue
        name, _, anchor = link.partition("#")
        to = (path.parent / name).resolve() if name else path
        if not to.exists():
            wrong.append(f"{link}: there is no {name}")
        elif ROOT / "docs" in path.parents and ROOT / "docs" not in to.parents:
            wrong.append(f"{link}: leads out of docs/, which the site does not have")
        elif anchor and anchor not in _anchors(to):
            wrong.append(f"{link}: there is no heading {anchor}")
    return wrong


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert wrong_links(path) == []


def test_links_to_other_hosts_are_few_and_known() -> None:
    hosts = {
        re.sub(r"https?://([^/]+).*", r"\1", link)
        for path in PAGES
        for link in _links(path)
        if _EXTERNAL.match(link)
    }

    assert hosts <= {"docs.astral.sh", "keepachangelog.com", "semver.org"}


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A head\n[a](#a-head) [b](#b) [c](c.md) `[d](d.md)`\n```\n[e](e.md)\n```\n")

    assert [one.split(":")[0] for one in wrong_links(page)] == ["#b", "c.md"]
