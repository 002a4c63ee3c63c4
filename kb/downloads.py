"""Lists the files of dist/ on the site, with size and hash, and puts copies of them there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from kb.html import link, table
from kb.pages import Page
from kb.project import Project

NAME = "msc-nk-knowledge-base"
PDF, EPUB, OFFLINE = f"{NAME}.pdf", f"{NAME}.epub", f"{NAME}-offline.zip"
_WORDS = {
    PDF: "Book as PDF: tagged, with bookmarks and one numbered list of references",
    EPUB: "Book as EPUB, for reading systems",
    OFFLINE: "The site for a computer without network: unpack it, and open index.html by double-click",
}
FOLDER = "downloads"


def files(root: Path) -> list[Path]:
    """The files that a reader can take along, as far as they were made."""
    return [root / "dist" / name for name in _WORDS if (root / "dist" / name).is_file()]


def listing(project: Project, base: Page) -> str:
    """The files with size and hash; without them a sentence that says how they are made."""
    made = files(project.root)
    if not made:
        return "<p>This copy of the site was built without them; <code>make release</code> makes them.</p>"
    up = "../" * base.name.count("/")
    rows = [
        (
            "",
            [
                link(f"{up}{FOLDER}/{file.name}", file.name),
                _WORDS[file.name],
                f"{file.stat().st_size / 1e6:.1f} MB",
                f"<code>{sha256(file)}</code>",
            ],
        )
        for file in made
    ]
    return table("Files to take along", ["File", "What it is", "Size", "SHA-256"], rows, "downloads-table")


def sha256(file: Path) -> str:
    """The hash by which a reader can check a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def copies(root: Path) -> Iterator[tuple[str, bytes]]:
    """(path in the site, content) of every file."""
    for file in files(root):
        yield f"{FOLDER}/{file.name}", file.read_bytes()
