"""Who a synthetic person is, and their two hips: what truly is the matter, the width of the spaces, the pain."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from ischio.record.events import EventSide
from ischio.synthesis.chance import Chance
from ischio.synthesis.chart import Chart
from ischio.synthesis.figures import Figures

NOT_ON_PATHWAY = "not_on_pathway"
DIVERSIONS = ("deceased", "red_flag", "outside_pathway", "other_cause", "narrow_not_symptomatic")
"""Of several that hold the first is told."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a hip truly was from a day on, until its next stay."""

    since: date
    stage: str
    diversion: str | None


class Pain:
    """How much a hip truly hurts, 0 to 10: a level, or on its way from one to another."""

    def __init__(self, level: float, on: date) -> None:
        self._from, self._to = level, level
        self._begins, self._lasts = on, 1

    def at(self, day: date) -> float:
        passed = min(max((day - self._begins).days / self._lasts, 0), 1)
        return self._from + (self._to - self._from) * passed

    def becomes(self, level: float, on: date, within: int) -> None:
        """Moves to another level from a day on, within so many days."""
        self._from, self._to = self.at(on), level
        self._begins, self._lasts = on, max(within, 1)


@dataclass
class Hip:
    """One hip and its true course. condition: what truly is the matter, such as `ifi` or `mimic: hamstring`.

    helped_by: the treatment that would help it. stages: from which day on it was in which. diversions: each from a day
    to another. readings: what was scored on a day, so that it is scored once.
    """

    side: EventSide
    condition: str
    ifs: float
    qfs: float
    muscle_change: bool
    pain: Pain
    helped_by: str = ""
    stages: list[tuple[date, str]] = field(default_factory=list)
    diversions: list[tuple[str, date, date]] = field(default_factory=list)
    readings: dict[date, tuple[int, bool]] = field(default_factory=dict)

    @property
    def stage(self) -> str:
        return self.stages[-1][1] if self.stages else NOT_ON_PATHWAY

    def moves_to(self, stage: str, on: date) -> None:
        self.stages.append((on, stage))

    def diverts(self, diversion: str, since: date, until: date = date.max) -> None:
        """A diversion holds from a day to the day before another."""
        self.diversions.append((diversion, since, until))

    def stay_on(self, last: date) -> Stay:
        """Where it was on a day."""
        return self.course_until(last)[-1]

    def course_until(self, last: date) -> list[Stay]:
        """The course up to a day, from before anything happened: one stay a change, in the order of days."""
        changes = {day for day, _ in self.stages} | {day for _, *days in self.diversions for day in days}
        course = [Stay(date.min, NOT_ON_PATHWAY, None)]
        for day in sorted(day for day in changes if day <= last):
            stage = next((stage for since, stage in reversed(self.stages) if since <= day), NOT_ON_PATHWAY)
            diversion = self._diversion_on(day)
            if (course[-1].stage, course[-1].diversion) != (stage, diversion):
                course.append(Stay(day, stage, diversion))
        return course

    def _diversion_on(self, day: date) -> str | None:
        holding = {name for name, since, until in self.diversions if since <= day < until}
        return next((name for name in DIVERSIONS if name in holding), None)


@dataclass
class Person:
    """A synthetic person. last: the last day of which their record can tell.

    left_care: they did not come back after that day. answers_at_home: they score their pain between visits.
    """

    number: int
    condition: str
    sex: str
    birth: date
    first_visit: date
    last: date
    left_care: bool
    died: date | None
    answers_at_home: bool
    hips: tuple[Hip, Hip]
    chart: Chart

    @property
    def id(self) -> str:
        return f"syn-{self.number}"

    def other(self, hip: Hip) -> Hip:
        return self.hips[1] if hip is self.hips[0] else self.hips[0]

    def age_on(self, day: date) -> int:
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))


