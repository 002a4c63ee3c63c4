"""Rules on front matter (1xx), links, pictures and language (3xx)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from functools import partial
from urllib.parse import unquote, urlsplit

from kb.pages import Page
from kb.problems import Problem, nearest
from kb.project import SETTINGS, Project
from kb.prose import plain_text
from kb.records import AREAS
from kb.rules import Rule, at, register
from kb.validation import shown, suggestion
from kb.vocabulary import MARKERS

RULES: dict[str, Rule] = {}
rule = partial(register, RULES)
INLINE_HTML = ("sub", "sup", "br", "wbr", "kbd", "abbr")
_SAFE_ATTRIBUTES = re.compile(
    r"(?:[#.][\w:.-]+|(?:width|height|align|lang|loading|title|markdown)=(?:\"[^\"]*\"|'[^']*'|[\w.%-]+)|\s)+"
)


@rule("KB103")
def front_matter(project: Project) -> Iterator[Problem]:
    """Fields are known (KB103), valid (KB104) and there (KB105)."""
    yield from project.invalid


@rule("KB107")
def summary_and_review(project: Project) -> Iterator[Problem]:
    """A page that states findings says them in three plain sentences and says when it was checked."""
    for page in project.pages:
        if page.meta and page.name.split("/")[0] in (*AREAS, "index.md"):
            for name in ("summary", "reviewed", "review_due"):
                if not page.meta.get(name):
                    yield Problem(page.path, 1, "KB107", f"'{name}' is missing on a page that states findings; add '{name}: ...'")


@rule("KB301")
def broken_link(project: Project) -> Iterator[Problem]:
    """Relative links lead to a file of the site (KB301), and to an anchor that is there (KB302)."""
    for page in project.pages:
        for link in page.prose.links:
            fault = _link_fault(project, page, link.target)
            if fault:
                yield Problem(page.path, page.body_line_of(link.start), *fault)


Fault = tuple[str, str] | None
"""Code and message of a faulty link."""


def _link_fault(project: Project, page: Page, target: str) -> Fault:
    try:
        parts = urlsplit(target)
    except ValueError:
        return "KB308", f"'{shown(target)}' is not an address; correct it"
    if parts.scheme or target.startswith("//"):
        safe = parts.scheme in ("http", "https", "mailto")
        return None if safe else ("KB308", f"'{shown(target)}' is not safe to follow; use https:// or a relative path")
    if not target:
        return "KB301", "link without a target; write [text](page.md)"
    if target.startswith("/"):
        return "KB301", f"'{shown(target)}' begins with '/', which breaks under a sub-path; write it relative to this page"
    folder = posixpath.dirname(page.name)
    name = posixpath.normpath(posixpath.join(folder, unquote(parts.path))) if parts.path else page.name
    if name not in project.files:
        near = nearest(parts.path, [posixpath.relpath(file, folder or ".") for file in project.files])
        return "KB301", f"'{shown(target)}' does not exist; " + (f"did you mean '{near}'?" if near else "correct the path")
    return _anchor_fault(project, name, parts.fragment, target)


def _anchor_fault(project: Project, name: str, anchor: str, target: str) -> Fault:
    if not anchor or name not in project.record:  # of a page with faulty front matter it is not known yet what it offers
        return None
    offered = _anchors(project, name)
    if any(unquote(anchor) in anchors for anchors in offered):
        return None
    near = nearest(anchor, set().union(*offered))
    hint = f"did you mean '#{near}'?" if near else "use the anchor of a heading or the id of a claim"
    return "KB302", f"'{shown(target)}': there is no '#{anchor}' in docs/{name}; {hint}"


def _anchors(project: Project, name: str) -> list[Collection[str]]:
    """What can be linked to on a page: its headings and attribute lists, its claims, and works where they are listed."""
    page = project.page[name]
    claims = [placed.claim.id for placed in project.claims_on[name]]
    works = project.entry if any(marker["name"] == "references" for marker in page.prose.markers) else {}
    return [page.prose.anchors, ["claims", *claims] if claims else [], works]


@rule("KB303")
def picture_without_text(project: Project) -> Iterator[Problem]:
    """Every picture says in words what it shows."""
    for page in project.pages:
        for link in page.prose.links:
            if link.image and not plain_text(link.text):
                target = shown(link.target)
                message = f"picture '{target}' has no alternative text; write ![what it shows]({target})"
                yield Problem(page.path, page.body_line_of(link.start), "KB303", message)


@rule("KB304")
def raw_html(project: Project) -> Iterator[Problem]:
    """HTML is refused but for a few inline marks: scripts would run, and citations inside it would be lost."""
    for page in project.pages:
        for start, name, attributes in page.prose.tags:
            if name not in INLINE_HTML or (attributes.strip(" /\n") and not _is_plain_title(attributes)):
                fix = f"write Markdown (allowed: {', '.join(INLINE_HTML)})"
                message = f"HTML '<{shown(name + attributes)}>' is not allowed; {fix}"
                yield Problem(page.path, page.body_line_of(start), "KB304", message)


@rule("KB313")
def markup_in_title(project: Project) -> Iterator[Problem]:
    """The theme prints titles and descriptions as they stand: what looks like HTML there could run."""
    for page in project.pages:
        for name in ("title", "description"):
            wrong = next((char for char in "<>" if char in str(page.meta.get(name, ""))), None)
            if wrong:
                yield at(page, (name,), "KB313", f"{name} holds '{wrong}', which would be read as HTML; say it in words")
    for title, _, line in project.nav:
        if title and ("<" in title or ">" in title):
            yield Problem(
                SETTINGS, line, "KB313", f"'{shown(title)}' holds '<' or '>', which would be read as HTML; say it in words"
            )


def _is_plain_title(attributes: str) -> bool:
    """`<abbr title="...">` is the one attribute that is let through."""
    return re.fullmatch(r"\s+title=\"[^\"<>]*\"\s*", attributes) is not None


@rule("KB305")
def heading_level(project: Project) -> Iterator[Problem]:
    """The title is the only first-level heading; below it no level is skipped."""
    for page in project.pages:
        level = 1
        for heading in page.prose.headings:
            line = page.body_line_of(heading.start)
            if heading.level == 1:
                yield Problem(page.path, line, "KB305", f"'# {shown(heading.text)}' is a second title; begin with '##'")
            elif heading.level > level + 1:
                message = f"heading '{shown(heading.text)}' skips a level; write it with {'#' * (level + 1)}"
                yield Problem(page.path, line, "KB305", message)
            level = heading.level


@rule("KB306")
def navigation(project: Project) -> Iterator[Problem]:
    """Every page is in the navigation once, and every entry of the navigation is a page."""
    seen: dict[str, int] = {}
    for _, name, line in project.nav:
        if name not in project.page and "://" not in name:
            near = nearest(name, project.page)
            hint = f"did you mean '{near}'?" if near else "correct the path"
            yield Problem(SETTINGS, line, "KB306", f"'{shown(name)}' in the navigation is not a page; {hint}")
        if name in seen:
            yield Problem(SETTINGS, line, "KB306", f"'{shown(name)}' is already in the navigation on line {seen[name]}; keep one")
        seen.setdefault(name, line)
    for page in project.pages:
        if page.name not in seen and not page.name.startswith("trials/"):  # trials are listed by their own index
            yield Problem(page.path, 1, "KB306", f"'{page.name}' is not in the navigation; add it to nav in {SETTINGS}")


@rule("KB309")
def unclosed_fence(project: Project) -> Iterator[Problem]:
    """A code fence has an end."""
    for page in project.pages:
        for start in page.prose.unclosed_fences:
            yield Problem(page.path, page.body_line_of(start), "KB309", "code fence is never closed; end it with the same marks")


@rule("KB310")
def unknown_marker(project: Project) -> Iterator[Problem]:
    """A marker stands for a generated part that exists."""
    for page in project.pages:
        for match in page.prose.markers:
            if match["name"] not in MARKERS:
                message = f"'{{{{ {shown(match['name'])} }}}}' is not a marker; {suggestion(match['name'], list(MARKERS))}"
                yield Problem(page.path, page.body_line_of(match.start()), "KB310", message)


@rule("KB311")
def unsafe_attribute(project: Project) -> Iterator[Problem]:
    """Attribute lists name and shape; they cannot run anything."""
    for page in project.pages:
        for start, attributes in page.prose.attribute_lists:
            if not _SAFE_ATTRIBUTES.fullmatch(attributes):
                fix = "use #id, .class, width, height, align, lang, loading or title"
                message = f"'{{{shown(attributes)}}}' is not allowed; {fix}"
                yield Problem(page.path, page.body_line_of(start), "KB311", message)


@rule("KB312")
def missing_snippet(project: Project) -> Iterator[Problem]:
    """A snippet that is included exists."""
    for page in project.pages:
        for start, rest in page.prose.snippets:
            name = rest.strip("\"'").split(":")[0]
            if name and project.snippet(name) is None:
                message = f"snippet '{shown(name)}' does not exist below docs/; correct the path"
                yield Problem(page.path, page.body_line_of(start), "KB312", message)
