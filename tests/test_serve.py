"""What a contributor sees while editing: the page in the browser follows the file."""

from __future__ import annotations

import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kb.hooks import build_edited
from tests.conftest import run_kb, started

PAGE = "docs/about/methods.md"


def served(root: Path, until: str = "site/") -> AbstractContextManager[str]:
    """`kb serve` in its own process; its output tells when it has built the site, or what else is waited for."""
    return started([sys.executable, "-m", "kb", "serve", "--port", "PORT"], root, until, status=0)


def add(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize("until", ["Serving on", "site/"], ids=["before the first build", "after it"])
def test_an_edited_page_appears_by_itself(tab: Page, project: Callable[..., Path], until: str) -> None:
    root = project()
    with served(root, until) as address:
        tab.goto(f"{address}/about/methods.html")
        expect(tab.locator("h1")).to_be_visible()
        add(root / PAGE, "\nA sentence that was added.\n")
        expect(tab.get_by_text("A sentence that was added.")).to_be_visible()
        expect(tab.locator("link[href$='kb.css']")).to_have_count(1)


def test_the_edited_page_alone_is_what_the_whole_site_then_has(project: Callable[..., Path], tmp_path: Path) -> None:
    """Its neighbours in the navigation are not built, but their titles stand in its links."""
    root = project()
    settings = root / "mkdocs.yml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("- Mechanisms: mech", "- mech"), encoding="utf-8")
    assert run_kb(root, "site").returncode == 0
    whole = (root / "site/references.html").read_bytes()
    copy = (root / "site").resolve().rename(tmp_path / "copy")
    (copy / "references.html").unlink()
    assert build_edited(root, copy)
    assert (copy / "references.html").read_bytes() == whole


def test_a_tab_stays_as_it_is_when_another_page_is_edited(tab: Page, project: Callable[..., Path]) -> None:
    root = project()
    with served(root) as address:
        tab.goto(f"{address}/index.html")
        tab.evaluate("window.stayed = true")
        other = tab.context.new_page()
        other.goto(f"{address}/about/methods.html")
        add(root / PAGE, "\nA sentence that was added.\n")
        expect(other.get_by_text("A sentence that was added.")).to_be_visible()
        assert tab.evaluate("window.stayed")


def test_a_new_style_reaches_every_page(tab: Page, project: Callable[..., Path]) -> None:
    root = project()
    overrides = (root / "overrides").resolve()
    (root / "overrides").unlink()
    shutil.copytree(overrides, root / "overrides")
    with served(root) as address:
        tab.goto(f"{address}/index.html")
        add(root / "overrides/assets/kb.css", "\nh1 { letter-spacing: 7px !important }\n")
        expect(tab.locator("h1")).to_have_css("letter-spacing", "7px")


def test_a_problem_is_shown_in_the_browser_until_it_is_mended(tab: Page, project: Callable[..., Path]) -> None:
    root = project()
    good = (root / PAGE).read_text(encoding="utf-8")
    with served(root) as address:
        tab.goto(f"{address}/about/methods.html")
        add(root / PAGE, "\nUnknown [@Nobody1999] & <b>.\n")
        expect(tab.locator("h1")).to_have_text("2 errors, 0 warnings")
        line = good.count("\n") + 2
        expect(tab.locator("li")).to_have_count(2)
        expect(tab.locator("li").nth(1)).to_have_text(
            f"{PAGE}:{line}: HTML '<b>' is not allowed; write Markdown (allowed: sub, sup, br, wbr, kbd, abbr) [KB304]"
        )
        (root / PAGE).write_text(good, encoding="utf-8")
        expect(tab.locator("article h1")).to_contain_text("Methods")


def test_a_problem_that_is_there_at_the_start_is_shown_too(tab: Page, project: Callable[..., Path]) -> None:
    root = project()
    good = (root / PAGE).read_text(encoding="utf-8")
    (root / PAGE).write_text("---\ntitle: [\n", encoding="utf-8")
    with served(root, "kb check: ") as address:
        tab.goto(f"{address}/index.html")
        expect(tab.locator("li").first).to_contain_text(f"{PAGE}:1: front matter is not closed")
        (root / PAGE).write_text(good, encoding="utf-8")
        expect(tab.locator("article")).to_be_visible()


def test_what_only_the_build_finds_is_shown(tab: Page, project: Callable[..., Path]) -> None:
    root = project()
    with served(root) as address:
        tab.goto(f"{address}/index.html")
        add(root / "docs/index.md", "\n*[MSC]: stromal [@Adams2001]\n")
        expect(tab.locator("pre")).to_contain_text("docs/index.md: 6 citations are written but 5 would be shown")


def test_a_missing_page_says_so_and_appears_when_it_is_written(tab: Page, project: Callable[..., Path]) -> None:
    with served(project()) as address:
        answer = tab.goto(f"{address}/nowhere.html")
        assert answer
        assert answer.status == 404
        for path in ("/../mkdocs.yml", "/%2e%2e/mkdocs.yml", "/about/../../../mkdocs.yml"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(address + path)


def test_a_port_in_use_gives_one_line(project: Callable[..., Path]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = run_kb(project(), "serve", "--port", str(port))
    assert run.returncode == 1
    assert run.stderr == (
        f"kb serve: port {port} cannot be used: Address already in use; choose another, such as 'make serve PORT=9000'\n"
    )