def draw_person(number: int, seed: int, on: date, figures: Figures) -> Person:
    """Who they are; nothing has happened to them yet."""
    chance = Chance(seed, number, "who")
    condition = chance.weighted(figures.choices["condition"])
    if condition in ("mimic", "outside"):
        condition = f"{condition}: {chance.weighted(figures.choices[condition])}"
    back = figures.first_visit_back_most * chance.between(0, 1) ** figures.first_visit_back_bent
    first = on - timedelta(days=int(back))
    sex = (
        "female"
        if chance.happens(figures.female_of_ifi if condition == "ifi" else figures.female_of_others)
        else "male"
    )
    last, left, died = _until(chance, condition, first, on, figures)
    birth = _birth(chance, condition, first, figures)
    hips = _hips(chance, condition, sex, first, figures)
    at_home = chance.happens(figures.answers_at_home)
    return Person(number, condition, sex, birth, first, last, left, died, at_home, hips, Chart())


def _until(chance: Chance, condition: str, first: date, on: date, figures: Figures) -> tuple[date, bool, date | None]:
    """The last day that can be told, whether they left care, and when they died."""
    some_day = chance.after(first, 0, max((on - first).days, 0))
    if chance.happens(figures.dies):
        return some_day, False, some_day
    # A child who left care would grow up unseen, and its truth with it.
    if condition != "outside: child" and chance.happens(figures.leaves_care):
        return some_day, True, None
    return on, False, None


def _birth(chance: Chance, condition: str, first: date, figures: Figures) -> date:
    if condition == "outside: child":
        age = chance.between(11, 17.5)
    elif condition == "ifi":
        mean, deviation = figures.age_of_ifi_mean, figures.age_of_ifi_deviation
        age = chance.normal(mean, deviation, figures.age_of_ifi_least, figures.age_of_ifi_most)
    else:
        age = chance.normal(figures.age_of_others_mean, figures.age_of_others_deviation, 18, 92)
    return first - timedelta(days=int(age * 365.25) + chance.whole(0, 364))


def _hips(chance: Chance, condition: str, sex: str, first: date, figures: Figures) -> tuple[Hip, Hip]:
    """Right and left hip. What concerns one alone falls on either side."""
    both = condition == "healthy" or (condition in ("ifi", "narrow") and chance.happens(figures.both_hips))
    affected = {EventSide.RIGHT, EventSide.LEFT} if both else {chance.one_of((EventSide.RIGHT, EventSide.LEFT))}
    other = "narrow" if condition == "ifi" and chance.happens(figures.other_hip_narrow) else "healthy"
    right, left = (
        _hip(chance, side, condition if side in affected else other, sex, first, figures)
        for side in (EventSide.RIGHT, EventSide.LEFT)
    )
    return right, left


def _hip(chance: Chance, side: EventSide, condition: str, sex: str, first: date, figures: Figures) -> Hip:
    ifi, narrow = condition == "ifi", condition == "narrow"
    shift = 0.0 if ifi else figures.ifs_women_less_than_men / 2 * (1 if sex == "male" else -1)
    group = "ifi" if ifi or narrow else "controls"
    numbers = figures.numbers
    most = figures.narrow_ifs if narrow else figures.ifs_most
    ifs = chance.normal(
        numbers[f"ifs_of_{group}_mean"] + shift, numbers[f"ifs_of_{group}_deviation"], figures.ifs_least, most
    )
    qfs = chance.normal(numbers[f"qfs_of_{group}_mean"], numbers[f"qfs_of_{group}_deviation"], 4, 30)
    change = chance.happens(figures.muscle_change_of_ifi if ifi else figures.muscle_change_of_others)
    hurts = condition == "ifi" or condition.startswith(("mimic", "outside"))
    level = chance.normal(figures.pain_before_mean, figures.pain_before_deviation, 4.2, 9.5) if hurts else 0.0
    helped = chance.weighted(figures.choices["helped_by"])
    return Hip(side, condition, ifs, qfs, change, Pain(level, first), helped)
