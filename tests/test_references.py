"""Exports read back with parsers that are not ours, and references as the style prints them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import rispy
from citeproc.source.json import CiteProcJSON
from pybtex.database import parse_string

from kb.bibliography import read_bibliography
from kb.citeproc import format_references
from kb.references import as_bibtex, as_csl_json, as_ris, csl_json, identifiers
from tests.conftest import GOOD, ROOT

REAL = read_bibliography(ROOT)
SMALL = read_bibliography(GOOD)
ENTRIES = [*REAL.entries, *SMALL.entries]
MARKED = "IFN-γ, CD4<sup>+</sup> and H<sub>2</sub>O in MSC and [18F]FDG: 5% & more"


def families(entry_authors: list[tuple[str, str]]) -> list[str]:
    return [family for family, _ in entry_authors if family != "others"]


def test_bibtex_export_reads_back() -> None:
    read = parse_string(as_bibtex(ENTRIES), "bibtex").entries
    assert list(read) == [entry.key for entry in ENTRIES]
    for entry in ENTRIES:
        people = read[entry.key].persons.get("author", [])
        names = [" ".join([*p.prelast_names, *p.last_names]).strip("{}") for p in people]
        wanted = [(family if given else family.split()[-1]) for family, given in entry.authors]
        assert [name if given else name.split()[-1] for name, (_, given) in zip(names, entry.authors, strict=True)] == wanted
    assert r"\textsuperscript{+} and H\textsubscript{2}O" in read["Adams2001"].fields["title"]


def test_ris_export_reads_back() -> None:
    read = rispy.loads(as_ris(ENTRIES))
    assert len(read) == len(ENTRIES)
    for entry, item in zip(ENTRIES, read, strict=True):
        assert item["title"] == entry.get("title")
        wanted = [family if given else family.replace(",", "") for family, given in entry.authors if family != "others"]
        assert [name.partition(",")[0] for name in item.get("authors", [])] == wanted
        assert item.get("doi", "") == entry.get("doi")
    assert read[-4]["title"] == MARKED
    assert (read[-4]["start_page"], read[-4]["end_page"]) == ("3", "14")


def test_csl_json_export_reads_back() -> None:
    items = json.loads(as_csl_json(ENTRIES))
    source = CiteProcJSON(items)
    assert len(source) == len(ENTRIES)
    for entry, item in zip(ENTRIES, items, strict=True):
        assert item["title"] == entry.get("title")
        assert [name.get("family") or name["literal"] for name in item.get("author", [])] == families(entry.authors)
    assert items[-4]["title"] == MARKED


def test_every_real_entry_is_formatted_with_its_title_and_year(tmp_path: Path) -> None:
    formatted = format_references(REAL.entries, ROOT / "bib" / "style.csl", tmp_path)
    assert set(formatted) == {entry.key for entry in REAL.entries}
    for entry in REAL.entries:
        assert entry.get("year") in formatted[entry.key]
        assert "{" not in formatted[entry.key]


def test_six_authors_then_et_al(tmp_path: Path) -> None:
    long = next(entry for entry in REAL.entries if len(entry.authors) > 6 and entry.authors[-1][0] != "others")
    text = format_references([long], ROOT / "bib" / "style.csl", tmp_path)[long.key]
    assert f"{long.authors[5][0]} " in text.partition(", et al.")[0]
    assert ", et al." in text


def test_changed_entry_is_formatted_again(tmp_path: Path) -> None:
    style = ROOT / "bib" / "style.csl"
    first = format_references(SMALL.entries, style, tmp_path)
    changed = [e if e.key != "Brown2002" else replace(e, fields={**e.fields, "year": "1999"}) for e in SMALL.entries]
    second = format_references(changed, style, tmp_path)
    assert "1999" in second["Brown2002"]
    assert {k: v for k, v in first.items() if k != "Brown2002"} == {k: v for k, v in second.items() if k != "Brown2002"}


def test_registry_record_leads_to_the_registry() -> None:
    record = SMALL.by_key()["NCT00000001"]
    assert identifiers(record) == [("NCT00000001", "https://clinicaltrials.gov/study/NCT00000001")]
    assert csl_json(record)["publisher"] == "ClinicalTrials.gov"
