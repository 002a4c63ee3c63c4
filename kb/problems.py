"""A problem is a place, a code and a sentence; this module prints them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in the input, in the words a contributor reads.

    Attributes:
        path: file, relative to the project root, with forward slashes.
        line: line in that file, counted from 1.
        code: `KB` and three digits; each has a heading in docs/about/contributing.md.
        message: the wrong value in quotes first, the fix last.
        severity: an error stops the build, a warning is printed and counted.
    """

    path: str
    line: int
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"

    def as_text(self) -> str:
        """The line for a terminal."""
        mark = "warning: " if self.severity == "warning" else ""
        message = "".join(char if char.isprintable() else " " for char in self.message)  # quoted from a file: one line, no tricks
        return f"{self.path}:{self.line}: {mark}{message} [{self.code}]"

    def as_github(self) -> str:
        """The workflow command that GitHub shows as an annotation beside the line."""
        properties = f"file={_escape(self.path, ',:')},line={self.line},title={self.code}"
        return f"::{self.severity} {properties}::{_escape(self.message)}"


def _escape(text: str, also: str = "") -> str:
    """Escape as GitHub's workflow commands ask: %, line ends, and in properties , and : too."""
    for char in "%\r\n" + also:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def report(problems: Iterable[Problem], style: str = "text") -> str:
    """All problems, sorted by place, one line each.

    Args:
        problems: in any order; repeated ones are printed once.
        style: `text` or `github`.
    """
    lines = [p.as_github() if style == "github" else p.as_text() for p in sorted(set(problems))]
    return "".join(line + "\n" for line in lines)


def summary(problems: Iterable[Problem]) -> str:
    """The count, for stderr: '2 errors, 1 warning'."""
    found = set(problems)
    errors = sum(p.severity == "error" for p in found)
    return f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}"


def reason(error: OSError) -> str:
    """What the machine refused, and which file, in one line: 'No space left on device: site/index.html'."""
    where = error.filename2 or error.filename
    return f"{error.strerror or error}{f': {where}' if where else ''}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, without regard to case, or None where nothing is near."""
    by_lower = {k.lower(): k for k in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None
