"""The results of a cohort as tables, with the sums that hold between their counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from ischio.cohort.called import Called
from ischio.cohort.cells import Total
from ischio.cohort.course import Course, Dwelling
from ischio.cohort.positions import PositionCount, StatusCount
from ischio.cohort.tables import Cell, Count, Field, FieldType, Figure, Results, Table
from ischio.cohort.unrecorded import Blocking, Recorded
from ischio.engine.status import Status
from ischio.model.about import Scope
from ischio.model.expression import FactHolds
from ischio.model.pathway import Pathway
from ischio.model.rules import NOT_ON_PATHWAY

TEXT, WHOLE, NUMBER, DATE = FieldType.TEXT, FieldType.WHOLE, FieldType.NUMBER, FieldType.DATE
NO_DIVERSION = "none"
GATES = ("false", "unknown")
REVIEWS = ("overdue", "ahead")
ALL = {"all": "All"}
ON = {"on_pathway": "All on the pathway"}


@dataclass(frozen=True, slots=True)
class Cohort:
    """What was counted. dates: the index dates for everyone, the cohort's date last; course: none if not followed."""

    pathway: Pathway
    dates: tuple[date, ...]
    persons: int
    persons_on_pathway: int
    positions: tuple[PositionCount, ...]
    course: Course | None
    blocking: tuple[Blocking, ...]
    recorded: tuple[Recorded, ...]
    statuses: tuple[StatusCount, ...]

    @property
    def last(self) -> date:
        return self.dates[-1]


def tabulated(cohort: Cohort) -> Results:
    """Every table of where hips stand, how they moved and what is not recorded."""
    tabulator = _Tabulator(cohort)
    tables = [tabulator.people(), tabulator.positions(), tabulator.diversions(), tabulator.reviews()]
    if cohort.course:
        tables += [tabulator.stays(cohort.course), tabulator.moves(cohort.course)]
    tables += [tabulator.blocking(), tabulator.recorded(), tabulator.actions()]
    return Results(tuple(tables), tuple(tabulator.totals), tuple(tabulator.unlisted), tuple(tabulator.spared()))


def stage_titles(pathway: Pathway) -> dict[str, str]:
    """The stages as they are told: those off the pathway, the ordered ones, the others with the last place last."""
    others = reversed([stage for stage in pathway.stages if not stage.ordered])
    return {NOT_ON_PATHWAY: "Not on the pathway"} | {
        stage.id: stage.about.title for stage in (*pathway.ordered_stages, *others)
    }


# ---- keys of counts ---------------------------------------------------------------------------------------------


def hips_key(on: date) -> str:
    return f"hips {on}"


def on_pathway_key(on: date) -> str:
    return f"hips on the pathway {on}"


def stage_key(on: date, stage: str) -> str:
    return f"stage {stage} {on}"


def gate_key(on: date, stage: str, truth: str) -> str:
    """Hips of the stage whose gate ahead is `false` or `unknown`."""
    return f"stage {stage}, gate {truth} {on}"


def through_key(on: date, stage: str) -> str:
    """Hips that are in the ordered stage or a later one."""
    return f"through {stage} {on}"


def diverted_key(on: date, diversion: str, stage: str | None = None) -> str:
    return f"diverted {diversion}{f' in {stage}' if stage else ''} {on}"


def review_key(on: date, stage: str, review: str) -> str:
    return f"stage {stage}, review {review} {on}"


def stays_key(stage: str, what: str) -> str:
    """what: all, moved, censored; of the censored: died, going."""
    return f"stays in {stage}: {what}"


def move_key(start: str, to: str) -> str:
    return f"moves from {start} to {to}"


# ---- tables -----------------------------------------------------------------------------------------------------


