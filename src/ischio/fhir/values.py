"""The value of an observation, a part of one, or an answer: number, code of ours, yes or no, date."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ischio.fhir.bindings import Bindings
from ischio.fhir.codes import values_by_code
from ischio.fhir.routes import Coding, Json, codings, shown, text_at
from ischio.fhir.times import partial_date
from ischio.model.dates import PartialDate
from ischio.model.terminology import Concept

_YES_AND_NO = {"yes", "no"}


class Value(NamedTuple):
    """A value with its unit as given; None for a concept that has none. on: the date of an event answered by a date."""

    value: Decimal | str | bool | date | None = None
    unit: str | None = None
    on: PartialDate | None = None


class Refused(NamedTuple):
    """Why there is no value to use. silent: nothing happened, or nothing is left to report."""

    why: str
    silent: bool = False


NOTHING = Refused("has no value")


class ValueReader:
    """Reads values of the concepts of a pathway from value[x], answers and codes."""

    def __init__(self, concepts: Mapping[str, Concept], bindings: Bindings) -> None:
        self._bindings = bindings
        self._concepts = concepts
        coded = {concept.id: values_by_code(concept, bindings.systems) for concept in concepts.values()}
        self._coded = {
            name: {coding: self._own(concepts[name], value) for coding, value in codes.items()}
            for name, codes in coded.items()
        }
        self._qualifying = {str(name): coded[name] for name in (bindings.side, *bindings.qualifiers)}
        self._affirming = {(bindings.systems["ischio"], word) for word in ("yes", *bindings.truths.true)}
        readers: Mapping[str, Callable[[Concept, Json], Value | Refused]] = {
            "Quantity": self._quantity,
            "Integer": self._number,
            "Decimal": self._number,
            "CodeableConcept": self._code,
            "Coding": self._code,
            "Boolean": self._boolean,
            "String": self._text,
            "DateTime": self._date,
            "Date": self._date,
        }
        prefixes: set[str] = {binding.values for binding in bindings.resources.values() if binding.values}
        self._readers = {prefix: [(prefix + kind, read) for kind, read in readers.items()] for prefix in prefixes}

    def in_node(self, concept_id: str, node: Json, prefix: str) -> Value | Refused:
        """The value under a key such as valueQuantity. A concept without unit and values needs none."""
        concept = self._concepts[concept_id]
        for key, read in self._readers[prefix]:
            if key in node:
                return read(concept, node[key])
        other = next((key for key in node if key.startswith(prefix) and key[len(prefix) :][:1].isupper()), None)
        if other is not None:
            return Refused(f"has a value that is not read ({shown(other)})")
        return Value() if _is_bare(concept) else NOTHING

    def by_code(self, concept_id: str, node: Json) -> Value | None:
        """The value that a code of the concept itself stands for, as the procedure does in a surgery's code."""
        coded = self._coded[concept_id]
        if coded:
            for coding in codings(node):
                if coding in coded:
                    return coded[coding]
        return None

    def qualifier(self, qualifier: str, codes: list[Coding]) -> str | None:
        """The value of a qualifier; of several that are named the one declared first."""
        coded = self._qualifying[qualifier]
        named = [coded[coding] for coding in codes if coding in coded]
        if len(named) < 2:
            return named[0] if named else None
        return next(value for value in self._concepts[qualifier].values if value in named)

    def interpreted(self, concept_id: str, node: list[Json]) -> Value | None:
        """The value that an interpretation such as POS stands for."""
        values = self._concepts[concept_id].values
        codes = (code for part in node for _, code in codings(part))
        words = (word for code in codes for word in self._bindings.interpretations.get(code, ()))
        return next((Value(word) for word in words if word in values), None)

    def _quantity(self, concept: Concept, quantity: Json) -> Value | Refused:
        if type(quantity) is not dict:
            return Refused("has a value that cannot be read")
        if quantity.get("comparator") is not None:
            return Refused(f"is given as {shown(quantity['comparator'])} a number, not as a number")
        unit = text_at(quantity, "code") or text_at(quantity, "unit")
        read = self._number(concept, quantity.get("value"))
        return Value(read.value, unit) if isinstance(read, Value) else read

    def _number(self, concept: Concept, number: Json) -> Value | Refused:
        if type(number) not in (int, Decimal):
            return Refused("has a value that cannot be read") if number is not None else NOTHING
        if concept.unit is None:
            return Refused("has a number where none is expected")
        return Value(Decimal(number))

    def _code(self, concept: Concept, node: Json) -> Value | Refused:
        value = self.by_code(concept.id, node)
        if value is not None:
            return value
        if _is_bare(concept) and any(coding in self._affirming for coding in codings(node)):
            return Value()
        named = next((code for _, code in codings(node)), None)
        return Refused(f"has a value that is not known here ({shown(named or 'no code')})")

    def _boolean(self, concept: Concept, truth: Json) -> Value | Refused:
        if type(truth) is not bool:
            return Refused("has a value that cannot be read")
        if concept.values.keys() == _YES_AND_NO:
            return Value(truth)
        if _is_bare(concept):
            return Value() if truth else Refused("says no", silent=True)
        words = self._bindings.truths.true if truth else self._bindings.truths.false
        word = next((word for word in words if word in concept.values), None)
        return Value(word) if word else Refused("answers yes or no where that says nothing")

    def _text(self, concept: Concept, text: Json) -> Value | Refused:
        """Free text says that a bare thing was recorded, unless it denies it; as a value it has to be one of ours."""
        if type(text) is str and text in concept.values:
            return self._own(concept, text)
        if not _is_bare(concept):
            return Refused("has words where a coded value or a number is needed")
        if type(text) is not str or self._bindings.denial_words.fits(text):
            return Refused(f"has words that do not say so ({shown(text)})")
        return Value()

    def _date(self, concept: Concept, written: Json) -> Value | Refused:
        when = partial_date(written)
        if when is None:
            return Refused("has a date that cannot be read")
        return Value(on=when) if _is_bare(concept) else Refused("has a date where none is expected")

    def is_bare(self, concept_id: str) -> bool:
        """Whether that a concept was recorded is all there is to it."""
        return _is_bare(self._concepts[concept_id])

    def own(self, concept_id: str, value: str) -> Value:
        """A value of ours by its name."""
        return self._own(self._concepts[concept_id], str(value))

    def _own(self, concept: Concept, value: str) -> Value:
        return Value(value == "yes") if concept.values.keys() == _YES_AND_NO else Value(value)


def _is_bare(concept: Concept) -> bool:
    """Whether a concept has neither number nor coded values: that it was recorded is all there is to it."""
    return concept.unit is None and not concept.values
