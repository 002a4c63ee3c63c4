"""Rules on citations in the text (20x): none is lost, none is misread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from kb.pages import Page
from kb.problems import Problem, nearest
from kb.project import Project
from kb.prose import GROUP, KEY
from kb.rules import Rule, register
from kb.validation import shown

RULES: dict[str, Rule] = {}
rule = partial(register, RULES)
_BARE_AT = re.compile(r"(?<![\w.+%@/-])(?<!\\)@[A-Za-z][\w:./-]*")
_BRACKET = re.compile(r"(?<!\\)\[(?P<inside>[^\[\]]*@[^\[\]]*)\]")


@rule("KB201")
def unknown_key(project: Project) -> Iterator[Problem]:
    """Every cited key is in the bibliography."""
    for page in project.pages:
        for citation in page.prose.citations:
            if citation.key not in project.entry:
                near = nearest(citation.key, project.entry)
                fix = f"did you mean [@{near}]?" if near else "add it to bib/references.bib"
                line = page.body_line_of(citation.start)
                yield Problem(page.path, line, "KB201", f"citation key '{citation.key}' is not in the bibliography; {fix}")


@rule("KB202")
def malformed_citation(project: Project) -> Iterator[Problem]:
    """Brackets that hold an @ are a citation group of the documented grammar."""
    for page in project.pages:
        for match in _BRACKET.finditer(page.prose.visible):
            inside = match["inside"]
            if GROUP.match(page.prose.visible, match.start()) or not _BARE_AT.search(inside) or _is_link(project, page, match):
                continue
            if "\n" in inside:
                fix = "keep a citation on one line"
            elif _follows(page, match) in ("(", "["):
                fix = "put a space between a citation and what follows it, or write the @ as \\@ in a link"
            else:
                fix = "keys are letters, digits and '-': write [@Smith2020] or [see @Smith2020, Table 2; @Jones2021]"
            line = page.body_line_of(match.start())
            yield Problem(page.path, line, "KB202", f"'{shown(match[0])}' is not a citation; {fix}")


def _follows(page: Page, match: re.Match[str]) -> str:
    return page.prose.visible[match.end() : match.end() + 1]


def _is_link(project: Project, page: Page, match: re.Match[str]) -> bool:
    """Whether the bracket is the text of a link such as `[@handle](https://...)`; a known key there is a slip."""
    if _follows(page, match) not in ("(", "["):
        return False
    first = re.match(rf"\s*@({KEY})", match["inside"])
    return first is None or first[1] not in project.entry


@rule("KB203")
def bare_at(project: Project) -> Iterator[Problem]:
    """An @ outside brackets is never rendered as a citation."""
    for page in project.pages:
        text = page.prose.visible
        if "@" not in text:
            continue
        covered = [(m.start(), m.end()) for m in _BRACKET.finditer(text)]
        covered += [
            (link.start, link.start + len(link.text) + len(link.target) + len(link.title) + 8) for link in page.prose.links
        ]
        for match in _BARE_AT.finditer(text):
            if any(start <= match.start() < end for start, end in covered):
                continue
            key = match[0][1:].rstrip(".:/-")
            fix = (
                f"write [@{key}]"
                if key in project.entry
                else f"write [@Key] for a citation, `@{key}` for code or \\@ for the sign"
            )
            yield Problem(page.path, page.body_line_of(match.start()), "KB203", f"'@{key}' is outside brackets; {fix}")


@rule("KB204")
def misplaced_citation(project: Project) -> Iterator[Problem]:
    """A citation stands where it can be shown: not in a heading, a link, an alternative text or a snippet."""
    for page in project.pages:
        prose = page.prose
        for group in prose.groups:
            line_start = prose.visible.rfind("\n", 0, group.start()) + 1
            if prose.visible[line_start : line_start + 1] == "#":
                yield _misplaced(page, group, "in a heading; cite in the text below it")
            if re.match(r"\s*(?:!!!|\?\?\?\+?|={3,4}[!+]?)\s", prose.visible[line_start : group.start()]):
                yield _misplaced(page, group, "in the title of a box or tab; cite in the text below it")
            for link in prose.links:
                if link.start < group.start() < link.start + len(link.text) + 2 + link.image and GROUP.search(link.text):
                    yield _misplaced(page, group, "inside a link or picture text; cite behind it")
        for start, rest in prose.snippets:
            name = rest.strip("\"'").split(":")[0]
            text = project.snippet(name)
            if text is not None and GROUP.search(text):
                message = f"snippet '{name}' holds a citation, which is lost there; cite on the page itself"
                yield Problem(page.path, page.body_line_of(start), "KB204", message)


def _misplaced(page: Page, group: re.Match[str], where: str) -> Problem:
    return Problem(page.path, page.body_line_of(group.start()), "KB204", f"'{shown(group[0])}' stands {where}")


@rule("KB205")
def own_footnote(project: Project) -> Iterator[Problem]:
    """Footnotes belong to citations alone, so that their numbers do."""
    for page in project.pages:
        for start, name in page.prose.footnotes:
            message = f"'[^{shown(name)}]' is a footnote; put the remark in the text, footnotes are for citations"
            yield Problem(page.path, page.body_line_of(start), "KB205", message)
