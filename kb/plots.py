"""Draws plots with matplotlib as SVG in the colours of the site: the same bytes on every run, points that are links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import TYPE_CHECKING

from kb.figures import FONT, opening

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("ink", "ink-soft", "edge", "line", "paper", "panel", "tint", "link", "accent", "msc", "nk", "stop", "warn", "good")
"""Names of colours in the stylesheet that plots use."""
_STAND_IN = {name: f"#fe01{number:02x}" for number, name in enumerate(COLOURS)}
_NAME = {value: f"var(--kb-{name})" for name, value in _STAND_IN.items()}
_STYLE = {
    "svg.fonttype": "none",  # text stays text: it can be searched, copied and read out
    "svg.hashsalt": "kb",  # names inside the drawing are the same on every run
    "font.size": 9,
    "font.family": FONT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    **{f"{part}.color": _STAND_IN["ink-soft"] for part in ("xtick", "ytick")},
    **{f"axes.{part}": _STAND_IN["ink-soft"] for part in ("labelcolor", "edgecolor")},
    "text.color": _STAND_IN["ink"],
    "grid.color": _STAND_IN["line"],
    "grid.linewidth": 0.6,
}
_DPI = 72  # an inch of matplotlib is then 72 units of SVG


@dataclass(frozen=True)
class Point:
    """A place in a plot that is a link."""

    address: str
    words: str
    keyboard: bool = True


Cell = tuple[int, Point]
"""A number, and where its circle leads."""


class Plot:
    """One drawing: its axes, and what its points lead to."""

    def __init__(self, axes: Axes, width: float, height: float):
        self.axes, self.width, self.height = axes, width, height
        self._points: list[Point] = []

    def link(self, points: Sequence[Point]) -> list[str]:
        """Stand-ins for addresses, one a point, for `set_urls` of what is drawn."""
        first = len(self._points)
        self._points += points
        return [f"kb-point-{number}" for number in range(first, len(self._points))]

    def svg(self, name: str, words: str) -> str:
        """The finished drawing.

        Args:
            name: told apart from the other drawings of a page by it.
            words: what the drawing shows.
        """
        out = StringIO()
        empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self.axes.figure.savefig(out, format="svg", metadata=empty, transparent=True)
        text = out.getvalue()
        inner = text[text.index(">", text.index("<svg")) + 1 :]
        return opening(self.width, self.height, words) + self._finished(inner, name)

    def _finished(self, inner: str, name: str) -> str:
        """Colours by name, links with words, ids of this drawing alone."""
        inner = inner.replace("xlink:href=", "href=").replace(f"; font-family: '{FONT}'", "")
        inner = re.sub("|".join(_NAME), lambda match: _NAME[match[0]], inner)
        inner = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", inner, flags=re.DOTALL)
        inner = re.sub(r"(?<=\.\d)\d+(?=[\s\"),])", "", inner)  # a tenth of a unit is nothing that is seen
        used = set(re.findall(r"#(\w+)", inner))
        inner = re.sub(r' id="(\w+)"', lambda match: match[0] if match[1] in used else "", inner)
        inner = re.sub(r'( id="|href="#|url\(#)(\w)', rf"\g<1>{name}-\g<2>", inner)
        inner = re.sub(r'<a href="kb-point-(\d+)"[^>]*>', lambda match: self._anchor(self._points[int(match[1])]), inner)
        return re.sub(r"\s*\n\s*", "\n", inner).strip()

    @staticmethod
    def _anchor(point: Point) -> str:
        tab = "" if point.keyboard else ' tabindex="-1"'
        return f'<a class="kb-point" href="{escape(point.address)}" aria-label="{escape(point.words)}"{tab}>'


def colour(name: str) -> str:
    """A colour of the stylesheet, as matplotlib is told it."""
    return _STAND_IN[name]


@contextmanager
def plot(width: float, height: float, left: float, bottom: float = 34, top: float = 10, right: float = 10) -> Iterator[Plot]:
    """Axes with margins in px, in the style of the site.

    Args:
        width: of the drawing, in px.
        height: of the drawing, in px.
        left: from its left side to the axes; bottom, top and right likewise.
    """
    from matplotlib import rc_context  # here: it takes longer to load than a small site to build
    from matplotlib.figure import Figure

    with rc_context(_STYLE):
        figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
        box = (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
        yield Plot(figure.add_axes(box), width, height)


def bubbles(name: str, words: str, rows: Sequence[str], columns: Sequence[str], cells: Mapping[tuple[str, str], Cell]) -> str:
    """A grid of circles whose area is a number; empty places stay visible.

    Args:
        name: told apart from the other drawings of a page by it.
        words: what the drawing shows.
        rows: names from the top down.
        columns: names from the left.
        cells: (row, column) to the number and where its circle leads.
    """
    left, step, tall = 128, min(64, 560 / len(columns)), 30
    with plot(left + step * len(columns) + 24, tall * len(rows) + 96, left=left, bottom=10, top=86, right=24) as drawn:
        axes = drawn.axes
        axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
        axes.set_xticks(range(len(columns)), columns, rotation=40, ha="left", fontsize=9.5)
        axes.set_yticks(range(len(rows)), rows, fontsize=9.5)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.grid()
        axes.spines[:].set_visible(False)
        most = max(number for number, _ in cells.values())
        for (row, column), (number, point) in cells.items():
            at = columns.index(column), rows.index(row)
            circle = axes.scatter(
                [at[0]], [at[1]], s=120 + 480 * number / most, color=colour("tint"), edgecolors=colour("nk"), zorder=2
            )
            circle.set_urls(drawn.link([point]))
            axes.text(*at, str(number), ha="center", va="center_baseline", fontsize=9, color=colour("ink"), zorder=3)
        return drawn.svg(name, words)
