"""Writes front matter in one style: fields in the order of their record, a value on one line, quotes only where needed.

Everything else stays as the author wrote it: braces or lines, the indentation of lists, comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from kb.pages import Place, compose
from kb.validation import fields_at

_COMMENT_LINE = re.compile(r"^\s*#", re.MULTILINE)


def formatted(text: str) -> str:
    """The front matter, without the lines of hyphens, in the one style.

    Raises:
        yaml.YAMLError: when it cannot be read.
    """
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    node = compose(text)
    if node is None:
        return text
    for scalar, inside_braces in reversed(list(_scalars(node, False))):
        before = re.sub(r"(?<=[\w\"']): +$", ": ", text[: scalar.start_mark.index])
        text = before + _scalar(scalar, text, inside_braces) + text[scalar.end_mark.index :]
    node = compose(text)
    return text[: node.start_mark.index] + _arranged(node, text, ()) + text[node.end_mark.index :]


def _scalars(node: yaml.Node, inside_braces: bool) -> Iterator[tuple[yaml.ScalarNode, bool]]:
    """Every value that is a text, in the order of the file, and whether it stands in braces or brackets."""
    if isinstance(node, yaml.ScalarNode):
        yield node, inside_braces
        return
    inside = inside_braces or bool(node.flow_style)
    for child in node.value:
        for part in child[1:] if isinstance(node, yaml.MappingNode) else [child]:
            yield from _scalars(part, inside)


def _scalar(node: yaml.ScalarNode, text: str, inside_braces: bool) -> str:
    """The value on one line, plain if that reads the same, else in quotes."""
    written = text[node.start_mark.index : node.end_mark.index]
    if node.style in ("|", ">") or (node.style is None and "\n" not in written):
        return written
    if _COMMENT_LINE.search(written) or written.startswith(("!", "&")):
        return written
    single = "'" + node.value.replace("'", "''") + "'"
    wanted = [node.value, f'"{node.value}"', single]
    if "\n" not in written:
        wanted[1:] = [written]  # quotes that are needed stay as they are
    return next((form for form in wanted if _reads_as(form, node, inside_braces)), written)


def _reads_as(form: str, node: yaml.ScalarNode, inside_braces: bool) -> bool:
    """Whether a text, where it stands, is read as this very value, by readers of YAML 1.1 too."""
    if not node.value.strip() or "\n" in form:
        return False
    line = f"{{k: {form}, l: m}}" if inside_braces else f"k: {form}"
    try:
        found = compose(line).value[0][1]
        old = yaml.compose(line, Loader=yaml.SafeLoader).value[0][1]
    except (yaml.YAMLError, AttributeError, IndexError, TypeError):
        return False
    same = isinstance(found, yaml.ScalarNode) and found.value == node.value and found.tag == node.tag
    return same and (node.style is None or old.tag == found.tag)


def _arranged(node: yaml.Node, text: str, place: Place) -> str:
    """The text of a node with the fields of each record in order; a record with a comment between its fields stays."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.SequenceNode):
        return _replaced(text, start, end, [(item, (*place, index)) for index, item in enumerate(node.value)])
    if not isinstance(node, yaml.MappingNode):
        return text[start:end]
    order = {name: number for number, name in enumerate(fields_at(place))}
    ranks = [order.get(key.value, len(order)) for key, _ in node.value]
    starts = [key.start_mark.index for key, _ in node.value]
    ends = [value.end_mark.index for _, value in node.value] if node.flow_style else [*starts[1:], end]
    comments = any(_COMMENT_LINE.match(text[:last].rstrip().rpartition("\n")[2]) for last in ends)
    if ranks == sorted(ranks) or comments or (node.flow_style and _COMMENT_LINE.search(text[start:end])):
        return _replaced(text, start, end, [(value, (*place, key.value)) for key, value in node.value])
    parts = [
        _replaced(text, first, last, [(value, (*place, key.value))]).rstrip()
        for (key, value), first, last in zip(node.value, starts, ends, strict=True)
    ]
    parts = [part for _, part in sorted(zip(ranks, parts, strict=True), key=lambda pair: pair[0])]
    if node.flow_style:
        return "{" + ", ".join(parts) + "}"
    column = node.value[0][0].start_mark.column
    tail = text[start:end][len(text[start:end].rstrip()) :]
    return ("\n" + " " * column).join(parts) + tail


def _replaced(text: str, start: int, end: int, nodes: list[tuple[yaml.Node, Place]]) -> str:
    """A piece of the text in which these nodes are arranged."""
    parts, at = [], start
    for node, place in nodes:
        parts += [text[at : node.start_mark.index], _arranged(node, text, place)]
        at = node.end_mark.index
    return "".join([*parts, text[at:end]])
