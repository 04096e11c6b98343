"""What it means that no event matches: unknown, unless the fact says that absence is known."""

from ischio.model.facts import Fact
from ischio.record.bounds import Moment
from ischio.record.events import FactValue, State
from ischio.record.plan import no_of, plan_of
from ischio.record.selected import Selected


def absent(fact: Fact, selected: Selected | None, moment: Moment) -> FactValue:
    """The fact where nothing matches for certain. selected: None where the record holds nothing on it."""
    attestation = attested(fact, moment)
    if selected is None and attestation is None:
        return plan_of(moment.pathway).silent[fact.id]
    ignored = selected.passed_over() if selected is not None else ()
    if selected is not None and selected.obstacle is not None:
        return FactValue(fact.id, None, selected.obstacle, ignored=ignored)
    value = no_of(fact)
    if value is not None and fact.absent.no:
        return FactValue(fact.id, value, State.KNOWN_ABSENT, ignored=ignored)
    if value is not None and attestation is not None:
        return FactValue(fact.id, value, State.KNOWN_ABSENT, attestation.date, attestation.source, ignored=ignored)
    return FactValue(fact.id, None, State.NOT_ASKED, ignored=ignored)


def attested(fact: Fact, moment: Moment) -> FactValue | None:
    """The fact that makes the absence known, if it is true."""
    if fact.absent.no_when is None:
        return None
    attestation = moment.known[fact.absent.no_when]
    return attestation if attestation.value is True else None
