"""Turns trial records into the table of a trial, the trial explorer and the table of harms."""

from __future__ import annotations

import re
from html import escape

from kb.evidence import exact, percent, wilson
from kb.html import address, data, filters, in_order, link, source_link, table
from kb.pages import Page
from kb.project import Project
from kb.records import Arm, Dose, Harm, Outcome, Trial
from kb.vocabulary import CELLS, DISEASES, PHASES, PURPOSES, STATUSES, TISSUES, TRIAL_DESIGNS

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_REGISTRY_ADDRESS = "https://clinicaltrials.gov/study/{}"


def number(value: float) -> str:
    """A figure with one decimal, as all computed ones are printed."""
    return f"{value:.1f}"


def result(outcome: Outcome) -> str:
    """The result of an outcome in words and figures: 5/10, 50.0% (23.7-76.3)."""
    if outcome.events is not None and outcome.total:
        low, high = wilson(outcome.events, outcome.total)
        share = percent(outcome) or 0.0
        return f"{outcome.events}/{outcome.total}, {number(share)}% ({number(low)}\u2013{number(high)})"
    interval = f" ({outcome.low:g}\u2013{outcome.high:g})" if outcome.low is not None and outcome.high is not None else ""
    if outcome.percent is not None:
        return f"{outcome.percent:g}%{interval} as reported"
    return f"{outcome.value:g} {outcome.unit or ''}".strip() + interval


def trial_page(project: Project, page: Page, trial: Trial) -> str:
    """The tables of one trial: what it is, what it found, what it harmed."""
    known = [("Registry", registry_links(trial)), *((name, escape(value)) for name, value in facts(trial)[1:])]
    listed = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{value}</td></tr>' for name, value in known if value)
    parts = [f'<table class="kb-table kb-trial"><caption>The trial at a glance</caption><tbody>{listed}</tbody></table>']
    if trial.outcomes:
        headers = ["Outcome", "When", "Arm", "Result (95% interval)", "p", "Primary", "Source"]
        rows = [("", _outcome_cells(project, page, outcome)) for outcome in trial.outcomes]
        parts.append(table("Results; intervals of counts are Wilson's", headers, rows, "results-table"))
    if trial.harms:
        headers = ["Event", "Arm", "n/N", "% (exact 95% interval)", "Source"]
        rows = [("", _harm_cells(project, page, harm)) for harm in trial.harms]
        parts.append(table("Harms with their denominators", headers, rows, "harms-table"))
    return "\n".join(parts)


def facts(trial: Trial) -> list[tuple[str, str]]:
    """(name, value) of everything that describes a trial, as plain text; the registry ids first."""
    arms = "; ".join(_arm(arm) for arm in trial.arms)
    plain = [
        ("Title", trial.title),
        ("Cells", " + ".join(trial.cells) + (f", {trial.modification}" if trial.modification else "")),
        ("Product", trial.product),
        ("Tissue and donor", f"{trial.tissue_source}, {trial.donor}"),
        ("Condition", trial.condition),
        ("Population", trial.population),
        ("Purpose", trial.purpose),
        ("Design", ", ".join(part for part in (trial.design, trial.masking, f"phase {trial.phase}") if part)),
        ("Dose", dose(trial.dose) if trial.dose else None),
        ("Route and schedule", ", ".join(part for part in (trial.route, trial.schedule) if part)),
        ("Arms", arms),
        ("People", people(trial)),
        ("Primary endpoint", trial.primary_endpoint),
        ("Primary endpoint met", trial.primary_met),
        ("Dates", " to ".join(part for part in (trial.start, trial.end) if part)),
        ("Status", f"{trial.status} (seen {trial.status_seen})"),
        ("Sponsor", trial.sponsor),
        ("Country", ", ".join(trial.country)),
        ("Registry and report differ", trial.differences),
    ]
    return [("Registry", ", ".join(trial.registry)), *((name, value or "") for name, value in plain)]


