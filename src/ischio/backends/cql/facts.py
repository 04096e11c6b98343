"""A fact as CQL: the readings that it looks at, and what they come to (docs/decisions/0510-facts-in-cql.md)."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from math import lcm
from typing import assert_never

from ischio.backends.cql.text import NotExpressible, decimal, define, interval, listed, rests_on, text, texts
from ischio.language.regions import leaves_by_fact
from ischio.language.text import limit_text
from ischio.language.units import SPELLINGS, UNITS, UnitError, line
from ischio.model.about import Side
from ischio.model.expression import Between, Compare, FactHolds, Leaf, Limit, Operator
from ischio.model.facts import (
    Anchor,
    Compared,
    Conflict,
    Count,
    CourseLength,
    DateOf,
    Derivation,
    Exists,
    Fact,
    First,
    Interval,
    Latest,
    Selection,
    SideRule,
    StaleAfter,
    Term,
    ValueKind,
)
from ischio.model.parameters import Quantity
from ischio.model.pathway import Pathway
from ischio.record.plan import plan_of

READING = (
    "Tuple { concept String, source String, worth Integer, region Integer, rank Integer, entitled Boolean, "
    "lacking Boolean, sure Boolean, begunFrom Date, begunTo Date, endedFrom Date, endedTo Date, recorded Date }"
)
"""The type of a reading, as IschioCommon's functions take it."""

DATED = "Tuple { undated Boolean, momentary Boolean, begunFrom Date, begunTo Date, endedFrom Date, endedTo Date }"
"""The type of what is known of when something was."""

EVENT_PARTS = {
    "concept": "String",
    "source": "String",
    "kind": "String",
    "unread": "Boolean",
    "asserter": "String",
    "side": "String",
    "code": "String",
    "number": "Decimal",
    "unit": "String",
    "plainUnit": "String",
    "annotated": "Boolean",
    "dated": DATED,
    "recorded": "Date",
    **dict.fromkeys(("modality", "leg_position", "method", "guidance", "injectate", "moment"), "String"),
}
EVENT = f"Tuple {{ {', '.join(f'{name} {type_}' for name, type_ in EVENT_PARTS.items())} }}"
"""The type of an event, as IschioRecord gives them."""

Recorded = Latest | First | DateOf | Exists | Count | CourseLength
_RANKS = {"clinician": 0, "device": 1, "patient": 2}


