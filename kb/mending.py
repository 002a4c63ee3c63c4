"""Writes the differences that can be mended by rule, and nothing that the checker would refuse."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kb.bibtext import with_fields
from kb.problems import Problem
from kb.project import Project, read_project
from kb.verify import Finding
from kb.writing import Refused, source_text, write
from kb.yamltext import with_values

Group = tuple[str, str]
"""A file, and the key of an entry in it (empty for a page)."""


def mend(root: Path, findings: Iterable[Finding]) -> set[Problem]:
    """Write what can be mended; the values of one entry or page are written together or not at all.

    Args:
        root: project root; its files are read again, so that none is changed by what was read before.
        findings: with and without a fix.

    Returns:
        The problems that are mended.
    """
    groups: dict[Group, list[Finding]] = {}
    for finding in findings:
        if finding.fix:
            groups.setdefault((finding.problem.path, finding.key), []).append(finding)
    mended = _written(root, groups)
    if mended is None:  # one that the checker refuses must not keep the others from being written
        mended = set().union(*(_written(root, {name: group}) or set() for name, group in groups.items()))
    return mended


def _written(root: Path, groups: dict[Group, list[Finding]]) -> set[Problem] | None:
    """The problems mended, or None where the checker refuses what was to be written."""
    project = read_project(root)
    texts: dict[str, str] = {}
    mended: set[Problem] = set()
    try:
        # From the last line up, so that the lines above stay where they were read.
        for (path, key), group in sorted(groups.items(), key=lambda item: item[1][0].problem.line, reverse=True):
            text = texts.get(path) or source_text(project, path)
            changed = _changed(project, text, path, key, {name: value for f in group for name, value in f.fix.items()})
            if changed is not None:
                texts[path] = changed
                mended |= {finding.problem for finding in group}
        write(project, texts, lambda problem: problem.code == "KB405")  # a person decides what rests on a retracted work
    except Refused:
        return None
    return mended


def _changed(project: Project, text: str, path: str, key: str, values: dict[str, Any]) -> str | None:
    if key:
        return with_fields(text, project.entry[key], values)
    page = next(page for page in project.pages if page.path == path)
    return with_values(text, page, {("trial", name): value for name, value in values.items()})
