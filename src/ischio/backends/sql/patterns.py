"""From the events that match a fact to its value (record/patterns.py): aggregates over events, then one row a hip.

`rows` are columns of each event, `aggregates` of each hip (or person), `values` are worked out from those; the last of
them is the fact. Values are numbers inside: yes is 1, a code has its number, a date its day.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import assert_never

from ischio.backends.sql.bounds import Bounds
from ischio.backends.sql.choice import MIRROR, Chosen, Readings, pack
from ischio.backends.sql.matching import CERTAIN, INCOMPLETE, POSSIBLE, UNAVAILABLE, UNSIDED, Match
from ischio.backends.sql.numbering import RANKS
from ischio.backends.sql.regions import cuts_of
from ischio.backends.sql.setting import Setting, fact_column
from ischio.backends.sql.text import FALSE, NULL, TRUE, Column, all_of, any_of, case, one_of
from ischio.model.expression import ParameterValue
from ischio.model.pathway import (
    Compared,
    Count,
    CourseLength,
    DateOf,
    Exists,
    Fact,
    First,
    Latest,
    Quantity,
    Selection,
    ValueKind,
)
from ischio.record.plan import no_of


@dataclass(frozen=True)
class Derived(ABC):
    """One fact that looks at events. bounds: constants, or names of columns beside the events."""

    setting: Setting
    fact: Fact
    selection: Selection
    bounds: Bounds

    @property
    def name(self) -> str:
        return fact_column(self.fact.id)

    @property
    def mark(self) -> str:
        return f"{self.name}__mark"

    @property
    def match(self) -> Match:
        return Match(self.setting, self.fact, self.selection, self.bounds)

    def rows(self) -> Iterator[Column]:
        yield from self.match.lifting()
        yield Column(self.mark, self.match.mark())

    def aggregates(self) -> Iterator[Column]:
        """What stands in the way of a known absence: the largest mark that is no certain match."""
        yield Column(f"{self.name}__obstacle", f"max({case((f'{self.mark} < {CERTAIN}', self.mark))})")

    @abstractmethod
    def values(self) -> Iterator[Column]:
        """The fact, after what it needs."""

    @property
    def extras(self) -> tuple[str, ...]:
        """Columns beside the fact's own that other facts may ask for."""
        return ()

    @property
    def columns(self) -> list[str]:
        """The columns that are kept."""
        return [self.name, *self.extras]

    # ---- parts that several patterns share ----

    def counting(self, what: str, result: str) -> Column:
        """The largest result among the certain matches."""
        return Column(f"{self.name}__{what}", f"max({case((f'{self.mark} = {CERTAIN}', result))})")

    def settled(self, certain: str, value: str) -> Column:
        """The fact: unknown if it could not be read, absent without a certain match, else the value."""
        unavailable = f"{self.name}__obstacle = {UNAVAILABLE}"
        return self.typed(case((unavailable, NULL), (f"not ({certain})", self.absent()), otherwise=value))

    def typed(self, number: str) -> Column:
        return Column(self.name, f"({number} = 1)" if self.fact.type.kind is ValueKind.BOOLEAN else number)

    def absent(self) -> str:
        """The value where nothing matches for certain (record/absence.py)."""
        return case((all_of((f"{self.name}__obstacle is null", self.absence_known())), self.no()))

    def absence_known(self) -> str:
        absent = self.fact.absent
        if absent.no:
            return TRUE
        return FALSE if absent.no_when is None else fact_column(absent.no_when)

    def no(self) -> str:
        """The value that stands for absence."""
        value = no_of(self.fact)
        if value is None:
            return NULL
        return str(self.setting.numbers.codes_of(self.fact)[value] if isinstance(value, str) else int(bool(value)))


