"""Adds a trial from its registration: a page, and the entry that the page cites."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

from kb.adding import Identifier, Proposal, refuse_key
from kb.bibtext import entry_text, escaped
from kb.problems import Problem
from kb.project import Project
from kb.registrations import SEENAT, Registration, from_study
from kb.sources import NoAnswer, Sources
from kb.writing import Refused

WIDTH = 140
"""Characters of a line of front matter, as in the trial pages that there are."""


def propose_registration(project: Project, record: Registration, today: date) -> Proposal:
    """The entry of a registration at ClinicalTrials.gov.

    Raises:
        Refused: its key is taken.
    """
    refuse_key(project, record.registry_id)
    fields = {
        "title": escaped(record.official_title or record.title),
        "publisher": "ClinicalTrials.gov",
        "year": record.start[:4],
        "registryid": record.registry_id,
        "url": SEENAT.format(record.registry_id),
        "studydesign": "registry record",
        "seenat": SEENAT.format(record.registry_id),
        "seenon": today.isoformat(),
        "confirmed": "primary",
        "note": "The year is that of the start." if record.start else "",
    }
    return Proposal(record.registry_id, entry_text("misc", record.registry_id, fields))


def find_registration(sources: Sources, wanted: Identifier) -> Registration:
    """A registration at ClinicalTrials.gov.

    Raises:
        Refused: unknown, answered with another one, or not answered.
    """
    try:
        section = sources.study(wanted.value)
    except NoAnswer as error:
        raise Refused(f"{error}; try again later") from error
    if section is None:
        raise Refused(f"'{wanted.value}' is not known to ClinicalTrials.gov; correct it")
    record = from_study(section)
    if record.registry_id != wanted.value:
        raise Refused(f"'{wanted.value}' was answered with the record of '{record.registry_id}'; correct it")
    if not record.title and not record.official_title:
        raise Refused(f"the record of '{wanted.value}' has no title; enter the trial by hand")
    return record


def existing_registration(project: Project, number: str) -> str:
    """The key of the entry that is the registry's record of a trial, or an empty string."""
    records = (e for e in project.bibliography.entries if "registry record" in e.designs)
    return next((entry.key for entry in records if entry.get("registryid").upper() == number), "")


def refuse_page(project: Project, number: str) -> None:
    """Refuse a trial that has a page.

    Raises:
        Refused: with the line of that page.
    """
    for page, trial in project.trials:
        if number in map(str.upper, trial.registry):
            message = f"registry id '{number}' is already in {page.path}; keep one page"
            raise Refused(problems=[Problem(page.path, page.line_of(("trial", "registry")), "KB411", message)])
    if f"trials/{number}.md" in project.page:
        raise Refused(f"docs/trials/{number}.md exists; mend it or remove it first")


def trial_page(record: Registration, key: str, chosen: dict[str, Any], today: date) -> tuple[str, str]:
    """Path and text of the page of a registered trial.

    Args:
        record: the registration.
        key: of the entry that the page cites.
        chosen: cells, disease, purpose, tissue_source: what no registry tells in our words.
        today: the day on which the registration was seen.
    """
    title = record.title or record.official_title
    trial = {
        "registry": [record.registry_id],
        "title": record.official_title or title,
        "cells": chosen["cells"],
        "phase": record.phase,
        "design": record.design,
        "masking": record.masking,
        "disease": chosen["disease"],
        "condition": record.condition or chosen["disease"],
        "purpose": chosen["purpose"],
        "tissue_source": chosen["tissue_source"],
        "n_planned": record.n_planned,
        "n": record.n,
        "arms": [{"name": name, **({"treatment": given} if given else {})} for name, given in record.arms],
        "start": record.start,
        "end": record.ends[0] if record.ends else "",
        "status": record.status,
        "status_seen": today,
        "sponsor": record.sponsor,
        "country": list(record.countries),
        "primary_endpoint": record.primary_endpoint,
        "sources": [key],
    }
    kept = {name: value for name, value in trial.items() if value not in ("", None, [])}
    said = _said(record)
    meta = {
        "title": title,
        "description": f"Registration {record.registry_id}: {said}, {record.status} on {today.isoformat()}.",
        "trial": kept,
    }
    front = yaml.safe_dump(meta, allow_unicode=True, sort_keys=False, width=WIDTH)
    seen = f"its status on {today.isoformat()} was '{record.status}'"
    body = f"The registry lists the trial as {said}; {seen} [@{key}]."
    return f"docs/trials/{record.registry_id}.md", f"---\n{front}---\n\n{body}\n"


def _said(record: Registration) -> str:
    """Phase, design and size in words."""
    phase = f"phase {record.phase}" if record.phase != "not given" else "without a phase"
    design = record.design if record.design != "not stated" else "design not stated"
    people = f"{record.n} people enrolled" if record.n is not None else f"{record.n_planned} people planned"
    return ", ".join([phase, design, *([people] if (record.n, record.n_planned) != (None, None) else [])])
