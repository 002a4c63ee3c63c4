"""What a builder can rely on: the same bytes everywhere, a whole site at every moment, one line when the machine fails."""

from __future__ import annotations

import gzip
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.downloads import EPUB, OFFLINE, PDF
from tests.conftest import ROOT, run_kb, small_project
from tests.test_site import digest

PAGE = "docs/about/methods.md"
KILLS = 20


def release_project(root: Path) -> Path:
    """A small project that a book can be made of."""
    small_project(root, {})
    for name in ("book", "CITATION.cff"):
        (root / name).symlink_to(ROOT / name)
    return root


def test_folder_time_zone_day_user_and_order_of_files_leave_no_trace(tmp_path: Path) -> None:
    """Site, data, PDF, EPUB and offline copy of two builds that share nothing but their content."""
    here, there = release_project(tmp_path / "a"), release_project(tmp_path / "another folder" / "b")
    for number, file in enumerate(sorted(there.rglob("*.*"), reverse=True)):
        if not file.is_symlink():
            os.utime(file, (10**9 + number, 10**9 + number))
    other = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "LC_ALL": "C", "HOME": str(tmp_path), "USER": "other"}
    address = {"SITE_URL": "https://example.org/kb/"}
    before = os.umask(0o077)
    try:
        run = run_kb(there, "release", **other, **address)
    finally:
        os.umask(before)
    assert run.returncode == 0, run.stderr
    assert run_kb(here, "release", TZ="America/Los_Angeles", PYTHONHASHSEED="1", **address).returncode == 0
    first, second = digest(here / "site"), digest(there / "site")
    assert first == second
    assert {f"downloads/{name}" for name in (PDF, EPUB, OFFLINE)} | {"data/claims.csv", "sitemap.xml.gz"} <= set(first)
    assert digest(here / "dist") == digest(there / "dist")


def test_dates_come_from_the_pages_and_else_from_source_date_epoch(project: Callable[..., Path]) -> None:
    root = project()
    address = {"SITE_URL": "https://example.org/"}

    def dates(**environment: str) -> dict[str, str]:
        assert run_kb(root, "site", **address, **environment).returncode == 0
        text = (root / "site/sitemap.xml").read_text(encoding="utf-8")
        packed = (root / "site/sitemap.xml.gz").read_bytes()
        assert gzip.decompress(packed).decode() == text
        return dict(re.findall(r"<loc>https://example.org/(.*?)</loc>\s*<lastmod>(.*?)</lastmod>", text))

    reviewed = {"index.html": "2026-11-23", "mechanisms/index.html": "2026-11-23"}
    found = dates()
    assert {page: found[page] for page in reviewed} == reviewed
    assert found["about/methods.html"] == "2026-11-23", "a page without a review is as old as the newest review"
    found = dates(SOURCE_DATE_EPOCH="1000000000")
    assert {page: found[page] for page in reviewed} == reviewed
    assert found["about/methods.html"] == "2001-09-09"


def test_a_build_that_is_killed_leaves_the_old_or_the_new_site_whole(project: Callable[..., Path]) -> None:
    root = project()
    assert run_kb(root, "site").returncode == 0
    old = digest(root / "site")
    text = (root / PAGE).read_text(encoding="utf-8")
    seconds = random.Random(11)
    found = []
    for _ in range(KILLS):
        (root / PAGE).write_text(text + "\nThe new site.\n", encoding="utf-8")
        command = [sys.executable, "-m", "kb", "site"]
        process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            process.wait(timeout=seconds.uniform(0, 2))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        found.append(digest(root / "site"))
        (root / PAGE).write_text(text, encoding="utf-8")
        if found[-1] != old:
            assert run_kb(root, "site").returncode == 0
            assert digest(root / "site") == old
    (root / PAGE).write_text(text + "\nThe new site.\n", encoding="utf-8")
    assert run_kb(root, "site").returncode == 0
    new = digest(root / "site")
    assert new != old
    assert all(site in (old, new) for site in found)
    assert old in found
    assert len(list((root / ".cache/sites").iterdir())) == 2, "what the killed builds left behind is gone"


def test_two_builds_at_once_leave_one_whole_site(project: Callable[..., Path]) -> None:
    root = project()
    command = [sys.executable, "-m", "kb", "site"]
    runs = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)]
    said = sorted(run.communicate()[0].splitlines()[-1] for run in runs)
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert said == ["built site/", "site/ is up to date", "site/ is up to date"]
    first = digest(root / "site")
    shutil.rmtree(root / ".cache")
    assert run_kb(root, "site").returncode == 0
    assert digest(root / "site") == first


@pytest.mark.parametrize("damage", ["cut", "changed", "garbage", "gone"])
def test_a_damaged_cache_of_references_is_made_anew(project: Callable[..., Path], damage: str) -> None:
    root = project()
    assert run_kb(root, "site").returncode == 0
    whole = digest(root / "site")
    cache = root / ".cache" / "references.json"
    content = cache.read_bytes()
    new = {"cut": content[:-20], "changed": content.replace(b"2001", b"1901"), "garbage": b"\xff\x00[1]", "gone": b""}
    assert new[damage] != content
    cache.unlink()
    if damage != "gone":
        cache.write_bytes(new[damage])
    shutil.rmtree(root / ".cache/sites")
    run = run_kb(root, "site")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert digest(root / "site") == whole
    assert cache.read_bytes() == content


@pytest.mark.parametrize("name", ["index.html", "data/claims.csv"])
def test_a_damaged_site_is_built_again(project: Callable[..., Path], name: str) -> None:
    root = project()
    assert run_kb(root, "site").returncode == 0
    whole = digest(root / "site")
    file = root / "site" / name
    file.write_bytes(file.read_bytes()[:-1])
    assert run_kb(root, "site").stdout.endswith("built site/\n")
    assert digest(root / "site") == whole


def run_on_small_disk(root: Path, disk: Path, options: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run kb in a mount namespace of its own, in which a folder is a disk with these options."""
    script = (
        f'mount -t tmpfs -o size=64m tmpfs "$1" && cp -a "$2"/. "$1" && mount -o remount,{options} "$1" && shift 2 && exec "$@"'
    )
    saved = root.parent / "saved"
    shutil.copytree(disk, saved, symlinks=True, dirs_exist_ok=True)
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(disk), str(saved)]
    return subprocess.run(
        [*command, sys.executable, "-m", "kb", *arguments], cwd=root, capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize(("options", "why"), [("size=4m", "No space left on device"), ("ro", "Read-only file system")])
@pytest.mark.parametrize("command", ["site", "book"])
def test_a_disk_that_is_full_or_read_only_gives_one_line(tmp_path: Path, command: str, options: str, why: str) -> None:
    root = release_project(tmp_path / "project")
    assert run_kb(root, "site").returncode == 0
    disk = root / (".cache" if command == "site" else "dist")
    disk.mkdir(exist_ok=True)
    if command == "book":
        options = options.replace("4m", "64k")
    else:
        (root / PAGE).write_text((root / PAGE).read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    before = digest(root / "site")
    run = run_on_small_disk(root, disk, options, command)
    assert run.returncode == 1
    output = run.stdout + run.stderr
    assert "Traceback" not in output
    (line,) = [line for line in output.splitlines() if why in line]
    assert line.startswith((f"kb {command}: ", "the site was not built: "))
    assert digest(root / "site") == before
