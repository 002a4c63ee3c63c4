"""Joins checks, references and generated parts to MkDocs; the only module that imports MkDocs."""

from __future__ import annotations

import gc
import logging
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from html import escape
from itertools import chain
from pathlib import Path
from typing import ClassVar

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext
from mkdocs_bibtex.citation import Citation, CitationBlock
from mkdocs_bibtex.registry import ReferenceRegistry

from kb import datapackage, downloads, markup
from kb.checks import check
from kb.citeproc import format_references
from kb.feed import feed, feed_link
from kb.glossary import Term, words_of_page
from kb.metatags import meta_tags
from kb.parts import html_of_part, insert_parts, with_records, words_of_part
from kb.policy import HEADERS, headers, script_hashes, with_policy
from kb.problems import reason, report, summary
from kb.project import SETTINGS, Project, read_project
from kb.reference_page import exports
from kb.references import reference_html
from kb.schema import json_schema
from kb.structured import json_ld
from kb.theme import mended
from kb.twins import twins


class Registry(ReferenceRegistry):
    """What mkdocs-bibtex asks for, answered from our own bibliography: it parses and formats nothing."""

    def __init__(self) -> None:
        self.footnote_format = "{key}"

    def validate_citation_blocks(self, citation_blocks: list[CitationBlock]) -> None:
        """Nothing to do: the checks ran before the build."""

    def validate_inline_references(self, inline_references: object) -> set:
        """There are none: inline citations are off."""
        return set()

    def inline_text(self, citation_block: CitationBlock) -> str:
        """Tokens for the numbers: no Markdown of any kind, so nothing can change them on their way."""
        return markup.citation(str(citation_block))

    def reference_text(self, citation: Citation) -> str:
        """Nothing: the list enters the finished page, so that Markdown and search never see it."""
        return ""


_BESIDE = ThreadPoolExecutor(max_workers=1)


class State:
    """What one build knows; MkDocs offers hooks no other place to keep it."""

    project: Project
    formatting: Future[tuple[dict[str, str], dict[str, str]]]
    written: ClassVar[dict[str, int]] = {}
    content: str
    words: ClassVar[dict[str, list[Term]]] = {}
    hashes: ClassVar[set[str]] = set()
    only_edited = False


def build_edited(root: Path, folder: Path) -> bool:
    """Build the pages whose file in `folder` is older than their source: what the server shows first.

    MkDocs calls this a dirty build. What belongs to the whole site (search, data, twins) is left to the build that follows.

    Args:
        root: project root; the project was checked just now.
        folder: a copy of the last site.

    Returns:
        Whether the pages were built.
    """
    logging.getLogger("mkdocs").setLevel(logging.CRITICAL)  # the build that follows says it all
    config = load_config(str(root / SETTINGS), site_dir=str(folder), strict=False)
    config.plugins.on_startup(command="build", dirty=True)
    try:
        build(config, dirty=True)
    except (Exception, SystemExit):  # a file may have changed since it was checked; the build that follows says what is wrong
        return False
    return True


def on_startup(command: str, dirty: bool) -> None:
    """A dirty build comes from `build_edited`."""
    State.only_edited = dirty


@event_priority(100)
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Give the plugin our registry before it reads the bibliography, and a command that no text can contain."""
    plugin = config.plugins["bibtex"]
    plugin.registry = Registry()
    plugin.last_configured = float("inf")  # the plugin then keeps the registry it has
    plugin.config.bib_file, plugin.config.bib_dir = None, "bib"  # whatever the settings say: no build fetches a file
    plugin.config.bib_by_default = False
    plugin.config.bib_command = plugin.config.full_bib_command = markup.NEVER
    plugin.config.enable_inline_citations = False
    return config


def on_pre_build(config: MkDocsConfig) -> None:
    """Check everything; with an error nothing is built and the last site stays."""
    root = Path(config.config_file_path).parent
    project = read_project(root)
    State.formatting = _BESIDE.submit(_format, project, root)
    State.project = project
    if State.only_edited:
        return
    problems = check(project)
    print(report(problems), end="", flush=True)
    if problems:
        print(f"kb check: {summary(problems)}", file=sys.stderr, flush=True)
    if any(problem.severity == "error" for problem in problems):
        raise Abort("the site was not built")
    gc.freeze()  # all of this is needed to the end: the collector need not look at it again and again


def _format(project: Project, root: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Text of every work, and its HTML with links and badges; citeproc runs while MkDocs reads the pages."""
    formatted = format_references(project.entry.values(), root / "bib" / "style.csl", root / ".cache")
    return formatted, {key: reference_html(project.entry[key], text) for key, text in formatted.items()}


