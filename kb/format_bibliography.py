"""Writes the bibliography in one style: entries by key, fields in one order, one field on a line."""

from __future__ import annotations

from bibtexparser.model import Block, ExplicitComment, ImplicitComment
from bibtexparser.model import Entry as RawEntry
from bibtexparser.splitter import Splitter

from kb.bibtext import field_line
from kb.check_bibliography import FIELDS


def formatted(text: str) -> str:
    """The bibliography in the one style.

    A comment goes with the entry below it. What is no entry and no comment is left out, so the caller compares.

    Args:
        text: a bibliography without entries that cannot be read.
    """
    entries: list[tuple[str, str]] = []
    comments: list[str] = []
    for block in Splitter(text).split().blocks:
        entry = getattr(block, "ignore_error_block", None) or block  # a key that stands twice is for the checker
        if isinstance(entry, RawEntry):
            entries.append((entry.key.lower(), "".join([*comments, _entry(entry)])))
            comments = []
        else:
            comments.append(_comment(block))
    entries.sort(key=lambda entry: entry[0])
    return "\n".join([*(written for _, written in entries), *comments])


def _comment(block: Block) -> str:
    if isinstance(block, ImplicitComment | ExplicitComment):
        return f"{(block.raw or '').strip()}\n"
    return ""


def _entry(entry: RawEntry) -> str:
    order = {name: place for place, name in enumerate(FIELDS)}
    fields = sorted(entry.fields, key=lambda field: order.get(field.key.lower(), len(order)))
    lines = [f"{field_line(field.key.lower(), _value(str(field.value)))}\n" for field in fields]
    return f"@{entry.entry_type.lower()}{{{entry.key},\n{''.join(lines)}}}\n"


def _value(text: str) -> str:
    """The value without its braces, on one line."""
    value = " ".join(text.split())
    return value if value.isdigit() else value[1:-1].strip()