class FactPrinter:
    """Prints the facts of the person (side None) or of one hip."""

    def __init__(self, pathway: Pathway, side: Side | None) -> None:
        self._pathway = pathway
        self._side = side
        plan = plan_of(pathway)
        self._own = {fact.id for fact in (plan.person if side is None else plan.hip)}
        facts = pathway.facts.values()
        self._attestations = {fact.absent.no_when for fact in facts if fact.absent.no_when}

    def defines(self) -> Iterator[str]:
        """All facts of the scope in the order of facts.yaml, each with what it is worked out from."""
        for fact in self._pathway.facts.values():
            if fact.id in self._own:
                yield "\n\n".join(self._fact(fact))

    def _fact(self, fact: Fact) -> Iterator[str]:
        about = (f"{fact.about.title}. {fact.about.sentence}", rests_on(self._pathway, fact.about))
        if isinstance(fact.derivation, Compared):
            yield define(fact.id, self._compared(fact.derivation), *about)
            return
        _refuse_other_qualifiers(fact, fact.derivation.selection)
        if fact.derivation.selection.lifted_by:
            yield define(f"words that lift {fact.id}", self._lifting(fact.derivation))
        yield define(f"readings of {fact.id}", self._readings(fact, fact.derivation))
        if isinstance(fact.derivation, DateOf):
            which = "Oldest" if fact.derivation.oldest else "Newest"
            yield define(f"days of {fact.id}", f"Common.DayOf{which}({self._of(fact)})")
        if fact.id in self._attestations:
            yield define(f"day of {fact.id}", self._day_of(fact))
        yield define(fact.id, self._value(fact, fact.derivation), *about)

    def _of(self, fact: Fact) -> str:
        return f'"readings of {fact.id}"'

    def _named(self, what: str, fact: str) -> str:
        """Something of a fact, which may be the person's and so stand in another library."""
        name = f'"{what} {fact}"'
        return name if fact in self._own else f"Person.{name}"

    # ---- readings --------------------------------------------------------------------------------------------------

    def _readings(self, fact: Fact, derivation: Recorded) -> str:
        selection = derivation.selection
        events = [f'Record."events of {concept}"' for concept in selection.concepts]
        source = events[0] if len(events) == 1 else f"(flatten {listed(events)})"
        lets = dict(self._lets(fact, derivation))
        aside = " or ".join(name for name in ("lacking", "unsided") if name in lets)
        where = [*self._where(derivation), "counts is not false", *_left(lets, aside)]
        must = ["counts", *(["lasts"] if "lasts" in lets else []), *(["lifted is false"] if "lifted" in lets else [])]
        must += [] if isinstance(derivation, Latest | First) else ["not E.unread"]
        sure = f"if {' and '.join(must)} then true else null"
        standing = ", ".join((_rank(selection), _entitled(derivation), "lacking" if "lacking" in lets else "false"))
        return "\n".join(
            (
                f"{source} E",
                "  let " + ",\n    ".join(f"{name}: {body}" for name, body in lets.items()),
                "  where " + "\n    and ".join(where),
                f"  return all Common.Reading(E, dated, {'worth, region' if 'worth' in lets else 'null, null'},",
                f"    {standing}, {f'if {aside} then false else {sure}' if aside else sure})",
            )
        )

    def _lifting(self, derivation: Recorded) -> str:
        """The words that take back what was said before."""
        selection = derivation.selection
        events = [f'(Record."events of {concept}")' for concept in selection.concepts]
        source = events[0] if len(events) == 1 else f"(flatten {listed(events)})"
        where = [f"E.code in {texts(selection.lifted_by)}", *self._eligible(selection)]
        taken = "concept: E.concept, unsided: E.side is null, begunFrom: E.dated.begunFrom, begunTo: E.dated.begunTo"
        return f"{source} E\n  where {' and '.join(where)}\n  return all Tuple {{ {taken} }}"

    def _lets(self, fact: Fact, derivation: Recorded) -> Iterator[tuple[str, str]]:
        selection = derivation.selection
        lasting = f"Common.Lasting(E.dated, {selection.in_force})" if selection.in_force is not None else "E.dated"
        yield "dated", lasting
        since, surely = self._since(selection, "earliest"), self._since(selection, "latest")
        until, unclear = self._until(selection), self._unclear(selection)
        yield "counts", f"Common.Within(dated, {_ahead(selection)}, Index, {since}, {surely}, {until}, {unclear})"
        if lacking := _lacking(derivation):
            yield "lacking", lacking
        if self._doubts_unsided(selection.side):
            yield "unsided", _unsided(selection)
        if selection.while_it_lasts:
            yield "lasts", "Common.Lasts(E.dated, dated, Index)"
        if selection.lifted_by:
            anyone = f"unsided or {unsided_counts(selection)}" if self._doubts_unsided(selection.side) else "true"
            words = f'"words that lift {fact.id}" L where L.concept = E.concept and (not L.unsided or {anyone})'
            yield "lifted", f"Common.Lifted(dated, ({words}), Index)"
        if isinstance(derivation, Latest | First):
            yield from self._worth(fact, derivation)

    def _where(self, derivation: Recorded) -> Iterator[str]:
        """What an event must be to match, as far as it can be told."""
        selection = derivation.selection
        yield from self._eligible(selection)
        if selection.values:
            yield f"(E.unread or E.code in {texts(selection.values)})"
        elif not isinstance(derivation, Latest | First):  # what is stated not to be is no match for what is or was
            lacking = "lacking or " if selection.qualifiers else ""
            yield f"(E.unread or {lacking}E.code is null or E.code != 'no')"
        for anchor in selection.anchors:
            if anchor.otherwise is None and not anchor.until:  # nothing comes after what has not happened
                days = self._named("days of", anchor.fact)
                yield f"({days}.earliest is not null or {days}.unclear)"

    def _eligible(self, selection: Selection) -> Iterator[str]:
        """Kind, asserter, qualifiers and side, as far as they are recorded."""
        yield f"(E.unread or E.kind in {texts(selection.kinds or ('done', 'stated'))})"
        if selection.asserters:
            yield f"E.asserter in {texts(selection.asserters)}"
        for name, accepted in selection.qualifiers.items():
            if accepted != ("*",):
                yield f"(E.{name} is null or E.{name} in {texts(accepted)})"
        side = self._wanted(selection.side)
        if side is not None:
            yield f"(E.side is null or E.side in {texts((side, 'both'))})"

    def _wanted(self, rule: SideRule) -> str | None:
        if self._side is None or rule in (SideRule.PERSON, SideRule.ANY):
            return None
        return self._side.other.value if rule is SideRule.OTHER else self._side.value

    def _doubts_unsided(self, rule: SideRule) -> bool:
        """Whether what names no side may be of the other hip."""
        return self._wanted(rule) is not None and rule is not SideRule.THIS_OR_UNSIDED

    # ---- days ------------------------------------------------------------------------------------------------------

    def _since(self, selection: Selection, end: str) -> str:
        """The first day looked at; the latest that it can be where an anchor is not known to the day."""
        days = [self._back(selection, selection.window, end)] if selection.window is not None else []
        days += [self._anchored(selection, anchor, end) for anchor in selection.anchors if not anchor.until]
        return _joined("Max", days)

    def _back(self, selection: Selection, back: Interval, end: str) -> str:
        """Since when a window counts: back from Index, or from an earlier date once it is recorded."""
        if selection.back_from is None:
            return f"Index - {interval(back)}"
        days = self._named("days of", self._dated(selection.back_from))
        earlier = f"Min({{ Index - {interval(back)}, Common.Earlier({days}.{end}, {interval(back)}) }})"
        return f"(if {days}.unclear then Common.Ever else {earlier})" if end == "earliest" else earlier

    def _anchored(self, selection: Selection, anchor: Anchor, end: str) -> str:
        days = self._named("days of", self._dated(anchor.fact))
        day = _moved(anchor, f"{days}.{end}")
        if anchor.otherwise is None:
            return day
        return f"Coalesce({day}, if {days}.unclear then null else {self._back(selection, anchor.otherwise, end)})"

    def _until(self, selection: Selection) -> str:
        return _joined(
            "Min", [_moved(anchor, self._dated(anchor.fact)) for anchor in selection.anchors if anchor.until]
        )

    def _dated(self, name: str) -> str:
        """A fact whose days are asked for. Raises NotExpressible unless it is the date of an event."""
        fact = self._pathway.facts[name]
        if not isinstance(fact.derivation, DateOf):
            raise NotExpressible(name, "days are counted from it and it is no date of an event", fact.about)
        return name

    def _unclear(self, selection: Selection) -> str:
        """Whether an anchor cannot be told."""
        parts = []
        for anchor in selection.anchors:
            days = self._named("days of", self._dated(anchor.fact))
            parts.append(f"{days}.unclear")
            if anchor.until:
                parts.append(f"Coalesce({days}.earliest != {days}.latest, false)")
        return " or ".join(parts) or "false"

    # ---- values ----------------------------------------------------------------------------------------------------

    def _worth(self, fact: Fact, derivation: Latest | First) -> Iterator[tuple[str, str]]:
        type_ = fact.type
        match type_.kind:
            case ValueKind.BOOLEAN:
                yes, no = derivation.yes or ("yes",), derivation.no or ("no",)
                yield (
                    "worth",
                    _worths({1: tuple({"yes": 0, **dict.fromkeys(yes)}), 0: tuple({"no": 0, **dict.fromkeys(no)})}),
                )
                yield "region", "worth"
            case ValueKind.CODE:
                yield "worth", _worths({-place: (code,) for place, code in enumerate(type_.codes)})
                yield "region", self._region_of_codes(fact)
            case ValueKind.NUMBER:
                yield "steps", self._steps(fact)
                yield "worth", _in_range("steps", type_.low, type_.high)
                yield "value", _decoded_number("worth", type_.step)
                yield "region", self._region_of_numbers(fact)
            case ValueKind.DATE:
                raise NotExpressible(fact.id, "its values are dates", fact.about)
            case _:
                assert_never(type_.kind)

    def _steps(self, fact: Fact) -> str:
        """The number in whole steps, by the unit in which it is given."""
        assert isinstance(fact.derivation, Latest | First)
        concepts = {self._pathway.concepts[name].id.split("_")[0]: name for name in fact.derivation.selection.concepts}
        if len(concepts) > 1:
            raise NotExpressible(fact.id, "its concepts have scales of their own", fact.about)
        (concept,) = concepts.values()
        lines: dict[tuple[Decimal, Decimal, Decimal], list[str]] = {}
        for unit in (*UNITS, *SPELLINGS):
            try:
                lines.setdefault(line(unit, fact.type.unit, concept), []).append(unit)
            except UnitError:
                continue
        cases = [
            f"when {_unit_in(units)} then {_steps_of('E.number', way, fact.type.step)}" for way, units in lines.items()
        ]
        return f"Common.Nearest(case {' '.join(cases)} else null end)"

    def _region_of_codes(self, fact: Fact) -> str:
        named = {limit.value for leaf in self._leaves(fact) for limit in _limits(leaf) if hasattr(limit, "value")}
        if not named:
            return "0"
        return f"if E.code in {texts(code for code in fact.type.codes if code in named)} then worth else 1"

    def _region_of_numbers(self, fact: Fact) -> str:
        """How many of the cuts that rules make lie below the value."""
        cuts = dict.fromkeys(cut for leaf in self._leaves(fact) for cut in _cuts(leaf))
        return " + ".join(f"(if {cut} then 0 else 1)" for cut in cuts) or "0"

    def _leaves(self, fact: Fact) -> Sequence[Leaf]:
        return leaves_by_fact(self._pathway)[fact.id]

    # ---- what the readings come to -----------------------------------------------------------------------------------

    def _value(self, fact: Fact, derivation: Recorded) -> str:
        readings, none = self._of(fact), self._none(fact)
        match derivation:
            case Latest() | First():
                return _decoded(fact, self._chosen(fact, derivation))
            case DateOf():
                days = f'"days of {fact.id}"'
                return f"if {days}.earliest = {days}.latest then {days}.earliest else null"
            case Exists():
                return f"Common.Recorded({readings}, {none})"
            case Count():
                return f"Common.Number({readings}, {none})"
            case CourseLength(selection):
                since, surely = self._since(selection, "earliest"), self._since(selection, "latest")
                limit = _joined(
                    "Min", ["Index", *([self._until(selection)] if self._until(selection) != "null" else [])]
                )
                return f"Common.Course({readings}, {none}, {limit}, {since}, {surely})"
            case _:
                assert_never(derivation)

    def _chosen(self, fact: Fact, derivation: Latest | First) -> str:
        yes = "1" if fact.type.kind is ValueKind.BOOLEAN else "0"
        wins = yes if fact.conflict is Conflict.ANY_YES else "null"
        last = "true" if fact.conflict is Conflict.LATEST else "false"
        none = self._none(fact)
        if isinstance(derivation, First):
            return f"Common.OldestValue({self._of(fact)}, {wins}, {last}, {none})"
        rest = f"{last}, {none}, {self._freshness(fact, derivation.stale_after)}"
        if derivation.largest or derivation.smallest:
            which = "true" if derivation.largest else "false"
            return f"Common.ExtremeValue({self._of(fact)}, {which}, {rest})"
        if derivation.any_yes_of == "concepts":
            return self._any_concept(fact, derivation, yes, f"{wins}, {rest}")
        return f"Common.Value({_heard(derivation, self._of(fact), yes)}, {wins}, {rest})"

    def _any_concept(self, fact: Fact, derivation: Latest, yes: str, rest: str) -> str:
        """Yes if the newest of one concept is yes, no if that of each is no."""
        parts = []
        for concept in derivation.selection.concepts:
            of_concept = f"({self._of(fact)} R where R.concept = {text(concept)})"
            found = f"Common.Value({_heard(derivation, of_concept, yes)}, {rest})"
            parts.append(f"Tuple {{ sure: exists Common.Sure({of_concept}), worth: {found} }}")
        some, joined = f"exists Common.Sure({self._of(fact)})", ",\n  ".join(parts)
        absence = f"Common.Absence({self._of(fact)}, {self._none(fact)})"
        return f"if {some} then Common.AnyConcept({{\n  {joined} }})\nelse {absence}"

    def _freshness(self, fact: Fact, stale: StaleAfter | None) -> str:
        """Oldest fresh day, the worths that go stale, and the attestation by which what is stale is absent."""
        if stale is None:
            return "null, null, false, null"
        codes = list(fact.type.codes)
        if fact.type.kind is ValueKind.BOOLEAN:
            codes = ["no", "yes"]
        sign = 1 if fact.type.kind is ValueKind.BOOLEAN else -1
        worths = listed(str(sign * codes.index(code)) for code in stale.values) if stale.values else "null"
        attestation = fact.absent.no_when
        attested = f"{attestation}, {self._named('day of', attestation)}" if attestation else "false, null"
        return f"Index - {interval(stale.interval)}, {worths}, {attested}"

    def _none(self, fact: Fact) -> str:
        """The worth that stands for absence, null where absence says nothing."""
        worth = self._worth_of_none(fact)
        if worth is None:
            return "null"
        if fact.absent.no:
            return worth
        return f"if {fact.absent.no_when} then {worth} else null" if fact.absent.no_when is not None else "null"

    def _worth_of_none(self, fact: Fact) -> str | None:
        if fact.type.kind is ValueKind.BOOLEAN or isinstance(fact.derivation, Count | CourseLength):
            return "0"
        return None if fact.absent.code is None else str(-list(fact.type.codes).index(fact.absent.code))

    def _day_of(self, fact: Fact) -> str:
        """The day of an attestation."""
        if not isinstance(fact.derivation, Exists):
            raise NotExpressible(fact.id, "it attests that others are absent and is more than recorded", fact.about)
        return f"Common.DayRecorded({self._of(fact)})"

    # ---- comparison of facts -----------------------------------------------------------------------------------------

    def _compared(self, derivation: Compared) -> str:
        """In whole numbers, so that no engine's decimals matter."""
        limit = derivation.at_least
        digits = [self._digits(term.parameter) for term in derivation.terms]
        steps = [self._pathway.facts[term.fact].type.step for term in derivation.terms]
        worths = [
            (term.times * step).scaleb(-more) for term, step, more in zip(derivation.terms, steps, digits, strict=True)
        ]
        of_limit = limit if isinstance(limit, Decimal) else Decimal(1).scaleb(-self._digits(limit.parameter))
        scale = lcm(*(worth.as_integer_ratio()[1] for worth in (*worths, of_limit)))
        terms = [self._term(term, int(worth * scale)) for term, worth in zip(derivation.terms, worths, strict=True)]
        least = int(of_limit * scale)
        at_least = str(least) if isinstance(limit, Decimal) else f"{least} * {self._whole(limit.parameter)}"
        return f"{' + '.join(terms)} >= {at_least}"

    def _term(self, term: Term, times: int) -> str:
        step = self._pathway.facts[term.fact].type.step
        whole = term.fact if step == 1 else f"Round({term.fact} * {decimal(1 / step)})"
        return f"({times}) * {whole}" + (f" * {self._whole(term.parameter)}" if term.parameter else "")

    def _whole(self, parameter: str) -> str:
        digits = self._digits(parameter)
        return f"Round({parameter} * {10**digits})" if digits else parameter

    def _digits(self, parameter: str | None) -> int:
        """The most decimals that a parameter ever has."""
        if parameter is None:
            return 0
        dated = (each.value for each in self._pathway.parameters[parameter].values)
        numbers = [data.value.normalize() for data in dated if isinstance(data, Quantity)]
        return max((0, *(-int(number.as_tuple().exponent) for number in numbers)))


