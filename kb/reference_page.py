"""Makes the reference page and its downloads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape

from kb.bibliography import Entry
from kb.html import address, filters, link
from kb.pages import Page
from kb.project import Project
from kb.references import STATES, as_bibtex, as_csl_json, as_ris, badge, badges, sort_key

EXPORTS = {"bib": ("BibTeX", as_bibtex), "ris": ("RIS", as_ris), "json": ("CSL-JSON", as_csl_json)}
"""File ending, name and writer of each download format."""


def exports(project: Project) -> Iterator[tuple[str, str]]:
    """(path in the site, content) of the bibliography downloads: all works in each format, and a script with each work alone.

    One script instead of three files for each work: thousands of small files would cost more than the pages themselves,
    and a page opened from the file system may load a script but no file.
    """
    entries = sorted(project.entry.values(), key=sort_key)
    by_key = {entry.key: {ending: write([entry]) for ending, (_, write) in EXPORTS.items()} for entry in entries}
    yield "references/export.js", f"window.kbExport = {json.dumps(by_key, ensure_ascii=False)};\n"
    for ending, (_, write) in EXPORTS.items():
        yield f"references/all.{ending}", write(entries)


def reference_list(project: Project, base: Page, references: Mapping[str, str]) -> str:
    """The reference page: filter, downloads and every work with links back to where it is cited."""
    entries = sorted(project.entry.values(), key=sort_key)
    items = "\n".join(_item(project, base, entry, references[entry.key]) for entry in entries)
    return f'{_filter(entries)}\n<ol class="kb-bibliography" id="bibliography" role="list">\n{items}\n</ol>'


def _filter(entries: list[Entry]) -> str:
    years = sorted({entry.get("year") for entry in entries if entry.get("year")}, reverse=True)
    designs = sorted({design for entry in entries for design in entry.designs})
    states = [*STATES, "secondary", "uncited"]
    form = filters("bibliography", "references", len(entries), year=years, design=designs, state=states)
    everything = " ".join(f'<a href="references/all.{end}" download>{name}</a>' for end, (name, _) in EXPORTS.items())
    return f'{form}\n<p class="kb-downloads" data-search-exclude>All {len(entries)} references: {everything}</p>'


def _item(project: Project, base: Page, entry: Entry, reference: str) -> str:
    pages = project.cited_on.get(entry.key, [])
    states = [kind for kind, _ in badges(entry)] + ([] if pages else ["uncited"])
    cited = ", ".join(link(address(page, base), page.title) for page in pages)
    return (
        f'<li id="{entry.key}" data-year="{escape(entry.get("year"))}" data-design="{escape("|".join(entry.designs))}"'
        f' data-state="{escape("|".join(states))}"><p>{reference}</p>'
        f'<p class="kb-ref-use"><code>[@{entry.key}]</code> '
        + (f"Cited on: {cited}." if cited else badge("uncited", "Not cited on any page"))
        + f' <span class="kb-export" data-key="{entry.key}"></span></p></li>'
    )


def search_text(project: Project) -> str:
    """Every work in plain words, for the search index."""
    entries = sorted(project.entry.values(), key=sort_key)
    return "".join(f"<p>{escape(_plain(entry))}</p>" for entry in entries)


def _plain(entry: Entry) -> str:
    people = ", ".join(family for family, _ in entry.authors if family != "others")
    words = (people, entry.plain_title, entry.get("journal"), entry.get("year"), entry.get("doi"), entry.get("registryid"))
    return ". ".join(word for word in words if word)
