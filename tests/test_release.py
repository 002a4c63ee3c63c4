"""A release: the files that a reader takes along, listed with their hashes, carry the same as the site."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from kb.downloads import EPUB, OFFLINE, PDF
from kb.project import read_project
from kb.proof import KINDS, prove
from tests.conftest import ROOT, run_kb, small_project
from tests.test_records import CLAIMS, TRIAL

DOWNLOADS = "---\ntitle: Downloads\ndescription: Files.\n---\n\n{{ downloads }}\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {
        "docs/about/downloads.md": DOWNLOADS,
        "docs/mechanisms/index.md": CLAIMS.replace("Text [", "Text “with” 'quotes' − and signs: β, ≥ [").replace(
            "MSC (resting) * ", "MSC "
        ),
        "docs/trials/NCT00000002.md": TRIAL,
        "docs/trials/index.md": "---\ntitle: Trials\ndescription: All.\n---\n\n{{ trials }}\n",
    }
    root = small_project(tmp_path_factory.mktemp("release") / "project", files)
    for name in ("book", "CITATION.cff"):
        (root / name).symlink_to(ROOT / name)
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("  - Downloads: about/downloads.md\n  - Trials: trials/index.md\n")
    run = run_kb(root, "release")
    assert run.returncode == 0, run.stdout + run.stderr
    return root


def test_every_format_carries_the_same_by_count_and_hash(root: Path) -> None:
    carried = prove(read_project(root), (root / "site").resolve())
    assert {item.form for item in carried} == {"site", "Markdown twins", "data", "PDF", "EPUB", "offline copy"}
    for kind in KINDS:
        of_kind = [item for item in carried if item.kind == kind]
        assert {(item.found, item.digest) for item in of_kind} == {(of_kind[0].wanted, of_kind[0].digest)}
        assert of_kind[0].wanted > 0


def test_a_missing_page_is_noticed(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root, copy, symlinks=True)
    whole, broken = copy / "dist" / OFFLINE, copy / "dist" / "broken.zip"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            if "NCT00000002" not in name:
                target.writestr(name, source.read(name))
    broken.replace(whole)
    lost = {item.kind for item in prove(read_project(copy), (root / "site").resolve()) if item.found < item.wanted}
    assert lost == {"results"}


def test_downloads_are_listed_with_the_hash_that_they_have(root: Path) -> None:
    page = (root / "site/about/downloads.html").read_text(encoding="utf-8")
    listed = dict(re.findall(r'href="\.\./downloads/([^"]+)">.*?<code>([0-9a-f]{64})</code>', page))
    assert list(listed) == [PDF, EPUB, OFFLINE]
    for name, digest in listed.items():
        content = (root / "site/downloads" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert content == (root / "dist" / name).read_bytes()


def test_offline_copy_holds_the_books_that_it_links_to(root: Path) -> None:
    with zipfile.ZipFile(root / "dist" / OFFLINE) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        page = archive.read(next(name for name in archive.namelist() if name.endswith("about/downloads.html"))).decode()
    assert {f"downloads/{PDF}", f"downloads/{EPUB}"} <= names
    assert f"downloads/{OFFLINE}" not in names
    assert OFFLINE not in page


def test_second_release_gives_the_same_bytes(root: Path) -> None:
    before = (root / "dist" / "SHA256SUMS").read_text(encoding="utf-8")
    assert run_kb(root, "release", TZ="Pacific/Auckland").returncode == 0
    assert (root / "dist" / "SHA256SUMS").read_text(encoding="utf-8") == before