def _ahead(selection: Selection) -> str:
    """Whether its date may lie ahead in part: it is planned, or has begun as soon as its date allows it."""
    if not selection.begun_values:
        return "E.kind = 'planned'"
    begun = f"(E.code in {texts(selection.begun_values)} and dated.begunFrom <= Index)"
    return f"E.kind = 'planned' or Coalesce({begun}, false)"


def _refuse_other_qualifiers(fact: Fact, selection: Selection) -> None:
    """An event in CQL has places for these qualifiers alone."""
    for name in selection.qualifiers:
        if name not in EVENT_PARTS:
            raise NotExpressible(
                fact.id, f"it asks for the qualifier {name}, for which events have no place", fact.about
            )


def _left(lets: Mapping[str, str], aside: str) -> Iterator[str]:
    """What is over, or was taken back, is left out; what may count all the same stands in the way of absence."""
    if "lasts" in lets:
        yield f"({aside} or lasts is not false)" if aside else "lasts is not false"
    if "lifted" in lets:
        yield "(lacking or lifted is not true)" if "lacking" in lets else "lifted is not true"


def unsided_counts(selection: Selection) -> str:
    """Whether what has no side counts for this hip as its own: true or false."""
    if selection.unsided_when is None:
        return "false"
    parts = [f"{selection.unsided_when} is true", *(f"{fact} is not true" for fact in selection.unsided_unless)]
    return f"({' and '.join(parts)})"


