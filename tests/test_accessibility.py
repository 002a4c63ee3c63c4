"""axe-core on every page, in light and dark: WCAG 2.2 A and AA, and axe's best practices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import ROOT

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
"""All that the scheme of colours can change; the other rules look at elements, names and sizes, which are the same in both."""
FOLDERS = sorted({file.parent.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs").rglob("*.md")})
KINDS = [
    "index.html",
    "mechanisms/index.html",
    "mechanisms/ido.html",
    "cancer/msc-and-nk-together.html",
    "trials/NCT03298763.html",
    "trials/index.html",
    "claims.html",
    "disagreements.html",
    "data.html",
    "about/whats-new.html",
    "about/downloads.html",
    "404.html",
]


ALIKE = """() => {
  const seen = new Set();
  for (const item of document.querySelectorAll('#bibliography > li, #claims-table > tbody > tr')) {
    const shape = [...item.querySelectorAll('*')].map((part) => `${part.tagName}.${part.className}.${part.hidden}`).join();
    if (seen.has(shape)) item.remove();
    seen.add(shape);
  }
}"""
"""Of the thousand works and the hundreds of claims on their two pages, one of each shape (the same elements and classes) is
left: axe takes minutes for all of them, and they differ in their words only."""


def violations(page: Page, rules: list[str] = RULES) -> list[str]:
    """What axe finds: page, rule, element, and what to do."""
    found = page.evaluate("rules => axe.run(document, { resultTypes: ['violations'], runOnly: rules })", rules)
    return [
        f"{page.url}: {item['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for item in found["violations"]
        for node in item["nodes"]
    ]


def prepare(page: Page, address: str) -> None:
    """Open a page with axe in it. Entries out of sight are laid out first, as a reader meets them."""
    page.goto(address)
    page.evaluate(ALIKE)
    page.add_style_tag(content="* { content-visibility: visible !important }")
    page.evaluate(AXE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_page_has_a_violation_in_light_or_dark(browser: Browser, site: Path, site_url: str, folder: str) -> None:
    pages = sorted((site / folder).glob("*.html"))
    assert pages
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    found = []
    for file in pages:
        prepare(page, f"{site_url}/{file.relative_to(site).as_posix()}")
        found += violations(page)
        page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
        found += violations(page, COLOUR_RULES)
    context.close()
    assert found == []


@pytest.mark.parametrize("name", KINDS)
def test_narrow_page_has_no_violation(open_page: Callable[..., Page], site_url: str, name: str) -> None:
    page = open_page("about:blank", viewport={"width": 320, "height": 640}, color_scheme="dark", reduced_motion="reduce")
    prepare(page, f"{site_url}/{name}")
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert violations(page) == []


def test_faults_would_be_noticed(open_page: Callable[..., Page], site_url: str) -> None:
    page = open_page("about:blank", color_scheme="light", reduced_motion="reduce")
    prepare(page, f"{site_url}/index.html")
    page.evaluate("document.querySelector('article').append(document.createElement('button'))")
    page.add_style_tag(content="[data-md-color-scheme=slate] .md-typeset h2 { color: #333 !important }")
    assert [found.split(": ")[1] for found in violations(page)] == ["button-name"]
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    assert {found.split(": ")[1] for found in violations(page, COLOUR_RULES)} == {"color-contrast"}
