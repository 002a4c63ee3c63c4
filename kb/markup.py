"""What the build does to the text of a page around mkdocs-bibtex: shields, tokens, numbers, reference lists."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.bibliography import Entry
from kb.pages import Page
from kb.prose import Prose, parse_group
from kb.references import reference_html

# Noncharacters of Unicode: no text may contain them, so they can stand for what the plugin must not see.
_SHIELDS = {"@": "\ufdd0", "[": "\ufdd1", "]": "\ufdd2"}
_OPEN, _CLOSE = "\ufdd3", "\ufdd4"
BIBLIOGRAPHY = "\ufdd5bibliography"
NEVER = "\ufdd5never"
_SHIELDED = re.compile("[" + re.escape("".join(_SHIELDS)) + "]")
_REFERENCE_TOKEN = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_MARKER = re.compile(r"^\{\{[ \t]*([a-z ]+?)[ \t]*\}\}[ \t]*$", re.MULTILINE)


def shield(markdown: str) -> str:
    """Hide every @ and bracket but those of citation groups; turn markers into tokens.

    mkdocs-bibtex rewrites whatever looks like a citation, in code and links too; after this it sees only citations.
    """
    prose = Prose(_escaped(markdown))
    markdown = prose.text
    parts = []
    end = 0
    for group in prose.groups:
        parts.append(_hide(markdown[end : group.start()]))
        parts.append(group[0])
        end = group.end()
    parts.append(_hide(markdown[end:]))
    text = "".join(parts)
    for marker in prose.markers:
        text = text.replace(marker[0], part_token(marker["name"]))
    return text


def _escaped(markdown: str) -> str:
    """Write \\@ in prose as the plain sign: Markdown itself knows no such escape."""
    if "\\@" not in markdown:
        return markdown
    visible = Prose(markdown).visible
    pieces = re.split(r"(\\@)", markdown)
    start = 0
    for number, piece in enumerate(pieces):
        if piece == "\\@" and visible.startswith(piece, start):
            pieces[number] = _SHIELDS["@"]
        start += len(piece)
    return "".join(pieces)


def _hide(text: str) -> str:
    return _SHIELDED.sub(lambda match: _SHIELDS[match[0]], text)


def unshield(markdown: str) -> str:
    """Undo `shield` once the plugin is done."""
    for char, stand_in in _SHIELDS.items():
        markdown = markdown.replace(stand_in, char)
    return markdown


def citation(group: str) -> str:
    """A citation group as numbers in brackets: [1, 2], and with prefix and locator [see 1, Table 2; 3]."""
    citations = parse_group(group)
    texts = [f"{c.prefix} [^{c.key}]".strip() + (f", {c.locator}" if c.locator else "") for c in citations]
    separator = "; " if any(c.prefix or c.locator for c in citations) else ", "
    return f"\\[{separator.join(texts)}\\]"


def reference_token(key: str) -> str:
    """Stands for the reference until the page is finished."""
    return f"{_OPEN}{key}{_CLOSE}"


def part_token(name: str) -> str:
    """A block of its own that stands for a generated part."""
    return f'<div data-kb-part="{name}"></div>'


def summary(page: Page) -> str:
    """The three plain sentences, as a box at the top of the page."""
    sentences = page.meta.get("summary") or []
    lines = "".join(f"    - {_hide(' '.join(str(sentence).split()))}\n" for sentence in sentences)
    return f'!!! abstract "In plain words"\n\n{lines}\n' if lines else ""


def count_written(markdown: str) -> int:
    """Number of citations in the text of a page, generated ones among them."""
    return len(Prose(markdown).citations)


def count_shown(html: str) -> int:
    """Number of citation numbers in the text of a rendered page."""
    return html.count('class="footnote-ref"')


def title_reference_list(html: str) -> str:
    """Give the reference list of a page a heading, and keep it out of the search index."""
    plain = '<div class="footnote">\n<hr />\n'
    titled = '<div class="footnote kb-references" data-search-exclude>\n<h2 id="page-references">References</h2>\n'
    return html.replace(plain, titled)


def insert_references(html: str, entries: Mapping[str, Entry], formatted: Mapping[str, str]) -> str:
    """Replace every reference token by the formatted reference."""
    if _OPEN not in html:
        return html
    return _REFERENCE_TOKEN.sub(lambda match: reference_html(entries[match[1]], formatted[match[1]]), html)
