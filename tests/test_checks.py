"""The checker as a contributor meets it: exact lines for faulty input, silence for good input, no traceback ever."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.checks import RULES, check
from kb.problems import Problem
from kb.project import read_project
from tests.conftest import ROOT, run_kb

BROKEN = ROOT / "tests" / "broken"
WHILE_READING = {"KB101", "KB102", "KB104", "KB105", "KB106", "KB210", "KB220", "KB302", "KB308"}
"""Codes that arise in reading, or beside the code their rule is registered under."""
WHILE_PRINTING = {"KB501", "KB502"}
"""Codes of the book, whose faulty examples are in test_book.py."""
WHILE_VERIFYING = {f"KB60{digit}" for digit in range(1, 10)}
"""Codes of what differs from public records, whose faulty examples are in test_verify.py."""
EXPECTED = (BROKEN / "problems.txt").read_text(encoding="utf-8")


def test_every_fault_is_reported_in_the_documented_form() -> None:
    run = run_kb(BROKEN, "check")
    assert run.stdout == EXPECTED
    errors, warnings = len(re.findall(r"(?m)^\S+ (?!warning)", EXPECTED)), EXPECTED.count(": warning: ")
    assert run.stderr == f"kb check: {errors} errors, {warnings} warnings\n"
    assert run.returncode == 1


def test_every_code_has_a_faulty_example_and_a_heading_in_the_documentation() -> None:
    codes = set(RULES) | WHILE_READING
    assert set(re.findall(r"\[(KB\d+)\]$", EXPECTED, re.MULTILINE)) == codes
    documented = re.findall(r"(?m)^### (KB\d+)", (ROOT / "docs/about/contributing.md").read_text(encoding="utf-8"))
    assert documented == sorted(codes | WHILE_PRINTING | WHILE_VERIFYING)


def test_good_project_has_no_problem(project: Callable[..., Path]) -> None:
    run = run_kb(project(), "check")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "kb check: 0 errors, 0 warnings\n")


def test_annotations_for_a_pull_request() -> None:
    lines = run_kb(BROKEN, "check", "--format", "github", "docs/pages.md").stdout.splitlines()
    assert "::error file=docs/pages.md,line=10,title=KB305::'# Second title' is a second title; begin with '##'" in lines
    assert len(lines) == len(re.findall(r"(?m)^docs/pages\.md:", EXPECTED))


def test_annotation_escapes_what_github_would_cut() -> None:
    problem = Problem("docs/a,b:c.md", 3, "KB301", "50% of\nthis", "warning")
    assert problem.as_github() == "::warning file=docs/a%2Cb%3Ac.md,line=3,title=KB301::50%25 of%0Athis"


def test_paths_limit_what_is_printed_and_what_fails(project: Callable[..., Path]) -> None:
    root = project({"docs/index.md": "no front matter"})
    assert run_kb(root, "check", "bib").returncode == 0
    assert run_kb(root, "check", "docs/index.md").returncode == 1
    assert run_kb(root / "docs", "check", "index.md").stdout.startswith("docs/index.md:1: no front matter")


def test_outside_a_project_one_line_says_so(tmp_path: Path) -> None:
    run = run_kb(tmp_path, "check")
    assert run.returncode == 2
    assert run.stderr == f"kb: no mkdocs.yml in '{tmp_path}' or above; run kb inside the project\n"


def test_module_and_command_are_the_same(project: Callable[..., Path]) -> None:
    assert (ROOT / ".venv" / "bin" / "kb").is_file()
    assert run_kb(project(), "--help").stdout.startswith("usage: kb ")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("docs/index.md", ""),
        ("docs/index.md", "---\n---\n"),
        ("docs/index.md", "---\n- a\n- list\n---\n"),
        ("docs/index.md", "---\ntitle: &a [*a]\n---\n"),
        ("docs/index.md", "---\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n---\n"),
        ("docs/index.md", "---\n? {a: b}\n: c\n---\n"),
        ("docs/index.md", "---\ntitle: 2026-13-45\ndescription: 1\n---\n"),
        ("docs/index.md", "---\ntitle: \x00\n---\n"),
        ("docs/index.md", "---\r\ntitle: [\r\n---\r\n"),
        ("docs/index.md", "---\ntitle: !!python/object:os.system x\n---\n"),
        ("bib/references.bib", ""),
        ("bib/references.bib", "@"),
        ("bib/references.bib", "@article{"),
        ("bib/references.bib", "@article{A2001, title = {x}, author = {and and and}}"),
        ("bib/references.bib", "@article{,}"),
        ("bib/references.bib", "}}}}{{{{"),
        ("mkdocs.yml", ""),
        ("mkdocs.yml", "nav: {a: b}"),
        ("mkdocs.yml", "nav:\n  - 3\n  - [x]\n  - a: {b: c}\n"),
    ],
)
def test_nonsense_gives_lines_and_no_traceback(project: Callable[..., Path], name: str, content: str) -> None:
    root = project()
    (root / name).unlink()
    (root / name).write_text(content, encoding="utf-8", newline="")
    run = run_kb(root, "check")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    for line in run.stdout.splitlines():
        assert re.fullmatch(r"[\w./-]+:\d+: .+ \[KB\d{3}\]", line), line


def test_missing_bibliography_is_a_problem(project: Callable[..., Path]) -> None:
    root = project()
    shutil.rmtree(root / "bib")
    assert "bib/references.bib:1: 'bib/references.bib' does not exist; create it [KB210]" in run_kb(root, "check").stdout


def test_problem_in_every_entry_is_on_its_own_line() -> None:
    found = check(read_project(BROKEN))
    lines = {p.line: p for p in found if p.path.endswith(".bib") and p.code == "KB213"}
    source = (BROKEN / "bib" / "references.bib").read_text().splitlines()
    assert len(lines) == EXPECTED.count("[KB213]")
    for line, problem in lines.items():
        assert source[line - 1].split("=")[0].strip() == problem.message.split(" ")[0]
