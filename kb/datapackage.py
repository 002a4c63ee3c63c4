"""Writes the tables as CSV, JSON and a Data Package that describes them (https://datapackage.org/standard/, v2)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from html import escape
from typing import Any

from kb.datasets import Row, Table, tables
from kb.html import link, table
from kb.pages import Page
from kb.project import Project

_PROFILE = "https://datapackage.org/profiles/2.0/"


def listing(project: Project, base: Page) -> str:
    """All downloads with their number of rows, and the meaning of every column."""
    made = tables(project)
    rows = [
        ("", [escape(t.title), str(len(t.rows)), f"{link(f'data/{t.name}.csv', 'CSV')} {link(f'data/{t.name}.json', 'JSON')}"])
        for t in made
    ]
    columns = [
        ("", [f"<code>{t.name}.{field['name']}</code>", escape(field["type"]), escape(field["description"])])
        for t in made
        for field in t.fields
    ]
    return table("Downloads", ["Table", "Rows", "Files"], rows) + table("Columns", ["Column", "Type", "Meaning"], columns)


def files(project: Project) -> Iterator[tuple[str, str]]:
    """(path in the site, content) of all data files."""
    made = tables(project)
    for each in made:
        yield f"data/{each.name}.csv", as_csv(each)
        rows = [_ordered(each, row) for row in each.rows]
        yield f"data/{each.name}.json", json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    yield "data/datapackage.json", json.dumps(descriptor(made), ensure_ascii=False, indent=1) + "\n"


def _ordered(each: Table, row: Row) -> Row:
    return {field["name"]: row.get(field["name"]) for field in each.fields}


def as_csv(each: Table) -> str:
    """The table as CSV (RFC 4180, UTF-8); an empty cell is a missing value."""
    text = io.StringIO()
    names = [field["name"] for field in each.fields]
    writer = csv.DictWriter(text, names, lineterminator="\r\n")
    writer.writeheader()
    for row in each.rows:
        writer.writerow({name: _cell(row.get(name)) for name in names})
    return text.getvalue()


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def descriptor(made: list[Table]) -> dict[str, Any]:
    """The Data Package descriptor."""
    return {
        "$schema": f"{_PROFILE}datapackage.json",
        "name": "msc-nk-knowledge-base",
        "title": "MSC\u2013NK Knowledge Base: claims, interactions, trials and references",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": [_resource(each) for each in made],
    }


def _resource(each: Table) -> dict[str, Any]:
    keys = [
        {"fields": [field], "reference": {"resource": resource, "fields": [there]}}
        for field, resource, there in each.foreign_keys
    ]
    schema: dict[str, Any] = {"$schema": f"{_PROFILE}tableschema.json", "fields": each.fields, "primaryKey": each.primary_key}
    return {
        "$schema": f"{_PROFILE}dataresource.json",
        "name": each.name,
        "title": each.title,
        "type": "table",
        "path": f"{each.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema | ({"foreignKeys": keys} if keys else {}),
    }