class ExistsDerived(Derived):
    def aggregates(self) -> Iterator[Column]:
        yield Column(f"{self.name}__obstacle", f"max({self.mark})")
        # Of the newest match both days, so that an attestation can be held against what went stale.
        if self.fact.id in attestations(self.setting):
            yield self.counting("newest", pack(("cast(lo as bigint)", 22), ("hi", 22)))

    def values(self) -> Iterator[Column]:
        yield self.typed(case((f"{self.name}__obstacle = {CERTAIN}", "1"), otherwise=self.absent()))
        if self.fact.id in attestations(self.setting):
            newest = f"{self.name}__newest"
            first, last = f"({newest} >> 22)", f"({newest} & {MIRROR})"
            yield Column(f"{self.name}__on", case((f"{first} = {last}", first)))

    @property
    def extras(self) -> tuple[str, ...]:
        return (f"{self.name}__on",) if self.fact.id in attestations(self.setting) else ()


class DateDerived(Derived):
    """Facts whose value is a date: whether anything is recorded on it, and between which days it lies."""

    @property
    def extras(self) -> tuple[str, ...]:
        if self.fact.id not in told_in_full(self.setting):
            return ()
        return tuple(f"{self.name}__{what}" for what in ("first", "last", "asked"))

    def asked(self, certain: str) -> Column:
        obstacle = f"coalesce({self.name}__obstacle > {INCOMPLETE}, false)"
        return Column(f"{self.name}__asked", f"({obstacle} or {certain})")


class DateOfDerived(DateDerived):
    @property
    def _oldest(self) -> bool:
        return isinstance(self.fact.derivation, DateOf) and self.fact.derivation.oldest

    def aggregates(self) -> Iterator[Column]:
        yield from super().aggregates()
        lo, hi, most = ("hi", "lo", "min") if self._oldest else ("lo", "hi", "max")
        certain, either = f"{self.mark} = {CERTAIN}", f"{self.mark} in ({POSSIBLE}, {CERTAIN})"
        yield Column(f"{self.name}__edge", f"{most}({case((certain, lo))})")
        yield Column(f"{self.name}__reach", f"{most}({case((either, hi))})")

    def values(self) -> Iterator[Column]:
        edge, reach = f"{self.name}__edge", f"{self.name}__reach"
        yield self.settled(f"{edge} is not null", case((f"{edge} = {reach}", edge)))
        if self.extras:
            open_ = f"{edge} <> {reach} and coalesce({self.name}__obstacle, 0) <> {UNAVAILABLE}"
            yield Column(f"{self.name}__first", case((open_, f"least({edge}, {reach})")))
            yield Column(f"{self.name}__last", case((open_, f"greatest({edge}, {reach})")))
            yield self.asked(f"{edge} is not null")


class CountDerived(Derived):
    def aggregates(self) -> Iterator[Column]:
        yield from super().aggregates()
        yield Column(f"{self.name}__count", f"count({case((f'{self.mark} = {CERTAIN}', '1'))})")
        yield Column(f"{self.name}__possible", f"max({case((f'{self.mark} = {POSSIBLE}', '1'))})")

    def values(self) -> Iterator[Column]:
        # A person without any event has no row of aggregates, and so null for a count.
        count = f"{self.name}__count"
        yield self.settled(f"coalesce({count}, 0) > 0", case((f"{self.name}__possible is null", count)))


class CourseDerived(Derived):
    """Days in at least one of the periods: the fewest and the most that the dates allow must be the same."""

    def rows(self) -> Iterator[Column]:
        yield from super().rows()
        match, bounds, index = self.match, self.bounds, self.setting.index.day
        last = index if bounds.until.isdigit() else f"least({index}, {bounds.until})"
        sure, either = f"{self.mark} = {CERTAIN}", f"{self.mark} in ({POSSIBLE}, {CERTAIN})"
        fewest = (sure, f"greatest(hi, {bounds.surely})", f"least({match.ends_lo}, {last})")
        most = (either, f"greatest(lo, {bounds.since})", f"least({match.ends_hi}, {last})")
        for what, (counts, first, end) in (("fewest", fewest), ("most", most)):
            name = f"{self.name}__{what}"
            yield Column(f"{name}_from", case((counts, first)))
            yield Column(f"{name}_to", case((counts, end)))
            before = "rows between unbounded preceding and 1 preceding"
            keys = ", ".join(self.setting.keys(self.fact.scope))
            order = f"partition by {keys} order by {name}_from, {name}_to {before}"
            yield Column(f"{name}_reached", f"max({name}_to) over ({order})")
            begin = f"greatest({name}_from, coalesce({name}_reached, 0) + 1)"
            yield Column(f"{name}_days", case((f"{name}_to >= {begin}", f"{name}_to - {begin} + 1"), otherwise="0"))

    def aggregates(self) -> Iterator[Column]:
        yield from super().aggregates()
        yield self.counting("certain", "1")
        for what in ("fewest", "most"):
            yield Column(f"{self.name}__{what}", f"sum({self.name}__{what}_days)")

    def values(self) -> Iterator[Column]:
        fewest, most = f"{self.name}__fewest", f"{self.name}__most"
        yield self.settled(f"{self.name}__certain is not null", case((f"{fewest} = {most}", fewest)))


