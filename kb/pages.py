"""Reads a Markdown file into front matter, body and the source line of every value; the only YAML parser."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from kb.problems import Problem
from kb.prose import Prose

Place = tuple[str | int, ...]
"""Where a value stands in nested front matter: ('claims', 0, 'id')."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Safe loading that reads tags it does not know (mkdocs.yml has some) as plain values."""


def _ignore_tag(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("", _ignore_tag)
# Plain values as in YAML 1.2: the ratio 1:10 is text and not the number 70, 'no' is text and not false.
_PLAIN = {
    "tag:yaml.org,2002:bool": (re.compile(r"true|True|TRUE|false|False|FALSE"), "tTfF"),
    "tag:yaml.org,2002:int": (re.compile(r"[-+]?[0-9]+"), "-+0123456789"),
    "tag:yaml.org,2002:float": (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), "-+.0123456789"),
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _PLAIN]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
for _tag, (_pattern, _first) in _PLAIN.items():
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern.pattern})$"), list(_first))


@dataclass
class Page:
    """A Markdown file.

    Attributes:
        name: path below docs/, with forward slashes; what links and the navigation use.
        path: path from the project root; what messages name.
        meta: front matter; empty where it is missing or cannot be read.
        lines: source line of every key and list item in `meta`.
        body: the Markdown below the front matter.
        body_line: the line of the file on which `body` begins.
        problems: what was wrong with the file as such.
    """

    name: str
    path: str
    meta: dict[str, Any]
    lines: dict[Place, int]
    body: str
    body_line: int
    problems: list[Problem] = field(default_factory=list)

    @property
    def stem(self) -> str:
        """Name of the file without folder and ending; of a trial its id."""
        return posixpath.basename(self.name).removesuffix(".md")

    @property
    def address(self) -> str:
        """Path of the page in the site."""
        return self.name.removesuffix(".md") + ".html"

    @property
    def title(self) -> str:
        """The title, or the name where there is none."""
        return str(self.meta.get("title") or self.name)

    @cached_property
    def prose(self) -> Prose:
        """The body, ready to be searched."""
        return Prose(self.body)

    def body_line_of(self, start: int) -> int:
        """The line of the file for an offset in the body."""
        return self.body_line + self.prose.line(start) - 1

    def line_of(self, place: Place) -> int:
        """The line of a value, or of the nearest enclosing value that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_page(root: Path, file: Path) -> Page:
    """Read one page.

    Args:
        root: project root.
        file: the Markdown file, below root/docs.
    """
    return parse_page(file.relative_to(root / "docs").as_posix(), file.relative_to(root).as_posix(), file.read_bytes())


@lru_cache(maxsize=1024)  # while serving, a page that did not change is not read again
def parse_page(name: str, path: str, data: bytes) -> Page:
    """The page that a file with this content is."""
    page = Page(name, path, {}, {}, "", 1)
    text = as_text(data, path, page.problems)
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        page.body = text
        page.problems.append(Problem(path, 1, "KB101", "no front matter; begin the file with '---' and 'title: ...'"))
        return page
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        page.problems.append(Problem(path, 1, "KB101", "front matter is not closed; end it with a line '---'"))
        return page
    page.body = "\n".join(lines[end + 1 :])
    page.body_line = end + 2
    value, page.lines = load_yaml("\n".join(lines[1:end]), path, 2, page.problems)
    if isinstance(value, dict):
        page.meta = value
    elif value is not None or not page.problems:
        page.problems.append(Problem(path, 2, "KB101", "front matter is not a list of 'field: value' lines; write 'title: ...'"))
    return page


def read_text(file: Path, path: str, problems: list[Problem]) -> str:
    """The file as text with '\\n' line ends; a byte that is not UTF-8 is a problem, not an exception."""
    return as_text(file.read_bytes(), path, problems)


def as_text(data: bytes, path: str, problems: list[Problem]) -> str:
    """The content of a file as text, as `read_text` gives it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = data[error.start : error.start + 1].hex()
        problems.append(Problem(path, line, "KB106", f"byte '0x{wrong}' is not UTF-8; save the file as UTF-8"))
        text = data.decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def load_yaml(text: str, path: str, first_line: int, problems: list[Problem]) -> tuple[Any, dict[Place, int]]:
    """Parse YAML and remember lines.

    Args:
        text: the YAML.
        path: file named in problems.
        first_line: line of the file on which `text` begins.
        problems: syntax faults (KB101) and duplicate keys (KB102) are added here.

    Returns:
        The value (None where it cannot be read) and the line of every place in it.
    """
    loader = _Loader(text)
    try:
        _refuse_aliases(text)
        node = loader.get_single_node()
        if node is None:
            return None, {}
        lines = dict(_walk(node, (), first_line, path, problems))
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        what = (error.problem or "cannot be read").replace("\n", " ")
        problems.append(Problem(path, line, "KB101", f"not valid YAML: {what}; put text with ':' or '#' in quotes"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        what = str(error).split("\n")[0] or type(error).__name__
        problems.append(Problem(path, first_line, "KB101", f"not valid YAML: {what}; correct the front matter"))
    finally:
        loader.dispose()
    return None, {}


def compose(text: str) -> yaml.Node | None:
    """The nodes of a YAML text, with their places in it; None where it is empty.

    Raises:
        yaml.YAMLError: when it cannot be read.
    """
    return yaml.compose(text, Loader=_Loader)


def _refuse_aliases(text: str) -> None:
    """Refuse '*name': a handful of nested aliases can stand for gigabytes."""
    if "*" in text:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                raise yaml.MarkedYAMLError(problem=f"alias '*{event.anchor}'", problem_mark=event.start_mark)


def _walk(node: yaml.Node, place: Place, first: int, path: str, problems: list[Problem]) -> Iterator[tuple[Place, int]]:
    """Yield the line of each place; report keys that stand twice in one mapping."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = first + key.start_mark.line
            name = str(key.value)
            if name in seen:
                fix = f"the first is on line {seen[name]}; keep one"
                problems.append(Problem(path, line, "KB102", f"'{name}' stands twice here; {fix}"))
            seen.setdefault(name, line)
            yield (*place, name), line
            yield from _walk(value, (*place, name), first, path, problems)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*place, index), first + item.start_mark.line
            yield from _walk(item, (*place, index), first, path, problems)
