"""Adds a claim to the front matter of a page; what is not given stays open, and the checker asks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.bibtext import lines_of
from kb.pages import Page
from kb.problems import Problem, nearest
from kb.project import Project
from kb.writing import Refused, source_text
from kb.yamltext import scalar


@dataclass(frozen=True)
class Skeleton:
    """A page with a claim that still needs filling in.

    Attributes:
        path: the page.
        text: its new text.
        line: line of the claim.
        last: its last line.
        empty: (field, line) of what a person must still fill in.
    """

    path: str
    text: str
    line: int
    last: int
    empty: tuple[tuple[str, int], ...]


def claim_skeleton(project: Project, name: str, filled: dict[str, str], interaction: bool = False) -> Skeleton:
    """A page with one more claim at the end of its list.

    Args:
        project: as it was read.
        name: the page, below docs/ or from the root.
        filled: id, statement, source, locator, and actor, target, factor, effect, outcome of an interaction, as far as known.
        interaction: with the fields of an interaction, filled or not.

    Raises:
        Refused: no such page or source, an id that is taken, or front matter that only a person can edit.
    """
    page = _page(project, name)
    _refuse_unknown(project, page, filled)
    lines = lines_of(source_text(project, page.path))
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    place, head, indent = _end_of_claims(page, lines)
    claim, offsets = _claim(filled, interaction)
    new = [*head, *(f"{indent}{line}" for line in claim)]
    first = place + len(head) + 1
    text = "".join([*lines[:place], *(line + end for line in new), *lines[place:]])
    empty = tuple((field, first + offset) for field, offset in offsets)
    return Skeleton(page.path, text, first, place + len(new), empty)


def _page(project: Project, name: str) -> Page:
    bare = name.removeprefix("./").removeprefix("docs/")
    page = project.page.get(bare) or project.page.get(f"{bare}.md")
    if page is None:
        near = nearest(bare, project.page)
        raise Refused(f"no page '{name}'; " + (f"did you mean '{near}'?" if near else "name it as mechanisms/ido.md"))
    if page.problems:
        raise Refused(problems=page.problems)
    return page


def _refuse_unknown(project: Project, page: Page, filled: dict[str, str]) -> None:
    key = filled.get("source", "")
    if key and key not in project.entry:
        near = nearest(key, project.entry)
        raise Refused(f"no work '{key}' in the bibliography; " + (f"did you mean '{near}'?" if near else "add it first"))
    if key and page not in project.cited_on.get(key, []):
        raise Refused(f"{page.path} does not cite [@{key}]; cite it in the text first")
    taken = project.first_with_id.get(filled.get("id", ""))
    if taken:
        line = taken.page.line_of(("claims", taken.index, "id"))
        raise Refused(
            problems=[Problem(taken.page.path, line, "KB401", f"claim id '{filled['id']}' is already used; choose another")]
        )


def _end_of_claims(page: Page, lines: list[str]) -> tuple[int, list[str], str]:
    """Where the claim goes (lines before it), the lines that go before it, and the indent of items."""
    closing = page.body_line - 2
    if "claims" not in page.meta:
        return closing, ["claims:"], "  "
    head = page.line_of(("claims",))
    if re.fullmatch(r"claims:\s*(#.*)?", lines[head - 1].strip()) is None or not page.meta["claims"]:
        message = "'claims' is not a list with one item a line; write it so, or leave it out where it is empty"
        raise Refused(problems=[Problem(page.path, head, "KB104", message)])
    later = [line for place, line in page.lines.items() if len(place) == 1 and line > head]
    place = min(later, default=closing + 1) - 1
    while lines[place - 1].strip().startswith("#") or not lines[place - 1].strip():
        place -= 1
    first = lines[page.line_of(("claims", 0)) - 1]
    return place, [], first[: len(first) - len(first.lstrip())]


def _claim(filled: dict[str, str], interaction: bool) -> tuple[list[str], list[tuple[str, int]]]:
    """The lines of a claim, and (field, offset) of those that are left empty."""
    lines = [f"- id: {_scalar(filled, 'id')}", f"  statement: {_scalar(filled, 'statement')}"]
    if interaction or any(filled.get(name) for name in INTERACTION):
        lines += ["  interaction:", *(f"    {name}: {_scalar(filled, name)}" for name in INTERACTION)]
    lines += ["  supports:", f"    - source: {_scalar(filled, 'source')}", f"      locator: {_scalar(filled, 'locator')}"]
    lines = [line.rstrip() for line in lines]
    empty = [(line.strip("- :"), i) for i, line in enumerate(lines) if line.endswith(":") and line.strip() not in _OPEN]
    return lines, empty


INTERACTION = ("actor", "target", "factor", "effect", "outcome")
_OPEN = ("interaction:", "supports:")


def _scalar(filled: dict[str, str], name: str) -> str:
    value = " ".join(filled.get(name, "").split())
    return scalar(value) if value else ""
