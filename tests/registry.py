"""A server on this machine that stands for Crossref, PubMed, ClinicalTrials.gov, the handle service and the rest of the web.

Its records are made up; their form is that of the real ones. KB_SOURCES=<address> makes `kb` ask it and nothing else.
"""

from __future__ import annotations

import http.server
import json
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

from kb.__main__ import main

Run = Callable[..., subprocess.CompletedProcess[str]]
"""Runs the kb command."""

JSON, XML, HTML = "application/json", "text/xml; charset=UTF-8", "text/html"


@dataclass
class Answer:
    """What the server sends once.

    Attributes:
        missing: bytes that are promised and not sent.
        delay: seconds before it is sent.
        before: called when the question has come.
    """

    status: int = 200
    body: str = "{}"
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0
    delay: float = 0
    before: Callable[[], object] = lambda: None


def crossref(doi: str, title: str, **fields: Any) -> dict[str, Any]:
    """A record of the REST API as Crossref sends it; fields with a hyphen are given with an underscore."""
    record = {
        "DOI": doi,
        "type": "journal-article",
        "title": [title],
        "container-title": ["Journal of Examples"],
        "short-container-title": ["J Ex"],
        "publisher": "Example &amp; Sons",
        "author": [
            {"given": "Anna B.", "family": "Adams", "sequence": "first", "affiliation": []},
            {"given": "Jean-Pierre", "family": "Müller", "sequence": "additional", "affiliation": []},
        ],
        "issued": {"date-parts": [[2020, 3, 1]]},
        "published-online": {"date-parts": [[2019, 12]]},
        "volume": "12",
        "issue": "3",
        "page": "123-9",
        "is-referenced-by-count": 3,
    }
    return record | {name.replace("_", "-"): value for name, value in fields.items()}


def pubmed(pmid: str, title: str, doi: str = "", **fields: str) -> str:
    """A PubmedArticle of efetch; `authors`, `comments`, `types` and `pages` are XML or text that replace the usual."""
    authors = fields.get(
        "authors",
        "<Author><LastName>Adams</LastName><ForeName>Anna B</ForeName><Initials>AB</Initials></Author>"
        "<Author><LastName>Müller</LastName><ForeName>Jean-Pierre</ForeName><Initials>JP</Initials></Author>",
    )
    types = fields.get("types", "Journal Article").split("|")
    listed = "".join(f'<PublicationType UI="D0">{escape(name)}</PublicationType>' for name in types)
    year = fields.get("year", "<Year>2020</Year><Month>Mar</Month>")
    ids = f'<ArticleId IdType="pubmed">{pmid}</ArticleId>' + (f'<ArticleId IdType="doi">{escape(doi)}</ArticleId>' if doi else "")
    ids += f'<ArticleId IdType="pmc">{fields["pmcid"]}</ArticleId>' if "pmcid" in fields else ""
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><Article PubModel="Print"><Journal>'
        f"<JournalIssue CitedMedium='Internet'><Volume>12</Volume><Issue>3</Issue><PubDate>{year}</PubDate></JournalIssue>"
        f"<Title>Journal of Examples</Title></Journal><ArticleTitle>{title}</ArticleTitle>"
        f"<Pagination><MedlinePgn>{fields.get('pages', '123-9')}</MedlinePgn></Pagination>"
        f'<AuthorList CompleteYN="Y" Type="authors">{authors}</AuthorList>'
        f"<PublicationTypeList>{listed}</PublicationTypeList></Article>"
        f"<CommentsCorrectionsList>{fields.get('comments', '')}</CommentsCorrectionsList></MedlineCitation>"
        f"<PubmedData><ArticleIdList>{ids}</ArticleIdList></PubmedData></PubmedArticle>"
    )


def study(number: str, title: str, **modules: Any) -> dict[str, Any]:
    """A study of API version 2; modules replace the usual ones."""
    section: dict[str, Any] = {
        "identificationModule": {"nctId": number, "briefTitle": title, "officialTitle": f"{title}, as registered"},
        "statusModule": {
            "overallStatus": "COMPLETED",
            "startDateStruct": {"date": "2019-04", "type": "ACTUAL"},
            "primaryCompletionDateStruct": {"date": "2021-05-01", "type": "ACTUAL"},
            "completionDateStruct": {"date": "2022-01-31", "type": "ACTUAL"},
        },
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "Université d'Exemple", "class": "OTHER"}},
        "conditionsModule": {"conditions": ["Acute GVHD", "Steroid-Refractory GVHD"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE1", "PHASE2"],
            "designInfo": {"allocation": "RANDOMIZED", "primaryPurpose": "TREATMENT", "maskingInfo": {"masking": "DOUBLE"}},
            "enrollmentInfo": {"count": 40, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": "MSC", "type": "EXPERIMENTAL", "interventionNames": ["Biological: MSC from marrow"]},
                {"label": "Placebo", "type": "PLACEBO_COMPARATOR"},
            ]
        },
        "outcomesModule": {"primaryOutcomes": [{"measure": "Overall response", "timeFrame": "day 28"}]},
        "contactsLocationsModule": {"locations": [{"country": "France"}, {"country": "France"}, {"country": "Türkiye"}]},
    }
    return {"protocolSection": section | modules, "hasResults": False}


