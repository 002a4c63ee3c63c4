"""The formatter: one style, the same values, and no file is touched that it does not understand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.bibliography import read_bibliography
from kb.format import format_file, formattable
from kb.pages import read_page
from tests.conftest import ROOT, run_kb

PAGE = "docs/mechanisms/index.md"
UNTIDY = """---
description: 'What is
  known.'
title:   "Mechanisms"   # a remark
review_due: 2027-01-01
reviewed: 2026-01-01
summary: [ "One.", 'Two: three', "yes" ]
claims:
- statement: A long
    statement.
  # which source?
  id: a-b
  supports:
  - {locator: 'Table 1, p. 2', source: Adams2001}
- supports: [{source: Adams2001, locator: "1:10"}]
  id: b-c
  statement: |
    Kept
    as it is.
  would_change: ''
---

Body  with   spaces, ' and " [@Adams2001].
"""
TIDY = """---
title: Mechanisms   # a remark
description: What is known.
summary: [ One., 'Two: three', "yes" ]
reviewed: 2026-01-01
review_due: 2027-01-01
claims:
- statement: A long statement.
  # which source?
  id: a-b
  supports:
  - {source: Adams2001, locator: 'Table 1, p. 2'}
- id: b-c
  statement: |
    Kept
    as it is.
  supports: [{source: Adams2001, locator: "1:10"}]
  would_change: ''
---

Body  with   spaces, ' and " [@Adams2001].
"""
UNTIDY_BIB = """% Of the second work
@Article{Brown2002, year=2002, title={A
   title}, journal = "Blood", doi = {10.1000/b},}
@misc{Adams2001,
  title = {T}, publisher = {{P} Q} }
% The end
"""
TIDY_BIB = """@misc{Adams2001,
  title       = {T},
  publisher   = {{P} Q},
}

% Of the second work
@article{Brown2002,
  title       = {A title},
  journal     = {Blood},
  year        = {2002},
  doi         = {10.1000/b},
}

% The end
"""


@pytest.mark.parametrize(
    ("name", "untidy", "tidy"), [(PAGE, UNTIDY, TIDY), ("bib/references.bib", UNTIDY_BIB, TIDY_BIB)], ids=["page", "bibliography"]
)
def test_one_style_and_then_nothing_more(project: Callable[..., Path], name: str, untidy: str, tidy: str) -> None:
    root = project({name: untidy})
    run_kb(root, "format")
    first = run_kb(root, "format", "--check", name)
    assert (first.returncode, first.stdout) == (0, "")
    assert (root / name).read_text(encoding="utf-8") == tidy


def test_check_names_the_file_and_the_command_and_changes_nothing(project: Callable[..., Path]) -> None:
    root = project({PAGE: UNTIDY})
    run = run_kb(root, "format", "--check", "docs")
    assert run.returncode == 1
    assert run.stdout == f"{PAGE}:1: not formatted; run 'make format'\n"
    assert (root / PAGE).read_text(encoding="utf-8") == UNTIDY


def test_the_checker_names_the_command_for_an_entry_out_of_order(project: Callable[..., Path]) -> None:
    root = project()
    bib = root / "bib/references.bib"
    bib.write_text(bib.read_text(encoding="utf-8") + "\n@misc{Aaa2001, title = {T}, publisher = {P}}\n", encoding="utf-8")
    assert "it belongs at the beginning: run 'make format' [KB223]" in run_kb(root, "check").stdout
    assert run_kb(root, "format").returncode == 0
    assert "KB223" not in run_kb(root, "check").stdout


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (PAGE, "---\ntitle: [\n---\n", f"{PAGE}:3: not valid YAML"),
        (PAGE, "---\ntitle: a\ntitle: b\n---\n", f"{PAGE}:3: 'title' stands twice here"),
        (PAGE, "no front matter", f"{PAGE}:1: no front matter"),
        ("bib/references.bib", "@misc{A, title = {x}}\nlost words\n", "bib/references.bib:2: 'lost words' is outside an entry"),
        ("bib/references.bib", '@string{j = "Blood"}\n', "bib/references.bib:1: '@string' is not an entry"),
        ("bib/references.bib", "@misc{A, title = {x} # {y}}\n", "bib/references.bib:1: title = '{x} # {y}' is not one text"),
    ],
)
def test_what_cannot_be_read_stays_as_it_is(project: Callable[..., Path], name: str, content: str, said: str) -> None:
    root = project({name: content})
    run = run_kb(root, "format", name)
    assert run.returncode == 1
    assert run.stdout.startswith(said)
    assert (root / name).read_text(encoding="utf-8") == content


def test_every_value_of_the_real_pages_stays(tmp_path: Path) -> None:
    for file in formattable(ROOT, []):
        data, faults = format_file(ROOT, file)
        assert faults == []
        again = tmp_path / "docs" / file.name
        if file.suffix == ".bib":
            again = tmp_path / "bib" / file.name
        again.parent.mkdir(exist_ok=True)
        again.write_bytes(data)
        if file.suffix == ".bib":
            before, after = ({e.key: (e.kind, e.fields) for e in read_bibliography(root).entries} for root in (ROOT, tmp_path))
        else:
            old, new = read_page(ROOT, file), read_page(tmp_path, again)
            before, after = (json.dumps([page.meta, page.body], sort_keys=True, default=str) for page in (old, new))
        assert before == after, file
