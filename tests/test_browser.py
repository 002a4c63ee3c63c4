"""What a reader does with the site, in a real browser; the numbers expected come from the pages themselves."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from kb.project import read_project
from kb.reference_page import EXPORTS
from tests.conftest import ROOT

HOME, AREA, REFERENCES = "index.html", "gvhd/index.html", "references.html"
PHONE = {"width": 320, "height": 640}
LATER = 5000  # ms on the page's own clock: longer than every delay of a card


@pytest.fixture
def area(tab: Page, site_url: str) -> Page:
    """A page with citations, on a clock that tests can turn on."""
    tab.clock.install()
    tab.goto(f"{site_url}/{AREA}", wait_until="networkidle")  # the theme then moves nothing under the pointer any more
    return tab


@pytest.fixture
def references(tab: Page, site_url: str) -> Page:
    """The reference page."""
    tab.goto(f"{site_url}/{REFERENCES}")
    return tab


def number(page: Page, index: int = 0) -> Locator:
    return page.locator(".footnote-ref").nth(index)


def card(page: Page) -> Locator:
    return page.locator(".kb-card")


def toast(page: Page) -> Locator:
    return page.locator("[role=status]:visible")


def press_until(page: Page, key: str, selector: str) -> Locator:
    """Press a key until the focus is on an element; the bound keeps a trap from going on for ever."""
    focus = page.locator(":focus")
    for _ in range(150):
        page.keyboard.press(key)
        if focus.count() and focus.evaluate("(element, selector) => element.matches(selector)", selector):
            return focus
    raise AssertionError(f"{key} does not lead to {selector}")


# Cards


def test_card_opens_on_hover_and_shows_the_reference(area: Page) -> None:
    area.locator(".kb-references .kb-ref-text").first.evaluate("text => (text.id = 'must-stay-unique')")
    number(area).hover()
    expect(card(area)).to_be_visible()
    item = area.locator(f"[id='{number(area).get_attribute('href')[1:]}']")
    assert card(area).locator(".kb-ref-text").inner_text() == item.locator(".kb-ref-text").inner_text()
    links = item.locator("a:not(.footnote-backref)")
    shown = card(area).locator("a:not(.kb-card__go)")
    assert [a.get_attribute("href") for a in shown.all()] == [a.get_attribute("href") for a in links.all()] != []
    assert card(area).get_attribute("role") == "group"
    assert card(area).get_attribute("aria-label") == f"Reference {number(area).inner_text()}"
    described = area.locator(f"[id='{number(area).get_attribute('aria-describedby')}']")
    expect(described).to_have_count(1)
    assert described.evaluate("text => Boolean(text.closest('.kb-card'))")
    assert area.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == (area.locator("[id]").count())


def test_pointer_on_its_way_across_the_text_opens_nothing(area: Page) -> None:
    area.clock.pause_at(area.evaluate("Date.now()") / 1000 + 60)
    number(area).hover()
    area.clock.run_for(50)
    expect(card(area)).to_have_count(0)
    area.mouse.move(5, 500)
    area.clock.run_for(LATER)
    expect(card(area)).to_have_count(0)


def test_card_stays_while_the_pointer_is_on_it_and_closes_when_it_leaves(area: Page) -> None:
    number(area).hover()
    expect(card(area)).to_be_visible()
    card(area).locator(".kb-card__go").hover()
    area.clock.run_for(LATER)
    expect(card(area)).to_be_visible()
    area.mouse.move(5, 500)
    expect(card(area)).to_have_count(0)
    assert number(area).get_attribute("aria-describedby") is None


def test_no_gap_between_number_and_card(area: Page) -> None:
    number(area).hover()
    expect(card(area)).to_be_visible()
    at, box = number(area).bounding_box(), card(area).bounding_box()
    gap = max(box["y"] - at["y"] - at["height"], at["y"] - box["y"] - box["height"])
    assert gap <= 1


def test_one_card_at_a_time(area: Page) -> None:
    number(area).hover()
    expect(card(area)).to_be_visible()
    area.keyboard.press("Escape")  # the card may cover the next number
    expect(card(area)).to_have_count(0)
    press_until(area, "Tab", ".footnote-ref")
    expect(card(area)).to_have_count(1)
    other = area.locator(".kb-facts").evaluate_handle("() => [...document.querySelectorAll('.footnote-ref')].at(-1)")
    other.as_element().hover()
    expect(area.locator(".footnote-ref[aria-describedby]")).to_have_count(1)
    expect(card(area)).to_have_count(1)
    expect(card(area)).to_have_attribute("aria-label", f"Reference {other.as_element().inner_text()}")


def test_keyboard_goes_from_number_through_card_to_text(area: Page) -> None:
    area.locator("h1").click()
    focused = press_until(area, "Tab", ".footnote-ref")
    assert focused.evaluate("number => number === document.querySelector('.footnote-ref')")
    expect(card(area)).to_be_visible()
    links = card(area).locator("a")
    for index in range(links.count()):
        area.keyboard.press("Tab")
        expect(links.nth(index)).to_be_focused()
    area.keyboard.press("Tab")
    expect(area.locator(".kb-card[aria-label='Reference 1']:has(:focus)")).to_have_count(0)
    assert area.evaluate(
        "document.querySelector('.footnote-ref').compareDocumentPosition(document.activeElement)"
        " & Node.DOCUMENT_POSITION_FOLLOWING"
    )


def test_escape_closes_the_card_and_the_focus_is_on_the_number(area: Page) -> None:
    area.locator("h1").click()
    press_until(area, "Tab", ".footnote-ref")
    expect(card(area)).to_be_visible()
    area.keyboard.press("Tab")
    expect(card(area).locator("a").first).to_be_focused()
    area.keyboard.press("Escape")
    expect(card(area)).to_have_count(0)
    expect(number(area)).to_be_focused()
    area.clock.run_for(LATER)
    expect(card(area)).to_have_count(0)


def test_escape_closes_a_card_under_the_pointer(area: Page) -> None:
    number(area).hover()
    expect(card(area)).to_be_visible()
    area.keyboard.press("Escape")
    expect(card(area)).to_have_count(0)


def test_card_closes_when_the_focus_goes_back(area: Page) -> None:
    area.locator("h1").click()
    press_until(area, "Tab", ".footnote-ref")
    reference = area.locator(".kb-card[aria-label^='Reference']")
    expect(reference).to_be_visible()
    area.keyboard.press("Shift+Tab")
    expect(reference).to_have_count(0)


def test_tap_opens_the_card_and_its_link_leads_to_the_list(open_page: Callable[..., Page], site_url: str) -> None:
    page = open_page(f"{site_url}/{AREA}", viewport=PHONE, has_touch=True, is_mobile=True)
    target = number(page).get_attribute("href")
    number(page).tap()
    expect(card(page)).to_be_visible()
    assert urlsplit(page.url).fragment == ""
    number(page).tap()
    expect(card(page)).to_have_count(0)
    number(page).tap()
    page.get_by_role("link", name="Go to reference").tap()
    page.wait_for_url(f"**/{AREA}{target}")
    expect(card(page)).to_have_count(0)
    expect(page.locator(f"[id='{target[1:]}']")).to_be_in_viewport()


@pytest.mark.parametrize("edge", ["start", "end"])
@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 500}], ids=["phone", "desk"])
def test_card_stays_inside_the_window(area: Page, size: dict[str, int], edge: str) -> None:
    area.set_viewport_size(size)
    for index in range(min(8, area.locator(".footnote-ref").count())):
        number(area, index).evaluate("(number, block) => number.scrollIntoView({ block })", edge)
        number(area, index).hover()
        expect(card(area)).to_have_attribute("aria-label", f"Reference {number(area, index).inner_text()}")
        box, header = card(area).bounding_box(), area.locator(".md-header").bounding_box()
        assert box["x"] >= 8
        assert box["x"] + box["width"] <= size["width"] - 8
        assert box["y"] >= header["y"] + header["height"]
        assert box["y"] + box["height"] <= size["height"] - 7
        area.keyboard.press("Escape")


def test_numbers_are_large_enough_and_do_not_stretch_lines(area: Page) -> None:
    layers = area.evaluate(
        "[...document.querySelectorAll('.footnote-ref')].map(number => {"
        " const { width, height } = getComputedStyle(number, '::after'); return [width, height].map(parseFloat) })"
    )
    assert min(min(layer) for layer in layers) >= 24
    stretched = area.evaluate(
        "[...document.querySelectorAll('article > p')].filter(p => p.querySelector('.footnote-ref')).map(p =>"
        " p.getBoundingClientRect().height / parseFloat(getComputedStyle(p).lineHeight))"
    )
    assert stretched != []
    # A line is rounded to the pixel grid, so a long paragraph may be off by a hundredth of each of its lines.
    assert all(abs(lines - round(lines)) < max(0.1, 0.01 * lines) for lines in stretched)


# Layout


@pytest.mark.parametrize("name", [HOME, AREA, REFERENCES])
def test_phone_needs_no_horizontal_scrolling(tab: Page, site_url: str, name: str) -> None:
    tab.set_viewport_size(PHONE)
    tab.goto(f"{site_url}/{name}")
    tab.evaluate("document.querySelectorAll('details').forEach(box => (box.open = true))")
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


CONTRASTS = """() => {
  const numbers = (color) => [...color.matchAll(/[\\d.]+/g)].map(Number);
  const linear = (v) => (v <= 10.31 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = (color) => color.reduce((sum, v, i) => sum + linear(v) * [0.2126, 0.7152, 0.0722][i], 0);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((v, i) => v * a + below[i] * (1 - a));
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!text || !shown || element.closest("script, style, option")) continue;
    const behind = [];
    for (let e = element; e; e = e.parentElement) behind.unshift(numbers(getComputedStyle(e).backgroundColor));
    const below = behind.reduce((sum, color) => over(color, sum), [255, 255, 255]);
    const front = over(numbers(getComputedStyle(element).color), below);
    const [low, high] = [light(front), light(below)].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), text.slice(0, 40)]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [HOME, AREA, REFERENCES])
