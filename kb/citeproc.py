"""Formats all works in one run of pandoc's citeproc; a result is kept as long as work and style are the same."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pypandoc

from kb.bibliography import Entry
from kb.files import put
from kb.references import csl_json

_ENTRY = re.compile(r'<div id="ref-(?P<key>[^"]+)"[^>]*>\s*(?P<html>.*?)\s*</div>', re.DOTALL)
_SPAN = re.compile(r"</?span[^>]*>")  # pandoc's own marks for case and quotation; no entry can hold a span
_CACHE_VERSION = "2"


def format_references(entries: Iterable[Entry], style: Path, cache: Path) -> dict[str, str]:
    """Reference text of every entry as HTML, from one run of pandoc's citeproc.

    Args:
        entries: the works.
        style: the CSL file.
        cache: folder for results; a result is reused while entry and style are the same, a damaged file is made anew.

    Raises:
        RuntimeError: when pandoc fails or gives no text for an entry: a reference is never lost in silence.
    """
    items = [(_printable(csl_json(entry), entry)) for entry in entries]
    style_text = style.read_text(encoding="utf-8")
    digests = {item["id"]: _digest(style_text, item) for item in items}
    known = _read_cache(cache / "references.json")
    missing = [item for item in items if digests[item["id"]] not in known]
    if missing:
        for key, html in _run_citeproc(missing, style).items():
            known[digests[key]] = html
        used = {digest: known[digest] for digest in digests.values()}
        _write_cache(cache / "references.json", used)
    return {key: known[digest] for key, digest in digests.items()}


def _printable(item: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """Only what the style prints, and 'et al.' as an author where more authors exist than were seen."""
    kept = {k: v for k, v in item.items() if k not in ("DOI", "PMID", "PMCID", "URL", "note")}
    if ("others", "") in entry.authors:
        kept["author"] = [*kept.get("author", []), {"literal": "et al"}]
    return kept


def _digest(style: str, item: dict[str, Any]) -> str:
    content = json.dumps([_CACHE_VERSION, style, item], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def _read_cache(file: Path) -> dict[str, str]:
    """What was kept, or nothing where a byte of it is not as it was written."""
    try:
        seal, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return {}
    return json.loads(content) if seal == _seal(content) else {}


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _write_cache(file: Path, value: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(value, ensure_ascii=False).encode()
    put(file, _seal(content) + b"\n" + content)


def _run_citeproc(items: list[dict[str, Any]], style: Path) -> dict[str, str]:
    # All works as the document's own metadata: pandoc reads them from its input, nothing is written to disk.
    document = json.dumps(items, ensure_ascii=False)
    command = [pypandoc.get_pandoc_path(), "--from=csljson", "--to=html", "--citeproc", f"--csl={style}", "--wrap=none"]
    run = subprocess.run(command, input=document, capture_output=True, encoding="utf-8", check=False)
    if run.returncode:
        raise RuntimeError(f"citeproc failed: {run.stderr.strip()}")
    found = {m["key"]: _SPAN.sub("", m["html"]) for m in _ENTRY.finditer(run.stdout)}
    lost = [item["id"] for item in items if not found.get(item["id"])]
    if lost:
        raise RuntimeError(f"citeproc gave no text for {', '.join(lost)}")
    return found
