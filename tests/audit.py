"""Measures what a reader waits for: Lighthouse on a phone, and the bytes of every page. `python -m tests.audit` prints tables.

Lighthouse runs on the built site behind a server that compresses, as hosts do, in the Chromium of the tests. Its scores for
accessibility, best practices and search engines do not vary; the one for speed does, so it is the median of three runs.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml import html

ROOT = Path(__file__).resolve().parent.parent
LIGHTHOUSE = ROOT / ".cache" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
PAGES = {
    "Home": "index.html",
    "mechanism": "mechanisms/ido.html",
    "trial": "trials/NCT03298763.html",
    "trial explorer": "trials/index.html",
    "claims": "claims.html",
    "references": "references.html",
}
SCORES = ("performance", "accessibility", "best-practices", "seo")
LEAST = {"performance": 97, "accessibility": 100, "best-practices": 100, "seo": 100}
RUNS = 3
COMPRESSED = (".html", ".css", ".js", ".json", ".svg", ".xml", ".md", ".csv", ".txt")


class _Compressing(http.server.SimpleHTTPRequestHandler):
    """Sends text compressed, and lets browsers keep what has a version or is the look of the site."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output for the tables."""

    def do_GET(self) -> None:
        """Answer with a file."""
        file = Path(self.translate_path(self.path))
        if not file.is_file():
            self.send_error(404)
            return
        body = compressed(file)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=86400" if "assets" in file.parts else "no-cache")
        if file.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)


@functools.cache
def compressed(file: Path) -> bytes:
    """What a host sends for a file: text compressed with gzip at its usual level."""
    content = file.read_bytes()
    return gzip.compress(content, 6, mtime=0) if file.suffix in COMPRESSED else content


@contextmanager
def serving_compressed(site: Path) -> Iterator[str]:
    """Serve a site as hosts do; gives its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Compressing, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def loaded_with(site: Path, name: str) -> set[Path]:
    """The files that a browser fetches with a page: styles, scripts and the worker of the search. Pictures are not counted."""
    page = html.document_fromstring((site / name).read_bytes())
    addresses = page.xpath("//link[@rel='stylesheet']/@href | //script/@src")
    files = {site / urlsplit(urljoin(f"/{name}", address)).path.lstrip("/") for address in addresses}
    return files | set(site.glob("assets/javascripts/workers/search.*.js"))


def weight(site: Path, name: str, known: frozenset[Path] = frozenset()) -> int:
    """Bytes that are sent for a page, when the browser has the `known` files already."""
    return sum(len(compressed(file)) for file in {site / name} | (loaded_with(site, name) - known))


def later_weight(site: Path, name: str) -> int:
    """Bytes of a page for a reader who has seen Home."""
    return weight(site, name, frozenset(loaded_with(site, "index.html")))


def scores(address: str) -> dict[str, int]:
    """Scores from 0 to 100 of one page; speed is the median of several runs."""
    runs = [_lighthouse(address) for _ in range(RUNS)]
    return {name: round(statistics.median(run[name] for run in runs)) for name in SCORES}


def _lighthouse(address: str) -> dict[str, float]:
    command = [str(LIGHTHOUSE), address, "--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox"]
    environment = {**os.environ, "CHROME_PATH": shutil.which("chromium") or ""}
    run = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    if run.returncode:
        raise RuntimeError(f"Lighthouse failed on {address}: {run.stderr.strip()}")
    categories = json.loads(run.stdout)["categories"]
    return {name: 100 * (categories[name]["score"] or 0) for name in SCORES}


def main(site: Path) -> int:
    """Print a line per page; the status is 1 when a score is below what this project asks of itself."""
    print(f"{'page':<16}" + "".join(f"{name:>16}" for name in SCORES) + f"{'first, KiB':>12}{'later, KiB':>12}")
    low = []
    with serving_compressed(site) as url:
        for label, name in PAGES.items():
            found = scores(f"{url}/{name}")
            sizes = (weight(site, name) / 1024, later_weight(site, name) / 1024)
            print(f"{label:<16}" + "".join(f"{found[part]:>16}" for part in SCORES) + "".join(f"{size:>12.0f}" for size in sizes))
            low += [f"{label}: {part} {found[part]}, not {LEAST[part]}" for part in SCORES if found[part] < LEAST[part]]
    for problem in low:
        print(problem, file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main((ROOT / "site").resolve()))
