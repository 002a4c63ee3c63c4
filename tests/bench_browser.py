"""Measures the long lists of a generated site in Chromium: how soon a filter answers, and how heavy the page is.

`python tests/bench_browser.py site` prints one line per page. The figure is the slowest of five changes of the filter on
a freshly loaded page, from the event to the layout of the first matches, as the median of five loads.
"""

from __future__ import annotations

import gzip
import shutil
import sys
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

PAGES = {"claims ledger": "claims.html", "trial explorer": "trials/index.html", "references": "references.html"}
LOADS = 5
TEXTS = ["n", "nk", "nk c", "zzz", ""]
"""Typed one after the other: many matches, fewer, none, and all again."""

TIMES = """(texts) => texts.map((text) => {
  const field = document.querySelector('.kb-filter [name=text]');
  const start = performance.now();
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  document.documentElement.getBoundingClientRect(); // lays the page out
  return performance.now() - start;
})"""


def measure(page_url: str) -> float:
    """Milliseconds until a filter shows its first result, on the first list of the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        slowest = []
        for _ in range(LOADS):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(page_url, wait_until="networkidle")
            slowest.append(max(page.evaluate(TIMES, TEXTS)))
            page.close()
        browser.close()
    return median(slowest)


def main(site: Path) -> None:
    """Print what was measured."""
    print(f"{'page':<16}{'filter, ms':>12}{'KiB raw':>10}{'KiB gzip':>10}")
    for name, path in PAGES.items():
        content = (site / path).read_bytes()
        zipped = gzip.compress(content, 6, mtime=0)
        time = measure((site / path).resolve().as_uri())
        print(f"{name:<16}{time:>12.0f}{len(content) / 1024:>10.0f}{len(zipped) / 1024:>10.0f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/bench_browser.py <site folder>")
    main(Path(sys.argv[1]))
