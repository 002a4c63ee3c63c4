"""Says what a work is in other forms: CSL-JSON, links, badges, HTML of its reference, exports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Any
from urllib.parse import quote

import rispy

from kb.bibliography import Entry

CSL_TYPES = {
    "article": "article-journal",
    "book": "book",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "misc": "document",
    "phdthesis": "thesis",
    "techreport": "report",
}
"""BibTeX types that the bibliography may use, and what CSL calls them."""

_RIS_TYPES = {
    "article": "JOUR",
    "book": "BOOK",
    "incollection": "CHAP",
    "inproceedings": "CONF",
    "phdthesis": "THES",
    "techreport": "RPRT",
}
_CSL_FIELDS = {
    "title": "title",
    "journal": "container-title",
    "booktitle": "container-title",
    "volume": "volume",
    "number": "issue",
    "publisher": "publisher",
    "howpublished": "publisher",
    "address": "publisher-place",
    "doi": "DOI",
    "pmid": "PMID",
    "pmcid": "PMCID",
    "url": "URL",
    "note": "note",
}
STATES = {
    "retracted": "Retracted",
    "corrected": "Corrected",
    "concern": "Expression of concern",
}
"""Values of the field `status`, and the words on the badge."""

SECONDARY = "Seen second-hand only"


def csl_json(entry: Entry) -> dict[str, Any]:
    """The entry as a CSL-JSON item (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html)."""
    item: dict[str, Any] = {"id": entry.key, "type": CSL_TYPES.get(entry.kind, "document")}
    for name, csl_name in _CSL_FIELDS.items():
        if entry.get(name):
            item.setdefault(csl_name, entry.get(name))
    if entry.get("pages"):
        item["page"] = re.sub(r"-{1,2}", "\u2013", entry.get("pages"))
    authors = [_csl_name(*name) for name in _people(entry)]
    if authors:
        item["author"] = authors
    if re.fullmatch(r"\d{4}", entry.get("year")):
        item["issued"] = {"date-parts": [[int(entry.get("year"))]]}
    return item


def _csl_name(family: str, given: str) -> dict[str, str]:
    return {"family": family, "given": given} if given else {"literal": family}


def _doi_address(doi: str) -> str:
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}"


def identifiers(entry: Entry) -> list[tuple[str, str]]:
    """(label, address) of everything that leads to the work."""
    links = []
    if entry.get("doi"):
        links.append((f"doi:{entry.get('doi')}", _doi_address(entry.get("doi"))))
    if entry.get("pmid"):
        links.append((f"PubMed {entry.get('pmid')}", f"https://pubmed.ncbi.nlm.nih.gov/{entry.get('pmid')}/"))
    if entry.get("pmcid"):
        links.append((entry.get("pmcid"), f"https://pmc.ncbi.nlm.nih.gov/articles/{entry.get('pmcid')}/"))
    if entry.get("url") and (not links or entry.get("registryid")):
        links.append((entry.get("registryid") or "Web page", entry.get("url")))
    return links


def badges(entry: Entry) -> list[tuple[str, str]]:
    """(class, words) of what a reader must know before trusting the work."""
    found = []
    if entry.get("status") in STATES:
        found.append((entry.get("status"), STATES[entry.get("status")]))
    if entry.get("confirmed") == "secondary":
        found.append(("secondary", SECONDARY))
    return found


def badge(kind: str, words: str) -> str:
    """A badge as HTML."""
    return f'<span class="kb-badge kb-badge-{kind}">{words}</span>'


def reference_html(entry: Entry, formatted: str) -> str:
    """The whole reference as printed on the site: text, links, design, badges, notice."""
    parts = [f'<span class="kb-ref-text">{formatted}</span>']
    if not entry.authors:
        parts.append('<span class="kb-ref-note">Authors not seen in a public record.</span>')
    if entry.get("note"):
        parts.append(f'<span class="kb-ref-note">{_inline(entry.get("note"))}</span>')
    links = " ".join(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in identifiers(entry))
    if links:
        parts.append(f'<span class="kb-ref-links">{links}</span>')
    if entry.designs:
        parts.append(f'<span class="kb-design">{escape(", ".join(entry.designs))}</span>')
    parts += [badge(kind, words) for kind, words in badges(entry)]
    if entry.get("notice"):
        parts.append(f'<a class="kb-ref-notice" href="{escape(notice_address(entry))}">Notice</a>')
    return " ".join(parts)


def _inline(text: str) -> str:
    """Text for HTML; only the three marks that `decode` makes stay marks."""
    return re.sub(r"&lt;(/?(?:sup|sub|i))&gt;", r"<\1>", escape(text))


def notice_address(entry: Entry) -> str:
    """Address of the retraction, correction or concern."""
    notice = entry.get("notice")
    return notice if notice.startswith("http") else _doi_address(notice)


def sort_key(entry: Entry) -> tuple[str, str, str]:
    """Order of the reference page: first author (else title), year, key."""
    first = entry.authors[0][0] if entry.authors else entry.plain_title
    return first.casefold(), entry.get("year"), entry.key


def as_bibtex(entries: Iterable[Entry]) -> str:
    """The entries as they stand in the file."""
    return "".join(f"{entry.raw}\n\n" for entry in entries)


def as_csl_json(entries: Iterable[Entry]) -> str:
    """A CSL-JSON array."""
    # One work on a line: indentation would take the slow, pure Python encoder.
    return "[\n" + ",\n".join(json.dumps(csl_json(entry), ensure_ascii=False) for entry in entries) + "\n]\n"


def as_ris(entries: Iterable[Entry]) -> str:
    """RIS; sub- and superscripts stay as <sub> and <sup>, which reference managers read."""
    return rispy.dumps([_ris(entry) for entry in entries]) + "\n"


def _people(entry: Entry) -> list[tuple[str, str]]:
    return [name for name in entry.authors if name != ("others", "")]


def _ris(entry: Entry) -> dict[str, Any]:
    first, _, last = re.sub(r"-{1,2}", "-", entry.get("pages")).partition("-")
    pmid, pmcid = entry.get("pmid"), entry.get("pmcid")
    item = {
        "type_of_reference": _RIS_TYPES.get(entry.kind, "GEN"),
        "id": entry.key,
        # RIS reads a comma as the end of a family name, so an organisation is written without.
        "authors": [f"{family}, {given}" if given else family.replace(",", "") for family, given in _people(entry)],
        "title": entry.get("title"),
        "secondary_title": entry.get("journal") or entry.get("booktitle"),
        "year": entry.get("year"),
        "volume": entry.get("volume"),
        "number": entry.get("number"),
        "start_page": first,
        "end_page": last,
        "publisher": entry.get("publisher") or entry.get("howpublished"),
        "doi": entry.get("doi"),
        "urls": [url for _, url in identifiers(entry)],
        "accession_number": pmid,
        "custom2": pmcid,
        "notes": [entry.get("note")] if entry.get("note") else [],
    }
    return {name: value for name, value in item.items() if value}
