"""Measures the book for `make bench`: against mkdocs-to-pdf on the same pages, and as the number of pages grows."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pypandoc

ROOT = Path(__file__).resolve().parent.parent
THEIRS = ROOT / ".cache" / "bench" / "bin" / "python"


def prepared(project: Path) -> Path:
    """A project of the bench with what the book needs, and nothing built."""
    for name in ("book", "CITATION.cff"):
        (project / name).unlink(missing_ok=True)
        (project / name).symlink_to(ROOT / name)
    for name in ("dist", ".cache/sites"):
        shutil.rmtree(project / name, ignore_errors=True)
    site = project / "site"
    if site.is_symlink():
        site.unlink()
    shutil.rmtree(site, ignore_errors=True)
    return project


def ours(project: Path) -> float:
    """Seconds for site and PDF, from nothing."""
    return _seconds([sys.executable, "-m", "kb", "book"], prepared(project))


def theirs(project: Path) -> float:
    """Seconds for the site and the PDF of mkdocs-to-pdf, from nothing; the project is one without our hooks."""
    settings = project / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("plugins:\n", "plugins:\n  - to-pdf\n", 1).replace("strict: true", "strict: false"), encoding="utf-8"
    )
    shutil.rmtree(project / "site", ignore_errors=True)
    try:
        return _seconds([str(THEIRS), "-m", "mkdocs", "build"], project)
    finally:
        settings.write_text(text, encoding="utf-8")


def peak_memory() -> float:
    """Megabytes of the largest process so far that was waited for."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _seconds(command: list[str], project: Path) -> float:
    start = time.perf_counter()
    path = f"{Path(pypandoc.get_pandoc_path()).parent}{os.pathsep}{os.environ['PATH']}"  # mkdocs-bibtex asks for pandoc there
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PATH": path}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed in {project}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return time.perf_counter() - start
