"""Gathers responses of acute GVHD about day 28 from trial records: arms that were compared stand together, nothing is pooled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from kb.evidence import newcombe, percent, wilson
from kb.html import address, data, link, source_link, table
from kb.pages import Page
from kb.project import Project
from kb.records import Outcome, Trial
from kb.trials import number, result
from kb.vocabulary import TRIAL_DESIGNS

RESPONSES = ("overall response", "complete response")
_ABOUT_DAY_28 = ("day 28", "week 4", "28 days after the last infusion")


@dataclass(frozen=True)
class Response:
    """The response of one arm of a trial."""

    page: Page
    trial: Trial
    outcome: Outcome

    @property
    def share(self) -> float:
        """People who responded, in per cent."""
        return percent(self.outcome) or 0.0

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval of the counts, else the reported one, in per cent; None where neither is there."""
        if self.outcome.events is not None and self.outcome.total:
            return wilson(self.outcome.events, self.outcome.total)
        if self.outcome.low is not None and self.outcome.high is not None:
            return self.outcome.low, self.outcome.high
        return None


@dataclass(frozen=True)
class Difference:
    """What a controlled trial found in one arm more than in the other, in percentage points."""

    first: Response
    second: Response

    @property
    def points(self) -> float:
        """The difference."""
        return self.first.share - self.second.share

    @property
    def interval(self) -> tuple[float, float] | None:
        """Newcombe's interval; None where the counts of an arm are not known."""
        one, other = self.first.outcome, self.second.outcome
        if one.events is None or not one.total or other.events is None or not other.total:
            return None
        return newcombe(one.events, one.total, other.events, other.total)

    @property
    def words(self) -> str:
        """The difference in words and figures."""
        interval = self.interval
        spread = f" ({signed(interval[0])} to {signed(interval[1])})" if interval else ", no counts, so no interval"
        return f"{signed(self.points)} points{spread}"


def signed(value: float) -> str:
    """A figure with its sign and one decimal."""
    return f"{'+' if value > 0 else ''}{number(value)}".replace("-", "\u2212")


def responses(project: Project, name: str) -> list[Response]:
    """Every arm with that outcome about day 28: randomised trials first, the arms of one trial together."""
    order = sorted(project.trials, key=lambda item: (TRIAL_DESIGNS.index(item[1].design), item[0].title))
    return [
        Response(page, trial, outcome)
        for page, trial in order
        if trial.disease == "acute GVHD"
        for outcome in trial.outcomes
        if outcome.name == name and outcome.time in _ABOUT_DAY_28 and percent(outcome) is not None
    ]


def by_trial(project: Project, name: str) -> list[list[Response]]:
    """The same, the arms of a trial in a list of their own."""
    arms: dict[str, list[Response]] = {}
    for response in responses(project, name):
        arms.setdefault(response.page.name, []).append(response)
    return list(arms.values())


def differences(project: Project, name: str) -> list[Difference]:
    """Of every trial with two arms: the first, as the record lists them, against the second."""
    return [Difference(*arms) for arms in by_trial(project, name) if len(arms) == 2]


def listing(project: Project, base: Page) -> str:
    """All responses and differences as a table."""
    rows = [row for name in RESPONSES for row in _rows(project, base, name)]
    headers = ["Trial", "Outcome", "When", "Design", "Arm", "Result (95% interval)", "Source"]
    caption = "Responses about day 28 by trial and arm; intervals of counts are Wilson's, of differences Newcombe's"
    return table(caption, headers, rows, "responses-table")


def _rows(project: Project, base: Page, name: str) -> Iterator[tuple[str, list[str]]]:
    for arms in by_trial(project, name):
        for response in arms:
            outcome = response.outcome
            source = source_link(project.entry[outcome.source], base, outcome.locator)
            yield _row(base, name, response, outcome.arm, result(outcome), source)
        if len(arms) == 2:
            compared = " against ".join(response.outcome.arm for response in arms)
            yield _row(base, name, arms[1], compared, Difference(*arms).words, "computed")


def _row(base: Page, name: str, response: Response, arm: str, found: str, source: str) -> tuple[str, list[str]]:
    trial = link(address(response.page, base), response.page.title)
    words = (name, response.outcome.time or "", response.trial.design, arm, found)
    return data(design=response.trial.design), [trial, *map(escape, words), source]
