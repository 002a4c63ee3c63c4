"""Adds a work to the bibliography: looked up, complete, in its sorted place, and never twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote, unquote

from kb.bibliography import Entry
from kb.bibtext import ascii_letters, bib_names, entry_text, escaped, full_range, with_entry
from kb.lookup import look_up
from kb.problems import Problem
from kb.project import Project
from kb.registrations import NUMBER
from kb.sources import Sources
from kb.works import RANK, Work
from kb.writing import Refused, source_text

_SMALL = {"about", "after", "against", "among", "before", "between", "during", "from", "into", "through", "with", "within"}
"""Words of a title that tell nothing about it."""
_PREFIXES = (
    r"(https?://)?(dx\.)?doi\.org/",
    r"(https?://)?pubmed\.ncbi\.nlm\.nih\.gov/",
    r"(https?://)?(pmc|www)\.ncbi\.nlm\.nih\.gov/(pmc/)?articles/",
    r"(https?://)?(www\.)?clinicaltrials\.gov/study/",
    r"(doi|pmid|pmcid):\s*",
)
"""What stands before an identifier in an address, or in a list of references."""


@dataclass(frozen=True)
class Identifier:
    """What a work is asked for by: `kind` is doi, pmid, pmcid or registryid."""

    kind: str
    value: str


@dataclass(frozen=True)
class Proposal:
    """An entry that can be written.

    Attributes:
        key: its key.
        text: the entry.
        notes: what the person who adds it should know.
    """

    key: str
    text: str
    notes: tuple[str, ...] = ()


def identifier(text: str) -> Identifier:
    """A DOI, PMID, PMCID or NCT number, bare, with its prefix, or as an address.

    Raises:
        Refused: it is none of them.
    """
    bare = text.strip()
    for prefix in _PREFIXES:
        bare = re.sub(rf"^{prefix}", "", bare, flags=re.I)
    doi = unquote(bare) if re.search(r"%2F", bare, re.I) else bare
    if re.fullmatch(r"10\.\d{4,9}/[^\s{}]+", doi):
        return Identifier("doi", doi.lower())
    bare = bare.rstrip("/")
    for kind, pattern in (("pmid", r"[1-9]\d{0,8}"), ("pmcid", r"PMC\d+"), ("registryid", NUMBER.pattern)):
        if re.fullmatch(pattern, bare, re.I):
            return Identifier(kind, bare.upper())
    raise Refused(f"'{text}' is no identifier that can be looked up; give a DOI, PMID, PMCID (PMC1234567) or NCT number")


def refuse_duplicate(project: Project, ids: Iterable[Identifier]) -> None:
    """Refuse what is in the bibliography already.

    Raises:
        Refused: with the line of the entry that there is.
    """
    wanted = {(one.kind, one.value.lower()) for one in ids if one.value}
    for entry in project.bibliography.entries:
        for kind in ("doi", "pmid", "pmcid", "registryid"):
            value = entry.get(kind)
            if (kind, value.lower()) in wanted and (kind != "registryid" or "registry record" in entry.designs):
                message = f"{kind} '{value}' is that of [@{entry.key}]; cite it instead of adding it again"
                raise Refused(problems=[Problem(project.bibliography.path, entry.line_of(kind), "KB212", message)])


def find_work(project: Project, sources: Sources, wanted: Identifier) -> Work:
    """The work behind an identifier, as all services together describe it.

    Raises:
        Refused: unknown, in the bibliography already, or not answered.
    """
    refuse_duplicate(project, [wanted])
    found = look_up(sources, **{wanted.kind: wanted.value}, search=True)
    if found.wrong:
        raise Refused(found.wrong[0].message)
    if not found.works:
        why = "; ".join(found.silent) or "it exists, but neither Crossref nor PubMed has it: enter the work by hand"
        raise Refused(f"{wanted.kind} '{wanted.value}': {why}")
    work = _merged(found.works)
    refuse_duplicate(project, (Identifier(kind, getattr(work, kind)) for kind in ("doi", "pmid", "pmcid")))
    if found.silent:
        raise Refused(f"{'; '.join(found.silent)}; a complete entry needs it: try again later")
    return work


def _merged(works: list[Work]) -> Work:
    """The first record, with what only another one tells; of authors the longer list, of states the heavier."""
    merged = works[0]
    for other in works[1:]:
        told = {name: value for name, value in vars(other).items() if value and not getattr(merged, name)}
        if len(other.authors) > len(merged.authors):
            told["authors"] = other.authors
        if merged.title.isupper() and other.title:
            told["title"] = other.title
        if RANK[other.state[0]] > RANK[merged.state[0]]:
            told["state"] = other.state
        seenat = f"{merged.seenat} {other.seenat}"
        merged = replace(merged, **told | {"source": f"{merged.source} and {other.source}", "seenat": seenat})
    return merged


def propose(project: Project, work: Work, design: str, today: date, key: str = "", species: str = "") -> Proposal:
    """The entry of a work.

    Args:
        project: as it was read.
        work: what the services say.
        design: word or words of the vocabulary.
        today: the day on which the records were seen.
        key: for works whose authors have no Latin name; else it is made.
        species: left out where empty.

    Raises:
        Refused: a key cannot be made or is taken, or the record lacks a title.
    """
    if not work.title:
        raise Refused(f"the record of '{work.doi or work.pmid}' has no title; enter the work by hand")
    key = key or make_key(work, {entry.key.lower() for entry in project.bibliography.entries})
    refuse_key(project, key)
    container = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}.get(work.kind, "")
    fields = {
        "author": bib_names(work.authors),
        "title": escaped(work.title),
        "publisher": escaped(work.publisher) if work.kind != "article" else "",
        "year": work.years[0] if work.years else "",
        "volume": escaped(work.volume),
        "number": escaped(work.number),
        "pages": escaped(full_range(work.pages[0])) if work.pages else "",
        "doi": work.doi,
        "pmid": work.pmid,
        "pmcid": work.pmcid,
        "studydesign": design,
        "species": escaped(species),
        "seenat": " ".join(quote(address, safe=":/().;-_~") for address in work.seenat.split()),
        "seenon": today.isoformat(),
        "confirmed": "primary",
        "status": work.state[0],
        "notice": work.state[1],
    }
    if container:
        fields[container] = escaped(work.journal)
    return Proposal(key, entry_text(work.kind, key, fields), tuple(_notes(project, work)))


def _notes(project: Project, work: Work) -> Iterable[str]:
    if work.state[0]:
        yield f"this work is marked as {work.state[0]}; the notice is {work.state[1]}"
    for _, about in work.notice_of:
        marked: Entry | None = next((e for e in project.bibliography.entries if e.get("doi").lower() == about), None)
        yield f"this work is a notice about {about}" + (f"; mark [@{marked.key}] with it" if marked else "")


def refuse_key(project: Project, key: str) -> None:
    """Refuse a key that is taken; keys differ by more than case."""
    taken = next((entry for entry in project.bibliography.entries if entry.key.lower() == key.lower()), None)
    if taken:
        message = f"key '{key}' is already used; choose another with --key"
        raise Refused(problems=[Problem(project.bibliography.path, taken.line, "KB211", message)])


def make_key(work: Work, taken: set[str]) -> str:
    """`AuthorYear`, with a word of the title where that key is taken.

    Args:
        work: with authors, years and title.
        taken: keys in lower case.

    Raises:
        Refused: no Latin letters to make a key from.
    """
    name = "".join(_latin(part) for part in work.authors[0][0].split()) if work.authors else ""
    year = work.years[0] if work.years else ""
    if not re.match(r"[A-Za-z]", name) or not year:
        raise Refused("a key cannot be made from author and year of this record; give one with --key")
    words = [word.lower() for word in re.findall(r"[A-Za-z]{4,}", ascii_letters(work.title)) if word.lower() not in _SMALL]
    keys = (f"{name}{year}{word}" for word in ["", *words])
    key = next((key for key in keys if key.lower() not in taken), "")
    if not key:
        raise Refused(f"key '{name}{year}' is already used, with every word of the title too; give one with --key")
    return key


def _latin(word: str) -> str:
    letters = re.sub(r"[^A-Za-z-]", "", ascii_letters(word))
    return letters[:1].upper() + letters[1:]


def with_proposal(project: Project, proposal: Proposal) -> dict[str, str]:
    """The bibliography with one more entry, as text by path.

    Raises:
        Refused: the bibliography cannot be read, so that its order is not known.
    """
    if project.bibliography.problems:
        raise Refused(problems=project.bibliography.problems)
    path = project.bibliography.path
    return {path: with_entry(source_text(project, path), project.bibliography, proposal.key, proposal.text)}
