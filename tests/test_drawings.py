"""The map and the plots show what the records say, and every mark leads to it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from kb.evidence import newcombe
from kb.interactions import arrows
from kb.project import Project, read_project
from kb.responses import RESPONSES, differences, responses
from tests.conftest import ROOT

PAGES = [
    "mechanisms/map.html",
    "index.html",
    "mechanisms/index.html",
    "gvhd/controlled-trials.html",
    "trials/index.html",
    "exosomes/registered-trials.html",
    "claims.html",
]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def records() -> Project:
    return read_project(ROOT)


def drawings(site: Path, page: str) -> list[etree._Element]:
    """The drawings of a page, read as XML: a fault in them is an error."""
    html = (site / page).read_text(encoding="utf-8")
    return [etree.fromstring(text) for text in re.findall(r'<svg class="kb-drawing".*?</svg>', html, re.DOTALL)]


def links(drawn: list[etree._Element]) -> list[etree._Element]:
    return [link for drawing in drawn for link in drawing.iter(f"{SVG}a")]


@pytest.mark.parametrize("page", PAGES)
def test_every_mark_of_a_drawing_has_words_and_leads_to_something_that_is_there(site: Path, page: str) -> None:
    found = links(drawings(site, page))
    assert found
    for link in found:
        assert link.get("aria-label")
        target = urlsplit(link.get("href"))
        file = (site / page).parent.joinpath(unquote(target.path)) if target.path else site / page
        assert not target.fragment or f'id="{target.fragment}"' in file.read_text(encoding="utf-8"), link.get("href")


@pytest.mark.parametrize("page", PAGES)
def test_a_drawing_brings_no_script_no_foreign_address_and_no_name_twice(site: Path, page: str) -> None:
    html = (site / page).read_text(encoding="utf-8")
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for drawing in drawings(site, page):
        assert not list(drawing.iter(f"{SVG}script", f"{SVG}foreignObject", f"{SVG}image"))
        values = [value for element in drawing.iter() for value in element.attrib.values()]
        assert not [value for value in values if re.match(r"(?i)\s*(javascript:|data:|https?:|//)", value)]
        assert not [name for element in drawing.iter() for name in element.attrib if name.startswith("on")]


def test_the_map_has_one_arrow_for_each_factor_and_effect_with_the_number_of_its_claims(site: Path, records: Project) -> None:
    expected: dict[str, set[str]] = {}
    for placed in records.claims:
        it = placed.claim.interaction
        for factor in (part.strip() for part in it.factor.split("+")) if it else ():
            expected.setdefault(f"{it.actor}|{it.target}|{factor}|{it.effect}", set()).add(placed.claim.statement)
    shown = links(drawings(site, "mechanisms/map.html"))
    assert len(shown) == len(expected) == len(arrows(records))
    statements = sorted(link.findtext(f"{SVG}desc") for link in shown)
    counts = sorted(int(link.find(f".//{SVG}tspan").text) for link in shown)
    assert counts == sorted(len(group) for group in expected.values())
    lines = {line for text in statements for line in text.split("\n") if not re.fullmatch(r"and \d+ more", line)}
    assert lines <= set().union(*expected.values())
    assert all(set(text.split("\n")) in expected.values() for text in statements if " more" not in text)


def test_the_figures_of_the_forest_plot_are_those_of_the_records(site: Path, records: Project) -> None:
    shown = [link.get("aria-label") for link in links(drawings(site, "gvhd/controlled-trials.html"))]
    raw = [
        (trial, outcome)
        for _, trial in records.trials
        for outcome in trial.outcomes
        if trial.disease == "acute GVHD"
        and outcome.arm != "difference"
        and outcome.name in RESPONSES
        and re.search(r"28|week 4", outcome.time or "")
    ]
    assert len(shown) == len(raw) + sum(len(differences(records, name)) for name in RESPONSES)
    for _, outcome in raw:
        figures = f"{outcome.events}/{outcome.total}" if outcome.events is not None else f"{outcome.percent:g}%"
        assert [words for words in shown if f"{outcome.arm}: {figures}" in words], (outcome.arm, figures)


def test_a_point_lies_where_its_figure_says(site: Path, records: Project) -> None:
    plot = drawings(site, "gvhd/controlled-trials.html")[0]
    ticks = {
        float(text.text): float(text.get("x"))
        for text in plot.iter(f"{SVG}text")
        if re.fullmatch(r"\d+", text.text or "") and "middle" in text.get("style")
    }
    scale = (ticks[100] - ticks[0]) / 100
    shares = [item.share for item in responses(records, RESPONSES[0])]
    places = [float(next(link.iter(f"{SVG}use")).get("x")) for link in links([plot])]
    assert places == pytest.approx([ticks[0] + share * scale for share in shares], abs=0.5)


def test_the_interval_of_a_difference_is_that_of_the_published_method() -> None:
    # Newcombe 1998, table II, (a): 56/70 against 48/80, method 10.
    assert newcombe(56, 70, 48, 80) == pytest.approx((5.24, 33.39), abs=0.005)
    low, high = newcombe(10, 10, 0, 10)
    assert low > 0
    assert high == pytest.approx(100)


def test_the_timeline_draws_every_trial_with_a_start_and_says_how_many_have_none(site: Path, records: Project) -> None:
    dated = sorted(page.title for page, trial in records.trials if trial.start)
    shown = [link.get("aria-label").partition(": started")[0] for link in links(drawings(site, "trials/index.html"))]
    assert sorted(shown) == dated
    html = unescape((site / "trials/index.html").read_text(encoding="utf-8"))
    assert f"{len(records.trials) - len(dated)} records whose start was not seen" in html


@pytest.mark.parametrize(("page", "total"), [("exosomes/registered-trials.html", "vesicles"), ("claims.html", "claims")])
def test_the_circles_add_up_to_the_records(site: Path, records: Project, page: str, total: str) -> None:
    numbers = [int(match) for link in links(drawings(site, page)) for match in re.findall(r": (\d+) ", link.get("aria-label"))]
    vesicles = [trial for _, trial in records.trials if any(cell.endswith("EV") for cell in trial.cells)]
    assert sum(numbers) == (len(vesicles) if total == "vesicles" else len(records.claims))


def test_drawings_are_the_same_bytes_on_every_run() -> None:
    code = (
        "import sys; from pathlib import Path; from kb.project import read_project; from kb.trial_plots import *; "
        "from kb.interaction_map import *; p = read_project(Path('.')); b = p.page['index.md']; "
        "sys.stdout.write(forest(p, b) + timeline(p, b) + vesicle_routes(p, b) + interaction_map(p, b))"
    )
    made = set()
    for seed in "12":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
        made.add(run.stdout)
    assert len(made) == 1
    assert len(made.pop()) > 10_000


def test_an_arrow_shows_its_claims_on_focus_and_lights_its_factor(tab: Page, site_url: str) -> None:
    tab.goto(f"{site_url}/index.html")
    arrow = tab.locator("a.kb-arrow[data-factor='pge2']").first
    arrow.focus()
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Tab")
    card = tab.locator(".kb-card")
    expect(card).to_contain_text("PGE2: decreases")
    statement = arrow.locator("desc").text_content().split("\n")[0]
    expect(card).to_contain_text(statement)
    expect(arrow).to_have_class(re.compile("kb-lit"))
    expect(tab.locator("a.kb-arrow[data-factor='ido']").first).not_to_have_class(re.compile("kb-lit"))
    tab.keyboard.press("Escape")
    expect(card).to_have_count(0)
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"mechanisms/map\.html#arrow-msc-nk-pge2-decreases$"))
    expect(tab.locator("tr:target")).to_be_in_viewport()


def test_the_filter_of_the_table_works_on_the_map(tab: Page, site_url: str) -> None:
    tab.goto(f"{site_url}/mechanisms/map.html")
    arrow = tab.locator("a.kb-arrow[data-arrow='arrow-msc-nk-pge2-decreases']")
    before = int(arrow.locator("tspan").text_content())
    tab.locator("form.kb-filter select[name='tissue']").select_option("decidua")
    rows = tab.locator("#interactions-table tbody tr:visible")
    left = rows.evaluate_all("rows => rows.map(row => row.dataset.arrow)")
    pale = tab.locator("a.kb-arrow.kb-pale")
    expect(pale).to_have_count(tab.locator("a.kb-arrow").count() - len(set(left)))
    now = int(arrow.locator("tspan").text_content())
    assert 0 < now == left.count("arrow-msc-nk-pge2-decreases") < before
    tab.get_by_role("button", name="Clear filter").click()
    expect(pale).to_have_count(0)
    expect(arrow.locator("tspan")).to_have_text(str(before))
