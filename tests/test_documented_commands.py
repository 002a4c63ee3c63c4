"""Every command that README and the pages for contributors print is run, as printed, in a fresh clone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT, started
from tests.registry import Registry, crossref, study

README, CONTRIBUTING, MAINTENANCE = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/about/contributing.md", "docs/about/maintenance.md")
)
RECIPES = dict(re.findall(r"^### ([^\n]*)\n+```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE))
"""The lines below each heading of 'Change something'."""
STAMPS = ("environment", "chromium", "fonts", "java")
"""What `make` leaves in .cache when a part of the environment is there: the clone shares that of this checkout."""


def blocks(text: str) -> list[str]:
    """The fenced blocks of shell commands."""
    return re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


TWO_COMMANDS, WAY_OUT = blocks(README)[0], blocks(MAINTENANCE)[0]
HELPERS = [block for block in blocks(CONTRIBUTING) if ".venv/bin/kb" in block]


def newcomer(**more: str) -> dict[str, str]:
    """An environment with a name for git and without what `make test`, a workflow or a hook of git leaves there."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "GITHUB_", "GIT_"))}
    names = {f"GIT_{who}_{what}": "newcomer@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**ours, **names, **more}


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run lines of a shell as a person who stops at the first fault."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=newcomer(PYTHONPATH=str(folder), **environment),  # else the linked environment would run the kb of this checkout
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone of what stands in the working tree, committed or not."""
    folder = tmp_path_factory.mktemp("newcomer")
    published, clone = folder / "published", folder / "clone"
    names = run("git ls-files --cached --others --exclude-standard -z", ROOT).stdout.rstrip("\0").split("\0")
    for name in names:
        if (ROOT / name).is_file():
            (published / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, published / name)
    made = run("git init -q -b main && git add --all && git commit -q -m 'As published' && git clone -q . ../clone", published)
    assert made.returncode == 0, made.stderr
    (clone / ".venv").symlink_to((ROOT / ".venv").resolve())
    (clone / ".cache").mkdir()
    for stamp in STAMPS:
        (clone / ".cache" / stamp).touch()
    return clone


def test_all_printed_commands_are_tried_here() -> None:
    assert list(RECIPES) == ["Add a reference", "Add a claim", "Add a trial", "Fix a number"]
    assert all(len(recipe.splitlines()) == 5 for recipe in RECIPES.values())
    assert blocks(README) == [TWO_COMMANDS, *RECIPES.values()]
    assert sorted(blocks(CONTRIBUTING)) == sorted([*RECIPES.values(), *HELPERS])
    assert blocks(MAINTENANCE) == [WAY_OUT]


@pytest.mark.parametrize("text", [README, CONTRIBUTING, MAINTENANCE], ids=["README", "contributing", "maintenance"])
def test_targets_named_in_the_text_exist(text: str) -> None:
    named = set(re.findall(r"`make ([a-z]+)", text))
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony
    assert named
    assert named <= set(phony[1].split())


def test_each_recipe_does_what_it_says(clone: Path, tmp_path: Path) -> None:
    """One after the other, as on one afternoon: the claim and the trial cite the reference of the first."""
    editor = tmp_path / "editor"
    for name, recipe in RECIPES.items():
        editor.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/tests/newcomer.py" "{name}" "$1"\n', encoding="utf-8")
        editor.chmod(0o755)
        tried = run(recipe, clone, EDITOR=str(editor))
        assert tried.returncode == 0, name + tried.stdout + tried.stderr
        assert run("git status --porcelain", clone).stdout == "", name
    assert len(run("git log --oneline main..HEAD", clone).stdout.splitlines()) == len(RECIPES)
    assert run("make site", clone).returncode == 0
    for page, words in {
        "references": "Journal of Examples",
        "claims": "ido-pge2-nk-proliferation",
        "trials/NCT01234567": "Example MSC in acute GVHD",
        "trials/NCT01287104": "2/9",
    }.items():
        assert words in (clone / "site" / f"{page}.html").read_text(encoding="utf-8"), page


def test_the_two_commands(clone: Path) -> None:
    serve, test = TWO_COMMANDS.splitlines()
    with (
        started(["bash", "-c", serve], clone, "Serving on", newcomer()) as address,
        urllib.request.urlopen(f"{address}/index.html") as answer,
    ):
        assert "MSC and NK cells: the state of the evidence" in answer.read().decode()
    tried = run(test, clone, MAKEFLAGS="--dry-run")  # these tests are a part of what it runs
    assert tried.returncode == 0, tried.stderr
    assert ".venv/bin/python -m pytest" in tried.stdout.splitlines()


def test_the_way_out_builds_the_same_site(clone: Path) -> None:
    tried = run(WAY_OUT, clone)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    pages = list((clone / ".cache/properdocs").rglob("*.html"))
    assert len(pages) == len(list((clone / "docs").rglob("*.md"))) + 1  # and the one for addresses that do not exist
    assert 'content="mkdocs-ProperDocs' in pages[0].read_text(encoding="utf-8")


def test_helpers_that_ask_public_records(clone: Path) -> None:
    """As printed, but against a server of this machine that knows the two examples and nothing else."""
    registry = Registry()
    registry.works["10.1000/another-example"] = crossref("10.1000/another-example", "A work that shows the way")
    registry.studies["NCT07654321"] = study("NCT07654321", "A trial that shows the way")
    *adding, verifying = HELPERS
    try:
        for block in adding:
            tried = run(block, clone, KB_SOURCES=registry.address)
            assert tried.returncode == 0, block + tried.stdout + tried.stderr
        for line in verifying.splitlines():
            whole = not re.search(r"--no-links|--only", line)  # with links it would ask 3,000 times
            command = line.partition(" #")[0] + " --only NCT01287104" if whole else line
            tried = run(command, clone, KB_SOURCES=registry.address)
            assert tried.returncode == 1, line + tried.stdout + tried.stderr  # the server knows none of our works
            assert re.search(r"kb verify: \d+ compared, \d+ difference", tried.stderr), tried.stderr
    finally:
        registry.close()
    made = (clone / "docs/trials/NCT07654321.md").read_text(encoding="utf-8")
    assert "A trial that shows the way" in made
    assert "A work that shows the way" in (clone / "bib/references.bib").read_text(encoding="utf-8")
    assert "locator: Abstract" in run("git diff docs/mechanisms/ido.md", clone).stdout
    run("git reset --hard --quiet && git clean --quiet --force docs", clone)


def test_hooks_stop_a_misspelt_word_and_let_the_right_one_pass(clone: Path) -> None:
    """`make hooks`, as the README says it; here and not in `make test` the hooks run inside git."""
    assert run("make hooks", clone).returncode == 0
    page, wrong = clone / "docs/about/downloads.md", "sentense"  # codespell:ignore
    text = page.read_text(encoding="utf-8").replace("{", "{{").replace("}", "}}") + "\nThat is the last {}.\n"
    commit = "git commit --all --message 'A sentence'"
    page.write_text(text.format(wrong), encoding="utf-8")
    stopped = run(commit, clone, HOME=str(clone.parent))
    assert stopped.returncode == 1
    assert f"docs/about/downloads.md:{text.count(chr(10))}: {wrong} ==> sentence" in stopped.stderr
    page.write_text(text.format("sentence"), encoding="utf-8")
    passed = run(commit, clone, HOME=str(clone.parent))
    assert passed.returncode == 0, passed.stdout + passed.stderr
