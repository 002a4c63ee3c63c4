"""Reads the terms of the glossary, marks their first use on other pages, and gives search the other names of a subject."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from kb.html import address, link
from kb.pages import Page
from kb.prose import plain_text

GLOSSARY = "glossary.md"
_ALSO = "Also: "
_WORD = re.compile(r"[^\W_]+")
_ENDS = re.compile(r"s?(?![\w-])")
# Where no word is marked: links and headings, code, controls, tables of figures, and citation groups on their way to numbers.
_PIECES = re.compile("(<[^>]*>|\ufdd6[^\ufdd7]*\ufdd7)")
_TAG = re.compile(r"<(/?)(?:a|h[1-6]|code|pre|button|summary|label|table|script|style|sup)\b")


@dataclass(frozen=True)
class Term:
    """A word of the glossary.

    Attributes:
        name: the heading.
        anchor: its anchor in the glossary.
        definition: the text below it without marks, citations, other names and references to pages.
        also: other names.
        sees: names of the pages that are about it.
        cites: whether the definition has a source.
        start: offset of the heading in the body of the glossary.
    """

    name: str
    anchor: str
    definition: str
    also: tuple[str, ...]
    sees: tuple[str, ...]
    cites: bool
    start: int

    @property
    def names(self) -> tuple[str, ...]:
        """The term and its other names."""
        return (self.name, *self.also)


def read_terms(page: Page) -> list[Term]:
    """The terms of the glossary in its order: every third-level heading with what stands below it."""
    headings = page.prose.headings
    pairs = zip(headings, [*(heading.start for heading in headings[1:]), len(page.body)], strict=False)
    return [_term(page, heading.text, heading.anchor, heading.start, end) for heading, end in pairs if heading.level == 3]


def _term(page: Page, name: str, anchor: str, start: int, end: int) -> Term:
    lines = page.body[start:end].split("\n")[1:]
    also = [line.removeprefix(_ALSO).rstrip(". ") for line in lines if line.startswith(_ALSO)]
    rest = [line for line in lines if line.strip() and not line.startswith((_ALSO, "See "))]
    targets = [each.target.partition("#")[0] for each in page.prose.links if start <= each.start < end]
    return Term(
        name,
        anchor,
        " ".join(re.sub(r"\s+([.,;])", r"\1", plain_text(line)) for line in rest),
        tuple(other.strip() for line in also for other in line.split(";") if other.strip()),
        tuple(dict.fromkeys(posixpath.normpath(target) for target in targets if target.endswith(".md"))),
        any(start <= citation.start < end for citation in page.prose.citations),
        start,
    )


class Lexicon:
    """Finds the terms of a glossary in a text, and the names that search knows a page by."""

    def __init__(self, terms: Sequence[Term]):
        self._about: dict[str, list[Term]] = {}
        for term in terms:
            for name in term.sees:
                self._about.setdefault(name, []).append(term)
        self._names = {name.casefold() for term in terms for name in term.names}
        self._by_word: dict[str, list[tuple[str, Term]]] = {}
        for term in terms:
            for name in term.names:
                first = _WORD.search(name)
                if first and name.startswith(first[0]):
                    self._by_word.setdefault(first[0].casefold(), []).append((name, term))
        for found in self._by_word.values():
            found.sort(key=lambda item: -len(item[0]))

    def mark(self, html: str, base: Page, glossary: Page) -> tuple[str, list[Term]]:
        """Link the first use of each term to the glossary.

        Args:
            html: text of a page, before citations have numbers.
            base: the page.
            glossary: the page that the links lead to.

        Returns:
            The text with the links, and the terms found, in the order of the text. A page that the glossary names
            as being about a term explains that term itself, and is left alone.
        """
        used: dict[str, Term] = {}
        target = address(glossary, base)
        pieces = _PIECES.split(html)
        inside = 0
        for index, piece in enumerate(pieces):
            if index % 2:
                tag = _TAG.match(piece)
                inside += 0 if not tag else -1 if tag[1] else 1
            elif not inside and piece.strip():
                pieces[index] = "".join(self._marked(piece, base, target, used))
        return "".join(pieces), list(used.values())

    def _marked(self, text: str, base: Page, target: str, used: dict[str, Term]) -> Iterator[str]:
        end = 0
        for word in _WORD.finditer(text):
            start = word.start()
            if start < end or text[start - 1 : start] in ("-", "&", "#", "_"):
                continue
            found = self._longest(text, start, word[0])
            if found is None:
                continue
            stop, term = found
            if term.anchor not in used and base.name not in term.sees:
                used[term.anchor] = term
                yield text[end:start]
                yield f'<a class="kb-term" href="{target}#{escape(term.anchor)}">{text[start:stop]}</a>'
            else:
                yield text[end:stop]
            end = stop
        yield text[end:]

    def _longest(self, text: str, start: int, word: str) -> tuple[int, Term] | None:
        """End and term of the longest name that begins here; names with inner capitals keep their case, plurals count."""
        for name, term in self._by_word.get(word.casefold(), ()):
            piece = text[start : start + len(name)]
            same = piece == name if _has_inner_capital(name) else piece.casefold() == name.casefold()
            ending = _ENDS.match(text, start + len(name)) if same else None
            if ending:
                return ending.end(), term
        return None

    def search_names(self, page: Page) -> list[str]:
        """Names by which search puts this page first: those of the terms that lead here before anywhere else.

        A name that holds the name of another term (MSC vesicle) is left out: it would outrank the page about that term.
        """
        mine = (name for term in self._about.get(page.name, ()) if term.sees[0] == page.name for name in term.names)
        return list(dict.fromkeys(name for name in mine if not _parts(name) & self._names))

    def other_names(self, page: Page) -> str:
        """What else the subjects of a page are called, for the search index; empty where the glossary knows none."""
        names = dict.fromkeys(name for term in self._about.get(page.name, ()) for name in term.names)
        return f"<p>Also known as: {escape('; '.join(names))}.</p>" if names else ""


def _has_inner_capital(name: str) -> bool:
    return any(char.isupper() for char in name[1:])


def words_of_page(terms: Sequence[Term], base: Page, glossary: Page) -> str:
    """The terms that a page uses, with their definitions: what the cards show, and a list for readers without script."""
    if not terms:
        return ""
    target = address(glossary, base)
    items = "".join(
        f'<dt>{escape(term.name)}</dt><dd id="kb-word-{escape(term.anchor)}"><p>{escape(term.definition)}</p>'
        f"<p>{link(f'{target}#{term.anchor}', 'Sources in the glossary')}</p></dd>"
        for term in terms
    )
    head = f"<summary>Words on this page ({len(terms)})</summary>"
    return f'<details class="kb-words" data-search-exclude>{head}<dl>{items}</dl></details>'


def _parts(name: str) -> set[str]:
    """Every shorter run of words in a name."""
    words = re.split(r"[\s-]+", name.casefold())
    runs = {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    return runs - {" ".join(words)}
