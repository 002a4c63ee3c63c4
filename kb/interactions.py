"""Gathers claims about interactions by what carries them: one factor with one effect of one cell on another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from kb.evidence import PlacedClaim, factors, level
from kb.html import data, filters, in_order, slug, source_link, table, tag
from kb.ledgers import claim_link
from kb.pages import Page
from kb.project import Project
from kb.records import Interaction
from kb.vocabulary import CELLS, EFFECTS, FACTORS, LEVELS, OUTCOMES, TISSUES


@dataclass(frozen=True)
class Arrow:
    """One factor with one effect of one cell on another, and the claims that say so."""

    actor: str
    target: str
    factor: str
    effect: str
    claims: tuple[PlacedClaim, ...]

    @property
    def name(self) -> str:
        """Id of the first of its rows in the table."""
        return "arrow-" + "-".join(slug(part) for part in (self.actor, self.target, self.factor, self.effect))

    @property
    def outcomes(self) -> list[str]:
        """What changes in the target, in the order of the vocabulary."""
        return in_order((interaction(placed).outcome for placed in self.claims), OUTCOMES)


def interaction(placed: PlacedClaim) -> Interaction:
    """The interaction of a claim that has one."""
    assert placed.claim.interaction
    return placed.claim.interaction


def arrows(project: Project) -> list[Arrow]:
    """All arrows in the order of the vocabularies; a claim about several factors stands at the arrow of each."""
    found: dict[tuple[str, str, str, str], list[PlacedClaim]] = {}
    for placed in project.claims:
        it = placed.claim.interaction
        for factor in factors(it) if it else ():
            found.setdefault((it.actor, it.target, factor, it.effect), []).append(placed)

    def place(key: tuple[str, str, str, str]) -> tuple[int, ...]:
        actor, target, factor, effect = key
        return CELLS.index(actor), CELLS.index(target), FACTORS.index(factor), EFFECTS.index(effect)

    return [Arrow(*key, tuple(found[key])) for key in sorted(found, key=place)]


def grade(project: Project, arrow: Arrow) -> str:
    """The best level among the claims of an arrow."""
    return min((level(placed.claim, project.entry) for placed in arrow.claims), key=LEVELS.index)


def listing(project: Project, base: Page) -> str:
    """Every arrow with its claims as a table, with filters that the map on the same page follows."""
    rows = [row for arrow in arrows(project) for row in _rows(project, base, arrow)]
    claims = [placed for placed in project.claims if placed.claim.interaction]
    form = filters(
        "interactions-table",
        "rows",
        len(rows),
        tissue=in_order(map(_tissue, claims), TISSUES),
        level=in_order((level(placed.claim, project.entry) for placed in claims), LEVELS),
        effect=in_order((interaction(placed).effect for placed in claims), EFFECTS),
        outcome=in_order((interaction(placed).outcome for placed in claims), OUTCOMES),
    )
    headers = ["Factor", "Who on whom", "Effect", "Outcome", "MSC from", "Level", "Claim", "For"]
    return form + table(
        "Interactions by factor; a claim about several factors stands at each", headers, rows, "interactions-table"
    )


def _tissue(placed: PlacedClaim) -> str:
    return interaction(placed).conditions.msc_source or "not stated"


def _rows(project: Project, base: Page, arrow: Arrow) -> Iterator[tuple[str, list[str]]]:
    for number, placed in enumerate(arrow.claims):
        it, grade = interaction(placed), level(placed.claim, project.entry)
        cells = [
            escape(arrow.factor),
            escape(f"{arrow.actor} → {arrow.target}"),
            tag("effect", arrow.effect),
            escape(it.outcome),
            escape(_tissue(placed)),
            tag("level", grade),
            claim_link(placed, base),
            "; ".join(source_link(project.entry[support.source], base) for support in placed.claim.supports),
        ]
        name = f' id="{arrow.name}"' if number == 0 else ""
        facts = data(arrow=arrow.name, tissue=_tissue(placed), level=grade, effect=arrow.effect, outcome=it.outcome)
        yield name + facts, cells
