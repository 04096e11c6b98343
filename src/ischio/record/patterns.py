"""The patterns: from the events that match a fact to its value on one date."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import assert_never

from ischio.language.regions import regions_of_fact
from ischio.model.expression import ParameterValue
from ischio.model.facts import Compared, Count, CourseLength, DateOf, Exists, Fact, First, Latest, StaleAfter, Term
from ischio.model.parameters import Quantity
from ischio.record.absence import absent, attested
from ischio.record.bounds import Moment
from ischio.record.choice import Rivals, choose, gives_way, in_order, rivals_for, uncorrected
from ischio.record.dossier import Matches
from ischio.record.events import Asserter, FactData, FactValue, Ignored, State
from ischio.record.reading import Reading, doubt, in_words
from ischio.record.selected import Selected, select


def derive_fact(fact: Fact, matches: Matches | None, moment: Moment) -> FactValue:
    """The fact on the date, from its matching events (None if there are none) and the facts it depends on."""
    derivation = fact.derivation
    if isinstance(derivation, Compared):
        return _compared(fact, derivation, moment)
    if matches is None:
        return absent(fact, None, moment)
    newest = not moment.telling and _newest_alone(fact)
    selected = select(derivation.selection, matches, moment, newest)
    if matches.gap is not None and not (isinstance(derivation, Exists) and selected.certain):
        return _unknown(fact, selected, matches.gap.state, source=matches.gap.source)
    if not selected.certain:
        return absent(fact, selected, moment)
    match derivation:
        case Latest(any_yes_of="concepts"):
            return _any_concept(fact, derivation, selected, moment)
        case Latest(largest=True) | Latest(smallest=True):
            return _extreme(fact, derivation, selected, moment)
        case Latest() | First():
            return _value(fact, derivation, selected, moment)
        case DateOf(oldest=oldest):
            return _date_of(fact, oldest, selected)
        case Exists():
            return _known(fact, True, _newest(selected.certain), selected)
        case Count():
            return _count(fact, selected)
        case CourseLength():
            return _course_length(fact, selected)
        case _:
            assert_never(derivation)


def _newest_alone(fact: Fact) -> bool:
    """Whether nothing before the newest certain match and its rivals can matter."""
    if fact.absent.no_when is not None:
        return False  # once the newest is stale, all that may match stands in the way of an absence
    match fact.derivation:
        case Latest(any_yes_of=None, corrected_by=None, largest=False, smallest=False):
            return True
        case DateOf(oldest=False) | Exists():
            return True
        case _:
            return False


def _known(fact: Fact, value: FactData, reading: Reading, selected: Selected) -> FactValue:
    ignored = selected.passed_over()
    return FactValue(fact.id, value, State.KNOWN, reading.when.day, reading.source, _when(reading), ignored)


def _when(reading: Reading) -> str | None:
    """The date as far as it is known, where that is not to the day."""
    return None if reading.when.day else reading.when.dated


def _unknown(
    fact: Fact, selected: Selected, state: State, note: str | None = None, source: str | None = None
) -> FactValue:
    return FactValue(fact.id, None, state, source=source, note=note, ignored=selected.passed_over())


def _newest(readings: Iterable[Reading]) -> Reading:
    return max(readings, key=lambda reading: (reading.when.starts.earliest, reading.when.starts.latest, reading.source))


# ---- values and dates -------------------------------------------------------------------------------------------


def _value(fact: Fact, derivation: Latest | First, selected: Selected, moment: Moment) -> FactValue:
    def region(value: FactData) -> int:
        return regions_of_fact(moment.pathway, fact.id, moment.index).of(value)

    if isinstance(derivation, Latest) and derivation.any_yes_of == "readings":
        selected = _yes_alone(selected)
    if isinstance(derivation, Latest) and derivation.corrected_by is not None:
        selected = _with_a_standing_yes(fact, Asserter(derivation.corrected_by), selected)
    rivals = rivals_for(isinstance(derivation, First), selected.certain, selected.possible)
    choice = choose(fact, derivation.selection, rivals, region)
    found = FactValue(
        fact.id,
        choice.value,
        choice.state,
        choice.reading.when.day,
        choice.reading.source,
        choice.note or doubt(fact.type, choice.value) or _when(choice.reading),
        (*choice.ignored, *selected.passed_over(rivals.edge)),
    )
    if isinstance(derivation, Latest) and choice.value is not None and derivation.stale_after is not None:
        return _if_fresh(fact, derivation.stale_after, found, rivals, selected, moment)
    return found


def _any_concept(fact: Fact, derivation: Latest, selected: Selected, moment: Moment) -> FactValue:
    """Yes if the newest of one concept is yes, no if that of each is no."""
    of_concepts = [_of(concept, selected) for concept in derivation.selection.concepts]
    found = [_value(fact, derivation, each, moment) for each in of_concepts if each.certain]
    for each in found:
        if each.value is True:
            return each
    unclear = next((each for each in found if each.value is None), None)
    if unclear is not None or len(found) == len(of_concepts):
        return unclear or max(found, key=lambda each: each.date or date.min)
    return _unknown(fact, selected, selected.obstacle or State.NOT_ASKED, "not every finding is stated")


def _extreme(fact: Fact, derivation: Latest, selected: Selected, moment: Moment) -> FactValue:
    """The largest (or smallest) number, unless one of an open date is beyond it; what is unreadable rivals it."""
    numbers = [reading.value for reading in selected.certain if isinstance(reading.value, int)]
    others = [reading.value for reading in selected.possible if isinstance(reading.value, int)]
    of = max if derivation.largest else min
    top = of(numbers, default=None)
    if top is not None and of(*others, top, top) != top:
        return _unknown(fact, selected, selected.unclear)
    certain = [r for r in selected.certain if r.value == top or r.refused is not None]
    return _value(fact, derivation, replace(selected, certain=certain, possible=()), moment)


def _of(concept: str, selected: Selected) -> Selected:
    def own(readings: Iterable[Reading]) -> list[Reading]:
        return [reading for reading in readings if reading.when.event.concept == concept]

    return replace(selected, certain=own(selected.certain), possible=own(selected.possible))


def _yes_alone(selected: Selected) -> Selected:
    """One yes among the readings is enough, whatever else is recorded."""
    certain = [reading for reading in selected.certain if reading.value is True]
    if not certain:
        return selected
    return replace(selected, certain=certain, possible=[r for r in selected.possible if r.value is True])


def _with_a_standing_yes(fact: Fact, by: Asserter, selected: Selected) -> Selected:
    """A yes that nobody of enough authority has corrected stands: what others say after it is passed over."""
    if not uncorrected(fact, by, selected.certain):
        return selected
    over = [r for r in (*selected.certain, *selected.possible) if gives_way(fact, by, r)]
    return replace(
        selected,
        certain=[reading for reading in selected.certain if reading not in over],
        possible=[reading for reading in selected.possible if reading not in over],
        ignored=(*selected.ignored, *(Ignored(r.source, f"only a {by.value} can take back a yes") for r in over)),
    )


def _if_fresh(
    fact: Fact, stale_after: StaleAfter, found: FactValue, rivals: Rivals, selected: Selected, moment: Moment
) -> FactValue:
    """The value if it is fresh; else unknown, unless an attestation of that day or later says that there is none."""
    oldest_fresh = moment.back(stale_after.interval)
    if rivals.edge >= oldest_fresh or (stale_after.values and _code(found.value) not in stale_after.values):
        return found
    if rivals.reach >= oldest_fresh:
        return replace(found, value=None, state=State.IMPRECISE_DATE)
    attestation = attested(fact, moment)
    if attestation is not None and (attestation.date is None or attestation.date >= rivals.reach):
        return absent(fact, replace(selected, certain=()), moment)
    return replace(found, value=None, state=State.STALE, note=f"was {in_words(fact.type, found.value)}")


def _code(value: FactData | None) -> FactData | None:
    """The value as `stale_after` names it."""
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _date_of(fact: Fact, oldest: bool, selected: Selected) -> FactValue:
    rivals = rivals_for(oldest, selected.certain, selected.possible)
    if rivals.edge != rivals.reach:
        first, last = sorted((rivals.edge, rivals.reach))
        return replace(_unknown(fact, selected, State.IMPRECISE_DATE), between=(first, last))
    of_day = next(reading for reading in in_order(rivals.readings) if reading.when.day == rivals.edge)
    return _known(fact, rivals.edge, of_day, selected)


# ---- counts -----------------------------------------------------------------------------------------------------


def _count(fact: Fact, selected: Selected) -> FactValue:
    if selected.possible:
        return _unknown(fact, selected, selected.unclear)
    return _known(fact, len(selected.certain), _newest(selected.certain), selected)


def _course_length(fact: Fact, selected: Selected) -> FactValue:
    """Days of treatment up to Index, if the fewest and the most that the dates allow are the same."""
    first, surely = selected.bounds.since or date.min, selected.bounds.surely_since or date.min
    last = min(selected.bounds.index, selected.bounds.until or date.max)
    sure = [reading.when for reading in selected.certain]
    maybe = [reading.when for reading in selected.possible]
    fewest = days_covered((max(when.starts.latest, surely), min(when.ends.earliest, last)) for when in sure)
    most = days_covered((max(when.starts.earliest, first), min(when.ends.latest, last)) for when in sure + maybe)
    if fewest != most:
        return _unknown(fact, selected, selected.unclear, f"between {fewest} and {most} days")
    return _known(fact, fewest, _newest(selected.certain), selected)


def days_covered(periods: Iterable[tuple[date, date]]) -> int:
    """How many days lie in at least one of the periods, first and last day included. Inverted periods hold none."""
    total, reached = 0, 0
    for first, last in sorted((first.toordinal(), last.toordinal()) for first, last in periods):
        total += max(0, last - max(first, reached + 1) + 1)
        reached = max(reached, last)
    return total


# ---- comparison of facts ----------------------------------------------------------------------------------------


def _compared(fact: Fact, derivation: Compared, moment: Moment) -> FactValue:
    unknown = [term.fact for term in derivation.terms if moment.known[term.fact].value is None]
    if unknown:
        return _lacking(fact.id, tuple(dict.fromkeys(unknown)))
    total = sum((_worth(term, moment) for term in derivation.terms), Decimal(0))
    dates = [day for term in derivation.terms if (day := moment.known[term.fact].date) is not None]
    return FactValue(fact.id, total >= _number(derivation.at_least, moment), State.KNOWN, max(dates, default=None))


@lru_cache(maxsize=1024)
def _lacking(fact: str, unknown: tuple[str, ...]) -> FactValue:
    return FactValue(fact, None, State.INPUTS_UNKNOWN, note=f"not known: {', '.join(unknown)}")


def _worth(term: Term, moment: Moment) -> Decimal:
    type_, steps = moment.pathway.facts[term.fact].type, moment.known[term.fact].value
    share = Decimal(1) if term.parameter is None else _number(ParameterValue(term.parameter), moment)
    return term.times * share * type_.step * (steps if isinstance(steps, int) else 0)


def _number(limit: Decimal | ParameterValue, moment: Moment) -> Decimal:
    if isinstance(limit, Decimal):
        return limit
    quantity = moment.pathway.parameters[limit.parameter].on(moment.index)
    assert isinstance(quantity, Quantity), f"{limit.parameter} is no number"  # refused at loading
    return quantity.value