def test_text_has_enough_contrast(open_page: Callable[..., Page], site_url: str, name: str, scheme: str) -> None:
    page = open_page(f"{site_url}/{name}", color_scheme=scheme)
    expected = {"light": "default", "dark": "slate"}[scheme]
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", expected)
    if name == AREA:
        number(page).hover()
        expect(card(page)).to_be_visible()
    found = page.evaluate(CONTRASTS)
    assert len(found) > 20
    assert [pair for pair in found if pair[0] < 4.5] == []


def test_nothing_comes_from_elsewhere_and_nothing_of_ours_is_stored(tab: Page, site_url: str) -> None:
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    for name in (HOME, AREA, REFERENCES):
        tab.goto(f"{site_url}/{name}")
    assert [url for url in requests if not url.startswith((site_url, "data:"))] == []
    assert tab.context.cookies() == []
    assert tab.evaluate("Object.keys(localStorage).filter(key => !key.includes('.__'))") == []


def test_every_page_says_what_it_is_not(tab: Page, site_url: str) -> None:
    for name in (HOME, AREA, REFERENCES, "404.html"):
        tab.goto(f"{site_url}/{name}")
        line = tab.locator("article").get_by_text("Not medical advice.")
        expect(line).to_be_visible()
        methods = line.locator("xpath=..").get_by_role("link")
        assert tab.request.get(methods.evaluate("link => link.href")).ok


