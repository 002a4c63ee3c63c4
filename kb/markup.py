"""What the build does to the text of a page around mkdocs-bibtex: shields, tokens, numbers, reference lists."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.pages import Page
from kb.prose import Prose, parse_group

# Noncharacters of Unicode: no text may contain them, so they can stand for what the plugin must not see.
_SHIELDS = {"@": "\ufdd0", "[": "\ufdd1", "]": "\ufdd2"}
_OPEN, _CLOSE = "\ufdd3", "\ufdd4"  # around a citation key
_LEFT, _RIGHT = "\ufdd6", "\ufdd7"  # around a citation group
NEVER = "\ufdd5never"
_SHIELDED = re.compile("[" + re.escape("".join(_SHIELDS)) + "]")
_TOKEN = re.compile(f"{_OPEN}([0-9a-f]+){_CLOSE}")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>{}~^|#@&]")
_GROUP = re.compile(f"[ ]?{_LEFT}[^{_RIGHT}]*{_RIGHT}")


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
    """A citation group as tokens: [1, 2] once they are numbers, and with prefix and locator [see 1, Table 2; 3]."""
    citations = parse_group(group)
    texts = [f"{c.prefix} {_token(c.key)}".strip() + (f", {c.locator}" if c.locator else "") for c in citations]
    separator = "; " if any(c.prefix or c.locator for c in citations) else ", "
    return f"{_LEFT}{separator.join(texts)}{_RIGHT}"


def _token(key: str) -> str:
    # In hexadecimal, because an abbreviation such as NK would be found in the key NK-2020.
    return f"{_OPEN}{key.encode().hex()}{_CLOSE}"


PART_TOKEN = re.compile(r'<div data-kb-part="([^"]*)"></div>')


def part_token(name: str) -> str:
    """A block of its own that stands for a generated part."""
    return f'<div data-kb-part="{name}"></div>'


def title(page: Page) -> str:
    """The title as the first heading; the navigation may call the page by a shorter name."""
    return f"# {_hide(entities(page.title))}\n\n"


def entities(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", " ".join(text.split()))


def summary(page: Page) -> str:
    """The three plain sentences, as a box at the top of the page."""
    sentences = page.meta.get("summary") or []
    lines = "".join(f"    - {entities(str(sentence))}\n" for sentence in sentences)
    return f'!!! abstract "In plain words"\n\n{lines}\n' if lines else ""


def count_written(markdown: str) -> int:
    """Number of citations in the text of a page, generated ones among them."""
    return len(Prose(markdown).citations)


def count_shown(html: str) -> int:
    """Number of citations in a page that came out of Markdown."""
    return html.count(_OPEN)


def without_citations(html: str) -> str:
    """The text of a page as search reads it: numbers and reference lists would cost more than the text itself."""
    return _GROUP.sub("", html)


def with_numbers(html: str, references: Mapping[str, str]) -> str:
    """The text of a page as it is read: works numbered as they first appear, and listed below.

    Args:
        html: the page, with tokens for citations.
        references: HTML of every work by key.
    """
    places: dict[str, int] = {}
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        key = bytes.fromhex(match[1]).decode()
        places[key] = places.get(key, 0) + 1
        shown = numbers.setdefault(key, len(numbers) + 1)
        return (
            f'<sup id="{_place(key, places[key])}"><a class="footnote-ref" role="doc-noteref" href="#fn:{key}">{shown}</a></sup>'
        )

    html = _TOKEN.sub(number, html).replace(_LEFT, "[").replace(_RIGHT, "]")
    return html + _reference_list(places, references) if places else html


def _place(key: str, number: int) -> str:
    """Anchor of a citation in the text."""
    return f"fnref{number if number > 1 else ''}:{key}"


def _reference_list(places: Mapping[str, int], references: Mapping[str, str]) -> str:
    items = []
    for number, (key, count) in enumerate(places.items(), 1):
        back = " ".join(
            f'<a class="footnote-backref" href="#{_place(key, place)}"'
            f' title="Back to citation {number}, place {place} of {count}">&#8617;</a>'
            for place in range(1, count + 1)
        )
        items.append(f'<li id="fn:{key}">\n<p>{references[key]}&#160;{back}</p>\n</li>\n')
    title = '<h2 id="page-references">References</h2>'
    return f'<div class="footnote kb-references" role="doc-endnotes">\n{title}\n<ol>\n{"".join(items)}</ol>\n</div>'
