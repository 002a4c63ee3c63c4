"""Mends what the theme writes wrong, where its templates offer no place for it."""

from __future__ import annotations

import re

_TOGGLE = re.compile(r'(<input class="md-toggle"[^>]*?) autocomplete="off"')


def mended(html: str) -> str:
    """A page without the known faults of the theme (9.8.1, found by axe-core and the Nu HTML checker).

    The search is a dialog without a name; `autocomplete` stands at checkboxes, where HTML does not know it; and on pages
    that open a section a label points to a switch that is not there.
    """
    html = html.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
    html = _TOGGLE.sub(r"\1", html)
    return html if 'id="__toc"' in html else html.replace(' for="__toc"', "")
