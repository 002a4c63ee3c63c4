"""Writes BibTeX as bib/references.bib has it: one field as text, one entry, and changes that touch nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from kb.bibliography import Bibliography, Entry
from kb.check_bibliography import FIELDS

_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "Æ": "AE", "œ": "oe"})
"""Letters that Unicode does not take apart into a base and a mark."""
_WIDTH = len("studydesign")


def ascii_letters(text: str) -> str:
    """Text without marks on its letters: 'Núñez-Ørsted' is 'Nunez-Orsted'; letters without a Latin base stay."""
    parts = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(c for c in parts if not unicodedata.combining(c))


def full_range(pages: str) -> str:
    """'123-9' as '123--129', the form of the bibliography; what is no range stays."""
    pages = re.split(r"[;,]|\.e\d", pages)[0].strip()  # '12-9.e3' has online pages, '1-9; discussion 10' a comment
    match = re.fullmatch(r"([A-Za-z]*)(\d+)\s*[-\u2010-\u2015\u2212]+\s*([A-Za-z]*)(\d+)", pages)
    if not match:
        return pages
    letters, first, _, last = match.groups()
    last = first[: len(first) - len(last)] + last if len(last) < len(first) else last
    return f"{letters}{first}--{match[3] or letters}{last}" if first != last else f"{letters}{first}"


def bib_names(authors: Iterable[tuple[str, str]]) -> str:
    """Authors in the form of the bibliography: 'Smith, A. B. and {A Consortium}'."""
    return " and ".join(_bib_name(*name) for name in authors)


def _bib_name(family: str, given: str) -> str:
    family, given = (re.sub(r"[{}\\]", "", text) for text in (family, given))
    if not given:
        return f"{{{escaped(family)}}}"
    initials = " ".join(_initials(word) for word in given.replace(".", ". ").split())
    family = escaped(family.replace(",", " "))
    protected = f"{{{family}}}" if re.search(r"\sand\s", f" {family} ") else family
    return f"{protected}, {initials}"


def _initials(word: str) -> str:
    parts = [part for part in re.split(r"[-\u2010\u2011]", word.rstrip(".")) if part]
    if len(parts) == 1 and re.fullmatch("[A-Z]{2,3}", parts[0]):
        return " ".join(f"{letter}." for letter in parts[0])  # 'AB' stands for two names
    return "-".join(f"{part[0].upper()}." for part in parts)


def escaped(text: str) -> str:
    """Text with <sup>, <sub> and <i> as BibTeX that `kb.bibliography.decode` reads back."""
    text = text.translate(str.maketrans({"{": "(", "}": ")", "\\": "", "~": "\u223c"}))
    text = re.sub(r"([&%$#_])", r"\\\1", text)
    for tag, command in (("sup", "textsuperscript"), ("sub", "textsubscript"), ("i", "emph")):
        text = text.replace(f"<{tag}>", f"\\{command}{{").replace(f"</{tag}>", "}")
    return text


def entry_text(kind: str, key: str, fields: dict[str, str]) -> str:
    """An entry with its fields in order; values are BibTeX text, empty ones are left out."""
    return f"@{kind}{{{key},\n" + "".join(f"{field_line(name, fields[name])}\n" for name in FIELDS if fields.get(name)) + "}\n"


def field_line(name: str, value: str) -> str:
    """A field on a line of its own."""
    return f"  {name:{_WIDTH}} = {{{value}}},"


def lines_of(text: str) -> list[str]:
    """Lines with their ends, counted as the readers of pages and bibliography count them."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def with_entry(text: str, bibliography: Bibliography, key: str, entry: str) -> str:
    """The file with one more entry in its sorted place; every other byte stays.

    Args:
        text: the file, with any line ends.
        bibliography: what was read from it.
        key: key of the new entry.
        entry: its text.
    """
    lines = lines_of(text)
    end = "\r\n" if "\r\n" in text else "\n"
    before = [e for e in bibliography.entries if e.key.lower() < key.lower()]
    after = next((e for e in bibliography.entries if e.key.lower() > key.lower()), None)
    if before and after is not None and after.line < before[-1].line:
        before = [e for e in before if e.line < after.line]
    place = before[-1].line - 1 + before[-1].raw.count("\n") + 1 if before else (after.line - 1 if after else len(lines))
    new = entry.replace("\n", end)
    head, rest = "".join(lines[:place]), "".join(lines[place:])
    if before:
        return head + ("" if head.endswith("\n") else end) + end + new + rest
    return head + new + (end if rest else "") + rest


def with_fields(text: str, entry: Entry, values: dict[str, str]) -> str | None:
    """The file with some fields of one entry set; None where a field spans lines or shares one and a person must edit.

    Args:
        text: the file.
        entry: the entry as read from it.
        values: BibTeX text by field.
    """
    lines = lines_of(text)
    end = "\r\n" if "\r\n" in text else "\n"
    for name in sorted(values, key=FIELDS.index):
        if name in entry.lines:
            index = entry.lines[name] - 1
            match = re.fullmatch(rf"(\s*{name}\s*=\s*)\{{.*\}}(,?\s*)", lines[index], re.I | re.S)
            if not match:
                return None
            lines[index] = f"{match[1]}{{{values[name]}}}{match[2]}"
        else:
            earlier = [entry.lines[n] for n in FIELDS[: FIELDS.index(name)] if n in entry.lines]
            place = max(earlier, default=entry.line)
            if not re.search(r",\s*$", lines[place - 1]):
                return None
            lines[place - 1] += field_line(name, values[name]) + end
    return "".join(lines)
