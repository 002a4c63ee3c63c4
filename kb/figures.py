"""Puts drawings into pages: a figure with its caption, drawn in the colours of the site, and with plain colours for the book."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import escape, unescape
from pathlib import Path

DRAWING = re.compile(r'<svg class="kb-drawing".*?</svg>', re.DOTALL)
"""A drawing in the HTML of a page; the book takes it out before a parser of HTML changes its names to small letters."""
_WORDS = re.compile(r'aria-label="([^"]*)"')
_COLOUR = re.compile(r"var\((--kb-[\w-]+)\)")
_STYLE = Path("overrides") / "assets" / "kb.css"


def opening(width: float, height: float, words: str) -> str:
    """First tag of a drawing that scales with the page.

    Args:
        width: width of the canvas in px.
        height: height of the canvas in px.
        words: what it shows, for readers who do not see it.
    """
    return (
        f'<svg class="kb-drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" role="group" aria-label="{escape(words)}">'
    )


def figure(name: str, drawings: list[str], caption: str) -> str:
    """Drawings side by side where there is room, with one caption.

    Args:
        name: id of the figure.
        drawings: SVG made with `opening`.
        caption: HTML.
    """
    panels = "".join(f'<div class="kb-panel">{drawing}</div>' for drawing in drawings)
    return (
        f'<figure class="kb-figure" id="{name}" data-search-exclude><div class="kb-panels">{panels}</div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def taken_out(html: str, keep: Callable[[str], str]) -> str:
    """The page with each drawing replaced by a picture that carries its words.

    Args:
        html: the page.
        keep: stores a drawing and says where.
    """

    def picture(match: re.Match[str]) -> str:
        words = _WORDS.search(match[0])
        return f'<img src="{escape(keep(match[0]))}" alt="{words[1] if words else ""}">'

    return DRAWING.sub(picture, html)


def for_print(drawing: str, root: Path) -> str:
    """A drawing that needs no stylesheet and no page around it: light colours in place of their names, no links.

    Args:
        drawing: SVG made with `opening`.
        root: folder of the project, whose stylesheet names the colours.
    """
    colours = _light(root / _STYLE)
    text = _COLOUR.sub(lambda match: colours[match[1]], drawing)
    return re.sub(r"</?a\b[^>]*>|<desc>.*?</desc>", "", text, flags=re.DOTALL).replace("&nbsp;", " ")


@cache
def _light(style: Path) -> dict[str, str]:
    """The first block of the stylesheet: the colours of the light scheme."""
    block = style.read_text(encoding="utf-8").partition("}")[0]
    return dict(re.findall(r"(--kb-[\w-]+): (#\w+);", block))


def words_of(drawing: str) -> str:
    """What a drawing shows, in words."""
    found = _WORDS.search(drawing)
    return unescape(found[1]) if found else ""