def _unsided(selection: Selection) -> str:
    """Whether it may be of the other side."""
    parts = ["E.side is null"]
    if selection.unsided_values:
        parts.append(f"not Coalesce(E.code in {texts(selection.unsided_values)}, false)")
    if selection.unsided_when is not None:
        parts.append(f"not {unsided_counts(selection)}")
    return " and ".join(parts)


def _moved(anchor: Anchor, day: str) -> str:
    if anchor.offset is None:
        return day
    return f"Common.{'Later' if anchor.sign > 0 else 'Earlier'}({day}, {interval(anchor.offset)})"


def _joined(function: str, days: Sequence[str]) -> str:
    if len(days) < 2:
        return days[0] if days else "null"
    return f"{function}({listed(days)})"


def _rank(selection: Selection) -> str:
    patient = -1 if selection.patient_first else 2
    return f"case E.asserter when 'clinician' then 0 when 'device' then 1 else {patient} end"


def _entitled(derivation: Derivation) -> str:
    """Whether who said it may take back a yes."""
    if not isinstance(derivation, Latest) or derivation.corrected_by is None:
        return "true"
    least = _RANKS[derivation.corrected_by]
    return f"E.asserter in {texts(who for who, rank in _RANKS.items() if rank <= least)}"


def _lacking(derivation: Recorded) -> str:
    """Whether a qualifier, or the value, that the fact asks for is not recorded."""
    parts = [f"E.{name} is null" for name in derivation.selection.qualifiers]
    if isinstance(derivation, Latest | First):
        parts.append("(E.code is null and E.number is null and not E.unread)")
    return " or ".join(parts)


