"""From what somebody fills in to events: what is asked for a fact, and what an answer to it says.

A field that was not touched is no answer, and nothing is made of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from ischio.clinic.knowledge import Knowledge
from ischio.fhir.export.publication import Publication, own_value
from ischio.fhir.export.questionnaires import one_suffices
from ischio.fhir.export.questions import (
    YES_AND_NO,
    day_matters,
    has_own_day,
    is_attestation,
    numbers_of,
    selection_of,
)
from ischio.language.units import UnitError, canonical, convert
from ischio.model.about import Scope
from ischio.model.dates import PartialDate
from ischio.model.facts import Burden, Compared, CourseLength, Exists, Fact, FactType, SideRule
from ischio.model.mistake import IschioError, Mistake
from ischio.model.terminology import Concept
from ischio.record.case_values import NUMBER, Unfit, partial_date
from ischio.record.dossier import readers_of
from ischio.record.events import Asserter, Event, EventSide, Kind
from ischio.record.reading import range_shown

ENTERED = "entered/"
"""With this begins the source of what was entered in the application; an id follows."""


class AnswersRefused(IschioError):
    """Answers that cannot be. Each mistake names its field in `where`."""


class AnswersDoubted(IschioError):
    """Answers that can be and are unlikely: to be mended, or given again as sure. Each names its field in `where`."""


class AskType(Enum):
    """How it is asked. DATE: the answer is the day on which it was. PERIOD: that on which it began; it may go on.

    TICK: ticked or left alone.
    """

    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    PERIOD = "period"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What has to be told with an answer, such as the position of the leg. needed: nothing would use it without.

    preset: what the fact asks for, where it asks for one thing.
    """

    name: str
    title: str
    options: tuple[Option, ...]
    needed: bool
    preset: str | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for a fact: one concept. words: the question. several: more than one option may be chosen.

    low, high: what a number may be, in its unit. sided: the side has to be told. day_needed: it has a day of its own,
    which has to be told; else an answer is of today. kind: done, or of a fact that asks for it planned or declined.
    """

    concept: str
    fact: str
    words: str
    type: AskType
    unit: str | None
    low: Decimal | None
    high: Decimal | None
    options: tuple[Option, ...]
    several: bool
    circumstances: tuple[Circumstance, ...]
    sided: bool
    day_needed: bool
    kind: Kind
    burden: Burden


@dataclass(frozen=True, slots=True)
class Answer:
    """What was filled in for a concept, as typed. An empty value is no answer.

    value: a number, the value of an option, a date, or `yes` of a tick. side: right, left, both, or empty. day: when it
    was, empty for today; until: the end of a period, empty while it goes on. circumstances: by name. unit: empty for
    the concept's own. sure: an unlikely number is right. field: the name by which mistakes are told.
    """

    concept: str
    value: str
    side: str = ""
    day: str = ""
    until: str = ""
    circumstances: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    sure: bool = False
    kind: Kind = Kind.DONE
    field: str = ""


# ---- what is asked ------------------------------------------------------------------------------------------------


def asks_for(knowledge: Knowledge, fact: str) -> tuple[Ask, ...]:
    """What is asked for a fact: one question for each concept that it looks at; of a comparison, for its terms."""
    definition = knowledge.pathway.facts[fact]
    if isinstance(definition.derivation, Compared):
        terms = dict.fromkeys(term.fact for term in definition.derivation.terms)
        return tuple(ask for term in terms for ask in asks_for(knowledge, term))
    return tuple(_ask(knowledge, definition, name) for name in selection_of(definition).concepts)


def _ask(knowledge: Knowledge, fact: Fact, name: str) -> Ask:
    pathway = knowledge.pathway
    concept, selection, enquiry = pathway.concepts[name], selection_of(fact), pathway.enquiries.get(fact.id)
    alone = enquiry is not None and len(selection.concepts) == 1
    type_, number = _type(knowledge, concept), _number_type(knowledge, concept)
    kind = Kind(selection.kinds[0]) if len(selection.kinds) == 1 else Kind.DONE
    return Ask(
        concept=name,
        fact=fact.id,
        words=enquiry.ask if enquiry is not None and alone else f"{concept.title}?",
        type=type_,
        unit=concept.unit,
        low=_amount(number, number.low) if number else None,
        high=_amount(number, number.high) if number else None,
        options=_options(concept),
        several=type_ is AskType.CHOICE and all(map(one_suffices, _latest(knowledge, concept))),
        circumstances=tuple(_circumstances(knowledge, fact)),
        sided=_sided(knowledge, concept),
        day_needed=_day_needed(knowledge, concept) and type_ in (AskType.NUMBER, AskType.CHOICE),
        kind=kind,
        burden=enquiry.burden if enquiry is not None else Burden.ASK,
    )


def _amount(type_: FactType, steps: int | None) -> Decimal | None:
    """In plain digits: 10, not 1E+1."""
    return None if steps is None else Decimal(f"{type_.amount(steps):f}")


def _readers(knowledge: Knowledge, concept: Concept) -> tuple[Fact, ...]:
    return readers_of(knowledge.pathway).get(concept.id, ())


def _latest(knowledge: Knowledge, concept: Concept) -> list[Fact]:
    """The facts that take a value from it."""
    return [fact for fact in _readers(knowledge, concept) if not isinstance(fact.derivation, Exists)]


def _type(knowledge: Knowledge, concept: Concept) -> AskType:
    if concept.unit is not None:
        return AskType.NUMBER
    if concept.values:
        return AskType.CHOICE
    facts = _readers(knowledge, concept)
    if any(map(_lasts, facts)):
        return AskType.PERIOD
    if is_attestation(_publication(knowledge), facts):
        return AskType.TICK
    return AskType.DATE if _day_needed(knowledge, concept) else AskType.TICK


def _lasts(fact: Fact) -> bool:
    selection = selection_of(fact)
    lasting = selection.while_it_lasts or selection.in_force is not None
    return isinstance(fact.derivation, CourseLength) or lasting


def _day_needed(knowledge: Knowledge, concept: Concept) -> bool:
    """Whether it has a day of its own: it was done, or found in an image or a sample, or the day is what is told."""
    facts, pathway = _readers(knowledge, concept), knowledge.pathway
    asked = [(pathway.enquiries[fact.id], fact) for fact in facts if fact.id in pathway.enquiries]
    bare = concept.unit is None and not concept.values
    return has_own_day(_publication(knowledge), concept, asked) or (bare and day_matters(facts))


def _publication(knowledge: Knowledge) -> Publication:
    return Publication(knowledge.pathway, knowledge.bindings)


def _sided(knowledge: Knowledge, concept: Concept) -> bool:
    sides = (selection_of(fact).side for fact in _readers(knowledge, concept) if fact.scope is Scope.HIP)
    return any(side in (SideRule.THIS, SideRule.THIS_OR_UNSIDED, SideRule.OTHER) for side in sides)


def _number_type(knowledge: Knowledge, concept: Concept) -> FactType | None:
    """What a number of the concept may be: as the fact says whose unit is the concept's."""
    if concept.unit is None:
        return None
    return next((type_ for type_ in numbers_of(_readers(knowledge, concept)) if type_.unit == concept.unit), None)


