"""Lays the records out as tables of open data: rows, and the Table Schema of every column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kb import vocabulary as words
from kb.evidence import PlacedClaim, factors, level, percent, wilson
from kb.pages import Page
from kb.project import Project
from kb.records import AREAS, Outcome, Trial
from kb.references import sort_key

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A data resource: its Table Schema fields, keys and rows."""

    name: str
    title: str
    fields: list[dict[str, Any]]
    rows: list[Row]
    primary_key: list[str]
    foreign_keys: tuple[tuple[str, str, str], ...] = ()
    """(field, resource, field there)."""


def _field(name: str, description: str, kind: str = "string", **constraints: Any) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "type": kind, "description": description}
    return field | ({"constraints": constraints} if constraints else {})


def _words(name: str, description: str, vocabulary: tuple[str, ...]) -> dict[str, Any]:
    return _field(name, description, enum=list(vocabulary))


def tables(project: Project) -> list[Table]:
    """All data resources of the site."""
    return [_references(project), _claims(project), _support(project), _interactions(project), *_trial_tables(project)]


def _references(project: Project) -> Table:
    names = ["title", "journal", "year", "volume", "number", "pages", "doi", "pmid", "pmcid", "url", "registryid", "species"]
    provenance = ["seenat", "seenon", "confirmed", "status", "notice", "note"]
    rows = [
        {
            "key": entry.key,
            "authors": "; ".join(f"{family}, {given}".rstrip(", ") for family, given in entry.authors),
            **{name: entry.get(name) or None for name in names},
            "designs": "; ".join(entry.designs),
            **{name: entry.get(name) or None for name in provenance},
            "cited_on": "; ".join(page.name for page in project.cited_on.get(entry.key, [])),
        }
        for entry in sorted(project.entry.values(), key=sort_key)
    ]
    fields = [
        _field("key", "Citation key.", required=True, unique=True),
        _field("authors", "Family name, given names; 'others' where more exist than were seen."),
        *(_field(name, f"{name.capitalize()} as in the record; sub- and superscripts as <sub>, <sup>.") for name in names),
        _field("designs", "Study designs, separated by ';'."),
        *(_field(name, f"{name.capitalize()} of the record.") for name in provenance),
        _field("cited_on", "Pages that cite the work."),
    ]
    return Table("references", "Works cited", fields, rows, ["key"])


def _claims(project: Project) -> Table:
    rows = [_claim_row(project, placed) for placed in project.claims]
    fields = [
        _field("id", "Claim id, never reused.", required=True, unique=True),
        _field("page", "Page of the claim, below docs/.", required=True),
        _words("area", "Area of the page.", (*AREAS, "home", "trials", "about")),
        _field("statement", "The claim in one sentence.", required=True),
        _words("level", "Level of evidence, computed from the designs of the supporting works.", words.LEVELS),
        _words("certainty", "Certainty (GRADE), where people were observed.", words.CERTAINTY),
        _field("certainty_reasons", "Reasons for the rating, separated by ';'."),
        _field("would_change", "Result that would overturn or settle it."),
    ]
    return Table("claims", "Claims", fields, rows, ["id"])


def _claim_row(project: Project, placed: PlacedClaim) -> Row:
    claim = placed.claim
    return {
        "id": claim.id,
        "page": placed.page.name,
        "area": placed.area,
        "statement": claim.statement,
        "level": level(claim, project.entry),
        "certainty": claim.certainty.rating if claim.certainty else None,
        "certainty_reasons": "; ".join(claim.certainty.reasons) if claim.certainty else None,
        "would_change": claim.would_change,
    }


def _support(project: Project) -> Table:
    rows = []
    for placed in project.claims:
        rows += [
            {"claim": placed.claim.id, "source": s.source, "role": "for", "locator": s.locator, "design": s.design, "why": None}
            for s in placed.claim.supports
        ]
        rows += [
            {"claim": placed.claim.id, "source": c.source, "role": "against", "locator": c.locator, "design": None, "why": c.why}
            for c in placed.claim.contradicts
        ]
    fields = [
        _field("claim", "Claim id.", required=True),
        _field("source", "Key of the work.", required=True),
        _words("role", "Whether the work speaks for or against the claim.", ("for", "against")),
        _field("locator", "Where in the work it stands."),
        _words("design", "Design of the work that the claim rests on, where it has several.", words.DESIGNS),
        _field("why", "What a work that speaks against it found."),
    ]
    keys = (("claim", "claims", "id"), ("source", "references", "key"))
    return Table("support", "Works for and against each claim", fields, rows, ["claim", "source", "role", "locator"], keys)


