"""Draws what trial records hold: responses with their intervals, a timeline, vesicles by route and condition."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kb.figures import figure
from kb.html import address, in_order, label
from kb.pages import Page
from kb.plots import Plot, Point, bubbles, colour, plot
from kb.project import Project
from kb.records import Trial
from kb.responses import RESPONSES, Difference, Response, differences, responses
from kb.trials import result
from kb.vocabulary import DISEASES, PHASES

_WIDTH, _ROW = 340, 30  # px: width of a forest plot; height of an arm: a line of words above its point

# Responses -------------------------------------------------------------------------------------------------------------


def forest(project: Project, base: Page) -> str:
    """Responses about day 28, and what controlled trials found as difference, each with its interval."""
    drawings = [_arms(project, base, name, found) for name in RESPONSES if (found := responses(project, name))]
    compared = [item for name in RESPONSES for item in differences(project, name)]
    if compared:
        drawings.append(_differences(project, base, compared))
    if not drawings:
        return '<p class="kb-count">No response about day 28.</p>'
    caption = (
        "Filled: from counts, with Wilson's interval of an arm and Newcombe's of a difference. "
        "Hollow: percentages as reported, with the reported interval where there is one. "
        "Squares are arms of controlled trials, circles stand alone. "
        "The trials differ in severity, age and drugs given beside the cells, so nothing is pooled. "
        "The table holds the same figures with their sources."
    )
    return figure("responses", drawings, caption)


def _arms(project: Project, base: Page, name: str, found: Sequence[Response]) -> str:
    words = f"{name.capitalize()} about day 28, % of people"
    with _forest(words, len(found), (0, 100)) as drawn:
        for row, item in enumerate(found):
            told = f"{_id(project, item.page, item.trial)}, {item.outcome.arm}: {result(item.outcome)}"
            controlled = item.trial.design in ("randomised", "controlled")
            _estimate(drawn, row, item, told, address(item.page, base), item.outcome.events is not None, controlled)
        return drawn.svg(f"forest-{name.split()[0]}", f"{words}, in {len(found)} arms of trials")


def _differences(project: Project, base: Page, found: Sequence[Difference]) -> str:
    words = "Difference between arms, percentage points"
    with _forest(words, len(found), (-60, 60)) as drawn:
        drawn.axes.axvline(0, color=colour("edge"), linewidth=1)
        for row, item in enumerate(found):
            told = f"{_id(project, item.first.page, item.first.trial)}, {item.first.outcome.name.split()[0]}: {item.words}"
            _estimate(drawn, row, item, told, address(item.first.page, base), item.interval is not None, True)
        return drawn.svg("forest-difference", f"{words}, in {len(found)} comparisons")


def _id(project: Project, page: Page, trial: Trial) -> str:
    """A trial in a word: its first registry id, else its report, else the name of its record."""
    report = project.entry[trial.sources[0]]
    return (
        trial.registry[0]
        if trial.registry
        else label(report)
        if report.authors
        else page.name.rpartition("/")[2].removesuffix(".md")
    )


@contextmanager
def _forest(words: str, rows: int, limits: tuple[float, float]) -> Iterator[Plot]:
    """Axes with room for so many estimates, from the top down."""
    with plot(_WIDTH, _ROW * rows + 62, left=12, right=12, top=26) as drawn:
        axes = drawn.axes
        axes.set_title(words, fontsize=10, fontweight="bold", loc="left", pad=10)
        axes.set(xlim=limits, ylim=(rows - 0.4, -0.75), yticks=[])
        axes.grid(axis="x")
        axes.tick_params(length=0)
        yield drawn


def _estimate(drawn: Plot, row: int, item: Response | Difference, told: str, to: str, counted: bool, controlled: bool) -> None:
    """One point with its interval and its words above; both are one link."""
    value, interval = (item.share, item.interval) if isinstance(item, Response) else (item.points, item.interval)
    axes, ink = drawn.axes, colour("nk")
    if interval:
        axes.plot(interval, (row, row), color=ink, linewidth=1.6, solid_capstyle="butt")
    face = ink if counted else colour("paper")
    points = axes.scatter(
        [value], [row], s=44, marker="s" if controlled else "o", color=face, edgecolors=ink, linewidths=1.6, zorder=3
    )
    points.set_urls(drawn.link([Point(to, told)]))
    axes.text(axes.get_xlim()[0], row - 0.3, told, fontsize=8.5, color=colour("ink"))


# Timeline --------------------------------------------------------------------------------------------------------------

_STATES = {
    "completed": (("completed",), "o", "good"),
    "under way or planned": (
        ("recruiting", "not yet recruiting", "active, not recruiting", "enrolling by invitation"),
        "^",
        "nk",
    ),
    "stopped": (("terminated", "withdrawn", "suspended"), "X", "stop"),
    "not known": (("unknown", "not seen", "no longer available"), "o", "paper"),
}
"""Group of states: the registry's words in it, the mark and the colour."""


