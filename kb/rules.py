"""What a rule is, and how it is registered under its error code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kb.pages import Page, Place
from kb.problems import Problem
from kb.project import Project

Rule = Callable[[Project], Iterator[Problem]]


def register(rules: dict[str, Rule], code: str) -> Callable[[Rule], Rule]:
    """A decorator that puts a rule into `rules` under its code."""

    def add(rule: Rule) -> Rule:
        rules[code] = rule
        return rule

    return add


def at(page: Page, place: Place, code: str, message: str) -> Problem:
    """A problem with a value in the front matter of a page."""
    return Problem(page.path, page.line_of(place), code, message)
