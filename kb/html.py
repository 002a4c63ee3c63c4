"""Small pieces of HTML that generated parts share: links, tables, badges, filters."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from html import escape

from kb.bibliography import Entry
from kb.pages import Page
from kb.references import badge, badges

Cell = str
"""HTML of a table cell, already escaped."""


def address(page: Page, base: Page) -> str:
    """Address of a page, relative to the page that links to it."""
    return posixpath.relpath(page.address, posixpath.dirname(base.name) or ".")


def link(url: str, text: str) -> str:
    """A link with plain text."""
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def label(entry: Entry) -> str:
    """A work in two words: first author and year, else the beginning of its title."""
    names = [family for family, _ in entry.authors if family != "others"]
    who = names[0] if names else f"\u201c{entry.plain_title[:32].rstrip()}\u2026\u201d"
    return f"{who} {entry.get('year')}".strip()


def source_link(entry: Entry, base: Page, locator: str = "") -> str:
    """A work as a link to the reference page, with its state where a reader must know it."""
    depth = base.name.count("/")
    marks = "".join(f" {badge(kind, words)}" for kind, words in badges(entry))
    place = f", {escape(locator)}" if locator else ""
    return f"{link('../' * depth + f'references.html#{entry.key}', label(entry))}{place}{marks}"


def tag(kind: str, text: str) -> str:
    """A quiet label, such as a level: `kind` is the vocabulary it comes from."""
    return f'<span class="kb-tag kb-{kind} kb-{kind}-{slug(text)}">{escape(text)}</span>'


def slug(text: str) -> str:
    """A word of a vocabulary as part of a class name."""
    return "".join(char if char.isalnum() else "-" for char in text.lower())


def table(caption: str, headers: Sequence[str], rows: Iterable[tuple[str, Sequence[Cell]]], name: str = "") -> str:
    """A table with caption; the first cell of a row is its header, the others carry theirs for narrow screens.

    Args:
        caption: what the table shows, as HTML.
        headers: column names as text.
        rows: attributes of the row (as HTML, may be empty) and its cells.
        name: id of the table.
    """
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in headers)
    labels = [f' data-label="{escape(header)}"' for header in headers[1:]]
    body = "\n".join(
        f'<tr{attributes}><th scope="row">{cells[0]}</th>'
        + "".join(f"<td{label}>{cell}</td>" for label, cell in zip(labels, cells[1:], strict=True))
        + "</tr>"
        for attributes, cells in rows
    )
    own = f' id="{name}"' if name else ""
    return (
        f'<div class="kb-scroll" data-search-exclude tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="kb-table"{own}><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def data(**values: str) -> str:
    """`data-` attributes of a row, for filters: several values of one name are joined by |."""
    return "".join(f' data-{name}="{escape(value)}"' for name, value in values.items())


def filters(target: str, noun: str, total: int, **menus: Iterable[str]) -> str:
    """A form that filters the rows of `target`; a script shows it, without one everything stays visible.

    Args:
        target: id of the table or list.
        noun: what is counted, in the plural.
        total: how many there are.
        menus: name of a `data-` attribute and its values in the order of the menu.
    """
    selects = "".join(
        f'<label>{escape(name.replace("_", " ").capitalize())} <select name="{name}"><option value="">any</option>'
        + "".join(f'<option value="{escape(value)}">{escape(value)}</option>' for value in values)
        + "</select></label>"
        for name, values in menus.items()
    )
    return (
        f'<form class="kb-filter" role="search" data-for="{target}" data-noun="{noun}" aria-label="Filter the {noun}"'
        f' data-search-exclude hidden><label>Text <input type="search" name="text" autocomplete="off"></label>{selects}'
        f'<output aria-live="polite">{total} of {total} {noun}</output></form>'
    )


def in_order(used: Iterable[str], vocabulary: Sequence[str]) -> list[str]:
    """The words of a vocabulary that are used, in its order."""
    found = set(used)
    return [word for word in vocabulary if word in found]
