"""Turns the pages of the built site into one HTML document: the source of the book and of the EPUB."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import html as lxml_html

from kb.book_shape import Element, each, element, shape
from kb.figures import for_print, stored, taken_out
from kb.pages import Page
from kb.problems import Problem
from kb.project import Project

REFERENCES, DOWNLOADS = "references.md", "about/downloads.md"
"""Pages that are no chapters: the works stand once, at the end, and the downloads name the hash of the book."""
_SCREEN_ONLY = (
    *("headerlink", "md-content__button", "footnote-backref"),  # of the theme and its Markdown
    *("kb-permalink", "kb-filter", "kb-downloads", "kb-export", "kb-words", "kb-feed"),
)
"""Classes of what serves only on a screen."""


class Broken(Exception):
    """Pages that cannot be taken into the book; `problems` says which and why."""

    def __init__(self, problems: list[Problem]):
        super().__init__(len(problems))
        self.problems = problems


def chapters(project: Project, only: str = "") -> list[Page]:
    """The pages in the order of the navigation, those of trials behind the list of trials, the works at the end.

    Args:
        project: the project.
        only: beginning of the names that are taken; empty for all.
    """
    listed = {name for _, name, _ in project.nav}
    order = [page for page in project.in_order if page.name in listed and page.name not in (REFERENCES, DOWNLOADS)]
    at = next((index for index, page in enumerate(order, 1) if page.name == "trials/index.md"), len(order))
    order[at:at] = [page for page in project.in_order if page.name not in listed]
    return [page for page in order if page.name.startswith(only)]


def document(project: Project, site: Path, only: str = "") -> str:
    """The chapters as one HTML document, with works numbered once through all of them.

    Args:
        project: the project.
        site: folder of the built site.
        only: beginning of the names of the pages that are taken; empty for all.

    Raises:
        Broken: where a page or a target is missing, or a picture has no words: nothing is left out in silence.
    """
    return _Document(project, site, chapters(project, only)).made()


class _Document:
    """One document on its way: what was numbered and what is wrong so far."""

    def __init__(self, project: Project, site: Path, pages: list[Page]):
        self.project, self.site, self.pages = project, site, pages
        self.by_address = {page.address: page for page in pages}
        self.numbers: dict[str, int] = {}
        self.cited_in: dict[str, list[Page]] = {}
        self.linked_in: dict[str, list[Page]] = {}
        self.problems: list[Problem] = []

    def made(self) -> str:
        body = lxml_html.Element("body")
        sections = _sections(self.project.settings.get("nav"))
        last = ""
        for page in self.pages:
            section = sections.get(page.name, "Trials")
            if section and section != last:
                body.append(element("h1", section, id=f"part-{slug(section)}"))
            last = section
            article = self._article(page)
            if article is not None:
                body.extend(self._chapter(page, article, deeper=1 if section else 0))
        body.extend(self._works())
        self._check_targets(body)
        if self.problems:
            raise Broken(sorted(set(self.problems)))
        return lxml_html.tostring(body, encoding="unicode")

    def _wrong(self, page: Page, message: str) -> None:
        self.problems.append(Problem(page.path, 1, "KB501", message))

    def _article(self, page: Page) -> Element | None:
        file = self.site / page.address
        if not file.is_file():
            self._wrong(page, f"'{page.address}' is not in the site; run 'make site'")
            return None
        text = taken_out(
            file.read_text(encoding="utf-8"), lambda drawing: stored(for_print(drawing, self.project.root), self.project.root)
        )
        found = lxml_html.fromstring(text).xpath("//article")
        if not found:
            self._wrong(page, f"'{page.address}' has no article to print; look at overrides/main.html")
            return None
        return found[0]

    def _chapter(self, page: Page, article: Element, deeper: int) -> Iterator[Element]:
        """The article with its own ids, whole-book numbers and headings below those of its part."""
        for name in _SCREEN_ONLY:
            each(article, name, lambda found: found.drop_tree())
        each(article, "kb-references", lambda found: found.drop_tree())
        each(article, "kb-term", lambda found: found.drop_tag())
        each(article, "kb-facts", self._facts)
        for sup in article.xpath(".//sup[a[contains(@class, 'footnote-ref')]]"):
            self._number(page, sup)
        for named in article.xpath(".//*[@id]"):
            named.set("id", f"{slug(page.name)}--{named.get('id')}")
        for link in article.xpath(".//a[@href]"):
            self._link(page, link)
        for picture in article.xpath(".//img"):
            self._picture(page, picture)
        shape(article, deeper)
        next(iter(article.xpath(".//h1|.//h2"))).set("id", slug(page.name))
        yield from article

    def _facts(self, footer: Element) -> None:
        """Of the foot of a page only the day of its review is printed."""
        for link in footer.xpath(".//p[contains(@class, 'review')]/a"):
            link.drop_tree()
        review = footer.xpath(".//p[contains(@class, 'review')]")
        for child in list(footer):
            if child not in review or not review[0].xpath(".//time"):
                child.drop_tree()

    def _number(self, page: Page, sup: Element) -> None:
        key = unquote(sup[0].get("href")).removeprefix("#fn:")
        sup[0].text = str(self._listed(page, key, self.cited_in))
        sup[0].set("href", f"#work-{key}")
        sup[0].attrib.pop("role", None)
        sup.drop_tag()

    def _listed(self, page: Page, key: str, places: dict[str, list[Page]]) -> int:
        """Number of a work in the list of the book, which names the pages that cite it, or else those that link to it."""
        where = places.setdefault(key, [])
        if page not in where:
            where.append(page)
        return self.numbers.setdefault(key, len(self.numbers) + 1)

    def _link(self, page: Page, link: Element) -> None:
        """Links to chapters stay inside; what is not in the book is linked on the site, or is text where it has no address."""
        parts = urlsplit(link.get("href"))
        if parts.scheme or link.get("href").startswith("#work-"):
            return
        name = (
            posixpath.normpath(posixpath.join(posixpath.dirname(page.address), unquote(parts.path)))
            if parts.path
            else page.address
        )
        anchor = unquote(parts.fragment)
        if name == "references.html" and anchor in self.project.entry:
            self._listed(page, anchor, self.linked_in)
            link.set("href", f"#work-{anchor}")
        elif name == "references.html":
            link.set("href", "#works")
        elif name in self.by_address:
            chapter = slug(self.by_address[name].name)
            link.set("href", f"#{chapter}--{anchor}" if anchor else f"#{chapter}")
        else:
            link.drop_tag()

    def _picture(self, page: Page, picture: Element) -> None:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(page.address), picture.get("src", "")))
        if not picture.get("alt"):
            self._wrong(page, f"picture '{name}' has no words; write ![what it shows]({name})")
        if not (self.site / name).is_file():
            self._wrong(page, f"picture '{name}' is not in the site; correct the path")
        picture.set("src", str(self.site / name))

    def _works(self) -> Iterator[Element]:
        """The numbered list of all works that the chapters cite, each with the way back to them."""
        listed = lxml_html.fromstring((self.site / "references.html").read_text(encoding="utf-8"))
        items = {item.get("id"): item for item in listed.xpath("//ol[contains(@class, 'kb-bibliography')]/li")}
        yield element("h1", "References", id="works")
        for key, number in self.numbers.items():
            item = items[key]
            for name in (*_SCREEN_ONLY, "kb-cited"):
                each(item, name, lambda found: found.drop_tree())
            entry = element("div", "", id=f"work-{key}", **{"class": "work"})
            text = item.xpath(".//p")[0]
            text.text = f"{number}. {text.text or ''}"
            back = element("span", " Cited in: ", **{"class": "cited"})
            pages = self.cited_in.get(key) or self.linked_in[key]
            for index, page in enumerate(pages):
                link = element("a", page.title, href=f"#{slug(page.name)}")
                link.tail = "; " if index + 1 < len(pages) else "."
                back.append(link)
            text.append(back)
            entry.append(text)
            yield entry

    def _check_targets(self, body: Element) -> None:
        targets = set(body.xpath("//@id"))
        chapter_of = {slug(page.name): page for page in self.pages}
        for link in body.xpath("//a[starts-with(@href, '#')]"):
            target = link.get("href")[1:]
            if target not in targets:
                page = chapter_of.get(target.partition("--")[0]) or self.pages[0]
                self._wrong(page, f"'#{target.rpartition('--')[2]}' is linked to but is not on this page; correct the link")


def _sections(nav: Any, section: str = "") -> dict[str, str]:
    """For each page of the navigation the title of the top-level part that it stands in; empty at the top."""
    found: dict[str, str] = {}
    for item in nav if isinstance(nav, list) else []:
        if isinstance(item, str):
            found[item] = section
        elif isinstance(item, dict):
            for title, target in item.items():
                found |= {target: section} if isinstance(target, str) else _sections(target, section or str(title))
    return found


def slug(name: str) -> str:
    """The name of a page as an anchor in the book."""
    return name.removesuffix(".md").replace("/", "-").replace(" ", "-")
