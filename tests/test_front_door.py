"""A reader who knows neither cell type gets from Home to an answer with its source in at most three clicks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

QUESTIONS = {
    "Do MSC help or hinder NK cells?": ("mechanisms/index.html", "hinder"),
    "Does MSC therapy work in graft-versus-host disease (GVHD)?": ("gvhd/index.html", "placebo"),
    "Has anyone given both to cancer patients?": ("cancer/msc-and-nk-together.html", "No report and no registration was found"),
    "Are exosomes safer?": ("exosomes/safety.html", "Nobody has shown it"),
    "Was I offered something proven?": ("combination/unproven-clinics.html", "a registration number is no approval"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_is_on_home_its_source_one_click_away_and_the_page_about_it_too(tab: Page, site_url: str, question: str) -> None:
    target, words = QUESTIONS[question]
    tab.goto(f"{site_url}/index.html")
    answer = tab.locator("article p", has=tab.get_by_text(question, exact=True))
    expect(answer).to_contain_text(words)
    answer.locator(".footnote-ref").first.click()  # click 1: the source
    listed = tab.locator(".kb-references li:target")
    expect(listed).to_be_in_viewport()
    expect(listed.locator("a[href^='https://'], a[href^='http://']").first).to_be_visible()
    tab.go_back()
    answer.locator(f"a[href='{target}']").click()  # or click 1: the page about it
    expect(tab.locator(".admonition.abstract li")).to_have_count(3)
    tab.locator(".footnote-ref").first.click()  # click 2: a source there
    expect(tab.locator(".kb-references li:target")).to_be_in_viewport()


def test_home_says_the_four_states_of_the_evidence_and_counts_from_the_records(tab: Page, site_url: str) -> None:
    tab.goto(f"{site_url}/index.html")
    board = tab.locator("#the-state-of-the-evidence + ul > li")
    first = [item.locator("strong").first.inner_text() for item in board.all()]
    assert first == [
        "Shown in people",
        "Shown in animals and dishes",
        "Disputed",
        "Nobody has tried, as far as was found",
    ]
    tab.goto(f"{site_url}/claims.html")
    claims = tab.locator("#claims-table tbody tr").count()
    tab.goto(f"{site_url}/index.html")
    assert re.search(rf"\b{claims} claims, \d+ trials and registrations", tab.locator("article").inner_text())


def test_every_role_has_a_way_in(tab: Page, site_url: str) -> None:
    tab.goto(f"{site_url}/index.html")
    roles = tab.locator("#where-to-go ~ * table, #where-to-go + table").first.locator("tbody tr")
    assert [row.locator("td, th").first.inner_text() for row in roles.all()] == [
        "Clinician",
        "Researcher",
        "Student",
        "Patient",
        "Contributor",
    ]
    for row in roles.all():
        assert row.locator("a").count() >= 2
