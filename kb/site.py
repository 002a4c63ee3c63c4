"""Builds the site beside the last one and puts it in place only when it is whole."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from kb import downloads

INPUTS = ("docs", "bib", "overrides", "kb", "mkdocs.yml", "requirements.txt")
SETTINGS = ("SITE_URL", "REPO_URL", "EDIT_URI", "SOURCE_DATE_EPOCH")
"""Environment variables that change the site."""


def build_site(root: Path) -> int:
    """Build into a folder named after the inputs and point `site` at it.

    The link is replaced in one step, so a reader finds the old site or the new one, never a part of one; whatever ends
    the build, what it leaves behind is removed by the next.

    Returns:
        The exit status of MkDocs; with an error the last site stays as it was.

    Raises:
        OSError: when a folder cannot be made or the link cannot be replaced.
    """
    sites = root / ".cache" / "sites"
    sites.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(sites.parent / "build.lock"):
        return _build(root, root / "site", sites, inputs_digest(root))


def _build(root: Path, site: Path, sites: Path, digest: str) -> int:
    last = site.resolve()
    if site.is_symlink() and last.name.partition(".")[0] == digest and _is_whole(last):
        print("site/ is up to date")
        return 0
    fresh = sites / f"{digest}.{secrets.token_hex(4)}"
    try:
        status = run_mkdocs(root, "build", "--site-dir", str(fresh))
        if status:
            return status
        _seal(fresh).write_text(_content_digest(fresh), encoding="utf-8")
        _point(site, fresh)
        last = fresh
    finally:
        for other in sites.iterdir():
            if other not in (last, _seal(last)):
                shutil.rmtree(other) if other.is_dir() and not other.is_symlink() else other.unlink()
    print("built site/")
    return 0


def _seal(folder: Path) -> Path:
    """Where the digest of a whole site is kept."""
    return folder.with_name(f"{folder.name}.sha256")


def _is_whole(folder: Path) -> bool:
    """Whether a site is as it was built: a file that was lost or changed is noticed."""
    try:
        return _seal(folder).read_text(encoding="utf-8") == _content_digest(folder)
    except (OSError, ValueError):
        return False


@contextlib.contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """Let a second build wait for the first; the lock goes with the process, whatever ends it."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_mkdocs(root: Path, *arguments: str) -> int:
    """Run MkDocs of this environment in the project."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run([sys.executable, "-m", "mkdocs", *arguments], cwd=root, env=environment, check=False).returncode


def _point(site: Path, target: Path) -> None:
    """Make `site` a link to `target` in one step; a plain folder of an older build is moved away first."""
    if site.is_dir() and not site.is_symlink():
        site.rename(target.with_name("plain"))
    link = site.with_name(".site.new")
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(target, site.parent), target_is_directory=True)
    link.replace(site)


def inputs_digest(root: Path) -> str:
    """One value for the content of everything that the site is made from."""
    digest = hashlib.sha256()
    for name in INPUTS:
        path = root / name
        for file in _files(path) if path.is_dir() else [path]:
            if "__pycache__" not in file.parts and file.is_file():
                _add(digest, file.relative_to(root).as_posix(), file.read_bytes())
    for file in downloads.files(root):
        digest.update(f"{file.name}\0{downloads.sha256(file)}\0".encode())
    for name in SETTINGS:
        digest.update(f"{name}={os.environ.get(name, '')}\0".encode())
    return digest.hexdigest()[:16]


def _content_digest(folder: Path) -> str:
    """One value for the content of a folder."""
    digest = hashlib.sha256()
    for file in _files(folder):
        _add(digest, file.relative_to(folder).as_posix(), file.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _add(digest: hashlib._Hash, name: str, content: bytes) -> None:
    digest.update(f"{name}\0{len(content)}\0".encode() + content)
