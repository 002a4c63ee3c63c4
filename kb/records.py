"""Says what a page, a claim, an interaction and a trial are: the schema of all front matter.

The descriptions of the fields are the documentation: the contributing guide and the JSON Schema are made from them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from kb import vocabulary as words


def _as_text(value: object) -> object:
    """A number or date without quotes is text where text is asked for."""
    return str(value) if isinstance(value, (int, float, date)) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text), StringConstraints(strip_whitespace=True, min_length=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
PartialDate = Annotated[Text, StringConstraints(pattern=r"^(19|20)\d{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]

AREAS = ("mechanisms", "cancer", "gvhd", "exosomes", "combination", "foundations")
"""Folders whose pages state findings: they carry a summary and a date of review."""


class Record(BaseModel):
    """Base of all records: a field that is not known is an error, a value keeps its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Support(Record):
    """A source that supports a claim."""

    source: Key = Field(description="Key of the work in the bibliography; the page cites it too.")
    locator: Text = Field(description="Where in the work it stands: Abstract, Table 2, p. 5, Registry record.")
    design: Literal[words.DESIGNS] | None = Field(
        default=None,
        description="Where a work has several designs: the one the claim rests on (else the weakest).",
    )


class Contradiction(Record):
    """A source that speaks against a claim."""

    source: Key = Field(description="Key of the work in the bibliography; the page cites it too.")
    locator: Text = Field(description="Where in the work it stands.")
    why: Text = Field(description="What it found instead, in a few words.")


class Certainty(Record):
    """How sure the body of human evidence makes us (GRADE)."""

    rating: Literal[words.CERTAINTY] = Field(description="high, moderate, low or very low.")
    reasons: list[Text] = Field(min_length=1, description="Why not higher, or why not lower: one short reason each.")


class Conditions(Record):
    """Under which conditions an interaction was seen; what is not stated is left out."""

    msc_source: Literal[words.TISSUES] | None = Field(default=None, description="Tissue of the MSC.")
    msc_state: Text | None = Field(default=None, description="resting, IFN-γ primed, TLR3 primed, thawed, passage ...")
    nk_source: Literal[words.TISSUES] | None = Field(default=None, description="Where the NK cells came from.")
    nk_state: Text | None = Field(default=None, description="fresh, IL-2 activated, IL-15 cultured ...")
    contact: Text | None = Field(default=None, description="co-culture, transwell, supernatant, in vivo ...")
    ratio: Text | None = Field(default=None, description="MSC:NK, such as 1:10.")
    duration: Text | None = Field(default=None, description="Length of contact, such as 6 days.")
    species: Text | None = Field(default=None, description="human, mouse; donor and host where they differ.")
    model: Text | None = Field(default=None, description="Culture system, animal model or patients, with n.")


class Interaction(Record):
    """What one cell does to the other."""

    actor: Literal[words.CELLS] = Field(description="The cell or vesicle that acts.")
    target: Literal[words.CELLS] = Field(description="The cell that is acted on.")
    factor: Text = Field(description="What carries the effect; several joined by ' + '.")
    effect: Literal[words.EFFECTS] = Field(description="Direction of the change in the target.")
    outcome: Literal[words.OUTCOMES] = Field(description="What changes in the target.")
    conditions: Conditions = Field(default=Conditions(), description="Under which conditions it was seen.")


