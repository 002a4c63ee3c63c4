"""Runs `kb verify`: shows progress, prints what differs, writes what can be mended, and counts."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from kb.mending import mend
from kb.problems import Problem, nearest, report
from kb.project import Project, read_project
from kb.sources import open_sources
from kb.verify import Finding, Result, items, noticed, verify

DIFFERENT, USAGE, UNANSWERED, INTERRUPTED = 1, 2, 3, 130
"""Exit statuses beside 0; where there are differences too, 1 comes before 3."""
UNANSWERED_CODE = "KB608"
ON_TERMINAL, ELSEWHERE = 0.5, 10.0
"""Seconds between two reports of progress."""


def run(root: Path, options: argparse.Namespace) -> int:
    """Run `kb verify`; the result is the exit status."""
    project = read_project(root)
    unknown = _unknown(project, options.only)
    if unknown:
        print(f"kb verify: {unknown}", file=sys.stderr)
        return USAGE
    wanted = items(project, set(options.only), options.since or "", not options.no_links, date.today())
    progress = _Progress(len(wanted))
    try:
        with open_sources(root, options.timeout, options.fresh) as sources:
            results = verify(wanted, sources, progress)
    except ValueError as error:  # KB_CONTACT is no address
        print(f"kb verify: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        progress.end()
        print("kb verify: interrupted; what was answered is kept for seven days, run it again to go on", file=sys.stderr)
        return INTERRUPTED
    progress.end()
    listed = [result for group in results.values() for result in group]
    findings = _without_repetition([finding for result in listed for finding in result.findings], noticed(project, listed))
    mended = mend(root, findings) if options.fix else set()
    _tell_incomparable(results)
    left = [finding.problem for finding in findings if finding.problem not in mended]
    for problem in sorted(mended):
        print(f"mended: {problem.as_text()}")
    print(report(left, options.format), end="")
    print(f"kb verify: {_counts(listed, left, mended)}", file=sys.stderr)
    return _status(left)


def _without_repetition(found: list[Finding], more: Iterable[Finding]) -> list[Finding]:
    """What notices say of a work only where its own record says nothing of it."""
    told = {finding.key for finding in found if finding.problem.code == "KB605"}
    return [*found, *(finding for finding in more if finding.key not in told)]


def _unknown(project: Project, only: list[str]) -> str:
    trials = {name for page, trial in project.trials for name in (page.stem, *trial.registry)}
    known = set(project.entry) | trials
    for name in only:
        if name not in known:
            near = nearest(name, known)
            return f"no work or trial '{name}'" + (
                f"; did you mean '{near}'?" if near else "; give keys of works or numbers of trials"
            )
    return ""


def _tell_incomparable(results: dict[str, list[Result]]) -> None:
    """Name what has no public record to compare with, by reason."""
    reasons: dict[str, list[str]] = {}
    for name, group in results.items():
        for result in group:
            if result.incomparable:
                reasons.setdefault(result.incomparable, []).append(name)
    for reason, names in sorted(reasons.items()):
        print(f"not comparable ({reason}): {', '.join(sorted(names, key=str.lower))}")


def _counts(results: list[Result], left: list[Problem], mended: set[Problem]) -> str:
    differences = len({problem for problem in left if problem.code != UNANSWERED_CODE})
    counts = [
        f"{sum(result.compared for result in results)} compared",
        f"{differences} {'difference' if differences == 1 else 'differences'}",
        f"{sum(result.silent for result in results)} without answer",
        f"{sum(bool(result.incomparable) for result in results)} not comparable",
    ]
    return ", ".join(counts + ([f"{len(mended)} mended"] if mended else []))


def _status(left: list[Problem]) -> int:
    if any(problem.severity == "error" for problem in left):
        return DIFFERENT
    return UNANSWERED if any(problem.code == UNANSWERED_CODE for problem in left) else 0


class _Progress:
    """Says on stderr how far a run is: on a terminal in place, elsewhere in a line now and then."""

    def __init__(self, total: int):
        self._total, self._started = total, time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._next = self._started + 1.0  # nothing for a run that takes less than a second

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + (ON_TERMINAL if self._terminal else ELSEWHERE)
            end = "\r" if self._terminal else "\n"
            print(f"kb verify: {done} of {self._total}, {now - self._started:.0f} s", end=end, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line free for what is printed next."""
        if self._terminal:
            print("\033[K", end="", file=sys.stderr)
