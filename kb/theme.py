"""Mends what the theme writes wrong, where its templates offer no place for it."""

from __future__ import annotations

import re

_TOGGLE = re.compile(r'(<input class="md-toggle"[^>]*?) autocomplete="off"')
_MENDED = {
    'data-md-component="search" role="dialog"': 'data-md-component="search" role="dialog" aria-label="Search"',
    'class="md-search__scrollwrap" tabindex="0"': 'class="md-search__scrollwrap" tabindex="0" role="region" aria-label="Results"',
    'class="md-search-result__meta"': 'class="md-search-result__meta" role="status"',
}


def mended(html: str) -> str:
    """A page without the known faults of the theme (9.8.1, found by axe-core, the Nu HTML checker and by keyboard).

    The search is a dialog without a name, its results are a stop without a name, and their number is not announced;
    `autocomplete` stands at checkboxes, where HTML does not know it; and on pages that open a section a label points to a
    switch that is not there. What is wrong with menus and buttons, `menu.js` and `kb.css` mend.
    """
    for wrong, right in _MENDED.items():
        html = html.replace(wrong, right)
    html = _TOGGLE.sub(r"\1", html)
    return html if 'id="__toc"' in html else html.replace(' for="__toc"', "")
