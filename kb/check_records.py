"""Rules on claims, and on the sources that claims and trials name (4xx)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from kb.evidence import PlacedClaim, has_human_outcomes, opposing, subject
from kb.pages import Page, Place
from kb.problems import Problem, nearest
from kb.project import Project
from kb.rules import Rule, at, register
from kb.validation import shown, suggestion
from kb.vocabulary import FACTORS

RULES: dict[str, Rule] = {}
rule = partial(register, RULES)


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
    for placed in project.claims:
        first = project.first_with_id[placed.claim.id]
        if first is not placed:
            message = f"claim id '{placed.claim.id}' is already used in {first.page.path}; choose another"
            yield at(placed.page, ("claims", placed.index, "id"), "KB401", message)


@rule("KB402")
def known_source(project: Project) -> Iterator[Problem]:
    """Every source of a record is in the bibliography."""
    for page, place, key in _sources(project):
        if key not in project.entry:
            near = nearest(key, project.entry)
            fix = f"did you mean '{near}'?" if near else "add it to bib/references.bib"
            yield at(page, place, "KB402", f"source '{key}' is not in the bibliography; {fix}")


@rule("KB403")
def cited_source(project: Project) -> Iterator[Problem]:
    """Every source of a record is cited in the text of its page."""
    for page, place, key in _sources(project):
        if key in project.entry and page not in project.cited_on.get(key, []):
            yield at(page, place, "KB403", f"source '{key}' is not cited in the text of this page; write [@{key}] there")


@rule("KB404")
def certainty(project: Project) -> Iterator[Problem]:
    """Certainty is rated only where human outcome data stand behind a claim."""
    for placed in project.claims:
        if placed.claim.certainty and not has_human_outcomes(placed.claim, project.entry):
            message = f"certainty of '{placed.claim.id}' rests on no observation in people; remove it"
            yield at(placed.page, ("claims", placed.index, "certainty"), "KB404", message)


@rule("KB405")
def retracted_source(project: Project) -> Iterator[Problem]:
    """What rests on a retracted work is decided on by a person."""
    for page, place, key in _sources(project):
        retracted = key in project.entry and project.entry[key].get("status") == "retracted"
        if retracted and "contradicts" not in place and not project.acknowledges(page, key):
            fix = f"drop it, or add 'acknowledged: [{{source: {key}, reason: ...}}]'"
            yield at(page, place, "KB405", f"source '{key}' is retracted; {fix}")


@rule("KB412")
def opposite_claims(project: Project) -> Iterator[Problem]:
    """Claims that contradict each other say so."""
    for pair in opposing(project.claims):
        for mine, other in (pair, pair[::-1]):
            if not mine.claim.contradicts:
                sources = ", ".join(support.source for support in other.claim.supports)
                message = f"'{mine.claim.id}' has the opposite of '{other.claim.id}' ({other.page.path}); fill 'contradicts'"
                yield at(mine.page, ("claims", mine.index), "KB412", f"{message} with {sources}")


@rule("KB414")
def chosen_design(project: Project) -> Iterator[Problem]:
    """A design chosen for a claim is one that the source has."""
    for placed in project.claims:
        for index, support in enumerate(placed.claim.supports):
            entry = project.entry.get(support.source)
            if entry and support.design and support.design not in entry.designs:
                place = ("claims", placed.index, "supports", index, "design")
                message = f"design '{support.design}' is not one of '{entry.key}'; {suggestion(support.design, entry.designs)}"
                yield at(placed.page, place, "KB414", message)


@rule("KB415")
def known_factor(project: Project) -> Iterator[Problem]:
    """Factors are of the vocabulary, so that opposing claims find each other."""
    for placed in project.claims:
        interaction = placed.claim.interaction
        for part in interaction.factor.split("+") if interaction else ():
            if part.strip() not in FACTORS:
                place = ("claims", placed.index, "interaction", "factor")
                message = f"factor '{shown(part.strip())}' is not known; {suggestion(part.strip(), list(FACTORS))}"
                yield at(placed.page, place, "KB415", message)


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
                yield at(placed.page, place, "KB417", f"{message}; keep one and link to it, or say what differs")
