"""Makes the PDF and the EPUB: chapters → pandoc → Typst (PDF/UA-1), or pandoc alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
import uuid
from datetime import UTC, date, datetime, time
from pathlib import Path

import matplotlib as mpl
import pypandoc
import typst
import yaml

from kb.chapters import Broken, chapters, document, slug
from kb.downloads import NAME
from kb.pages import read_text
from kb.problems import Problem, nearest
from kb.project import Project

FONTS = Path("/usr/share/fonts/opentype/noto")
"""Where Debian's fonts-noto-cjk lies: names of Chinese and Japanese records need it."""
_DRAWING_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')


def make_book(project: Project, site: Path, part: str = "", kind: str = "pdf") -> Path:
    """Make the book, or a part of it, and put it in place only when it is whole.

    Args:
        project: the project.
        site: folder of the built site.
        part: a page or section, as its path below docs/ or the beginning of one; empty for all.
        kind: `pdf` or `epub`.

    Returns:
        The file, below dist/.

    Raises:
        Broken: where a chapter cannot be taken into the book; the last good file stays.
    """
    only = _chosen(project, part)
    out = project.root / "dist" / f"{NAME}{'-' + only.strip('/').removesuffix('.md').replace('/', '-') if only else ''}.{kind}"
    out.parent.mkdir(exist_ok=True)
    html = document(project, site, only)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".making-") as folder:
        fresh = Path(folder) / out.name
        _pandoc(project, html, kind, fresh.with_suffix(".typ") if kind == "pdf" else fresh)
        if kind == "pdf":
            _typst(project, fresh.with_suffix(".typ"), fresh)
        os.replace(fresh, out)
    return out


def _chosen(project: Project, part: str) -> str:
    """The part as the beginning of names of pages; a part that names no page is refused."""
    only = part.removeprefix("docs/").strip("/")
    pages = [page.name for page in chapters(project, only)]
    if not pages:
        known = {page.name for page in chapters(project)} | {page.name.split("/")[0] for page in chapters(project)}
        near = nearest(only, known)
        hint = f"did you mean '{near}'?" if near else "name a page or a folder below docs/"
        raise Broken([Problem("docs", 1, "KB501", f"'{part}' is not a page or section; {hint}")])
    return only


def edition(project: Project) -> tuple[str, date]:
    """Version from CITATION.cff, and the day of the newest review: the same for every build of the same text."""
    citation = yaml.safe_load(read_text(project.root / "CITATION.cff", "CITATION.cff", []))
    return str(citation["version"]), max(meta.reviewed for meta in project.record.values() if meta.reviewed)


def _described(project: Project) -> dict[str, str]:
    """What the cover and the metadata of both formats say."""
    version, day = edition(project)
    title = str(project.settings.get("site_name", ""))
    return {
        "title": title,
        "author": f"{title} contributors",
        "description": str(project.settings.get("site_description", "")),
        "rights": str(project.settings.get("copyright", "")),
        "lang": "en",
        "identifier": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'msc-nk-kb:book:{version}:{day}')}",
        "version": f"Version {version}",
        "date": day.isoformat(),
        "year": str(day.year),
        "month": str(day.month),
        "day": str(day.day),
        "date-text": f"{day.day} {day:%B %Y}",
    }


def _pandoc(project: Project, html: str, kind: str, out: Path) -> None:
    metadata = [f"--metadata={name}={value}" for name, value in _described(project).items()]
    command = [pypandoc.get_pandoc_path(), "--defaults", f"book/{kind}.yaml", "--output", str(out), *metadata]
    epoch = datetime.combine(edition(project)[1], time(), UTC).timestamp()  # dates inside the EPUB, not those of the build
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(epoch)), "LC_ALL": "C.UTF-8"}  # the title is not ASCII
    run = subprocess.run(
        command, cwd=project.root, env=environment, input=html, capture_output=True, encoding="utf-8", check=False
    )
    if run.returncode or run.stderr:
        raise Broken([Problem(f"book/{kind}.yaml", 1, "KB502", f"pandoc: {line}") for line in run.stderr.strip().split("\n")])


def _typst(project: Project, source: Path, out: Path) -> None:
    for name in _DRAWING_FONTS:  # alone: the folder they come from has a font with a stand-in for every character
        shutil.copy(Path(mpl.get_data_path(), "fonts", "ttf", name), source.parent)
    try:
        typst.compile(
            source,
            output=out,
            root="/",  # pictures lie in the site, which is a link to another folder
            font_paths=[FONTS, source.parent],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            sys_inputs=_described(project),
        )
    except typst.TypstError as error:
        raise Broken(sorted(set(_explained(project, source, error.diagnostic)))) from None


def _explained(project: Project, source: Path, diagnostic: str) -> list[Problem]:
    """Each error of Typst as a line that leads to the page that caused it."""
    found = []
    for text in dict.fromkeys(_NO_GLYPH.findall(diagnostic)):
        for char in text:
            name = f"'{char}' (U+{ord(char):04X} {unicodedata.name(char, 'without a name')})"
            found.append(Problem(*_place(project, char), "KB502", f"{name} is in no font of the book; write it in words"))
    if found:
        return found
    text = source.read_text(encoding="utf-8")
    for message, number in re.findall(r"error: (.+?)\n.*?:(\d+):\d+\n", diagnostic):
        lines = text.split("\n")
        near = " ".join(lines[int(number) - 1].split())[:80]
        page = _chapter_of(project, "\n".join(lines[: int(number)]))
        found.append(Problem(page, 1, "KB502", f"Typst: {message}, at '{near}'"))
    return found or [Problem("book/template.typ", 1, "KB502", f"Typst: {diagnostic.strip().splitlines()[0]}")]


def _place(project: Project, char: str) -> tuple[str, int]:
    """File and line where a character stands first."""
    for page in project.pages:
        for number, line in enumerate(read_text(project.root / page.path, page.path, []).split("\n"), 1):
            if char in line:
                return page.path, number
    text = read_text(project.root / project.bibliography.path, "", [])
    return project.bibliography.path, text[: max(text.find(char), 0)].count("\n") + 1


def _chapter_of(project: Project, before: str) -> str:
    """The page that the end of a piece of the Typst source belongs to, by the last label of a chapter in it."""
    pages = {slug(page.name): page.path for page in chapters(project)}
    labels = (label for label in re.findall(r"(?<!\()<([^<>\s]+)>", before) if label in pages)
    last = list(labels)[-1:]
    return pages[last[0]] if last else "book/template.typ"