# The reference page


def plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).lower().split())


def visible(page: Page) -> list[str]:
    return page.locator("ol.kb-bibliography > li:visible").evaluate_all("items => items.map(item => item.id)")


def data(page: Page) -> list[dict[str, str]]:
    """What the entries say of themselves, without the buttons."""
    return page.locator("ol.kb-bibliography > li").evaluate_all(
        "items => items.map(item => { const copy = item.cloneNode(true);"
        " copy.querySelectorAll('.kb-export').forEach(part => part.remove());"
        " return { id: item.id, ...item.dataset, text: copy.textContent } })"
    )


def having(entries: list[dict[str, str]], field: str, value: str) -> list[str]:
    return [entry["id"] for entry in entries if value in entry[field].split("|")]


def expect_shown(page: Page, ids: list[str], total: int) -> None:
    expect(page.locator(".kb-filter output")).to_have_text(re.compile(rf"^{len(ids)} of {total}\b"))
    expect(page.locator("ol.kb-bibliography > li:not([hidden])")).to_have_count(len(ids))  # a long list comes and goes in steps
    assert visible(page) == ids


def long_word(entry: dict[str, str]) -> str:
    return max(re.findall(r"[a-z]+", entry["text"]), key=len)


def test_filter_by_text(references: Page) -> None:
    entries = data(references)
    expect_shown(references, [entry["id"] for entry in entries], len(entries))
    word = long_word(entries[len(entries) // 2])
    references.get_by_label("Text").press_sequentially(word.upper())
    matching = [entry["id"] for entry in entries if word in plain(entry["text"])]
    assert 0 < len(matching) < len(entries)
    expect_shown(references, matching, len(entries))
    references.get_by_label("Text").press("Escape")
    expect_shown(references, [entry["id"] for entry in entries], len(entries))
    expect(references.get_by_label("Text")).to_have_value("")


def test_filter_takes_words_in_any_order(references: Page) -> None:
    entries = data(references)
    words = sorted(set(re.findall(r"[a-z]{5,}", plain(entries[-1]["text"]))))[:3]
    references.get_by_label("Text").fill(" ".join(reversed(words)))
    matching = [entry["id"] for entry in entries if all(word in plain(entry["text"]) for word in words)]
    assert entries[-1]["id"] in matching
    expect_shown(references, matching, len(entries))


def test_filter_ignores_accents(references: Page) -> None:
    entries = data(references)
    name, entry = next((m[0], e) for e in entries for m in re.finditer(r"\w*[áéíóúñüöäçã]\w*", e["text"]))
    for written in (name, plain(name), unicodedata.normalize("NFD", name).upper()):
        references.get_by_label("Text").fill(written)
        expect(references.locator(f"[id='{entry['id']}']")).to_be_visible()
        assert len(visible(references)) < len(entries)


def test_filter_finds_greek_letters_by_name(references: Page) -> None:
    entries = data(references)
    greek = {"α": "alpha", "β": "beta", "γ": "gamma"}
    letter, entry = next((c, e) for e in entries for c in e["text"] if c in greek)
    for written in (letter, greek[letter]):
        references.get_by_label("Text").fill(written)
        expect(references.locator(f"[id='{entry['id']}']")).to_be_visible()
        assert len(visible(references)) < len(entries)


@pytest.mark.parametrize("field", ["year", "design", "state"])
def test_filter_by_a_property(references: Page, field: str) -> None:
    entries = data(references)
    value = next(part for entry in entries for part in entry[field].split("|") if part)
    references.locator(f"select[name={field}]").select_option(value)
    assert 0 < len(having(entries, field, value)) < len(entries)
    expect_shown(references, having(entries, field, value), len(entries))


def test_filters_work_together_and_the_button_clears_them(references: Page) -> None:
    entries = data(references)
    chosen = next(entry for entry in entries if entry["design"] and entry["year"])
    design, year = chosen["design"].split("|")[0], chosen["year"]
    references.get_by_label("Design").select_option(design)
    references.get_by_label("Year").select_option(year)
    both = [key for key in having(entries, "design", design) if key in having(entries, "year", year)]
    expect_shown(references, both, len(entries))
    references.get_by_role("button", name="Clear filter").click()
    expect_shown(references, [entry["id"] for entry in entries], len(entries))
    assert urlsplit(references.url).query == ""


def test_no_match_is_said(references: Page) -> None:
    references.get_by_label("Text").fill("no work has these words")
    expect(references.locator(".kb-filter output")).to_contain_text("no reference matches")
    assert visible(references) == []


def test_filter_is_in_the_address_and_comes_back(references: Page) -> None:
    entries = data(references)
    chosen = next(entry for entry in entries if entry["design"] and entry["year"])
    design, word = chosen["design"].split("|")[0], long_word(chosen)
    references.get_by_label("Text").fill(word)
    references.get_by_label("Design").select_option(design)
    assert parse_qs(urlsplit(references.url).query) == {"text": [word], "design": [design]}
    ids = visible(references)
    assert chosen["id"] in ids
    references.goto(references.url)
    expect(references.get_by_label("Text")).to_have_value(word)
    expect(references.get_by_label("Design")).to_have_value(design)
    expect_shown(references, ids, len(entries))


def test_linked_entry_is_shown_whatever_the_filter_says(tab: Page, site_url: str) -> None:
    tab.goto(f"{site_url}/{REFERENCES}")
    last = data(tab)[-1]["id"]
    tab.goto(f"{site_url}/{REFERENCES}?text=no+work+has+these+words#{last}")
    expect(tab.locator(f"[id='{last}']")).to_be_in_viewport()
    assert visible(tab) == [last]
    tab.get_by_label("Text").fill("nor these")
    expect(tab.locator(f"[id='{last}']")).to_be_hidden()
    assert urlsplit(tab.url).fragment == ""


def test_without_scripts_everything_is_there(open_page: Callable[..., Page], site_url: str) -> None:
    page = open_page(f"{site_url}/{REFERENCES}", java_script_enabled=False)
    items = page.locator("ol.kb-bibliography > li")
    assert items.count() == page.locator("ol.kb-bibliography > li:visible").count() > 0
    expect(page.locator(".kb-filter")).to_be_hidden()
    page.goto(f"{site_url}/{AREA}")
    target = number(page).get_attribute("href")
    number(page).click()
    assert urlsplit(page.url).fragment == target[1:]
    expect(page.locator(f"[id='{target[1:]}']")).to_be_in_viewport()


def alone(key: str, ending: str) -> str:
    """What the exports hold of one work."""
    entry = read_project(ROOT).entry[key]
    return EXPORTS[ending][1]([entry])


@pytest.mark.parametrize(("ending", "name"), [("bib", "BibTeX"), ("ris", "RIS"), ("json", "CSL-JSON")])
def test_copy_button(references: Page, ending: str, name: str) -> None:
    references.context.grant_permissions(["clipboard-read", "clipboard-write"])
    key = data(references)[1]["id"]
    references.get_by_role("button", name=f"Copy {name} of {key}", exact=True).click()
    expect(toast(references)).to_have_text(f"{name} of {key} copied")
    copied = references.evaluate("navigator.clipboard.readText()")
    assert copied == alone(key, ending)


@pytest.mark.parametrize("ending", ["bib", "ris", "json"])
def test_download_of_one_reference(references: Page, ending: str) -> None:
    key = data(references)[1]["id"]
    name = {"bib": "BibTeX", "ris": "RIS", "json": "CSL-JSON"}[ending]
    with references.expect_download() as saved:
        references.get_by_role("button", name=f"Download {name} of {key}", exact=True).click()
    assert saved.value.suggested_filename == f"{key}.{ending}"
    assert Path(saved.value.path()).read_text(encoding="utf-8") == alone(key, ending)


def test_copy_that_fails_is_said(references: Page) -> None:
    references.route("**/references/export.js", lambda route: route.fulfill(status=500))
    references.locator(".kb-copy").first.click()
    expect(toast(references)).to_contain_text("use the download")


# From the disk


def test_cards_and_filter_work_from_the_disk(open_page: Callable[..., Page], site: Path) -> None:
    page = open_page((site / AREA).as_uri())
    number(page).hover()
    expect(card(page)).to_be_visible()
    page.goto((site / REFERENCES).as_uri())
    entries = data(page)
    word = long_word(entries[0])
    page.get_by_label("Text").fill(word)
    matching = [entry["id"] for entry in entries if word in plain(entry["text"])]
    expect_shown(page, matching, len(entries))
    assert parse_qs(urlsplit(page.url).query) == {"text": [word]}
    page.reload()
    expect_shown(page, matching, len(entries))


def test_copy_button_works_from_the_disk(open_page: Callable[..., Page], site: Path) -> None:
    page = open_page((site / REFERENCES).as_uri(), permissions=["clipboard-read", "clipboard-write"])
    key = data(page)[0]["id"]
    page.get_by_role("button", name=f"Copy BibTeX of {key}", exact=True).click()
    expect(toast(page)).to_have_text(f"BibTeX of {key} copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == alone(key, "bib")


# Search


def test_search_finds_a_page_by_its_title(tab: Page, site_url: str) -> None:
    tab.goto(f"{site_url}/{AREA}")
    word = max(tab.locator("h1").inner_text().split(), key=len)
    tab.goto(f"{site_url}/{HOME}")
    tab.get_by_role("textbox", name="Search").click()
    tab.keyboard.type(word)
    result = tab.locator(f".md-search-result__item a[href*='{AREA}']").first
    expect(result).to_be_visible()
    result.click()
    tab.wait_for_url(functools.partial(re.search, re.escape(AREA)))
    expect(tab.locator("h1")).to_contain_text(word)


@pytest.mark.parametrize("way", ["click", "key"])
def test_search_index_is_fetched_only_when_a_reader_turns_to_the_search(tab: Page, site_url: str, way: str) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{site_url}/{AREA}", wait_until="networkidle")
    assert [url for url in asked if "search_index" in url] == []
    if way == "click":
        tab.get_by_role("textbox", name="Search").click()
    else:
        tab.keyboard.press("/")
    tab.keyboard.type("cell")
    expect(tab.locator(".md-search-result__item").first).to_be_visible()
    assert len([url for url in asked if "search_index" in url]) == 1
