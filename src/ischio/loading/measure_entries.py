"""measures.yaml as declared: which keys each entry has, of what kind, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from ischio.loading.entries import Names, Rule
from ischio.loading.shapes import Entry, Loose, Name
from ischio.loading.yaml_lines import Written
from ischio.model.measures import Better, Days, ThresholdOf


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureEntry(Rule):
    """A question about the care of a hip, counted over many."""

    KIND: ClassVar[str] = "measure"
    on: Annotated[Name | None, "The date fact on whose day it is asked; left out: the date of the cohort."] = None
    recorded: Annotated[Name | None, "With `on`: the yes-or-no fact that says it happened."] = None
    days: Annotated[Days, "With `on`: the newest of several days, or every one. Default: newest."] = Days.NEWEST
    counts: Annotated[Loose, "Of which hips it is asked, a line of the CQL subset without comparisons."]
    leaves_out: Annotated[Loose | None, "Of which of them it is not asked, with good reason."] = None
    met: Annotated[Loose, "The answer, a line of the CQL subset without comparisons."]
    better: Better = Better.HIGHER


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneEntry(Rule):
    """The first day in a stage, of a date fact, or on which a condition holds."""

    KIND: ClassVar[str] = "milestone"
    stage: Name | None = None
    day_of: Annotated[Name | None, "A date fact."] = None
    when: Annotated[Loose | None, "A condition without comparisons that holds, alone or besides."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineEntry(Rule):
    """How far before a milestone the first reading may lie."""

    before: Annotated[Written, "A duration, or a parameter that is one."]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpEntry(Rule):
    """A time after a milestone, and the window around it."""

    KIND: ClassVar[str] = "follow-up"
    first: Annotated[Written, "When the window opens: a duration, or a parameter that is one."]
    target: Annotated[Written, "The time meant; of several readings the nearest to it counts."]
    last: Annotated[Written, "When the window closes."]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdEntry(Entry):
    """A borrowed mark."""

    parameter: Name
    of: Annotated[ThresholdOf, "Held against the improvement, its share of the baseline, or the value reached."]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEntry(Rule):
    """A score whose change is told."""

    KIND: ClassVar[str] = "outcome"
    value: Annotated[Name, "The number fact."]
    read_on: Annotated[Name, "The date fact of its newest reading."]
    better: Better
    since: Annotated[Names, "Milestones from which change is told."]
    thresholds: tuple[ThresholdEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToEntry(Rule):
    """The time from one milestone to another."""

    KIND: ClassVar[str] = "time"
    since: Name
    to: Name
    competing: Annotated[Names, "Milestones after which it is no longer awaited."] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresEntry(Entry):
    """Measures of care, and outcomes."""

    measures: Mapping[Name, MeasureEntry] = field(default_factory=dict)
    baseline: BaselineEntry | None = None
    milestones: Mapping[Name, MilestoneEntry] = field(default_factory=dict)
    follow_ups: Mapping[Name, FollowUpEntry] = field(default_factory=dict)
    outcomes: Mapping[Name, OutcomeEntry] = field(default_factory=dict)
    times: Mapping[Name, TimeToEntry] = field(default_factory=dict)
