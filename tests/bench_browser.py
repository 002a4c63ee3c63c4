"""Measures a generated site in Chromium: how soon filters and the search answer, and how heavy the long pages are.

`python tests/bench_browser.py site` prints one line per page and one for the search. The figure of a page is the slowest of
five changes of the filter on a freshly loaded page, from the event to the layout of the first matches, as the median of
five loads. The figure of the search is the median over several questions, from the question to the answer of the worker,
with the index loaded; the slowest stands beside it.
"""

from __future__ import annotations

import gzip
import shutil
import sys
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from tests.audit import serving_compressed

PAGES = {"claims ledger": "claims.html", "trial explorer": "trials/index.html", "references": "references.html"}
LOADS = 5
TEXTS = ["n", "nk", "nk c", "zzz", ""]
"""Typed one after the other: many matches, fewer, none, and all again."""

QUESTIONS = ["IDO", "natural killer", "exosomes GVHD", "interferon gamma", "trial", "Ringden 2006", "mesenchymal stromal cells"]

LISTEN = """() => {
  window.answers = [];
  window.Worker = class extends window.Worker {
    constructor(address) {
      super(address);
      this.addEventListener('message', ({ data }) => window.answers.push([data.type, performance.now() - this.asked]));
    }
    postMessage(message) {
      this.asked = performance.now();
      super.postMessage(message);
    }
  };
}"""
"""Put before the theme: notes when the worker of the search is asked, and when it answers (type 1: ready, 3: results)."""

TIMES = """(texts) => texts.map((text) => {
  const field = document.querySelector('.kb-filter [name=text]');
  field.focus();
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


def answers(site: Path) -> list[float]:
    """Milliseconds until the search answers each question, asked by typing."""
    with serving_compressed(site) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.add_init_script(f"({LISTEN})()")
        page.goto(f"{url}/index.html")
        field = page.get_by_role("textbox", name="Search")
        field.click()
        times = []
        for question in ["warm up", *QUESTIONS]:
            field.fill(question)
            times.append(_answer(page))
        browser.close()
    return times[1:]


def _answer(page: Page) -> float:
    page.evaluate("window.answers.length = 0")
    page.keyboard.press("Shift")  # the theme asks on a key
    while True:
        for kind, time in page.evaluate("window.answers"):
            if kind == 3:
                return time
        page.wait_for_timeout(20)


def main(site: Path) -> None:
    """Print what was measured."""
    print(f"{'page':<16}{'filter, ms':>12}{'KiB raw':>10}{'KiB gzip':>10}")
    for name, path in PAGES.items():
        content = (site / path).read_bytes()
        zipped = gzip.compress(content, 6, mtime=0)
        time = measure((site / path).resolve().as_uri())
        print(f"{name:<16}{time:>12.0f}{len(content) / 1024:>10.0f}{len(zipped) / 1024:>10.0f}")
    times = answers(site)
    print(f"{'search':<16}{median(times):>12.0f}   slowest {max(times):.0f}, index loaded")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/bench_browser.py <site folder>")
    main(Path(sys.argv[1]))