class Registry:
    """The records, what goes wrong before they are sent, and what was asked.

    Attributes:
        works: Crossref records by DOI, lower case.
        articles: PubMed records by number.
        ids: DOI and PMID by PMCID.
        studies: studies by number.
        handles: DOIs that exist without being at Crossref.
        links: status by path below /web.
        faults: answers to send first, by the beginning of a path.
        asked: (method, path with query, headers) of every request.
    """

    def __init__(self) -> None:
        self.works: dict[str, Any] = {}
        self.articles: dict[str, str] = {}
        self.ids: dict[str, dict[str, str]] = {}
        self.studies: dict[str, Any] = {}
        self.handles: set[str] = set()
        self.links: dict[str, int] = {}
        self.faults: dict[str, list[Answer]] = defaultdict(list)
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                registry.asked.append((self.command, self.path, dict(self.headers)))
                self.send(registry.answer(self.path))

            do_HEAD = do_GET

            def send(self, answer: Answer) -> None:
                body = answer.body.encode()
                answer.before()
                time.sleep(answer.delay)
                try:
                    self.send_response(answer.status)
                    self.send_header("Content-Type", answer.kind)
                    self.send_header("Content-Length", str(len(body) + answer.missing))
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    if self.command == "GET":
                        self.wfile.write(body)
                except ConnectionError:  # who asked did not wait
                    pass
                self.close_connection = self.close_connection or bool(answer.missing)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test log for failures."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def paths(self, part: str = "") -> list[str]:
        """Paths asked for that hold a text."""
        return [unquote(path) for _, path, _ in self.asked if part in unquote(path)]

    def answer(self, path: str) -> Answer:
        """The next answer for a path."""
        for begin, faults in self.faults.items():
            if unquote(path).startswith(begin) and faults:
                return faults.pop(0)
        parts, query = urlsplit(path), {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        service, _, rest = unquote(parts.path).lstrip("/").partition("/")
        return getattr(self, f"_{service}")(rest, query)

    def _crossref(self, rest: str, query: dict[str, str]) -> Answer:
        record = self.works.get(rest.removeprefix("works/").lower())
        if record is None:
            return Answer(404, "Resource not found.", "text/plain")
        return Answer(body=json.dumps({"status": "ok", "message-type": "work", "message": record}))

    def _pubmed(self, rest: str, query: dict[str, str]) -> Answer:
        if "esearch" in rest:
            doi = query["term"].removesuffix("[doi]").strip('"')
            found = [pmid for pmid, xml in self.articles.items() if f">{escape(doi)}</ArticleId>" in xml]
            return Answer(body=json.dumps({"header": {}, "esearchresult": {"count": str(len(found)), "idlist": found}}))
        kind = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "pubmed_250101.dtd">'
        head = f'<?xml version="1.0" ?>\n{kind}\n'
        return Answer(body=f"{head}<PubmedArticleSet>{self.articles.get(query['id'], '')}</PubmedArticleSet>", kind=XML)

    def _pmc(self, rest: str, query: dict[str, str]) -> Answer:
        asked = query["ids"]
        if asked not in self.ids:
            record = {"requested-id": asked, "status": "error", "errmsg": "Identifier not found in PMC"}
        else:
            record = {"requested-id": asked, "pmcid": asked, **self.ids[asked]}
        return Answer(body=json.dumps({"status": "ok", "records": [record]}))

    def _trials(self, rest: str, query: dict[str, str]) -> Answer:
        record = self.studies.get(rest.rpartition("/")[2])
        if record is None:
            return Answer(404, "NCT number not found", "text/plain")
        return Answer(body=json.dumps(record))

    def _handle(self, rest: str, query: dict[str, str]) -> Answer:
        doi = rest.removeprefix("api/handles/")
        if doi.lower() in self.handles | set(self.works):
            return Answer(body=json.dumps({"responseCode": 1, "handle": doi, "values": []}))
        return Answer(404, json.dumps({"responseCode": 100, "handle": doi}))

    def _web(self, rest: str, query: dict[str, str]) -> Answer:
        return Answer(self.links.get(rest, 200), "<p>A page.</p>", HTML)


def runner(root: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the kb command in a project against the server, in this process, which is faster than in one of its own."""
    monkeypatch.chdir(root)
    monkeypatch.setenv("KB_SOURCES", registry.address)
    monkeypatch.delenv("KB_CONTACT", raising=False)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        try:
            status = main(list(arguments))
        except SystemExit as end:  # how argparse ends
            status = int(end.code or 0)
        told = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, told.out, told.err)

    return run
