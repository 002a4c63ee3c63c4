"""The words of the glossary: marked once on a page, explained in a card, found by every name."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Build, small_project

GLOSSARY = """---
title: Glossary
description: Words.
---

## Words

### IDO

An enzyme that breaks down tryptophan [@Adams2001].
Also: indoleamine 2,3-dioxygenase; kynurenine pathway.
See [Mechanisms](mechanisms/index.md).

### NK cell

A lymphocyte that *kills* without priming [@Adams2001, p. 2].
Also: natural killer cell.

### MSC

Stromal cells, as this site uses the word [@Adams2001].
"""

TEXT = """---
title: Methods
description: Words in use.
---

## NK cells in a heading

`NK cell` in code, an [NK cell](../index.md) in a link, an anti-NK cell in a compound [@Adams2001, NK cell].
Natural killer cells stop here; NK cells come again, MSC-derived do not count, but MSC & co. do.
Indoleamine 2,3-dioxygenase and nk cells.
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    root = small_project(
        tmp_path_factory.mktemp("glossary") / "project", {"docs/glossary.md": GLOSSARY, "docs/about/methods.md": TEXT}
    )
    nav = root / "mkdocs.yml"
    nav.write_text(nav.read_text(encoding="utf-8") + "  - Glossary: glossary.md\n", encoding="utf-8")
    return Build(root)


def marked(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<a class="kb-term" href="([^"]*)">([^<]*)</a>', html)


def test_first_use_is_marked_once_and_never_in_headings_links_code_or_compounds(built: Build) -> None:
    assert marked(built.page("about/methods.html")) == [
        ("../glossary.html#nk-cell", "Natural killer cells"),
        ("../glossary.html#msc", "MSC"),
        ("../glossary.html#ido", "Indoleamine 2,3-dioxygenase"),
    ]


def test_text_is_unchanged_but_for_the_marks(built: Build) -> None:
    text = built.text("about/methods.html")
    assert "Natural killer cells stop here; NK cells come again, MSC-derived do not count, but MSC & co. do." in text
    assert "an anti-NK cell in a compound [1, NK cell]." in text


def test_words_are_listed_with_definition_and_way_to_the_source(built: Build) -> None:
    listed = built.page("about/methods.html").partition('<details class="kb-words"')[2].partition("</details>")[0]
    assert "Words on this page (3)" in listed
    assert "<p>A lymphocyte that kills without priming.</p>" in listed
    assert '<a href="../glossary.html#nk-cell">Sources in the glossary</a>' in listed


def test_a_page_about_a_word_and_the_glossary_itself_are_left_alone(built: Build) -> None:
    assert "kb-term" not in built.page("glossary.html")
    assert "glossary.html#ido" not in [target for target, _ in marked(built.page("mechanisms/index.html"))]


def test_card_of_a_word_opens_on_focus_and_hover(tab: Page, address: str) -> None:
    tab.goto(f"{address}/about/methods.html")
    word = tab.locator(".kb-term").first
    card = tab.locator(".kb-card")
    word.hover()
    expect(card).to_contain_text("A lymphocyte that kills without priming.")
    assert card.get_attribute("aria-label") == "Meaning of Natural killer cells"
    tab.mouse.move(0, 0)
    expect(card).to_have_count(0)
    tab.keyboard.press("Tab")
    tab.locator(".kb-term").nth(1).focus()
    tab.keyboard.press("Shift+Tab")
    expect(word).to_be_focused()
    expect(card).to_contain_text("A lymphocyte")
    tab.keyboard.press("Tab")
    assert tab.locator(":focus").inner_text() == "Sources in the glossary"
    tab.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(word).to_be_focused()


@pytest.mark.parametrize("query", ["IDO", "indoleamine 2,3-dioxygenase", "kynurenine"])
def test_search_finds_the_page_about_a_subject_by_every_name(tab: Page, address: str, query: str) -> None:
    assert search(tab, address, query)[0] == "mechanisms/index.html"


@pytest.mark.parametrize(
    ("names", "page"),
    [
        (("IDO", "indoleamine 2,3-dioxygenase", "kynurenine"), "mechanisms/ido.html"),
        (("TEMCELL", "JR-031"), "gvhd/products-and-approvals.html"),
        (("remestemcel", "Prochymal", "Ryoncil"), "gvhd/products-and-approvals.html"),
        (("exosome", "small EV"), "exosomes/definitions.html"),
        (("stromal cell", "mesenchymal stem cell"), "foundations/msc.html"),
    ],
)
def test_names_of_one_thing_find_the_same_page_of_the_real_site(
    tab: Page, site_url: str, names: tuple[str, ...], page: str
) -> None:
    assert {name: search(tab, site_url, name)[0] for name in names} == dict.fromkeys(names, page)


def search(tab: Page, address: str, query: str) -> list[str]:
    """Pages in the order in which the search of the site lists them."""
    tab.goto(f"{address}/index.html")
    tab.get_by_role("textbox", name="Search").click()
    tab.keyboard.type(query)
    results = tab.locator(".md-search-result__item a")
    expect(results.first).to_be_visible()
    addresses = results.evaluate_all("links => links.map(link => new URL(link.href).pathname.slice(1))")
    return list(dict.fromkeys(addresses))
