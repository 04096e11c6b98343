"""How a fact comes from a record, in words."""

from collections.abc import Iterator
from typing import assert_never

from ischio.interfaces.book.conditions import prose
from ischio.interfaces.book.content import Rows, Words
from ischio.interfaces.book.links import Links
from ischio.interfaces.rule_parts import absent_text, anchor_text, interval_text
from ischio.interfaces.words import amount
from ischio.language.text import to_text
from ischio.model.about import Scope
from ischio.model.expression import ParameterValue
from ischio.model.facts import (
    Compared,
    Conflict,
    Count,
    CourseLength,
    DateOf,
    Derivation,
    Exists,
    Fact,
    First,
    Latest,
    Selection,
    SideRule,
    Term,
    ValueKind,
)

Row = tuple[str, Words]
SIDES = {
    SideRule.THIS: "of this side",
    SideRule.THIS_OR_UNSIDED: "of this side, or of none named",
    SideRule.OTHER: "of the other side",
    SideRule.PERSON: "of the person, whatever the side",
    SideRule.ANY: "of either side",
}
VALUES = {
    ValueKind.BOOLEAN: "yes or no",
    ValueKind.NUMBER: "a number",
    ValueKind.CODE: "a code",
    ValueKind.DATE: "a date",
}
CONFLICTS = {
    Conflict.UNKNOWN: "unknown, and both are shown",
    Conflict.LATEST: "the latest counts",
    Conflict.ANY_YES: "a yes counts",
}


def derivation(links: Links, fact: Fact) -> Rows:
    """Where the value of a fact comes from, and what the lack of one means."""
    return Rows(tuple(_rows(links, fact)))


def _rows(links: Links, fact: Fact) -> Iterator[Row]:
    yield "Gives", (gives(fact),)
    if fact.type.codes:
        yield "Codes", ("; ".join(f"{code}: {words}" for code, words in fact.type.codes.items()),)
    if limits := _limits(fact):
        yield "Numbers", (limits,)
    yield "Is", _pattern(links, fact.derivation)
    if not isinstance(fact.derivation, Compared):
        yield from _selected(links, fact.derivation.selection)
        yield from stale(links, fact)
        yield "If none is recorded", prose(links, absent_text(fact))
        yield "If two of one day differ", (CONFLICTS[fact.conflict],)
    for each in fact.implies:
        yield "What always follows", prose(links, f"{to_text(each.when)} implies {to_text(each.then)}")


def gives(fact: Fact) -> str:
    """What kind of value a fact has, and whose it is."""
    unit = amount("", fact.type.unit).strip()
    steps = f"{f' in {unit}' if unit else ''}, held in steps of {fact.type.step}"
    number = steps if fact.type.kind is ValueKind.NUMBER else ""
    return f"{VALUES[fact.type.kind]}{number}, of {'the person' if fact.scope is Scope.PERSON else 'one side'}"


def stale(links: Links, fact: Fact) -> Iterator[Row]:
    """After how long a value is no longer used, and which."""
    if isinstance(fact.derivation, Latest) and fact.derivation.stale_after:
        after = fact.derivation.stale_after
        only = f", {' or '.join(after.values)} only" if after.values else ""
        yield "Stale after", (*prose(links, interval_text(after.interval)), only)


def _limits(fact: Fact) -> str:
    """The range outside of which a number is refused, and that outside of which it is questioned."""
    kind = fact.type
    told = []
    if kind.low is not None and kind.high is not None:
        told.append(f"refused outside {kind.amount(kind.low):f} to {kind.amount(kind.high):f}")
    told += [f"questioned below {kind.amount(kind.doubt_below):f}"] if kind.doubt_below is not None else []
    told += [f"questioned above {kind.amount(kind.doubt_above):f}"] if kind.doubt_above is not None else []
    return "; ".join(told)


def _pattern(links: Links, derivation: Derivation) -> Words:
    match derivation:
        case Latest(largest=largest):
            return (f"the {'largest' if largest else 'newest'} value", *_meaning(derivation))
        case First():
            return ("the oldest value", *_meaning(derivation))
        case DateOf(oldest=oldest):
            return (f"the date of the {'oldest' if oldest else 'newest'} event",)
        case Exists():
            return ("whether an event is recorded",)
        case Count():
            return ("how many events are recorded",)
        case CourseLength():
            return ("the days of treatment up to the day of the answer, overlaps counted once",)
        case Compared(terms, at_least):
            limit = at_least.parameter if isinstance(at_least, ParameterValue) else f"{at_least:f}"
            return prose(links, f"whether {_sum(terms)} is at least {limit}; unknown while one of them is")
        case _:
            assert_never(derivation)


def _meaning(derivation: Latest | First) -> Words:
    """Which codes mean yes and which no, where the fact is one of yes or no."""
    told = [f"yes: {' or '.join(derivation.yes)}"] if derivation.yes else []
    told += [f"no: {' or '.join(derivation.no)}"] if derivation.no else []
    if isinstance(derivation, Latest) and derivation.corrected_by:
        told.append(f"a yes stands until a {derivation.corrected_by} says otherwise")
    if isinstance(derivation, Latest) and derivation.any_yes_of:
        told.append(f"one yes among the {derivation.any_yes_of} is a yes")
    return (f" ({'; '.join(told)})",) if told else ()


def _sum(terms: tuple[Term, ...]) -> str:
    first, *others = terms
    signed = (f" {'-' if term.times < 0 else '+'} {_term(term)}" for term in others)
    return f"{'-' if first.times < 0 else ''}{_term(first)}{''.join(signed)}"


def _term(term: Term) -> str:
    times = "" if abs(term.times) == 1 else f"{abs(term.times):f} x "
    return f"{times}{f'{term.parameter} x ' if term.parameter else ''}{term.fact}"


def _selected(links: Links, selection: Selection) -> Iterator[Row]:
    concepts = links.pathway.concepts
    yield "Reads", (" or ".join(concepts[name].title for name in selection.concepts), f", {SIDES[selection.side]}")
    only = [f"the value {' or '.join(selection.values)}"] if selection.values else []
    only += [f"{' or '.join(selection.kinds)}"] if selection.kinds else []
    only += [
        f"{name.replace('_', ' ')} {'recorded' if values == ('*',) else ' or '.join(values)}"
        for name, values in selection.qualifiers.items()
    ]
    only += [f"said by {' or '.join(selection.asserters)}"] if selection.asserters else []
    if only:
        yield "Only with", ("; ".join(only),)
    if selection.patient_first:
        yield "Whose word counts", ("on one day the patient's before the clinician's",)
    times = [f"within {interval_text(selection.window)}"] if selection.window else []
    times += [anchor_text(anchor) for anchor in selection.anchors]
    if times:
        yield "Only events", prose(links, " and ".join(times))
    for anchor in selection.anchors:
        if anchor.otherwise:
            told = f"within {interval_text(anchor.otherwise)}, if {anchor.fact} is not recorded"
            yield "Otherwise", prose(links, told)
    if selection.unsided_when:
        yield "Without a side", prose(links, f"counts for this side while {selection.unsided_when} holds")
    if selection.unsided_values:
        yield "Without a side", (f"{' or '.join(selection.unsided_values)} counts for both sides",)
    if selection.begun_values:
        yield "Dated this month or year", (f"{' or '.join(selection.begun_values)} has begun",)
    if selection.in_force:
        yield "Written with one date", (f"may last {selection.in_force}; until then it cannot be told",)
