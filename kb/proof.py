"""Shows that every format of a release carries the same pages, claims, results and works, by count and by hash."""

from __future__ import annotations

import hashlib
import html
import json
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader

from kb.chapters import DOWNLOADS, REFERENCES
from kb.downloads import EPUB, OFFLINE, PDF
from kb.project import Project
from kb.records import Outcome
from kb.trials import result

KINDS = ("pages", "claims", "results", "works")
LEFT_OUT = {
    "PDF": "the page of downloads (its hashes would change the book); works that no page cites; filters and copy buttons",
    "EPUB": "as the PDF",
    "offline copy": "feed, sitemap and the page for addresses that do not exist: they need a server",
    "Markdown twins": "ledgers and tables that the records make: a link leads to the data instead",
    "data": "pages: it holds the records, not the text around them",
}
"""What a format does not carry, and why."""
_SAME = {ord(quote): None for quote in "‘’“”\"'"} | dict.fromkeys(map(ord, "−–—"), "-")
_TAG = re.compile(r"<(script|style|nav|form)\b.*?</\1>|<[^>]*>", re.DOTALL)


@dataclass(frozen=True)
class Carried:
    """What a format carries of one kind: how many of how many, and the hash of what was found, in the order of the site."""

    form: str
    kind: str
    found: int
    wanted: int
    digest: str


def normalised(text: str) -> str:
    """Letters, figures and signs alone: no spaces, soft hyphens and quotes, ligatures taken apart, one kind of dash.

    Each format has its own quotes, dashes and marks for raised text, and they say the same.
    """
    return re.sub(r"[\s\u00ad^~]+", "", unicodedata.normalize("NFKC", text).translate(_SAME))


def wanted(project: Project) -> dict[str, list[str]]:
    """What every format should carry, normalised, in the order of the site."""
    pages = [page for page in project.in_order if page.name not in (REFERENCES, DOWNLOADS)]
    cited = [key for key in project.cited_on if key in project.entry]
    return {
        "pages": [normalised(page.title) for page in pages],
        "claims": [normalised(placed.claim.statement) for page in pages for placed in project.claims_on.get(page.name, [])],
        "results": [normalised(result(outcome)) for _, trial in project.trials for outcome in trial.outcomes],
        "works": [normalised(project.entry[key].plain_title) for key in cited],
    }


def prove(project: Project, site: Path) -> list[Carried]:
    """Look for everything in every format that lies in dist/ and in the site itself.

    Args:
        project: the project.
        site: folder of the built site.
    """
    items = wanted(project)
    return [
        _carried(form, kind, items[kind], text)
        for form, text in _texts(project, site)
        for kind in KINDS
        if not (form == "data" and kind == "pages")
    ]


def _carried(form: str, kind: str, items: list[str], text: str) -> Carried:
    """An item that stands twice on the site must stand twice in the format."""
    needed = Counter(items)
    there = {item: min(count, text.count(item)) for item, count in needed.items()}
    found = [item for item in items if there[item]]
    missing = sum(needed[item] - there[item] for item in needed)
    digest = hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]
    return Carried(form, kind, len(items) - missing, len(items), digest)


def _texts(project: Project, site: Path) -> Iterator[tuple[str, str]]:
    """The normalised text of each format."""
    dist = project.root / "dist"
    yield "site", _joined(file.read_text(encoding="utf-8") for file in sorted(site.rglob("*.html")))
    yield "Markdown twins", normalised(" ".join(file.read_text(encoding="utf-8") for file in sorted(site.rglob("*.md"))))
    yield "data", _data(site)
    makers: dict[str, tuple[str, Callable[[Path], str]]] = {
        "PDF": (PDF, lambda file: normalised(" ".join(page.extract_text() for page in PdfReader(file).pages))),
        "EPUB": (EPUB, lambda file: _zipped(file, ".xhtml")),
        "offline copy": (OFFLINE, lambda file: _zipped(file, ".html")),
    }
    for form, (name, make) in makers.items():
        if (dist / name).is_file():
            yield form, make(dist / name)


def _joined(pages: Iterable[str]) -> str:
    """The text of HTML pages; tags are dropped without a space, as a reader sees no space where a tag stands."""
    return normalised(" ".join(html.unescape(_TAG.sub("", page)) for page in pages))


def _zipped(file: Path, ending: str) -> str:
    with zipfile.ZipFile(file) as archive:
        return _joined(archive.read(name).decode() for name in archive.namelist() if name.endswith(ending))


def _data(site: Path) -> str:
    """The records as the data hold them; results are put together from their figures as everywhere."""
    claims = json.loads((site / "data/claims.json").read_text(encoding="utf-8"))
    works = json.loads((site / "data/references.json").read_text(encoding="utf-8"))
    outcomes = json.loads((site / "data/outcomes.json").read_text(encoding="utf-8"))
    texts = [row["statement"] for row in claims] + [re.sub(r"</?(?:sub|sup|i)>", "", row["title"]) for row in works]
    return normalised(" ".join([*texts, *(result(_outcome(row)) for row in outcomes)]))


def _outcome(row: dict) -> Outcome:
    """A row of data as the record that it came from: what was computed is computed again."""
    names = ["name", "arm", "events", "total", "value", "unit", "source", "locator"]
    if not row["computed"]:
        names += ["percent", "low", "high"]
    return Outcome(**{name: row[name] for name in names})


def table(carried: list[Carried]) -> str:
    """The proof as lines for a terminal and for a file beside the release."""
    lines = [f"{'format':<16}{'kind':<10}{'found':>7}{'of':>7}  hash"]
    lines += [f"{c.form:<16}{c.kind:<10}{c.found:>7}{c.wanted:>7}  {c.digest}" for c in carried]
    lines += ["", "Left out, and why:", *(f"- {form}: {why}" for form, why in LEFT_OUT.items())]
    return "\n".join(lines) + "\n"
