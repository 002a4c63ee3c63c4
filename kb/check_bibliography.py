"""Rules on the bibliography (21x and 22x)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from kb.bibliography import Entry
from kb.problems import Problem
from kb.project import Project
from kb.prose import KEY
from kb.references import STATES
from kb.rules import Rule, register
from kb.validation import shown, suggestion
from kb.vocabulary import DESIGNS

RULES: dict[str, Rule] = {}
rule = partial(register, RULES)
REQUIRED = {
    "article": ("title", "journal", "year"),
    "book": ("title", "publisher", "year"),
    "incollection": ("title", "booktitle", "publisher", "year"),
    "inproceedings": ("title", "booktitle", "year"),
    "misc": ("title", "publisher"),
    "phdthesis": ("title", "publisher", "year"),
    "techreport": ("title", "publisher", "year"),
}
FIELDS = [
    *("author", "title", "journal", "booktitle", "editor", "publisher", "howpublished", "address"),
    *("year", "volume", "number", "pages", "doi", "pmid", "pmcid", "registryid", "url"),
    *("studydesign", "species", "status", "notice", "note", "seenat", "seenon", "confirmed"),
]
"""Known fields, in the order in which they stand in an entry."""
PATTERNS = {
    "doi": (r"10\.\d{4,9}/\S+", "10.1182/blood-2007-02-074997, without 'https://doi.org/'"),
    "pmid": (r"[1-9]\d{0,8}", "digits only, such as 17951526"),
    "pmcid": (r"PMC\d+", "PMC1234567"),
    "registryid": (
        r"NCT\d{8}|ISRCTN\d+|ChiCTR-?[A-Z0-9-]+|EUCTR\d{4}-\d{6}-\d{2}|\d{4}-\d{6}-\d{2}(-\d{2})?|jRCT[a-z]?\d+|UMIN\d+|JapicCTI-\d+"
        r"|IRCT\w+|ACTRN\d+|KCT\d+|CTRI/\d{4}/\d{2,3}/\d+|DRKS\d+|NTR\d+|NL\d+|RPCEC\d+|TCTR\d+|PACTR\d+|SLCTR/\d+/\d+",
        "the registry's own number, such as NCT01234567",
    ),
    "year": (r"(19|20)\d{2}", "four digits"),
    "seenat": (r"(https?://\S*[^\s,]|docs/\S+\.md)(\s+https?://\S*[^\s,])*", "one or more addresses, separated by spaces"),
    "seenon": (r"20\d{2}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?", "2026-11-23 or 2026-11"),
    "url": (r"https?://\S+", "an address that begins with https://"),
    "confirmed": (r"primary|secondary", "primary or secondary"),
    "notice": (r"10\.\d{4,9}/\S+|https?://\S+", "the DOI or address of the notice"),
}


@rule("KB211")
def duplicate_key(project: Project) -> Iterator[Problem]:
    """Keys differ by more than case."""
    seen: dict[str, Entry] = {}
    for entry in project.bibliography.entries:
        first = seen.setdefault(entry.key.lower(), entry)
        if first is not entry:
            message = f"key '{entry.key}' is already used on line {first.line}; add a word, such as '{entry.key}word'"
            yield _entry_problem(project, entry, "", "KB211", message)


@rule("KB212")
def duplicate_work(project: Project) -> Iterator[Problem]:
    """One work, one entry."""
    seen: dict[tuple[str, str], Entry] = {}
    for entry in project.bibliography.entries:
        for name in ("doi", "pmid", "pmcid"):
            value = entry.get(name).lower()
            first = seen.setdefault((name, value), entry) if value else entry
            if first is not entry:
                message = f"{name} '{entry.get(name)}' is that of [@{first.key}] on line {first.line}; keep one entry"
                yield _entry_problem(project, entry, name, "KB212", message)


@rule("KB213")
def malformed_value(project: Project) -> Iterator[Problem]:
    """Identifiers, years, dates and addresses have the form that a reader can follow."""
    for entry in project.bibliography.entries:
        for name, (pattern, example) in PATTERNS.items():
            value = entry.get(name)
            if value and not re.fullmatch(pattern, value):
                yield _entry_problem(project, entry, name, "KB213", f"{name} '{shown(value)}' is not valid; write {example}")


@rule("KB214")
def required_field(project: Project) -> Iterator[Problem]:
    """Every entry type has the fields that a reference needs."""
    for entry in project.bibliography.entries:
        if entry.kind not in REQUIRED:
            fix = suggestion(entry.kind, list(REQUIRED))
            yield _entry_problem(project, entry, "", "KB214", f"'@{entry.kind}' is not an entry type used here; {fix}")
        for name in REQUIRED.get(entry.kind, ()):
            if not entry.get(name) and not (name == "publisher" and entry.get("howpublished")):
                yield _entry_problem(project, entry, name, "KB214", f"'{name}' is missing in '{entry.key}'; add {name} = {{...}}")


@rule("KB215")
def identifier(project: Project) -> Iterator[Problem]:
    """Every entry leads somewhere."""
    for entry in project.bibliography.entries:
        if not any(entry.get(name) for name in ("doi", "pmid", "pmcid", "url")):
            message = f"'{entry.key}' leads nowhere; add doi, pmid, pmcid or url"
            yield _entry_problem(project, entry, "", "KB215", message)


@rule("KB216")
def provenance(project: Project) -> Iterator[Problem]:
    """Every entry says where and when its record was seen."""
    for entry in project.bibliography.entries:
        for name in ("seenat", "seenon", "confirmed"):
            if not entry.get(name):
                yield _entry_problem(project, entry, "", "KB216", f"'{name}' is missing in '{entry.key}'; add {name} = {{...}}")


@rule("KB217")
def study_design(project: Project) -> Iterator[Problem]:
    """Every entry has a design from the fixed vocabulary: the level of a claim is computed from it."""
    for entry in project.bibliography.entries:
        if not entry.designs:
            yield _entry_problem(
                project, entry, "", "KB217", f"'studydesign' is missing in '{entry.key}'; add studydesign = {{...}}"
            )
        for design in entry.designs:
            if design not in DESIGNS:
                message = f"studydesign '{shown(design)}' is not known; {suggestion(design, list(DESIGNS))}"
                yield _entry_problem(project, entry, "studydesign", "KB217", message)


@rule("KB218")
def unknown_bib_field(project: Project) -> Iterator[Problem]:
    """A misspelt field would be lost in silence."""
    for entry in project.bibliography.entries:
        for name in entry.fields:
            if name not in FIELDS:
                message = f"'{shown(name)}' is not a field of the bibliography; {suggestion(name, FIELDS)}"
                yield _entry_problem(project, entry, name, "KB218", message)


@rule("KB219")
def key_grammar(project: Project) -> Iterator[Problem]:
    """Keys can be cited."""
    for entry in project.bibliography.entries:
        if not re.fullmatch(KEY, entry.key):
            message = f"key '{shown(entry.key)}' cannot be cited; use letters, digits and '-', beginning with a letter"
            yield _entry_problem(project, entry, "", "KB219", message)


@rule("KB221")
def state(project: Project) -> Iterator[Problem]:
    """A retraction, correction or concern is of a known kind and leads to its notice."""
    for entry in project.bibliography.entries:
        value = entry.get("status")
        if value and value not in STATES:
            message = f"status '{shown(value)}' is not known; {suggestion(value, list(STATES))}"
            yield _entry_problem(project, entry, "status", "KB221", message)
        if value and not entry.get("notice"):
            yield _entry_problem(
                project, entry, "status", "KB221", f"status '{value}' has no notice; add notice = {{DOI or address}}"
            )


@rule("KB222")
def never_cited(project: Project) -> Iterator[Problem]:
    """A work that nothing cites is printed as such; it does not stop the build."""
    for entry in project.bibliography.entries:
        if entry.key not in project.cited_on:
            message = f"'{entry.key}' is not cited on any page; cite it or remove it"
            yield _entry_problem(project, entry, "", "KB222", message, "warning")


@rule("KB223")
def order(project: Project) -> Iterator[Problem]:
    """Entries stand in the order of their keys, so that two additions rarely meet on one line."""
    entries = project.bibliography.entries
    keys = sorted((entry.key for entry in entries), key=str.lower)
    for before, entry in pairwise(entries):
        if entry.key.lower() < before.key.lower():
            place = keys.index(entry.key)
            where = f"behind '{keys[place - 1]}'" if place else "at the beginning"
            message = f"'{entry.key}' stands behind '{before.key}'; it belongs {where}: run 'make format'"
            yield _entry_problem(project, entry, "", "KB223", message)


def _entry_problem(project: Project, entry: Entry, name: str, code: str, message: str, severity: str = "error") -> Problem:
    return Problem(project.bibliography.path, entry.line_of(name), code, message, severity)  # type: ignore[arg-type]
