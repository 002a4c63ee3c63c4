"""Asks Crossref, PubMed, ClinicalTrials.gov and the handle service; nothing else asks the network.

No build, no check and no pull request calls it: only `kb add` and `kb verify` do.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from lxml import etree

from kb.transport import BUSY, GONE, polite_session, reason

TIMEOUT = 20.0
"""Seconds without a byte after which a server counts as silent."""
GIVES_UP = 5
"""A host that failed for so many questions in succession is not asked again in this run."""
PER_LINK = 1.0
"""Seconds between two questions to a host that is none of the services."""
NO_HEAD = (400, 403, 405, 406, 501)
"""Answers to HEAD that say nothing about GET."""


@dataclass(frozen=True)
class Service:
    """A service: its name in messages, its address, and the seconds between two questions that its rules ask for."""

    name: str
    address: str
    interval: float


SERVICES = {
    "crossref": Service("Crossref", "https://api.crossref.org", 0.2),
    "pubmed": Service("PubMed", "https://eutils.ncbi.nlm.nih.gov", 0.4),
    "pmc": Service("the PMC id converter", "https://pmc.ncbi.nlm.nih.gov", 0.4),
    "trials": Service("ClinicalTrials.gov", "https://clinicaltrials.gov", 1.3),
    "handle": Service("the handle service of DOIs", "https://doi.org", 0.2),
}


class NoAnswer(Exception):
    """A service gave no answer that can be used; the text says which, and why."""


class Sources:
    """The services, asked politely: paced by host, retried, with a contact address, and with a memory of whole answers.

    Args:
        cache: folder for the answers.
        contact: e-mail address that Crossref and NCBI ask for, or an empty string.
        timeout: seconds without a byte after which a server counts as silent.
        base: address of a server that stands for all services (tests), or an empty string; it is not paced.
        fresh: forget the answers of earlier runs.
        before: called with the name of a service before it is asked.

    Raises:
        ValueError: the contact is not an e-mail address.
    """

    def __init__(
        self,
        cache: Path,
        contact: str = "",
        timeout: float = TIMEOUT,
        base: str = "",
        fresh: bool = False,
        before: Callable[[str], None] = lambda name: None,
    ):
        if contact and not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", contact, re.ASCII):
            raise ValueError(f"contact '{contact}' is not an e-mail address; set KB_CONTACT to yours")
        self.address = {name: f"{base}/{name}" if base else service.address for name, service in SERVICES.items()}
        self._contact, self._timeout, self._before = contact, timeout, before
        agent = f"msc-nk-kb (mailto:{contact})" if contact else "msc-nk-kb"
        self._session = polite_session(cache, agent, {} if base else _intervals(), 0.0 if base else PER_LINK)
        if fresh:
            self._session.cache.clear()
        self._failed: Counter[str] = Counter()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close connections and memory."""
        self._session.close()

    def crossref(self, doi: str) -> dict[str, Any] | None:
        """The Crossref record of a DOI, or None where Crossref has none."""
        asked = {"mailto": self._contact} if self._contact else {}
        return self._ask("crossref", f"/works/{quote(doi, safe='')}", asked, _json("message"))

    def pubmed(self, pmid: str) -> etree._Element | None:
        """The PubMed record of a number (`PubmedArticle` or `PubmedBookArticle`), or None where there is none."""
        asked = {"db": "pubmed", "id": pmid, "retmode": "xml", **self._ncbi()}
        answer = self._ask("pubmed", "/entrez/eutils/efetch.fcgi", asked, _xml)
        found = [] if answer is None else answer.xpath("/PubmedArticleSet/*[self::PubmedArticle or self::PubmedBookArticle]")
        return found[0] if found else None

    def pubmed_numbers(self, doi: str) -> list[str]:
        """PubMed numbers that a search for a DOI finds; each must still be compared with the DOI."""
        asked = {"db": "pubmed", "term": f'"{doi}"[doi]', "retmode": "json", **self._ncbi()}
        found = self._ask("pubmed", "/entrez/eutils/esearch.fcgi", asked, _json("esearchresult")) or {}
        return [str(number) for number in found.get("idlist") or [] if str(number).isdigit()]

    def article_ids(self, pmcid: str) -> dict[str, str]:
        """`doi` and `pmid` of an article in PMC, as far as it has them; empty where PMC has no such article."""
        asked = {"ids": pmcid, "format": "json", **self._ncbi()}
        answer = self._ask("pmc", "/tools/idconv/api/v1/articles/", asked, _json()) or {}
        for record in answer.get("records") or []:
            if isinstance(record, dict) and str(record.get("pmcid", "")).upper() == pmcid.upper():
                return {name: str(record[name]) for name in ("doi", "pmid") if record.get(name)}
        return {}

    def study(self, registry_id: str) -> dict[str, Any] | None:
        """The record of ClinicalTrials.gov, or None where it has none."""
        return self._ask("trials", f"/api/v2/studies/{quote(registry_id, safe='')}", {}, _json("protocolSection"))

    def is_registered(self, doi: str) -> bool:
        """Whether a DOI exists, whoever registered it: asked at the handle service, never at a landing page."""
        path = f"/api/handles/{quote(doi, safe='/')}"
        return self._ask("handle", path, {"type": "URL"}, _json()) is not None

    def is_alive(self, address: str) -> bool:
        """Whether an outside address answers; False where its server says that the page does not exist.

        Raises:
            NoAnswer: nothing that tells one from the other: refused, silent, broken.
        """
        host = re.sub(r"^https?://([^/?#]*).*", r"\1", address)
        response = self._send("HEAD", host, address, {})
        if response.status_code in (*NO_HEAD, *GONE):
            response = self._send("GET", host, address, {}, stream=True)
            response.close()
        if response.status_code in GONE:
            return False
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise NoAnswer(f"{host} answers {response.status_code}")
        return True

    def _ncbi(self) -> dict[str, str]:
        return {"tool": "msc-nk-kb", **({"email": self._contact} if self._contact else {})}

    def _ask(self, service: str, path: str, parameters: dict[str, str], read: Callable[[requests.Response], Any]) -> Any:
        """The answer of a service as read, or None where it says that it has no such record."""
        name = SERVICES[service].name
        self._before(name)
        response = self._send("GET", name, self.address[service] + path, parameters)
        missing = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND) if service == "pubmed" else (HTTPStatus.NOT_FOUND,)
        if response.status_code in missing:
            return None
        if response.status_code != HTTPStatus.OK:
            raise NoAnswer(f"{name} answers {response.status_code}")
        try:
            return read(response)
        except (ValueError, etree.XMLSyntaxError) as error:
            self._session.cache.delete(response.cache_key)
            raise NoAnswer(f"{name} answers with what is no record ({str(error)[:60]})") from error

    def _send(self, method: str, name: str, address: str, parameters: dict[str, str], **options: Any) -> requests.Response:
        if self._failed[name] >= GIVES_UP:
            raise NoAnswer(f"{name} gave no answer {GIVES_UP} times in succession and was left alone")
        try:
            response = self._session.request(
                method, address, params=parameters, timeout=self._timeout, allow_redirects=True, **options
            )
        except (requests.RequestException, ValueError) as error:  # ValueError: an address such as http://[x
            self._count(name, failed=True)
            raise NoAnswer(f"{name} gives no answer ({reason(error)})") from error
        self._count(name, failed=response.status_code in BUSY)
        return response

    def _count(self, name: str, failed: bool) -> None:
        with self._lock:
            self._failed[name] = self._failed[name] + 1 if failed else 0


