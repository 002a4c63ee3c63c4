"""Formats the bibliography and front matter; a file whose content would change is left as it is and named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kb import format_bibliography, format_front_matter
from kb.bibliography import parse_bibliography
from kb.pages import as_text, load_yaml, parse_page

BIBLIOGRAPHY = "bib/references.bib"
_COMMENT = re.compile(r"(?:^|\s)#.*")


def formattable(root: Path, paths: Iterable[Path]) -> Iterator[Path]:
    """The files that have a format, below the given files and folders.

    Args:
        root: project root.
        paths: absolute; empty for all.
    """
    wanted = list(paths)
    for file in [root / BIBLIOGRAPHY, *sorted((root / "docs").rglob("*.md"))]:
        if file.is_file() and (not wanted or any(file.is_relative_to(path) for path in wanted)):
            yield file


def format_file(root: Path, file: Path) -> tuple[bytes, list[str]]:
    """The content of a file in the one style, or the lines that say what stands in its way.

    Nothing is written here. The new text is read again: unless it says the same, with the same comments, it is not given out.
    """
    path, data = file.relative_to(root).as_posix(), file.read_bytes()
    return _bibliography(path, data) if path == BIBLIOGRAPHY else _page(path, data)


def _bibliography(path: str, data: bytes) -> tuple[bytes, list[str]]:
    unreadable = [p.as_text() for p in parse_bibliography(path, data).problems if p.code in ("KB106", "KB210")]
    if unreadable:
        return data, unreadable
    text = as_text(data, path, [])
    new = format_bibliography.formatted(text)
    return _checked(path, data, new, _said_by_bibliography(text) == _said_by_bibliography(new))


def _said_by_bibliography(text: str) -> tuple[list[str], list[str]]:
    """Entries and comments, without their order."""
    entries = parse_bibliography(BIBLIOGRAPHY, text.encode()).entries
    comments = [line.strip() for line in text.split("\n") if line.lstrip().startswith(("%", "@comment"))]
    return sorted(repr((e.key, e.kind, sorted(e.fields.items()))) for e in entries), sorted(comments)


def _page(path: str, data: bytes) -> tuple[bytes, list[str]]:
    page = parse_page(path.removeprefix("docs/"), path, data)
    if page.problems:
        return data, [problem.as_text() for problem in page.problems]
    lines = as_text(data, path, []).split("\n")
    front = "\n".join(lines[1 : page.body_line - 2])
    new = format_front_matter.formatted(front)
    text = "\n".join(["---", new, "---", page.body])
    return _checked(path, data, text, _said_by_front_matter(front) == _said_by_front_matter(new))


def _said_by_front_matter(text: str) -> tuple[str, list[str]]:
    """Values with their types and comments, without the order of fields."""
    value, _ = load_yaml(text, "", 1, [])
    return repr(_sorted(value)), sorted(comment.strip() for comment in _COMMENT.findall(text))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return sorted(((key, _sorted(item)) for key, item in value.items()), key=repr)
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _checked(path: str, data: bytes, new: str, same: bool) -> tuple[bytes, list[str]]:
    if same:
        return new.encode(), []
    return data, [f"{path}:1: cannot be formatted without a change in what it says; it stays as it is"]
