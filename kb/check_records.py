"""Rules on records against each other and against text and bibliography (4xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from kb.bibliography import Entry
from kb.evidence import PlacedClaim, has_human_outcomes, opposing, percent, subject
from kb.pages import Page, Place
from kb.problems import Problem, nearest
from kb.project import Project
from kb.records import Outcome
from kb.rules import Rule, register
from kb.validation import shown, suggestion
from kb.vocabulary import FACTORS

RULES: dict[str, Rule] = {}
rule = partial(register, RULES)
TOLERANCE = 0.6
"""Percentage points by which a rounded figure in the text may differ from the record."""
_PERCENT = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)[ \u00a0\u202f]?%(?!\s*(?:CI|confidence|credible|prediction))")


def _at(page: Page, place: Place, code: str, message: str) -> Problem:
    return Problem(page.path, page.line_of(place), code, message)


def _sources(project: Project) -> Iterator[tuple[Page, Place, str]]:
    """Every source that a record names: page, place, key."""
    for placed in project.claims:
        for name in ("supports", "contradicts"):
            for index, item in enumerate(getattr(placed.claim, name)):
                yield placed.page, ("claims", placed.index, name, index, "source"), item.source
    for page, trial in project.trials:
        for index, key in enumerate(trial.sources):
            yield page, ("trial", "sources", index), key
        for name in ("outcomes", "harms"):
            for index, item in enumerate(getattr(trial, name)):
                yield page, ("trial", name, index, "source"), item.source


@rule("KB401")
def claim_id(project: Project) -> Iterator[Problem]:
    """Claim ids are unique in the whole site."""
    seen: dict[str, Page] = {}
    for placed in project.claims:
        first = seen.setdefault(placed.claim.id, placed.page)
        if project.first_with_id[placed.claim.id] is not placed:
            message = f"claim id '{placed.claim.id}' is already used in {first.path}; choose another"
            yield _at(placed.page, ("claims", placed.index, "id"), "KB401", message)


@rule("KB402")
def known_source(project: Project) -> Iterator[Problem]:
    """Every source of a record is in the bibliography."""
    for page, place, key in _sources(project):
        if key not in project.entry:
            near = nearest(key, project.entry)
            fix = f"did you mean '{near}'?" if near else "add it to bib/references.bib"
            yield _at(page, place, "KB402", f"source '{key}' is not in the bibliography; {fix}")


@rule("KB403")
def cited_source(project: Project) -> Iterator[Problem]:
    """Every source of a record is cited in the text of its page."""
    for page, place, key in _sources(project):
        if key in project.entry and page not in project.cited_on.get(key, []):
            yield _at(page, place, "KB403", f"source '{key}' is not cited in the text of this page; write [@{key}] there")


@rule("KB404")
def certainty(project: Project) -> Iterator[Problem]:
    """Certainty is rated only where human outcome data stand behind a claim."""
    for placed in project.claims:
        if placed.claim.certainty and not has_human_outcomes(placed.claim, project.entry):
            message = f"certainty of '{placed.claim.id}' rests on no observation in people; remove it"
            yield _at(placed.page, ("claims", placed.index, "certainty"), "KB404", message)


@rule("KB405")
def retracted_source(project: Project) -> Iterator[Problem]:
    """What rests on a retracted work is decided on by a person."""
    for page, place, key in _sources(project):
        retracted = key in project.entry and project.entry[key].get("status") == "retracted"
        if retracted and "contradicts" not in place and not project.acknowledges(page, key):
            fix = f"drop it, or add 'acknowledged: [{{source: {key}, reason: ...}}]'"
            yield _at(page, place, "KB405", f"source '{key}' is retracted; {fix}")


@rule("KB406")
def counts(project: Project) -> Iterator[Problem]:
    """Events are not more than people, and people not more than their arm."""
    for page, trial in project.trials:
        sizes = {arm.name: arm.n for arm in trial.arms}
        for name in ("outcomes", "harms"):
            for index, item in enumerate(getattr(trial, name)):
                size = sizes.get(item.arm)
                if size is not None and item.total is not None and item.total > size:
                    place = ("trial", name, index, "total")
                    message = f"total '{item.total}' is more than the {size} people of arm '{item.arm}'; correct one"
                    yield _at(page, place, "KB406", message)
                if item.events is not None and item.total is not None and item.events > item.total:
                    place = ("trial", name, index, "events")
                    yield _at(page, place, "KB406", f"events '{item.events}' are more than total {item.total}; correct one")


@rule("KB407")
def arms(project: Project) -> Iterator[Problem]:
    """Arms add up to the people enrolled, and outcomes name an arm that exists."""
    for page, trial in project.trials:
        numbers = [arm.n for arm in trial.arms]
        if trial.n is not None and numbers and None not in numbers and sum(n or 0 for n in numbers) != trial.n:
            added = " + ".join(str(n) for n in numbers)
            yield _at(page, ("trial", "n"), "KB407", f"n '{trial.n}' is not the sum of the arms ({added}); correct one")
        names = [arm.name for arm in trial.arms]
        for name in ("outcomes", "harms"):
            for index, item in enumerate(getattr(trial, name)):
                if item.arm not in [*names, "difference"]:
                    fix = suggestion(item.arm, names) if names else "add the arm to 'arms'"
                    yield _at(page, ("trial", name, index, "arm"), "KB407", f"arm '{shown(item.arm)}' is not known; {fix}")


@rule("KB408")
def primary_endpoint(project: Project) -> Iterator[Problem]:
    """What the trial says of its primary endpoint is what its outcomes say."""
    for page, trial in project.trials:
        met = {outcome.met for outcome in trial.outcomes if outcome.primary} - {None}
        said = {True: "yes", False: "no"}
        if len(met) > 1:
            yield _at(page, ("trial", "outcomes"), "KB408", "outcomes marked primary are both met and not met; correct one")
        elif met and trial.primary_met != said[met.copy().pop()]:
            wanted = said[met.pop()]
            message = f"primary_met '{trial.primary_met}' is not what the primary outcome says; write primary_met: {wanted}"
            yield _at(page, ("trial", "primary_met"), "KB408", message)
        for index, outcome in enumerate(trial.outcomes):
            if outcome.met is not None and not outcome.primary:
                place = ("trial", "outcomes", index, "met")
                yield _at(page, place, "KB408", "'met' is given for an outcome that is not primary; add 'primary: true'")


@rule("KB409")
def dates(project: Project) -> Iterator[Problem]:
    """Dates are in order."""
    for page, trial in project.trials:
        if trial.start and trial.end and trial.end < trial.start[: len(trial.end)]:
            yield _at(page, ("trial", "end"), "KB409", f"end '{trial.end}' is before start {trial.start}; correct one")
    for page in project.pages:
        meta = project.record.get(page.name)
        if meta and meta.reviewed and meta.review_due and meta.review_due <= meta.reviewed:
            message = f"review_due '{meta.review_due}' is not after reviewed {meta.reviewed}; correct one"
            yield _at(page, ("review_due",), "KB409", message)


@rule("KB410")
def trial_file(project: Project) -> Iterator[Problem]:
    """A trial stands in docs/trials/, in a file named after it, and nowhere else."""
    for page, trial in project.trials:
        stem = page.name.rpartition("/")[2].removesuffix(".md")
        wanted = [trial.registry[0]] if trial.registry else trial.sources
        if not page.name.startswith("trials/") or stem not in [name.replace("/", "-") for name in wanted]:
            message = f"'{page.name}' is not the file of this trial; name it docs/trials/{wanted[0].replace('/', '-')}.md"
            yield _at(page, ("trial",), "KB410", message)
    for page in project.pages:
        if page.name.startswith("trials/") and page.name != "trials/index.md" and page.meta and "trial" not in page.meta:
            yield _at(page, (), "KB410", "a page in docs/trials/ has no 'trial'; add it, or move the page")


@rule("KB411")
def registry_id(project: Project) -> Iterator[Problem]:
    """A registration is described once."""
    seen: dict[str, Page] = {}
    for page, trial in project.trials:
        for index, name in enumerate(trial.registry):
            first = seen.setdefault(name.lower(), page)
            if first is not page:
                message = f"registry id '{name}' is already in {first.path}; keep one page"
                yield _at(page, ("trial", "registry", index), "KB411", message)


@rule("KB412")
def opposite_claims(project: Project) -> Iterator[Problem]:
    """Claims that contradict each other say so."""
    for pair in opposing(project.claims):
        for mine, other in (pair, pair[::-1]):
            if not mine.claim.contradicts:
                sources = ", ".join(support.source for support in other.claim.supports)
                message = f"'{mine.claim.id}' has the opposite of '{other.claim.id}' ({other.page.path}); fill 'contradicts'"
                yield _at(mine.page, ("claims", mine.index), "KB412", f"{message} with {sources}")


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
    for number, line in enumerate(page.prose.visible.split("\n")):
        cited = [c.key for c in page.prose.citations if page.prose.line(c.start) == number + 1] if "%" in line else []
        values = [value for key in cited for value in known.get(key, [])]
        for match in _PERCENT.finditer(line) if values and set(cited) <= set(known) else ():
            near = min(values, key=lambda value: abs(value - float(match[1])))
            if abs(near - float(match[1])) > TOLERANCE:
                fix = f"the nearest there is {near:.1f}%; correct it, or add the outcome to the trial"
                message = f"'{match[0]}' is not in the record of the trial cited here; {fix}"
                yield Problem(page.path, page.body_line + number, "KB413", message)


@rule("KB414")
def chosen_design(project: Project) -> Iterator[Problem]:
    """A design chosen for a claim is one that the source has."""
    for placed in project.claims:
        for index, support in enumerate(placed.claim.supports):
            entry: Entry | None = project.entry.get(support.source)
            if entry and support.design and support.design not in entry.designs:
                place = ("claims", placed.index, "supports", index, "design")
                message = f"design '{support.design}' is not one of '{entry.key}'; {suggestion(support.design, entry.designs)}"
                yield _at(placed.page, place, "KB414", message)


@rule("KB415")
def known_factor(project: Project) -> Iterator[Problem]:
    """Factors are of the vocabulary, so that opposing claims find each other."""
    for placed in project.claims:
        interaction = placed.claim.interaction
        for part in interaction.factor.split("+") if interaction else ():
            if part.strip() not in FACTORS:
                place = ("claims", placed.index, "interaction", "factor")
                message = f"factor '{shown(part.strip())}' is not known; {suggestion(part.strip(), list(FACTORS))}"
                yield _at(placed.page, place, "KB415", message)


@rule("KB416")
def empty_outcome(project: Project) -> Iterator[Problem]:
    """An outcome says something: counts, a percentage or a value."""
    for page, trial in project.trials:
        for index, outcome in enumerate(trial.outcomes):
            if percent(outcome) is None and outcome.value is None:
                message = f"outcome '{shown(outcome.name)}' has no result; give events and total, percent, or value and unit"
                yield _at(page, ("trial", "outcomes", index), "KB416", message)


@rule("KB417")
def repeated_claim(project: Project) -> Iterator[Problem]:
    """A finding is claimed once: claimed twice it would be counted twice."""
    seen: dict[tuple[str, ...], PlacedClaim] = {}
    for placed in project.claims:
        if not placed.claim.interaction:
            continue
        for index, support in enumerate(placed.claim.supports):
            what = (support.source, *subject(placed.claim.interaction), placed.claim.interaction.effect)
            first = seen.setdefault(what, placed)
            if first is not placed:
                place = ("claims", placed.index, "supports", index, "source")
                message = f"'{placed.claim.id}' claims what '{first.claim.id}' ({first.page.path}) does, from '{support.source}'"
                yield _at(placed.page, place, "KB417", f"{message}; keep one and link to it, or say what differs")
