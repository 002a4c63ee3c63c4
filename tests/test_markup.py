"""The built site as machines meet it: links and anchors, headings, descriptions, tags for citing, the sitemap."""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from lxml import etree, html

from kb.downloads import PDF
from kb.metatags import PICTURE, PICTURE_SIZE
from tests.conftest import ROOT, Build, small_project

HOME = "https://example.org/kb/"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@cache
def parsed(file: Path) -> etree._Element:
    return html.document_fromstring(file.read_bytes())


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


@cache
def anchors(file: Path) -> frozenset[str]:
    return frozenset(parsed(file).xpath("//@id"))


def broken_links(site: Path) -> Iterator[str]:
    """Every address of a page that leads nowhere in the site."""
    for file in pages(site):
        for address in parsed(file).xpath("//@href | //@src"):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            where = file.parent / unquote(parts.path) if parts.path else file
            if parts.path.startswith("/"):  # the page for missing addresses is shown anywhere
                where = site / parts.path.lstrip("/")
            target = Path(os.path.normpath(where))
            if not target.is_file():
                yield f"{file.relative_to(site)}: {address}"
            elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in anchors(target):
                yield f"{file.relative_to(site)}: {address}: no such anchor"


def test_every_link_and_anchor_inside_the_site_resolves(site: Path) -> None:
    assert list(broken_links(site)) == []


def test_a_broken_link_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p id="x"><a href="b.html">1</a><a href="#y">2</a><a href="a.html#x">3</a></p>')
    assert list(broken_links(tmp_path)) == ["a.html: b.html", "a.html: #y: no such anchor"]


def test_every_page_has_one_heading_a_title_and_a_description_of_its_own(site: Path) -> None:
    assert len(pages(site)) > 250
    titles: Counter[str] = Counter()
    for file in pages(site):
        page = parsed(file)
        assert len(page.xpath("//h1")) == 1, file
        levels = [int(heading.tag[1]) for heading in page.xpath("//article//*[self::h1 or self::h2 or self::h3 or self::h4]")]
        assert all(after <= before + 1 for before, after in pairwise(levels)), file
        assert page.get("lang") == "en", file
        assert len(page.xpath("//meta[@name='description'][string-length(@content) > 20]")) == 1, file
        ids = Counter(page.xpath("//@id"))
        assert [name for name, count in ids.items() if count > 1] == [], file
        titles[page.findtext(".//title")] += 1
    assert [title for title, count in titles.items() if count > 1] == []


def meta(build: Build, name: str) -> dict[str, str]:
    page = html.document_fromstring(build.page(name))
    found = [(tag.get("name") or tag.get("property"), tag.get("content")) for tag in page.iter("meta")]
    named = [name for name, _ in found if name]
    assert len(named) == len(set(named))
    return {name: text for name, text in found if name}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A small project as it is published: with an address, a page under review and a book."""
    reviewed = (
        "---\ntitle: IDO & “others”\ndescription: How it's made, with a quote \".\nsummary: [One., Two., Three.]\n"
        "reviewed: 2026-11-20\nreview_due: 2027-05-20\n---\n\n## What is known\n\nText.\n"
    )
    root = small_project(tmp_path_factory.mktemp("markup") / "project", {"docs/mechanisms/index.md": reviewed})
    (root / "dist").mkdir()
    (root / "dist" / PDF).write_bytes(b"%PDF-1.7")
    return Build(root, SITE_URL=HOME)


def test_open_graph_names_page_and_picture(published: Build) -> None:
    found = meta(published, "mechanisms/index.html")
    assert found["og:title"] == "IDO & “others”"
    assert found["og:description"] == found["description"] == "How it's made, with a quote \"."
    assert (found["og:type"], found["og:url"]) == ("article", f"{HOME}mechanisms/index.html")
    assert (found["og:image"], found["twitter:card"]) == (f"{HOME}{PICTURE}", "summary_large_image")
    assert meta(published, "index.html")["og:type"] == "website"
    picture = (published.folder / PICTURE).read_bytes()
    assert struct.unpack(">II", picture[16:24]) == PICTURE_SIZE == (1200, 630)
    assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
    assert len(picture) < 100_000


def test_tags_for_citing_say_what_the_page_says(published: Build) -> None:
    found = meta(published, "mechanisms/index.html")
    assert {name: text for name, text in found.items() if name.startswith("citation_")} == {
        "citation_title": "IDO & “others”",
        "citation_author": yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["authors"][0]["name"],
        "citation_publication_date": "2026/11/20",
        "citation_language": "en",
        "citation_fulltext_html_url": f"{HOME}mechanisms/index.html",
    }
    home = meta(published, "index.html")
    assert home["citation_pdf_url"] == f"{HOME}downloads/{PDF}"
    assert (published.folder / "downloads" / PDF).is_file()
    assert "citation_publication_date" not in meta(published, "references.html")


def test_canonical_addresses_and_sitemap_agree(published: Build) -> None:
    canonical = set()
    for file in published.folder.rglob("*.html"):
        if file.name != "404.html":
            (address,) = html.document_fromstring(file.read_bytes()).xpath("//link[@rel='canonical']/@href")
            assert address == HOME + file.relative_to(published.folder).as_posix()
            canonical.add(address)
    sitemap = etree.fromstring(published.page("sitemap.xml").encode())
    assert sitemap.tag == f"{SITEMAP}urlset"
    assert {child.tag for child in sitemap} == {f"{SITEMAP}url"}
    places = sitemap.findall(f"{SITEMAP}url/{SITEMAP}loc")
    assert sorted(place.text for place in places) == sorted(canonical)
    dates = {url[0].text: [child.text for child in url[1:]] for url in sitemap}
    assert dates[f"{HOME}mechanisms/index.html"] == ["2026-11-20"]
    assert dates[f"{HOME}references.html"] == ["2026-11-23"], "made from all pages, it is as old as the newest review"


def test_without_an_address_nothing_absolute_is_claimed(project: Callable[..., Path]) -> None:
    build = Build(project())
    found = meta(build, "index.html")
    assert {"og:url", "og:image", "citation_fulltext_html_url", "citation_pdf_url"}.isdisjoint(found)
    assert "canonical" not in build.page("index.html")
    assert not (build.folder / "sitemap.xml").exists()
