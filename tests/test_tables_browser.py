"""Ledgers, explorer, matrix and claims in a real browser: filtering, sorting, copying, phones, print and keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from kb.html import slug
from kb.vocabulary import LEVELS
from tests.conftest import Build, serving, small_project
from tests.test_records import CLAIMS, FILES, TRIAL

LEDGERS, CLAIM_PAGE, TRIAL_PAGE = "about/methods.html", "mechanisms/index.html", "trials/NCT00000002.html"
EXPLORER, CLAIMS_LEDGER = "trials-table", "claims-table"
PHONE = {"width": 320, "height": 640}
PRINT = {"width": 720, "height": 1000}
VARIANTS = [
    (
        "NCT00000003",
        {"cells: [MSC]": "cells: [MSC, NK]", "phase: 2": "phase: early 1", "n: 47": "n: 9", "bone marrow": "decidua"},
    ),
    ("NCT00000004", {"cells: [MSC]": "cells: [NK]", "phase: 2": "phase: 3", "n: 47": "n: 210", "randomised": "single-arm"}),
    ("NCT00000005", {"status: completed": "status: recruiting", "n: 47": "n: 100\n  start: 2019-05"}),
    ("NCT00000006", {"disease: acute GVHD": "disease: chronic GVHD", "n: 47": "n: 12\n  start: 2007-11"}),
]


def trials() -> dict[str, str]:
    """More trials of the same kind: each with its own number, without figures, and with a few facts changed."""
    made = {}
    for name, changes in VARIANTS:
        text = re.sub(r"(?s)  arms:.*?  sources:", "  sources:", TRIAL).replace("NCT00000002", name)
        text = text.replace("A trial of", f"{name}, a trial of").replace("In it 65% responded", "It is over")
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new, 1)
        made[f"docs/trials/{name}.md"] = text
    return made


def claims() -> str:
    """The two claims, and three more that differ in effect and outcome."""
    last = CLAIMS[CLAIMS.index("  - id: other-way") : CLAIMS.index("---\n\n## What")]
    more = ""
    for number, (effect, outcome) in enumerate([("mixed", "survival"), ("decreases", "lysis"), ("no change", "metabolism")]):
        copy = last.replace("other-way", f"more-{number}").replace("They raise it", f"Zeta-γ {number} changes {outcome}")
        more += copy.replace("effect: increases, outcome: proliferation", f"effect: {effect}, outcome: {outcome}")
    return CLAIMS.replace("---\n\n## What", f"{more}---\n\n## What")


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site with every ledger on one page, built once."""
    files = {**FILES, **trials(), "docs/mechanisms/index.md": claims()}
    root = small_project(tmp_path_factory.mktemp("records") / "project", files)
    build = Build(root)
    build.page()
    return build.folder


@pytest.fixture(scope="session")
def records_url(records: Path) -> Iterator[str]:
    with serving(records) as url:
        yield url


@pytest.fixture
def ledgers(tab: Page, records_url: str) -> Page:
    tab.goto(f"{records_url}/{LEDGERS}")
    return tab


def form(page: Page, name: str) -> Locator:
    return page.locator(f"form[data-for='{name}']")


def rows(page: Page, name: str) -> list[dict[str, str]]:
    """What the rows of a table say of themselves: their data, their text, and whether a reader sees them."""
    return page.locator(f"#{name} > tbody > tr").evaluate_all(
        "rows => rows.map(row => ({ ...row.dataset, columns: [...row.cells].map(cell => cell.textContent),"
        " text: [...row.cells].map(cell => cell.textContent).join(' '), visible: row.checkVisibility() }))"
    )


def shown(page: Page, name: str) -> list[str]:
    return [row["text"] for row in rows(page, name) if row["visible"]]


def column(page: Page, name: str, header: str) -> list[str]:
    """Texts of a column, from the top."""
    headers = page.locator(f"#{name} > thead th").all_inner_texts()
    return [row["columns"][headers.index(header)] for row in rows(page, name)]


def sort_button(page: Page, name: str, header: str) -> Locator:
    return page.locator(f"#{name}").get_by_role("button", name=header, exact=True)


MENUS = {
    EXPLORER: ["cells", "condition", "purpose", "phase", "design", "status", "tissue", "results", "year"],
    CLAIMS_LEDGER: ["area", "level", "certainty", "direction"],
}


