"""Records and everything made from them: change one and see it change everywhere it should, and nowhere else."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import frictionless
import jsonschema
import pytest
import yaml
from pyld import jsonld

from kb.pages import load_yaml
from kb.project import read_project
from kb.prose import Prose
from kb.schema import json_schema
from tests.conftest import GOOD, ROOT, Build, run_kb

TRIAL = """---
title: A trial of stromal cells
description: What was done and found.
trial:
  registry: [NCT00000002]
  title: A trial
  cells: [MSC]
  phase: 2
  design: randomised
  disease: acute GVHD
  condition: acute GVHD
  purpose: treatment
  tissue_source: bone marrow
  status: completed
  status_seen: 2026-11-23
  n: 47
  arms: [{name: MSC, n: 20}, {name: placebo, n: 27}]
  primary_met: no
  outcomes:
    - {name: overall response, time: day 28, arm: MSC, events: 13, total: 20, primary: true, met: false,
       source: Brown2002, locator: T1}
    - {name: overall response, time: day 28, arm: placebo, events: 9, total: 27, source: Brown2002, locator: T1}
  harms:
    - {event: embolism, arm: MSC, events: 0, total: 20, source: Brown2002, locator: T2}
  sources: [Brown2002]
acknowledged:
  - {source: Brown2002, reason: the retracted trial is the subject of the page}
---

In it 65% responded [@Brown2002].
"""
CLAIMS = """---
title: Mechanisms
description: What is known.
summary: [One., Two., Three.]
reviewed: 2026-11-23
review_due: 2027-05-23
claims:
  - id: one-way
    statement: MSC (resting) * lower [it] <b>.
    interaction: {actor: MSC, target: NK, factor: IDO, effect: decreases, outcome: proliferation, conditions: {ratio: 1:10}}
    supports: [{source: Adams2001, locator: "Fig. 1; lower"}]
    contradicts: [{source: Clark2003, locator: p. 3, why: a rise}]
    would_change: A larger study.
  - id: other-way
    statement: They raise it.
    interaction: {actor: MSC, target: NK, factor: IDO, effect: increases, outcome: proliferation, conditions: {ratio: 1:1}}
    supports: [{source: Clark2003, locator: p. 3}]
    contradicts: [{source: Adams2001, locator: Fig. 1, why: a fall}]
---

## What is known

