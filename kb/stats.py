"""Counts what stands on the site: by area, level, kind of source, provenance and year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kb.evidence import level, opposing
from kb.project import Project
from kb.vocabulary import LEVELS

PRIMARY = ("randomised trial", "non-randomised trial", "single-arm trial", "cohort", "case report", "animal", "in vitro")
"""Designs of works that report their own observations."""


def statistics(project: Project) -> str:
    """All counts as text, one block per question."""
    return "\n".join(_lines(project)) + "\n"


def _lines(project: Project) -> Iterator[str]:
    areas = sorted({page.name.rpartition("/")[0] or "top" for page in project.pages})
    yield f"{'area':<14}{'pages':>6}{'claims':>8}{'interactions':>14}{'trials':>8}{'works':>7}{'primary':>9}"
    for area in areas:
        yield _area(project, area)
    yield _area(project, None)
    claims, pairs = project.claims, list(opposing(project.claims))
    yield ""
    yield f"opposing pairs: {len(pairs)}"
    yield f"claims with contradicts or would_change: {sum(bool(p.claim.contradicts or p.claim.would_change) for p in claims)}"
    yield f"claims with certainty: {sum(p.claim.certainty is not None for p in claims)}"
    yield f"trials with outcomes: {sum(bool(trial.outcomes) for _, trial in project.trials)}"
    yield ""
    yield from _counted("claims by level", Counter(level(p.claim, project.entry) for p in claims), LEVELS)
    works = list(project.entry.values())
    yield from _counted("works by provenance", Counter(entry.get("confirmed") or "not said" for entry in works))
    yield from _counted("works by state", Counter(entry.get("status") or "no notice" for entry in works))
    yield from _counted("works by first design", Counter((entry.designs or ["not said"])[0] for entry in works))
    yield from _counted("works by year", Counter((entry.get("year") or "not seen") for entry in works))


def _area(project: Project, area: str | None) -> str:
    """One row of the first block; without an area the total."""
    pages = [p for p in project.pages if area is None or (p.name.rpartition("/")[0] or "top") == area]
    names = {page.name for page in pages}
    claims = [p for p in project.claims if p.page.name in names]
    keys = {citation.key for page in pages for citation in page.prose.citations} & set(project.entry)
    primary = sum(any(design in PRIMARY for design in project.entry[key].designs) for key in keys)
    interactions = sum(p.claim.interaction is not None for p in claims)
    trials = sum(page.name in names for page, _ in project.trials)
    share = f"{round(100 * primary / len(keys))}%" if keys else "-"
    return f"{area or 'all':<14}{len(pages):>6}{len(claims):>8}{interactions:>14}{trials:>8}{len(keys):>7}{share:>9}"


def _counted(title: str, counter: Counter[str], order: tuple[str, ...] = ()) -> Iterator[str]:
    yield f"{title}:"
    names = [name for name in order if name in counter] if order else sorted(counter)
    yield from (f"  {name:<24}{counter[name]:>5}" for name in names)
