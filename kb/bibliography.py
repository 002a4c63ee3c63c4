"""Reads bib/references.bib: entries with the line of every field, text decoded, faults reported."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from bibtexparser.model import (
    DuplicateFieldKeyBlock,
    ExplicitComment,
    ImplicitComment,
    ParsingFailedBlock,
)
from bibtexparser.model import (
    Entry as RawEntry,
)
from bibtexparser.splitter import Splitter

from kb.pages import as_text
from kb.problems import Problem

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it would print what is reported here with a line

_ESCAPES = {r"\&": "&", r"\%": "%", r"\$": "$", r"\#": "#", r"\_": "_", r"\{": "{", r"\}": "}"}
_MARKUP = {"textsuperscript": "sup", "textsubscript": "sub", "emph": "i", "textit": "i"}
_COMMAND = re.compile(r"\\(?P<name>[A-Za-z]+)\s*\{(?P<text>(?:[^{}\\]|\\.|\{[^{}]*\})*)\}")
_LEFT_OVER = re.compile(r"\\(?:[A-Za-z]+|.)|\$[^$]*\$")
_HTML = re.compile(r"</?(?:sup|sub|i)>")


@dataclass(frozen=True)
class Entry:
    """One work.

    Attributes:
        key: what `[@key]` cites.
        kind: BibTeX type, lower case: article, misc, ...
        fields: decoded text by lower-case field name; sub-, superscripts and italics as <sub>, <sup>, <i>.
        lines: line of each field in the file.
        line: line on which the entry begins.
        raw: the entry as it stands in the file.
    """

    key: str
    kind: str
    fields: dict[str, str]
    lines: dict[str, int]
    line: int
    raw: str

    def get(self, name: str) -> str:
        """The field, or an empty string."""
        return self.fields.get(name, "")

    def line_of(self, name: str) -> int:
        """The line of a field, or of the entry where the field is missing."""
        return self.lines.get(name, self.line)

    @cached_property
    def plain_title(self) -> str:
        """The title without markup."""
        return _HTML.sub("", self.get("title"))

    @cached_property
    def designs(self) -> list[str]:
        """The study designs, in the order given."""
        return split_list(self.get("studydesign"))

    @cached_property
    def authors(self) -> list[tuple[str, str]]:
        """(family, given) of each author; an organisation has no given name; 'others' stands for et al."""
        names = []
        for name in split_names(self.get("author")):
            if name.startswith("{"):
                names.append((strip_braces(name), ""))
            else:
                family, _, given = strip_braces(name).partition(",")
                names.append((family.strip(), given.strip()))
        return names


@dataclass
class Bibliography:
    """The entries in the order of the file, and what was wrong with it."""

    path: str
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def by_key(self) -> dict[str, Entry]:
        """Entries by key; of entries with one key the first."""
        return {entry.key: entry for entry in reversed(self.entries)}


def read_bibliography(root: Path, path: str = "bib/references.bib") -> Bibliography:
    """Read the bibliography of a project.

    Args:
        root: project root.
        path: the .bib file, relative to it.
    """
    file = root / path
    if not file.is_file():
        return Bibliography(path, problems=[Problem(path, 1, "KB210", f"'{path}' does not exist; create it")])
    return parse_bibliography(path, file.read_bytes())


@lru_cache(maxsize=2)  # while serving, it is not read again when only pages change
def parse_bibliography(path: str, data: bytes) -> Bibliography:
    """The bibliography that a file with this content is."""
    found = Bibliography(path)
    text = as_text(data, path, found.problems)
    library = Splitter(text).split()
    for block in library.blocks:
        line = (block.start_line or 0) + 1
        original = getattr(block, "ignore_error_block", None) or block
        if isinstance(block, DuplicateFieldKeyBlock):
            twice = ", ".join(f"'{name}'" for name in sorted(block.duplicate_keys))
            found.problems.append(Problem(path, line, "KB210", f"field {twice} stands twice in this entry; keep one"))
        if isinstance(original, RawEntry):
            found.entries.append(_entry(original, line, path, found.problems))
        elif isinstance(block, ParsingFailedBlock):
            raw = (block.raw or "").strip().split("\n")[0]
            fix = "close every '{', put ',' between fields"
            found.problems.append(Problem(path, line, "KB210", f"'{raw[:60]}' cannot be read as an entry; {fix}"))
        elif isinstance(block, ImplicitComment):
            lost = block.comment.strip().split("\n")[0]
            if lost and not lost.startswith("%"):
                fix = "begin a comment with '%', or complete the entry"
                found.problems.append(Problem(path, line, "KB210", f"'{lost[:60]}' is outside an entry; {fix}"))
        elif not isinstance(block, ExplicitComment):
            what = f"'{(block.raw or '').strip().split('{')[0]}'"
            found.problems.append(Problem(path, line, "KB210", f"{what} is not an entry; write the text out in each entry"))
    return found


def _entry(raw: RawEntry, line: int, path: str, problems: list[Problem]) -> Entry:
    fields: dict[str, str] = {}
    lines: dict[str, int] = {}
    for item in raw.fields:
        name = item.key.lower()
        lines.setdefault(name, (item.start_line or line - 1) + 1)
        value = str(item.value).strip()
        bare = value.isdigit()
        if not bare and not _is_one_value(value):
            wrong = " ".join(value.split())[:40]
            fix = f"write {name or 'its name'} = {{...}} and ',' behind it"
            message = f"{name or 'a field without a name'} = '{wrong}' is not one text in braces; {fix}"
            problems.append(Problem(path, lines[name], "KB210", message))
        inner = value if bare else value[1:-1]
        faults = [] if name in _VERBATIM else undecodable(inner)
        message = "'{}' is not understood; write the character itself"
        problems += [Problem(path, lines[name], "KB220", message.format(wrong)) for wrong in faults]
        fields.setdefault(name, inner.strip() if name in _VERBATIM else _field_text(name, inner))
    if re.match(r"https?://", fields.get("howpublished", "")):  # howpublished = {\url{...}}, the old way to give a link
        fields.setdefault("url", fields.pop("howpublished"))
        lines.setdefault("url", lines["howpublished"])
    return Entry(raw.key, raw.entry_type.lower(), fields, lines, line, (raw.raw or "").strip())


def _is_one_value(value: str) -> bool:
    """Whether the value is one {...} or "..." and nothing else: 'title = {x} journal = {y}' lacks a comma."""
    if value[:1] == '"':
        return len(value) > 1 and value.find('"', 1) == len(value) - 1
    depth = 0
    for position, char in enumerate(value):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return value[:1] == "{" and position == len(value) - 1
    return False


_VERBATIM = {"doi", "url", "seenat", "notice", "pmid", "pmcid"}


def _field_text(name: str, value: str) -> str:
    text = " ".join(value.split())
    return text if name == "author" else decode(text)


def decode(text: str) -> str:
    """BibTeX text as Unicode with <sup>, <sub> and <i>; braces that only protect capitals vanish."""
    while (changed := _COMMAND.sub(_as_html, text)) != text:
        text = changed
    return strip_braces(text).replace("~", "\u00a0")


def strip_braces(text: str) -> str:
    """Drop braces, keep escaped characters as themselves."""
    parts = re.split(r"(\\[&%$#_{}])", text)
    return "".join(_ESCAPES.get(part) or part.replace("{", "").replace("}", "") for part in parts).strip()


def _as_html(match: re.Match[str]) -> str:
    tag = _MARKUP.get(match["name"])
    if match["name"] == "url":
        return match["text"]
    return f"<{tag}>{match['text']}</{tag}>" if tag else match["text"]


def undecodable(text: str) -> list[str]:
    """LaTeX that `decode` does not know: accents, macros, mathematics."""
    known = "|".join([*_MARKUP, "url"])
    text = re.sub(rf"\\(?:{known})\s*\{{", "{", text)
    text = re.sub(r"\\[&%$#_{}]", "", text)
    return _LEFT_OVER.findall(text)


def split_list(text: str) -> list[str]:
    """'in vitro, animal' as a list."""
    return [part.strip() for part in text.split(",") if part.strip()]


def split_names(text: str) -> list[str]:
    """Author names, split at 'and' outside braces."""
    names, depth, start = [], 0, 0
    for match in re.finditer(r"[{}]|\s+and\s+", text):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif depth == 0:
            names.append(text[start : match.start()].strip())
            start = match.end()
    names.append(text[start:].strip())
    return [name for name in names if name]
