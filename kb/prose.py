"""Finds code, headings, links, pictures, HTML and citations in Markdown text, with their lines.

The dialect is Python-Markdown with the extensions of mkdocs.yml. Nothing here parses Markdown as a whole: code and
comments are blanked out (same length, same line ends), and what is left is searched with patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from markdown.extensions.toc import unique
from pymdownx.slugs import slugify

KEY = r"[A-Za-z][A-Za-z0-9-]*"
"""Grammar of a citation key (design: `AuthorYear`, `AuthorYearword`, or a registry id)."""

_ITEM = rf"(?:[^@;\[\]\n]*[ \t])?@{KEY}(?:,[^@;\[\]\n]+)?[ \t]*"
GROUP = re.compile(rf"(?<!\\)\[{_ITEM}(?:;[ \t]*{_ITEM})*\](?![(\[])")
"""A citation group: `[@Key]`, `[see @Key, Table 2; @Other]`."""
_ITEM_PARTS = re.compile(rf"(?P<prefix>[^@]*)@(?P<key>{KEY})(?:,\s*(?P<locator>.+))?")

_FENCE = re.compile(r"^(?P<indent>[ \t]*(?:>[ ]?)*[ \t]*(?:[-*+][ ]+|\d+\.[ ]+)?)(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)((?:(?!\n[ \t]*\n).)+?)(?<!`)\1(?!`)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^(?P<marks>#{1,6})[ \t]*(?P<text>[^\n#].*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"(?<!\{)\{:?[ ]*(?P<list>[#.\w][^{}\n]*)\}")
_HEADING_ATTRIBUTES = re.compile(r"[ ]*\{:?[ ]*(?P<list>[^{}\n]*)\}$")
_TEXT = r"(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\])*?"
_LINK = re.compile(
    rf"(?P<image>!?)(?<!\\)\[(?P<text>{_TEXT})\]"
    r"\(\s*(?P<target><[^<>\n]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)"
    r"(?:\s+(?:\"(?P<title>[^\"]*)\"|'(?P<title2>[^']*)'))?\s*\)",
    re.DOTALL,
)
_REFERENCE = re.compile(r"^[ ]{0,3}\[(?!\^)(?P<name>[^\]\n]+)\]:[ \t]*(?P<target>\S+)", re.MULTILINE)
_REFERENCE_USE = re.compile(rf"(?P<image>!?)(?<!\\)\[(?P<text>{_TEXT})\]\[(?P<name>[^\]\n]*)\]")
_AUTOLINK = re.compile(r"<(?P<target>[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*)>")
_TAG = re.compile(r"</?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<attributes>(?:\s[^<>]*|/)?)>?")
_FOOTNOTE = re.compile(r"\[\^(?P<name>[^\]\n]*)\]")
_MARKER = re.compile(r"^\{\{[ \t]*(?P<name>[^{}\n]*?)[ \t]*\}\}[ \t]*$", re.MULTILINE)
_SNIPPET = re.compile(r"^[ \t]*-{1,}8<-{1,}(?P<rest>.*)$", re.MULTILINE)
_CONTAINER = re.compile(r"^[ ]*(?:[-*+][ ]|\d+[.)][ ]|!!!|\?\?\?|===|:[ ]|/// )")
_PLAIN = re.compile(r"[*_`~^=]+|<[^>]*>")
_SLUG = slugify(case="lower")


@dataclass(frozen=True)
class Citation:
    """One key inside a citation group; `start` is the offset of the group in the text."""

    key: str
    prefix: str
    locator: str
    start: int


@dataclass(frozen=True)
class Heading:
    """A heading, its level and the anchor that the site gives it."""

    level: int
    text: str
    anchor: str
    start: int


@dataclass(frozen=True)
class Link:
    """A link or picture; `target` is empty where a reference name is not defined."""

    text: str
    target: str
    title: str
    image: bool
    start: int


class Prose:
    """The Markdown of one page, searched once and remembered."""

    def __init__(self, text: str):
        self.text = text

    def line(self, start: int) -> int:
        """Line of an offset, counted from 1 in this text."""
        return self.text.count("\n", 0, start) + 1

    @cached_property
    def _blanked(self) -> tuple[str, list[int]]:
        """The text without code and comments, and the offsets of code fences that are never closed."""
        text, unclosed = _blank_fences(self.text)
        text = _COMMENT.sub(_blank, text)
        return _CODE_SPAN.sub(_blank, text), unclosed

    @property
    def visible(self) -> str:
        """The text with code and comments blanked out; offsets are those of the text."""
        return self._blanked[0]

    @property
    def unclosed_fences(self) -> list[int]:
        """Offsets of code fences without an end: Markdown would print them as text."""
        return self._blanked[1]

    @cached_property
    def groups(self) -> list[re.Match[str]]:
        """Citation groups in the order of the text."""
        return [] if "@" not in self.visible else list(GROUP.finditer(self.visible))

    @cached_property
    def citations(self) -> list[Citation]:
        """Every cited key in the order of the text."""
        return [c for group in self.groups for c in parse_group(group[0], group.start())]

    @cached_property
    def headings(self) -> list[Heading]:
        """Headings with their anchors, numbered as the toc extension does where texts repeat."""
        found: list[Heading] = []
        used: set[str] = set()
        for match in _HEADING.finditer(self.visible):
            line = self.text[match.start("text") :].partition("\n")[0]  # with the code spans that are blanked out
            text = line.rstrip(" \t#")
            attributes = _HEADING_ATTRIBUTES.search(text)
            own = None
            if attributes:
                text = text[: attributes.start()]
                own = re.search(r"#([\w:.-]+)", attributes["list"])
            text = plain_text(text)
            anchor = own[1] if own else unique(_SLUG(text, "-"), used)
            used.add(anchor)
            found.append(Heading(len(match["marks"]), text, anchor, match.start()))
        return found

    @cached_property
    def anchors(self) -> set[str]:
        """All anchors that the text itself makes: headings and `{#id}` attribute lists."""
        own = {a for _, attributes in self.attribute_lists for a in re.findall(r"#([\w:.-]+)", attributes)}
        return own | {heading.anchor for heading in self.headings}

    @cached_property
    def attribute_lists(self) -> list[tuple[int, str]]:
        """Offset and content of every `{: ...}` list."""
        return [(m.start(), m["list"]) for m in _ATTRIBUTES.finditer(self.visible)]

    @cached_property
    def links(self) -> list[Link]:
        """Inline links and pictures, reference links and their definitions, autolinks."""
        if "](" not in self.visible and "]:" not in self.visible and "<" not in self.visible and "][" not in self.visible:
            return []
        names = {m["name"].lower(): m["target"] for m in _REFERENCE.finditer(self.visible)}
        return sorted(self._find_links(names), key=lambda link: link.start)

    def _find_links(self, names: dict[str, str]) -> Iterator[Link]:
        for m in _LINK.finditer(self.visible):
            title = m["title"] or m["title2"] or ""
            yield Link(m["text"], m["target"].strip("<>"), title, bool(m["image"]), m.start())
        for m in _REFERENCE_USE.finditer(self.visible):
            name = (m["name"] or m["text"]).lower()
            if not GROUP.match(m[0]):
                yield Link(m["text"], names.get(name, ""), "", bool(m["image"]), m.start())
        for m in _REFERENCE.finditer(self.visible):
            yield Link(m["name"], m["target"].strip("<>"), "", False, m.start())
        for m in _AUTOLINK.finditer(self.visible):
            yield Link(m["target"], m["target"], "", False, m.start())

    @cached_property
    def tags(self) -> list[tuple[int, str, str]]:
        """Offset, name and attributes of every HTML tag, opening or closing, whole or cut off."""
        if "<" not in self.visible:
            return []
        found = ((m.start(), m["name"].lower(), m["attributes"]) for m in _TAG.finditer(self.visible))
        return [tag for tag in found if not _AUTOLINK.match(self.visible, tag[0])]

    @cached_property
    def footnotes(self) -> list[tuple[int, str]]:
        """Offset and name of every footnote mark or definition written by hand."""
        return [(m.start(), m["name"]) for m in _FOOTNOTE.finditer(self.visible)]

    @cached_property
    def markers(self) -> list[re.Match[str]]:
        """Lines such as `{{ references }}`, which the build replaces by a generated part."""
        return list(_MARKER.finditer(self.visible))

    @cached_property
    def snippets(self) -> list[tuple[int, str]]:
        """Offset and rest of the line of every snippet mark (`--8<-- "file"`)."""
        return [(m.start(), m["rest"].strip()) for m in _SNIPPET.finditer(self.text)]


def parse_group(group: str, start: int = 0) -> list[Citation]:
    """The citations in `[see @A, p. 3; @B]`."""
    parts = (_ITEM_PARTS.fullmatch(item.strip()) for item in group[1:-1].split(";"))
    return [Citation(m["key"], m["prefix"].strip(), (m["locator"] or "").strip(), start) for m in parts if m]


def plain_text(markdown: str) -> str:
    """A heading or sentence without Markdown marks: links become their text, citations vanish."""
    text = GROUP.sub("", markdown)
    text = _LINK.sub(lambda m: m["text"], text)
    # A character behind a backslash is itself, whatever it would mean without it.
    parts = re.split(r"\\([^A-Za-z0-9\s])", text)
    parts[::2] = [_PLAIN.sub("", part) for part in parts[::2]]
    return " ".join("".join(parts).split())


def _blank(match: re.Match[str]) -> str:
    """Spaces in place of everything but line ends."""
    return re.sub(r"[^\n]", " ", match[0])


def _blank_fences(text: str) -> tuple[str, list[int]]:
    """Blank fenced and indented code; also give the offsets of fences that are never closed."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    unclosed: list[int] = []
    index = 0
    in_code = False
    container = False  # inside a list, admonition or tab, four spaces do not mean code
    while index < len(lines):
        line = lines[index]
        fence = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if fence:
            end = _fence_end(lines, index, fence)
            if end is None:
                unclosed.append(starts[index])
                end = index
            for number in range(index, end + 1):
                lines[number] = " " * len(lines[number])
            index = end + 1
            continue
        if not line.strip():
            index += 1
            continue
        if line.startswith(("    ", "\t")):
            in_code = not container and (in_code or index == 0 or not lines[index - 1].strip())
            if in_code:
                lines[index] = " " * len(line)
        else:
            in_code = False
            container = bool(_CONTAINER.match(line)) or (container and bool(lines[index - 1].strip()))
        index += 1
    return "\n".join(lines), unclosed


def _fence_end(lines: list[str], start: int, fence: re.Match[str]) -> int | None:
    """Index of the closing line: same mark, at least as long, nothing behind it."""
    mark = fence["fence"]
    close = re.compile(rf"^[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
    return next((i for i in range(start + 1, len(lines)) if close.match(lines[i])), None)
