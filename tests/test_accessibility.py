"""axe-core on one page of every kind, in light and dark, wide and narrow: WCAG 2.2 A and AA, and axe's best practices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "index.html",
    "mechanisms/ido.html",
    "cancer/msc-and-nk-together.html",
    "combination/unproven-clinics.html",
    "exosomes/registered-trials.html",
    "trials/NCT03298763.html",
    "disagreements.html",
    "data.html",
    "about/contributing.html",
    "about/whats-new.html",
    "about/downloads.html",
    "404.html",
]
LONG = ["references.html", "claims.html", "glossary.html", "trials/index.html"]


def violations(page: Page) -> list[str]:
    """What axe finds: rule, element, and what to do. Entries out of sight are laid out first, as a reader meets them."""
    page.add_style_tag(content="* { content-visibility: visible !important }")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, { resultTypes: ['violations'], runOnly: rules })", RULES)
    return [
        f"{item['id']}: {node['html'][:160]}: {node['failureSummary']}" for item in found["violations"] for node in item["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_violation(open_page: Callable[..., Page], site_url: str, name: str, scheme: str) -> None:
    assert violations(open_page(f"{site_url}/{name}", color_scheme=scheme, reduced_motion="reduce")) == []


@pytest.mark.parametrize("name", LONG)
def test_long_page_has_no_violation(open_page: Callable[..., Page], site_url: str, name: str) -> None:
    assert violations(open_page(f"{site_url}/{name}", reduced_motion="reduce")) == []


@pytest.mark.parametrize("name", PAGES[:6])
def test_narrow_page_has_no_violation_and_needs_no_sideways_scrolling(
    open_page: Callable[..., Page], site_url: str, name: str
) -> None:
    page = open_page(f"{site_url}/{name}", viewport={"width": 320, "height": 640}, color_scheme="dark", reduced_motion="reduce")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_an_unnamed_button_would_be_noticed(open_page: Callable[..., Page], site_url: str) -> None:
    page = open_page(f"{site_url}/index.html")
    page.evaluate("document.querySelector('article').append(document.createElement('button'))")
    assert any(found.startswith("button-name") for found in violations(page))
