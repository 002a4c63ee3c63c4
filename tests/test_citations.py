"""The known faults of mkdocs-bibtex 4.4.0, row by row: each test gives the faulty input to a real build.

The comment above a test is the fault that a reader of a stock site meets.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pypandoc
import pytest

from tests.conftest import GOOD, ROOT, Build, run_kb

FRONT = (
    "---\ntitle: Home\ndescription: A page.\nsummary: [One., Two., Three.]\nreviewed: 2026-11-23\nreview_due: 2027-05-23\n---\n\n"
)
FRONT_LINES = FRONT.count("\n")
BIB = (GOOD / "bib" / "references.bib").read_text(encoding="utf-8")
Project = Callable[..., Path]


def entry(key: str, **fields: str) -> str:
    """A complete entry, with fields replaced; a field given as '' is left out."""
    complete = {
        "title": f"Work {key}",
        "journal": "Journal of Examples",
        "year": "2020",
        "doi": f"10.1000/{key}",
        "studydesign": "in vitro",
        "seenat": "https://example.org",
        "seenon": "2026-11-23",
        "confirmed": "primary",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in (complete | fields).items() if value)
    return f"@{'article' if (complete | fields)['journal'] else 'misc'}{{{key},\n{lines}}}\n\n"


def bibliography(*more: str) -> str:
    """The good bibliography with entries added in their sorted places."""
    blocks = [block for text in (BIB, *more) for block in re.split(r"(?m)^(?=@)", text) if block.strip()]
    return "".join(
        sorted((f"{block.strip()}\n\n" for block in blocks), key=lambda b: b.partition("{")[2].partition(",")[0].lower())
    )


def refused(project: Project, body: str, bib: str = BIB) -> str:
    """The report of a build that must fail before anything is written."""
    root = project({"docs/index.md": FRONT + body, "bib/references.bib": bib})
    build = Build(root)
    assert build.status == 1
    assert not build.folder.exists()
    assert "Traceback" not in build.output
    return build.output


def built(project: Project, body: str, bib: str = BIB) -> Build:
    """The site with this text on its first page."""
    return Build(project({"docs/index.md": FRONT + body, "bib/references.bib": bib}))


# 1: the plugin is unmaintained.
def test_plugin_parses_and_formats_nothing(project: Project, tmp_path: Path) -> None:
    script = tmp_path / "without.py"
    script.write_text(
        "import mkdocs_bibtex.plugin as p, mkdocs_bibtex.registry as r, mkdocs.__main__ as m\n"
        "def used(*a, **k): raise AssertionError('the plugin did it itself')\n"
        "r.parse_file = p.SimpleRegistry = p.PandocRegistry = used\n"
        "m.cli()\n"
    )
    build = Build(project(), str(script))
    assert "[1, 2]" in build.text()
    assert "mkdocs-bibtex==4.4.0" in (ROOT / "requirements.txt").read_text()


# 2, 3, 4: a key with a dot or colon, or an unknown key, leaves nothing in the text.
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Text [@Adams.2001].", "'[@Adams.2001]' is not a citation; keys are letters, digits and '-'"),
        ("Text [@Adams:2001].", "'[@Adams:2001]' is not a citation; keys are letters, digits and '-'"),
        ("Text [@Adam2001].", "citation key 'Adam2001' is not in the bibliography; did you mean [@Adams2001]?"),
        ("Text [@adams2001].", "citation key 'adams2001' is not in the bibliography; did you mean [@Adams2001]?"),
    ],
)
def test_citation_that_would_vanish_stops_the_build(project: Project, body: str, message: str) -> None:
    assert f"docs/index.md:{FRONT_LINES + 1}: {message}" in refused(project, body)


# 5, 6: citations and @words in code are rewritten, or counted as unknown references.
def test_code_stays_as_written(project: Project) -> None:
    code = (
        "Span `[@Adams2001]` and [@Adams2001].\n\n"
        '```json\n{"@context": "x", "@type": "y", "a": ["@Adams2001"]}\n```\n\n    [@Adams2001]\n'
    )
    build = built(project, code + "\n- item\n\n    ```python\n    @dataclass\n    ```\n")
    page = build.page()
    assert "<code>[@Adams2001]</code>" in page
    assert "[@Adams2001]\n</code>" in page
    text = build.text()
    assert '{"@context": "x", "@type": "y", "a": ["@Adams2001"]}' in text
    assert "@dataclass" in text
    assert "and [1]." in text


# 7: the text of a link that begins with @ is deleted.
def test_link_with_a_handle_keeps_its_text(project: Project) -> None:
    assert '<a href="https://example.org/h">@handle</a>' in built(project, "By [@handle](https://example.org/h).").page()


# 8: Smith2020 replaces the beginning of Smith2020a.
def test_key_that_begins_like_another(project: Project) -> None:
    bib = bibliography(entry("Smith2020", title="The first"), entry("Smith2020a", title="The second"))
    assert refs_of(built(project, "One [@Smith2020a]. Two [@Smith2020].", bib)) == ["The second", "The first"]


def refs_of(build: Build) -> list[str]:
    return [reference.partition(". ")[0] for reference in build.references()]


# 9: an escaped \@key is expanded when the key is cited elsewhere.
def test_escaped_at_sign_stays(project: Project) -> None:
    assert built(project, r"Written \@Adams2001 and cited [@Adams2001].").text().endswith("Written @Adams2001 and cited [1].")


# 10: @key inside a link title or alternative text is expanded into the attribute.
def test_attributes_are_untouched(project: Project) -> None:
    page = built(project, 'Cited [@Adams2001] ![as @Adams2001 drew](cell.svg "by @Adams2001").').page()
    assert '<img alt="as @Adams2001 drew" src="cell.svg" title="by @Adams2001"' in page


# 11, 12, 13: titles lose their capitals, are cut at \% and show markup of BibTeX or pandoc.
def test_title_is_printed_as_in_the_record(project: Project) -> None:
    build = built(project, "Text [@Adams2001].")
    assert "IFN-γ, CD4+ and H2O in MSC and [18F]FDG: 5% & more. Journal of Examples. 2001;1(2):3–14." in build.references()[0]
    page = build.page()
    assert "CD4<sup>+</sup> and H<sub>2</sub>O in MSC" in page
    assert 'href="https://doi.org/10.1000/exa(1)mple_2"' in page
    assert "nocase" not in page


def test_ampersand_in_an_identifier_leads_to_the_right_place(project: Project) -> None:
    page = built(project, "Text [@Amp2020; @Clark2003].", bibliography(entry("Amp2020", doi="10.1000/a&b<c>"))).page()
    assert 'href="https://doi.org/10.1000/a%26b%3Cc%3E"' in page
    assert 'href="https://example.org/d?x=1&amp;y=2"' in page


# 14: howpublished = {\url{...}} prints a literal "\url".
def test_web_record_prints_a_link(project: Project) -> None:
    web = entry("Web2020", journal="", doi="", publisher="A regulator", howpublished=r"\url{https://example.org/record}")
    build = built(project, "Text [@Web2020].", bibliography(web))
    assert '<a href="https://example.org/record">Web page</a>' in build.page()
    assert "url{" not in build.page()


# 15: two citations print as touching numbers that read as one.
def test_adjacent_citations_are_separate_numbers(project: Project) -> None:
    assert "Text [1, 2] and [2, 3]." in built(project, "Text [@Adams2001; @Brown2002] and [@Brown2002; @Clark2003].").text()


# 16: prefix and locator are dropped.
def test_prefix_and_locator_are_kept(project: Project) -> None:
    text = built(project, "Text [see @Adams2001, Table 2, p. 33; @Brown2002] and [@Clark2003, Fig. 1].").text()
    assert "Text [see 1, Table 2, p. 33; 2] and [3, Fig. 1]." in text


# 17: the author in the text is not supported.
def test_author_in_the_text(project: Project) -> None:
    assert "Adams and others [1] found it." in built(project, "Adams and others [@Adams2001] found it.").text()


# 18: own footnotes and citations share one counter.
def test_own_footnotes_are_refused(project: Project) -> None:
    report = refused(project, "Text[^a] [@Adams2001].\n\n[^a]: A remark.")
    assert f"docs/index.md:{FRONT_LINES + 1}: '[^a]' is a footnote; put the remark in the text" in report


# 19, 20: the full bibliography has dangling back-links, and fails for a work without a journal.
def test_every_work_is_on_the_reference_page_and_its_links_lead_somewhere(project: Project) -> None:
    preprint = entry("Preprint2020", journal="", publisher="A preprint server")
    build = built(project, r"Text [@Adams2001] and `\full_bibliography` and `\bibliography`.", bibliography(preprint))
    page = build.page("references.html")
    for key in ("Adams2001", "Brown2002", "Clark2003", "NCT00000001", "Preprint2020"):
        assert f'<li id="{key}"' in page
    assert "Not cited on any page" in page
    article = page.partition("<article")[2].partition("</article>")[0]
    for target in re.findall(r'href="([^":#]+)(?:#[^"]*)?"', article):
        assert (build.folder / target).is_file(), target
    assert r"\full_bibliography" in build.text()
    assert r"\bibliography" in build.text()


# 21: of two entries with one key the later wins in silence.
def test_duplicate_keys_and_works_are_refused(project: Project) -> None:
    again = entry("adams2001") + entry("Other2020", doi="10.1000/exa(1)mple_2")
    report = refused(project, "Text.", BIB + again)
    assert "key 'adams2001' is already used on line 1; add a word" in report
    assert "doi '10.1000/exa(1)mple_2' is that of [@Adams2001] on line 1; keep one entry" in report


# 22: merged pages have ids twice and links to ids that are not there.
def test_ids_are_unique_and_links_inside_a_page_resolve(project: Project) -> None:
    build = built(project, "A [@Adams2001; @Brown2002]. B [@Adams2001].\n\n## Adams2001\n\nC [@Adams2001].")
    for name in ("index.html", "mechanisms/index.html", "references.html"):
        page = build.page(name)
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), name
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids), name


# 23: csl_file is resolved against the working directory.
def test_build_from_another_folder(project: Project) -> None:
    assert "[1, 2]" in Build(project(), cwd=Path("/")).text()


# 24: citations that come in later, from snippets, are never seen.
def test_citation_in_a_snippet_is_refused(project: Project) -> None:
    root = project({"docs/part.txt": "Hidden [@Adams2001].", "docs/index.md": FRONT + '--8<-- "part.txt"\n'})
    build = Build(root)
    assert build.status == 1
    assert f"docs/index.md:{FRONT_LINES + 1}: snippet 'part.txt' holds a citation" in build.output


# 25: pandoc runs for every page.
def test_one_citeproc_run_for_the_whole_site_and_none_when_nothing_changed(project: Project, tmp_path: Path) -> None:
    log = tmp_path / "runs"
    wrapper = tmp_path / "bin" / "pandoc"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$*" >> "{log}"\nexec "{pypandoc.get_pandoc_path()}" "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    root = project()
    environment = {"PYPANDOC_PANDOC": str(wrapper)}
    first = Build(root, **environment)
    assert "[1, 2]" in first.text()
    assert log.read_text().count("--citeproc") == 1
    assert Build(root, **environment).page() == first.page()
    assert log.read_text().count("--citeproc") == 1


def test_damaged_cache_is_made_anew(project: Project) -> None:
    root = project()
    first = Build(root).page()
    (root / ".cache" / "references.json").write_text('{"broken": ')
    assert Build(root).page() == first


# 26: reference lists enter the search index under every page that cites.
def test_reference_lists_stay_out_of_the_search_index(project: Project) -> None:
    build = built(project, "Text [@Adams2001].")
    build.page()
    documents = json.loads((build.folder / "search" / "search_index.json").read_text())["docs"]
    found = {doc["location"].partition("#")[0] for doc in documents if "Journal of Examples" in doc["text"]}
    assert found == {"references.html"}


# 27: remote files are fetched on every build.
def test_no_remote_file_is_fetched(project: Project) -> None:
    root = project()
    settings = (root / "mkdocs.yml").read_text()
    remote = settings.replace("bib_file: bib/references.bib", "bib_file: http://127.0.0.1:9/references.bib")
    assert remote != settings
    (root / "mkdocs.yml").write_text(remote)
    assert "[1, 2]" in Build(root).text()


def test_citation_in_every_kind_of_block_is_shown(project: Project) -> None:
    body = (
        "> Quoted [@Adams2001].\n\n- A list [@Adams2001]\n    - deeper [@Brown2002]\n\n"
        '!!! note "Title"\n\n    Boxed [@Clark2003].\n\n??? note "Folded"\n\n    Inside [@Clark2003].\n\n'
        '=== "One"\n\n    Tab [@Adams2001].\n\n| A |\n|---|\n| Cell [@Adams2001; @Brown2002] |\n\n'
        "Term\n:   Defined [@Brown2002].\n\n**Bold [@Adams2001].** *Italic [@Brown2002].*\n"
    )
    text = built(project, body).text()
    assert text.count("[1]") == 4
    assert text.count("[1, 2]") == 1
    assert "@" not in text


def test_reference_shows_state_and_provenance(project: Project) -> None:
    build = built(project, "Text [@Brown2002; @Clark2003; @Adams2001].")
    retracted, unseen, full = build.references()
    assert "Retracted" in retracted
    assert "Seen second-hand only" in retracted
    assert 'href="https://doi.org/10.1000/2r">Notice</a>' in build.page()
    assert "Authors not seen in a public record." in unseen
    assert "Read in part." in unseen
    assert full.startswith("Adams AB, Núñez-Ørsted Ö, The Example Consortium, et al.")
    for words in ("doi:10.1000/exa(1)mple_2", "PubMed 11111111", "PMC1111111", "in vitro, animal"):
        assert words in full


def test_good_site_builds_with_nothing_but_its_own_lines(project: Project) -> None:
    build = Build(project())
    lines = [line for line in build.output.splitlines() if not line.startswith("INFO")]
    assert lines == []
    assert run_kb(build.folder.parent, "check").stderr == "kb check: 0 errors, 0 warnings\n"
