"""Knows every generated part by its marker, and what the records of a page add to its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from kb import (
    claim_plots,
    datapackage,
    downloads,
    feed,
    interaction_map,
    interactions,
    ledgers,
    responses,
    schema,
    trial_plots,
    trial_tables,
    trials,
)
from kb.markup import PART_TOKEN, part_token
from kb.pages import Page
from kb.project import Project
from kb.reference_page import reference_list, search_text

PARTS: dict[str, Callable[[Project, Page], str]] = {
    "claims": ledgers.claims_ledger,
    "disagreements": ledgers.disagreement_ledger,
    "evidence matrix": ledgers.evidence_matrix,
    "interaction map": interaction_map.interaction_map,
    "evidence plot": claim_plots.evidence_plot,
    "forest plot": trial_plots.forest,
    "timeline": trial_plots.timeline,
    "vesicle routes": trial_plots.vesicle_routes,
    "main interactions": interaction_map.main_interactions,
    "interactions": interactions.listing,
    "counts": ledgers.counts,
    "trials": trial_tables.explorer,
    "harms": trial_tables.harms,
    "responses": responses.listing,
    **{name: trial_tables.by_subject(name) for name in trial_tables.SUBJECTS},
    "data": datapackage.listing,
    "downloads": downloads.listing,
    "changes": feed.change_list,
    "fields": schema.field_tables,
}
"""Marker to the function that makes its HTML; the reference list needs the formatted works too."""

_TRIAL = "this trial"


def with_records(project: Project, page: Page, text: str) -> str:
    """Markdown of a page with its claims before the text, and the place of the tables of its trial behind it."""
    meta = project.record.get(page.name)
    claims = ledgers.claims_block(project, page)
    tables = f"\n\n{part_token(_TRIAL)}\n" if meta and meta.trial else ""
    return (f"{claims}\n" if claims else "") + text + tables


Part = Callable[[Project, Page, str], str]
"""How the part with a name is made for a page."""


def insert_parts(html: str, project: Project, page: Page, make: Part) -> str:
    """Replace the tokens of generated parts in the HTML of a page."""
    return PART_TOKEN.sub(lambda match: make(project, page, match[1]), html)


def html_of_part(references: Mapping[str, str], project: Project, page: Page, name: str) -> str:
    """A part as it is read; `references` is the HTML of every work."""
    trial = project.record[page.name].trial
    if name == _TRIAL and trial:
        return trials.trial_page(project, page, trial)
    return reference_list(project, page, references) if name == "references" else PARTS[name](project, page)


def words_of_part(project: Project, page: Page, name: str) -> str:
    """A part as search reads it: works and the facts of a trial in plain words, ledgers not at all."""
    trial = project.record[page.name].trial
    if name == _TRIAL and trial:
        return f"<p>{escape('; '.join(value for _, value in trials.facts(trial) if value))}</p>"
    return search_text(project) if name == "references" else ""
