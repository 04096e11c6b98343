"""The events and the given facts of a case file: from what is written to values."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import TypeVar, assert_never

from ischio.language.literals import day
from ischio.language.names import suggestion
from ischio.language.units import UnitError, convert
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.about import Scope
from ischio.model.dates import PartialDate
from ischio.model.facts import Fact, FactType, ValueKind
from ischio.model.pathway import Pathway
from ischio.model.terminology import Concept
from ischio.record.events import Asserter, Event, EventSide, FactData, Ignored, Kind
from ischio.record.reading import range_shown

E = TypeVar("E", bound=Enum)
EVENT_KEYS = ("concept", "value", "date", "start", "end", "recorded", "side", "kind", "asserter", "status")
NOT_USED = ("entered-in-error", "refuted", "cancelled")
YES, NO = ("yes", "true"), ("no", "false")
NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)(?: *([^\d\s].*))?")


class Unfit(Exception):
    """What is written does not fit."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what, mend)
        self.what = what
        self.mend = mend


# ---- events -----------------------------------------------------------------------------------------------------


def read_event(pathway: Pathway, keys: Mapping[Written, Written], reading: Reading) -> Event | Ignored | None:
    """One event; Ignored if its status says that it is not to be used; None after telling its mistakes."""
    mistakes = len(reading.mistakes)
    event = _EventReader(pathway, keys, reading).event()
    if len(reading.mistakes) > mistakes or event is None:
        return None
    status = keys.get(Written("status", 0))
    return event if status is None else Ignored(event.source, str(status).replace("-", " "))


class _EventReader:
    """Reads the keys of one event, and tells all that is wrong with them."""

    def __init__(self, pathway: Pathway, keys: Mapping[Written, Written], reading: Reading) -> None:
        self.pathway = pathway
        self.keys: Mapping[str, Written] = {str(key): value for key, value in keys.items()}
        self.reading = reading
        self.line = min((key.line for key in keys), default=1)

    def event(self) -> Event | None:
        self._refuse_misspelt_keys()
        self._word("status", NOT_USED)
        concept = self._concept()
        if concept is None:
            return None
        value, unit = self._value(concept)
        start, end = self._dates()
        return Event(
            concept=concept.id,
            source=f"{Path(self.reading.file).name}, line {self.line}",
            value=value,
            unit=unit,
            start=start,
            end=end,
            recorded=self._date("recorded"),
            kind=self._member("kind", Kind) or Kind.DONE,
            asserter=self._member("asserter", Asserter) or Asserter.CLINICIAN,
            side=self._member("side", EventSide),
            qualifiers={key: str(value) for key, value in self.keys.items() if key not in EVENT_KEYS},
        )

    def _refuse_misspelt_keys(self) -> None:
        """Any other key is a qualifier, but not one that looks like a slip of the pen."""
        for key, value in self.keys.items():
            if key in EVENT_KEYS:
                continue
            near = get_close_matches(key, EVENT_KEYS, n=1, cutoff=0.75)
            if near:
                self._mistake(value.line, f"`{key}` looks like a misspelt key.", f"Did you mean {near[0]}?")

    def _concept(self) -> Concept | None:
        name = self.keys.get("concept")
        if name is None:
            self._mistake(self.line, "The event has no concept.", "Add `concept: ` and an id from terminology.yaml.")
            return None
        if name not in self.pathway.concepts:
            mend = suggestion(name, self.pathway.concepts) or "Add it to terminology.yaml, or name one that is there."
            self._mistake(name.line, f"`{name}` is not a concept of terminology.yaml.", mend)
            return None
        return self.pathway.concepts[name]

    def _value(self, concept: Concept) -> tuple[Decimal | str | bool | date | None, str | None]:
        text = self.keys.get("value")
        if text is None:
            return None, None
        try:
            return event_value(concept, text)
        except Unfit as unfit:
            self._mistake(text.line, unfit.what, unfit.mend)
            return None, None

    def _dates(self) -> tuple[PartialDate | None, PartialDate | None]:
        moment, start, end = (self._date(key) for key in ("date", "start", "end"))
        if "date" not in self.keys:
            return start, end
        if "start" in self.keys or "end" in self.keys:
            self._mistake(self.line, "The event has both a date and a start or end.", "Keep `date` or `start`/`end`.")
        return moment, moment

    def _date(self, key: str) -> PartialDate | None:
        text = self.keys.get(key)
        try:
            return None if text is None else partial_date(text)
        except Unfit as unfit:
            self._mistake(text.line if text is not None else self.line, unfit.what, unfit.mend)
            return None

    def _member(self, key: str, kind: type[E]) -> E | None:
        word = self._word(key, [member.value for member in kind])
        return None if word is None else kind(word)

    def _word(self, key: str, allowed: Sequence[str]) -> str | None:
        word = self.keys.get(key)
        if word is None or word in allowed:
            return None if word is None else str(word)
        self._mistake(word.line, f"`{word}` is no {key} of an event.", f"Write one of {', '.join(allowed)}.")
        return None

    def _mistake(self, line: int, what: str, mend: str) -> None:
        self.reading.mistake(line, what, mend)


