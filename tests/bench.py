"""Measures how fast the site builds, as ratios that hold on any machine; `make bench` runs it.

Every figure is the time of a whole process on an invented corpus (corpus.py). The builds of one round follow each other
at once, and a ratio is the median of the ratios of the rounds: whatever else the machine does meets both sides.
Exit status 1 when a ratio misses its target.
"""

from __future__ import annotations

import gzip
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from kb.site import build_site
from tests import bench_book, bench_browser
from tests.corpus import Size, corpus
from tests.records_corpus import records_project

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".cache" / "corpus"
SPHINX = ROOT / ".cache" / "bench" / "bin" / "python"
SMALL = Size("small", 40, 1000, 250)
LARGE = Size("large", 400, 10000, 2500)
CHECKED = Size("check", 300, 7500, 1000)
ROUNDS = {"small": 5, "large": 2, "check": 5}

SPHINX_SETTINGS = """
project = "corpus"
extensions = ["myst_parser", "sphinxcontrib.bibtex"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"
html_theme = "alabaster"
exclude_patterns = ["site"]
"""


@dataclass
class Variant:
    """One way to build one corpus.

    Attributes:
        name: what the table calls it.
        command: the process that is measured.
        project: the folder it runs in.
        before: puts the caches into the state that is meant; not measured.
        once: run in the first round only, without warming up, because one build takes minutes.
        times: seconds of every round.
    """

    name: str
    command: list[str]
    project: Path
    before: Callable[[Path], None]
    once: bool = False
    times: list[float] = field(default_factory=list)

    def run(self) -> float:
        """Run once; a build that fails ends the measurement with its output."""
        self.before(self.project)
        start = time.perf_counter()
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        done = subprocess.run(self.command, cwd=self.project, env=environment, capture_output=True, encoding="utf-8", check=False)
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"{self.name} failed in {self.project}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return seconds


@dataclass
class Result:
    """One line of the table of ratios."""

    words: str
    value: float
    target: float
    unit: str = "x"

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.value <= self.target


# ---------------------------------------------------------------------------------------------------- projects


def mkdocs_project(made: Path, text: str, name: str, settings: Callable[[str], str] = str) -> Path:
    """A project with the real settings, theme and machine, and the text of a corpus."""
    project = made / name
    project.mkdir(exist_ok=True)
    links = {"docs": made / text / "docs", "bib/references.bib": made / text / "bib/references.bib"}
    links |= {"bib/style.csl": ROOT / "bib/style.csl", "overrides": ROOT / "overrides", "kb": ROOT / "kb"}
    (project / "bib").mkdir(exist_ok=True)
    for link, target in links.items():
        (project / link).unlink(missing_ok=True)
        (project / link).symlink_to(target)
    real = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0]
    (project / "mkdocs.yml").write_text(f"{settings(real)}\n{(made / text / 'nav.yml').read_text(encoding='utf-8')}")
    return project


def without_hooks(settings: str) -> str:
    """Settings for mkdocs-bibtex as it comes: our hooks taken out, everything else the same."""
    stock, count = re.subn(r"^hooks:\n(?:[ ]+- .*\n)+", "", settings, flags=re.MULTILINE)
    if count != 1:
        sys.exit("mkdocs.yml has no 'hooks:' list to take out; correct tests/bench.py")
    return stock


def sphinx_project(made: Path) -> Path:
    """The translated text with settings for Sphinx; the same navigation, as one table of contents."""
    project = made / "sphinx"
    (project / "conf.py").write_text(SPHINX_SETTINGS, encoding="utf-8")
    return project


def cold(project: Path) -> None:
    """No site and no cache of references."""
    shutil.rmtree(project / "site", ignore_errors=True)
    (project / ".cache" / "references.json").unlink(missing_ok=True)


def warm(project: Path) -> None:
    """No site; the formatted references of the last build."""
    shutil.rmtree(project / "site", ignore_errors=True)


