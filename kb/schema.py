"""Documents the records: JSON Schema for editors, and the tables of fields in the contributing guide."""

from __future__ import annotations

import json
from html import escape
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from kb import records
from kb.html import table
from kb.pages import Page
from kb.project import Project

_DOCUMENTED = (
    *(records.PageMeta, records.Claim, records.Interaction, records.Conditions, records.Support, records.Contradiction),
    *(records.Certainty, records.Trial, records.Arm, records.Dose, records.Outcome, records.Harm, records.Acknowledgement),
)
"""Records in the order of the guide."""


def json_schema() -> str:
    """JSON Schema of the front matter, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | records.PageMeta.model_json_schema()
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def field_tables(project: Project, base: Page) -> str:
    """One table per record: field, whether it is needed, what it may hold, what it says."""
    return "\n".join(_table(model) for model in _DOCUMENTED)


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
    words = [value for value in _literals(annotation)]
    if words:
        return "one of: " + ", ".join(f"<code>{escape(word)}</code>" for word in words)
    inner = _record(annotation)
    many = "list of " if get_origin(annotation) is list else ""
    if inner:
        return many + f'<a href="#fields-{inner.__name__.lower()}">{inner.__name__}</a>'
    return many + next((name for kind, name in _NAMES.items() if kind in str(annotation)), "text")


_NAMES = {"bool": "true or false", "int": "whole number", "float": "number", "date": "date"}


def _literals(annotation: Any) -> list[str]:
    if type(annotation).__name__ == "_LiteralGenericAlias":
        return [str(value) for value in get_args(annotation)]
    return [value for argument in get_args(annotation) for value in _literals(argument)]


def _record(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _record(argument))), None)