def _interactions(project: Project) -> Table:
    rows = []
    for placed in project.claims:
        it = placed.claim.interaction
        if it:
            rows.append(
                {
                    "claim": placed.claim.id,
                    **{name: getattr(it, name) for name in ("actor", "target")},
                    "factor": " + ".join(factors(it)),
                    **{name: getattr(it, name) for name in ("effect", "outcome")},
                    **it.conditions.model_dump(),
                }
            )
    conditions = ["msc_source", "msc_state", "nk_source", "nk_state", "contact", "ratio", "duration", "species", "model"]
    fields = [
        _field("claim", "Claim id.", required=True, unique=True),
        _words("actor", "Cell or vesicle that acts.", words.CELLS),
        _words("target", "Cell that is acted on.", words.CELLS),
        _field("factor", "What carries the effect; several joined by ' + '."),
        _words("effect", "Direction of the change in the target.", words.EFFECTS),
        _words("outcome", "What changes in the target.", words.OUTCOMES),
        *(_field(name, f"Condition: {name.replace('_', ' ')}.") for name in conditions),
    ]
    return Table("interactions", "What one cell does to the other", fields, rows, ["claim"], (("claim", "claims", "id"),))


def _trial_tables(project: Project) -> list[Table]:
    placed = sorted(project.trials, key=lambda item: item[0].name)
    trials = [_trial_row(page, trial) for page, trial in placed]
    outcomes = [
        {"trial": page.stem, "number": index, **_outcome_row(outcome)}
        for page, trial in placed
        for index, outcome in enumerate(trial.outcomes, 1)
    ]
    harms = [
        {"trial": page.stem, "number": index, **harm.model_dump()}
        for page, trial in placed
        for index, harm in enumerate(trial.harms, 1)
    ]
    to_trial, to_reference = ("trial", "trials", "id"), ("source", "references", "key")
    return [
        Table("trials", "Trials and registrations", _TRIAL_FIELDS, trials, ["id"]),
        Table("outcomes", "Results of trials", _OUTCOME_FIELDS, outcomes, ["trial", "number"], (to_trial, to_reference)),
        Table("harms", "Harms in trials", _HARM_FIELDS, harms, ["trial", "number"], (to_trial, to_reference)),
    ]


def _trial_row(page: Page, trial: Trial) -> Row:
    row = trial.model_dump(exclude={"outcomes", "harms", "dose", "arms"})
    lists = {name: "; ".join(row[name]) or None for name in ("registry", "cells", "country", "sources")}
    arms = "; ".join(f"{arm.name}: {arm.n}" if arm.n is not None else arm.name for arm in trial.arms)
    dose = {"dose_amount": trial.dose.amount if trial.dose else None, "dose_unit": trial.dose.unit if trial.dose else None}
    return {"id": page.stem} | row | lists | dose | {"arms": arms or None, "status_seen": trial.status_seen.isoformat()}


def _outcome_row(outcome: Outcome) -> Row:
    row = outcome.model_dump()
    share = percent(outcome)
    if outcome.events is not None and outcome.total:
        row["low"], row["high"] = (round(bound, 1) for bound in wilson(outcome.events, outcome.total))
    return row | {"percent": None if share is None else round(share, 1), "computed": outcome.events is not None}


_TRIAL_ENUMS = {
    "phase": words.PHASES,
    "design": words.TRIAL_DESIGNS,
    "disease": words.DISEASES,
    "purpose": words.PURPOSES,
    "tissue_source": words.TISSUES,
    "donor": words.DONORS,
    "status": words.STATUSES,
}


def _trial_fields() -> list[dict[str, Any]]:
    own = [_field("id", "Registry id, or key of the report; name of the page.", required=True, unique=True)]
    for name, info in Trial.model_fields.items():
        text = info.description or name
        if name in ("outcomes", "harms"):
            continue
        if name == "dose":
            own += [_field("dose_amount", "Dose as reported."), _field("dose_unit", "Unit of the dose.")]
        elif name in _TRIAL_ENUMS:
            own.append(_words(name, text, _TRIAL_ENUMS[name]))
        else:
            kind = {"n": "integer", "n_planned": "integer", "status_seen": "date"}.get(name, "string")
            own.append(_field(name, text, kind))
    return own


_TRIAL_FIELDS = _trial_fields()
_NUMBERED = [_field("trial", "Id of the trial.", required=True), _field("number", "Number of the row in its trial.", "integer")]
_OUTCOME_FIELDS = [
    *_NUMBERED,
    *(
        _field(
            name,
            {
                "percent": "Per cent: computed from the counts, else as reported.",
                "low": "Lower bound, 95 %: Wilson interval of the counts, else as reported.",
                "high": "Upper bound, 95 %: Wilson interval of the counts, else as reported.",
            }.get(name, info.description or name),
            {"events": "integer", "total": "integer", "primary": "boolean", "met": "boolean"}.get(
                name, "number" if name in ("percent", "value", "low", "high") else "string"
            ),
        )
        for name, info in Outcome.model_fields.items()
    ),
    _field("computed", "Whether percent and interval are computed from counts.", "boolean"),
]
_HARM_FIELDS = [
    *_NUMBERED,
    _field("event", "What happened."),
    _field("arm", "Name of the arm."),
    _field("events", "People with the event.", "integer", minimum=0),
    _field("total", "People exposed.", "integer", minimum=1),
    _field("source", "Key of the work."),
    _field("locator", "Where in the work it stands."),
]