class ValueDerived(DateDerived):
    """Latest and First: a value chosen among readings, with the modifiers of Latest."""

    @property
    def _value(self) -> str:
        return f"{self.name}__value"

    @property
    def _latest(self) -> Latest | None:
        return self.fact.derivation if isinstance(self.fact.derivation, Latest) else None

    def rows(self) -> Iterator[Column]:
        yield from super().rows()
        yield Column(self._value, self.match.value())
        if self._extreme is not None:
            keys = ", ".join(self.setting.keys(self.fact.scope))
            certain = case((f"{self.mark} = {CERTAIN}", self._value))
            yield Column(f"{self.name}__extreme", f"{self._extreme}({certain}) over (partition by {keys})")

    def aggregates(self) -> Iterator[Column]:
        yield from super().aggregates()
        for choice in self.choices():
            yield from choice.aggregates()
        if self._extreme is not None:
            beyond = f"{self._value} {'>' if self._extreme == 'max' else '<'} {self.name}__extreme"
            yield Column(f"{self.name}__beyond", f"max({case((f'{self.mark} = {POSSIBLE} and {beyond}', '1'))})")

    def values(self) -> Iterator[Column]:
        choices = self.choices()
        for choice in choices:
            yield from choice.values()
        held = self._any_of(choices) if self._by_concept else choices[0].held
        if self._extreme is not None:
            held = case((f"{self.name}__beyond is null", held))
        certain = any_of(choice.found for choice in choices)
        yield self.settled(certain, held)
        if self.extras:
            yield Column(f"{self.name}__first", "cast(null as int)")
            yield Column(f"{self.name}__last", "cast(null as int)")
            yield self.asked(certain)

    @property
    def _extreme(self) -> str | None:
        """The aggregate that finds the number that counts instead of the newest."""
        if self._latest is None or not (self._latest.largest or self._latest.smallest):
            return None
        return "max" if self._latest.largest else "min"

    @property
    def _by_concept(self) -> bool:
        return self._latest is not None and self._latest.any_yes_of == "concepts"

    def choices(self) -> list["Choice"]:
        """One choice, or one for each concept."""
        if not self._by_concept:
            keep = TRUE
            if self._extreme is not None:
                top = f"{self._value} is null or {self._value} = {self.name}__extreme"
                keep = f"({self.mark} = {CERTAIN} and ({top}))"
            return [Choice(self, self.name, keep)]
        numbers = (self.setting.numbers.concepts[concept] for concept in self.selection.concepts)
        return [Choice(self, f"{self.name}__of_{number}", f"concept = {number}") for number in numbers]

    def _any_of(self, choices: list["Choice"]) -> str:
        """Yes if the newest of one concept is yes, no if that of each is no."""
        said_yes = any_of(f"{choice.held} = 1" for choice in choices)
        unclear = any_of(f"({choice.found} and {choice.held} is null)" for choice in choices)
        every = all_of(choice.found for choice in choices)
        return case((said_yes, "1"), (unclear, NULL), (every, "0"))


