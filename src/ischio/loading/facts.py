"""Facts: how each is derived, what its absence means, and what it implies."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import assert_never

from ischio.language.literals import duration
from ischio.language.types import same_unit
from ischio.loading.draft import Draft, plain, text_or_none
from ischio.loading.entries import (
    ComparedEntry,
    CountEntry,
    CourseLengthEntry,
    DateOfEntry,
    DeriveEntry,
    ExistsEntry,
    FactEntry,
    FirstEntry,
    ImpliesEntry,
    LatestEntry,
    SelectingEntry,
    StaleEntry,
    TermEntry,
)
from ischio.loading.order import in_order
from ischio.loading.shapes import Name
from ischio.loading.yaml_lines import Written
from ischio.model.about import Scope
from ischio.model.dates import Duration
from ischio.model.expression import ParameterValue, criteria_named
from ischio.model.facts import (
    Absent,
    Anchor,
    Compared,
    Conflict,
    Count,
    CourseLength,
    DateOf,
    Derivation,
    Exists,
    Fact,
    FactType,
    First,
    Implication,
    Interval,
    Latest,
    Selection,
    SideRule,
    StaleAfter,
    Term,
    ValueKind,
)
from ischio.model.parameters import Quantity
from ischio.model.terminology import Concept

FILE = "facts.yaml"


def facts(entries: Mapping[Name, FactEntry], concepts: Mapping[str, Concept], draft: Draft) -> dict[str, Fact]:
    """The facts, linked to concepts, parameters and each other."""
    built: dict[str, Fact] = {}
    for name, entry in entries.items():
        if name in draft.types:
            fact = _FactBuilder(str(name), entry, concepts, draft).fact()
            if fact is not None:
                built[fact.id] = fact
    _refuse_cycles(built, entries, draft)
    return built


def inputs(fact: Fact) -> Iterator[str]:
    """The facts that a fact is derived from or leans on."""
    if isinstance(fact.derivation, Compared):
        yield from (term.fact for term in fact.derivation.terms)
    else:
        selection = fact.derivation.selection
        yield from (anchor.fact for anchor in selection.anchors)
        yield from (name for name in (selection.unsided_when, *selection.unsided_unless, selection.back_from) if name)
    if fact.absent.no_when:
        yield fact.absent.no_when


def _refuse_cycles(built: Mapping[str, Fact], entries: Mapping[Name, FactEntry], draft: Draft) -> None:
    _, cycles = in_order({name: tuple(inputs(fact)) for name, fact in built.items()})
    lines = {str(name): entry.line for name, entry in entries.items()}
    for cycle in cycles:
        reading = draft.reading(FILE, f"fact {cycle[0]}")
        reading.mistake(
            lines[cycle[0]], f"Facts depend on each other in a circle: {' -> '.join(cycle)}.", "Take one out."
        )


class _FactBuilder:
    """Links one fact. A part at fault is told and becomes None, and the rest is still looked at."""

    def __init__(self, name: str, entry: FactEntry, concepts: Mapping[str, Concept], draft: Draft) -> None:
        self.name, self.entry, self.concepts, self.draft = name, entry, concepts, draft
        self.type, self.scope = draft.types[name], entry.scope
        self.reading = draft.reading(FILE, f"fact {name}")

    def fact(self) -> Fact | None:
        entry = self.entry
        about = self.draft.about(entry, self.reading)
        derivation = self._derivation(entry.derive)
        absent = self._absent(entry.absent)
        implies = tuple(implied for each in entry.implies for implied in self._implication(each))
        uncertainty = self._uncertainty(entry.uncertainty)
        self._check_yes()
        if derivation is None:
            return None
        kept = absent, entry.conflict, entry.changeable, implies, uncertainty
        return Fact(self.name, about, self.type, self.scope, derivation, *kept)

    def _mistake(self, line: int, what: str, mend: str) -> None:
        self.reading.mistake(line, what, mend)

    def _check_yes(self) -> None:
        """A rule about a yes needs a fact that has one; for a conflict and a correction the first code will do."""
        kind, entry, derive = self.type.kind, self.entry, self.entry.derive
        has_yes = kind in (ValueKind.BOOLEAN, ValueKind.CODE)
        if entry.conflict is Conflict.ANY_YES and not has_yes:
            self._has_no_yes("conflict: any_yes", entry.at("conflict"))
        if isinstance(derive, LatestEntry) and derive.corrected_by and not has_yes:
            self._has_no_yes(f"corrected_by: {derive.corrected_by}", derive.at("corrected_by"))
        if isinstance(derive, LatestEntry) and derive.any_yes_of and kind is not ValueKind.BOOLEAN:
            self._has_no_yes(f"any_yes_of: {derive.any_yes_of}", derive.at("any_yes_of"))

    def _has_no_yes(self, rule: str, line: int) -> None:
        what = f"The values of this fact are {self.type.kind.value}s, of which none is the yes that `{rule}` means."
        self._mistake(line, what, "Take it out, or declare `type: boolean`.")

    # ---- derivation ---------------------------------------------------------------------------------------------

    def _derivation(self, entry: DeriveEntry) -> Derivation | None:
        if isinstance(entry, ComparedEntry):
            return self._compared(entry)
        if not self._gives(entry):
            return None
        self._check_codes(entry)
        selection = self._selection(entry)
        match entry:
            case LatestEntry():
                stale_after, yes_and_no = self._stale(entry.stale_after), self._yes_and_no(entry)
                return Latest(
                    selection,
                    stale_after,
                    *yes_and_no,
                    corrected_by=entry.corrected_by,
                    any_yes_of=entry.any_yes_of,
                    largest=entry.largest,
                    smallest=entry.smallest,
                )
            case FirstEntry():
                return First(selection, *self._yes_and_no(entry))
            case DateOfEntry():
                return DateOf(selection, entry.which == "oldest")
            case ExistsEntry():
                return Exists(selection)
            case CountEntry():
                return Count(selection)
            case CourseLengthEntry():
                return CourseLength(selection)
            case _:
                assert_never(entry)

    def _gives(self, entry: DeriveEntry) -> bool:
        """Whether the pattern gives values of the fact's type."""
        number = FactType(ValueKind.NUMBER)
        gives = {
            "date_of": FactType(ValueKind.DATE),
            "exists": FactType(ValueKind.BOOLEAN),
            "compared": FactType(ValueKind.BOOLEAN),
            "count": number,
            "course_length": FactType(ValueKind.NUMBER, "d"),
        }.get(entry.pattern)
        if gives is None or (gives.kind, gives.unit, gives.step) == (self.type.kind, self.type.unit, self.type.step):
            return True
        in_unit = f", unit {gives.unit}, step 1" if gives.kind is ValueKind.NUMBER else ""
        what = f"The pattern {entry.pattern} does not give the type of this fact."
        self._mistake(entry.line, what, f"Declare the type {gives.kind.value}{in_unit}.")
        return False

    def _selection(self, entry: SelectingEntry) -> Selection:
        values = self._values(entry)
        for name in (entry.unsided_when, *entry.unsided_unless):
            if name and self.draft.fact(name, ValueKind.BOOLEAN, self.reading):
                self._check_scope(name)
        if entry.back_from and self.draft.fact(entry.back_from, ValueKind.DATE, self.reading):
            self._check_scope(entry.back_from)
        return Selection(
            concepts=tuple(str(concept) for concept in entry.concept if self._is_concept(concept)),
            kinds=entry.kind,
            values=self._codes_of(entry, entry.values, values),
            side=self._side(entry),
            unsided_when=text_or_none(entry.unsided_when),
            unsided_unless=plain(entry.unsided_unless),
            unsided_values=self._codes_of(entry, entry.unsided_values, values),
            begun_values=self._codes_of(entry, entry.begun_values, values),
            qualifiers={str(name): plain(accepted) for name, accepted in entry.qualifiers.items()},
            asserters=entry.asserter,
            patient_first=entry.patient_first,
            in_force=self._lasting(entry.in_force),
            lifted_by=self._codes_of(entry, entry.lifted_by, values),
            while_it_lasts=entry.while_it_lasts,
            window=self._interval(entry.window),
            back_from=text_or_none(entry.back_from),
            anchors=tuple(self._anchors(entry)),
        )

    def _is_concept(self, concept: Written) -> bool:
        return self.draft.known(concept, self.concepts, "a concept of terminology.yaml", self.reading)

    def _side(self, entry: SelectingEntry) -> SideRule:
        if self.scope is Scope.HIP:
            return entry.side or SideRule.THIS
        if entry.side in (SideRule.THIS, SideRule.THIS_OR_UNSIDED, SideRule.OTHER):
            what = f"A fact of the person has no {entry.side.value} side."
            self._mistake(entry.at("side"), what, "Write `side: any`, or `scope: hip`.")
        return entry.side or SideRule.PERSON

    def _interval(self, text: Written | None) -> Interval | None:
        return self.draft.interval(text, self.reading) if text else None

    def _lasting(self, text: Written | None) -> Duration | None:
        found = duration(text) if text else None
        if text and found is None:
            self._mistake(text.line, f"`{text}` is no duration.", "Write one, such as 6 weeks.")
        return found

    def _anchors(self, entry: SelectingEntry) -> Iterator[Anchor]:
        if entry.otherwise and not entry.after:
            mend = "Add `after: FACT`, or write `window`."
            self._mistake(entry.at("otherwise"), "`otherwise` stands without `after`.", mend)
        for text, until in ((entry.after, False), (entry.until, True)):
            anchor = self._anchor(text, None if until else entry.otherwise, until) if text else None
            if anchor:
                yield anchor

    def _anchor(self, text: Written, otherwise: Written | None, until: bool) -> Anchor | None:
        found = re.fullmatch(r"(\w+)(?:\s*([+-])\s*(.+))?", text.strip())
        if not found:
            mend = "Write FACT, FACT + DURATION or FACT - DURATION."
            self._mistake(text.line, f"`{text}` is not a date fact, moved or not.", mend)
            return None
        fact = Written(found[1], text.line)
        if not self.draft.fact(fact, ValueKind.DATE, self.reading):
            return None
        self._check_scope(fact)
        offset = self._interval(Written(found[3], text.line)) if found[3] else None
        return Anchor(str(fact), offset, -1 if found[2] == "-" else 1, self._interval(otherwise), until)

    def _check_scope(self, fact: Written) -> None:
        if self.scope is Scope.PERSON and self.draft.scopes[fact] is Scope.HIP:
            what = f"This fact is of the person, and `{fact}` is of one hip."
            self._mistake(fact.line, what, "Give both the same scope.")

    def _stale(self, written: Written | StaleEntry | None) -> StaleAfter | None:
        if written is None:
            return None
        after, values = (written, ()) if isinstance(written, Written) else (written.after, written.values)
        codes = dict.fromkeys(("yes", "no")) if self.type.kind is ValueKind.BOOLEAN else self.type.codes
        for code in values:
            self.draft.known(code, codes, "a code of this fact", self.reading)
        interval = self._interval(after)
        return StaleAfter(interval, plain(values)) if interval else None

    # ---- coded values -------------------------------------------------------------------------------------------

    def _values(self, entry: SelectingEntry) -> dict[str, None]:
        """The coded values of the fact's concepts."""
        known = (self.concepts[name] for name in entry.concept if name in self.concepts)
        return dict.fromkeys(value for concept in known for value in concept.values)

    def _check_codes(self, entry: SelectingEntry) -> None:
        """Every coded value that the fact may take must be one that it declares."""
        if self.type.kind is not ValueKind.CODE or not isinstance(entry, LatestEntry | FirstEntry):
            return
        for value in entry.values or self._values(entry):
            if value not in self.type.codes:
                what = f"The concept has the value `{value}`, which is not a code of this fact."
                self._mistake(entry.line, what, "Declare it under `codes`, or leave it out by `values`.")

    def _codes_of(
        self, entry: SelectingEntry, codes: tuple[Written, ...], values: Mapping[str, None]
    ) -> tuple[str, ...]:
        at_fault = any(concept not in self.concepts for concept in entry.concept)
        for code in codes if not at_fault else ():
            self.draft.known(code, values, "a value of the concept", self.reading)
        return plain(codes)

    def _yes_and_no(self, entry: LatestEntry | FirstEntry) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if self.type.kind is not ValueKind.BOOLEAN:
            for key in ("yes", "no"):
                if key in entry.key_lines:
                    self._mistake(entry.at(key), f"`{key}` is for yes-or-no facts.", "Remove it.")
            return (), ()
        self._check_values(entry)
        values = self._values(entry)
        meant = {*(entry.yes or ("yes",)), *(entry.no or ("no",))}
        if values and not meant & set(values):
            what = f"None of the concept's values ({', '.join(values)}) means yes or no."
            self._mistake(entry.line, what, "Say which do: `yes: [...]` and `no: [...]`.")
        return self._codes_of(entry, entry.yes, values), self._codes_of(entry, entry.no, values)

    def _check_values(self, entry: LatestEntry | FirstEntry) -> None:
        """A bare code in a record says that something is so, and nothing in it could ever say yes or no."""
        for name in entry.concept:
            if name in self.concepts and not self.concepts[name].values:
                what = f"`{name}` has no values, so no record can say yes or no to this fact."
                mend = f"Give {name} `values` in terminology.yaml, or write `pattern: exists`."
                self._mistake(entry.at("concept"), what, mend)

    # ---- compared -----------------------------------------------------------------------------------------------

    def _compared(self, entry: ComparedEntry) -> Compared | None:
        fits = self._gives(entry)
        terms = [self._term(term) for term in entry.terms]
        at_least = self._at_least(entry.at_least)
        if not fits or at_least is None or None in terms or not self._one_unit(entry, at_least):
            return None
        return Compared(tuple(term for term in terms if term), at_least)

    def _term(self, entry: TermEntry) -> Term | None:
        if not self.draft.fact(entry.fact, ValueKind.NUMBER, self.reading):
            return None
        self._check_scope(entry.fact)
        if entry.parameter and not self._is_number(entry.parameter):
            return None
        return Term(str(entry.fact), entry.times, text_or_none(entry.parameter))

    def _at_least(self, text: Written) -> Decimal | ParameterValue | None:
        try:
            return Decimal(text)
        except InvalidOperation:
            return ParameterValue(str(text)) if self._is_number(text) else None

    def _is_number(self, name: Written) -> bool:
        if not self.draft.known(name, self.draft.parameters, "a number parameter", self.reading):
            return False
        is_number = self._unit(name) is not None
        if not is_number:
            self._mistake(name.line, f"`{name}` is not a number.", "Name a parameter that is one.")
        return is_number

    def _unit(self, parameter: str) -> str | None:
        value = self.draft.parameters[parameter].values[0].value
        return value.unit if isinstance(value, Quantity) else None

    def _one_unit(self, entry: ComparedEntry, at_least: Decimal | ParameterValue) -> bool:
        """Whether all terms and the limit are in one unit; a factor that carries a unit of its own changes it."""
        units = [
            self.draft.types[term.fact].unit
            for term in entry.terms
            if not term.parameter or self._unit(term.parameter) in ("1", "%")
        ]
        if isinstance(at_least, ParameterValue):
            units.append(self._unit(at_least.parameter) or "")
        if all(same_unit(units[0], unit) for unit in units):
            return True
        what = f"The terms and the limit are in different units: {', '.join(dict.fromkeys(units))}."
        self._mistake(entry.line, what, "Bring them to one unit.")
        return False

    def _uncertainty(self, name: Written | None) -> str | None:
        """The parameter by which a repeated measurement may differ: a number in the fact's own unit."""
        if name is None or not self._is_number(name):
            return None
        unit = self._unit(name) or ""
        if self.type.kind is ValueKind.NUMBER and same_unit(unit, self.type.unit):
            return str(name)
        what = f"`{name}` is in {unit}, and the fact is no number in that unit."
        self._mistake(name.line, what, "Name a parameter in the fact's unit.")
        return None

    # ---- absence and implications -------------------------------------------------------------------------------

    def _absent(self, text: Written | None) -> Absent:
        if text is None or text == "unknown":
            return Absent()
        found = re.fullmatch(r"no(?: when (\w+))?", text)
        if not found:
            self._mistake(text.line, f"`{text}` is not understood.", "Write unknown, no, or no when FACT.")
            return Absent()
        if not self._can_be_no(text):
            return Absent()
        if found[1] is None:
            self._check_title(text)
            return Absent(no=True, code=self._absent_code(text))
        attestation = Written(found[1], text.line)
        if self.draft.fact(attestation, ValueKind.BOOLEAN, self.reading):
            self._check_scope(attestation)
        return Absent(no_when=str(attestation), code=self._absent_code(text))

    def _check_title(self, absent: Written) -> None:
        """Silence is a no only for what is told as a record: the reader must see that nobody was asked."""
        if not self.entry.title.startswith("Recorded"):
            what = (
                "Without an event this fact is no, although its title does not say that it is about what is recorded."
            )
            mend = 'Begin the title with "Recorded: ", or write `absent: unknown` or `absent: no when FACT`.'
            self._mistake(absent.line, what, mend)

    def _can_be_no(self, text: Written) -> bool:
        """A date, a measured number and a reckoned answer have no value that stands for no."""
        counted = isinstance(self.entry.derive, CountEntry | CourseLengthEntry)
        if self.type.kind in (ValueKind.BOOLEAN, ValueKind.CODE) or counted:
            return True
        what = f"A fact of type {self.type.kind.value} has no value that means no."
        self._mistake(text.line, what, "Leave `absent` out, and ask a fact that `exists` whether there is one.")
        return False

    def _absent_code(self, text: Written) -> str | None:
        if self.type.kind is not ValueKind.CODE:
            return None
        code = self.entry.absent_code
        if code is None:
            mend = "Add `absent_code:` and the code that stands for absent."
            self._mistake(text.line, "A fact of codes does not say which code stands for absent.", mend)
        else:
            self.draft.known(code, self.type.codes, "a code of this fact", self.reading)
        return text_or_none(code)

    def _implication(self, entry: ImpliesEntry) -> Iterator[Implication]:
        when = self.draft.condition(entry.when, self.reading)
        then = self.draft.condition(entry.then, self.reading)
        for expression in (when, then):
            for criterion in criteria_named(expression) if expression else ():
                self._mistake(entry.line, f"`{criterion}` is not a fact.", "Name only facts in what a fact implies.")
        if when and then:
            yield Implication(when, then)