@pytest.mark.parametrize(("name", "menu"), [(name, menu) for name, menus in MENUS.items() for menu in menus])
def test_every_value_of_every_menu_shows_the_rows_that_have_it(ledgers: Page, name: str, menu: str) -> None:
    everything = rows(ledgers, name)
    noun = form(ledgers, name).get_attribute("data-noun")
    select = form(ledgers, name).locator(f"select[name={menu}]")
    values = select.locator("option:not([value=''])").evaluate_all("options => options.map(option => option.value)")
    assert set(values) <= {part for row in everything for part in row[menu].split("|")} | {"with results", "no results found"}
    assert values != [] or menu == "certainty"
    for value in values:
        select.select_option(value)
        having = [row["text"] for row in everything if value in row[menu].split("|")]
        expect(form(ledgers, name).locator("output")).to_have_text(re.compile(rf"^{len(having)} of {len(everything)} {noun}\b"))
        assert shown(ledgers, name) == having


def test_menus_and_text_work_together_and_clear(ledgers: Page) -> None:
    everything = rows(ledgers, EXPLORER)
    explorer = form(ledgers, EXPLORER)
    explorer.get_by_label("Cells").select_option("MSC")
    explorer.get_by_label("Text").fill("DECIDUA stromal")
    assert shown(ledgers, EXPLORER) == [row["text"] for row in everything if "decidua" in row["text"]]
    assert len(shown(ledgers, CLAIMS_LEDGER)) == len(rows(ledgers, CLAIMS_LEDGER))  # the other list is as it was
    explorer.get_by_label("Text").press("Escape")
    expect(explorer.locator("output")).to_have_text(f"{len(everything)} of {len(everything)} trials")
    assert len(shown(ledgers, EXPLORER)) == len(everything)
    assert urlsplit(ledgers.url).query == ""
    explorer.get_by_label("Cells").select_option("NK")
    explorer.get_by_role("button", name="Clear filter").click()
    expect(explorer.locator("output")).to_have_text(f"{len(everything)} of {len(everything)} trials")


def test_words_of_two_cells_do_not_run_together(ledgers: Page) -> None:
    explorer = form(ledgers, EXPLORER)
    explorer.get_by_label("Text").fill("GVHDMSC")
    expect(explorer.locator("output")).to_have_text("0 of 5 trials: no trial matches")
    assert shown(ledgers, EXPLORER) == []


def test_address_holds_filter_and_order_of_both_lists(ledgers: Page, open_page: Callable[..., Page]) -> None:
    form(ledgers, CLAIMS_LEDGER).get_by_label("Text").fill("zeta-gamma")
    form(ledgers, EXPLORER).get_by_label("Phase").select_option("2")
    sort_button(ledgers, EXPLORER, "People").click()
    sort_button(ledgers, EXPLORER, "People").click()
    assert parse_qs(urlsplit(ledgers.url).query) == {
        "text": ["zeta-gamma"],
        "trials-table.phase": ["2"],
        "trials-table.sort": ["-people"],
    }
    found = shown(ledgers, CLAIMS_LEDGER), shown(ledgers, EXPLORER)
    assert [len(part) for part in found] == [3, 3]
    other = open_page(ledgers.url)
    assert (shown(other, CLAIMS_LEDGER), shown(other, EXPLORER)) == found
    expect(form(other, CLAIMS_LEDGER).get_by_label("Text")).to_have_value("zeta-gamma")
    expect(other.locator("th[aria-sort=descending]")).to_have_text("People")
    expect(form(other, EXPLORER).locator("output")).to_have_text("3 of 5 trials, sorted by people, descending")


def test_row_named_by_the_address_stays_visible(records_url: str, tab: Page) -> None:
    tab.goto(f"{records_url}/references.html?text=no+work+has+these+words#Clark2003")
    expect(tab.locator("#bibliography > li:visible")).to_have_attribute("id", "Clark2003")
    expect(form(tab, "bibliography").locator("output")).to_contain_text("with the linked reference in any case")


def test_numbers_sort_as_numbers_and_the_third_click_restores(ledgers: Page) -> None:
    original = column(ledgers, EXPLORER, "People")
    by_number = sorted(original, key=lambda text: int(text.split()[0]))
    assert by_number not in (original, sorted(original))
    header = ledgers.locator(f"#{EXPLORER} thead th", has_text="People")
    for way, expected in (("ascending", by_number), ("descending", by_number[::-1])):
        sort_button(ledgers, EXPLORER, "People").click()
        expect(header).to_have_attribute("aria-sort", way)
        expect(form(ledgers, EXPLORER).locator("output")).to_have_text(f"5 of 5 trials, sorted by people, {way}")
        assert column(ledgers, EXPLORER, "People") == expected
    sort_button(ledgers, EXPLORER, "People").click()
    expect(ledgers.locator("[aria-sort]")).to_have_count(0)
    assert column(ledgers, EXPLORER, "People") == original
    assert urlsplit(ledgers.url).query == ""


