"""Figures that the site computes, against published values and against their own definition."""

from __future__ import annotations

import math

import pytest

from kb.bibliography import read_bibliography
from kb.evidence import exact, level, percent, wilson
from kb.records import Claim, Outcome
from tests.conftest import GOOD

ENTRIES = read_bibliography(GOOD).by_key()


def claim(*supports: dict) -> Claim:
    return Claim.model_validate({"id": "x", "statement": "S.", "supports": [{"locator": "Abstract"} | s for s in supports]})


# Newcombe 1998 (Stat Med 17:857), table I, methods 3 (Wilson) and 5 (Clopper-Pearson).
@pytest.mark.parametrize(
    ("events", "total", "score", "clopper"),
    [
        (81, 263, (25.53, 36.62), (25.27, 36.76)),
        (15, 148, (6.24, 16.05), (5.78, 16.17)),
        (0, 20, (0.0, 16.11), (0.0, 16.84)),
        (1, 29, (0.61, 17.18), (0.09, 17.76)),
    ],
)
def test_intervals_are_the_published_ones(events: int, total: int, score: tuple, clopper: tuple) -> None:
    assert wilson(events, total) == pytest.approx(score, abs=0.01)
    assert exact(events, total) == pytest.approx(clopper, abs=0.01)


@pytest.mark.parametrize(("events", "total"), [(0, 1), (1, 1), (0, 500), (500, 500), (250, 500), (1, 3000)])
def test_exact_interval_meets_its_definition(events: int, total: int) -> None:
    low, high = (bound / 100 for bound in exact(events, total))

    def at_least(k: int, p: float) -> float:
        return sum(math.comb(total, i) * p**i * (1 - p) ** (total - i) for i in range(k, total + 1))

    if total < 1000:
        assert events == 0 or at_least(events, low) == pytest.approx(0.025, rel=1e-4)
        assert events == total or 1 - at_least(events + 1, high) == pytest.approx(0.025, rel=1e-4)
    assert 0 <= low <= events / total <= high <= 1


def test_counts_go_before_a_reported_percentage() -> None:
    common = {"name": "response", "arm": "MSC", "source": "A", "locator": "Table"}
    assert percent(Outcome.model_validate(common | {"events": 1, "total": 3, "percent": 50.0})) == pytest.approx(33.33, abs=0.01)
    assert percent(Outcome.model_validate(common | {"percent": 50})) == 50
    assert percent(Outcome.model_validate(common | {"value": 3.2})) is None


def test_level_is_the_best_that_a_source_lends() -> None:
    assert level(claim({"source": "Clark2003"}), ENTRIES) == "review only"
    assert level(claim({"source": "Clark2003"}, {"source": "Brown2002"}), ENTRIES) == "randomised trial"


def test_source_with_two_designs_lends_the_weaker_unless_the_claim_says_which() -> None:
    assert level(claim({"source": "Adams2001"}), ENTRIES) == "in vitro"
    assert level(claim({"source": "Adams2001", "design": "animal"}), ENTRIES) == "animal"