def event_value(concept: Concept, text: str) -> tuple[Decimal | str | bool | date | None, str | None]:
    """An event's value with its unit, if it has one. Raises Unfit if the concept has no such value."""
    number = NUMBER.fullmatch(text)
    if text in concept.values:
        return str(text), None
    if concept.unit is not None:
        if number is None:
            raise Unfit(f"`{text}` is not a number.", f"Write a number and its unit, such as `12 {concept.unit}`.")
        return Decimal(number[1]), number[2]
    if concept.values:
        codes = ", ".join(concept.values)
        raise Unfit(f"`{text}` is no value of {concept.id}.", suggestion(text, concept.values) or f"It has {codes}.")
    if text in YES or text in NO:
        return text in YES, None
    return day(text) or _partial_day(concept, text), None


def _partial_day(concept: Concept, text: str) -> str:
    """A month or a year as written. Raises Unfit: other words on a concept without values would pass for a yes."""
    try:
        PartialDate.parse(text)
    except ValueError:
        raise Unfit(f"`{text}` is no value of {concept.id}.", "Write yes or no, or leave the value out.") from None
    return str(text)


def partial_date(text: str) -> PartialDate:
    """A date known to the day, month or year. Raises Unfit."""
    try:
        return PartialDate.parse(text)
    except ValueError:
        raise Unfit(f"`{text}` is not a date.", "Write it as 2026-03-31, 2026-03 or 2026.") from None


# ---- given facts ------------------------------------------------------------------------------------------------


def given_value(fact: Fact, scope: Scope, text: str) -> FactData | None:
    """The value of a fact that is set directly, None for `unknown`. Raises Unfit."""
    if fact.scope is not scope:
        owner, place = ("the person", "person") if fact.scope is Scope.PERSON else ("one side", "right or left")
        raise Unfit(f"{fact.id} belongs to {owner}.", f"Write it under `{place}`.")
    if text == "unknown":
        return None
    match fact.type.kind:
        case ValueKind.BOOLEAN:
            if text not in YES and text not in NO:
                raise Unfit(f"`{text}` is neither yes nor no.", "Write yes, no or unknown.")
            return text in YES
        case ValueKind.NUMBER:
            return _steps(fact.type, text)
        case ValueKind.CODE:
            if text not in fact.type.codes:
                codes = ", ".join(fact.type.codes)
                raise Unfit(
                    f"`{text}` is no code of {fact.id}.", suggestion(text, fact.type.codes) or f"It has {codes}."
                )
            return str(text)
        case ValueKind.DATE:
            found = day(text)
            if found is None:
                raise Unfit(f"`{text}` is not a date.", "Write it as 2026-03-31, or unknown.")
            return found
        case _:
            assert_never(fact.type.kind)


def _steps(type_: FactType, text: str) -> int:
    """A number, in the fact's unit where it gives none."""
    number = NUMBER.fullmatch(text)
    if number is None:
        raise Unfit(f"`{text}` is not a number.", f"Write a number of {range_shown(type_)}, or unknown.")
    try:
        value = convert(Decimal(number[1]), number[2] or type_.unit, type_.unit)
    except UnitError as error:
        raise Unfit(error.mistakes[0].what, error.mistakes[0].mend) from None
    steps = type_.steps(value)
    if steps is None:
        raise Unfit(f"`{text}` lies between two steps of {type_.step}.", f"Round it to a whole {type_.step}.")
    if (type_.low is not None and steps < type_.low) or (type_.high is not None and steps > type_.high):
        raise Unfit(f"`{text}` is outside the fact's range.", f"It may be {range_shown(type_)}.")
    return steps
