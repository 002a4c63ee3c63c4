"""The offline copy, unpacked and opened from the file system in the real Chromium."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kb.downloads import NAME
from tests.conftest import ROOT, run_kb, small_project


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small_project(tmp_path_factory.mktemp("offline") / "a folder with a space", {})
    (root / "CITATION.cff").symlink_to(ROOT / "CITATION.cff")
    run = run_kb(root, "offline")
    assert run.returncode == 0, run.stdout + run.stderr
    return root


@pytest.fixture(scope="module")
def unpacked(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked here")
    with zipfile.ZipFile(root / "dist" / f"{NAME}-offline.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder / NAME


def test_copy_works_from_the_file_system_and_asks_the_network_nothing(tab: Page, unpacked: Path) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((unpacked / "index.html").as_uri())
    tab.locator(".footnote-ref").first.hover()
    expect(tab.locator(".kb-card")).to_be_visible()
    tab.get_by_role("textbox", name="Search").click()
    tab.keyboard.type("mechanisms")
    result = tab.locator(".md-search-result__item a[href*='mechanisms/index.html']").first
    expect(result).to_be_visible()
    result.click()
    tab.wait_for_url("**/mechanisms/index.html*")
    expect(tab.locator("h1")).to_contain_text("Mechanisms")
    assert [url for url in asked if not url.startswith("file:")] == []


def test_copy_holds_every_file_of_the_site_but_what_needs_an_address(root: Path, unpacked: Path) -> None:
    site = (root / "site").resolve()
    there = {file.relative_to(unpacked).as_posix() for file in unpacked.rglob("*") if file.is_file()}
    built = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    assert there - built == {"search/search_index.js"}
    assert built - there == {"404.html", "_headers"}  # and a sitemap, where the site has an address


def test_same_site_gives_the_same_bytes(root: Path) -> None:
    file = root / "dist" / f"{NAME}-offline.zip"
    before = file.read_bytes()
    file.unlink()
    assert run_kb(root, "offline").returncode == 0
    assert file.read_bytes() == before
