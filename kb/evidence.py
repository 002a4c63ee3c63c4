"""Computes what the records imply: levels of claims, proportions with intervals, opposing claims."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

from kb.bibliography import Entry
from kb.pages import Page
from kb.records import Claim, Interaction, Outcome, Support
from kb.vocabulary import HUMAN_LEVELS, LEVEL_OF_DESIGN, LEVELS

Z95 = NormalDist().inv_cdf(0.975)
_OPPOSITE = {("increases", "decreases"), ("decreases", "increases")}


@dataclass(frozen=True)
class PlacedClaim:
    """A claim with the page it stands on and its number there."""

    page: Page
    index: int
    claim: Claim

    @property
    def area(self) -> str:
        """Folder of the page, or 'home'."""
        return self.page.name.rpartition("/")[0] or "home"


def level_of_support(support: Support, entry: Entry) -> str:
    """Level that a source lends to a claim: of its chosen design, else of the weakest of its designs."""
    designs = [support.design] if support.design else entry.designs
    levels = [LEVEL_OF_DESIGN[design] for design in designs if design in LEVEL_OF_DESIGN]
    return max(levels, key=LEVELS.index, default=LEVELS[-1])


def level(claim: Claim, entries: Mapping[str, Entry]) -> str:
    """Level of a claim: the best that one of its supporting sources lends it."""
    levels = [level_of_support(s, entries[s.source]) for s in claim.supports if s.source in entries]
    return min(levels, key=LEVELS.index, default=LEVELS[-1])


def has_human_outcomes(claim: Claim, entries: Mapping[str, Entry]) -> bool:
    """Whether observations in people stand behind a claim, so that its certainty may be rated."""
    return any(
        level_of_support(support, entries[support.source]) in HUMAN_LEVELS
        and (not entries[support.source].get("species") or "human" in entries[support.source].get("species"))
        for support in claim.supports
        if support.source in entries
    )


def percent(outcome: Outcome) -> float | None:
    """The proportion of an outcome in per cent: computed from the counts, else as reported, else None."""
    if outcome.events is not None and outcome.total:
        return 100 * outcome.events / outcome.total
    return outcome.percent


def wilson(events: int, total: int) -> tuple[float, float]:
    """Wilson score interval, 95 %, in per cent (Wilson 1927, J Am Stat Assoc 22:209, without continuity correction)."""
    p, z2 = events / total, Z95**2
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = Z95 / (1 + z2 / total) * math.sqrt(p * (1 - p) / total + z2 / (4 * total**2))
    low = 0.0 if events == 0 else centre - half
    high = 1.0 if events == total else centre + half
    return 100 * low, 100 * high


def newcombe(events: int, total: int, other_events: int, other_total: int) -> tuple[float, float]:
    """Interval of the difference of two proportions, 95 %, in percentage points (Newcombe 1998, Stat Med 17:873, method 10).

    It puts together the Wilson intervals of the two proportions.
    """
    p, q = 100 * events / total, 100 * other_events / other_total
    (low_p, high_p), (low_q, high_q) = wilson(events, total), wilson(other_events, other_total)
    return p - q - math.hypot(p - low_p, high_q - q), p - q + math.hypot(high_p - p, q - low_q)


def exact(events: int, total: int) -> tuple[float, float]:
    """Exact (Clopper-Pearson) interval, 95 % two-sided, in per cent; with 0 events its upper end is the bound."""
    low = 0.0 if events == 0 else _solve(lambda p: _tail(events, total, p), 0.025)
    high = 1.0 if events == total else _solve(lambda p: _tail(events + 1, total, p), 0.975)
    return 100 * low, 100 * high


def _tail(events: int, total: int, p: float) -> float:
    """Probability of at least `events` events."""
    logs = (
        math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1) + k * math.log(p) + (total - k) * math.log1p(-p)
        for k in range(events, total + 1)
    )
    return math.fsum(math.exp(log) for log in logs)


def _solve(rising: Callable[[float], float], wanted: float) -> float:
    """The p in (0, 1) where a rising function reaches `wanted`, by bisection."""
    low, high = 1e-12, 1 - 1e-12
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2


def opposing(claims: Iterable[PlacedClaim]) -> Iterator[tuple[PlacedClaim, PlacedClaim]]:
    """Pairs of claims with the same actor, target, factor and outcome but opposite effect."""
    groups: dict[tuple[str, ...], list[PlacedClaim]] = {}
    for placed in claims:
        if placed.claim.interaction:
            groups.setdefault(subject(placed.claim.interaction), []).append(placed)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if (_effect(one), _effect(other)) in _OPPOSITE:
                yield (one, other) if _effect(one) == "decreases" else (other, one)


def _effect(placed: PlacedClaim) -> str:
    assert placed.claim.interaction
    return placed.claim.interaction.effect


def subject(interaction: Interaction) -> tuple[str, ...]:
    """What an interaction is about: actor, target, factors, outcome."""
    return (interaction.actor, interaction.target, " + ".join(factors(interaction)), interaction.outcome)


def factors(interaction: Interaction) -> list[str]:
    """The factors of an interaction, in alphabetical order."""
    return sorted(part.strip() for part in interaction.factor.split("+"))


def differing(one: Interaction, other: Interaction) -> list[str]:
    """Names of the conditions that differ between two interactions; one that is stated only once differs too."""
    first, second = one.conditions.model_dump(), other.conditions.model_dump()
    return [name for name in first if first[name] != second[name]]
