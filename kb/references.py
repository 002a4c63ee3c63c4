"""Formats references: CSL-JSON, one citeproc run for all of them (cached by content), links, badges and exports."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pypandoc
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
_ENTRY = re.compile(r'<div id="ref-(?P<key>[^"]+)"[^>]*>\s*(?P<html>.*?)\s*</div>', re.DOTALL)
_SPAN = re.compile(r"</?span[^>]*>")  # pandoc's own marks for case and quotation; no entry can hold a span
_CACHE_VERSION = "2"


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


def format_references(entries: Iterable[Entry], style: Path, cache: Path) -> dict[str, str]:
    """Reference text of every entry as HTML, from one run of pandoc's citeproc.

    Args:
        entries: the works.
        style: the CSL file.
        cache: folder for results; a result is reused while entry and style are the same, a damaged file is made anew.

    Raises:
        RuntimeError: when pandoc fails or gives no text for an entry: a reference is never lost in silence.
    """
    items = [(_printable(csl_json(entry), entry)) for entry in entries]
    style_text = style.read_text(encoding="utf-8")
    digests = {item["id"]: _digest(style_text, item) for item in items}
    known = _read_cache(cache / "references.json")
    missing = [item for item in items if digests[item["id"]] not in known]
    if missing:
        for key, html in _run_citeproc(missing, style).items():
            known[digests[key]] = html
        used = {digest: known[digest] for digest in digests.values()}
        _write_cache(cache / "references.json", used)
    return {key: known[digest] for key, digest in digests.items()}


def _printable(item: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """Only what the style prints, and 'et al.' as an author where more authors exist than were seen."""
    kept = {k: v for k, v in item.items() if k not in ("DOI", "PMID", "PMCID", "URL", "note")}
    if ("others", "") in entry.authors:
        kept["author"] = [*kept.get("author", []), {"literal": "et al"}]
    return kept


def _digest(style: str, item: dict[str, Any]) -> str:
    content = json.dumps([_CACHE_VERSION, style, item], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def _read_cache(file: Path) -> dict[str, str]:
    """What was kept, or nothing where a byte of it is not as it was written."""
    try:
        seal, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return {}
    return json.loads(content) if seal == _seal(content) else {}


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _write_cache(file: Path, value: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")  # two builds at once do not write into one file
    content = json.dumps(value, ensure_ascii=False).encode()
    fresh.write_bytes(_seal(content) + b"\n" + content)
    fresh.replace(file)


def _run_citeproc(items: list[dict[str, Any]], style: Path) -> dict[str, str]:
    # All works as the document's own metadata: pandoc reads them from its input, nothing is written to disk.
    document = json.dumps(items, ensure_ascii=False)
    command = [pypandoc.get_pandoc_path(), "--from=csljson", "--to=html", "--citeproc", f"--csl={style}", "--wrap=none"]
    run = subprocess.run(command, input=document, capture_output=True, encoding="utf-8", check=False)
    if run.returncode:
        raise RuntimeError(f"citeproc failed: {run.stderr.strip()}")
    found = {m["key"]: _SPAN.sub("", m["html"]) for m in _ENTRY.finditer(run.stdout)}
    lost = [item["id"] for item in items if not found.get(item["id"])]
    if lost:
        raise RuntimeError(f"citeproc gave no text for {', '.join(lost)}")
    return found


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
