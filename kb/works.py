"""Turns the records of Crossref and PubMed into works in our terms; a record that lacks a field gives an empty one."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from kb.cleaning import clean, plain

State = tuple[str, str]
"""A state of the field `status`, and the DOI or address of its notice."""
RANK = {"": 0, "corrected": 1, "concern": 2, "retracted": 3}
"""How much a state weighs: of several the heaviest is shown."""
_STATE_OF_UPDATE = {
    **dict.fromkeys(("retraction", "partial_retraction", "removal", "withdrawal"), "retracted"),
    "expression_of_concern": "concern",
    **dict.fromkeys(("correction", "corrigendum", "erratum"), "corrected"),
}
"""Update types of Crossref, those of Retraction Watch among them; additions and new editions are no state."""
_STATE_OF_COMMENT = {
    "RetractionIn": "retracted",
    "ExpressionOfConcernIn": "concern",
    "ErratumIn": "corrected",
    "CorrectedandRepublishedIn": "corrected",
}
_NOTICE_OF_COMMENT = ("RetractionOf", "ExpressionOfConcernFor", "ErratumFor")
_KIND_OF_TYPE = {
    "journal-article": "article",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "book-chapter": "incollection",
    "proceedings-article": "inproceedings",
    "dissertation": "phdthesis",
    "report": "techreport",
}
_DESIGN_OF_TYPE = {
    "Meta-Analysis": "meta-analysis",
    "Systematic Review": "systematic review",
    "Practice Guideline": "guideline",
    "Guideline": "guideline",
    "Randomized Controlled Trial": "randomised trial",
    "Case Reports": "case report",
    "Review": "narrative review",
    "Retraction Notice": "notice",
    "Published Erratum": "notice",
}
"""What PubMed's publication types suggest, the more telling first; a person decides."""


@dataclass(frozen=True)
class Work:
    """A work as a service describes it; what the service does not tell is empty.

    Attributes:
        source: the service, as messages name it.
        seenat: the public address of the record.
        kind: BibTeX type.
        title: text with <sup>, <sub> and <i> and no other markup, as `Entry.fields` has it.
        other_titles: the title with its subtitle, the original title.
        authors: (family, given or initials) in order; an organisation has no second part.
        years: of print, of online publication; the first is the one to cite.
        state: the heaviest state that the record carries, with the notice.
        notice_of: (state, DOI) of the works that this one is a notice of.
        designs: study designs that the record suggests.
    """

    source: str
    seenat: str
    kind: str = "article"
    title: str = ""
    other_titles: tuple[str, ...] = ()
    authors: tuple[tuple[str, str], ...] = ()
    journal: str = ""
    publisher: str = ""
    years: tuple[str, ...] = ()
    volume: str = ""
    number: str = ""
    pages: tuple[str, ...] = ()
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    state: State = ("", "")
    notice_of: tuple[State, ...] = ()
    designs: tuple[str, ...] = field(default=())


def from_crossref(record: dict[str, Any]) -> Work:
    """A work from the `message` of Crossref's REST API."""
    titles, subtitles = _texts(record, "title", clean), _texts(record, "subtitle", clean)
    title = titles[0] if titles else ""
    others = [f"{title}: {subtitle}" for subtitle in subtitles] + titles[1:] + _texts(record, "original-title", clean)
    journals = _texts(record, "container-title")
    doi = plain(record.get("DOI")).lower()
    pages = [page for page in (plain(record.get("page")), plain(record.get("article-number"))) if page]
    kind = _KIND_OF_TYPE.get(plain(record.get("type")), "misc")
    return Work(
        source="Crossref",
        seenat=f"https://api.crossref.org/works/{doi}",
        kind=kind,
        title=title,
        other_titles=tuple(others),
        authors=tuple(name for person in _records(record, "author") if (name := _crossref_author(person)) != ("", "")),
        journal=journals[0] if journals else "",
        publisher=plain(record.get("publisher")),
        years=_years(record),
        volume=plain(record.get("volume")),
        number=plain(record.get("issue")),
        pages=tuple(pages),
        doi=doi,
        state=_heaviest(_updates(record, "updated-by"), doi),
        notice_of=tuple(update for update in _updates(record, "update-to") if update[1] != doi),
    )


def _crossref_author(person: dict[str, Any]) -> tuple[str, str]:
    family, given = plain(person.get("family")), plain(person.get("given"))
    if not family:
        return plain(person.get("name")) or given, ""
    suffix = plain(person.get("suffix"))
    return (f"{family} {suffix}" if suffix else family), given


