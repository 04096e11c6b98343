"""What it means that no event matches: unknown, unless the fact says that absence is known."""

from functools import lru_cache

from ischio.model.pathway import Count, CourseLength, Fact, ValueKind
from ischio.record.bounds import Moment
from ischio.record.events import FactData, FactValue, State
from ischio.record.selected import Selected


def absent(fact: Fact, selected: Selected | None, moment: Moment) -> FactValue:
    """The fact where nothing matches for certain. selected: None where the record holds nothing on it."""
    if selected is None and fact.absent.no_when is None:
        return _plainly(fact.id, _no(fact) if fact.absent.no else None)
    ignored = selected.passed_over() if selected is not None else ()
    if selected is not None and selected.obstacle is not None:
        return FactValue(fact.id, None, selected.obstacle, ignored=ignored)
    value, attestation = _no(fact), attested(fact, moment)
    if value is not None and fact.absent.no:
        return FactValue(fact.id, value, State.KNOWN_ABSENT, ignored=ignored)
    if value is not None and attestation is not None:
        return FactValue(fact.id, value, State.KNOWN_ABSENT, attestation.date, attestation.source, ignored=ignored)
    return FactValue(fact.id, None, State.NOT_ASKED, ignored=ignored)


@lru_cache(maxsize=4096, typed=True)
def _plainly(fact: str, value: FactData | None) -> FactValue:
    """The same for everyone of whom nothing is recorded, and so made once."""
    return FactValue(fact, value, State.NOT_ASKED if value is None else State.KNOWN_ABSENT)


def attested(fact: Fact, moment: Moment) -> FactValue | None:
    """The fact that makes the absence known, if it is true."""
    if fact.absent.no_when is None:
        return None
    attestation = moment.known[fact.absent.no_when]
    return attestation if attestation.value is True else None


def _no(fact: Fact) -> FactData | None:
    """The value that stands for absence; None where the fact has none, as a date or a measurement."""
    if fact.type.kind is ValueKind.BOOLEAN:
        return False
    if isinstance(fact.derivation, Count | CourseLength):
        return 0
    return fact.absent.code
