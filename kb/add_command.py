"""Runs `kb add`: asks the person at the terminal, writes, and says what was written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

from kb.adding import find_work, identifier, propose, refuse_duplicate, with_proposal
from kb.adding_claims import INTERACTION, claim_skeleton
from kb.adding_trials import existing_registration, find_registration, propose_registration, refuse_page, trial_page
from kb.problems import report
from kb.project import Project, read_project
from kb.sources import Sources, open_sources
from kb.validation import suggestion
from kb.vocabulary import CELLS, DESIGNS, DISEASES, PURPOSES
from kb.writing import Refused, write


def add(root: Path, options: argparse.Namespace) -> int:
    """Run `kb add`; the result is the exit status, and with 1 nothing was written."""
    adders: dict[str, Callable[[Project, argparse.Namespace], None]] = {
        "reference": _add_work,
        "trial": _add_trial,
        "claim": _add_claim,
    }
    try:
        adders[options.what](read_project(root), options)
    except (Refused, ValueError) as error:  # ValueError: KB_CONTACT is no address
        problems = error.problems if isinstance(error, Refused) else []
        print(report(problems), end="")
        print(f"kb add: {str(error) or 'see above'}; nothing was written", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("kb add: interrupted; nothing was written", file=sys.stderr)
        return 130
    return 0


def _sources(root: Path, options: argparse.Namespace) -> AbstractContextManager[Sources]:
    return open_sources(root, options.timeout, before=lambda name: print(f"kb add: asking {name}", file=sys.stderr))


def _add_work(project: Project, options: argparse.Namespace) -> None:
    wanted = identifier(options.identifier)
    refuse_duplicate(project, [wanted])
    _check_words("--design", options.design, DESIGNS)
    with _sources(project.root, options) as sources:
        if wanted.kind == "registryid":
            proposal = propose_registration(project, find_registration(sources, wanted), date.today())
        else:
            work = find_work(project, sources, wanted)
            hint = f"PubMed suggests {' or '.join(work.designs)}" if work.designs else ""
            print(f"{work.title} ({', '.join(work.years[:1])})", file=sys.stderr)
            design = options.design or _chosen("--design", DESIGNS, hint)
            proposal = propose(project, work, design, date.today(), options.key, options.species)
    texts = with_proposal(project, proposal)
    print(proposal.text, end="")
    for note in proposal.notes:
        print(f"kb add: {note}", file=sys.stderr)
    if not options.dry_run:
        write(project, texts)
        print(f"kb add: added to {project.bibliography.path}; cite it as [@{proposal.key}]", file=sys.stderr)


def _add_trial(project: Project, options: argparse.Namespace) -> None:
    wanted = identifier(options.identifier)
    if wanted.kind != "registryid":
        raise Refused(f"'{options.identifier}' is no number of ClinicalTrials.gov; write the page of another trial by hand")
    refuse_page(project, wanted.value)
    for name, known in (("cells", CELLS), ("disease", DISEASES), ("purpose", PURPOSES)):
        _check_words(f"--{name}", getattr(options, name), known, several=name == "cells")
    with _sources(project.root, options) as sources:
        record = find_registration(sources, wanted)
    print(f"{record.title or record.official_title}", file=sys.stderr)
    chosen = {
        "cells": [word.strip() for word in (options.cells or _chosen("--cells", CELLS)).split(",")],
        "disease": options.disease or _chosen("--disease", DISEASES, record.condition),
        "purpose": options.purpose or record.purpose or _chosen("--purpose", PURPOSES),
        "tissue_source": options.tissue,
    }
    key = existing_registration(project, wanted.value)
    texts = {} if key else with_proposal(project, propose_registration(project, record, date.today()))
    path, text = trial_page(record, key or record.registry_id, chosen, date.today())
    print(text, end="")
    if not options.dry_run:
        write(project, {**texts, path: text})
        print(f"kb add: wrote {' and '.join([path, *texts])}; read it against the registry", file=sys.stderr)


def _add_claim(project: Project, options: argparse.Namespace) -> None:
    names = ("id", "statement", "source", "locator", *INTERACTION)
    skeleton = claim_skeleton(project, options.page, {n: getattr(options, n) for n in names}, options.interaction)
    lines = range(skeleton.line, skeleton.last + 1)
    write(project, {skeleton.path: skeleton.text}, lambda p: bool(skeleton.empty) and p.path == skeleton.path and p.line in lines)
    print(f"kb add: {skeleton.path}:{skeleton.line}: claim added", file=sys.stderr)
    for name, line in skeleton.empty:
        print(f"{skeleton.path}:{line}: fill in '{name}'")


def _check_words(option: str, given: str, known: tuple[str, ...], several: bool = True) -> None:
    for word in given.split(",") if several and given else [given] if given else []:
        if word.strip() not in known:
            raise Refused(f"{option} '{word.strip()}' is not known; {suggestion(word.strip(), list(known))}")


def _chosen(option: str, known: tuple[str, ...], hint: str = "") -> str:
    """A word of a vocabulary from the person at the terminal.

    Raises:
        Refused: nobody can be asked.
    """
    if not sys.stdin.isatty():
        raise Refused(f"{option} is missing; give one of {', '.join(known)}" + (f" ({hint})" if hint else ""))
    for number, word in enumerate(known, 1):
        print(f"{number:>3} {word}", file=sys.stderr)
    while True:
        print(f"{option.strip('-')}{f' ({hint})' if hint else ''}: ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise Refused(f"{option} was not chosen")
        word = answer.strip()
        if word.isdigit() and 0 < int(word) <= len(known):
            return known[int(word) - 1]
        if word in known:
            return word
