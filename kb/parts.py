"""Knows every generated part by its marker, and what stands before the text of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from kb import datasets, ledgers, schema, trials
from kb.markup import PART_TOKEN, part_token
from kb.pages import Page
from kb.project import Project
from kb.reference_page import reference_list, search_text

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
    return reference_list(project, references) if name == "references" else PARTS[name](project, page)


def words_of_part(project: Project, page: Page, name: str) -> str:
    """A part as search reads it: works and the facts of a trial in plain words, ledgers not at all."""
    trial = project.record[page.name].trial
    if name == _TRIAL and trial:
        return f"<p>{escape('; '.join(value for _, value in trials.facts(trial) if value))}</p>"
    return search_text(project) if name == "references" else ""
