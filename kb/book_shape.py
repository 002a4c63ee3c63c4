"""Gives an article of the site the shape that it has in a book: headings, claims, tables and drawings."""

from __future__ import annotations

from collections.abc import Callable

from lxml import html as lxml_html

Element = lxml_html.HtmlElement
WIDE, LONG = 7, 25
"""A table with at least so many columns and more than so many rows gets pages across."""


def shape(article: Element, deeper: int) -> None:
    """What a book shows otherwise than a site: headings below those of the part, claims that keep their id, tables."""
    for claim in article.xpath(".//p[contains(@class, 'kb-claim') and @id]"):
        claim.tag = "div"
    for heading in article.xpath(".//h1|.//h2|.//h3|.//h4|.//h5"):
        heading.tag = f"h{int(heading.tag[1]) + deeper}"
    each(article, "kb-panels", _side_by_side)
    for table in article.xpath(".//table"):
        if not table.xpath(".//thead"):
            _as_list(table)
        elif len(table.xpath("(.//tr)[1]/*")) >= WIDE and len(table.xpath(".//tr")) > LONG:
            table.set("class", f"{table.get('class', '')} wide")


def _side_by_side(panels: Element) -> None:
    """Drawings of one figure in a line; a wide one, and one that is alone, as wide as the page."""
    pictures = panels.xpath(".//img")
    for picture in pictures:
        picture.set("width", "100%" if len(pictures) == 1 else "48%")
    panels.tag = panels.getnext().tag = "p"
    panels.getparent().tag = "div"
    for panel in panels.xpath("./div"):
        panel.drop_tag()


def _as_list(table: Element) -> None:
    """A table of name and value has no columns to name: a list says the same, and is read in the right order."""
    rows = [(row.xpath("th")[0], row.xpath("td")[0]) for row in table.xpath(".//tr")]
    for caption in table.xpath("caption"):
        caption.tag = "p"
        table.addprevious(caption)
    for child in list(table):
        table.remove(child)
    table.tag = "ul"
    for name, value in rows:
        item = element("li", "")
        name.tag, name.tail, value.tag = "strong", ": ", "span"
        item.extend((name, value))
        table.append(item)


def each(root: Element, name: str, act: Callable[[Element], None]) -> None:
    """Do something with every element of a class."""
    for element in root.xpath(f".//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"):
        act(element)


def element(tag: str, text: str, **attributes: str) -> Element:
    """A new element with text."""
    made = lxml_html.Element(tag, attributes)
    made.text = text
    return made