def test_dates_sort_with_empty_cells_last_either_way(ledgers: Page) -> None:
    sort_button(ledgers, EXPLORER, "Start").click()
    assert column(ledgers, EXPLORER, "Start") == ["2007-11", "2019-05", "", "", ""]
    sort_button(ledgers, EXPLORER, "Start").click()
    assert column(ledgers, EXPLORER, "Start") == ["2019-05", "2007-11", "", "", ""]


def test_text_sorts_by_letter_and_words_of_a_menu_in_its_order(ledgers: Page) -> None:
    sort_button(ledgers, EXPLORER, "Trial").click()
    names = column(ledgers, EXPLORER, "Trial")
    assert names == sorted(names, key=str.lower)
    sort_button(ledgers, EXPLORER, "Phase").click()
    menu = form(ledgers, EXPLORER).locator("select[name=phase] option").evaluate_all("all => all.map(one => one.value)")
    phases = column(ledgers, EXPLORER, "Phase")
    assert phases == sorted(phases, key=menu.index)
    assert phases[0] == "early 1"


def test_keyboard_sorts_and_filters(ledgers: Page) -> None:
    for key, way in (("Enter", "ascending"), ("Space", "descending")):
        sort_button(ledgers, EXPLORER, "People").press(key)
        expect(ledgers.locator(f"#{EXPLORER} [aria-sort={way}]")).to_have_text("People")
        expect(sort_button(ledgers, EXPLORER, "People")).to_be_focused()
    form(ledgers, EXPLORER).get_by_label("Text").focus()
    ledgers.keyboard.type("NCT00000004")
    expect(form(ledgers, EXPLORER).locator("output")).to_have_text(re.compile("^1 of 5 trials"))
    ledgers.keyboard.press("Tab")
    expect(form(ledgers, EXPLORER).get_by_label("Cells")).to_be_focused()


def test_wide_table_scrolls_with_the_keyboard(ledgers: Page) -> None:
    box = ledgers.locator(f".kb-scroll:has(> #{EXPLORER})")
    first = ledgers.locator(f"#{EXPLORER} tbody th").first
    expect(box).to_have_attribute("tabindex", "0")  # Chromium alone would do without
    box.focus()
    expect(box).to_be_focused()
    left = first.bounding_box()["x"]
    ledgers.keyboard.press("ArrowRight")
    ledgers.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
    assert first.bounding_box()["x"] == left  # the first column stays


def test_small_tables_without_filter_have_no_buttons(ledgers: Page) -> None:
    assert ledgers.locator(".kb-table:has(.kb-sort)").evaluate_all("all => all.map(table => table.id)") == [
        CLAIMS_LEDGER,
        EXPLORER,
    ]


def test_without_scripts_everything_is_visible(open_page: Callable[..., Page], records_url: str) -> None:
    page = open_page(f"{records_url}/{LEDGERS}?text=nothing", java_script_enabled=False)
    for table in page.locator(".kb-table").all():
        assert table.locator("tbody tr").count() == table.locator("tbody tr:visible").count() > 0
    expect(page.locator(".kb-filter:visible, .kb-sort")).to_have_count(0)
    page.goto(f"{records_url}/{CLAIM_PAGE}")
    expect(page.locator(".kb-claim:visible")).to_have_count(5)
    expect(page.locator(".kb-copy")).to_have_count(0)


def test_filter_and_order_work_from_the_disk(open_page: Callable[..., Page], records: Path) -> None:
    page = open_page((records / LEDGERS).as_uri())
    form(page, EXPLORER).get_by_label("Design").select_option("single-arm")
    sort_button(page, CLAIMS_LEDGER, "Claim").click()
    found, order = shown(page, EXPLORER), column(page, CLAIMS_LEDGER, "Claim")
    assert len(found) == 1
    page.reload()
    assert (shown(page, EXPLORER), column(page, CLAIMS_LEDGER, "Claim")) == (found, order)