def _years(record: dict[str, Any]) -> tuple[str, ...]:
    """Years of issue, print and online publication, without repetition."""
    found = []
    for name in ("published-print", "issued", "published", "published-online"):
        dates = record.get(name)
        parts = dates.get("date-parts") if isinstance(dates, dict) else None
        first = parts[0] if isinstance(parts, list) and parts else None
        year = first[0] if isinstance(first, list) and first else None
        if isinstance(year, int | str) and re.fullmatch(r"\d{4}", str(year)):
            found.append(str(year))
    return tuple(dict.fromkeys(found))


def _updates(record: dict[str, Any], name: str) -> list[State]:
    found = []
    for update in _records(record, name):
        state = _STATE_OF_UPDATE.get(plain(update.get("type")).lower().replace("-", "_").replace(" ", "_"), "")
        if state:
            found.append((state, plain(update.get("DOI")).lower()))
    return found


def _heaviest(states: list[State], own: str = "") -> State:
    """The state that weighs most; where a work was corrected in place, it is its own notice."""
    heaviest = max(states, key=lambda state: (RANK[state[0]], state[1] != own), default=("", ""))
    return heaviest if heaviest[1] or not heaviest[0] else (heaviest[0], own)


def _records(record: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = record.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(record: dict[str, Any], name: str, read: Any = plain) -> list[str]:
    value = record.get(name)
    items = value if isinstance(value, list) else [value]
    return [text for text in map(read, items) if text]


def from_pubmed(record: etree._Element) -> Work:
    """A work from `PubmedArticle` or `PubmedBookArticle` of efetch."""
    pmid = _found(record, "./*/PMID")
    ids = {item.get("IdType"): plain(item.text) for item in record.iterfind("./*/ArticleIdList/ArticleId")}
    types = [plain(item.text) for item in record.iterfind(".//PublicationType")]
    comments = list(record.iterfind("./MedlineCitation/CommentsCorrectionsList/CommentsCorrections"))
    title = re.sub(r"(?<=[^.])\.$", "", clean(_markup(record.find(".//ArticleTitle"))))
    translated = re.fullmatch(r"\[(.+?)\.?\]", title)  # PubMed puts a title that it translated into brackets
    original = clean(_markup(record.find(".//VernacularTitle"))).rstrip(".")
    year = _found(record, ".//JournalIssue/PubDate/Year") or _found(record, ".//JournalIssue/PubDate/MedlineDate")[:4]
    years = [year, _found(record, ".//ArticleDate/Year"), _found(record, ".//Book/PubDate/Year")]
    return Work(
        source="PubMed",
        seenat=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        title=translated[1] if translated else title,
        other_titles=(original,) if original else (),
        authors=tuple(name for author in _authors(record) if (name := _pubmed_author(author)) != ("", "")),
        journal=_found(record, ".//Journal/Title"),
        years=tuple(dict.fromkeys(y for y in years if re.fullmatch(r"\d{4}", y))),
        volume=_found(record, ".//JournalIssue/Volume"),
        number=_found(record, ".//JournalIssue/Issue"),
        pages=tuple(page for page in (_found(record, ".//Pagination/MedlinePgn"),) if page),
        doi=ids.get("doi", "").lower(),
        pmid=pmid,
        pmcid=ids.get("pmc", "").upper(),
        state=_heaviest([_noted(item) for item in comments if item.get("RefType") in _STATE_OF_COMMENT]),
        notice_of=tuple(("notice", _noted(item)[1]) for item in comments if item.get("RefType") in _NOTICE_OF_COMMENT),
        designs=tuple(design for name, design in _DESIGN_OF_TYPE.items() if name in types),
    )


def _authors(record: etree._Element) -> list[etree._Element]:
    return [a for names in record.iterfind(".//AuthorList") if names.get("Type") != "editors" for a in names.iterfind("Author")]


def _pubmed_author(author: etree._Element) -> tuple[str, str]:
    family = _found(author, "LastName")
    if not family:
        return _found(author, "CollectiveName"), ""
    suffix, given = _found(author, "Suffix"), _found(author, "ForeName") or " ".join(_found(author, "Initials"))
    return (f"{family} {suffix}" if suffix else family), given


def _noted(comment: etree._Element) -> State:
    """The state that a comment of PubMed stands for, and the DOI in its reference, or the address of its record."""
    doi = re.search(r"\b(10\.\d{4,9}/\S*[^\s.,;])", _found(comment, "RefSource"))
    pmid = _found(comment, "PMID")
    address = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else ""
    return _STATE_OF_COMMENT.get(comment.get("RefType", ""), "notice"), doi[1].lower() if doi else address


def _found(record: etree._Element, path: str) -> str:
    return plain(_markup(record.find(path)))


def _markup(element: etree._Element | None) -> str:
    """The content of an element with its tags, as `clean` takes it."""
    if element is None:
        return ""
    inner = html.escape(element.text or "", quote=False)
    return inner + "".join(etree.tostring(child, encoding="unicode") for child in element)
