"""Stands in for the editor of a newcomer: puts the boxes of contributing.md where that page says.

    python newcomer.py RECIPE FILE

RECIPE is a heading below 'Change something' in the README; the program is run in the root of a clone.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BOX = re.compile(r"```(?:yaml|bibtex)\n(.*?)```", re.DOTALL)
KEY = re.compile(r"^@[a-z]+\{([^,]+),", re.MULTILINE)


def box(start: str) -> str:
    """The box of the guide that begins with a text."""
    guide = Path("docs/about/contributing.md").read_text(encoding="utf-8")
    return next(found for found in BOX.findall(guide) if found.startswith(start))


def add_entry(text: str) -> str:
    """The bibliography with the example where its key sorts."""
    entry = box("@article")
    key = KEY.match(entry)
    assert key
    place = next(match.start() for match in KEY.finditer(text) if match[1].casefold() > key[1].casefold())
    return f"{text[:place]}{entry}\n{text[place:]}"


def add_claim(text: str) -> str:
    """The page with the example at the end of its claims, which stand last in its front matter."""
    front, end, body = text.partition("\n---\n")
    return front + "\n" + box("claims:").removeprefix("claims:\n").rstrip() + end + body


EDITS = {
    "Add a reference": lambda text: text + "\nA sentence that cites it [@Smith2020].\n",
    "Add a claim": add_claim,
    "Add a trial": lambda text: text + box("---"),
    "Fix a number": lambda text: text.replace("events: 3\n", "events: 2\n").replace("grade 4 in three", "grade 4 in two"),
}


def main(recipe: str, name: str) -> None:
    """Edit one file."""
    path = Path(name)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    edit = add_entry if path.suffix == ".bib" else EDITS[recipe]
    path.write_text(edit(text), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
