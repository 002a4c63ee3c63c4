"""Nothing that stands in a file ends in a traceback, takes for ever, or gets lost without a word."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.checks import check
from kb.format import format_file
from kb.problems import Problem
from kb.project import Project, read_project
from kb.prose import KEY
from kb.records import PageMeta
from tests.conftest import ROOT, Build, small_project
from tests.mutations import mutants
from tests.test_records import CLAIMS, TRIAL

LIMIT = 10.0
"""Seconds for one input; the slowest takes a tenth of one on an idle machine."""
ENTRY = re.compile(r"(?m)^@(?!comment|string|preamble)\w+\{([^,\s{}\"#=%~]+),", re.IGNORECASE)
ID = re.compile(r"(?m)^\s*(?:- )?id: ([a-z][a-z0-9-]*)$")
FIELD = re.compile(r"(?m)^([a-z_]+):")
CITED = re.compile(rf"(?<![\\!\w\[])\[@({KEY})\](?![(\[:{{])")
SEEDS = {
    "bib/references.bib": (2000, ""),
    "docs/mechanisms/index.md": (1000, CLAIMS),
    "docs/trials/NCT00000002.md": (700, TRIAL),
    "docs/mechanisms/ido.md": (600, "docs/mechanisms/ido.md"),
    "docs/glossary.md": (400, "docs/glossary.md"),
    "docs/about/methods.md": (200, "docs/about/methods.md"),
    "mkdocs.yml": (100, ""),
}
"""File, number of inputs, and the text they begin from where it is not that of the small project."""


class TooSlow(BaseException):
    """No code that is tested catches it."""


@contextlib.contextmanager
def limit(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def seed_text(root: Path, name: str, seed: str) -> str:
    """The text that inputs are made from; of long pages of the site the beginning."""
    if seed.startswith("docs/"):
        front, _, body = (ROOT / seed).read_text(encoding="utf-8").partition("\n---\n")
        return f"{front[:6000]}\n---\n{body[:6000]}"
    return seed or (root / name).read_text(encoding="utf-8")


def test_that_there_are_five_thousand() -> None:
    assert sum(number for number, _ in SEEDS.values()) == 5000


@pytest.mark.parametrize("name", SEEDS)
def test_checker_and_formatter_survive_and_lose_nothing(tmp_path: Path, name: str) -> None:
    root = small_project(tmp_path / "project", {"docs/mechanisms/index.md": CLAIMS, "docs/trials/NCT00000002.md": TRIAL})
    number, seed = SEEDS[name]
    file = root / name
    for index, data in enumerate(mutants(seed_text(root, name, seed), number, name)):
        file.write_bytes(data)
        try:
            with limit(LIMIT):
                project = read_project(root)
                problems = check(project)
                again = format_file(root, file)[0] if name != "mkdocs.yml" else data
                if again != data:
                    file.write_bytes(again)
                    assert format_file(root, file)[0] == again, "formatted twice it is not the same"
        except BaseException as error:
            error.add_note(f"input {index} of {name}: {data!r}")
            raise
        lost = set(lost_words(project, name, data.decode("utf-8", errors="replace"), problems))
        assert not lost, f"input {index} of {name}: {data!r}"
        for problem in problems:
            line = problem.as_text()
            assert re.fullmatch(r"\S+:\d+: \S.* \[KB\d{3}\]", line), f"input {index} of {name}: {problem}"
            assert line.isprintable(), f"input {index} of {name}: {problem}"
            assert (root / problem.path).exists()


def lost_words(project: Project, name: str, text: str, problems: list[Problem]) -> Iterator[str]:
    """What stands in the file for every eye, was not read, and no problem of the file tells."""
    if any(problem.path == name and problem.severity == "error" for problem in problems):
        return
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if name.endswith(".bib"):
        yield from set(ENTRY.findall(text)) - set(project.entry)
    elif name.endswith(".md"):
        page = project.page[name.removeprefix("docs/")]
        front, _, body = text.partition("\n---")
        yield from (set(FIELD.findall(front)) & set(PageMeta.model_fields)) - set(page.meta)
        yield from set(ID.findall(front)) - {placed.claim.id for placed in project.claims_on.get(page.name, [])}
        if not re.search(r"[`~<\\$]|^ {4}|\t|--8", body, re.MULTILINE):  # no place where a citation means nothing
            yield from set(CITED.findall(body)) - {citation.key for citation in page.prose.citations}


BODY = """
Text with [@Adams2001] and **[@Adams2001; @Brown2002]**, IFN-γ, CD8⁺, H~2~O, 10^6^ and `code`{.x}.

## A heading {#named}

1. One [@Brown2002, Table 2]
    - Two [see @Clark2003, p. 3]

| A | B |
|---|---|
| x [@Adams2001] | y \\| z |

!!! note "Remark"
    Inside [@Clark2003].

=== "Tab"

    In a tab [@Adams2001].

??? info "More"
    Folded [@Brown2002].

```text
[@NotACitation]
```

> Quoted [@Adams2001].

Word
:   Meaning [@Brown2002].

[A link](index.md#a-heading) and ![A cell](../cell.svg), <sup>a</sup> and an escaped \\@.

*[MSC]: stromal cells

Last MSC [@Clark2003].
"""
PAGES = 300


def test_every_page_that_the_checker_passes_is_built_whole(tmp_path: Path) -> None:
    """Mutated pages of all that the dialect offers: no traceback, and the text to its last word."""
    root = small_project(
        tmp_path / "project", {"docs/fuzz/index.md": "---\ntitle: All\ndescription: All.\n---\n\n## A heading\n"}
    )
    pages = {}
    for index, data in enumerate(mutants(BODY, PAGES, "body")):
        pages[f"fuzz/p{index}.md"] = root / f"docs/fuzz/p{index}.md"
        front = f"---\ntitle: Page {index}\ndescription: Page.\n---\n".encode()
        pages[f"fuzz/p{index}.md"].write_bytes(front + data + f"\n\n## End\n\nLast word of page {index}.\n".encode())
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("".join(f"  - {name}\n" for name in ["fuzz/index.md", *pages]))
    refused = {problem.path for problem in check(read_project(root)) if problem.severity == "error"}
    without(root, pages, {name for name in pages if f"docs/{name}" in refused})
    assert len(pages) > PAGES / 4
    build = Build(root)
    for _ in range(20):
        if build.status == 0:
            break
        assert "Traceback" not in build.output
        named = {name for name in pages if name in build.output}
        assert named, build.output
        without(root, pages, named)
        build = Build(root)
    assert build.status == 0, build.output
    for name in pages:
        page = name.removesuffix(".md")
        assert f"Last word of page {page.removeprefix('fuzz/p')}." in build.text(f"{page}.html"), name


def without(root: Path, pages: dict[str, Path], names: set[str]) -> None:
    """Take pages out of the project."""
    settings = root / "mkdocs.yml"
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if line.strip(" -\n") not in names), encoding="utf-8")
    for name in names:
        pages.pop(name).unlink()
