"""Makes everything that a reader can take along and proves that it carries the same."""

from __future__ import annotations

from pathlib import Path

from kb import downloads
from kb.book import make_book
from kb.offline import make_offline
from kb.project import read_project
from kb.proof import prove, table
from kb.site import build_site

PROOF, SUMS = "same-content.txt", "SHA256SUMS"


def make_release(root: Path) -> int:
    """Site, PDF, EPUB and offline copy, then the site again with all of them listed.

    The page of downloads is in no book, and the offline copy lists what was made before it: so nothing depends on
    its own hash.

    Returns:
        0, or 1 where the site cannot be built or a format does not carry what the site carries.
    """
    for file in downloads.files(root):
        file.unlink()
    if build_site(root):
        return 1
    project, site = read_project(root), root / "site"
    for kind in ("pdf", "epub"):
        print(f"made {make_book(project, site.resolve(), kind=kind).name}", flush=True)
    if build_site(root):
        return 1
    print(f"made {make_offline(project, site.resolve()).name}", flush=True)
    if build_site(root):
        return 1
    carried = prove(project, site.resolve())
    (root / "dist" / PROOF).write_text(table(carried), encoding="utf-8")
    sums = [f"{downloads.sha256(file)}  {file.name}\n" for file in downloads.files(root)]
    (root / "dist" / SUMS).write_text("".join(sums), encoding="utf-8")
    print(table(carried), end="")
    return int(any(item.found != item.wanted for item in carried))
