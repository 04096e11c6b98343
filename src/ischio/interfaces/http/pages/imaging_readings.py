"""What is recorded of images: each measurement with its circumstances, whether a rule uses it, and how it compares."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ischio.engine.explain import shown_claim
from ischio.fhir.export.questions import selection_of
from ischio.interfaces.http.pages.imaging_asks import read_on_images
from ischio.interfaces.words import OPERATORS, TRUTH_WORDS, amount, day, number
from ischio.language.regions import holds, leaves_by_fact
from ischio.language.units import UnitError, convert
from ischio.model.about import Side
from ischio.model.assessment import Assessment, FactShown
from ischio.model.expression import Compare, ParameterValue
from ischio.model.facts import Fact
from ischio.model.parameters import Parameter, Quantity
from ischio.model.pathway import Pathway
from ischio.model.truth import truth_of
from ischio.record.events import Event, EventSide, Kind, Record
from ischio.record.occurrence import occurrence_of

ANY = ("*",)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value as recorded. told: its circumstances. used: whether a fact holds it now.

    lacking: what is not told and would have to be, for any fact to use it. unfit: circumstances with which none does.
    state: of the fact that could use it and does not: stale, conflicting ...; empty if a newer value counts.
    """

    value: str
    date: str
    told: tuple[str, ...]
    used: bool
    lacking: tuple[str, ...]
    unfit: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A parameter that a rule holds the value against, such as `at most 15 mm`.

    within: whether the value's uncertainty reaches across it.
    """

    parameter: str
    title: str
    limit: str
    sentence: str
    label: str
    note: str
    meets: bool
    within: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """By how much a second measurement may differ. parameter: that says so."""

    parameter: str
    value: str
    sentence: str
    label: str


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of the literature with its flags. Unverified ones are left out."""

    statement: str
    certainty: str
    read: str
    secondhand: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is recorded of one thing on one side. earlier: what was recorded before the newest, the newest first.

    other: the newest of the other side; alike: whether it was measured under the same circumstances.
    """

    concept: str
    title: str
    newest: Measurement
    earlier: tuple[Measurement, ...]
    other: Measurement | None
    alike: bool
    cutoffs: tuple[Cutoff, ...]
    spread: Spread | None
    said: tuple[Said, ...]


def readings(pathway: Pathway, record: Record, assessment: Assessment, side: Side) -> tuple[Reading, ...]:
    """What is recorded of images of one side, in the order of the facts that read it."""
    found = (_Shelf(pathway, record, assessment, name).reading(side) for name in _concepts(pathway))
    return tuple(reading for reading in found if reading is not None)


def without_side(pathway: Pathway, record: Record, assessment: Assessment) -> tuple[tuple[str, Measurement], ...]:
    """What is recorded of images and does not say of which side: no rule of a side uses it."""
    shelves = (_Shelf(pathway, record, assessment, name) for name in _concepts(pathway))
    return tuple((shelf.title, shelf.measurement(event, None)) for shelf in shelves for event in shelf.of(None))


def _facts(pathway: Pathway) -> Iterator[Fact]:
    return (fact for fact in pathway.facts.values() if read_on_images(pathway, fact))


def _concepts(pathway: Pathway) -> Iterable[str]:
    return dict.fromkeys(name for fact in _facts(pathway) for name in selection_of(fact).concepts)


class _Shelf:
    """What is recorded of one concept, and the facts that read it."""

    def __init__(self, pathway: Pathway, record: Record, assessment: Assessment, concept: str) -> None:
        self._pathway, self._record, self._assessment = pathway, record, assessment
        self.concept = pathway.concepts[concept]
        self.title = self.concept.title
        self._facts = tuple(fact for fact in _facts(pathway) if concept in selection_of(fact).concepts)

    def of(self, side: Side | None) -> Sequence[Event]:
        """The events of a side, the newest first."""
        sides = (None,) if side is None else (EventSide(side.value), EventSide.BOTH)
        done = (event for event in self._record.events if event.kind in (Kind.DONE, Kind.STATED))
        own = [event for event in done if event.concept == self.concept.id and event.side in sides]
        return sorted(own, key=lambda event: occurrence_of(event).starts.latest, reverse=True)

    def reading(self, side: Side) -> Reading | None:
        """None if nothing is recorded of this side."""
        own, other = self.of(side), self.of(side.other)[:1]
        if not own:
            return None
        newest = own[0]
        fitting = [fact for fact in self._facts if not any(_misfit(fact, newest))]
        cutoffs, spread = tuple(self._cutoffs(newest, fitting)), self._spread(fitting)
        return Reading(
            self.concept.id,
            self.title,
            self.measurement(newest, side),
            tuple(self.measurement(event, side) for event in own[1:]),
            self.measurement(other[0], side.other) if other else None,
            bool(other) and other[0].qualifiers == newest.qualifiers,
            cutoffs,
            spread,
            tuple(self._said(fitting, cutoffs, spread)),
        )

    # ---- one measurement ----

    def measurement(self, event: Event, side: Side | None) -> Measurement:
        fitting = [fact for fact in self._facts if not any(_misfit(fact, event))]
        near = [_misfit(fact, event) for fact in self._facts]
        lacking = min((lacks for lacks, unfit in near if not unfit), key=len, default=())
        unfit = () if lacking or fitting else tuple(dict.fromkeys(name for _, names in near for name in names))
        held = [self._held(side)[fact.id] for fact in fitting if side]
        used = any(shown.source == event.source and shown.value is not None for shown in held)
        state = next((shown.state for shown in held if shown.value is None), "") if not used else ""
        return Measurement(
            self._value(event),
            _when(event),
            tuple(self._circumstance(name, value) for name, value in event.qualifiers.items()),
            used,
            tuple(self._pathway.concepts[name].title for name in lacking),
            tuple(self._circumstance(name, event.qualifiers[name]) for name in unfit),
            state,
        )

    def _held(self, side: Side) -> Mapping[str, FactShown]:
        return next({fact.id: fact for fact in hip.facts} for hip in self._assessment.hips if hip.side == side.value)

    def _circumstance(self, name: str, value: str) -> str:
        concept = self._pathway.concepts.get(name)
        codes = concept.values.get(value, ()) if concept else ()
        return codes[0].display if codes else value.replace("_", " ")

    def _value(self, event: Event) -> str:
        match event.value:
            case Decimal():
                return amount(number(event.value), event.unit)
            case bool():
                return TRUTH_WORDS[truth_of(event.value)]
            case str():
                codes = self.concept.values.get(event.value, ())
                return codes[0].display if codes else event.value.replace("_", " ")
            case _:
                return event.unread or ""

    # ---- what it means ----

    def _cutoffs(self, event: Event, facts: Iterable[Fact]) -> Iterator[Cutoff]:
        """The parameters that a condition of the pathway holds the value against, each once."""
        met: set[str] = set()
        for fact in facts:
            value = _number(fact, event)
            for leaf, name in self._limits(fact):
                if value is not None and name not in met:
                    met.add(name)
                    yield self._cutoff(fact, leaf, name, value)

    def _limits(self, fact: Fact) -> Iterator[tuple[Compare, str]]:
        """The comparisons of a fact with a parameter, and which."""
        for leaf in leaves_by_fact(self._pathway)[fact.id]:
            if isinstance(leaf, Compare) and isinstance(leaf.limit, ParameterValue):
                yield leaf, leaf.limit.parameter

    def _cutoff(self, fact: Fact, leaf: Compare, name: str, value: Decimal) -> Cutoff:
        parameter, index = self._pathway.parameters[name], self._assessment.index_date
        limit, about, spread = self._on(parameter), parameter.about, self._uncertainty(fact)
        steps = (fact.type.nearest_steps(one) for one in (value, value - spread, value + spread))
        meets = [holds(self._pathway, leaf, one, index) for one in steps]
        return Cutoff(
            name,
            about.title,
            f"{OPERATORS[leaf.operator.value]} {_told(limit)}".strip(),
            about.sentence,
            about.label.value,
            about.note or "",
            meets[0],
            len(set(meets)) > 1,
        )

    def _on(self, parameter: Parameter) -> Quantity:
        value = parameter.on(self._assessment.index_date)
        assert isinstance(value, Quantity), "a number is compared with a number, as checked at loading"
        return value

    def _uncertainty(self, fact: Fact) -> Decimal:
        return self._on(self._pathway.parameters[fact.uncertainty]).value if fact.uncertainty else Decimal(0)

    def _spread(self, facts: Iterable[Fact]) -> Spread | None:
        parameter = next((self._pathway.parameters[fact.uncertainty] for fact in facts if fact.uncertainty), None)
        if parameter is None:
            return None
        value, about = self._on(parameter), parameter.about
        return Spread(parameter.id, _told(value), about.sentence, about.label.value)

    def _said(self, facts: Iterable[Fact], cutoffs: Iterable[Cutoff], spread: Spread | None) -> Iterator[Said]:
        """What the literature says of the facts and of the numbers that the value is held against."""
        names = [name for fact in facts for name in fact.about.evidence]
        parameters = [*(cutoff.parameter for cutoff in cutoffs), *((spread.parameter,) if spread else ())]
        names += [name for each in parameters for name in self._pathway.parameters[each].about.evidence]
        for claim in (shown_claim(self._pathway, name) for name in dict.fromkeys(names)):
            if claim.statement is not None:
                yield Said(claim.statement, claim.certainty.replace("-", " "), claim.verified, claim.secondhand)


def _misfit(fact: Fact, event: Event) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a fact asks for and the event does not tell, and what it tells otherwise."""
    asked = selection_of(fact).qualifiers
    lacking = tuple(name for name in asked if name not in event.qualifiers)
    told = {name: values for name, values in asked.items() if name in event.qualifiers and values != ANY}
    return lacking, tuple(name for name, values in told.items() if event.qualifiers[name] not in values)


def _number(fact: Fact, event: Event) -> Decimal | None:
    """The value in the fact's unit; None if it has no number that fits."""
    if not isinstance(event.value, Decimal):
        return None
    try:
        return convert(event.value, event.unit or "1", fact.type.unit, event.concept)
    except UnitError:
        return None


def _told(quantity: Quantity) -> str:
    return amount(number(quantity.value), quantity.unit)


def _when(event: Event) -> str:
    start = event.start or event.end
    if start is None:
        return ""
    return day(start.earliest) if start.exact else str(start)
