"""Draws what passes between MSC and NK cells: an arrow for each factor and effect, from the claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from kb.evidence import level
from kb.figures import figure, opening
from kb.html import address, link, slug
from kb.interactions import Arrow, arrows, grade
from kb.pages import Page
from kb.project import Project
from kb.vocabulary import HUMAN_LEVELS, LEVELS

MAP = "mechanisms/map.md"
"""The page whose table says what the map says; a site without it has the map alone."""

_WIDTH, _ROW, _TOP = 340, 27, 56  # px: width of a panel, height of an arrow, room for names above the first
_EDGE = 46  # px: from the side of a panel to where its arrows begin and end
_HEAD = 9  # px: length of an arrow's head
_FONT = "font-size:12.5px;fill:var(--kb-ink)"
_SAID = 5  # lines that a card shows
_FEW = 2  # claims that an arrow of the short map has at least
_NAMES = {"MSC": "MSC", "NK": "NK cell", "MSC-EV": "MSC vesicle", "NK-EV": "NK vesicle"}
_PLURALS = {"MSC": "MSC", "NK": "NK cells", "MSC-EV": "MSC vesicles", "NK-EV": "NK vesicles"}
_COLOURS = {"increases": "good", "decreases": "stop", "no change": "ink-soft", "mixed": "warn"}
_MEANINGS = {"increases": "increases", "decreases": "decreases", "no change": "no change seen", "mixed": "both ways"}
_ENDS = {"increases": "head", "decreases": "bar", "no change": "ring", "mixed": "head and bar"}
_SHORT = {
    "proliferation": "division",
    "cytotoxicity": "killing",
    "cytokine release": "cytokines",
    "receptor expression": "receptors",
    "function (measure not named)": "function",
}


def interaction_map(project: Project, base: Page) -> str:
    """The whole map: every arrow."""
    return _map(project, base, arrows(project), "")


def main_interactions(project: Project, base: Page) -> str:
    """The map of what more than one claim says."""
    several = [arrow for arrow in arrows(project) if len(arrow.claims) >= _FEW]
    return _map(project, base, several, f"Only arrows with {_FEW} claims or more are drawn.")


def _map(project: Project, base: Page, drawn: Sequence[Arrow], limit: str) -> str:
    """A panel for each pair of cells, the largest first."""
    if not drawn:
        return '<p class="kb-count">No claim about an interaction.</p>'
    pairs: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in drawn:
        pairs.setdefault((arrow.actor, arrow.target), []).append(arrow)
    largest, *others = sorted(pairs.values(), key=len, reverse=True)
    panels = [_panel(project, base, largest), "".join(_panel(project, base, rows) for rows in others)]
    return figure("interaction-map", panels, _caption(project, base, drawn, limit))


def _caption(project: Project, base: Page, drawn: Sequence[Arrow], limit: str) -> str:
    claims = {placed.claim.id: placed.claim for arrow in drawn for placed in arrow.claims}
    levels = Counter(level(claim, project.entry) for claim in claims.values())
    by_level = ", ".join(f"{levels[best]} {best}" for best in LEVELS if levels[best])
    ends = ", ".join(f"{_sample(effect)}&#160;{words}" for effect, words in _MEANINGS.items())
    elsewhere = MAP in project.page and base.name != MAP
    table = f" {link(address(project.page[MAP], base), 'All arrows, with filters and as a table')}." if elsewhere else ""
    return (
        f"{len(drawn)} arrows from {levels.total()} claims ({by_level}). "
        "An arrow names what carries the effect, the number of claims that say so, and what changes in the cell that it reaches; "
        f"its end says how: {ends}. "
        "The line is thin for dishes, thick for animals, thickest for people, and broken for reviews and statements. "
        f"{limit}{table}"
    )


def _sample(effect: str) -> str:
    mark = _line(2, 26, 8, effect, "in vitro") + _end(28, 8, 1, effect)
    return f"{opening(30, 16, _ENDS[effect], 'kb-sample')}{mark}</svg>"


def _panel(project: Project, base: Page, rows: Sequence[Arrow]) -> str:
    """One pair of cells: MSC stand left and NK cells right, whoever acts."""
    actor, target = rows[0].actor, rows[0].target
    leftwards = actor.startswith("NK") and target.startswith("MSC")
    left, right = (target, actor) if leftwards else (actor, target)
    height = _TOP + _ROW * len(rows) + 14
    heading = f"What {_PLURALS[actor]} do to {_PLURALS[target]}"
    drawn = (_arrow(project, base, arrow, _TOP + _ROW * (number + 0.5), leftwards) for number, arrow in enumerate(rows))
    return "".join(
        [
            opening(_WIDTH, height, f"{heading}: {len(rows)} arrows"),
            _text(_WIDTH / 2, 17, heading, "middle", "font-weight:650;font-size:13.5px"),
            _cell(left, 0, height),
            _cell(right, _WIDTH, height),
            *drawn,
            "</svg>",
        ]
    )


def _cell(cell: str, edge: int, height: float) -> str:
    """The side of a cell that faces the other: its membrane bulges, its nucleus shows, its name stands above."""
    inwards = -1 if edge else 1
    colour = f"var(--kb-{'msc' if cell.startswith('MSC') else 'nk'})"
    top, bottom = _TOP - 12, height - 3
    tall = bottom - top
    membrane = f"M{edge + inwards * 12},{top:g} q{inwards * 30},{tall / 2:g} 0,{tall:g}"
    nucleus = f'cx="{edge}" cy="{(top + bottom) / 2:g}" rx="14" ry="{min(54, tall / 4):g}"'
    return (
        f'<path d="{membrane} H{edge} V{top:g} z" style="fill:var(--kb-tint)"/>'
        f'<path d="{membrane}" style="fill:none;stroke:{colour};stroke-width:2.5"/>'
        f'<ellipse {nucleus} style="fill:{colour};opacity:.4"/>'
        + _text(edge or 1, _TOP - 20, _NAMES[cell], "end" if edge else "start", f"fill:{colour};font-weight:650")
    )


def _arrow(project: Project, base: Page, arrow: Arrow, y: float, leftwards: bool) -> str:
    """The line with its factor at the actor and what changes at the target, as one link."""
    tail, head, way = (_WIDTH - _EDGE, _EDGE, -1) if leftwards else (_EDGE, _WIDTH - _EDGE, 1)
    near, far = ("end", "start") if leftwards else ("start", "end")
    best = grade(project, arrow)
    name = f'{escape(arrow.factor)} <tspan style="fill:var(--kb-ink-soft)">{len(arrow.claims)}</tspan>'
    return (
        f'<a class="kb-arrow" href="{escape(_address(project, base, arrow))}" data-factor="{slug(arrow.factor)}"'
        f' data-arrow="{arrow.name}" aria-label="{escape(_words(arrow, best))}"><desc>{escape(_said(arrow))}</desc>'
        f'<rect class="kb-ground" x="{_EDGE - 8}" y="{y - _ROW / 2 + 1:g}"'
        f' width="{_WIDTH - 2 * _EDGE + 16}" height="{_ROW - 2}" rx="4"/>'
        f"{_line(tail, head - way * 4, y + 6, arrow.effect, best)}{_end(head, y + 6, way, arrow.effect)}"
        f"{_text(tail, y + 1, name, near, 'font-weight:500')}"
        f"{_text(head - way * 13, y + 1, _changed(arrow), far, 'font-size:10.5px;fill:var(--kb-ink-soft)')}</a>"
    )


def _address(project: Project, base: Page, arrow: Arrow) -> str:
    """Where an arrow leads: to its claim, or to its rows in the table where it has several."""
    first = arrow.claims[0]
    if len(arrow.claims) == 1 or MAP not in project.page:
        return f"{address(first.page, base)}#{first.claim.id}"
    return f"{address(project.page[MAP], base)}#{arrow.name}"


def _words(arrow: Arrow, best: str) -> str:
    """An arrow as a reader hears it who does not see it."""
    count = f"{len(arrow.claims)} claims" if len(arrow.claims) > 1 else "1 claim"
    effect = arrow.effect if arrow.effect in ("increases", "decreases") else f"{_MEANINGS[arrow.effect]} in"
    who = f"{_NAMES[arrow.actor]} to {_NAMES[arrow.target]}"
    return f"{who}, {arrow.factor}: {effect} {', '.join(arrow.outcomes)}; {count}, highest level: {best}"


def _said(arrow: Arrow) -> str:
    """The first of its claims, a line each; its link leads to all."""
    lines = [placed.claim.statement for placed in arrow.claims]
    return "\n".join(lines if len(lines) <= _SAID else [*lines[: _SAID - 1], f"and {len(lines) - _SAID + 1} more"])


def _changed(arrow: Arrow) -> str:
    """What changes, in a word, and how many others."""
    first, *others = (_SHORT.get(outcome, outcome) for outcome in arrow.outcomes)
    return escape(first) + (f" +{len(others)}" if others else "")


def _line(tail: float, head: float, y: float, effect: str, best: str) -> str:
    """The line of an arrow, the wider the closer the evidence is to people."""
    width = 4.5 if best in HUMAN_LEVELS else 3 if best == "animal" else 1.4
    dashes = "" if best in (*HUMAN_LEVELS, "animal", "in vitro") else ";stroke-dasharray:4 3"
    return f'<path d="M{tail:g},{y:g} H{head:g}" style="fill:none;stroke:{_colour(effect)};stroke-width:{width}{dashes}"/>'


def _end(x: float, y: float, way: int, effect: str) -> str:
    """What an arrow ends in: a head, a bar, a ring, or a head and a bar."""
    solid, hollow = f"fill:{_colour(effect)}", f"stroke:{_colour(effect)}"
    head = f'<path d="M{x:g},{y:g} l{-way * _HEAD},-5.5 v11 z" style="{solid}"/>'
    bar = f'<path d="M{x:g},{y - 7:g} v14" style="fill:none;{hollow};stroke-width:3"/>'
    ring = f'<circle cx="{x - way * 4:g}" cy="{y:g}" r="4" style="fill:var(--kb-paper);{hollow};stroke-width:2"/>'
    return {"increases": head, "decreases": bar, "no change": ring}.get(effect, head + bar)


def _colour(effect: str) -> str:
    return f"var(--kb-{_COLOURS[effect]})"


def _text(x: float, y: float, content: str, anchor: str, style: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" style="{_FONT};{style}">{content}</text>'