def _options(concept: Concept) -> tuple[Option, ...]:
    if concept.values.keys() == YES_AND_NO:
        return Option("yes", "Yes"), Option("no", "No")
    return tuple(Option(value, _title(concept, value)) for value in concept.values)


def _title(concept: Concept, value: str) -> str:
    code = own_value(concept, value)
    return code.display if code else value.replace("_", " ").capitalize()


def _circumstances(knowledge: Knowledge, fact: Fact) -> Iterator[Circumstance]:
    for name, accepted in selection_of(fact).qualifiers.items():
        concept = knowledge.pathway.concepts[name]
        preset = accepted[0] if len(accepted) == 1 and accepted != ("*",) else None
        yield Circumstance(name, concept.title, _options(concept), needed=True, preset=preset)


# ---- a list that is gone through ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Screen:
    """A list of which everything counts as absent that is not named, once it was gone through.

    attestation: the concept that says so. asks: what is on the list.
    """

    fact: str
    attestation: str
    words: str
    asks: tuple[Ask, ...]


def screen_of(knowledge: Knowledge, fact: str) -> Screen:
    """The list behind an attestation, such as `red_flag_screen`."""
    pathway = knowledge.pathway
    (concept,) = selection_of(pathway.facts[fact]).concepts
    covered = [each.id for each in pathway.facts.values() if each.absent.no_when == fact]
    asks = {ask.concept: ask for name in covered for ask in asks_for(knowledge, name)}
    enquiry = pathway.enquiries.get(fact)
    return Screen(fact, concept, enquiry.ask if enquiry else pathway.facts[fact].about.title, tuple(asks.values()))


