"""Rules on the glossary (4xx)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from kb.problems import Problem
from kb.project import Project
from kb.rules import Rule, register

RULES: dict[str, Rule] = {}
rule = partial(register, RULES)


@rule("KB418")
def name_twice(project: Project) -> Iterator[Problem]:
    """A name leads to one term: with two, the card and the search could show the wrong one."""
    seen: dict[str, str] = {}
    for term in project.terms:
        for name in term.names:
            first = seen.setdefault(name.casefold(), term.name)
            if first != term.name or term.names.count(name) > 1:
                message = f"'{name}' is already a name of '{first}'; keep it at one term"
                yield Problem(project.glossary.path, project.glossary.body_line_of(term.start), "KB418", message)


@rule("KB419")
def bare_term(project: Project) -> Iterator[Problem]:
    """A term is defined, and a reader can check or follow it."""
    for term in project.terms:
        line = project.glossary.body_line_of(term.start)
        if not term.definition:
            yield Problem(project.glossary.path, line, "KB419", f"'{term.name}' has no definition; add one below the heading")
        elif not term.cites and not term.sees:
            message = f"'{term.name}' has no source and no page; cite one, or write 'See [page](page.md).'"
            yield Problem(project.glossary.path, line, "KB419", message)
