"""Finds the records of one work at all services, and makes sure that they are of that work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from kb.comparison import Difference
from kb.sources import NoAnswer, Sources
from kb.works import Work, from_crossref, from_pubmed

T = TypeVar("T")
SEARCHED = 3
"""Hits of a search for a DOI that are looked at: the search finds more than what was asked for."""


@dataclass
class Found:
    """What the services said about one work.

    Attributes:
        works: its records, Crossref first.
        wrong: identifiers that are unknown or lead to another work (KB604).
        silent: services that gave no answer, and why.
        elsewhere: the DOI exists, but Crossref does not have it.
    """

    works: list[Work] = field(default_factory=list)
    wrong: list[Difference] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    elsewhere: bool = False

    def ask(self, question: Callable[[str], T], identifier: str) -> T | None:
        """The answer, or None and a note that there is none."""
        try:
            return question(identifier)
        except NoAnswer as error:
            self.silent.append(str(error))
            return None

    def reject(self, name: str, message: str, fix: dict[str, str] | None = None) -> None:
        """Note an identifier that is wrong."""
        self.wrong.append(Difference("KB604", name, message, fix or {}))


def look_up(sources: Sources, doi: str = "", pmid: str = "", pmcid: str = "", search: bool = False) -> Found:
    """All records of a work.

    Args:
        sources: the services.
        doi: identifiers of the work; at least one of the three.
        pmid: its number in PubMed.
        pmcid: its number in PMC, used where neither of the others is known.
        search: look for the PubMed record by DOI where its number is not known.
    """
    found = Found()
    doi = doi.lower()
    if pmcid and not doi and not pmid:
        ids = found.ask(sources.article_ids, pmcid)
        if ids == {}:
            found.reject("pmcid", f"pmcid '{pmcid}' is not known to PMC; correct it")
        doi, pmid = ((ids or {}).get(name, "") for name in ("doi", "pmid"))
        doi = doi.lower()
    medline = _from_pubmed(sources, found, pmid, doi) if pmid else None
    doi = doi or (medline.doi if medline else "")
    if doi:
        _from_crossref(sources, found, doi, medline)
    if search and doi and not pmid:
        medline = _searched(sources, found, doi)
    if medline and not any(difference.field == "pmid" for difference in found.wrong):
        found.works.append(medline)
    return found


def _from_pubmed(sources: Sources, found: Found, pmid: str, doi: str) -> Work | None:
    silent = len(found.silent)
    record = found.ask(sources.pubmed, pmid)
    if record is None:
        if len(found.silent) == silent:
            found.reject("pmid", f"pmid '{pmid}' is not known to PubMed; correct it")
        return None
    work = from_pubmed(record)
    if work.pmid != pmid:
        found.reject("pmid", f"pmid '{pmid}' was answered with the record of '{work.pmid}'; correct it")
        return None
    return work


def _from_crossref(sources: Sources, found: Found, doi: str, medline: Work | None) -> None:
    silent = len(found.silent)
    record = found.ask(sources.crossref, doi)
    if record is not None:
        work = from_crossref(record)
        if work.doi == doi:
            found.works.append(work)
        else:
            found.reject("doi", f"doi '{doi}' was answered with the record of '{work.doi}'; correct it")
    elif len(found.silent) == silent:
        found.elsewhere = found.ask(sources.is_registered, doi) is True
        if not found.elsewhere and len(found.silent) == silent:
            other = medline.doi if medline and medline.doi != doi else ""
            hint = f"PubMed has '{other}'" if other else "correct it"
            found.reject("doi", f"doi '{doi}' does not exist; {hint}", {"doi": other} if other else {})
            return
    if medline and medline.doi and medline.doi != doi:
        found.reject("pmid", f"pmid '{medline.pmid}' is the record of doi '{medline.doi}', not of '{doi}'; correct one")


def _searched(sources: Sources, found: Found, doi: str) -> Work | None:
    for number in (found.ask(sources.pubmed_numbers, doi) or [])[:SEARCHED]:
        record = found.ask(sources.pubmed, number)
        if record is not None and (work := from_pubmed(record)).doi == doi:
            return work
    return None
