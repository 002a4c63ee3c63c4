"""Rules on trials: against themselves, their files and the text (4xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from kb.evidence import percent
from kb.pages import Page, Place
from kb.problems import Problem
from kb.project import Project
from kb.records import Harm, Outcome, Trial
from kb.rules import Rule, at, register
from kb.validation import shown, suggestion

RULES: dict[str, Rule] = {}
rule = partial(register, RULES)
TOLERANCE = 0.6
"""Percentage points by which a rounded figure in the text may differ from the record."""
_PERCENT = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)[ \u00a0\u202f]?%(?!\s*(?:CI|confidence|credible|prediction))")


def _results(trial: Trial) -> Iterator[tuple[Place, Outcome | Harm]]:
    """Every outcome and harm with its place."""
    for name in ("outcomes", "harms"):
        for index, item in enumerate(getattr(trial, name)):
            yield ("trial", name, index), item


@rule("KB406")
def counts(project: Project) -> Iterator[Problem]:
    """Events are not more than people, and people not more than their arm."""
    for page, trial in project.trials:
        sizes = {arm.name: arm.n for arm in trial.arms}
        for place, item in _results(trial):
            size = sizes.get(item.arm)
            if size is not None and item.total is not None and item.total > size:
                message = f"total '{item.total}' is more than the {size} people of arm '{item.arm}'; correct one"
                yield at(page, (*place, "total"), "KB406", message)
            if item.events is not None and item.total is not None and item.events > item.total:
                message = f"events '{item.events}' are more than total {item.total}; correct one"
                yield at(page, (*place, "events"), "KB406", message)


@rule("KB407")
def arms(project: Project) -> Iterator[Problem]:
    """Arms add up to the people enrolled, and outcomes name an arm that exists."""
    for page, trial in project.trials:
        numbers = [arm.n for arm in trial.arms]
        if trial.n is not None and numbers and None not in numbers and sum(n or 0 for n in numbers) != trial.n:
            added = " + ".join(str(n) for n in numbers)
            yield at(page, ("trial", "n"), "KB407", f"n '{trial.n}' is not the sum of the arms ({added}); correct one")
        names = [arm.name for arm in trial.arms]
        for place, item in _results(trial):
            if item.arm not in [*names, "difference"]:
                fix = suggestion(item.arm, names) if names else "add the arm to 'arms'"
                yield at(page, (*place, "arm"), "KB407", f"arm '{shown(item.arm)}' is not known; {fix}")


@rule("KB408")
def primary_endpoint(project: Project) -> Iterator[Problem]:
    """What the trial says of its primary endpoint is what its outcomes say."""
    for page, trial in project.trials:
        met = {outcome.met for outcome in trial.outcomes if outcome.primary} - {None}
        said = {True: "yes", False: "no"}
        if len(met) > 1:
            yield at(page, ("trial", "outcomes"), "KB408", "outcomes marked primary are both met and not met; correct one")
        elif met and trial.primary_met != said[met.copy().pop()]:
            wanted = said[met.pop()]
            message = f"primary_met '{trial.primary_met}' is not what the primary outcome says; write primary_met: {wanted}"
            yield at(page, ("trial", "primary_met"), "KB408", message)
        for index, outcome in enumerate(trial.outcomes):
            if outcome.met is not None and not outcome.primary:
                place = ("trial", "outcomes", index, "met")
                yield at(page, place, "KB408", "'met' is given for an outcome that is not primary; add 'primary: true'")


@rule("KB409")
def dates(project: Project) -> Iterator[Problem]:
    """Dates are in order."""
    for page, trial in project.trials:
        if trial.start and trial.end and trial.end < trial.start[: len(trial.end)]:
            yield at(page, ("trial", "end"), "KB409", f"end '{trial.end}' is before start {trial.start}; correct one")
    for page in project.pages:
        meta = project.record.get(page.name)
        if meta and meta.reviewed and meta.review_due and meta.review_due <= meta.reviewed:
            message = f"review_due '{meta.review_due}' is not after reviewed {meta.reviewed}; correct one"
            yield at(page, ("review_due",), "KB409", message)


@rule("KB410")
def trial_file(project: Project) -> Iterator[Problem]:
    """A trial stands in docs/trials/, in a file named after it, and nowhere else."""
    for page, trial in project.trials:
        wanted = [trial.registry[0]] if trial.registry else trial.sources
        if not page.name.startswith("trials/") or page.stem not in [name.replace("/", "-") for name in wanted]:
            message = f"'{page.name}' is not the file of this trial; name it docs/trials/{wanted[0].replace('/', '-')}.md"
            yield at(page, ("trial",), "KB410", message)
    for page in project.pages:
        if page.name.startswith("trials/") and page.name != "trials/index.md" and page.meta and "trial" not in page.meta:
            yield at(page, (), "KB410", "a page in docs/trials/ has no 'trial'; add it, or move the page")


@rule("KB411")
def registry_id(project: Project) -> Iterator[Problem]:
    """A registration is described once."""
    seen: dict[str, Page] = {}
    for page, trial in project.trials:
        for index, name in enumerate(trial.registry):
            first = seen.setdefault(name.lower(), page)
            if first is not page:
                message = f"registry id '{name}' is already in {first.path}; keep one page"
                yield at(page, ("trial", "registry", index), "KB411", message)


@rule("KB413")
def percentages(project: Project) -> Iterator[Problem]:
    """A percentage beside the citation of a trial is that of the trial's record."""
    known: dict[str, list[float]] = {}
    for _, trial in project.trials:
        for outcome in trial.outcomes:
            known.setdefault(outcome.source, []).extend(_figures(outcome))
        for harm in trial.harms:
            known.setdefault(harm.source, []).append(100 * harm.events / harm.total)
    known = {key: values for key, values in known.items() if values}
    for page in project.pages:
        if "%" in page.body:
            yield from _wrong_percentages(page, known)


def _figures(outcome: Outcome) -> list[float]:
    return [value for value in (percent(outcome), outcome.value, outcome.low, outcome.high) if value is not None]


def _wrong_percentages(page: Page, known: dict[str, list[float]]) -> Iterator[Problem]:
    cited: dict[int, set[str]] = {}
    for citation in page.prose.citations:
        cited.setdefault(page.prose.line(citation.start), set()).add(citation.key)
    lines = page.prose.visible.split("\n")
    for number, keys in sorted(cited.items()):
        if keys <= set(known):
            values = [value for key in keys for value in known[key]]
            yield from (_wrong(page, number, match, values) for match in _far_off(lines[number - 1], values))


def _far_off(line: str, values: list[float]) -> Iterator[re.Match[str]]:
    """Percentages of a line that none of the values is near to."""
    for match in _PERCENT.finditer(line):
        if min(abs(value - float(match[1])) for value in values) > TOLERANCE:
            yield match


def _wrong(page: Page, number: int, match: re.Match[str], values: list[float]) -> Problem:
    near = min(values, key=lambda value: abs(value - float(match[1])))
    fix = f"the nearest there is {near:.1f}%; correct it, or add the outcome to the trial"
    message = f"'{match[0]}' is not in the record of the trial cited here; {fix}"
    return Problem(page.path, page.body_line + number - 1, "KB413", message)


@rule("KB416")
def empty_outcome(project: Project) -> Iterator[Problem]:
    """An outcome says something: counts, a percentage or a value."""
    for page, trial in project.trials:
        for index, outcome in enumerate(trial.outcomes):
            if percent(outcome) is None and outcome.value is None:
                message = f"outcome '{shown(outcome.name)}' has no result; give events and total, percent, or value and unit"
                yield at(page, ("trial", "outcomes", index), "KB416", message)
