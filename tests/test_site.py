"""The build as a whole: what it leaves behind when it succeeds, fails, or has nothing to do."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from tests.conftest import ROOT, Build, run_kb


def digest(folder: Path) -> dict[str, str]:
    """Content of every file of a site."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_failed_build_names_every_fault_and_leaves_the_last_site(project: Callable[..., Path]) -> None:
    root = project()
    assert run_kb(root, "site").returncode == 0
    before = digest(root / "site")
    page = root / "docs" / "mechanisms" / "index.md"
    page.write_text(page.read_text() + "\nUnknown [@Nobody1999] and [lost](../index.md#gone).\n")
    line = page.read_text().count("\n")
    bib = root / "bib" / "references.bib"
    start = bib.read_text().count("\n") + 2
    bib.write_text(bib.read_text() + "\n@misc{nct00000001,\n  title = {Again},\n}\n")

    run = run_kb(root, "site")

    assert run.returncode == 1
    out = run.stdout
    assert f"bib/references.bib:{start}: key 'nct00000001' is already used on line 46; add a word" in out
    assert f"docs/mechanisms/index.md:{line}: citation key 'Nobody1999' is not in the bibliography" in out
    assert f"docs/mechanisms/index.md:{line}: '../index.md#gone': there is no '#gone' in docs/index.md" in out
    assert "Traceback" not in run.stderr
    assert digest(root / "site") == before


def test_unchanged_project_is_not_built_again(project: Callable[..., Path]) -> None:
    root = project()
    assert run_kb(root, "site").stdout.endswith("built site/\n")
    built = (root / "site").resolve()
    assert run_kb(root, "site").stdout == "site/ is up to date\n"
    assert (root / "site").resolve() == built
    (root / "docs" / "cell.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert run_kb(root, "site").stdout.endswith("built site/\n")
    assert (root / "site" / "cell.svg").read_text() == "<svg xmlns='http://www.w3.org/2000/svg'/>"
    assert not built.exists()


def test_path_with_a_space(project: Callable[..., Path], tmp_path: Path) -> None:
    root = project().rename(tmp_path / "a project")
    assert run_kb(root, "site").returncode == 0
    assert "[1, 2]" in (root / "site" / "index.html").read_text() or (root / "site" / "references.html").is_file()


def test_every_page_answers(site: Path, site_url: str) -> None:
    pages = sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    for name in pages:
        with urllib.request.urlopen(f"{site_url}/{name}") as answer:
            assert answer.status == 200


def test_sitemap_lists_every_page_under_the_address_of_the_site(project: Callable[..., Path]) -> None:
    build = Build(project(), SITE_URL="https://example.org/kb/")
    build.page()
    found = {place.text for place in ET.parse(build.folder / "sitemap.xml").getroot().findall("{*}url/{*}loc")}
    pages = {file.relative_to(build.folder).as_posix() for file in build.folder.rglob("*.html")} - {"404.html"}
    assert {place.removeprefix("https://example.org/kb/") or "index.html" for place in found} == pages


def test_search_index_holds_every_page(site: Path) -> None:
    documents = json.loads((site / "search" / "search_index.json").read_text())["docs"]
    found = {doc["location"].partition("#")[0] for doc in documents}
    pages = {file.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for file in (ROOT / "docs").rglob("*.md")}
    assert pages <= found


def test_citation_that_the_dialect_would_swallow_stops_the_build(project: Callable[..., Path]) -> None:
    text = (ROOT / "tests/good/docs/index.md").read_text()
    build = Build(project({"docs/index.md": text + "\n*[MSC]: stromal [@Adams2001]\n"}))
    assert build.status == 1
    assert "docs/index.md: 6 citations are written but 5 would be shown" in build.output


def test_help_lists_every_target_with_one_line() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = makefile.partition(".PHONY:")[2].partition("\n")[0].split()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # not as a part of make test
    run = subprocess.run(["make", "help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    listed = run.stdout.splitlines()
    assert [line.split()[1] for line in listed] == phony
    assert all(len(line.split()) > 3 for line in listed)
