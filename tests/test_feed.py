"""The change list and its feed, read as a feed reader reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import feedparser
import pytest

from kb.project import read_project
from tests.conftest import ROOT, Build

CHANGES = """---
title: What is new
description: Changes.
changes:
  - on: 2026-11-25
    title: A correction with <b> & "quotes"
    text: "The response was 5 of 10, not 6 of 10 & more."
    page: mechanisms/index.md
  - on: 2026-11-23
    title: First pages
    text: All of it.
---

{{ changes }}
"""
NAV = """nav:
  - Home: index.md
  - Mechanisms: mechanisms/index.md
  - References: references.md
  - About:
      - Methods: about/methods.md
      - What is new: about/whats-new.md
"""


@pytest.fixture
def files() -> dict[str, str]:
    return {"docs/about/whats-new.md": CHANGES, "nav.yml": NAV}


def with_nav(root: Path) -> Path:
    settings = root / "mkdocs.yml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("\nnav:")[0] + "\n" + NAV, encoding="utf-8")
    return root


def test_feed_holds_every_change_with_absolute_addresses(project: Callable[..., Path], files: dict[str, str]) -> None:
    build = Build(with_nav(project(files)), SITE_URL="https://example.org/kb/")
    feed = feedparser.parse(build.page("feed.xml"))
    assert (feed.bozo, feed.version, feed.feed.updated) == (False, "atom10", "2026-11-25T00:00:00Z")
    assert [entry.title for entry in feed.entries] == ['A correction with <b> & "quotes"', "First pages"]
    assert feed.entries[0].summary == "The response was 5 of 10, not 6 of 10 & more."
    assert feed.entries[0].link == "https://example.org/kb/mechanisms/index.html"
    assert [link.href for link in feed.feed.links] == [
        "https://example.org/kb/feed.xml",
        "https://example.org/kb/about/whats-new.html",
    ]
    assert all(entry.id.startswith("urn:uuid:") for entry in feed.entries)
    assert len({feed.feed.id, *(entry.id for entry in feed.entries)}) == 3
    page, _, anchor = feed.entries[1].link.removeprefix("https://example.org/kb/").partition("#")
    assert f'id="{anchor}"' in build.page(page)
    assert '<link rel="alternate" type="application/atom+xml" title="What is new" href="../feed.xml">' in build.page(
        "mechanisms/index.html"
    )


def test_ids_stay_when_a_text_is_corrected(project: Callable[..., Path], files: dict[str, str]) -> None:
    root = with_nav(project(files))
    before = feedparser.parse(Build(root).page("feed.xml"))
    page = root / "docs/about/whats-new.md"
    page.write_text(CHANGES.replace("All of it.", "Nearly all of it."), encoding="utf-8")
    after = feedparser.parse(Build(root).page("feed.xml"))
    assert [entry.id for entry in after.entries] == [entry.id for entry in before.entries]
    assert after.entries[1].summary == "Nearly all of it."


def test_no_change_list_no_feed(project: Callable[..., Path]) -> None:
    build = Build(project())
    assert "application/atom+xml" not in build.page()
    assert not (build.folder / "feed.xml").exists()


def test_real_list_is_newest_first_and_leads_to_pages_that_exist() -> None:
    real = read_project(ROOT)
    changes = real.record["about/whats-new.md"].changes
    assert changes == sorted(changes, key=lambda change: change.on, reverse=True)
    assert [change.page for change in changes if change.page and change.page not in real.page] == []
