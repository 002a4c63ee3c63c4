"""Compares an entry of the bibliography with what the services say; texts are compared without case, marks and signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from kb.bibliography import Entry
from kb.bibtext import ascii_letters, bib_names, escaped, full_range
from kb.cleaning import plain
from kb.validation import shown
from kb.works import RANK, Work

_RETRACTED = re.compile(r"^(?:retracted(?: article)?|retraction|withdrawn|expression of concern)\s*[:.]\s*", re.I)
OWN_WORDS = re.compile(r"\[.+\]")
"""A title in square brackets: our own description of a work whose title was not seen."""


@dataclass(frozen=True)
class Difference:
    """What differs between our record and that of a service.

    Attributes:
        code: KB6xx.
        field: the field of ours, whose line is named.
        message: our value in quotes, theirs, the fix.
        fix: values to write by field; empty where a person must decide.
        warning: whether it is only worth knowing.
    """

    code: str
    field: str
    message: str
    fix: dict[str, str] = field(default_factory=dict)
    warning: bool = False


def folded(text: str) -> str:
    """What is left of a text when case, marks, dashes, spaces, signs and markup do not count; Greek letters by name."""
    letters = (_greek(c) for c in ascii_letters(plain(text)).casefold())
    return "".join(c for c in "".join(letters) if c.isalnum())


def _greek(char: str) -> str:
    name = unicodedata.name(char, "") if "\u0370" <= char <= "\u03ff" else ""
    return name.rpartition(" ")[2].replace("LAMDA", "LAMBDA").lower() if name.startswith("GREEK SMALL LETTER") else char


def compare(entry: Entry, works: list[Work]) -> list[Difference]:
    """All differences between an entry and the records of the same work.

    A field differs where no record agrees with it. It can be mended by rule where the records are surely of this
    work (`is_same`) and all that tell the field tell the same.
    """
    found = [*_title(entry, works), *_authors(entry, works), *_years(entry, works)]
    found += [*_numbers(entry, works), *_identifiers(entry, works), *_states(entry, works), *_gaps(entry, works)]
    return found if is_same(entry, works) else [replace(difference, fix={}) for difference in found]


def is_same(entry: Entry, works: list[Work]) -> bool:
    """Whether title, authors and year of the records leave no doubt that they are of this work."""
    doubts = [*_title(entry, works), *_authors(entry, works), *_years(entry, works)]
    return any(work.title for work in works) and all(difference.fix for difference in doubts)


def _tell(works: list[Work], said: Callable[[Work], str]) -> str:
    """'Crossref and PubMed say ...' as far as they say it."""
    values: dict[str, list[str]] = {}
    for work in works:
        if said(work):
            values.setdefault(said(work), []).append(work.source)
    return ", ".join(f"{' and '.join(names)}: '{value}'" for value, names in values.items())


def _agreed(values: list[str]) -> str:
    """The value, where all that tell one tell the same."""
    return values[0] if values and len({folded(value) for value in values}) == 1 else ""


def _title(entry: Entry, works: list[Work]) -> Iterator[Difference]:
    ours, told = entry.get("title"), [work for work in works if work.title]
    theirs = [title for work in told for title in (work.title, *work.other_titles)]
    if not told or _bare_title(ours) in map(_bare_title, theirs):
        return
    if OWN_WORDS.fullmatch(ours) and not list(_years(entry, works)):
        agreed = _agreed([work.title for work in told])
        message = f"title '{shown(ours)}' is our own description; {_tell(told, lambda work: work.title)}"
        yield Difference("KB601", "title", f"{message}; write it", {"title": escaped(agreed)} if agreed else {})
    else:
        message = f"title '{shown(ours)}' is not that of the record ({_tell(told, lambda work: work.title)})"
        yield Difference("KB601", "title", f"{message}; correct the title or the identifier")


def _bare_title(title: str) -> str:
    return folded(_RETRACTED.sub("", title))


def _authors(entry: Entry, works: list[Work]) -> Iterator[Difference]:
    told = [work for work in works if work.authors]
    ours = [name for name in entry.authors if name != ("others", "")]
    if not told or not ours:
        return
    faults = [_author_fault(ours, entry.authors != ours, list(work.authors)) for work in told]
    if not all(faults):
        return
    fault, work = faults[0], told[0]
    listed = shown("; ".join(" ".join(part for part in name if part) for name in work.authors))
    if fault == "others":
        count = f"author lists {len(ours)} of {len(_people(work))} people ({work.source}: '{listed}')"
        yield Difference("KB602", "author", f"{count}; add 'and others'", {"author": f"{entry.get('author')} and others"})
    else:
        yield Difference(
            "KB602", "author", f"author '{shown(fault)}' is not in that place ({work.source}: '{listed}'); correct it"
        )


def _author_fault(ours: list[tuple[str, str]], open_end: bool, theirs: list[tuple[str, str]]) -> str:
    """The first of our authors that theirs do not have in this order, 'others' where more exist, or nothing."""
    rest = list(theirs)
    for index, name in enumerate(ours):
        place = next((i for i, other in enumerate(rest) if _same_name(name, other)), None)
        if place is None or (index == 0 and any(given for _, given in rest[:place])):
            return " ".join(part for part in name if part)
        rest = rest[place + 1 :]
    missing = sum(bool(given) for _, given in theirs) > sum(bool(given) for _, given in ours)
    return "others" if missing and not open_end else ""


def _people(work: Work) -> list[tuple[str, str]]:
    return [name for name in work.authors if name[1]]


def _same_name(ours: tuple[str, str], theirs: tuple[str, str]) -> bool:
    """Surnames are the same, with or without particles ('van der'), and the first initials where both have one."""
    one, other = folded(ours[0]), folded(theirs[0])
    if not (one == other or _ends_with(ours[0], theirs[0]) or _ends_with(theirs[0], ours[0])):
        return False
    first, second = folded(ours[1])[:1], folded(theirs[1])[:1]
    return not first or not second or first == second


def _ends_with(long: str, short: str) -> bool:
    words = [folded(word) for word in re.split(r"[\s-]+", long)]
    last = [folded(word) for word in re.split(r"[\s-]+", short)]
    return len(words) > len(last) and words[-len(last) :] == last


def _years(entry: Entry, works: list[Work]) -> Iterator[Difference]:
    years = {year for work in works for year in work.years}
    if entry.get("year") and years and entry.get("year") not in years:
        told = _tell(works, lambda work: " or ".join(work.years))
        yield Difference(
            "KB603", "year", f"year '{entry.get('year')}' is not that of the record ({told}); correct it, and the key"
        )


def _numbers(entry: Entry, works: list[Work]) -> Iterator[Difference]:
    for name in ("volume", "pages"):
        ours = entry.get(name)
        theirs = [value for work in works for value in _values(work, name)]
        if ours and theirs and _range(ours) not in map(_range, theirs):
            agreed = _agreed([_range(value) for value in theirs])
            told = _tell(works, lambda work, name=name: " or ".join(_values(work, name)))
            message = f"{name} '{shown(ours)}' is not that of the record ({told}); correct it"
            yield Difference("KB603", name, message, {name: full_range(theirs[0])} if agreed else {})


def _identifiers(entry: Entry, works: list[Work]) -> Iterator[Difference]:
    """A PMCID of another article; that DOI and PMID belong together is known from looking them up."""
    theirs = [work.pmcid for work in works if work.pmcid]
    if entry.get("pmcid") and theirs and entry.get("pmcid").upper() not in theirs:
        message = f"pmcid '{entry.get('pmcid')}' is not that of the record ({_tell(works, lambda work: work.pmcid)}); correct it"
        yield Difference("KB604", "pmcid", message, {"pmcid": theirs[0]})


def _values(work: Work, name: str) -> tuple[str, ...]:
    return work.pages if name == "pages" else tuple(value for value in (getattr(work, name),) if value)


def _range(pages: str) -> str:
    """A range of pages in one form: 'S12-9', 'S12--S19' and 's12–19' are the same."""
    first, dash, last = full_range(pages).casefold().partition("--")
    return f"{first}-{last}" if dash else folded(first)


def _states(entry: Entry, works: list[Work]) -> Iterator[Difference]:
    heaviest = max(works, key=lambda work: RANK[work.state[0]], default=None)
    if heaviest is not None and RANK[heaviest.state[0]] > RANK.get(entry.get("status"), 0):
        status, notice = heaviest.state
        message = f"'{entry.key}' is not marked as {status} ({heaviest.source}); add status = {{{status}}}, notice = {{{notice}}}"
        yield Difference("KB605", "status", message, {"status": status, "notice": notice} if notice else {})
    notices = [(work, state) for work in works for state in work.notice_of]
    if notices and "notice" not in entry.designs:
        work, (_, about) = notices[0]
        message = f"'{entry.key}' is itself a notice about '{about}' ({work.source}); write studydesign = {{notice}}"
        yield Difference("KB605", "studydesign", message)


def _gaps(entry: Entry, works: list[Work]) -> Iterator[Difference]:
    """What our record leaves out and all records tell alike."""
    for name in ("volume", "pages", "doi", "pmid", "pmcid"):
        told = [(value, work.source) for work in works for value in _values(work, name)]
        if told and not entry.get(name) and _agreed([_range(value) for value, _ in told]):
            value, source = full_range(told[0][0]), told[0][1]
            yield Difference("KB609", name, f"{name} is left out; {source} has '{value}'; add it", {name: value}, warning=True)
    told_by = next((work for work in works if work.authors), None)
    if told_by and not entry.get("author"):
        names = bib_names(told_by.authors)
        message = f"author is left out; {told_by.source} has '{shown(names)}'; add it"
        yield Difference("KB609", "author", message, {"author": names}, warning=True)
