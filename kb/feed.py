"""Turns the change list into HTML and into an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from html import escape
from xml.etree import ElementTree as ET

from kb.html import address, link
from kb.pages import Page
from kb.project import Project
from kb.records import Change

FEED = "feed.xml"
CHANGES = "about/whats-new.md"
_ATOM = "http://www.w3.org/2005/Atom"


def change_list(project: Project, base: Page) -> str:
    """The change list as it is read, newest first."""
    items = "".join(_item(project, base, change) for change in project.record[base.name].changes)
    up = "../" * base.name.count("/")
    return f'<p class="kb-feed">{link(up + FEED, "Follow these changes by feed (Atom)")}</p><ol class="kb-changes">{items}</ol>'


def _item(project: Project, base: Page, change: Change) -> str:
    page = project.page.get(change.page or "")
    where = f" {link(address(page, base), 'Read: ' + page.title)}" if page else ""
    day = f'<time datetime="{change.on}">{change.on}</time>'
    return (
        f'<li id="{anchor(change)}"><p>{day} <strong>{escape(change.title)}</strong></p><p>{escape(change.text)}{where}</p></li>'
    )


def anchor(change: Change) -> str:
    """Anchor of a change: its number for ever, made from its day and title."""
    return f"change-{_number(change).hex[:12]}"


def _number(change: Change) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"msc-nk-kb:{change.on}:{change.title}")


def feed_link(project: Project, base: Page) -> str:
    """The element by which a feed reader finds the feed from any page; empty where there is no change list."""
    if not _changes(project):
        return ""
    up = "../" * base.name.count("/")
    return f'<link rel="alternate" type="application/atom+xml" title="What is new" href="{up}{FEED}">'


def _changes(project: Project) -> list[Change]:
    meta = project.record.get(CHANGES)
    return meta.changes if meta else []


def feed(project: Project, home: str) -> Iterator[tuple[str, str]]:
    """(path in the site, content) of the feed; nothing where there is no change list.

    Times are midnight UTC of the day of a change, so that a build today and tomorrow gives the same bytes.

    Args:
        project: the project.
        home: address of the site with a slash at the end; where it is empty, addresses are relative to the feed.
    """
    changes = _changes(project)
    if not changes:
        return
    site = str(project.settings.get("site_name", ""))
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(root, "id", f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, 'msc-nk-kb:changes')}")
    _add(root, "title", f"{site}: what is new")
    _add(root, "updated", f"{max(change.on for change in changes)}T00:00:00Z")
    ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": home + FEED})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": home + project.page[CHANGES].address})
    _add(ET.SubElement(root, "author"), "name", site)
    for change in changes:
        _entry(project, ET.SubElement(root, "entry"), change, home)
    ET.indent(root)
    yield FEED, '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _entry(project: Project, entry: ET.Element, change: Change, home: str) -> None:
    page = project.page.get(change.page or "")
    where = page.address if page else f"{project.page[CHANGES].address}#{anchor(change)}"
    _add(entry, "id", f"urn:uuid:{_number(change)}")
    _add(entry, "title", change.title)
    _add(entry, "updated", f"{change.on}T00:00:00Z")
    ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": home + where})
    _add(entry, "summary", change.text)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