def screens(knowledge: Knowledge) -> tuple[Screen, ...]:
    """Every list that can be gone through."""
    covering = dict.fromkeys(fact.absent.no_when for fact in knowledge.pathway.facts.values() if fact.absent.no_when)
    facts = (name for name in covering if isinstance(knowledge.pathway.facts[name].derivation, Exists))
    return tuple(screen_of(knowledge, name) for name in facts)


def screened(
    knowledge: Knowledge,
    screen: Screen,
    answers: Sequence[Answer],
    none_of_these: bool,
    still: Mapping[str, str],
    on: date,
    new_id: Callable[[], str],
) -> tuple[Event, ...]:
    """The events of a list that was gone through: what was named, and that it was gone through.

    still: what is recorded as there and would stay so, concept -> title: it has to be answered by itself, because a
    `none of these` takes back nothing. Raises AnswersRefused, AnswersDoubted.
    """
    given = [each for each in answers if each.value]
    there = [each for each in given if each.value not in ("absent", "no")]
    if none_of_these and there:
        raise AnswersRefused(Mistake("Something is named, and so is `none of these`.", "Keep one of the two."))
    if not none_of_these and not there and not _all_answered(screen, given):
        raise AnswersRefused(Mistake("Nothing is said.", "Tick what is there, or `none of these`."))
    open_ones = [title for name, title in still.items() if name not in {each.concept for each in given}]
    if open_ones and none_of_these:
        mend = "Say of each whether it is still there, absent, or explained."
        raise AnswersRefused(Mistake(f"Recorded as present before: {', '.join(open_ones)}.", mend))
    return events_of(knowledge, (*given, Answer(screen.attestation, "yes")), on, new_id)


def _all_answered(screen: Screen, given: Sequence[Answer]) -> bool:
    return {ask.concept for ask in screen.asks} <= {each.concept for each in given}


# ---- what an answer says ------------------------------------------------------------------------------------------


def events_of(
    knowledge: Knowledge,
    answers: Iterable[Answer],
    on: date,
    new_id: Callable[[], str],
    asserter: Asserter = Asserter.CLINICIAN,
) -> tuple[Event, ...]:
    """The events that answers given today (`on`) say; none for a field that was left empty.

    new_id: makes the ids by which events are told apart. Raises AnswersRefused with every mistake, else AnswersDoubted
    with every doubt.
    """
    events, refused, doubted = [], [], []
    for answer in answers:
        if not answer.value.strip():
            continue
        reading = _Reading(knowledge, answer, on)
        try:
            event = reading.event(ENTERED + new_id(), asserter)
        except Unfit as unfit:
            refused.append(Mistake(unfit.what, unfit.mend, where=answer.field or answer.concept))
            continue
        if (doubt := reading.doubt(event)) is not None:
            doubted.append(Mistake(doubt, "Correct it, or say that it is right.", where=answer.field or answer.concept))
        events.append(event)
    if refused:
        raise AnswersRefused(*refused)
    if doubted:
        raise AnswersDoubted(*doubted)
    return tuple(events)


