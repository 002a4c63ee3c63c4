"""Pages in narrow windows, with spaced text, with reduced motion and in forced colours; controls large enough to hit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

KINDS = [
    "index.html",
    "foundations/index.html",
    "mechanisms/ido.html",
    "mechanisms/map.html",
    "cancer/car-nk.html",
    "gvhd/index.html",
    "exosomes/registered-trials.html",
    "trials/index.html",
    "trials/NCT03298763.html",
    "claims.html",
    "disagreements.html",
    "references.html",
    "glossary.html",
    "data.html",
    "about/contributing.html",
    "about/downloads.html",
    "about/methods.html",
    "about/source-article.html",
    "about/whats-new.html",
    "404.html",
]
SMALL = """() => [...document.querySelectorAll('button, input, select, summary, nav a[href], .kb-scroll td > a:only-child')]
  .filter((part) => part.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((part) => [part.getBoundingClientRect(), part])
  .filter(([box]) => box.width && box.height && (box.width < 23.9 || box.height < 23.9))
  .map(([box, part]) => `${box.width} x ${box.height}: ${part.outerHTML.replace(/\\s+/g, ' ').slice(0, 120)}`)"""
"""Controls with a side below 24 px. Links in text may be smaller where they are far enough apart: axe looks at them."""

CUT = """() => [...document.querySelectorAll('article *, header *, footer *')].filter((part) => {
  const style = getComputedStyle(part);
  const hides = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
  const meant = part.closest('.md-search, .md-header__title, .md-footer__title') || style.clipPath !== 'none';
  return hides && !meant && part.textContent.trim() && part.clientWidth > 1 &&
    (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1);
}).map((part) => part.outerHTML.slice(0, 120))"""
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-bottom: 2em !important }"
)
"""The text of WCAG 1.4.12."""


@pytest.mark.parametrize("name", KINDS)
def test_narrow_page_scrolls_in_one_direction_and_targets_are_large_enough(
    open_page: Callable[..., Page], site_url: str, name: str
) -> None:
    page = open_page(f"{site_url}/{name}", viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(SMALL) == []
    page.add_style_tag(content=SPACED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("name", KINDS)
def test_wide_page_has_targets_that_are_large_enough(open_page: Callable[..., Page], site_url: str, name: str) -> None:
    page = open_page(f"{site_url}/{name}", viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    assert page.evaluate(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_a_small_button_would_be_noticed(open_page: Callable[..., Page], site_url: str) -> None:
    page = open_page(f"{site_url}/index.html")
    page.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<button style=width:9px>x</button>')")
    assert len(page.evaluate(SMALL)) == 1


def test_nothing_moves_when_less_motion_is_wanted(open_page: Callable[..., Page], site_url: str) -> None:
    moving = """() => [...document.querySelectorAll('*')].flatMap((part) => [null, '::before', '::after'].map((layer) => {
      const style = getComputedStyle(part, layer);
      const times = `${style.transitionDuration}, ${style.animationDuration}`.split(', ').map(parseFloat);
      const still = style.transitionProperty === 'none' && style.animationName === 'none';
      return !still && times.some((time) => time > 0) || style.scrollBehavior === 'smooth';
    })).filter(Boolean).length"""
    address = f"{site_url}/mechanisms/ido.html"
    assert open_page(address, reduced_motion="reduce").evaluate(moving) == 0
    assert open_page(address, reduced_motion="no-preference").evaluate(moving) > 0


def test_what_colour_says_stays_in_forced_colours(open_page: Callable[..., Page], site_url: str) -> None:
    page = open_page(f"{site_url}/claims.html", forced_colors="active", reduced_motion="reduce")
    width = "part => parseFloat(getComputedStyle(part).borderTopWidth)"
    assert page.locator(".kb-tag").first.evaluate(width) > 0
    page.get_by_role("searchbox").first.focus()
    assert page.get_by_role("searchbox").first.evaluate("part => getComputedStyle(part).outlineStyle") == "solid"
