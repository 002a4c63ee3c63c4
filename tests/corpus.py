"""Invents a knowledge base of any size for `make bench`: the same bytes on every run, and never shown to a reader.

The text has the shape of the site's own: about 25 citations in 800 words a page, tables, boxes, lists, links between
pages, front matter and entries that `kb check` accepts. What it says is chance and means nothing.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.prose import GROUP, parse_group

ROOT = Path(__file__).resolve().parent.parent
AREAS = ("mechanisms", "cancer", "gvhd", "exosomes", "combination", "foundations")
SECTION = 12  # pages that stand together in the navigation

SUBJECTS = """bone-marrow MSC|adipose MSC|umbilical-cord MSC|resting NK cells|IL-2 activated NK cells
|MSC-derived exosomes|CAR-NK cells|licensed MSC|cord-blood NK cells|decidual NK cells
|small extracellular vesicles|the infused product|MSC pretreated with IFN-γ|memory-like NK cells
|third-party donor cells"""
VERBS = """suppressed|raised|did not change|restored|lowered|delayed|were followed by|preserved|reversed
|were associated with|shifted|kept"""
OBJECTS = """degranulation against K562 cells|expression of NKG2D on CD56dim cells|release of IFN-γ
|release of granzyme B|proliferation in a 6-day co-culture|lysis of autologous MSC|grade III-IV acute disease
|the response at day 28|tumour volume in mice|recruitment to the tumour bed|survival after transplantation
|secretion of PGE~2~|IDO activity|phosphorylation of STAT5|the share of CD16^+^ cells"""
CONDITIONS = """at a ratio of 1:10|in two of three donors|when contact was prevented|after 48 hours
|in the animal model|in patients who had not responded to steroids|when PGE2 and IDO were blocked together
|in the presence of TGF-β1|regardless of the tissue source|with serum-free medium|in the arm of 24 patients
|by a factor of 2.4 (95% CI 1.3 to 4.1)|without a dose response|at the higher dose of 2 × 10^6^ cells/kg"""
OPENERS = """In culture,|In one series,|By contrast,|In the same study,|Across donors,|After adjustment for age,
||||||"""
HEADINGS = """What was measured|Dose and schedule|Contact or soluble factors|Source of the cells
|State of activation|Human data|Animal data|Contradictory results|Limits of the assays|Checkpoints and receptors
|Metabolites|Vesicle cargo|Safety|Late effects|Open questions|Manufacture|Biomarkers of response|Timing"""
NAMES = """Adachi|Bergström|Castellano|Dupont|Eriksen|Fontaine|Gutiérrez|Hoffmann|Ivanova|Jansen|Kowalski
|Lindqvist|Moretti|Nakamura|Okafor|Petrov|Quintero|Rasmussen|Schneider|Takahashi|Ueda|Vasquez|Wagner|Xu|Yamamoto
|Zhang|Almeida|Bianchi|Chen|Dimitrov|Engel|Fischer|Garcia|Horvat|Ito|Jensen|Kim|Lopez|Meyer|Novak|Olsen|Park
|Ricci|Silva|Tanaka|Usman|Virtanen|Weber|Yilmaz|Zimmermann"""
TOPICS = """Suppression of natural killer cells by|Infusion of|A randomised trial of|Cytotoxicity of
|Transcriptome of|IFN-γ licensing of|Long-term follow-up after|CD56\\textsuperscript{bright} cells in
|Single-cell analysis of|Culture conditions for"""
THINGS = """mesenchymal stromal cells in steroid-refractory disease|placental stromal cells
|exosomes in glioblastoma models|stromal cells and {IL}-15 in the bone marrow niche|haploidentical grafts
|natural killer cells in solid tumours|stromal cells after myeloablative conditioning
|tumour-educated stromal cells & their secretome"""
JOURNALS = """Blood|Cytotherapy|Stem Cell Research & Therapy|Frontiers in Immunology|Journal of Immunology
|Haematologica|Bone Marrow Transplantation|Cell Reports|Leukemia|Journal of Extracellular Vesicles"""
DESIGNS = ("in vitro", "animal", "randomised trial", "single-arm trial", "cohort", "narrative review")


@dataclass(frozen=True)
class Size:
    """How much a corpus holds; the navigation page of references counts as a page."""

    name: str
    pages: int
    citations: int
    entries: int


@dataclass(frozen=True)
class Target:
    """A page that links may lead to."""

    path: str
    title: str
    headings: list[str]


def choices(text: str) -> list[str]:
    """The alternatives in one of the lists above."""
    return [item.strip() for item in text.split("|")]


def corpus(size: Size, folder: Path) -> Path:
    """The corpus of a size, made only when this file or the size changed.

    Args:
        size: what to make.
        folder: where corpora are kept.

    Returns:
        A folder with `cited` and `plain` (projects without settings) and `sphinx` (the cited text, translated).
    """
    made = folder / size.name
    stamp = made / "made-by"
    version = hashlib.sha256(Path(__file__).read_bytes() + repr(size).encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != version:
        shutil.rmtree(made, ignore_errors=True)
        _write(size, made)
        stamp.write_text(version)
    return made


def _write(size: Size, made: Path) -> None:
    rng = random.Random(f"{size.name} 1")
    keys, bibliography = _bibliography(rng, size.entries)
    texts = _pages(rng, size, keys)
    for name, text in texts.items():
        _save(made / "cited/docs" / name, text)
        _save(made / "plain/docs" / name, without_citations(text))
        _save(made / "sphinx" / name, for_sphinx(text))
    _save(made / "sphinx/index.md", for_sphinx(texts["index.md"]) + _contents(texts))
    _save(made / "cited/bib/references.bib", bibliography)
    _save(made / "sphinx/references.bib", bibliography)
    # Without citations every entry would be reported as never cited. An empty bibliography spares those lines, and
    # leaves the cited build to pay for everything that citing brings: reading, checks, reference page, downloads.
    _save(made / "plain/bib/references.bib", "")
    for project in ("cited", "plain"):
        _save(made / project / "nav.yml", _navigation(texts))


def _save(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


# ---------------------------------------------------------------------------------------------------- bibliography


def _bibliography(rng: random.Random, count: int) -> tuple[list[str], str]:
    """Keys, and the file that defines them."""
    keys: dict[str, None] = {}
    words = ("", "trial", "mice", "vesicles", "dose", "niche", "late", "donor")
    while len(keys) < count:
        name = rng.choice(choices(NAMES)).encode("ascii", "ignore").decode()
        start = f"{name}{rng.randint(1998, 2026)}"
        free = [start + word for word in words if start + word not in keys]
        keys.update(dict.fromkeys(free[:1]))
    ordered = sorted(keys, key=str.lower)
    return ordered, "\n".join(_entry(rng, key, number) for number, key in enumerate(ordered))


def _entry(rng: random.Random, key: str, number: int) -> str:
    first = rng.randint(1, 2000)
    authors = [f"{name}, {rng.choice('ABCDEJKLMNPRST')}." for name in rng.sample(choices(NAMES), rng.randint(2, 8))]
    title = f"{rng.choice(choices(TOPICS))} {rng.choice(choices(THINGS))}: part {number}".replace("&", "\\&")
    fields = {
        "author": " and ".join(authors),
        "title": title,
        "journal": rng.choice(choices(JOURNALS)).replace("&", "\\&"),
        "year": re.sub(r"\D", "", key),
        "volume": str(rng.randint(1, 140)),
        "pages": f"{first}--{first + rng.randint(3, 14)}",
        "doi": f"10.5555/bench.{number}",  # the prefix that Crossref keeps for tests
        "studydesign": rng.choice(DESIGNS),
        "seenat": f"https://example.org/works/{number}",
        "seenon": "2026-11-23",
        "confirmed": rng.choices(("primary", "secondary"), (9, 1))[0],
    }
    if rng.random() < 0.02:
        fields |= {"status": "retracted", "notice": f"10.5555/notice.{number}"}
    return f"@article{{{key},\n" + "".join(f"  {name:<11} = {{{value}}},\n" for name, value in fields.items()) + "}\n"


# ---------------------------------------------------------------------------------------------------- pages


def _pages(rng: random.Random, size: Size, keys: list[str]) -> dict[str, str]:
    """Path and text of every page."""
    targets = [_target(rng, number) for number in range(size.pages - 1)]
    cited = keys + rng.choices(keys, k=size.citations - len(keys))
    rng.shuffle(cited)
    texts = {target.path: _page(rng, target, cited[number :: len(targets)], targets) for number, target in enumerate(targets)}
    return texts | {"references.md": _front("References", "Every work.") + "{{ references }}\n"}


def _target(rng: random.Random, number: int) -> Target:
    path = f"{AREAS[number % len(AREAS)]}/{number:03}.md" if number > 1 else ("index.md", "about/methods.md")[number]
    return Target(path, f"{rng.choice(choices(HEADINGS))} {number}", rng.sample(choices(HEADINGS), 4))


def _front(title: str, description: str, summary: tuple[str, ...] = ()) -> str:
    listed = "summary:\n" + "".join(f"  - {line}\n" for line in summary) if summary else ""
    dates = "reviewed: 2026-11-23\nreview_due: 2027-05-23\n" if summary else ""
    return f"---\ntitle: {title}\ndescription: {description}\n{listed}{dates}---\n\n"


def _page(rng: random.Random, target: Target, cited: list[str], targets: list[Target]) -> str:
    groups = _groups(rng, cited)
    places = 44  # sentences and table rows that may carry a citation, below
    slots = iter(rng.sample(groups + [""] * (places - len(groups)), max(places, len(groups))))
    parts = [_front(target.title, f"What is known about {target.title}.", tuple(_sentence(rng) for _ in range(3)))]
    parts.append(_paragraph(rng, slots, 4))
    for number, heading in enumerate(target.headings):
        parts += [f"## {heading}", _paragraph(rng, slots, 4), _links(rng, target, targets)]
        parts.append((_table, _box, _list, _code)[number](rng, slots))
        parts.append(_paragraph(rng, slots, 3))
    parts.append(_paragraph(rng, slots, places))
    return "\n\n".join(part for part in parts if part) + "\n"


def _groups(rng: random.Random, cited: list[str]) -> list[str]:
    """The keys of a page in brackets, one to three together, a few with words before or behind them."""
    keys, groups = list(cited), []
    while keys:
        taken, keys = keys[: (count := rng.choices((1, 2, 3), (7, 2, 1))[0])], keys[count:]
        items = [f"@{key}" for key in taken]
        if rng.random() < 0.05:
            items = [f"see @{taken[0]}, Table 2", *items[1:]]
        groups.append(f" [{'; '.join(items)}]")
    return groups


def _sentence(rng: random.Random, citation: str = "") -> str:
    words = [rng.choice(choices(part)) for part in (OPENERS, SUBJECTS, VERBS, OBJECTS, CONDITIONS)]
    text = " ".join(word for word in words if word)
    return f"{text[0].upper()}{text[1:]}{citation}."


def _paragraph(rng: random.Random, slots: Iterator[str], count: int) -> str:
    """Up to `count` sentences, one on each line, as long as there are places left."""
    return "\n".join(_sentence(rng, citation) for _, citation in zip(range(count), slots, strict=False))


def _links(rng: random.Random, target: Target, targets: list[Target]) -> str:
    """A sentence that leads to a page and to a section of another."""
    up = "../" * target.path.count("/")
    page, other = rng.choice(targets), rng.choice(targets)
    anchor = rng.choice(other.headings).lower().replace(" ", "-")
    return f"See also [{page.title}]({up}{page.path}) and [**{other.title}**]({up}{other.path}#{anchor})."


def _table(rng: random.Random, slots: Iterator[str]) -> str:
    rows = [
        f"| {rng.choice(choices(SUBJECTS))} | {rng.randint(4, 90)} | {rng.choice(choices(CONDITIONS))} |{citation} |"
        for _, citation in zip(range(6), slots, strict=False)
    ]
    return "\n".join(["| Cells | n | Condition | Source |", "|---|---|---|---|", *rows])


def _box(rng: random.Random, slots: Iterator[str]) -> str:
    return '!!! note "What would change this"\n\n    ' + _paragraph(rng, slots, 2).replace("\n", "\n    ")


def _list(rng: random.Random, slots: Iterator[str]) -> str:
    return "- " + _paragraph(rng, slots, 3).replace("\n", "\n- ")


def _code(rng: random.Random, slots: Iterator[str]) -> str:
    return f"```yaml\nratio: 1:{rng.randint(1, 20)}\nduration: {rng.randint(1, 14)} days\n```"


def _navigation(texts: dict[str, str]) -> str:
    """`nav` of mkdocs.yml: areas, and below them sections of some pages each."""
    lines = ["nav:", "  - Home: index.md", "  - References: references.md"]
    for area in (*AREAS, "about"):
        pages = [name for name in texts if name.startswith(f"{area}/")]
        lines.append(f"  - {area.title()}:")
        for start in range(0, len(pages), SECTION):
            lines.append(f"      - Part {start // SECTION + 1}:")
            lines += [f"          - {name}" for name in pages[start : start + SECTION]]
    return "\n".join(lines) + "\n"


def _contents(texts: dict[str, str]) -> str:
    """The same pages as tables of contents for Sphinx, one for each area."""
    areas = {area: [name for name in texts if name.startswith(f"{area}/")] for area in (*AREAS, "about")}
    areas["references"] = ["references.md"]
    fence = "\n```{{toctree}}\n:hidden:\n:caption: {}\n\n{}\n```\n"
    return "".join(fence.format(area.title(), "\n".join(pages)) for area, pages in areas.items())


# ---------------------------------------------------------------------------------------------------- translations


def without_citations(text: str) -> str:
    """The text with every citation taken out."""
    return re.sub(rf"[ ]?{GROUP.pattern}", "", text)


def for_sphinx(text: str) -> str:
    """The page in MyST Markdown: roles for citations, colon fences for boxes, a heading for the title."""
    _, front, body = text.split("---\n", 2)
    title = front.split("\n")[0].removeprefix("title: ")
    summary = "".join(f"{line.strip()}\n" for line in front.split("\n") if line.startswith("  - "))
    lead = f":::{{admonition}} In plain words\n{summary}:::\n" if summary else ""
    body = GROUP.sub(lambda match: _role(match[0]), body)
    body = re.sub(r'!!! note "(.*?)"\n\n((?:    .*\n)+)', _colon_fence, body)
    body = body.replace("{{ references }}", "```{bibliography}\n```")
    body = re.sub(r"~(\w)~", r"{sub}`\1`", body)
    return f"# {title}\n\n{lead}" + re.sub(r"\^([\w+]+)\^", r"{sup}`\1`", body)


def _role(group: str) -> str:
    citations = parse_group(group)
    items = [(f"{{{c.prefix}}}" if c.prefix else "") + c.key + (f"{{{c.locator}}}" if c.locator else "") for c in citations]
    return f"{{cite:p}}`{','.join(items)}`"


def _colon_fence(match: re.Match[str]) -> str:
    inside = "\n".join(line[4:] for line in match[2].rstrip().split("\n"))
    return f":::{{admonition}} {match[1]}\n{inside}\n:::\n"