def _heard(derivation: Latest, readings: str, yes: str) -> str:
    if derivation.any_yes_of == "readings":
        readings = f"Common.YesAlone({readings}, {yes})"
    return f"Common.WithStandingYes({readings}, {yes})" if derivation.corrected_by is not None else readings


def _worths(codes: dict[int, tuple[str, ...]]) -> str:
    cases = " ".join(f"when E.code in {texts(named)} then {worth}" for worth, named in codes.items())
    return f"case {cases} else null end"


def _in_range(steps: str, low: int | None, high: int | None) -> str:
    limits = [f"{steps} >= {low}"] if low is not None else []
    limits += [f"{steps} <= {high}"] if high is not None else []
    return f"if {' and '.join(limits)} then {steps} else null" if limits else steps


def _decoded(fact: Fact, worth: str) -> str:
    match fact.type.kind:
        case ValueKind.BOOLEAN:
            return f"({worth}) = 1"
        case ValueKind.CODE:
            return f"{texts(fact.type.codes)}[-({worth})]"
        case _:
            return _decoded_number(f"({worth})", fact.type.step)


def _decoded_number(steps: str, step: Decimal) -> str:
    """Steps as a number, rounded to the step, so that every engine holds the very decimal that is written."""
    if step == 1:
        return steps
    digits = -int(step.normalize().as_tuple().exponent)
    # A whole number times a decimal is cut off at the point by the reference engine; with 0.0 added it is not.
    return f"Round(({steps} + 0.0) * {decimal(step)}, {digits})" if digits > 0 else f"{steps} * {decimal(step)}"


