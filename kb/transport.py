"""How questions go over the network: paced by host, asked again after a fault, with a memory of whole answers.

Only `kb.sources` imports this.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from urllib3.util import Retry

KEPT = timedelta(days=7)
"""How long a whole answer is used again: a run that was interrupted goes on where it stopped."""
LONGEST_WAIT = 60
"""Seconds that a Retry-After may ask for; a server that wants more is asked again in another run."""
RETRIES = 3
REDIRECTS = 5
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, 500, 502, 503, 504)
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def polite_session(folder: Path, agent: str, intervals: dict[str, float], default: float) -> CachedSession:
    """A session that is paced, retries and remembers.

    Args:
        folder: where answers are kept.
        agent: who asks, for the servers' logs.
        intervals: seconds between two questions, by host.
        default: the same for every other host.
    """
    adapter = _Polite(intervals, default)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "answers.sqlite"
    try:
        session = _open(file)
        session.cache.contains("")
    except sqlite3.DatabaseError:  # what a full disk or a killed process left behind: it holds nothing that cannot be asked again
        file.unlink()
        session = _open(file)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    session.headers["User-Agent"] = agent
    session.max_redirects = REDIRECTS
    return session


def _open(file: Path) -> CachedSession:
    return CachedSession(
        str(file),
        backend="sqlite",
        serializer="json",
        expire_after=KEPT,
        allowable_codes=(HTTPStatus.OK, *GONE),
        allowable_methods=("GET", "HEAD"),
        ignored_parameters=("mailto", "email", "tool"),
        filter_fn=_is_kept,
    )


def _is_kept(response: requests.Response) -> bool:
    """Whether an answer is remembered: a record, or the word of a server about a page; never the page itself."""
    kind = response.headers.get("Content-Type", "")
    return response.request.method == "HEAD" or response.status_code in GONE or "json" in kind or "xml" in kind


class _Polite(HTTPAdapter):
    """Sends what the memory does not hold: one question at a time per host, with pauses, again after a fault."""

    def __init__(self, intervals: dict[str, float], default: float):
        retry = Retry(
            RETRIES,
            connect=1,
            read=1,
            status_forcelist=BUSY,
            allowed_methods=("GET", "HEAD"),
            backoff_factor=min(default, 0.5),
            retry_after_max=LONGEST_WAIT,
            raise_on_status=False,
            redirect=0,
        )
        super().__init__(max_retries=retry)
        self._intervals, self._default = intervals, default
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send, and read the whole body here, so that a body that breaks off is asked for again."""
        for attempt in range(RETRIES + 1):
            self._wait(urlsplit(request.url or "").netloc)
            response = super().send(request, *args, **options)
            try:
                if not options.get("stream"):
                    _ = response.content
                return response
            except requests.RequestException:
                if attempt == RETRIES:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, host: str) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + self._intervals.get(host, self._default)
        time.sleep(turn - now)


def reason(error: Exception) -> str:
    """Why, in a few words."""
    if "timed out" in str(error):  # after several attempts it comes as a ConnectionError
        return "silent for too long"
    words = {
        requests.TooManyRedirects: f"more than {REDIRECTS} redirects",
        requests.exceptions.ChunkedEncodingError: "the answer breaks off",
        requests.exceptions.SSLError: "its certificate is not valid",
        requests.ConnectionError: "no connection",
    }
    return next((text for kind, text in words.items() if isinstance(error, kind)), type(error).__name__)
