"""Nothing that is written in records, works or text can run a script, and no page asks another host for anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kb.policy import script_hashes
from tests.conftest import Build, small_project

PLANTS = [
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "<svg><script>window.ran=1</script></svg>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    '"><script>window.ran=1</script>',
    "' onmouseover='window.ran=1",
    '" autofocus onfocus="window.ran=1',
    "--><script>window.ran=1</script><!--",
    "]]><script>window.ran=1</script>",
    "<a href='javascript:window.ran=1'>x</a>",
    "{{ '<script>window.ran=1</script>' }}",
    "<style>*{display:none}</style>",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
]
"""Each is planted in the title and author of a work, its note, the name of a trial and a word of the glossary: 75 places."""


def yaml_text(text: str) -> str:
    return json.dumps(text)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    works, cited, trials, words = [], [], {}, []
    for number, plant in enumerate(PLANTS):
        key, safe = (
            f"Z{number:02}hostile",
            plant.replace("{", "").replace("}", "").replace("&", r"\&").replace("_", r"\_").replace("#", r"\#"),
        )
        works.append(
            f"@article{{{key},\n  author = {{{safe}, A.}},\n  title = {{Title {safe}}},\n  journal = {{J}},\n  year = {{2020}},\n"
            f"  doi = {{10.1000/z{number}}},\n  studydesign = {{single-arm trial}},\n  note = {{Note {safe}}},\n"
            f"  seenat = {{https://example.org/z{number}}},\n  seenon = {{2026-11-25}},\n  confirmed = {{primary}},\n}}\n"
        )
        cited.append(f"[@{key}]")
        bare = plant.replace("<", "").replace(">", "")  # the checker refuses these in titles: the test below
        name = f"NCT900000{number:02}"
        trials[f"docs/trials/{name}.md"] = (
            f"---\ntitle: {yaml_text('Trial ' + bare)}\ndescription: {yaml_text('About ' + bare)}\ntrial:\n  registry: [{name}]\n"
            f"  title: {yaml_text(plant)}\n  cells: [MSC]\n  phase: '1'\n  design: single-arm\n  disease: other\n"
            f"  condition: {yaml_text(plant)}\n  purpose: treatment\n  tissue_source: bone marrow\n  status: completed\n"
            f"  status_seen: 2026-11-25\n  sources: [{key}]\n---\n\nText [@{key}].\n"
        )
        words.append(f"### Word {number} `{plant.replace('`', '')}`\n\nMeaning [@{key}].\nAlso: other {number}.\n")
    files = {
        "docs/glossary.md": "---\ntitle: Glossary\ndescription: Words.\n---\n\n## Words\n\n" + "\n".join(words),
        "docs/about/methods.md": "---\ntitle: Methods\ndescription: How.\n---\n\n## Not medical advice\n\nother 1 other 2 "
        + " ".join(cited)
        + ".\n\n{{ trials }}\n\n{{ claims }}\n",
        **trials,
    }
    root = small_project(tmp_path_factory.mktemp("safety") / "project", files)
    bib = root / "bib/references.bib"
    bib.write_text(bib.read_text(encoding="utf-8") + "\n" + "\n".join(works), encoding="utf-8")
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("  - Glossary: glossary.md\n")
    return Build(root)


def test_planted_scripts_do_not_run_and_do_not_break_out(tab: Page, built: Build, address: str) -> None:
    pages = sorted(file.relative_to(built.folder).as_posix() for file in built.folder.rglob("*.html"))
    assert len(pages) >= len(PLANTS) + 5
    for name in pages:
        tab.goto(f"{address}/{name}")
        assert tab.evaluate("window.ran") is None, name
        inside = tab.locator("article").locator(
            "script, iframe, svg[onload], img[onerror], [onmouseover], [onfocus], a[href^='javascript']"
        )
        assert inside.count() == 0, name
    tab.goto(f"{address}/references.html")
    expect(tab.locator("#Z00hostile")).to_contain_text("Title <script>window.ran=1</script>")


def test_search_shows_planted_text_as_text(tab: Page, address: str) -> None:
    tab.goto(f"{address}/index.html")
    tab.get_by_role("textbox", name="Search").click()
    tab.keyboard.type("trial")
    expect(tab.locator(".md-search-result__item").first).to_be_visible()
    assert tab.evaluate("window.ran") is None
    assert tab.locator(".md-search-result script, .md-search-result img").count() == 0


@pytest.mark.parametrize("field", ["title", "description"])
def test_html_in_a_title_is_refused(project: Callable[..., Path], field: str) -> None:
    fields = {"title": "Methods", "description": "How."} | {field: "<img src=x onerror=alert(1)>"}
    front = "".join(f"{name}: {yaml_text(value)}\n" for name, value in fields.items())
    build = Build(project({"docs/about/methods.md": f"---\n{front}---\n\n## Not medical advice\n\nText.\n"}))
    assert build.status == 1
    assert f"{field} holds '<', which would be read as HTML; say it in words [KB313]" in build.output


def test_addresses_that_run_something_are_refused(project: Callable[..., Path]) -> None:
    root = project({"docs/about/methods.md": "---\ntitle: Methods\ndescription: How.\n---\n\n[x](javascript:alert(1))\n"})
    build = Build(root)
    assert build.status == 1
    assert "[KB308]" in build.output


def test_policy_names_every_inline_script_and_no_other_host(built: Build, tab: Page, address: str) -> None:
    for file in built.folder.rglob("*.html"):
        html = file.read_text(encoding="utf-8")
        stated = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
        assert stated, file
        assert "script-src 'self' file: " + " ".join(script_hashes(html)) in stated[1]
        assert "http" not in stated[1]
    headers = (built.folder / "_headers").read_text(encoding="utf-8")
    assert "'unsafe-inline'" not in headers.partition("script-src")[2].partition(";")[0]
    tab.goto(f"{address}/index.html")
    tab.evaluate(
        "() => new Promise(done => { addEventListener('securitypolicyviolation', done, { once: true });"
        " const script = document.createElement('script'); script.textContent = 'window.ran = 1'; document.body.append(script) })"
    )
    assert tab.evaluate("window.ran") is None


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "mechanisms/ido.html",
        "trials/index.html",
        "references.html",
        "glossary.html",
        "about/downloads.html",
        "404.html",
    ],
)
def test_pages_ask_no_other_host_keep_no_cookie_and_break_no_rule(tab: Page, site_url: str, name: str) -> None:
    asked, said = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"{site_url}/{name}", wait_until="networkidle")
    search = tab.get_by_role("textbox", name="Search")
    search.click()
    tab.keyboard.type("cell")
    if name != "404.html":
        expect(tab.locator(".md-search-result__item").first).to_be_visible()
    assert [url for url in asked if not url.startswith((site_url, "data:", "blob:"))] == []
    assert [text for text in said if "Content Security Policy" in text] == []
    assert tab.context.cookies() == []
    assert tab.evaluate("Object.keys(localStorage).filter(key => !key.includes('palette'))") == []
