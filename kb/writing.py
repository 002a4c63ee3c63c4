"""Writes files of the project: all or none, each in one step, and only what the checker finds no fault with."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from kb.bibliography import parse_bibliography
from kb.checks import check
from kb.pages import parse_page
from kb.problems import Problem
from kb.project import Project


class Refused(Exception):
    """Nothing was written; `problems` says why, or the text does where no file is at fault."""

    def __init__(self, message: str = "", problems: list[Problem] | None = None):
        super().__init__(message)
        self.problems = problems or []


def source_text(project: Project, path: str) -> str:
    """A file of the project with its own line ends, to be changed.

    Raises:
        Refused: the file is not UTF-8.
    """
    try:
        return (project.root / path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(problems=[Problem(path, 1, "KB106", f"'{path}' is not UTF-8; save it as UTF-8 first")]) from error


def write(project: Project, texts: dict[str, str], expected: Callable[[Problem], bool] = lambda problem: False) -> None:
    """Write files, unless the checker finds an error that was not there before.

    Args:
        project: as it was read.
        texts: new text by path from the root.
        expected: errors that are meant to stand until somebody fills in what is missing.

    Raises:
        Refused: nothing was written, and why.
    """
    known = Counter(map(_without_line, check(project)))
    after = check(_edited(project, texts))
    new = [p for p in after if p.severity == "error" and not expected(p) and not _take(known, _without_line(p))]
    if new:
        raise Refused(problems=new)
    fresh = {}
    try:
        for path, text in texts.items():
            file = (project.root / path).resolve()
            fresh[file] = file.with_name(f".{file.name}.{os.getpid()}")
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh[file].write_text(text, encoding="utf-8", newline="")
            if file.exists():
                shutil.copymode(file, fresh[file])
        for file, temporary in fresh.items():
            os.replace(temporary, file)
    except OSError as error:
        raise Refused(f"'{error.filename}' cannot be written ({error.strerror})") from error
    finally:
        for temporary in fresh.values():
            temporary.unlink(missing_ok=True)


def _edited(project: Project, texts: dict[str, str]) -> Project:
    """The project as it will be."""
    pages, bibliography = {page.path: page for page in project.pages}, project.bibliography
    for path, text in texts.items():
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        if path == bibliography.path:
            bibliography = parse_bibliography(path, text.encode())
        else:
            pages[path] = parse_page(path.removeprefix("docs/"), path, text.encode())
    ordered = sorted(pages.values(), key=lambda page: page.name)
    return replace(project, pages=ordered, files=project.files | {page.name for page in ordered}, bibliography=bibliography)


def _without_line(problem: Problem) -> tuple[str, str, str]:
    return problem.path, problem.code, re.sub(r"\bline \d+", "line", problem.message)


def _take(counted: Counter[tuple[str, str, str]], item: tuple[str, str, str]) -> bool:
    """Take one away where there is one."""
    counted[item] -= 1
    return counted[item] >= 0
