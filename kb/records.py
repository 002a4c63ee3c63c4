"""Says what the front matter of a page may hold: the schema and its error words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kb.pages import Page
from kb.problems import Problem, nearest

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

AREAS = ("mechanisms", "cancer", "gvhd", "exosomes", "combination", "foundations")
"""Folders whose pages state findings: they carry a summary and a date of review."""


class Record(BaseModel):
    """Base of all records: a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageMeta(Record):
    """Front matter of any page."""

    title: Text = Field(description="Heading of the page and its name in menus and search.")
    description: Text = Field(
        max_length=200, description="One sentence for search engines and link previews, at most 200 characters."
    )
    summary: list[Text] = Field(
        default=[],
        min_length=3,
        max_length=3,
        description="Three sentences in plain language, shown at the top of the page.",
    )
    reviewed: date | None = Field(
        default=None, description="Day on which the page was last checked against its sources."
    )
    review_due: date | None = Field(default=None, description="Day by which it should be checked again.")


def validate(page: Page) -> tuple[PageMeta | None, list[Problem]]:
    """The front matter of a page as a record, or the reasons why it is none."""
    try:
        return PageMeta.model_validate(page.meta), []
    except ValidationError as error:
        return None, list(_problems(error, page))


def _problems(error: ValidationError, page: Page) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        place = tuple(part for part in fault["loc"])
        name = ".".join(str(part) for part in place)
        line = page.line_of(place)
        code, message = _words(fault["type"], name, fault, _fields_at(place[:-1]))
        yield Problem(page.path, line, code, message)


def _words(kind: str, name: str, fault: Any, fields: list[str]) -> tuple[str, str]:
    value = shown(fault["input"])
    if kind == "extra_forbidden":
        return "KB103", f"'{name}' is not a field here; {suggestion(name.rpartition('.')[2], fields)}"
    if kind == "missing":
        return "KB105", f"'{name}' is missing; add '{name.rpartition('.')[2]}: ...'"
    if kind.startswith("date"):
        return "KB104", f"{name}: '{value}' is not a date; write it as 2026-11-23"
    return "KB104", f"{name}: '{value}' is not valid: {fault['msg'][:1].lower()}{fault['msg'][1:]}"


def _fields_at(place: tuple[Any, ...]) -> list[str]:
    """Names of the fields that a record at this place may have."""
    model: Any = PageMeta
    for part in place:
        if isinstance(part, str) and part in getattr(model, "model_fields", {}):
            model = _model_in(model.model_fields[part].annotation)
    return list(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    """The record class inside `list[Claim]`, `Claim | None` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model), None)


def suggestion(word: str, known: list[str]) -> str:
    """'did you mean ...?' or the list of what is known."""
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else f"use one of {', '.join(known)}"


def shown(value: Any) -> str:
    """A value as it goes into a message: one line, at most 60 characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
