"""Runs all rules that need no build; each rule is one generator function under its error code."""

from __future__ import annotations

from kb import check_bibliography, check_citations, check_pages, check_records, check_trials
from kb.problems import Problem
from kb.project import Project

RULES = {**check_pages.RULES, **check_citations.RULES, **check_bibliography.RULES, **check_records.RULES, **check_trials.RULES}


def check(project: Project) -> list[Problem]:
    """Every problem of a project, sorted by place."""
    found = [*project.problems, *project.bibliography.problems]
    for page in project.pages:
        found += page.problems
    for rule in RULES.values():
        found += rule(project)
    return sorted(set(found))