@dataclass(frozen=True, slots=True)
class _Reading:
    knowledge: Knowledge
    answer: Answer
    on: date

    @property
    def concept(self) -> Concept:
        if self.answer.concept not in self.knowledge.pathway.concepts:
            raise Unfit("This version of the pathway does not ask that.", "Open the form anew.")
        return self.knowledge.pathway.concepts[self.answer.concept]

    def event(self, source: str, asserter: Asserter) -> Event:
        """Raises Unfit."""
        concept, today = self.concept, PartialDate.on(self.on)
        type_ = _type(self.knowledge, concept)
        value, unit = self._value(concept, type_)
        start, end = self._when(concept, type_)
        return Event(
            concept.id,
            source,
            value,
            unit,
            start,
            end,
            recorded=today,
            kind=self.answer.kind,
            asserter=asserter,
            side=self._side(concept),
            qualifiers=self._circumstances(),
        )

    def doubt(self, event: Event) -> str | None:
        """The question that an unlikely number raises."""
        type_ = _number_type(self.knowledge, self.concept)
        if self.answer.sure or type_ is None or not isinstance(event.value, Decimal):
            return None
        steps = type_.nearest_steps(convert(event.value, event.unit or type_.unit, type_.unit, event.concept))
        small = type_.doubt_below is not None and steps < type_.doubt_below
        large = type_.doubt_above is not None and steps > type_.doubt_above
        if not small and not large:
            return None
        unusual = f"{_with_unit(event.value, event.unit or type_.unit)} is unusually {'small' if small else 'large'}."
        return unusual + self._other_unit(type_, event.value)

    # ---- parts ----

    def _value(self, concept: Concept, type_: AskType) -> tuple[Decimal | str | None, str | None]:
        text = self.answer.value.strip()
        match type_:
            case AskType.NUMBER:
                return self._number(concept, text)
            case AskType.CHOICE if text in concept.values:
                return text, None
            case AskType.CHOICE:
                raise Unfit("This is none of the answers offered.", "Choose one of them.")
            case AskType.TICK if text != "yes":
                raise Unfit("This can only be ticked or left alone.", "Tick it, or leave it.")
            case _:
                return None, None

    def _number(self, concept: Concept, text: str) -> tuple[Decimal, str]:
        number = NUMBER.fullmatch(text.replace(",", "."))
        unit = self.answer.unit or (number[2] if number and number[2] else None) or concept.unit or "1"
        if number is None:
            raise Unfit(f"`{text}` is not a number.", "Write it in digits, such as 12 or 12.5.")
        value, type_ = Decimal(number[1]), _number_type(self.knowledge, concept)
        if type_ is None:
            return value, unit
        try:
            steps = type_.nearest_steps(convert(value, unit, type_.unit, concept.id))
        except UnitError as error:
            raise Unfit(error.mistakes[0].what, error.mistakes[0].mend) from None
        if (type_.low is not None and steps < type_.low) or (type_.high is not None and steps > type_.high):
            what = f"{_with_unit(value, unit)} cannot be: it may be {range_shown(type_)}."
            raise Unfit(what, f"Correct it.{self._other_unit(type_, value)}")
        return value, unit

    def _other_unit(self, type_: FactType, value: Decimal) -> str:
        """The question whether it is in centimetres, where that would be a likely number."""
        if type_.unit != "mm" or self.answer.unit not in ("", "mm"):
            return ""
        steps = type_.nearest_steps(value * 10)
        low, high = type_.doubt_below or type_.low or 0, type_.doubt_above or type_.high or 0
        return f" Is it {value} cm, which is {type_.amount(steps):f} mm?" if low <= steps <= high else ""

    def _when(self, concept: Concept, type_: AskType) -> tuple[PartialDate | None, PartialDate | None]:
        if type_ in (AskType.DATE, AskType.PERIOD):
            start = self._day(self.answer.value)
            until = partial_date(self.answer.until.strip()) if self.answer.until.strip() else None
            if until is not None and until.latest < start.earliest:
                raise Unfit("It ends before it begins.", "Correct one of the two days.")
            return start, until if type_ is AskType.PERIOD else start
        if self.answer.day:
            day = self._day(self.answer.day)
            return day, day
        if type_ is not AskType.TICK and _day_needed(self.knowledge, concept):
            raise Unfit("The day is missing.", "Write it as 2026-03-31; a month or a year is better than nothing.")
        return PartialDate.on(self.on), PartialDate.on(self.on)

    def _day(self, text: str) -> PartialDate:
        day = partial_date(text.strip())
        if day.earliest > self.on and self.answer.kind is not Kind.PLANNED:
            raise Unfit("The day lies ahead.", "Correct it, or record it once it has happened.")
        return day

    def _side(self, concept: Concept) -> EventSide | None:
        if not _sided(self.knowledge, concept):
            return None
        try:
            return EventSide(self.answer.side)
        except ValueError:
            raise Unfit("The side is missing.", "Choose right, left or both.") from None

    def _circumstances(self) -> dict[str, str]:
        found = {name: value for name, value in self.answer.circumstances.items() if value}
        for name, value in found.items():
            concept = self.knowledge.pathway.concepts.get(name)
            if concept is None or value not in concept.values:
                raise Unfit(f"`{value}` is none of the answers offered.", "Choose one of them.")
        return found


def _with_unit(value: Decimal, unit: str) -> str:
    """A score has no unit that anybody would write."""
    return f"{value}" if canonical(unit) == "1" else f"{value} {unit}"