@dataclass(frozen=True)
class Choice:
    """One choice of a value: of a fact, or of one concept of a fact. keep: the readings of which it is."""

    derived: ValueDerived
    name: str
    keep: str

    @property
    def _yes(self) -> int:
        """The number of what counts as yes: of codes the one declared first."""
        fact = self.derived.fact
        return len(fact.type.codes) if fact.type.kind is ValueKind.CODE else 1

    @property
    def _value(self) -> str:
        return f"{self.derived.name}__value"

    @property
    def found(self) -> str:
        return f"{self.name}__top is not null"

    @property
    def held(self) -> str:
        return f"{self.name}__held"

    @property
    def _authority(self) -> int | None:
        """The rank that may take back a yes; None where nobody may, because one yes among the readings is enough."""
        latest = self.derived.fact.derivation
        if not isinstance(latest, Latest) or latest.corrected_by is None or latest.any_yes_of == "readings":
            return None
        return RANKS[latest.corrected_by]

    @property
    def _restricted(self) -> str | None:
        """The readings that alone take part while a yes stands; None where a yes is like any value."""
        latest = self.derived.fact.derivation
        if self._authority is not None:
            return f"({self._value} = {self._yes} or rank >= {self._authority})"
        if isinstance(latest, Latest) and latest.any_yes_of == "readings":
            return f"{self._value} = 1"
        return None

    def aggregates(self) -> Iterator[Column]:
        yield from self._of_readings(self.name, self.keep)
        if self._restricted is not None:
            yield from self._of_readings(f"{self.name}__yes", all_of((self.keep, self._restricted)))
        if self._authority is not None:
            certain = all_of((f"{self.derived.mark} = {CERTAIN}", self.keep))
            correcting = all_of((certain, f"rank >= {self._authority}", f"{self._value} <> {self._yes}"))
            yield Column(f"{self.name}__corrected", f"max({case((correcting, 'lo'))})")
            own = case((f"rank >= {self._authority}", "1"), otherwise="0")
            said = all_of((certain, f"{self._value} = {self._yes}"))
            yield Column(f"{self.name}__said", f"max({case((said, pack(('hi', 22), (own, 1))))})")

    def _of_readings(self, name: str, keep: str) -> Iterator[Column]:
        derived = self.derived
        dialect = derived.setting.dialect
        readings = Readings(derived.fact, name, derived.mark, self._value, keep, dialect.wide)
        yield from readings.aggregates(dialect)
        if self._vouched:
            mark = derived.mark
            possible = all_of((f"{mark} = {POSSIBLE}", keep))
            yield Column(
                f"{name}__left", f"max({case((any_of((one_of(mark, (INCOMPLETE, UNSIDED)), possible)), mark))})"
            )

    @property
    def _vouched(self) -> bool:
        """Whether an attestation can stand in for what went stale."""
        latest = self.derived.fact.derivation
        return isinstance(latest, Latest) and latest.stale_after is not None and self.derived.absence_known() != FALSE

    def values(self) -> Iterator[Column]:
        derived, name = self.derived, self.name
        if self._restricted is not None:
            name = f"{self.name}__chosen"
            yield Column(f"{name}_yes", self._yes_stands())
            for column in self._of_readings("", TRUE):
                free, yes = f"{self.name}{column.name}", f"{self.name}__yes{column.name}"
                yield Column(f"{name}{column.name}", case((f"{name}_yes", yes), otherwise=free))
        chosen = Chosen(derived.fact, name, derived.setting.dialect, cuts_of(derived.setting, derived.fact), self._yes)
        yield Column(f"{self.name}__choice", chosen.value())
        yield Column(self.held, self._fresh(chosen))

    def _yes_stands(self) -> str:
        if self._authority is None:
            return f"({self.name}__yes__top is not null)"
        said, corrected = f"{self.name}__said", f"{self.name}__corrected"
        day, own = f"({said} >> 1)", f"({said} & 1) = 1"
        later = f"{corrected} is null or {day} > {corrected} or ({day} = {corrected} and {own})"
        return f"coalesce({said} is not null and ({later}), false)"

    def _fresh(self, chosen: Chosen) -> str:
        """The value if it is fresh, or if an attestation of that day or later says that there is none."""
        found, derived = f"{self.name}__choice", self.derived
        latest = derived.fact.derivation
        stale = latest.stale_after if isinstance(latest, Latest) else None
        if stale is None:
            return found
        oldest = derived.setting.calendar.from_index(stale.interval)
        branches = [(f"{found} is null", NULL), (f"{chosen.edge} >= {oldest}", found)]
        if stale.values:
            going = [number for code, number in self._named() if code in stale.values]
            branches.append((f"not ({one_of(found, going)})" if going else TRUE, found))
        branches.append((f"{chosen.reach} >= {oldest}", NULL))
        if self._vouched and derived.no() != NULL:
            branches.append((all_of((self._attested(chosen), f"{chosen.column('left')} is null")), derived.no()))
        return case(*branches)

    def _named(self) -> Iterable[tuple[str, int]]:
        """The words by which `stale_after` names values, with their numbers."""
        fact = self.derived.fact
        if fact.type.kind is ValueKind.BOOLEAN:
            return (("yes", 1), ("no", 0))
        return self.derived.setting.numbers.codes_of(fact).items()

    def _attested(self, chosen: Chosen) -> str:
        """Whether someone vouches for the absence, on a day not before the value."""
        attestation = self.derived.fact.absent.no_when
        if attestation is None:
            return FALSE
        column = fact_column(attestation)
        return f"{column} and coalesce({column}__on >= {chosen.reach}, true)"