@pytest.mark.parametrize("name", [LEDGERS, CLAIM_PAGE, TRIAL_PAGE])
def test_phone_needs_no_sideways_scrolling(tab: Page, records_url: str, name: str) -> None:
    tab.set_viewport_size(PHONE)
    tab.goto(f"{records_url}/{name}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    wide = tab.locator(".kb-scroll").evaluate_all(
        "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth).map(box => box.querySelector('table').id)"
    )
    assert set(wide) <= {"matrix-table"}


def test_phone_rows_are_blocks_that_name_their_cells(tab: Page, records_url: str) -> None:
    tab.set_viewport_size(PHONE)
    tab.goto(f"{records_url}/{LEDGERS}")
    row = tab.locator(f"#{EXPLORER} tbody tr").first
    row.scroll_into_view_if_needed()
    cells = row.locator("td:visible")
    tops = [cell.bounding_box()["y"] for cell in cells.all()]
    assert tops == sorted(set(tops))
    labels = cells.evaluate_all("all => all.map(cell => getComputedStyle(cell, '::before').content)")
    assert labels[:2] == ['"Condition: "', '"Cells: "']
    sort_button(tab, EXPLORER, "People").click()
    expect(tab.locator(f"#{EXPLORER} [aria-sort]")).to_have_text("People")


def test_print_has_all_rows_and_no_controls_and_fits(ledgers: Page) -> None:
    form(ledgers, EXPLORER).get_by_label("Design").select_option("single-arm")
    ledgers.set_viewport_size(PRINT)
    ledgers.emulate_media(media="print")
    assert len(shown(ledgers, EXPLORER)) == 5
    expect(ledgers.locator(".kb-filter:visible")).to_have_count(0)
    assert ledgers.evaluate("document.documentElement.scrollWidth") <= PRINT["width"]


def test_matrix_numbers_lead_to_their_claims_and_are_large_enough(ledgers: Page) -> None:
    links = ledgers.locator("#matrix-table td > a")
    for link in links.all():
        box = link.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    empty = ledgers.locator("#matrix-table td:not(:has(a))")
    assert set(empty.all_inner_texts()) == {"·"}
    target = links.first.get_attribute("href").partition("#")[2]
    links.first.click()
    ledgers.wait_for_url(f"**/{CLAIM_PAGE}#{target}")
    expect(ledgers.locator(f"[id='{target}']")).to_be_in_viewport()


def test_claim_that_the_address_names_is_highlighted(tab: Page, records_url: str) -> None:
    tab.goto(f"{records_url}/{CLAIM_PAGE}#other-way")
    styles = (
        "item => { const { backgroundColor, outlineStyle } = getComputedStyle(item); return [backgroundColor, outlineStyle] }"
    )
    named = tab.locator("li:has(> [id='other-way'])").evaluate(styles)
    other = tab.locator("li:has(> [id='one-way'])").evaluate(styles)
    assert (named[1], other[1]) == ("solid", "none")
    assert named[0] != other[0]


@pytest.mark.parametrize("from_disk", [False, True], ids=["served", "disk"])
def test_copied_citation_says_what_where_and_when(
    open_page: Callable[..., Page], records: Path, records_url: str, from_disk: bool
) -> None:
    address = (records / CLAIM_PAGE).as_uri() if from_disk else f"{records_url}/{CLAIM_PAGE}"
    page = open_page(f"{address}?text=x#other-way", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy citation of claim one-way").press("Enter")
    expect(page.locator("[role=status]:visible")).to_have_text("Citation of claim one-way copied")
    assert page.evaluate("navigator.clipboard.readText()") == (
        f"“MSC (resting) * lower [it] <b>.” Mechanisms. MSC–NK Knowledge Base. Last reviewed 2026-11-23. {address}#one-way"
    )


def test_levels_differ_in_more_than_colour(tab: Page, records_url: str) -> None:
    """Every level has a border of its own, or a dark fill."""
    tab.goto(f"{records_url}/{CLAIM_PAGE}")
    looks = tab.locator(".kb-level").first.evaluate(
        "(tag, levels) => levels.map(level => { tag.className = `kb-tag kb-level kb-level-${level}`;"
        " const { borderStyle, borderWidth, backgroundColor } = getComputedStyle(tag);"
        " const [red, green, blue, alpha = 1] = backgroundColor.match(/[\\d.]+/g).map(Number);"
        " return [borderStyle, borderWidth, alpha > 0 && red + green + blue < 400].join() })",
        [slug(level) for level in LEVELS],
    )
    assert len(set(looks)) == len(LEVELS) == 9
