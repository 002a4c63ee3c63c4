"""Makes the offline copy: the built site as a zip that opens from the file system by double-click."""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from kb.book import edition
from kb.downloads import NAME, OFFLINE
from kb.policy import HEADERS
from kb.project import Project

_BUNDLE = re.compile(r'(<script src=")([^"]*?)(assets/javascripts/bundle\.)')
_ONLY_ON_A_SERVER = ("sitemap.xml", "sitemap.xml.gz", "404.html", "feed.xml", HEADERS)
"""What means nothing without an address, or leads to one."""


def make_offline(project: Project, site: Path) -> Path:
    """Zip the site so that search works without a server, and put it in place only when it is whole.

    The theme fetches its search index and starts a worker, which no browser does from the file system: the copy holds
    the index as a script too, and assets/offline.js in place of the worker. Times in the zip are the day of the newest
    review, so that the same site gives the same bytes.

    Args:
        project: the project.
        site: folder of the built site.
    """
    out = project.root / "dist" / OFFLINE
    out.parent.mkdir(exist_ok=True)
    _, day = edition(project)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".making-") as folder:
        fresh = Path(folder) / out.name
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in _files(site):
                entry = zipfile.ZipInfo(f"{NAME}/{name}", (day.year, day.month, day.day, 0, 0, 0))
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, content)
        os.replace(fresh, out)
    return out


def _files(site: Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of everything in the copy, in the order of the paths."""
    for file in sorted(site.rglob("*")):
        name = file.relative_to(site).as_posix()
        if not file.is_file() or name in _ONLY_ON_A_SERVER or name.endswith(OFFLINE):
            continue
        content = file.read_bytes()
        if file.suffix == ".html":
            content = _BUNDLE.sub(_with_frame, content.decode()).encode()
        if name == "search/search_index.json":
            yield "search/search_index.js", b"var __index = " + content
        yield name, content


def _with_frame(bundle: re.Match[str]) -> str:
    """The script of the theme, with the stand-in for its worker before it."""
    return f'{bundle[1]}{bundle[2]}assets/offline.js"></script>{bundle[0]}'
