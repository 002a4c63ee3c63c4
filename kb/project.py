"""Reads a whole project once: settings, pages, bibliography."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from kb.bibliography import Bibliography, Entry, read_bibliography
from kb.evidence import PlacedClaim
from kb.glossary import GLOSSARY, Lexicon, Term, read_terms
from kb.pages import Page, Place, load_yaml, read_page, read_text
from kb.problems import Problem
from kb.records import PageMeta, Trial
from kb.validation import validate

SETTINGS = "mkdocs.yml"


@dataclass
class Project:
    """Everything that checks and generated parts look at.

    Attributes:
        root: folder that holds mkdocs.yml.
        pages: every Markdown file below docs/, sorted by name.
        files: every file below docs/, as names relative to it.
        bibliography: the works.
        nav: (title or None, target, line) of every entry of the navigation, in order; targets are page names.
        settings: mkdocs.yml as read.
        problems: faults found while reading.
    """

    root: Path
    pages: list[Page]
    files: set[str]
    bibliography: Bibliography
    nav: list[tuple[str | None, str, int]]
    settings: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def page(self) -> dict[str, Page]:
        """Pages by name."""
        return {page.name: page for page in self.pages}

    @cached_property
    def in_order(self) -> list[Page]:
        """Pages in the order of the navigation, then those that are not in it, by name."""
        place = {name: index for index, (_, name, _) in enumerate(self.nav)}
        return sorted(self.pages, key=lambda page: (place.get(page.name, len(place)), page.name))

    @cached_property
    def entry(self) -> dict[str, Entry]:
        """Works by key."""
        return self.bibliography.by_key()

    @cached_property
    def cited_on(self) -> dict[str, list[Page]]:
        """For each key the pages that cite it, in the order of the navigation."""
        found: dict[str, list[Page]] = {}
        for page in self.in_order:
            for key in dict.fromkeys(citation.key for citation in page.prose.citations):
                found.setdefault(key, []).append(page)
        return found

    @cached_property
    def _validated(self) -> dict[str, tuple[PageMeta | None, list[Problem]]]:
        return {page.name: validate(page) for page in self.pages if page.meta}

    @cached_property
    def record(self) -> dict[str, PageMeta]:
        """Front matter of every page where it is valid."""
        return {name: meta for name, (meta, _) in self._validated.items() if meta}

    @property
    def invalid(self) -> list[Problem]:
        """What is wrong with the front matter of the other pages."""
        return [problem for _, problems in self._validated.values() for problem in problems]

    @cached_property
    def claims_on(self) -> dict[str, list[PlacedClaim]]:
        """The claims of every page, by its name."""
        return {
            name: [PlacedClaim(self.page[name], index, claim) for index, claim in enumerate(meta.claims)]
            for name, meta in self.record.items()
        }

    @cached_property
    def claims(self) -> list[PlacedClaim]:
        """Every claim, page by page."""
        return [placed for claims in self.claims_on.values() for placed in claims]

    @cached_property
    def first_with_id(self) -> dict[str, PlacedClaim]:
        """Claims by id; of claims with one id the first."""
        return {placed.claim.id: placed for placed in reversed(self.claims)}

    @cached_property
    def trials(self) -> list[tuple[Page, Trial]]:
        """Every trial with its page."""
        return [(self.page[name], meta.trial) for name, meta in self.record.items() if meta.trial]

    @cached_property
    def last_review(self) -> date | None:
        """The day of the newest review of any page: the date of the whole, the same whenever it is built."""
        return max((meta.reviewed for meta in self.record.values() if meta.reviewed), default=None)

    @property
    def glossary(self) -> Page | None:
        """The page that defines the words of the site; a site may have none."""
        return self.page.get(GLOSSARY)

    @cached_property
    def terms(self) -> list[Term]:
        """The words of the glossary, in its order."""
        return read_terms(self.glossary) if self.glossary else []

    @cached_property
    def lexicon(self) -> Lexicon:
        """Finds the words of the glossary in a text."""
        return Lexicon(self.terms)

    def acknowledges(self, page: Page, key: str) -> bool:
        """Whether a page says that it knowingly rests on a retracted work."""
        return any(item.source == key for item in self.record[page.name].acknowledged)

    def snippet(self, name: str) -> str | None:
        """Text of a file below docs/ that a page includes, or None where there is none."""
        return read_text(self.root / "docs" / name, name, []) if name in self.files else None


def find_root(start: Path) -> Path | None:
    """The nearest folder, upwards from `start`, that holds mkdocs.yml."""
    return next((folder for folder in [start, *start.parents] if (folder / SETTINGS).is_file()), None)


def read_project(root: Path) -> Project:
    """Read the project in `root`; faults end up in `problems`, of the project, its pages and its bibliography."""
    problems: list[Problem] = []
    text = read_text(root / SETTINGS, SETTINGS, problems)
    value, lines = load_yaml(text, SETTINGS, 1, problems)
    settings = value if isinstance(value, dict) else {}
    docs = root / "docs"
    files = sorted(file for file in docs.rglob("*") if file.is_file() and not file.name.startswith("."))
    return Project(
        root=root,
        pages=[read_page(root, file) for file in files if file.suffix == ".md"],
        files={file.relative_to(docs).as_posix() for file in files},
        bibliography=read_bibliography(root),
        nav=list(_nav(settings.get("nav"), ("nav",), lines)),
        settings=settings,
        problems=problems,
    )


def _nav(value: Any, place: Place, lines: dict[Place, int]) -> Iterator[tuple[str | None, str, int]]:
    for index, item in enumerate(value if isinstance(value, list) else []):
        here = (*place, index)
        if isinstance(item, str):
            yield None, item, lines.get(here, 1)
        elif isinstance(item, dict):
            for title, target in item.items():
                if isinstance(target, str):
                    yield str(title), target, lines.get((*here, str(title)), 1)
                else:
                    yield from _nav(target, (*here, str(title)), lines)