class Claim(Record):
    """One statement that can be cited, with what speaks for and against it."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")] = Field(
        description="Unique in the whole site, lower case with hyphens; never reused."
    )
    statement: Text = Field(description="One sentence: what was found, in whom or what, no more and no less.")
    interaction: Interaction | None = Field(default=None, description="Where one cell acts on the other.")
    supports: list[Support] = Field(min_length=1, description="The sources that show it.")
    contradicts: list[Contradiction] = Field(default=[], description="The sources that speak against it.")
    would_change: Text | None = Field(default=None, description="The result that would overturn or settle it.")
    certainty: Certainty | None = Field(default=None, description="Only where human outcome data stand behind it.")


class Arm(Record):
    """A group of a trial."""

    name: Text = Field(description="Short name, used by outcomes and harms.")
    n: int | None = Field(default=None, ge=0, description="Number of people in it.")
    treatment: Text | None = Field(default=None, description="What the group was given.")


class Outcome(Record):
    """A result of a trial, as a count or as a value."""

    name: Text = Field(description="What was measured, such as overall response.")
    time: Text | None = Field(default=None, description="When, such as day 28.")
    arm: Text = Field(description="Name of the arm, or 'difference' for a comparison of arms.")
    events: int | None = Field(default=None, ge=0, description="Number of people with the outcome.")
    total: int | None = Field(default=None, ge=1, description="Number of people it was measured in.")
    percent: float | None = Field(default=None, ge=0, le=100, description="Only where no counts are given: as reported.")
    value: float | None = Field(default=None, description="For measures that are not proportions.")
    unit: Text | None = Field(default=None, description="Unit or measure of the value: months, hazard ratio ...")
    low: float | None = Field(default=None, description="Lower bound of the interval as reported.")
    high: float | None = Field(default=None, description="Upper bound of the interval as reported.")
    p: Text | None = Field(default=None, description="p value as reported.")
    source: Key = Field(description="Key of the work.")
    locator: Text = Field(description="Where in the work it stands.")
    primary: bool = Field(default=False, description="Whether it is the primary endpoint.")
    met: bool | None = Field(default=None, description="For the primary endpoint: whether it was met.")


class Harm(Record):
    """An adverse event of a trial, with its denominator."""

    event: Text = Field(description="What happened, such as infusion reaction.")
    arm: Text = Field(description="Name of the arm.")
    events: int = Field(ge=0, description="Number of people with the event.")
    total: int = Field(ge=1, description="Number of people exposed.")
    source: Key = Field(description="Key of the work.")
    locator: Text = Field(description="Where in the work it stands.")


class Dose(Record):
    """A dose with its unit."""

    amount: Text = Field(description="The figure or range as reported.")
    unit: Text = Field(description="Such as 10^6 cells/kg, particles, µg protein.")


class Trial(Record):
    """A trial or registration: one page, named after its registry id (or the key of its report where it has none)."""

    registry: list[Text] = Field(default=[], description="All registry ids; the first is the name of the file.")
    title: Text = Field(description="Title as registered or published.")
    cells: list[Literal[words.CELLS]] = Field(min_length=1, description="What was given: MSC, NK, MSC-EV, NK-EV.")
    modification: Text | None = Field(default=None, description="Gene, virus, drug or cytokine the cells carry.")
    phase: Annotated[Literal[words.PHASES], BeforeValidator(_as_text)] = Field(description="Phase in the registry.")
    design: Literal[words.TRIAL_DESIGNS] = Field(description="randomised, controlled, single-arm ...")
    masking: Text | None = Field(default=None, description="open, double-blind ...")
    disease: Literal[words.DISEASES] = Field(description="Group of the condition, for filters.")
    condition: Text = Field(description="The condition in the trial's own terms.")
    population: Text | None = Field(default=None, description="Who was included: age, stage, earlier treatment.")
    purpose: Literal[words.PURPOSES] = Field(description="treatment, prevention or support.")
    product: Text | None = Field(default=None, description="Name of the product.")
    tissue_source: Literal[words.TISSUES] = Field(description="Tissue that the cells came from.")
    donor: Literal[words.DONORS] = Field(default="not stated", description="Relation of donor and patient.")
    dose: Dose | None = Field(default=None, description="Dose with its unit.")
    route: Text | None = Field(default=None, description="intravenous, inhaled, topical ...")
    schedule: Text | None = Field(default=None, description="Number and spacing of doses.")
    n_planned: int | None = Field(default=None, ge=0, description="People planned, from the registry.")
    n: int | None = Field(default=None, ge=0, description="People enrolled, from the registry or the report.")
    arms: list[Arm] = Field(default=[], description="The groups.")
    start: PartialDate | None = Field(default=None, description="Start: 2019, 2019-04 or 2019-04-05.")
    end: PartialDate | None = Field(default=None, description="Completion, actual or planned.")
    status: Literal[words.STATUSES] = Field(description="Status in the registry.")
    status_seen: date = Field(description="Day on which the status was seen.")
    sponsor: Text | None = Field(default=None, description="Sponsor.")
    country: list[Text] = Field(default=[], description="Countries.")
    primary_endpoint: Text | None = Field(default=None, description="The primary endpoint in words.")
    primary_met: Literal["yes", "no", "not reported"] | None = Field(
        default=None, description="Needed when an outcome is marked primary, and the same as there."
    )
    outcomes: list[Outcome] = Field(default=[], description="Results.")
    harms: list[Harm] = Field(default=[], description="Adverse events with denominators.")
    sources: list[Key] = Field(min_length=1, description="Works that report the trial; the page cites them.")
    differences: Text | None = Field(default=None, description="Where registry and report do not agree.")


class Acknowledgement(Record):
    """A decision to go on resting on a retracted work."""

    source: Key = Field(description="Key of the retracted work.")
    reason: Text = Field(description="Why the page still rests on it, or shows it.")


class Change(Record):
    """An entry of the change list: what a returning reader should know."""

    on: date = Field(description="Day on which it was published.")
    title: Text = Field(description="What changed, in a few words.")
    text: Text = Field(description="What is new, corrected or withdrawn, and why, in one to three sentences.")
    page: Text | None = Field(default=None, description="The page where it can be read, such as cancer/index.md.")


class PageMeta(Record):
    """Front matter of any page."""

    title: Text = Field(description="Heading of the page and its name in menus and search.")
    description: Text = Field(max_length=200, description="One sentence for search engines, at most 200 characters.")
    summary: list[Text] = Field(
        default=[], min_length=3, max_length=3, description="Three sentences in plain language, shown at the top."
    )
    reviewed: date | None = Field(default=None, description="Day on which the page was last checked.")
    review_due: date | None = Field(default=None, description="Day by which it should be checked again.")
    claims: list[Claim] = Field(default=[], description="The claims that the page makes.")
    trial: Trial | None = Field(default=None, description="Only on pages in docs/trials/.")
    acknowledged: list[Acknowledgement] = Field(default=[], description="Retracted works that it knowingly shows.")
    changes: list[Change] = Field(default=[], description="Only in docs/about/whats-new.md: the change list, newest first.")
