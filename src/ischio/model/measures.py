"""What is counted over many hips: measures of care, and how scores and times went on. Nothing is computed here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ischio.model.about import About
from ischio.model.expression import Expression
from ischio.model.facts import Interval


class Better(Enum):
    """Whether more of it is the better care (or state), or less."""

    HIGHER = "higher"
    LOWER = "lower"


class Days(Enum):
    """On which of its days a hip is judged: the newest, or every one."""

    NEWEST = "newest"
    EVERY = "every"


class Standing(Enum):
    """How a hip stands to a measure, in the order in which one of several days decides for the hip.

    not_counted: it is not of those that the measure speaks of. unclear: it cannot be told whether it is.
    """

    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    UNCLEAR = "unclear"
    MET = "met"
    EXCLUDED = "excluded"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True, slots=True)
class Measure:
    """A question about the care of a hip on a day, with its answers counted over many hips.

    on: the date fact on whose day it is asked; None for the date of the cohort. recorded: the yes-or-no fact that says
    the thing happened, so that a hip without a known day is not lost. days: which of several such days.
    counts: of which hips it is asked; leaves_out: of which not, with good reason; met: the answer.
    The conditions name criteria and yes-or-no facts only: a comparison belongs in a criterion.
    """

    id: str
    about: About
    counts: Expression
    met: Expression
    better: Better
    leaves_out: Expression | None = None
    on: str | None = None
    recorded: str | None = None
    days: Days = Days.NEWEST


# ---- how scores and times went on -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Milestone:
    """The first index date on which a hip is in a stage, that is the day of a date fact, or on which a condition holds.

    stage or day_of is given, or neither; when: the condition, which must hold besides.
    """

    id: str
    about: About
    stage: str | None = None
    day_of: str | None = None
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """How far back of a milestone a reading may lie to be the one from which change is told."""

    about: About
    before: Interval


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A time after a milestone, and the window in which a reading counts for it: from `first` to `last`."""

    id: str
    about: About
    first: Interval
    target: Interval
    last: Interval


class ThresholdOf(Enum):
    """What a threshold is held against: the improvement in points, as a share of the baseline, or the value reached."""

    CHANGE = "change"
    SHARE = "share"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A borrowed mark; the parameter carries its label, its evidence and so the population it comes from."""

    parameter: str
    of: ThresholdOf


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score and how it changes. value: the number fact; read_on: the date fact of its reading; since: milestones."""

    id: str
    about: About
    value: str
    read_on: str
    better: Better
    since: tuple[str, ...]
    thresholds: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeTo:
    """The time from one milestone to another; competing: milestones after which the other is no longer awaited."""

    id: str
    about: About
    since: str
    to: str
    competing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All that is told of how hips went on, by id and in the order of the file."""

    baseline: Baseline
    milestones: Mapping[str, Milestone]
    follow_ups: Mapping[str, FollowUp]
    scores: Mapping[str, Outcome]
    times: Mapping[str, TimeTo]
