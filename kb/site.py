"""Builds the site beside the last one and puts it in place only when it is whole."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
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

    The link is replaced in one step, so a reader finds the old site or the new one, never a part of one.

    Returns:
        The exit status of MkDocs; with an error the last site stays as it was.
    """
    with _one_at_a_time(root):
        return _build(root, root / "site", root / ".cache" / "sites" / inputs_digest(root))


def _build(root: Path, site: Path, target: Path) -> int:
    if (target / "index.html").is_file() and site.is_symlink() and site.resolve() == target.resolve():
        print("site/ is up to date")
        return 0
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    status = run_mkdocs(root, "build", "--site-dir", str(fresh))
    if status:
        shutil.rmtree(fresh, ignore_errors=True)
        return status
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    _point(site, target)
    for old in target.parent.iterdir():
        if old != target:
            shutil.rmtree(old, ignore_errors=True)
    print("built site/")
    return 0


@contextlib.contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Let a second build wait for the first; the lock goes with the process, whatever ends it."""
    lock = root / ".cache" / "build.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def serve(root: Path, port: int) -> int:
    """Serve the site on this machine and build it again when a file changes."""
    return run_mkdocs(root, "serve", "--dev-addr", f"127.0.0.1:{port}", "--watch", "bib", "--watch", "overrides")


def run_mkdocs(root: Path, *arguments: str) -> int:
    """Run MkDocs of this environment in the project."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", *arguments]
    try:
        return subprocess.run(command, cwd=root, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _point(site: Path, target: Path) -> None:
    """Make `site` a link to `target`; a plain folder of an older build is moved away first."""
    if site.is_dir() and not site.is_symlink():
        shutil.rmtree(site)
    link = site.with_name(f".site.{os.getpid()}")
    link.symlink_to(os.path.relpath(target, site.parent), target_is_directory=True)
    link.replace(site)


def inputs_digest(root: Path) -> str:
    """One value for the content of everything that the site is made from."""
    digest = hashlib.sha256()
    for name in INPUTS:
        path = root / name
        files = sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" not in file.parts and file.is_file():
                content = file.read_bytes()
                digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    for file in downloads.files(root):
        digest.update(f"{file.name}\0{downloads.sha256(file)}\0".encode())
    for name in SETTINGS:
        digest.update(f"{name}={os.environ.get(name, '')}\0".encode())
    return digest.hexdigest()[:16]
