"""Knows every generated part by its marker, and what stands before the text of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kb import datasets, ledgers, schema, trials
from kb.markup import part_token
from kb.pages import Page
from kb.project import Project
from kb.reference_page import reference_list

PARTS: dict[str, Callable[[Project, Page], str]] = {
    "claims": ledgers.claims_ledger,
    "disagreements": ledgers.disagreement_ledger,
    "evidence matrix": ledgers.evidence_matrix,
    "counts": ledgers.counts,
    "trials": trials.explorer,
    "harms": trials.harms,
    "data": datasets.listing,
    "fields": schema.field_tables,
}
"""Marker to the function that makes its HTML; the reference list needs the formatted works too."""

_TRIAL = "this trial"


def before_body(project: Project, page: Page) -> str:
    """Markdown before the text of a page: its claims, or the place of the tables of its trial."""
    meta = project.record.get(page.name)
    tables = f"{part_token(_TRIAL)}\n\n" if meta and meta.trial else ""
    claims = ledgers.claims_block(project, page)
    return tables + (f"{claims}\n" if claims else "")


def insert_parts(html: str, project: Project, page: Page, formatted: Mapping[str, str]) -> str:
    """Replace the tokens of generated parts in the HTML of a page."""
    if 'data-kb-part="' not in html:
        return html
    for name, make in PARTS.items():
        token = part_token(name)
        if token in html:
            html = html.replace(token, make(project, page))
    trial = project.record[page.name].trial
    if trial:
        html = html.replace(part_token(_TRIAL), trials.trial_page(project, page, trial))
    token = part_token("references")
    return html.replace(token, reference_list(project, formatted)) if token in html else html
