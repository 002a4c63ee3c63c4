"""Describes pages in `meta` elements: Open Graph for links in messages, Highwire for Google Scholar and reference managers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from kb.downloads import FOLDER, PDF, files
from kb.pages import Page
from kb.project import Project

PICTURE = "assets/social.png"
PICTURE_SIZE = (1200, 630)
"""Width and height in pixels, which Open Graph readers expect."""


def meta_tags(project: Project, page: Page, address: str, home: str) -> str:
    """The elements of a page.

    Args:
        project: the project.
        page: the page.
        address: its canonical address; empty where the site has none.
        home: address of the site with a slash at the end, or empty; what must be absolute is then left out.
    """
    facts = (project, page, address, home)
    graph = [f'<meta property="{name}" content="{escape(text)}">' for name, text in _open_graph(*facts)]
    named = [f'<meta name="{name}" content="{escape(text)}">' for name, text in _highwire(*facts)]
    return "".join([*graph, '<meta name="twitter:card" content="summary_large_image">', *named])


def _open_graph(project: Project, page: Page, address: str, home: str) -> Iterator[tuple[str, str]]:
    """https://ogp.me"""
    meta = project.record[page.name]
    site = str(project.settings.get("site_name", ""))
    yield "og:type", "website" if page.name == "index.md" else "article"
    yield "og:site_name", site
    yield "og:title", meta.title
    yield "og:description", meta.description
    yield "og:locale", "en_GB"
    if address:
        yield "og:url", address
    if home:
        yield "og:image", home + PICTURE
        yield "og:image:width", str(PICTURE_SIZE[0])
        yield "og:image:height", str(PICTURE_SIZE[1])
        yield "og:image:alt", f"{site}: a long stromal cell and a round NK cell, interlocked"


def _highwire(project: Project, page: Page, address: str, home: str) -> Iterator[tuple[str, str]]:
    """https://scholar.google.com/intl/en/scholar/inclusion.html#indexing

    The date is that of the last review, which is what the page is cited by; a page without one has none.
    The PDF is of the whole, so it stands at Home, which describes the whole.
    """
    meta = project.record[page.name]
    yield "citation_title", meta.title
    yield "citation_author", f"{project.settings.get('site_name', '')} contributors"
    if meta.reviewed:
        yield "citation_publication_date", f"{meta.reviewed:%Y/%m/%d}"
    yield "citation_language", "en"
    if address:
        yield "citation_fulltext_html_url", address
    if home and page.name == "index.md" and any(file.name == PDF for file in files(project.root)):
        yield "citation_pdf_url", f"{home}{FOLDER}/{PDF}"
