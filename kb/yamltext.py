"""Writes single values of front matter and leaves every other line as it is."""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

import yaml

from kb.bibtext import lines_of
from kb.pages import Page, Place, parse_page


def scalar(value: object) -> str:
    """A value as YAML on one line."""
    return yaml.safe_dump(value, allow_unicode=True, width=10**6).removesuffix("...\n").rstrip("\n")


def with_values(text: str, page: Page, values: dict[Place, object]) -> str | None:
    """The page with some values of its front matter replaced; None where one does not stand alone on its line.

    Args:
        text: the file.
        page: as read from it.
        values: new value by place.
    """
    lines = lines_of(text)
    for place, value in values.items():
        index = page.line_of(place) - 1
        match = re.fullmatch(rf"(\s*{place[-1]}:[ ]+)([^\s#{{\[|>&*!][^\n]*?)(\s+#[^\n]*)?(\r?\n)", lines[index])
        if place not in page.lines or not match:
            return None
        lines[index] = f"{match[1]}{scalar(value)}{match[3] or ''}{match[4]}"
    new = "".join(lines)
    read = parse_page(page.name, page.path, new.encode())
    if read.lines != page.lines or read.body != page.body:
        return None
    return new if all(_at(read.meta, place) == value for place, value in values.items()) else None


def _at(meta: Any, place: Place) -> Any:
    return reduce(lambda value, part: value[part], place, meta)
