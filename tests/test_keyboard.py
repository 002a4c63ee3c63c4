"""The site without a pointer: every stop of the Tab key is in sight, shows that it has the focus, and has a name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

STOP = """() => {
  const stop = document.activeElement;
  const label = [...(stop.labels ?? [])].map((part) => part.textContent).join(' ');
  const name = stop.ariaLabel || label || (stop.ariaLabel === null && stop.textContent) || stop.title;
  const parts = [...stop.getClientRects()].map((box) => [
    Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1),
    Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1),
  ]);
  const atop = parts.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (stop.contains(hit) || hit.contains(stop));
  });
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return getComputedStyle(document.documentElement).getPropertyValue('background-color');
  };
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(stop);
  const [low, high] = [light(style.outlineColor), light(ground(stop.parentElement))].sort((a, b) => a - b);
  return {
    what: stop.outerHTML.replace(/\\s+/g, ' ').slice(0, 140),
    name,
    page: stop !== document.body,
    sight: stop.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && atop,
    ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    contrast: (high + 0.05) / (low + 0.05),
  };
}"""


def stop(page: Page) -> dict:
    """The element that has the focus, after what every stop must be was asserted."""
    found = page.evaluate(STOP)
    assert found["page"], "the focus is lost"
    assert found["name"].strip(), found
    assert found["sight"], found
    assert found["ring"] >= 2, found
    assert found["contrast"] >= 3, found
    return found


def opened(open_page: Callable[..., Page], address: str, width: int, scheme: str = "light") -> Page:
    size = {"width": width, "height": 800}
    return open_page(address, viewport=size, color_scheme=scheme, reduced_motion="reduce")


def tab_to(page: Page, words: str, limit: int = 150) -> dict:
    """Press Tab until the stop with these words in its name; all stops on the way are looked at."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        found = stop(page)
        if words in found["name"]:
            return found
    raise AssertionError(f"{limit} stops, and none is named {words!r}")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "mechanisms/map.html",
        "mechanisms/ido.html",
        "trials/NCT03298763.html",
        "claims.html",
        "references.html",
        "404.html",
    ],
)
def test_every_stop_is_seen_and_named(open_page: Callable[..., Page], site_url: str, name: str, width: int, scheme: str) -> None:
    page = opened(open_page, f"{site_url}/{name}", width, scheme)
    stops: list[str] = []
    for _ in range(45):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # past the last stop of a short page
        stops.append(stop(page)["what"])
    assert len(set(stops)) > 15 or name == "404.html"
    assert stops[0].startswith('<a href="#') or name == "404.html"  # the way past the menus comes first


def test_skip_link_leads_past_the_menus(open_page: Callable[..., Page], site_url: str) -> None:
    page = opened(open_page, f"{site_url}/mechanisms/ido.html", 1440)
    page.keyboard.press("Tab")
    assert "Skip to content" in stop(page)["name"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('article'))")
    stop(page)


def test_menu_of_a_narrow_window_opens_closes_and_gives_the_focus_back(open_page: Callable[..., Page], site_url: str) -> None:
    page = opened(open_page, f"{site_url}/mechanisms/ido.html", 320)
    menu = page.get_by_role("button", name="Menu", exact=True)
    tab_to(page, "Menu")
    expect(menu).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    page.wait_for_function("document.querySelector('.md-sidebar--primary').getBoundingClientRect().left === 0")
    stop(page)
    tab_to(page, "MSC on NK cells")
    pages = page.get_by_role("link", name="Adenosine", exact=True).first
    expect(pages).to_be_visible()
    page.keyboard.press("Space")
    expect(pages).to_be_hidden()
    page.keyboard.press("Enter")
    expect(pages).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(menu).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Space")
    expect(menu).to_have_attribute("aria-expanded", "true")
    tab_to(page, "Foundations")
    page.keyboard.press("Enter")
    page.wait_for_url("**/foundations/index.html")


def test_colours_switch_and_the_switch_keeps_the_focus(open_page: Callable[..., Page], site_url: str) -> None:
    page = opened(open_page, f"{site_url}/index.html", 1440)
    tab_to(page, "Switch to dark colours")
    for key, scheme, name in [
        ("Enter", "slate", "Switch to light colours"),
        ("Space", "default", "Switch to dark colours"),
    ]:
        page.keyboard.press(key)
        assert page.evaluate("document.body.dataset.mdColorScheme") == scheme
        assert stop(page)["name"] == name


@pytest.mark.parametrize("width", [1440, 320])
def test_search_is_opened_read_left_and_followed(open_page: Callable[..., Page], site_url: str, width: int) -> None:
    page = opened(open_page, f"{site_url}/about/methods.html", width)
    tab_to(page, "Search")
    if width == 320:
        page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Search")
    expect(field).to_be_focused()
    page.keyboard.type("kynurenine")
    expect(page.get_by_role("status").filter(has_text="matching documents")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert "yn" in stop(page)["name"]
    page.keyboard.press("Escape")
    expect(page.locator(".md-search__output")).to_be_hidden()
    if width == 320:
        assert stop(page)["name"] == "Search"
        page.keyboard.press("Enter")
        expect(field).to_be_focused()
    else:
        page.keyboard.press("/")
    expect(page.locator(".md-search__output")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/*.html?h=*")


def test_cards_show_where_the_focus_is(open_page: Callable[..., Page], site_url: str) -> None:
    page = opened(open_page, f"{site_url}/mechanisms/ido.html", 1440)
    for start, kind in [(".footnote-ref", "Reference"), (".kb-term", "Meaning")]:
        page.locator(f"article {start}").first.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        card = page.get_by_role("group", name=kind)
        expect(card).to_be_visible()
        stop(page)
        page.keyboard.press("Tab")  # into the card
        assert page.evaluate("Boolean(document.activeElement.closest('.kb-card'))")
        stop(page)
        page.keyboard.press("Escape")
        expect(card).to_be_hidden()
        assert page.evaluate("start => document.activeElement.matches(start)", start)
        stop(page)


@pytest.mark.parametrize(("name", "word"), [("trials/index.html", "exosome"), ("claims.html", "IDO")])
def test_filter_and_table_are_used_by_keys(open_page: Callable[..., Page], site_url: str, name: str, word: str) -> None:
    page = opened(open_page, f"{site_url}/{name}", 1440)
    page.locator(".kb-filter [name=text]").focus()
    page.keyboard.type(word)
    expect(page.locator(".kb-filter output")).not_to_contain_text("0 of")
    tab_to(page, "Clear filter")
    page.keyboard.press("Enter")
    expect(page.locator(".kb-filter [name=text]")).to_have_value("")
    expect(page.locator(".kb-table tbody > [hidden]")).to_have_count(0)
    page.keyboard.press("Tab")
    table = stop(page)
    assert 'role="region"' in table["what"]
    box = page.locator(".kb-scroll").first
    page.keyboard.press("End")
    page.wait_for_function("box => box.scrollTop + box.clientHeight > box.scrollHeight - 2", arg=box.element_handle())
    page.keyboard.press("Tab")
    assert "kb-sort" in stop(page)["what"]
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    stop(page)
