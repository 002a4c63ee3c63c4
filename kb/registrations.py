"""Turns a record of ClinicalTrials.gov (API version 2) into the words of our trials, and compares the two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.cleaning import plain
from kb.comparison import Difference
from kb.records import Trial
from kb.vocabulary import STATUSES

NUMBER = re.compile(r"NCT\d{8}", re.I)
SEENAT = "https://clinicaltrials.gov/study/{}"
_DESIGN = {"RANDOMIZED": "randomised", "NON_RANDOMIZED": "controlled", "NA": "single-arm"}
_STUDY_TYPE = {"EXPANDED_ACCESS": "expanded access", "OBSERVATIONAL": "observational"}
_MASKING = {
    "NONE": "open",
    "SINGLE": "single-blind",
    "DOUBLE": "double-blind",
    "TRIPLE": "triple-blind",
    "QUADRUPLE": "quadruple-blind",
}
_PURPOSE = {"TREATMENT": "treatment", "PREVENTION": "prevention", "SUPPORTIVE_CARE": "support"}


@dataclass(frozen=True)
class Registration:
    """A registration; what the record does not tell is empty or None.

    Attributes:
        registry_id: the number that the record gives itself.
        aliases: numbers it had before.
        status: in our words; a word that we do not have as the registry writes it.
        n_planned: people planned, while the count is an estimate.
        n: people enrolled, once the count is final.
        start: 2019-04 or 2019-04-05.
        ends: completion of the study, then of the primary endpoint.
    """

    registry_id: str
    aliases: tuple[str, ...]
    title: str
    official_title: str
    status: str
    phase: str
    design: str
    masking: str
    purpose: str
    condition: str
    n_planned: int | None
    n: int | None
    start: str
    ends: tuple[str, ...]
    sponsor: str
    countries: tuple[str, ...]
    arms: tuple[tuple[str, str], ...]
    primary_endpoint: str


def from_study(section: dict[str, Any]) -> Registration:
    """A registration from the `protocolSection` of a study."""
    enrolment = _part(section, "designModule", "enrollmentInfo")
    count = enrolment.get("count")
    people = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
    actual = enrolment.get("type") == "ACTUAL"
    names, status = _part(section, "identificationModule"), _part(section, "statusModule")
    info = _part(section, "designModule", "designInfo")
    study_type = plain(_part(section, "designModule").get("studyType"))
    ends = [_day(status, name) for name in ("completionDateStruct", "primaryCompletionDateStruct")]
    endpoints = _list(_part(section, "outcomesModule").get("primaryOutcomes"))
    places = _list(_part(section, "contactsLocationsModule").get("locations"))
    return Registration(
        registry_id=plain(names.get("nctId")).upper(),
        aliases=tuple(alias.upper() for alias in _words(names.get("nctIdAliases"))),
        title=plain(names.get("briefTitle")),
        official_title=plain(names.get("officialTitle")),
        status=_status(plain(status.get("overallStatus"))),
        phase=_phase(_part(section, "designModule").get("phases")),
        design=_STUDY_TYPE.get(study_type) or _DESIGN.get(plain(info.get("allocation")), "not stated"),
        masking=_MASKING.get(plain(_part(info, "maskingInfo").get("masking")), ""),
        purpose=_PURPOSE.get(plain(info.get("primaryPurpose")), ""),
        condition="; ".join(_words(_part(section, "conditionsModule").get("conditions"))),
        n_planned=None if actual else people,
        n=people if actual else None,
        start=_day(status, "startDateStruct"),
        ends=tuple(filter(None, ends)),
        sponsor=plain(_part(section, "sponsorCollaboratorsModule", "leadSponsor").get("name")),
        countries=tuple(dict.fromkeys(filter(None, (plain(place.get("country")) for place in places)))),
        arms=tuple(_arms(section)),
        primary_endpoint="; ".join(filter(None, map(_endpoint, endpoints))),
    )


def differences(trial: Trial, record: Registration, today: date) -> Iterator[Difference]:
    """Where a trial and its registration do not agree: status, enrolment, dates."""
    message = "{} '{}' is '{}' in the registry; {}"
    if record.status and record.status != trial.status:
        if record.status in STATUSES:
            fix = {"status": record.status, "status_seen": today.isoformat()}
            yield Difference("KB606", "status", message.format("status", trial.status, record.status, "correct it"), fix)
        else:
            added = "add the word to STATUSES in kb/vocabulary.py"
            yield Difference("KB606", "status", message.format("status", trial.status, record.status, added))
    for name in ("n_planned", "n"):
        ours, theirs = getattr(trial, name), getattr(record, name)
        if None not in (ours, theirs) and ours != theirs:
            words = "correct it, or say why in 'differences'"
            yield Difference("KB606", name, message.format(name, ours, theirs, words), warning=bool(trial.differences))
    for name, theirs in (("start", (record.start,) if record.start else ()), ("end", record.ends)):
        ours = getattr(trial, name)
        if ours and theirs and not any(_same_day(ours, day) for day in theirs):
            yield Difference("KB606", name, message.format(name, ours, theirs[0], "correct it"), {name: theirs[0]})


def _same_day(one: str, other: str) -> bool:
    """Dates agree as far as both go: 2019-04 and 2019-04-05."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _part(record: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        value = record.get(name)
        record = value if isinstance(value, dict) else {}
    return record


def _list(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _words(value: object) -> list[str]:
    return [text for text in map(plain, value) if text] if isinstance(value, list) else []


def _status(word: str) -> str:
    ours = word.lower().replace("_", " ")
    return "active, not recruiting" if ours == "active not recruiting" else ours


def _phase(phases: object) -> str:
    words = _words(phases)
    if words == ["EARLY_PHASE1"]:
        return "early 1"
    return "/".join(re.findall(r"\d", " ".join(words))) or "not given"


def _day(status: dict[str, Any], name: str) -> str:
    day = plain(_part(status, name).get("date"))
    return day if re.fullmatch(r"(19|20)\d{2}(-\d{2}(-\d{2})?)?", day) else ""


def _arms(section: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for arm in _list(_part(section, "armsInterventionsModule").get("armGroups")):
        given = [name.partition(": ")[2] or name for name in _words(arm.get("interventionNames"))]
        if plain(arm.get("label")):
            yield plain(arm.get("label")), " + ".join(given)


def _endpoint(outcome: dict[str, Any]) -> str:
    measure, time = plain(outcome.get("measure")), plain(outcome.get("timeFrame"))
    return f"{measure} ({time})" if measure and time else measure