def variants(size: Size) -> dict[str, Variant]:
    """All builds of a corpus."""
    made = corpus(size, WORK)
    mkdocs = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    ours = mkdocs_project(made, "cited", "ours")
    plain = mkdocs_project(made, "plain", "ours-plain")
    stock = mkdocs_project(made, "cited", "stock", without_hooks)
    # Sphinx reads on all cores, as its manual advises for speed; its smallest theme and no source copies.
    sphinx = [str(SPHINX), "-m", "sphinx", "-q", "-W", "-j", "auto", "-D", "html_copy_source=0", ".", "site"]
    found = [
        Variant("plain", mkdocs, plain, warm),
        Variant("cold", mkdocs, ours, cold),
        Variant("warm", mkdocs, ours, warm),
        Variant("stock", mkdocs, stock, warm),
        Variant("Sphinx", sphinx, sphinx_project(made), warm),
    ]
    return {variant.name: variant for variant in found}


def checks() -> dict[str, Variant]:
    """`kb check` as a process, and the same process when it has only imported what it needs."""
    project = mkdocs_project(corpus(CHECKED, WORK), "cited", "ours")
    modules = "import kb.__main__, kb.checks, kb.project"
    return {
        "check": Variant("check", [sys.executable, "-m", "kb", "check"], project, warm),
        "imports": Variant("imports", [sys.executable, "-c", modules], project, warm),
    }


# ---------------------------------------------------------------------------------------------------- measuring


def measure(size: Size, builds: dict[str, Variant]) -> dict[str, Variant]:
    """One round to warm up, then the rounds that count, all builds in turn."""
    for round_number in range(ROUNDS[size.name] + 1):
        for build in builds.values():
            if build.once and round_number != 1:
                continue
            seconds = build.run()
            if round_number:
                build.times.append(seconds)
        print(".", end="", file=sys.stderr, flush=True)
    return builds


def ratio(upper: Variant, lower: Variant) -> float:
    """Median of the ratios of the rounds that both had."""
    return median(a / b for a, b in zip(upper.times, lower.times, strict=False))


def results(small: dict[str, Variant], large: dict[str, Variant], check: dict[str, Variant]) -> list[Result]:
    """Every figure that has a target."""
    found = []
    for size, builds in (("small", small), ("large", large)):
        found += [
            Result(f"(a) {size}: with citations, cold / without", ratio(builds["cold"], builds["plain"]), 1.5),
            Result(f"(a) {size}: with citations, warm / without", ratio(builds["warm"], builds["plain"]), 1.3),
        ]
    page_small, page_large = (median(builds["warm"].times) / size.pages for builds, size in ((small, SMALL), (large, LARGE)))
    return [
        *found,
        Result("(b) small: ours, cold / stock mkdocs-bibtex", ratio(small["cold"], small["stock"]), 0.5),
        Result("(c) small: ours, cold / Sphinx", ratio(small["cold"], small["Sphinx"]), 1 / 3),
        Result("(c) large: ours, cold / Sphinx", ratio(large["cold"], large["Sphinx"]), 1 / 3),
        Result("(d) time per page, large / small", page_large / page_small, 1.3),
        Result("(e) kb check, 300 pages, 1,000 references", median(check["check"].times), 2.0, " s"),
    ]


def report(groups: dict[str, dict[str, Variant]], found: list[Result]) -> str:
    """Versions, times and ratios as text."""
    lines = [f"Python {platform.python_version()}, {os.cpu_count()} cores; {versions()}", ""]
    lines.append(f"{'seconds':<24}{'rounds':>7}{'median':>9}{'min':>8}{'max':>8}")
    for group, builds in groups.items():
        for build in builds.values():
            name, times = f"{group}: {build.name}", build.times
            lines.append(f"{name:<24}{len(times):>7}{median(times):>9.2f}{min(times):>8.2f}{max(times):>8.2f}")
    lines += ["", f"{'ratio':<58}{'found':>9}{'target':>11}"]
    for result in found:
        verdict = "met" if result.met else "MISSED"
        figures = f"{result.value:>7.2f}{result.unit:<2}{'<=':>5}{result.target:>5.2f}{result.unit:<2}"
        lines.append(f"{result.words:<58}{figures} {verdict}")
    check = groups["check"]
    lines.append(f"kb check: {ratio(check['imports'], check['check']):.0%} of the time is Python starting and importing")
    lines.append("large: Sphinx is run once without warming up, stock not at all: a build takes it three minutes")
    return "\n".join(lines)