def _unit_in(units: Sequence[str]) -> str:
    """Whether the unit is one of these; spellings are compared in small letters without spaces."""
    exact = [unit for unit in units if unit in UNITS]
    spelt = [unit for unit in units if unit in SPELLINGS and unit]
    parts = [f"E.unit in {texts(exact)}"] if exact else []
    parts += [f"E.plainUnit in {texts(spelt)}"] if spelt else []
    parts += ["E.unit is null", "E.plainUnit = ''", "E.annotated"] if "1" in units else []
    return f"({' or '.join(parts)})"


def _steps_of(number: str, way: tuple[Decimal, Decimal, Decimal], step: Decimal) -> str:
    """A number as steps. With 0.0 added it is no whole number, at whose point the reference engine would cut off."""
    factor, divisor, offset = way
    if factor == step and divisor == 1 and not offset:
        return number
    scaled = f"({number} + 0.0) * {decimal(factor / step)}"
    scaled = scaled if divisor == 1 else f"{scaled} / {decimal(divisor)}"
    return scaled if not offset else f"{scaled} + {decimal(offset / step)}"


def _limits(leaf: Leaf) -> tuple[Limit, ...]:
    match leaf:
        case FactHolds():
            return ()
        case Compare(limit=limit):
            return (limit,)
        case Between(low=low, high=high):
            return (low, high)
        case _:
            assert_never(leaf)


def _cuts(leaf: Leaf) -> Iterator[str]:
    """The comparisons whose truth changes where the leaf's does."""
    match leaf:
        case Between(low=low, high=high):
            yield f"value < {limit_text(low)}"
            yield f"value <= {limit_text(high)}"
        case Compare(operator=Operator.AT_MOST | Operator.GREATER, limit=limit):
            yield f"value <= {limit_text(limit)}"
        case Compare(operator=Operator.LESS | Operator.AT_LEAST, limit=limit):
            yield f"value < {limit_text(limit)}"
        case Compare(limit=limit):
            yield f"value < {limit_text(limit)}"
            yield f"value <= {limit_text(limit)}"
        case FactHolds():
            return
        case _:
            assert_never(leaf)
