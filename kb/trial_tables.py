"""Turns all trial records into the explorer, lists by subject and the table of harms."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from kb.html import address, data, filters, in_order, link, table
from kb.pages import Page
from kb.project import Project
from kb.records import Trial
from kb.trials import dose, harm_cells, people, result
from kb.vocabulary import CELLS, DISEASES, PHASES, PURPOSES, STATUSES, TISSUES, TRIAL_DESIGNS


def explorer(project: Project, base: Page) -> str:
    """Every trial, with filters; sorting and filtering are added by a script."""
    trials = sorted(project.trials, key=lambda item: (item[1].disease, item[1].start or "", item[0].name))
    records = [trial for _, trial in trials]
    form = filters(
        "trials-table",
        "trials",
        len(trials),
        cells=in_order((cell for trial in records for cell in trial.cells), CELLS),
        condition=in_order((trial.disease for trial in records), DISEASES),
        purpose=in_order((trial.purpose for trial in records), PURPOSES),
        phase=in_order((trial.phase for trial in records), PHASES),
        design=in_order((trial.design for trial in records), TRIAL_DESIGNS),
        status=in_order((trial.status for trial in records), STATUSES),
        tissue=in_order((trial.tissue_source for trial in records), TISSUES),
        results=["with results", "no results found"],
        year=sorted({(trial.start or "")[:4] for trial in records} - {""}, reverse=True),
    )
    headers = ["Trial", "Condition", "Cells", "Tissue", "Phase", "Design", "People", "Start", "Status", "Primary endpoint", "Met"]
    return form + table(
        "Trials and registrations", headers, [_trial_row(base, page, trial) for page, trial in trials], "trials-table"
    )


def _trial_row(base: Page, page: Page, trial: Trial) -> tuple[str, list[str]]:
    attributes = data(
        cells="|".join(trial.cells),
        condition=trial.disease,
        purpose=trial.purpose,
        phase=trial.phase,
        design=trial.design,
        status=trial.status,
        tissue=trial.tissue_source,
        results="with results" if trial.outcomes else "no results found",
        year=(trial.start or "")[:4],
    )
    met = trial.primary_met or ("not reported" if trial.status in ("completed", "terminated", "not seen") else "")
    cells = [
        f"{link(address(page, base), page.title)}<br><small>{escape(', '.join(trial.registry))}</small>",
        escape(trial.condition),
        escape(" + ".join(trial.cells)),
        escape(trial.tissue_source),
        escape(trial.phase),
        escape(trial.design),
        escape(people(trial)),
        escape(trial.start or ""),
        escape(trial.status),
        escape(trial.primary_endpoint or ""),
        escape(met),
    ]
    return attributes, cells


def harms(project: Project, base: Page) -> str:
    """Every adverse event with its denominator and exact interval."""
    rows = []
    for page, trial in sorted(project.trials, key=lambda item: item[0].name):
        for harm in trial.harms:
            event, arm, count, share, source = harm_cells(project, base, harm)
            name = link(address(page, base), page.title)
            rows.append(
                (data(condition=trial.disease), [event, name, escape(" + ".join(trial.cells)), arm, count, share, source])
            )
    headers = ["Event", "Trial", "Cells", "Arm", "n/N", "% (exact 95% interval)", "Source"]
    return table(
        "Harms: people with the event among people exposed", headers, sorted(rows, key=lambda row: row[1][0]), "harms-table"
    )


_CANCER = {"haematological cancer", "solid tumour", "brain tumour"}

SUBJECTS: dict[str, tuple[str, Callable[[Trial], bool]]] = {
    "vesicle trials": ("Trials and registrations of vesicles", lambda trial: any(cell.endswith("-EV") for cell in trial.cells)),
    "cancer trials of MSC": (
        "Trials and registrations of MSC in people with cancer",
        lambda trial: trial.disease in _CANCER and "MSC" in trial.cells,
    ),
    "cancer trials of NK cells": (
        "Trials and registrations of NK cells in people with cancer",
        lambda trial: trial.disease in _CANCER and "NK" in trial.cells,
    ),
    "trials of both cells": (
        "Trials and registrations of MSC together with NK cells",
        lambda trial: {"MSC", "NK"} <= set(trial.cells),
    ),
}
"""Marker of a list by subject: its caption, and which trials belong to it."""


def by_subject(name: str) -> Callable[[Project, Page], str]:
    """The maker of one list by subject: what was given to whom, how far it got, what was found; by condition and start."""
    caption, belongs = SUBJECTS[name]
    headers = ["Trial", "Condition", "Given", "Dose and route", "People", "Status", "Found"]

    def made(project: Project, base: Page) -> str:
        chosen = [(page, trial) for page, trial in project.trials if belongs(trial)]
        chosen.sort(key=lambda item: (DISEASES.index(item[1].disease), item[1].start or "", item[0].name))
        with_results = sum(bool(trial.outcomes) for _, trial in chosen)
        if not chosen:
            return '<p class="kb-count">No record.</p>'
        count = f'<p class="kb-count">{len(chosen)} records, {with_results} of them with results in figures.</p>'
        rows = [("", _subject_cells(base, page, trial)) for page, trial in chosen]
        return count + table(caption, headers, rows, f"{name.replace(' ', '-').lower()}-table")

    return made


def _subject_cells(base: Page, page: Page, trial: Trial) -> list[str]:
    given = " + ".join(trial.cells) + (f", {trial.modification}" if trial.modification else "")
    dose_and_route = (dose(trial.dose) if trial.dose else "dose not seen", trial.route, trial.schedule)
    return [
        f"{link(address(page, base), page.title)}<br><small>{escape(', '.join(trial.registry))}</small>",
        escape(trial.condition),
        escape(f"{given}; {trial.tissue_source}"),
        escape(", ".join(part for part in dose_and_route if part)),
        escape(people(trial)),
        escape(f"{trial.status}, seen {trial.status_seen}" if trial.status != "not seen" else trial.status),
        _found(trial),
    ]


def _found(trial: Trial) -> str:
    """The primary outcomes, else the first two; the page of the trial has them all."""
    chosen = [outcome for outcome in trial.outcomes if outcome.primary] or trial.outcomes[:2]
    if not chosen:
        return "no result in figures"
    lines = [
        ", ".join(part for part in (outcome.name, outcome.time, outcome.arm) if part) + f": {result(outcome)}"
        for outcome in chosen[:4]
    ]
    left = len(trial.outcomes) - len(lines)
    return "<br>".join(escape(line) for line in lines) + (f"<br>and {left} more" if left else "")
