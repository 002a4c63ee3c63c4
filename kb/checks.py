"""Runs all rules that need no build; each rule is one generator function under its error code."""

from __future__ import annotations

from kb import check_bibliography, check_citations, check_glossary, check_pages, check_records, check_trials
from kb.problems import Problem
from kb.project import Project

_MODULES = (check_pages, check_citations, check_bibliography, check_records, check_trials, check_glossary)
RULES = {code: rule for module in _MODULES for code, rule in module.RULES.items()}


def check(project: Project) -> list[Problem]:
    """Every problem of a project, sorted by place."""
    found = [*project.problems, *project.bibliography.problems]
    for page in project.pages:
        found += page.problems
    for rule in RULES.values():
        found += rule(project)
    return sorted(set(found))
