"""Invents records for `make bench`: 2,000 claims, 1,000 trials and 5,000 works, the same bytes on every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import yaml

from kb import vocabulary as words
from tests.corpus import DESIGNS, _bibliography, _save, _sentence

CLAIMS, TRIALS, WORKS, PAGES = 2000, 1000, 5000, 100
_LEDGERS = ("claims", "disagreements", "evidence matrix", "counts", "harms")


def records_project(folder: Path, settings: str) -> Path:
    """Write the project below `folder` unless it is there, and return its root.

    Args:
        folder: where corpora lie.
        settings: mkdocs.yml of the real site, up to its navigation.
    """
    root = folder / "records"
    if (root / "done").is_file():
        return root
    rng = random.Random(20261123)
    keys, bibliography = _bibliography(rng, WORKS)
    _save(root / "bib" / "references.bib", bibliography)
    blocks = {block.partition("{")[2].partition(",")[0]: block for block in bibliography.split("\n\n")}
    keys = [key for key in keys if "retracted" not in blocks[key]]  # a claim may not rest on a retracted work
    names = [f"mechanisms/axis-{number:03}.md" for number in range(PAGES)]
    fresh = iter(rng.sample(keys, 2 * CLAIMS))  # a work supports one claim, so that none is claimed twice
    for number, name in enumerate(names):
        _save(root / "docs" / name, _claims_page(rng, number, fresh))
    for number in range(TRIALS):
        _save(root / "docs" / "trials" / f"NCT{number:08}.md", _trial_page(rng, number, keys))
    ledgers = "\n\n".join(f"## {name}\n\n{{{{ {name} }}}}" for name in _LEDGERS)
    _save(root / "docs" / "claims.md", f"---\ntitle: Claims\ndescription: All.\n---\n\n{ledgers}\n")
    _save(root / "docs" / "trials" / "index.md", "---\ntitle: Trials\ndescription: All.\n---\n\n{{ trials }}\n")
    _save(root / "docs" / "references.md", "---\ntitle: References\ndescription: All.\n---\n\n{{ references }}\n")
    methods = "---\ntitle: Methods\ndescription: How.\n---\n\n## Not medical advice\n\nText.\n"
    _save(root / "docs" / "about" / "methods.md", methods)
    _save(root / "docs" / "index.md", _front({"title": "Home", "description": "Home."}, summary=True) + "Text.\n")
    nav = ["index.md", *names, "claims.md", "trials/index.md", "references.md", "about/methods.md"]
    _save(root / "mkdocs.yml", settings + "\nnav:\n" + "".join(f"  - {name}\n" for name in nav))
    _save(root / "done", "")
    return root


def _front(fields: dict, summary: bool = False) -> str:
    if summary:
        fields |= {"summary": ["One.", "Two.", "Three."]}
    text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=1000)
    dates = "reviewed: 2026-11-23\nreview_due: 2027-05-23\n" if summary else ""
    return f"---\n{text}{dates}---\n\n"


def _claims_page(rng: random.Random, page: int, keys: Iterator[str]) -> str:
    claims, cited = [], []
    for number in range(CLAIMS // PAGES):
        sources = [next(keys), next(keys)]
        cited += sources
        interaction = {
            "actor": "MSC",
            "target": "NK",
            "factor": rng.choice(words.FACTORS),
            "effect": rng.choice(("decreases", "no change", "mixed")),
            "outcome": rng.choice(words.OUTCOMES),
            "conditions": {"msc_source": rng.choice(words.TISSUES), "nk_state": "IL-2 activated", "ratio": "1:10"},
        }
        claim = {"id": f"claim-{page}-{number}", "statement": _sentence(rng), "interaction": interaction}
        claims.append(claim | {"supports": [{"source": key, "locator": "Abstract"} for key in sources]})
    body = "".join(f"{_sentence(rng, f'[@{key}]')}\n" for key in cited)
    return _front({"title": f"Axis {page}", "description": "An axis.", "claims": claims}, summary=True) + body


def _trial_page(rng: random.Random, number: int, keys: list[str]) -> str:
    key = rng.choice(keys)
    sizes = [rng.randint(10, 60), rng.randint(10, 60)]
    outcomes = [
        {
            "name": "overall response",
            "time": "day 28",
            "arm": arm,
            "events": rng.randint(0, n),
            "total": n,
            "source": key,
            "locator": "T2",
        }
        for arm, n in zip(("MSC", "control"), sizes, strict=True)
    ]
    trial = {
        "registry": [f"NCT{number:08}"],
        "title": f"Trial {number} of {rng.choice(DESIGNS)}",
        "cells": [rng.choice(words.CELLS)],
        "phase": rng.choice(words.PHASES),
        "design": rng.choice(words.TRIAL_DESIGNS),
        "disease": rng.choice(words.DISEASES),
        "condition": "a condition in its own words",
        "purpose": rng.choice(words.PURPOSES),
        "tissue_source": rng.choice(words.TISSUES),
        "n": sum(sizes),
        "arms": [{"name": "MSC", "n": sizes[0]}, {"name": "control", "n": sizes[1]}],
        "start": f"{rng.randint(2005, 2026)}-0{rng.randint(1, 9)}",
        "status": rng.choice(words.STATUSES),
        "primary_endpoint": "overall response at day 28",
        "outcomes": outcomes if rng.random() < 0.6 else [],
        "harms": [{"event": "embolism", "arm": "MSC", "events": 0, "total": sizes[0], "source": key, "locator": "T3"}],
        "sources": [key],
    }
    text = yaml.safe_dump({"trial": trial}, allow_unicode=True, sort_keys=False, width=1000)
    seen = "  status_seen: 2026-11-23\n"
    return f"---\ntitle: Trial {number}\ndescription: A trial.\n{text}{seen}---\n\n{_sentence(rng, f'[@{key}]')}\n"
