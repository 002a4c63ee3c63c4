"""Describes pages for machines as JSON-LD with the vocabulary of schema.org."""

from __future__ import annotations

import json
from typing import Any

from kb.bibliography import Entry
from kb.datasets import tables
from kb.pages import Page
from kb.project import Project
from kb.records import AREAS, Trial
from kb.references import identifiers

Node = dict[str, Any]
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
_STATUS = {
    "not yet recruiting": "NotYetRecruiting",
    "recruiting": "Recruiting",
    "active, not recruiting": "ActiveNotRecruiting",
    "enrolling by invitation": "EnrollingByInvitation",
    "completed": "Completed",
    "terminated": "Terminated",
    "suspended": "Suspended",
    "withdrawn": "Withdrawn",
    "unknown": "ResultsNotAvailable",
}
"""Registry status to schema.org's MedicalStudyStatus."""


def json_ld(project: Project, page: Page, address: str) -> str:
    """The description of a page as a script element that browsers do not run.

    Args:
        page: the page.
        address: its canonical address, or its path where the site has no address.
    """
    node: Node = {"@context": "https://schema.org", "@id": address or page.address}
    node |= _node(project, page)
    text = json.dumps(node, ensure_ascii=False).replace("<", "\\u003c")  # no text can end the element
    return f'<script type="application/ld+json">{text}</script>'


def _node(project: Project, page: Page) -> Node:
    meta = project.record[page.name]
    common: Node = {
        "name": meta.title,
        "description": meta.description,
        "inLanguage": "en",
        "license": LICENSE,
        "isAccessibleForFree": True,
    }
    keys = dict.fromkeys(citation.key for citation in page.prose.citations)
    citations = [work(project.entry[key]) for key in keys]
    if meta.trial:
        return common | _trial(meta.trial, citations)
    if page.name == "data.md":
        return common | _dataset(project)
    findings = page.name.split("/")[0] in (*AREAS, "index.md")
    node = common | {"@type": "MedicalWebPage" if findings else "WebPage"}
    if meta.reviewed:
        node["lastReviewed"] = meta.reviewed.isoformat()
    return node | ({"citation": citations} if citations else {})


def work(entry: Entry) -> Node:
    """A cited work: title, year, address. Its authors stand in the list of the page; once more, they would be a tenth of it."""
    node: Node = {"@type": "ScholarlyArticle" if entry.kind == "article" else "CreativeWork", "name": entry.plain_title}
    if entry.get("year"):
        node["datePublished"] = entry.get("year")
    links = identifiers(entry)
    if links:
        node["url"] = links[0][1]
    return node


def _trial(trial: Trial, citations: list[Node]) -> Node:
    node: Node = {
        "@type": "MedicalTrial",
        "alternateName": trial.title,
        "healthCondition": {"@type": "MedicalCondition", "name": trial.condition},
        "citation": citations,
    }
    if trial.registry:
        node["identifier"] = trial.registry
    if trial.status in _STATUS:
        node["status"] = f"https://schema.org/{_STATUS[trial.status]}"
    if trial.design == "randomised":
        node["trialDesign"] = "https://schema.org/RandomizedTrial"
    if trial.sponsor:
        node["sponsor"] = {"@type": "Organization", "name": trial.sponsor}
    return node


def _dataset(project: Project) -> Node:
    distribution = [
        {"@type": "DataDownload", "name": table.title, "encodingFormat": "text/csv", "contentUrl": f"data/{table.name}.csv"}
        for table in tables(project)
    ]
    return {"@type": "Dataset", "distribution": distribution}
