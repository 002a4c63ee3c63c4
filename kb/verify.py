"""Compares every work, trial and outside link with the public records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import unquote

from kb.bibliography import Entry
from kb.comparison import Difference, compare, is_same
from kb.lookup import Found, look_up
from kb.pages import Page
from kb.problems import Problem
from kb.project import Project
from kb.records import Trial
from kb.registrations import NUMBER, differences, from_study
from kb.sources import NoAnswer, Sources
from kb.works import RANK, Work

WORKERS = 6
"""Questions under way at the same time; each host is asked in turn all the same."""
_DOI_LINK = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\d{4,9}/[^\s?#]+)", re.I)


@dataclass(frozen=True)
class Finding:
    """A difference as a problem, with what would mend it.

    Attributes:
        problem: the difference.
        key: the entry concerned; empty where the problem lies in a page.
        fix: new values by field of the entry, or of the trial of the page; empty where a person must decide.
    """

    problem: Problem
    key: str = ""
    fix: dict[str, Any] = field(default_factory=dict)


@dataclass
class Result:
    """What came out for one item.

    Attributes:
        findings: what differs, and what was not answered (KB608).
        compared: at least one record was compared.
        silent: at least one service gave no answer.
        incomparable: why there is nothing to compare with, or an empty string.
        notices: (state, DOI of the work, DOI of the notice) that a record reports about another work.
    """

    findings: list[Finding] = field(default_factory=list)
    compared: bool = False
    silent: bool = False
    incomparable: str = ""
    notices: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Item:
    """One thing to verify: its name, and what asks."""

    name: str
    run: Callable[[Sources], Result]


def items(project: Project, only: set[str], since: str, links: bool, today: date) -> list[Item]:
    """What is to be verified.

    Args:
        project: as it was read.
        only: keys and registry numbers; empty for all.
        since: leave out what was seen before this day; empty for all.
        links: outside links too; those of the text only where neither `only` nor `since` limits the run.
        today: written as the day on which a status was seen.
    """
    path = project.bibliography.path
    entries = [e for e in project.bibliography.entries if _wanted({e.key}, e.get("seenon"), only, since)]
    trials = [
        (page, trial)
        for page, trial in project.trials
        if _wanted({page.stem, *trial.registry}, trial.status_seen.isoformat(), only, since)
    ]
    found = [Item(entry.key, partial(_verify_entry, path, entry)) for entry in entries]
    found += [Item(page.stem, partial(_verify_trial, page, trial, today)) for page, trial in trials]
    if links:
        places: dict[str, list[Problem]] = {}
        text = [] if only or since else _links_in_text(project.pages)
        for address, problem in [*_links_of_entries(path, entries), *text]:
            places.setdefault(address, []).append(problem)
        found += [Item(address, partial(_verify_link, address, at)) for address, at in places.items()]
    return found


def _wanted(names: set[str], seen: str, only: set[str], since: str) -> bool:
    return (not only or bool(names & only)) and (not since or seen >= since[: len(seen)])


def verify(wanted: list[Item], sources: Sources, progress: Callable[[int], None]) -> dict[str, list[Result]]:
    """Ask for all items; what was answered before is remembered by `sources`.

    Args:
        wanted: the items.
        sources: the services.
        progress: called with the number of items done.

    Returns:
        Results by name; a trial and its registry record share a name.
    """
    results: dict[str, list[Result]] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        asked = {pool.submit(item.run, sources): item.name for item in wanted}
        try:
            for done, future in enumerate(as_completed(asked), 1):
                results.setdefault(asked[future], []).append(future.result())
                progress(done)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


def _verify_entry(path: str, entry: Entry, sources: Sources) -> Result:
    ids = {name: entry.get(name) for name in ("doi", "pmid", "pmcid")}
    if any(ids.values()):
        return _compared(path, entry, look_up(sources, **ids))
    number = entry.get("registryid")
    if NUMBER.fullmatch(number) and "registry record" in entry.designs:
        return _compared(path, entry, _registered(sources, number))
    return Result(incomparable="no DOI, PubMed number or number of ClinicalTrials.gov")


def _compared(path: str, entry: Entry, found: Found) -> Result:
    told = compare(entry, found.works) if found.works else []
    wrong = found.wrong if is_same(entry, found.works) else [replace(d, fix={}) for d in found.wrong]
    listed = [Finding(_entry_problem(path, entry, d), entry.key, d.fix) for d in [*wrong, *told]]
    listed += [_unanswered(path, entry.line, entry.key, reason) for reason in found.silent]
    nothing = "its DOI is neither at Crossref nor in PubMed" if found.elsewhere and not found.works and not wrong else ""
    notices = [(state, about, work.doi) for work in found.works for state, about in work.notice_of if state in RANK]
    return Result(listed, bool(found.works or wrong), bool(found.silent), nothing, notices)


def _registered(sources: Sources, number: str) -> Found:
    """The registration of an entry, as a work with a title and nothing else."""
    found = Found()
    silent = len(found.silent)
    section = found.ask(sources.study, number)
    record = from_study(section) if section is not None else None
    if record is None and len(found.silent) == silent:
        found.reject("registryid", f"'{number}' is not known to ClinicalTrials.gov; correct it")
    elif record is not None and number.upper() not in (record.registry_id, *record.aliases):
        found.reject("registryid", f"'{number}' was answered with the record of '{record.registry_id}'; correct it")
    elif record is not None:
        title = record.official_title or record.title
        found.works.append(Work("ClinicalTrials.gov", "", title=title, other_titles=(record.title,)))
    return found


def _verify_trial(page: Page, trial: Trial, today: date, sources: Sources) -> Result:
    number = next((name for name in trial.registry if NUMBER.fullmatch(name)), "")
    if not number:
        return Result(incomparable="no number of ClinicalTrials.gov")
    line = page.line_of(("trial", "registry"))
    try:
        section = sources.study(number)
    except NoAnswer as error:
        return Result([_unanswered(page.path, line, number, str(error))], silent=True)
    record = from_study(section) if section is not None else None
    if record is None or number.upper() not in (record.registry_id, *record.aliases):
        what = f"was answered with the record of '{record.registry_id}'" if record else "is not known to ClinicalTrials.gov"
        return Result([Finding(Problem(page.path, line, "KB604", f"'{number}' {what}; correct it"))], compared=True)
    return Result([_trial_finding(page, d) for d in differences(trial, record, today)], compared=True)


def _trial_finding(page: Page, difference: Difference) -> Finding:
    line = page.line_of(("trial", difference.field))
    severity = "warning" if difference.warning else "error"
    dated = {name: date.fromisoformat(value) if name == "status_seen" else value for name, value in difference.fix.items()}
    return Finding(Problem(page.path, line, difference.code, difference.message, severity), fix=dated)


def _links_of_entries(path: str, entries: Iterable[Entry]) -> Iterator[tuple[str, Problem]]:
    """Every outside address of an entry, and the problem that it is if it leads nowhere."""
    for entry in entries:
        for name in ("url", "notice", "seenat"):
            for address in entry.get(name).split():
                address = f"https://doi.org/{address}" if name == "notice" and address.startswith("10.") else address
                if address.startswith(("http://", "https://")) and not _is_compared(entry, address):
                    severity = "warning" if name == "seenat" else "error"
                    message = f"{name} '{address}' does not exist any more; replace it"
                    yield address, Problem(path, entry.line_of(name), "KB607", message, severity)


def _is_compared(entry: Entry, address: str) -> bool:
    """Whether the page is the very record that the entry is compared with: it need not be asked for twice."""
    named = {f"doi.org/{entry.get('doi')}", f"api.crossref.org/works/{entry.get('doi')}"} if entry.get("doi") else set()
    named |= {f"pubmed.ncbi.nlm.nih.gov/{entry.get('pmid')}"} if entry.get("pmid") else set()
    named |= {f"clinicaltrials.gov/study/{entry.get('registryid')}"} if entry.get("registryid") else set()
    return re.sub(r"^https?://(?:www\.|dx\.)?", "", unquote(address)).rstrip("/").lower() in map(str.lower, named)


def _links_in_text(pages: Iterable[Page]) -> Iterator[tuple[str, Problem]]:
    for page in pages:
        for link in page.prose.links:
            if link.target.startswith(("http://", "https://")):
                message = f"link '{link.target}' does not exist any more; replace it"
                yield link.target, Problem(page.path, page.body_line_of(link.start), "KB607", message)


def _verify_link(address: str, places: list[Problem], sources: Sources) -> Result:
    doi = _DOI_LINK.fullmatch(address)
    try:
        alive = sources.is_registered(doi[1]) if doi else sources.is_alive(address)
    except NoAnswer as error:
        return Result([_unanswered(places[0].path, places[0].line, address, str(error))], silent=True)
    return Result([] if alive else [Finding(place) for place in places], compared=True)


def _unanswered(path: str, line: int, name: str, reason: str) -> Finding:
    return Finding(Problem(path, line, "KB608", f"'{name}' could not be verified: {reason}", "warning"))


def _entry_problem(path: str, entry: Entry, difference: Difference) -> Problem:
    severity = "warning" if difference.warning else "error"
    return Problem(path, entry.line_of(difference.field), difference.code, difference.message, severity)


def noticed(project: Project, results: Iterable[Result]) -> Iterator[Finding]:
    """Works that a notice in the bibliography is about, and that are not marked (`update-to`)."""
    by_doi = {entry.get("doi").lower(): entry for entry in project.bibliography.entries if entry.get("doi")}
    for result in results:
        for state, about, notice in result.notices:
            entry = by_doi.get(about)
            if entry and RANK[state] > RANK.get(entry.get("status"), 0):
                message = f"'{entry.key}' is not marked as {state} (the notice {notice} is in the bibliography); "
                message += f"add status = {{{state}}}, notice = {{{notice}}}"
                problem = Problem(project.bibliography.path, entry.line_of("status"), "KB605", message)
                yield Finding(problem, entry.key, {"status": state, "notice": notice})
