"""Front matter with lines, and Markdown searched as the site renders it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.pages import read_page
from kb.prose import Prose, parse_group, plain_text
from tests.conftest import Build


def test_line_of_every_value(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "a.md"
    file.parent.mkdir()
    file.write_text("---\ntitle: A\nclaims:\n  - id: one\n    supports:\n      - {source: X}\n---\n\nBody\nhere\n")
    page = read_page(tmp_path, file)
    assert page.line_of(("title",)) == 2
    assert page.line_of(("claims", 0, "id")) == 4
    assert page.line_of(("claims", 0, "supports", 0, "source")) == 6
    assert page.line_of(("claims", 0, "missing")) == 4
    assert page.body_line_of(page.body.index("here")) == 10


HEADINGS = """## IFN-γ & *TGF-β1*: what?

## Twice

## Twice

### CD4^+^ and H~2~O with `code`

## With a [link](../index.md) in it

## Own anchor {#mine}

## Ünïcode **bold** "quotes"

## A\\_b \\*c\\*

## Twice 1
"""


def test_anchors_are_those_of_the_site(project: Callable[..., Path]) -> None:
    front = "---\ntitle: T\ndescription: D.\n---\n\n"
    page = Build(project({"docs/about/methods.md": front + HEADINGS + "\n## Not medical advice\n\nT.\n"})).page(
        "about/methods.html"
    )
    article = page.partition("<article")[2].partition("</article>")[0]
    ours = [heading.anchor for heading in Prose(HEADINGS).headings]
    assert ours == re.findall(r'<h[23] id="([^"]+)"', article)[: len(ours)]


def test_code_is_not_prose() -> None:
    text = "a `x` b ``y`z`` c\n\n    indented\n\n~~~\nfenced\n~~~\n\n- item\n\n    not code\n\n<!-- hidden -->\nend"
    visible = Prose(text).visible
    assert len(visible) == len(text)
    for gone in ("x", "y`z", "indented", "fenced", "hidden"):
        assert gone not in visible
    for kept in ("a ", " b ", "not code", "end"):
        assert kept in visible


def test_paragraph_continued_with_spaces_is_prose() -> None:
    assert Prose("A sentence\n    goes on [@Key2001]\n    and on.").citations[0].key == "Key2001"


@pytest.mark.parametrize(
    "text",
    ["[@A.b]", "[@1A]", "[text]", "[@A](x)", r"\[@A]", "[a@b.c]", "[@A;]", "[@A [@B]", "mail@example.org", "[@A\n]"],
)
def test_what_is_no_citation(text: str) -> None:
    assert [c.key for c in Prose(text).citations] in ([], ["B"])


def test_parts_of_a_group() -> None:
    found = parse_group("[see @Adams2001, Table 2, p. 3; also @Brown-2; @C3]")
    assert [(c.prefix, c.key, c.locator) for c in found] == [
        ("see", "Adams2001", "Table 2, p. 3"),
        ("also", "Brown-2", ""),
        ("", "C3", ""),
    ]


def test_links_of_every_kind() -> None:
    text = 'A [b [c]](d.md "t") ![e](f_(g).png) [h][i] <https://j.example> [k](<l m.md>)\n\n[i]: n.md\n'
    links = Prose(text).links
    assert [(x.text, x.target, x.image) for x in links] == [
        ("b [c]", "d.md", False),
        ("e", "f_(g).png", True),
        ("h", "n.md", False),
        ("https://j.example", "https://j.example", False),
        ("k", "l m.md", False),
        ("i", "n.md", False),
    ]
    assert links[0].title == "t"


def test_plain_text_keeps_the_words() -> None:
    assert plain_text("The *IDO* [page](a.md) of CD4^+^ [@A2001] \\* `x_y`") == "The IDO page of CD4+ * xy"
    assert html.escape(plain_text("a < b")) == "a &lt; b"
