"""What an event can say, as a number: its topic. And what each topic means to each reader.

A topic is a concept with the form of what is said on it: a code that some reader knows, a number in a unit that some
reader can read, a plain yes ... What a reader makes of a topic is worked out here, once, and not for each event.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from ischio.backends.sql.numbering import Numbering
from ischio.backends.sql.readers import Reader
from ischio.backends.sql.units import Steps, steps_of, units_of
from ischio.model.facts import First, Latest, ValueKind

ALL_KINDS = 15


class Form(IntEnum):
    """The form of what an event says. Each concept has a topic for each; CODE and NUMBER are those that none knows."""

    NOTHING, CODE, NUMBER, YES, NO, DAY, UNREAD, UNAVAILABLE = range(8)


class Role(IntEnum):
    """What a topic is to a reader. LACKS: it asks for a value. DENIES: it says that there is none. ECHOES: of another
    concept than the reader's own. SILENT: nothing, but it may take back."""

    SAYS, LACKS, DENIES, ECHOES, SILENT, UNAVAILABLE = range(6)


@dataclass(frozen=True, slots=True)
class Topic:
    """first: the first topic of the concept, which stands for it. text: the code, or the unit of the number."""

    number: int
    first: int
    concept: str
    form: Form
    text: str | None = None

    @property
    def word(self) -> str | None:
        """The word that it says: a plain yes is the word yes as well."""
        plain = {Form.YES: "yes", Form.NO: "no"}
        return self.text if self.form is Form.CODE else plain.get(self.form)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a topic is to a reader. value: as a number, None where it is refused or stands in the event. unsided: it
    counts for both hips although it names no side. begins: it has begun as soon as its date allows it. lifts: it takes
    back what was said before."""

    topic: Topic
    reader: Reader
    role: Role
    value: int | None
    steps: Steps | None
    unsided: bool
    begins: bool
    lifts: bool

    @property
    def kinds(self) -> int:
        """Of what cannot be read or told the kind does not matter."""
        return ALL_KINDS if self.topic.form in (Form.UNREAD, Form.UNAVAILABLE) else self.reader.kinds

    @property
    def sure(self) -> bool:
        """Whether it is known to be what the reader looks for."""
        return self.reader.valued or self.topic.form is not Form.UNREAD


@dataclass(frozen=True)
class Topics:
    """The topics of what the readers look at."""

    readers: tuple[Reader, ...]
    numbers: Numbering

    @cached_property
    def of_concept(self) -> Mapping[str, tuple[Topic, ...]]:
        """By concept; the first ones are its forms, in order."""
        found: dict[str, tuple[Topic, ...]] = {}
        number = 0
        for concept, readers in sorted(self._readers_of_concept.items()):
            named: list[tuple[Form, str | None]] = [(form, None) for form in Form]
            named += [(Form.CODE, word) for word in sorted(_words(readers))]
            named += [(Form.NUMBER, unit) for unit in sorted(_units(readers, concept))]
            found[concept] = tuple(Topic(number + n, number, concept, *each) for n, each in enumerate(named))
            number += len(named)
        return found

    @cached_property
    def _readers_of_concept(self) -> Mapping[str, list[Reader]]:
        found: dict[str, list[Reader]] = {}
        for reader in self.readers:
            for concept in reader.selection.concepts:
                found.setdefault(concept, []).append(reader)
        return found

    @property
    def with_dates(self) -> set[str]:
        """The concepts of which some reader wants a date as value."""
        dated = (each for each in self.readers if each.valued and each.fact.type.kind is ValueKind.DATE)
        return {concept for reader in dated for concept in reader.selection.concepts}

    def meanings(self) -> Iterator[Meaning]:
        """What each topic means to each reader that hears it."""
        for concept, topics in self.of_concept.items():
            for reader in self._readers_of_concept[concept]:
                yield from (meaning for topic in topics if (meaning := self._meaning(topic, reader)) is not None)

    def _meaning(self, topic: Topic, reader: Reader) -> Meaning | None:
        role = _role(topic, reader)
        lifts = topic.word in reader.selection.lifted_by
        if role is Role.SILENT and not lifts:
            return None
        steps = None
        if reader.valued and reader.fact.type.kind is ValueKind.NUMBER and topic.form is Form.NUMBER and topic.text:
            steps = steps_of(reader.fact.type, topic.text, topic.concept)
        unsided = topic.word in reader.selection.unsided_values
        begins = topic.word in reader.selection.begun_values
        return Meaning(topic, reader, role, self._value(topic, reader), steps, unsided, begins, lifts)

    def _value(self, topic: Topic, reader: Reader) -> int | None:
        """The number of the code or of yes and no."""
        derivation, kind = reader.fact.derivation, reader.fact.type.kind
        if not isinstance(derivation, Latest | First) or topic.form not in (Form.CODE, Form.YES, Form.NO):
            return None
        if kind is ValueKind.CODE:  # a plain yes is not the code "yes"
            return self.numbers.codes_of(reader.fact).get(topic.text or "") if topic.form is Form.CODE else None
        if kind is not ValueKind.BOOLEAN:
            return None
        if topic.form is not Form.CODE:
            return int(topic.form is Form.YES)
        yes, no = derivation.yes or ("yes",), derivation.no or ("no",)
        return 1 if topic.text in yes else 0 if topic.text in no else None


def _role(topic: Topic, reader: Reader) -> Role:
    selection = reader.selection
    if topic.form is Form.UNAVAILABLE:
        return Role.UNAVAILABLE
    if topic.form is not Form.UNREAD and selection.values and topic.word not in selection.values:
        return Role.SILENT
    if reader.valued and topic.form is Form.NOTHING:
        return Role.LACKS
    if not (reader.valued or selection.values) and topic.word == "no":
        return Role.DENIES
    return Role.SAYS if reader.concept in (None, topic.concept) else Role.ECHOES


def _words(readers: Iterable[Reader]) -> set[str]:
    """The codes that mean something to some reader."""
    named = {"yes", "no"}
    for reader in readers:
        derivation, selection = reader.fact.derivation, reader.selection
        named.update(reader.fact.type.codes, selection.values, selection.unsided_values)
        named.update(selection.begun_values, selection.lifted_by)
        if isinstance(derivation, Latest | First):
            named.update(derivation.yes, derivation.no)
    return named


def _units(readers: Iterable[Reader], concept: str) -> set[str]:
    """The units in which some reader can read a number."""
    types = [each.fact.type for each in readers if each.valued and each.fact.type.kind is ValueKind.NUMBER]
    return {unit for type_ in types for unit in units_of(type_) if steps_of(type_, unit, concept) is not None}
