"""Turns claims into the block on their page, the claims ledger, the disagreement ledger and the evidence matrix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from kb.evidence import PlacedClaim, differing, level, opposing
from kb.html import address, data, filters, in_order, link, source_link, table, tag
from kb.markup import entities
from kb.pages import Page
from kb.project import Project
from kb.records import Contradiction, Support
from kb.references import badge
from kb.vocabulary import CERTAINTY, EFFECTS, LEVELS

_GROUP_MARKS = re.compile(r"[@;\[\]]")


# On the page of the claims: Markdown, so that the sources become numbers like all others --------------------------------


def claims_block(project: Project, page: Page) -> str:
    """The claims of a page, as Markdown; empty where there are none."""
    placed = project.claims_on.get(page.name)
    if not placed:
        return ""
    items = "\n".join(_item(project, claim) for claim in placed)
    return f"## Claims {{: #claims }}\n\n{items}\n"


def _item(project: Project, placed: PlacedClaim) -> str:
    claim = placed.claim
    grade = level(claim, project.entry)
    facts = [tag("level", grade)]
    if claim.certainty:
        reasons = "; ".join(entities(reason.removesuffix(".")) for reason in claim.certainty.reasons)
        facts.append(f"{tag('certainty', f'{claim.certainty.rating} certainty')} ({reasons})")
    facts.append(_fact("For", _sources(claim.supports)))
    if claim.contradicts:
        against = "; ".join(f"{_sources([item])} {entities(item.why)}" for item in claim.contradicts)
        facts.append(_fact("Against", against))
    if claim.would_change:
        facts.append(_fact("Would change it", entities(claim.would_change)))
    retracted = [s.source for s in claim.supports if project.entry[s.source].get("status") == "retracted"]
    if retracted:
        facts.insert(0, badge("retracted", "Rests on a retracted work"))
    permalink = f'[#](#{claim.id} "Link to this claim"){{: .kb-permalink }}'
    statement = f"{entities(claim.statement)} {permalink}\n    {{: #{claim.id} .kb-claim }}"
    return f"-   {statement}\n\n    {' '.join(facts)}\n    {{: .kb-claim-facts }}\n"


def _fact(name: str, text: str) -> str:
    return f'<span class="kb-fact">**{name}:** {text}</span>'


def _sources(items: Sequence[Support | Contradiction]) -> str:
    """Sources as one citation group with their locators."""
    return "[" + "; ".join(f"@{item.source}, {_GROUP_MARKS.sub(' ', item.locator)}" for item in items) + "]"


# On pages of their own: HTML ------------------------------------------------------------------------------------------


def claims_ledger(project: Project, base: Page) -> str:
    """Every claim of the site, with filters."""
    rows = [_row(project, base, placed) for placed in _in_order(project)]
    levels = in_order((level(p.claim, project.entry) for p in project.claims), LEVELS)
    ratings = in_order((p.claim.certainty.rating for p in project.claims if p.claim.certainty), CERTAINTY)
    effects = in_order((p.claim.interaction.effect for p in project.claims if p.claim.interaction), EFFECTS)
    areas = sorted({placed.area for placed in project.claims})
    form = filters("claims-table", "claims", len(rows), area=areas, level=levels, certainty=ratings, direction=effects)
    headers = ["Claim", "Area", "Level", "Certainty", "Direction", "For", "Against"]
    return form + table("Claims with their level of evidence and their sources", headers, rows, "claims-table")


def _in_order(project: Project) -> list[PlacedClaim]:
    return [placed for page in project.in_order for placed in project.claims_on.get(page.name, [])]


def _row(project: Project, base: Page, placed: PlacedClaim) -> tuple[str, list[str]]:
    claim = placed.claim
    grade = level(claim, project.entry)
    rating = claim.certainty.rating if claim.certainty else ""
    effect = claim.interaction.effect if claim.interaction else ""
    cells = [
        claim_link(placed, base),
        escape(placed.area),
        tag("level", grade),
        escape(rating),
        direction(placed),
        "; ".join(source_link(project.entry[s.source], base) for s in claim.supports),
        "; ".join(source_link(project.entry[c.source], base) for c in claim.contradicts),
    ]
    return data(area=placed.area, level=grade, certainty=rating, direction=effect), cells


def claim_link(placed: PlacedClaim, base: Page) -> str:
    """The statement as a link to where it stands."""
    return link(f"{address(placed.page, base)}#{placed.claim.id}", placed.claim.statement)


def direction(placed: PlacedClaim) -> str:
    """An interaction in words: MSC → NK, IDO + PGE2: proliferation decreases."""
    it = placed.claim.interaction
    return escape(f"{it.actor} → {it.target}, {it.factor}: {it.outcome} {it.effect}") if it else ""


def disagreement_ledger(project: Project, base: Page) -> str:
    """Opposing interactions side by side, the conditions that differ marked."""
    pairs = list(opposing(_in_order(project)))
    rows = [row for number, pair in enumerate(pairs, 1) for row in _pair_rows(project, base, number, *pair)]
    headers = ["Pair", "Subject", "Effect", "Claim", "Conditions", "For"]
    count = f'<p class="kb-count">{len(pairs)} pairs of claims point in opposite directions.</p>'
    return count + table(
        "Interactions with opposite effects; conditions that differ are marked", headers, rows, "disagreements-table"
    )


def _pair_rows(
    project: Project, base: Page, number: int, one: PlacedClaim, other: PlacedClaim
) -> Iterator[tuple[str, list[str]]]:
    assert one.claim.interaction
    assert other.claim.interaction
    differ = differing(one.claim.interaction, other.claim.interaction)
    for placed in (one, other):
        it = placed.claim.interaction
        assert it
        subject = escape(f"{it.actor} → {it.target}, {it.factor}: {it.outcome}")
        sources = "; ".join(source_link(project.entry[s.source], base, s.locator) for s in placed.claim.supports)
        cells = [str(number), subject, tag("effect", it.effect), claim_link(placed, base), _conditions(placed, differ), sources]
        yield data(pair=str(number)), cells


def _conditions(placed: PlacedClaim, differ: list[str]) -> str:
    assert placed.claim.interaction
    values = placed.claim.interaction.conditions.model_dump()
    shown = []
    for name, value in values.items():
        if value or name in differ:
            text = f"{name.replace('_', ' ')}: {value or 'not stated'}"
            shown.append(f"<mark>{escape(text)}</mark>" if name in differ else escape(text))
    return "<br>".join(shown)


def evidence_matrix(project: Project, base: Page) -> str:
    """Topics by level, with counts: each cell leads to its claims, empty cells stay visible."""
    topics: dict[str, list[PlacedClaim]] = {}
    for placed in _in_order(project):
        topics.setdefault(placed.page.name, []).append(placed)
    rows = []
    for name, claims in topics.items():
        page = project.page[name]
        cells = [link(address(page, base), page.title)]
        for grade in LEVELS:
            found = [p for p in claims if level(p.claim, project.entry) == grade]
            cells.append(link(f"{address(page, base)}#{found[0].claim.id}", str(len(found))) if found else "·")
        rows.append(("", cells))
    return table("Number of claims by topic and level of evidence", ["Topic", *LEVELS], rows, "matrix-table")


def counts(project: Project, base: Page) -> str:
    """How much stands on the site, by level."""
    rows = []
    for grade in LEVELS:
        found = [placed for placed in project.claims if level(placed.claim, project.entry) == grade]
        if found:
            rows.append(("", [tag("level", grade), str(len(found)), str(sum(p.claim.interaction is not None for p in found))]))
    total = f"{len(project.claims)} claims, {len(project.trials)} trials and registrations, {len(project.entry)} works"
    return f'<p class="kb-count">{total}.</p>' + table("Claims by level of evidence", ["Level", "Claims", "Interactions"], rows)