class _Tabulator:
    """Makes the tables one by one, and gathers the sums between their counts."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort, self.pathway = cohort, cohort.pathway
        self.called = Called.by(cohort.pathway)
        self.stages = stage_titles(cohort.pathway)
        self.ordered = (NOT_ON_PATHWAY, *(stage.id for stage in cohort.pathway.ordered_stages))
        self.diverting = {each.id: each.about.title for each in cohort.pathway.diversions}
        self.death = _death(cohort.pathway)
        self.totals: list[Total] = []
        self.unlisted: list[Count] = []

    def _count(self, key: str, on: date, **alike: str) -> Count:
        """The hips that stand so on a date. alike: fields of PositionCount."""
        found = (
            each.hips
            for each in self.cohort.positions
            if each.date == on and all(getattr(each, name) == value for name, value in alike.items())
        )
        return Count(key, sum(found))

    def spared(self) -> Iterator[str]:
        """How many there are, and where they are: without these nothing else says much."""
        yield from ("persons", "persons on", "persons off")
        yield from (review_key(self.cohort.last, "all", word) for word in REVIEWS)
        for on in self.cohort.dates:
            yield from (hips_key(on), on_pathway_key(on))
            yield from (stage_key(on, stage) for stage in self.stages)
            yield from (through_key(on, stage) for stage in self.ordered)

    def people(self) -> Table:
        cohort = self.cohort
        on, off = cohort.persons_on_pathway, cohort.persons - cohort.persons_on_pathway
        rows = (
            ("all", Count("persons", cohort.persons)),
            ("on_pathway", Count("persons on", on)),
            ("not_on_pathway", Count("persons off", off)),
        )
        self.totals.append(Total("persons", ("persons on", "persons off")))
        who = {
            "all": "Everyone in the records",
            "on_pathway": "With a side on the pathway",
            "not_on_pathway": "With neither side on the pathway",
        }
        fields = (
            Field("who", "Who", TEXT, "Of whom the row speaks.", codes=who),
            Field("persons", "Persons", WHOLE, "How many persons there are on the cohort's date."),
        )
        return Table("people", "Persons", "The persons of the records on the cohort's date.", fields, rows)

    def positions(self) -> Table:
        rows = [row for on in self.cohort.dates for row in self._positions_on(on)]
        fields = (
            Field("date", "Date", DATE, "The index date."),
            Field(
                "stage",
                "Stage",
                TEXT,
                f"The stage of the {self.called.hip} on that date.",
                codes=self.stages | ON | ALL,
            ),
            Field("hips", self.called.Hips, WHOLE, f"{self.called.Hips} in this stage."),
            Field(
                "gate_not_open",
                "Gate ahead not open",
                WHOLE,
                f"Of these, {self.called.hips} whose gate ahead is known not to be open.",
            ),
            Field(
                "gate_unknown",
                "Gate ahead not known",
                WHOLE,
                f"Of these, {self.called.hips} whose gate ahead cannot be told.",
            ),
            Field(
                "reached",
                "In this stage or a later one",
                WHOLE,
                f"{self.called.Hips} in this ordered stage or in a later one.",
            ),
        )
        meaning = (
            f"Where every {self.called.hip} stands. {self.called.A_hip} of a stage with a condition of its own has no "
            "gate ahead."
        )
        return Table("positions", f"Where the {self.called.hips} are", meaning, fields, tuple(rows))

    def _positions_on(self, on: date) -> Iterator[tuple[Cell, ...]]:
        stages = {name: self._count(stage_key(on, name), on, stage=name) for name in self.stages}
        everyone = Count(hips_key(on), sum(count.number for count in stages.values()))
        self.totals.append(Total(everyone.key, tuple(count.key for count in stages.values())))
        self.totals.append(Total(everyone.key, ("persons", "persons")))
        later = 0
        through: dict[str, Count] = {}
        for place, name in reversed(tuple(enumerate(self.ordered))):
            later += stages[name].number
            through[name] = Count(through_key(on, name), later)
            behind = self.ordered[place + 1 : place + 2]
            self.totals.append(Total(through[name].key, (stages[name].key, *(through[each].key for each in behind))))
        off = [count.key for name, count in stages.items() if name not in self.ordered]
        self.totals.append(Total(everyone.key, (through[NOT_ON_PATHWAY].key, *off)))
        for name, count in stages.items():
            ahead = self._gates(on, name, count) if name in self.ordered[:-1] else (None, None)
            yield on, name, count, *ahead, through.get(name)
        gates = [self._count(gate_key(on, "all", truth), on, gate=truth) for truth in GATES]
        for truth, gate in zip(GATES, gates, strict=True):
            self.totals.append(Total(gate.key, tuple(gate_key(on, name, truth) for name in self.ordered[:-1])))
        on_pathway = self._on_pathway(on)
        self.totals.append(Total(everyone.key, (stages[NOT_ON_PATHWAY].key, on_pathway.key)))
        yield on, "on_pathway", on_pathway, None, None, None
        yield on, "all", everyone, *gates, None

    def _on_pathway(self, on: date) -> Count:
        found = (each.hips for each in self.cohort.positions if each.date == on and each.stage != NOT_ON_PATHWAY)
        return Count(on_pathway_key(on), sum(found))

    def _gates(self, on: date, stage: str, whole: Count) -> tuple[Count, Count]:
        not_open, unknown = (self._count(gate_key(on, stage, truth), on, stage=stage, gate=truth) for truth in GATES)
        self.totals.append(Total(whole.key, (not_open.key, unknown.key)))
        return not_open, unknown

    def diversions(self) -> Table:
        kinds = {NO_DIVERSION: "Not diverted"} | self.diverting
        rows = []
        for on in self.cohort.dates:
            for kind, stage in product(kinds, self.stages):
                count = self._count(diverted_key(on, kind, stage), on, diversion=kind, stage=stage)
                rows.append((on, kind, stage, count))
            for kind in kinds:
                whole = self._count(diverted_key(on, kind), on, diversion=kind)
                rows.append((on, kind, "all", whole))
                self.totals.append(Total(whole.key, tuple(diverted_key(on, kind, stage) for stage in self.stages)))
            for stage in self.stages:
                parts = tuple(diverted_key(on, kind, stage) for kind in kinds)
                self.totals.append(Total(stage_key(on, stage), parts))
            self.totals.append(Total(hips_key(on), tuple(diverted_key(on, kind) for kind in kinds)))
        fields = (
            Field("date", "Date", DATE, "The index date."),
            Field(
                "diversion",
                "Diversion",
                TEXT,
                f"Why the {self.called.hip} left the stepwise path, if it did.",
                codes=kinds,
            ),
            Field(
                "stage", "Stage", TEXT, f"The stage, which a diverted {self.called.hip} keeps.", codes=self.stages | ALL
            ),
            Field("hips", self.called.Hips, WHOLE, f"{self.called.Hips} in this stage with this diversion."),
        )
        meaning = (
            f"A diverted {self.called.hip} keeps its stage; of several diversions the first in the pathway's order "
            "counts."
        )
        return Table("diversions", "Who left the stepwise path", meaning, fields, tuple(rows))

    def reviews(self) -> Table:
        """Of the stages in which one is owed; there only the dead are owed none."""
        on = self.cohort.last
        stages = [stage.id for stage in self.pathway.stages if stage.review]
        rows: list[tuple[Cell, ...]] = []
        for stage in (stage for stage in self.stages if stage in stages):
            counts = [self._count(review_key(on, stage, word), on, stage=stage, review=word) for word in REVIEWS]
            none = self._count(self._none_owed(on, stage), on, stage=stage, review="none")
            self.unlisted.append(none)
            self.totals.append(Total(stage_key(on, stage), (*(count.key for count in counts), none.key)))
            rows.append((stage, *counts))
        whole = [self._count(review_key(on, "all", word), on, review=word) for word in REVIEWS]
        for word, count in zip(REVIEWS, whole, strict=True):
            self.totals.append(Total(count.key, tuple(review_key(on, stage, word) for stage in stages)))
        rows.append(("all", *whole))
        fields = (
            Field("stage", "Stage", TEXT, "The stage on the cohort's date.", codes=self.stages | ALL),
            Field("overdue", "Overdue", WHOLE, f"{self.called.Hips} whose review was owed before the cohort's date."),
            Field("ahead", "Ahead", WHOLE, f"{self.called.Hips} whose review lies ahead."),
        )
        meaning = "The reviews owed on the cohort's date, of the living, in the stages that have reviews."
        return Table("reviews", "Whose review is past", meaning, fields, tuple(rows))

    def _none_owed(self, on: date, stage: str) -> str:
        return diverted_key(on, self.death, stage) if self.death else review_key(on, stage, "none")

    def stays(self, course: Course) -> Table:
        rows: list[tuple[Cell, ...]] = []
        lasted = {each.stage: each for each in course.dwellings}
        for each in (lasted[stage] for stage in self.stages if stage in lasted and stage != NOT_ON_PATHWAY):
            words = {"all": each.all, "moved": each.moved, "censored": each.died + each.going}
            counts = {word: Count(stays_key(each.stage, word), number) for word, number in words.items()}
            self.totals.append(Total(counts["all"].key, (counts["moved"].key, counts["censored"].key)))
            on = (counts["moved"].key, counts["all"].key)
            rows.append((each.stage, *counts.values(), *(Figure(days, on) for days in each.quartiles)))
            self._still_there(each, counts["censored"])
        share = "of the stays have ended, by Kaplan and Meier; empty where fewer have."
        fields = (
            Field("stage", "Stage", TEXT, "The stage in which the stays were.", codes=self.stages),
            Field(
                "stays",
                "Stays",
                WHOLE,
                f"Unbroken times of {self.called.a_hip} in this stage. {self.called.A_hip} may have several.",
            ),
            Field("moved", "Moved on", WHOLE, "Stays followed by another stage."),
            Field("censored", "Censored", WHOLE, "Stays that go on at the cohort's date, or that death ended."),
            Field("days_25", "25 % after", WHOLE, f"Days after which 25 % {share}", "d"),
            Field("days_50", "Half after", WHOLE, f"Days after which half {share}", "d"),
            Field("days_75", "75 % after", WHOLE, f"Days after which 75 % {share}", "d"),
        )
        meaning = (
            "After how many days a quarter, half and three quarters of the stays had ended. Days count from the first "
            "to the last day on which the records show it; what the mere passing of time changes is seen on the next "
            "recorded day."
        )
        return Table("stays", f"How long {self.called.hips} stay", meaning, fields, tuple(rows))

    def _still_there(self, each: Dwelling, censored: Count) -> None:
        """Stays that go on are the living hips in the stage."""
        going, died = (Count(stays_key(each.stage, word), getattr(each, word)) for word in ("going", "died"))
        self.unlisted += [going, died]
        self.totals.append(Total(censored.key, (going.key, died.key)))
        on = self.cohort.last
        dead = (diverted_key(on, self.death, each.stage),) if self.death else ()
        self.totals.append(Total(stage_key(on, each.stage), (going.key, *dead)))

    def moves(self, course: Course) -> Table:
        counts = {(each.start, each.to): each.count for each in course.moves}
        starts = [stage for stage in self.stages if any(start == stage for start, _ in counts)]
        ends = [stage for stage in self.stages if any(to == stage for _, to in counts)]
        rows = [
            (start, to, Count(move_key(start, to), counts.get((start, to), 0)))
            for start, to in product(starts, ends)
            if start != to
        ]
        for start in starts:
            if start == NOT_ON_PATHWAY:
                continue  # how long a hip has no complaint is told nowhere
            parts = tuple(move_key(start, to) for to in ends if to != start)
            self.totals.append(Total(stays_key(start, "moved"), parts))
        fields = (
            Field("start", "From", TEXT, "The stage that was left.", codes=self.stages),
            Field("to", "To", TEXT, "The stage that followed.", codes=self.stages),
            Field("moves", "Moves", WHOLE, "How often a stay in the one was followed by one in the other."),
        )
        meaning = (
            f"Every move of {self.called.a_hip} from stage to stage up to the cohort's date; {self.called.a_hip} may "
            "move several times."
        )
        return Table("moves", "From stage to stage", meaning, fields, tuple(rows))

    def blocking(self) -> Table:
        on, before = self.cohort.last, dict(zip(self.ordered[1:], self.ordered, strict=False))
        rows: list[tuple[Cell, ...]] = []
        for each in self.cohort.blocking:
            waiting = gate_key(on, before[each.gate], "unknown")
            of = self._count(waiting, on, stage=before[each.gate], gate="unknown")
            lacking = Count(f"gate to {each.gate}, {each.fact} unknown", each.hips)
            self._complement(of, lacking)
            rows.append(
                (each.gate, each.fact, lacking, of, Figure(round(each.hips / of.number, 4), (lacking.key, of.key)))
            )
        facts = {each.fact: self.pathway.facts[each.fact].about.title for each in self.cohort.blocking}
        fields = (
            Field("gate", "Gate to", TEXT, "The stage to which the gate ahead leads.", codes=self.stages),
            Field("fact", "Fact", TEXT, "The fact that is not known.", codes=facts),
            Field(
                "hips",
                self.called.Hips,
                WHOLE,
                f"{self.called.Hips} at which this fact is not known and might decide the gate.",
            ),
            Field("of", "Of", WHOLE, f"{self.called.Hips} at which the gate ahead cannot be told."),
            Field("share", "Share", NUMBER, "The first count divided by the second."),
        )
        meaning = (
            "For want of what gates cannot be told. A fact counts if a path of unknown conditions leads to it from the "
            f"gate; several may be wanting at one {self.called.hip}."
        )
        return Table("blocking", "What gates wait for", meaning, fields, tuple(rows))

    def _complement(self, whole: Count, part: Count) -> None:
        """What is left of a whole tells as much as the part."""
        rest = Count(f"{whole.key} without {part.key}", whole.number - part.number)
        self.unlisted.append(rest)
        self.totals.append(Total(whole.key, (part.key, rest.key)))

    def recorded(self) -> Table:
        on = self.cohort.last
        rows: list[tuple[Cell, ...]] = []
        whole = self._on_pathway(on)
        for each in self.cohort.recorded:
            known = Count(f"{each.fact} known", each.known)
            unknown = Count(f"{each.fact} unknown", each.unknown)
            self.totals.append(Total(whole.key, (known.key, unknown.key)))
            share = Figure(round(each.unknown / whole.number, 4) if whole.number else None, (unknown.key, whole.key))
            rows.append((each.fact, known, unknown, share))
        facts = {each.fact: self.pathway.facts[each.fact].about.title for each in self.cohort.recorded}
        fields = (
            Field("fact", "Fact", TEXT, "A fact that one can be asked for.", codes=facts),
            Field("known", "Known", WHOLE, f"{self.called.Hips} on the pathway at which it is known."),
            Field(
                "unknown",
                "Not known",
                WHOLE,
                f"{self.called.Hips} on the pathway at which it is not known, for whatever reason.",
            ),
            Field("share_unknown", "Share not known", NUMBER, "The second count divided by both."),
        )
        meaning = (
            f"How often each fact is known on the cohort's date. Not every fact is needed at every {self.called.hip}."
        )
        return Table("recorded", "What is recorded", meaning, fields, tuple(rows))

    def actions(self) -> Table:
        counted = {(each.action, each.status): each.count for each in self.cohort.statuses}
        rows: list[tuple[Cell, ...]] = []
        for name, action in self.pathway.actions.items():
            counts = [Count(f"action {name} {status.value}", counted.get((name, status.value), 0)) for status in Status]
            whole = "persons on" if action.scope is Scope.PERSON else on_pathway_key(self.cohort.last)
            self.totals.append(Total(whole, tuple(count.key for count in counts)))
            rows.append((name, action.scope.value, *counts))
        titles = {name: action.about.title for name, action in self.pathway.actions.items()}
        scopes = {"hip": self.called.Hips, "person": "Persons"}
        fields = (
            Field("action", "Action", TEXT, "The action.", codes=titles),
            Field("counted", "Counted", TEXT, f"Whether {self.called.hips} or persons are counted.", codes=scopes),
            *(
                Field(
                    status.value,
                    _words(status.value),
                    WHOLE,
                    f"How many have the action in the status {_words(status.value)}.",
                )
                for status in Status
            ),
        )
        meaning = (
            f"The status of every action on the cohort's date, of the {self.called.hips} (persons) on the pathway."
        )
        return Table("actions", "What is due, done and held back", meaning, fields, tuple(rows))


def _death(pathway: Pathway) -> str | None:
    """The diversion of the dead, where it comes before all others, so that its count is theirs."""
    first = pathway.diversions[0] if pathway.diversions else None
    is_death = first is not None and pathway.criteria[first.criterion].when == FactHolds(pathway.deceased_fact)
    return first.id if first is not None and is_death else None


def _words(id_: str) -> str:
    return id_.replace("_", " ").capitalize()