def timeline(project: Project, base: Page) -> str:
    """Every trial with a known start, by phase; the mark says how far it got."""
    dated = sorted(((page, trial) for page, trial in project.trials if trial.start), key=lambda item: str(item[1].start))
    if not dated:
        return '<p class="kb-count">No trial with a start.</p>'
    phases = in_order((trial.phase for _, trial in dated), PHASES)
    places = _places(dated)
    heights = [
        max(place for page, trial in dated if trial.phase == phase for place in [places[page.name]]) + 1 for phase in phases
    ]
    floors = [sum(heights[:index]) + index for index in range(len(phases))]
    words = f"Start, phase and state of {len(dated)} trials and registrations"
    with plot(720, 9.5 * (sum(heights) + len(heights)) + 70, left=84, top=34) as drawn:
        axes = drawn.axes
        for name, (states, mark, paint) in _STATES.items():
            chosen = [(page, trial) for page, trial in dated if trial.status in states]
            points = axes.scatter(
                [_year(trial) for _, trial in chosen],
                [floors[phases.index(trial.phase)] + places[page.name] for page, trial in chosen],
                s=34,
                marker=mark,
                color=colour(paint),
                edgecolors=colour("edge" if paint == "paper" else paint),
                label=name,
            )
            points.set_urls(
                drawn.link([Point(address(page, base), _told(page, trial), keyboard=False) for page, trial in chosen])
            )
        axes.set_axisbelow(True)
        axes.set(ylim=(-1, sum(heights) + len(heights) - 1), yticks=floors)
        axes.set_yticklabels([f"phase {phase}" if phase != "not given" else "no phase" for phase in phases])
        axes.grid(axis="both")
        axes.tick_params(length=0)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, fontsize=9, handletextpad=0.2)
        drawing = drawn.svg("timeline", words)
    missing = len(project.trials) - len(dated)
    caption = (
        f"{words}; marks that would hide each other are stacked. {missing} records whose start was not seen are not drawn. "
        "The table of all trials has the same facts and the way to each."
    )
    return figure("timeline", [drawing], caption, wide=True)


def _year(trial: Trial) -> float:
    year, month, *_ = [*str(trial.start).split("-"), "7"][:2]
    return int(year) + (int(month) - 0.5) / 12


def _places(dated: Sequence[tuple[Page, Trial]]) -> dict[str, int]:
    """How high each mark is stacked: one step for every trial of its phase that began within four months before it."""
    places: dict[str, int] = {}
    last: dict[tuple[str, int], float] = {}
    for page, trial in dated:
        place = 0
        while _year(trial) - last.get((trial.phase, place), -9) < 0.33:
            place += 1
        places[page.name] = place
        last[trial.phase, place] = _year(trial)
    return places


def _told(page: Page, trial: Trial) -> str:
    return f"{page.title}: started {trial.start}, phase {trial.phase}, {trial.status}"


# Vesicles --------------------------------------------------------------------------------------------------------------

_ROUTES = {
    "intravenous": r"intravenous",
    "inhaled": r"inhal",
    "nose": r"nasal",
    "joint": r"joint",
    "skin or wound": r"skin|scalp|wound|ulcer|topical",
    "eye or ear": r"eye|cochlea",
    "fistula": r"fistula",
    "other": r".",
    "not seen": r"^$",
}
"""Group of routes: the words of a route that belong to it; the first that fits counts."""


def vesicle_routes(project: Project, base: Page) -> str:
    """How many trials gave vesicles by which route for which condition."""
    found: dict[tuple[str, str], list[Page]] = defaultdict(list)
    for page, trial in project.trials:
        if any(cell.endswith("-EV") for cell in trial.cells):
            found[trial.disease, _route(trial)].append(page)
    if not found:
        return '<p class="kb-count">No record.</p>'
    total = sum(map(len, found.values()))
    cells = {
        (disease, route): (
            len(pages),
            Point(
                address(pages[0], base) if len(pages) == 1 else "#vesicle-trials-table",
                f"{disease}, {route}: {len(pages)} records",
            ),
        )
        for (disease, route), pages in found.items()
    }
    drawing = bubbles(
        "vesicles",
        f"{total} trials and registrations of vesicles by condition and route",
        in_order((disease for disease, _ in found), DISEASES),
        in_order((route for _, route in found), list(_ROUTES)),
        cells,
    )
    caption = (
        f"{total} trials and registrations of vesicles by condition and route; the number in a circle says how many. "
        "A circle leads to the trial, or to the list where it has several."
    )
    return figure("vesicle-routes", [drawing], caption, wide=True)


def _route(trial: Trial) -> str:
    return next(name for name, words in _ROUTES.items() if re.search(words, trial.route or ""))