def versions() -> str:
    """What is compared."""
    ours = [f"{name} {version(name)}" for name in ("mkdocs", "mkdocs-material", "mkdocs-bibtex")]
    ask = "from importlib.metadata import version as v; print(*(f'{n} {v(n)}' for n in '%s'.split()), sep=', ')"
    code = ask % "sphinx myst-parser sphinxcontrib-bibtex alabaster"
    theirs = subprocess.run([SPHINX, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout.strip()
    return f"{', '.join(ours)} against {theirs} (on all cores)"


def records() -> list[Result]:
    """Check, and in Chromium the long lists, of 2,000 claims, 1,000 trials and 5,000 works."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0]
    project = records_project(WORK, settings)
    for name in ("overrides", "kb", "bib/style.csl"):
        (project / name).unlink(missing_ok=True)
        (project / name).symlink_to(ROOT / name)
    check = Variant("check", [sys.executable, "-m", "kb", "check"], project, warm)
    found = [Result("kb check, 2,000 claims, 1,000 trials, 5,000 works", median(check.run() for _ in range(3)), 10.0, " s")]
    Variant("build", [sys.executable, "-m", "mkdocs", "build"], project, warm).run()
    for name, path in bench_browser.PAGES.items():
        file = project / "site" / path
        weight = len(file.read_bytes()) // 1024, len(gzip.compress(file.read_bytes(), 6)) // 1024
        words = f"{name}, {weight[0]} KiB ({weight[1]} zipped): first result"
        found.append(Result(words, bench_browser.measure(file.resolve().as_uri()), 100.0, " ms"))
    if build_site(ROOT):
        raise SystemExit("the site was not built")
    slowest = max(bench_browser.answers((ROOT / "site").resolve()))
    found.append(Result("search of this site, index loaded: slowest answer", slowest, 50.0, " ms"))
    return found


def book() -> list[Result]:
    """The PDF against mkdocs-to-pdf on the small corpus, time per page on both, and the memory of the large one."""
    small, large = corpus(SMALL, WORK), corpus(LARGE, WORK)
    few = median(bench_book.ours(mkdocs_project(small, "cited", "ours")) for _ in range(3))
    stock = bench_book.theirs(mkdocs_project(small, "cited", "stock", without_hooks))
    many = bench_book.ours(mkdocs_project(large, "cited", "ours"))
    print(f"book: {few:.1f} s for 40 pages, {many:.1f} s for 400; mkdocs-to-pdf {stock:.1f} s for 40", file=sys.stderr)
    return [
        Result("(f) small: site and book / mkdocs-to-pdf", few / stock, 1 / 8),
        Result("(f) book, time per page, large / small", (many / LARGE.pages) / (few / SMALL.pages), 1.3),
        Result("(f) book of 400 pages: largest process", bench_book.peak_memory(), 4096, " MB"),
    ]


def main() -> int:
    """Measure and print; 1 when a target is missed."""
    if sys.argv[1:] == ["book"]:
        lines = [f"{result.words:<58}{result.value:>7.2f}{result.unit} <= {result.target:.3f}" for result in book()]
        print("\n".join(lines))
        return 0
    small = measure(SMALL, variants(SMALL))
    large = variants(LARGE)
    del large["stock"]
    large["Sphinx"].once = True
    large = measure(LARGE, large)
    check = measure(CHECKED, checks())
    found = [*results(small, large, check), *records(), *book()]
    print("\n" + report({"small": small, "large": large, "check": check}, found))
    return int(not all(result.met for result in found))


if __name__ == "__main__":
    sys.exit(main())