def dose(given: Dose) -> str:
    """A dose with its unit: 2 × 10⁶ cells/kg."""
    times = " × " if given.unit.startswith("10^") else " "
    text = f"{given.amount}{times}{given.unit}"
    return re.sub(r"\^(\d+)", lambda match: match[1].translate(_SUPERSCRIPT), text)


def _arm(arm: Arm) -> str:
    size = f" (n = {arm.n})" if arm.n is not None else ""
    return arm.name + size + (f": {arm.treatment}" if arm.treatment else "")


def registry_links(trial: Trial) -> str:
    """Registry ids, linked where the registry has addresses by id."""
    return ", ".join(
        link(_REGISTRY_ADDRESS.format(name), name) if name.startswith("NCT") else escape(name) for name in trial.registry
    )


def people(trial: Trial) -> str:
    """Enrolled and planned numbers."""
    parts = [
        f"{trial.n} enrolled" if trial.n is not None else "",
        f"{trial.n_planned} planned" if trial.n_planned is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def outcome_texts(outcome: Outcome) -> list[str]:
    """An outcome as plain words: name, time, arm, result, p, whether primary and met."""
    met = {True: ", met", False: ", not met", None: ""}[outcome.met]
    primary = f"yes{met}" if outcome.primary else ""
    return [outcome.name, outcome.time or "", outcome.arm, result(outcome), outcome.p or "", primary]


def harm_texts(harm: Harm) -> list[str]:
    """A harm as plain words: event, arm, counts, per cent with exact interval."""
    low, high = exact(harm.events, harm.total)
    share = f"{number(100 * harm.events / harm.total)} ({number(low)}\u2013{number(high)})"
    return [harm.event, harm.arm, f"{harm.events}/{harm.total}", share if harm.events else f"0, at most {number(high)}"]


def _outcome_cells(project: Project, page: Page, outcome: Outcome) -> list[str]:
    source = source_link(project.entry[outcome.source], page, outcome.locator)
    return [*(escape(text) for text in outcome_texts(outcome)), source]


def _harm_cells(project: Project, page: Page, harm: Harm) -> list[str]:
    return [*(escape(text) for text in harm_texts(harm)), source_link(project.entry[harm.source], page, harm.locator)]


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


_RESPONSES = ("overall response", "complete response")
_ABOUT_DAY_28 = ("day 28", "week 4", "28 days after the last infusion")


def responses(project: Project, base: Page) -> str:
    """Responses of acute GVHD about day 28 by trial: arms that were compared stand together, nothing is pooled."""
    rows = []
    for name in _RESPONSES:
        for page, trial in sorted(project.trials, key=lambda item: (TRIAL_DESIGNS.index(item[1].design), item[0].title)):
            for outcome in trial.outcomes:
                if trial.disease == "acute GVHD" and outcome.name == name and outcome.time in _ABOUT_DAY_28:
                    words = (name, outcome.time, trial.design, outcome.arm, result(outcome))
                    source = source_link(project.entry[outcome.source], base, outcome.locator)
                    cells = [link(address(page, base), page.title), *(escape(word) for word in words), source]
                    rows.append((data(design=trial.design), cells))
    headers = ["Trial", "Outcome", "When", "Design", "Arm", "Result (95% interval)", "Source"]
    return table("Responses about day 28 by trial and arm; intervals of counts are Wilson's", headers, rows, "responses-table")


def harms(project: Project, base: Page) -> str:
    """Every adverse event with its denominator and exact interval."""
    rows = []
    for page, trial in sorted(project.trials, key=lambda item: item[0].name):
        for harm in trial.harms:
            event, arm, count, share, source = _harm_cells(project, base, harm)
            name = link(address(page, base), page.title)
            rows.append(
                (data(condition=trial.disease), [event, name, escape(" + ".join(trial.cells)), arm, count, share, source])
            )
    headers = ["Event", "Trial", "Cells", "Arm", "n/N", "% (exact 95% interval)", "Source"]
    return table(
        "Harms: people with the event among people exposed", headers, sorted(rows, key=lambda row: row[1][0]), "harms-table"
    )