@contextmanager
def open_sources(
    root: Path, timeout: float = TIMEOUT, fresh: bool = False, before: Callable[[str], None] = lambda name: None
) -> Iterator[Sources]:
    """The services as the environment names them: KB_CONTACT is your e-mail address, KB_SOURCES a server of your own.

    Args:
        root: project root; answers are kept below its .cache.
        timeout: seconds without a byte after which a server counts as silent.
        fresh: forget the answers of earlier runs.
        before: called with the name of a service before it is asked.

    Raises:
        ValueError: KB_CONTACT is not an e-mail address.
    """
    contact, base = os.environ.get("KB_CONTACT", ""), os.environ.get("KB_SOURCES", "").rstrip("/")
    if not contact and not base:
        print("kb: set KB_CONTACT to your e-mail address; Crossref and NCBI ask for one", file=sys.stderr)
    sources = Sources(root / ".cache" / "verify", contact, timeout, base, fresh, before)
    try:
        yield sources
    finally:
        sources.close()


def _intervals() -> dict[str, float]:
    return {urlsplit(service.address).netloc: service.interval for service in SERVICES.values()}


def _json(part: str = "") -> Callable[[requests.Response], dict[str, Any]]:
    """Reads a JSON object, or one of its parts that is an object; else ValueError."""

    def read(response: requests.Response) -> dict[str, Any]:
        value = response.json()
        value = value.get(part) if part and isinstance(value, dict) else value
        if not isinstance(value, dict):
            raise ValueError(f"no '{part}'" if part else "not an object")
        return value

    return read


def _xml(response: requests.Response) -> etree._ElementTree:
    """Reads XML without entities of its own; else XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(response.content, parser).getroottree()
