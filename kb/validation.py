"""Turns front matter into records, or into problems with the line of the offending value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from kb.pages import Page
from kb.problems import Problem, nearest
from kb.records import PageMeta


def validate(page: Page) -> tuple[PageMeta | None, list[Problem]]:
    """The front matter of a page as a record, or the reasons why it is none."""
    try:
        return PageMeta.model_validate(page.meta), []
    except ValidationError as error:
        return None, list(_problems(error, page))


def _problems(error: ValidationError, page: Page) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        place = tuple(part for part in fault["loc"])
        code, message = _words(fault, place)
        yield Problem(page.path, page.line_of(place), code, message)


def _words(fault: Any, place: tuple[Any, ...]) -> tuple[str, str]:
    kind, value, name = fault["type"], shown(fault["input"]), str(place[-1]) if place else ""
    if kind == "extra_forbidden":
        if name == "level":
            return "KB103", "'level' is computed from the designs of the sources; remove it"
        return "KB103", f"'{name}' is not a field here; {suggestion(name, fields_at(place[:-1]))}"
    if kind == "missing":
        return "KB105", f"'{name}' is missing; add '{name}: ...'"
    if isinstance(place[-1], int):
        name = f"{place[-2]} {place[-1] + 1}" if len(place) > 1 else name
    if kind == "literal_error":
        allowed = [word.strip("'\"") for word in _allowed(fault)]
        return "KB104", f"{name}: '{value}' is not known here; {suggestion(str(fault['input']), allowed)}"
    if kind == "string_pattern_mismatch":
        return "KB104", f"{name}: '{value}' is not valid; {_FORMS.get(name, 'letters, digits and hyphens only')}"
    if kind == "model_type":
        return "KB104", f"{name}: '{value}' is not a record; write its fields in braces, such as {{name: ...}}"
    if kind.startswith("date"):
        return "KB104", f"{name}: '{value}' is not a date; write it as 2026-11-23"
    said = str(fault["msg"])
    return "KB104", f"{name}: '{value}' is not valid: {said[:1].lower()}{said[1:]}"


_FORMS = {
    "id": "lower-case letters, digits and hyphens, beginning with a letter",
    "start": "write it as 2019, 2019-04 or 2019-04-05",
    "end": "write it as 2019, 2019-04 or 2019-04-05",
}
"""What a text of a fixed form looks like, by field."""


def _allowed(fault: Any) -> list[str]:
    expected = str(fault["ctx"]["expected"])
    head, _, last = expected.rpartition(" or ")
    return [*(head.split(", ") if head else []), last]


def fields_at(place: tuple[Any, ...]) -> list[str]:
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