Text [@Adams2001; @Clark2003; @NCT00000001; @Brown2002].
"""
LEDGERS = "---\ntitle: Ledgers\ndescription: All.\n---\n\n" + "\n\n".join(
    f"## {name}\n\n{{{{ {name} }}}}"
    for name in (
        "claims",
        "disagreements",
        "evidence matrix",
        "counts",
        "trials",
        "harms",
        "data",
        "responses",
        "vesicle trials",
        "trials of both cells",
        "cancer trials of MSC",
    )
)
FILES = {
    "docs/trials/NCT00000002.md": TRIAL,
    "docs/mechanisms/index.md": CLAIMS,
    "docs/about/methods.md": LEDGERS + "\n\n## Not medical advice\n\nX.\n",
}
Project = Callable[..., Path]


@pytest.fixture
def with_records(project: Project) -> Path:
    return project(FILES)


def rows(build: Build, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((build.folder / "data" / f"{name}.csv").read_text(encoding="utf-8"))))


def test_claim_is_shown_with_level_sources_and_address(with_records: Path) -> None:
    build = Build(with_records)
    page, text = build.page("mechanisms/index.html"), build.text("mechanisms/index.html")
    assert 'id="one-way"' in page
    assert 'href="#one-way"' in page
    assert "MSC (resting) * lower [it] <b>." in text
    assert "in vitro For: [1, Fig. 1 lower] Against: [2, p. 3] a rise Would change it: A larger study." in text
    ledger = build.text("about/methods.html")
    assert "MSC → NK, IDO: proliferation decreases" in ledger
    assert "2 claims, 1 trials and registrations, 4 works" in ledger


def test_opposing_claims_are_paired_and_what_differs_is_marked(with_records: Path) -> None:
    page = Build(with_records).page("about/methods.html")
    assert "1 pairs of claims point in opposite directions" in page
    assert "<mark>ratio: 1:10</mark>" in page
    assert "<mark>ratio: 1:1</mark>" in page


def test_trial_shows_counts_percentages_and_intervals(with_records: Path) -> None:
    build = Build(with_records)
    text = build.text("trials/NCT00000002.html")
    assert "13/20, 65.0% (43.3–81.9)" in text
    assert "yes, not met" in text
    assert "embolism MSC 0/20 0, at most 16.8" in text
    assert "In it 65% responded [1]." in text
    ledgers = build.text("about/methods.html")
    assert "embolism A trial of stromal cells MSC MSC 0/20 0, at most 16.8" in ledgers
    assert "overall response day 28 randomised placebo 9/27, 33.3% (18.6–52.2)" in ledgers


def test_lists_by_subject_hold_the_trials_that_belong_there_and_no_others(with_records: Path) -> None:
    both = TRIAL.replace("NCT00000002", "NCT00000003").replace("A trial of", "Both with").replace("[MSC]", "[MSC, NK]")
    vesicles = TRIAL.replace("NCT00000002", "NCT00000004").replace("A trial of stromal cells", "Vesicles")
    vesicles = vesicles.replace(
        "cells: [MSC]", "cells: [MSC-EV]\n  dose: {amount: 2 to 8, unit: 10^9 particles}\n  route: inhaled"
    )
    vesicles = vesicles.replace("disease: acute GVHD", "disease: solid tumour")
    for name, text in (("NCT00000003", both), ("NCT00000004", vesicles)):
        (with_records / f"docs/trials/{name}.md").write_text(text, encoding="utf-8")
    build = Build(with_records)
    page = build.page("about/methods.html")
    listed = {
        name: re.findall(r'href="\.\./trials/(NCT\d+)\.html"', page.split(f'id="{name}-table"')[1].split("</table>")[0])
        for name in ("vesicle-trials", "trials-of-both-cells")
    }
    assert listed == {"vesicle-trials": ["NCT00000004"], "trials-of-both-cells": ["NCT00000003"]}
    assert "cancer trials of MSC No record." in build.text("about/methods.html").replace("¶", "")
    text = build.text("about/methods.html")
    assert "1 records, 1 of them with results in figures. Trials and registrations of vesicles" in text
    assert "2 to 8 × 10⁹ particles, inhaled 47 enrolled completed, seen 2026-11-23 overall response, day 28, MSC: 13/20" in text


def changed_files(before: Path, after: Path) -> set[str]:
    names = {f.relative_to(root).as_posix() for root in (before, after) for f in root.rglob("*") if f.is_file()}
    same = {
        n
        for n in names
        if (before / n).is_file() and (after / n).is_file() and (before / n).read_bytes() == (after / n).read_bytes()
    }
    return names - same


def test_one_changed_number_changes_everywhere_it_stands_and_nowhere_else(with_records: Path, tmp_path: Path) -> None:
    first = Build(with_records)
    first.page()
    old = first.folder.rename(tmp_path / "old")
    file = with_records / "docs/trials/NCT00000002.md"
    file.write_text(file.read_text().replace("events: 9, total: 27", "events: 12, total: 27"))
    second = Build(with_records)
    assert "12/27, 44.4% (27.6–62.7)" in second.text("trials/NCT00000002.html")
    assert "overall response; day 28; placebo; 12/27, 44.4% (27.6–62.7)" in (second.folder / "trials/NCT00000002.md").read_text()
    row = rows(second, "outcomes")[1]
    assert (row["events"], row["percent"], row["low"], row["high"], row["computed"]) == ("12", "44.4", "27.6", "62.7", "true")
    items = json.loads((second.folder / "data/outcomes.json").read_text())
    assert items[1]["percent"] == 44.4
    assert changed_files(old, second.folder) - {"sitemap.xml.gz"} == {
        "about/methods.html",  # the table of responses
        "trials/NCT00000002.html",
        "trials/NCT00000002.md",
        "data/outcomes.csv",
        "data/outcomes.json",
    }


def test_retraction_marks_everything_that_rests_on_the_work(with_records: Path) -> None:
    bib = with_records / "bib/references.bib"
    assert "Rests on a retracted work" not in Build(with_records).page("mechanisms/index.html")
    text = bib.read_text().replace(
        "pmcid       = {PMC1111111},", "pmcid       = {PMC1111111},\n  status = {retracted},\n  notice = {10.1000/1r},"
    )
    bib.write_text(text)
    report = run_kb(with_records, "check")
    line = CLAIMS.splitlines().index('    supports: [{source: Adams2001, locator: "Fig. 1; lower"}]') + 1
    assert f"docs/mechanisms/index.md:{line}: source 'Adams2001' is retracted; drop it, or add 'acknowledged:" in report.stdout
    page = with_records / "docs/mechanisms/index.md"
    page.write_text(page.read_text().replace("claims:\n", "acknowledged: [{source: Adams2001, reason: history}]\nclaims:\n", 1))
    build = Build(with_records)
    assert "Rests on a retracted work" in build.text("mechanisms/index.html")
    ledger = build.page("about/methods.html")
    assert (
        ledger.count('references.html#Adams2001">Adams 2001</a> <span class="kb-badge kb-badge-retracted">Retracted</span>') >= 2
    )


def test_data_package_is_valid(with_records: Path) -> None:
    build = Build(with_records)
    build.page()
    report = frictionless.validate(str(build.folder / "data" / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])
    assert {task.name for task in report.tasks} == {
        "references",
        "claims",
        "support",
        "interactions",
        "trials",
        "outcomes",
        "harms",
    }


def test_data_of_the_real_site_is_valid_and_whole(site: Path) -> None:
    report = frictionless.validate(str(site / "data" / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])
    real = read_project(ROOT)
    assert len(json.loads((site / "data/claims.json").read_text())) == len(real.claims)
    assert len(json.loads((site / "data/trials.json").read_text())) == len(real.trials)
    assert len(json.loads((site / "data/references.json").read_text())) == len(real.entry)


def test_data_package_notices_a_wrong_word(with_records: Path) -> None:
    build = Build(with_records)
    build.page()
    file = build.folder / "data" / "interactions.csv"
    file.write_text(file.read_text().replace("decreases", "lowers"))
    assert not frictionless.validate(str(build.folder / "data" / "datapackage.json")).valid


SCHEMA = json.loads(json_schema())


def plain(value: object) -> object:
    """Front matter as an editor's YAML server sees it: dates are text."""
    return json.loads(json.dumps(value, default=str))


