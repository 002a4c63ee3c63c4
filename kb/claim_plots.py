"""Draws how many claims stand at which level of evidence, by area."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

from kb.evidence import level
from kb.figures import figure
from kb.html import address, in_order
from kb.pages import Page
from kb.plots import Point, bubbles
from kb.project import Project
from kb.vocabulary import LEVELS

_CLAIMS = "claims.md"


def evidence_plot(project: Project, base: Page) -> str:
    """Areas by level; each circle leads to its claims in the ledger."""
    counts = Counter((placed.area, level(placed.claim, project.entry)) for placed in project.claims)
    if not counts:
        return '<p class="kb-count">No claim.</p>'
    ledger = address(project.page[_CLAIMS], base) if _CLAIMS in project.page else ""
    cells = {
        (area, grade): (
            number,
            Point(f"{ledger}?{urlencode({'area': area, 'level': grade})}#claims-table", f"{area}, {grade}: {number} claims"),
        )
        for (area, grade), number in counts.items()
    }
    words = f"{counts.total()} claims by area and level of evidence"
    areas = sorted({area for area, _ in counts})
    drawing = bubbles("evidence", words, areas, in_order((grade for _, grade in counts), LEVELS), cells)
    caption = f"{words}. The number in a circle says how many; a circle leads to its claims, and the table has them by topic."
    return figure("evidence-plot", [drawing], caption, wide=True)
