"""Puts drawings into pages: a figure with its caption, drawn in the colours of the site, and with plain colours for the book."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path

from kb.files import put

DRAWING = re.compile(r'<svg class="kb-(?:drawing|sample)".*?</svg>', re.DOTALL)
"""A drawing in the HTML of a page; the book takes it out before a parser of HTML changes its names to small letters."""
_WORDS = re.compile(r'aria-label="([^"]*)"')
_SCREEN_ONLY = re.compile(r'</?a\b[^>]*>|<desc>.*?</desc>|<rect class="kb-ground"[^>]*/>', re.DOTALL)
_COLOUR = re.compile(r"var\((--kb-[\w-]+)\)")
FONT = "DejaVu Sans"
"""Font of drawings where the page brings none: it comes with matplotlib, which measures words in it."""
_STYLE = Path("overrides") / "assets" / "kb.css"


def opening(width: float, height: float, words: str, kind: str = "kb-drawing") -> str:
    """First tag of a drawing that scales with the page.

    Args:
        width: width of the canvas in px.
        height: height of the canvas in px.
        words: what it shows, for readers who do not see it.
        kind: `kb-sample` for a small one in a line of words.
    """
    role = "group" if kind == "kb-drawing" else "img"
    return (
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" role="{role}" aria-label="{escape(words)}">'
    )


def figure(name: str, drawings: list[str], caption: str, wide: bool = False) -> str:
    """Drawings side by side where there is room, with one caption.

    Args:
        name: what its id ends in.
        drawings: SVG made with `opening`.
        caption: HTML.
        wide: whether a drawing keeps a width at which it can be read, and is scrolled on a phone.
    """
    scrolled = f' tabindex="0" role="region" aria-label="{_WORDS.search(drawings[0])[1]}"' if wide else ""
    kind = "kb-panel kb-wide" if wide else "kb-panel"
    panels = "".join(f'<div class="{kind}"{scrolled}>{drawing}</div>' for drawing in drawings)
    return (
        f'<figure class="kb-figure" id="figure-{name}" data-search-exclude><div class="kb-panels">{panels}</div>'
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
    text = _COLOUR.sub(lambda match: colours[match[1]], drawing).replace("<svg ", f'<svg font-family="{FONT}" ', 1)
    return _SCREEN_ONLY.sub("", text)


def stored(drawing: str, root: Path) -> str:
    """Put a drawing into a file of its own, named after what is in it, and say where."""
    file = root.resolve() / ".cache" / "figures" / f"{hashlib.sha256(drawing.encode()).hexdigest()[:16]}.svg"
    file.parent.mkdir(parents=True, exist_ok=True)
    put(file, drawing.encode())
    return str(file)


@cache
def _light(style: Path) -> dict[str, str]:
    """The first block of the stylesheet: the colours of the light scheme."""
    block = style.read_text(encoding="utf-8").partition("}")[0]
    return dict(re.findall(r"(--kb-[\w-]+): (#\w+);", block))