def derived(setting: Setting, fact: Fact, bounds: Bounds) -> Derived:
    """How the fact is derived from events."""
    derivation = fact.derivation
    match derivation:
        case Latest(selection=selection) | First(selection=selection):
            return ValueDerived(setting, fact, selection, bounds)
        case DateOf(selection=selection):
            return DateOfDerived(setting, fact, selection, bounds)
        case Exists(selection=selection):
            return ExistsDerived(setting, fact, selection, bounds)
        case Count(selection=selection):
            return CountDerived(setting, fact, selection, bounds)
        case CourseLength(selection=selection):
            return CourseDerived(setting, fact, selection, bounds)
        case Compared():
            raise AssertionError("compares facts, and looks at no events")
        case _:
            assert_never(derivation)


def compared(setting: Setting, fact: Fact, derivation: Compared) -> Column:
    """Whether the sum of the terms is at least the limit, in whole numbers; null while one of them is unknown."""
    return Column(
        fact_column(fact.id), setting.index.on_date(setting.pathway, lambda on: _sum(setting, derivation, on))
    )


def _sum(setting: Setting, derivation: Compared, on: date) -> str:
    def number(limit: Decimal | ParameterValue) -> Fraction:
        if isinstance(limit, Decimal):
            return Fraction(limit)
        quantity = setting.pathway.parameters[limit.parameter].on(on)
        assert isinstance(quantity, Quantity), f"{limit.parameter} is no number"
        return Fraction(quantity.value)

    facts = setting.pathway.facts
    limit = number(derivation.at_least)
    weights = [
        Fraction(term.times)
        * Fraction(facts[term.fact].type.step)
        * (number(ParameterValue(term.parameter)) if term.parameter else 1)
        for term in derivation.terms
    ]
    whole = lcm(limit.denominator, *(weight.denominator for weight in weights))
    terms = zip(weights, derivation.terms, strict=True)
    total = " + ".join(f"{int(weight * whole)} * {fact_column(term.fact)}" for weight, term in terms)
    return f"({total} >= {int(limit * whole)})"


def told_in_full(setting: Setting) -> set[str]:
    """The date facts of which it matters between which days they lie, and whether anything is recorded at all."""
    selections = (
        fact.derivation.selection
        for fact in setting.pathway.facts.values()
        if not isinstance(fact.derivation, Compared)
    )
    found = {fact for stage in setting.pathway.stages for fact in stage.since}
    for selection in selections:
        found.update(anchor.fact for anchor in selection.anchors)
        found.update(() if selection.back_from is None else (selection.back_from,))
    return found


def attestations(setting: Setting) -> set[str]:
    """The facts whose day is held against what went stale."""
    return {
        fact.absent.no_when
        for fact in setting.pathway.facts.values()
        if fact.absent.no_when and isinstance(fact.derivation, Latest) and fact.derivation.stale_after is not None
    }
