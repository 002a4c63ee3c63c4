"""What a page costs on its way: bytes as a host sends them, and nothing that the page does not need."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.audit import later_weight, loaded_with, serving_compressed, weight

FIRST = 200_000
"""Most bytes of a first visit, without pictures; the page of all references, which nobody comes to first, may have more."""
LATER = 30_720
"""Most bytes of a page for a reader who comes from Home."""
LONG = {
    "references.html": 220_000,
    "claims.html": 100_000,
    "glossary.html": 100_000,
    "about/source-article.html": 60_000,
    "gvhd/index.html": 40_000,
    "mechanisms/index.html": 36_000,
    "trials/index.html": 36_000,
    "cancer/nk-therapies.html": 34_000,
    "mechanisms/map.html": 34_000,
}
"""Pages that are one long list or table, and the most that each may weigh."""


def test_home_and_every_page_keep_their_weight(site: Path) -> None:
    pages = sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    assert [name for name in pages if weight(site, name) > FIRST] == ["references.html"]
    assert {name: later_weight(site, name) for name in pages if later_weight(site, name) > LONG.get(name, LATER)} == {}


def test_a_browser_fetches_what_was_counted_and_the_search_index_only_for_a_search(tab: Page, site: Path) -> None:
    with serving_compressed(site) as url:
        for name in ("index.html", "mechanisms/ido.html", "trials/index.html", "references.html"):
            asked: list[str] = []
            tab.on("request", lambda request, asked=asked: asked.append(request.url))
            tab.goto(f"{url}/{name}", wait_until="networkidle")
            pictures = (".svg", ".png")
            fetched = {site / address.removeprefix(f"{url}/") for address in asked if not address.endswith(pictures)}
            assert fetched == {site / name} | loaded_with(site, name)
        with tab.expect_response("**/search/search_index.json") as answer:
            tab.get_by_role("textbox", name="Search").click()
        assert answer.value.headers["content-encoding"] == "gzip"