def test_json_schema_accepts_every_record_of_the_site() -> None:
    for page in read_project(ROOT).pages:
        jsonschema.validate(plain(page.meta), SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("phase: 2", "phase: II"),
        ("cells: [MSC]", "cells: [MSCs]"),
        ("cells: [MSC]", "cells: []"),
        ("design: randomised", "desing: randomised"),  # codespell:ignore
        ("purpose: treatment\n", ""),
        ("events: 13", "events: -1"),
        ("primary: true", "primary: maybe"),
    ],
)
def test_json_schema_and_checker_refuse_the_same_faults(with_records: Path, old: str, new: str) -> None:
    faulty = TRIAL.replace(f"  {old}" if old.startswith("purpose") else old, new, 1)
    assert faulty != TRIAL
    (with_records / "docs/trials/NCT00000002.md").write_text(faulty)
    front = faulty.split("---\n")[1]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(load_yaml(front.replace("phase: 2", "phase: '2'"), "x", 1, [])[0]), SCHEMA)
    assert run_kb(with_records, "check").returncode == 1


def context(url: str, options: object) -> dict:
    """schema.org's context, as far as expansion needs it: every term is one of schema.org's."""
    assert url == "https://schema.org/"
    return {"contextUrl": None, "documentUrl": url, "document": {"@context": {"@vocab": "https://schema.org/"}}}


def test_json_ld_expands_on_every_page(site: Path) -> None:
    kinds = set()
    for page in read_project(ROOT).pages:
        text = (site / page.name.replace(".md", ".html")).read_text(encoding="utf-8")
        node = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])
        node["@context"] += "/"
        expanded = jsonld.expand(node, {"documentLoader": context, "base": "https://example.org/"})
        assert expanded[0]["https://schema.org/name"][0]["@value"] == page.title
        kinds |= set(expanded[0]["@type"])
    assert {"https://schema.org/MedicalWebPage", "https://schema.org/MedicalTrial", "https://schema.org/Dataset"} <= kinds


def test_markdown_twin_has_every_page_with_its_references(site: Path) -> None:
    index = (site / "llms.txt").read_text(encoding="utf-8")
    for page in read_project(ROOT).pages:
        twin = (site / page.name).read_text(encoding="utf-8")
        assert f"]({page.name}): " in index
        assert not Prose(twin).citations
        cited = {citation.key for citation in page.prose.citations}
        listed = twin.partition("## References\n")[2]
        assert len(re.findall(r"(?m)^\d+\. ", listed)) >= len(cited)


def test_documentation_names_every_field(site: Path) -> None:
    guide = (site / "about/contributing.html").read_text(encoding="utf-8")
    fields = set(SCHEMA["properties"])
    for definition in SCHEMA["$defs"].values():
        fields |= set(definition["properties"])
    for field in fields:
        assert f"<code>{field}</code>" in guide, field


def test_examples_of_the_guide_pass_the_checker(project: Project) -> None:
    """A newcomer who copies the examples meets no problem."""
    guide = (ROOT / "docs/about/contributing.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:yaml|bibtex)\n(.*?)```", guide, re.DOTALL)
    reference = next(block for block in blocks if block.startswith("@article"))
    claim = yaml.safe_load(next(block for block in blocks if block.startswith("claims:")))
    trial = next(block for block in blocks if "registry:" in block)
    front = {
        "title": "T",
        "description": "D.",
        "summary": ["a", "b", "c"],
        "reviewed": "2026-11-23",
        "review_due": "2027-01-01",
    } | claim
    text = re.sub(
        r"'(\d{4}-\d\d-\d\d)'", r"\1", f"---\n{yaml.safe_dump(front)}---\n\n## What is known\n\nText [@Smith2020; @Jones2021].\n"
    )
    bib = (GOOD / "bib/references.bib").read_text(encoding="utf-8")
    jones = reference.replace("Smith2020", "Jones2021").replace("10.1000/example", "10.1000/other")
    cells, registry = bib.split("@misc")
    root = project(
        {
            "bib/references.bib": f"{cells}{jones}\n@misc{registry}\n{reference}",
            "docs/mechanisms/index.md": text + "More [@NCT00000001].\n",
            "docs/trials/NCT01234567.md": trial,
        }
    )
    run = run_kb(root, "check")
    assert (run.returncode, run.stdout) == (0, "")
