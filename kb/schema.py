"""Documents the records: JSON Schema for editors, and the tables of fields in the contributing guide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from html import escape
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from kb import records
from kb.html import table
from kb.pages import Page
from kb.project import Project
from kb.vocabulary import FACTORS

_DOCUMENTED = (
    *(records.PageMeta, records.Claim, records.Interaction, records.Conditions, records.Support, records.Contradiction),
    *(
        records.Certainty,
        records.Trial,
        records.Arm,
        records.Dose,
        records.Outcome,
        records.Harm,
        records.Acknowledgement,
        records.Change,
    ),
)
"""Records in the order of the guide."""


def json_schema() -> str:
    """JSON Schema of the front matter, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | records.PageMeta.model_json_schema()
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def field_tables(project: Project, base: Page) -> str:
    """One table per record: field, whether it is needed, what it may hold, what it says."""
    factors = table(
        "Factors of interactions", ["Factor"], [("", [f"<code>{escape(word)}</code>"]) for word in FACTORS], "factors"
    )
    return "\n".join(_table(model) for model in _DOCUMENTED) + factors


def _table(model: type[BaseModel]) -> str:
    rows = [
        (
            "",
            [
                f"<code>{name}</code>",
                "yes" if info.is_required() else "",
                _holds(info.annotation),
                escape(info.description or ""),
            ],
        )
        for name, info in model.model_fields.items()
    ]
    first = (model.__doc__ or "").split("\n")[0].rstrip(".")
    return table(f"{model.__name__}: {first}", ["Field", "Needed", "Holds", "Meaning"], rows, f"fields-{model.__name__.lower()}")


def _holds(annotation: Any) -> str:
    """What a field may hold, in words."""
    words = _literals(annotation)
    if words:
        return "one of: " + "; ".join(f"<code>{escape(word)}</code>" for word in words)
    kinds = set(_kinds(annotation))
    many = "list of " if list in kinds else ""
    record = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
    if record:
        return f'{many}<a href="#fields-{record.__name__.lower()}">{record.__name__}</a>'
    return many + next((name for kind, name in _NAMES.items() if kind in kinds), "text")


_NAMES = {bool: "true or false", int: "whole number", float: "number", date: "date"}


def _literals(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    return [value for argument in get_args(annotation) for value in _literals(argument)]


def _kinds(annotation: Any) -> Iterator[type]:
    """Every class in an annotation: list[Text] | None is list, str and NoneType."""
    if isinstance(annotation, type):
        yield get_origin(annotation) or annotation
    elif get_origin(annotation) in (list, dict):
        yield get_origin(annotation)
    for argument in get_args(annotation):
        yield from _kinds(argument)
