"""Turns one trial record into words and the tables of its page."""

from __future__ import annotations

import re
from html import escape

from kb.evidence import exact, percent, wilson
from kb.html import link, source_link, table
from kb.pages import Page
from kb.project import Project
from kb.records import Arm, Dose, Harm, Outcome, Trial

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
        rows = [("", outcome_cells(project, page, outcome)) for outcome in trial.outcomes]
        parts.append(table("Results; intervals of counts are Wilson's", headers, rows, "results-table"))
    if trial.harms:
        headers = ["Event", "Arm", "n/N", "% (exact 95% interval)", "Source"]
        rows = [("", harm_cells(project, page, harm)) for harm in trial.harms]
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


def outcome_cells(project: Project, page: Page, outcome: Outcome) -> list[str]:
    """An outcome as cells of a row, the source linked."""
    source = source_link(project.entry[outcome.source], page, outcome.locator)
    return [*(escape(text) for text in outcome_texts(outcome)), source]


def harm_cells(project: Project, page: Page, harm: Harm) -> list[str]:
    """A harm as cells of a row, the source linked."""
    return [*(escape(text) for text in harm_texts(harm)), source_link(project.entry[harm.source], page, harm.locator)]