def on_build_error(error: Exception) -> None:
    """A full disk or a folder that cannot be written to is no fault of the program: one line instead of its inner life."""
    if isinstance(error, OSError):
        raise Abort(f"the site was not built: {reason(error)}")


def on_env(env: object, config: MkDocsConfig, files: Files) -> None:
    """The theme prints descriptions into an attribute as they stand; dates and titles come from the pages alone."""
    for file in files.documentation_pages():
        if file.page:
            _date(file.page)
        if file.page and file.page.title is None:  # not built this time, but other pages print its title
            file.page.title = State.project.page[file.src_uri].title
        if file.page and file.page.meta.get("description"):
            file.page.meta["description"] = escape(str(file.page.meta["description"]))


def _date(page: Page) -> None:
    """In the sitemap, a page is as old as its review: by MkDocs it would be new on every day on which it is built."""
    record = State.project.record.get(page.file.src_uri)
    day = (record and record.reviewed) or (None if os.environ.get("SOURCE_DATE_EPOCH") else State.project.last_review)
    if day:
        page.update_date = day.isoformat()


@event_priority(100)
def _before_citations(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    ours = State.project.page[page.file.src_uri]
    text = with_records(State.project, ours, markdown)
    State.written[ours.name] = markup.count_written(text)
    return markup.title(ours) + markup.summary(ours) + markup.shield(text)


@event_priority(-100)
def _after_citations(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    return markup.unshield(markdown)


on_page_markdown = CombinedEvent(_before_citations, _after_citations)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Count that every citation came through Markdown, and mark the words of the glossary."""
    ours = State.project.page[page.file.src_uri]
    shown, written = markup.count_shown(html), State.written[ours.name]
    if shown != written:
        raise PluginError(f"{ours.path}: {written} citations are written but {shown} would be shown; report this page")
    glossary = State.project.glossary
    if glossary is None or ours is glossary:
        return html
    html, State.words[ours.name] = State.project.lexicon.mark(html, ours, glossary)
    return html


@event_priority(100)
def _before_search(context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation) -> TemplateContext:
    """Search reads the text without numbers and lists, and generated parts as plain words."""
    State.content = page.content or ""
    ours = State.project.page[page.file.src_uri]
    text = insert_parts(markup.without_citations(State.content), State.project, ours, words_of_part)
    page.content = State.project.lexicon.other_names(ours) + text
    page.meta["tags"] = State.project.lexicon.search_names(ours)
    return context


@event_priority(-100)
def _after_search(context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation) -> TemplateContext:
    """Readers get numbers, the reference list of the page and the generated parts."""
    ours = State.project.page[page.file.src_uri]
    _, references = State.formatting.result()
    content = insert_parts(State.content, State.project, ours, partial(html_of_part, references))
    if State.project.glossary:
        content += words_of_page(State.words.get(ours.name, ()), ours, State.project.glossary)
    page.content = markup.with_numbers(content, references)
    return context


on_page_context = CombinedEvent(_before_search, _after_search)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Put the descriptions for machines and the address of the feed into the head."""
    ours, address = State.project.page[page.file.src_uri], page.canonical_url or ""
    head = meta_tags(State.project, ours, address, config.site_url or "") + feed_link(State.project, ours)
    head += json_ld(State.project, ours, address)
    output = output.replace("</head>", f"{head}</head>", 1)
    return _finished(output)


def _finished(html: str) -> str:
    """Any page as it leaves: the theme's faults mended, its scripts named."""
    html = mended(html)
    hashes = script_hashes(html)
    State.hashes.update(hashes)
    return with_policy(html, hashes)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """The page for addresses that do not exist has the policy of all pages."""
    return _finished(output) if template_name.endswith(".html") else output


def on_post_build(config: MkDocsConfig) -> None:
    """Write the downloads, the data and the Markdown twins."""
    if State.only_edited:
        return
    formatted, _ = State.formatting.result()
    made = (
        exports(State.project),
        datapackage.files(State.project),
        twins(State.project, formatted),
        feed(State.project, config.site_url or ""),
        [(HEADERS, headers(State.hashes))],
    )
    schema = [("data/front-matter.schema.json", json_schema())]
    texts = ((path, content.encode()) for part in (*made, schema) for path, content in part)
    for path, data in chain(texts, downloads.copies(State.project.root)):
        file = Path(config.site_dir, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
