"""Writes each page as plain Markdown with its citations resolved, and llms.txt that lists them (https://llmstxt.org)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from kb.ledgers import claims_block
from kb.pages import Page
from kb.project import Project
from kb.prose import Prose, parse_group
from kb.references import badges, identifiers
from kb.trial_tables import SUBJECTS
from kb.trials import facts, harm_texts, outcome_texts

_TAGS = re.compile(r"<(/?)(sup|sub|i|br)[^>]*>|<[^>]+>")
_MARKS = {"sup": "^", "sub": "~", "i": "*"}
_PART_FILES = {
    "references": "references/all.bib",
    "claims": "data/claims.csv",
    "disagreements": "data/interactions.csv",
    "evidence matrix": "data/claims.csv",
    "interaction map": "data/interactions.csv",
    "evidence plot": "data/claims.csv",
    "forest plot": "data/outcomes.csv",
    "timeline": "data/trials.csv",
    "vesicle routes": "data/trials.csv",
    "main interactions": "data/interactions.csv",
    "interactions": "data/interactions.csv",
    "counts": "data/datapackage.json",
    "trials": "data/trials.csv",
    **dict.fromkeys(SUBJECTS, "data/trials.csv"),
    "harms": "data/harms.csv",
    "responses": "data/outcomes.csv",
    "data": "data/datapackage.json",
    "changes": "feed.xml",
    "downloads": "about/downloads.html",
    "fields": "data/front-matter.schema.json",
}


def twins(project: Project, formatted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(path in the site, content) of the Markdown twin of every page, and of llms.txt."""
    for page in project.pages:
        yield page.name, twin(project, page, formatted)
    yield "llms.txt", _index(project)


def twin(project: Project, page: Page, formatted: Mapping[str, str]) -> str:
    """One page: title, summary, claims, tables of a trial, text, numbered references."""
    meta = project.record.get(page.name)
    parts = [f"# {page.title}\n"]
    if meta and meta.summary:
        parts.append("".join(f"- {sentence}\n" for sentence in meta.summary))
    if meta and meta.trial:
        parts.append("\n".join(_trial(project, page)) + "\n")
    text = re.sub(r"(?m)^( *)\{: ?#?([\w-]*)[^}\n]*\}$", "", claims_block(project, page)) + page.body
    numbers: dict[str, int] = {}
    parts.append(_numbered(_tidy(text), numbers, page))
    if numbers:
        listed = (f"{number}. {_reference(project, key, formatted)}" for key, number in numbers.items())
        parts.append("## References\n\n" + "\n".join(listed) + "\n")
    return "\n".join(parts)


def _tidy(text: str) -> str:
    text = re.sub(r"\{: [^}\n]*\}", "", text)
    text = re.sub(r"<span class=\"[^\"]*\">(.*?)</span>", r"\1", text)
    return re.sub(r"&#\d+;", lambda match: html.unescape(match[0]), text)


def _numbered(text: str, numbers: dict[str, int], page: Page) -> str:
    """Citations as numbers, markers as links to the data."""
    prose = Prose(text)
    pieces, end = [], 0
    for group in prose.groups:
        pieces.append(text[end : group.start()])
        marks = []
        for citation in parse_group(group[0]):
            number = numbers.setdefault(citation.key, len(numbers) + 1)
            mark = f"{citation.prefix} {number}".strip()
            marks.append(f"{mark}, {citation.locator}" if citation.locator else mark)
        pieces.append(f"[{'; '.join(marks)}]")
        end = group.end()
    text = "".join([*pieces, text[end:]])
    up = "../" * page.name.count("/")
    for name, path in _PART_FILES.items():
        text = text.replace(f"{{{{ {name} }}}}", f"[{name}]({up}{path})")
    return text.strip() + "\n"


def _reference(project: Project, key: str, formatted: Mapping[str, str]) -> str:
    entry = project.entry[key]
    links = " ".join(f"<{url}>" for _, url in identifiers(entry))
    notes = [words for _, words in badges(entry)] + ([] if entry.authors else ["Authors not seen"])
    text = html.unescape(_TAGS.sub(lambda m: _MARKS.get(m[2] or "", ""), formatted[key]))
    return " ".join(part for part in (text, links, *(f"({note})" for note in notes)) if part)


def _trial(project: Project, page: Page) -> Iterator[str]:
    trial = project.record[page.name].trial
    assert trial
    for name, value in facts(trial):
        if value:
            yield f"- {name}: {value}"
    for outcome in trial.outcomes:
        yield "- Result: " + "; ".join(text for text in outcome_texts(outcome) if text)
    for harm in trial.harms:
        yield "- Harm: " + "; ".join(harm_texts(harm))


def _index(project: Project) -> str:
    title, about = project.settings.get("site_name", ""), project.settings.get("site_description", "")
    lines = [f"# {title}\n", f"> {about}\n", "## Pages\n"]
    for page in project.in_order:
        description = " ".join(str(page.meta.get("description", "")).split())
        lines.append(f"- [{page.title}]({page.name}): {description}")
    lines += ["\n## Data\n", "- [Data Package](data/datapackage.json): all records as CSV with their schema"]
    return "\n".join(lines) + "\n"
