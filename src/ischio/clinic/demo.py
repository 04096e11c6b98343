"""Synthetic people in every stage, to look around with: none of them lives."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice, zip_longest
from pathlib import Path

import msgspec

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.clinic.released import Exercise, Released, can_be_told, is_exercise
from ischio.engine.answer import Answer
from ischio.fhir.reader import FhirReader
from ischio.model.about import Side
from ischio.model.rules import NOT_ON_PATHWAY
from ischio.record.events import Record
from ischio.store.accounts import Account, Organisation, Role
from ischio.store.entries import Access, Known, Person
from ischio.store.store import Store, open_store
from ischio.synthesis.figures import load_figures
from ischio.synthesis.registry import write_person

ORGANISATION = "demo"
NAME = "Demonstration clinic"
BY = "ischio demonstration"
SERVER = "urn:ischio:synthetic"
"""The `server` of synthetic people: whatever is said of them says so."""
PEOPLE = 40
SEED = 1
TOLD = 160
"""So many are told; of those the forty are chosen."""

RELEASED = 5
"""To so many a plan is released."""
DOSE = "As we showed you, once a day. Stop if it hurts more than a little."
MESSAGE = "Well done so far. Please answer the questions before your next visit."
"""What the clinician of the demonstration wrote: no dose has been tested, so none is told in numbers."""

Place = tuple[bool, str, str]
"""Whether a hip is on the pathway, its stage, its diversion."""


def fresh_store(file: Path) -> Store:
    """A new store in place of the one that is there: how the demo begins anew, since nothing kept can be deleted."""
    for path in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        path.unlink(missing_ok=True)
    return open_store(f"sqlite:///{file}")


def furnish(store: Store, at: datetime) -> None:
    """An empty store with the forty people told up to a day, and one account of each role, to sign in with a button."""
    by = Access(BY, at)
    store.accounts.keep_organisation(Organisation(ORGANISATION, NAME), by)
    for role in Role:
        store.accounts.keep(Account(store.new_id(), role.value, ORGANISATION, frozenset({role}), True, ""), by, "added")
    clinic = Clinic(store, read_knowledge())
    show_to_patients(clinic, take_in(clinic, at.date(), by), by)


def take_in(clinic: Clinic, on: date, by: Access, organisation: str = ORGANISATION) -> tuple[Known, ...]:
    """Takes in forty synthetic people, told up to a day: every place of the pathway that occurs, and more of each."""
    return tuple(
        _take_in(clinic, number, record, organisation, by) for number, record in enumerate(_chosen(clinic, on), 1)
    )


def show_to_patients(clinic: Clinic, people: Iterable[Known], by: Access) -> None:
    """Releases a plan to some of those who do exercises, and makes a link for each: as a clinician would."""
    plans = ((known, released) for known in people if (released := _released(clinic, known, by)))
    for known, released in islice(plans, RELEASED):
        clinic.releases.release(known, released, by)
        clinic.links.make(known, by)


def _released(clinic: Clinic, known: Known, by: Access) -> Released | None:
    """What is in force of somebody's first hip on the pathway, where exercises are; None of anybody else."""
    pathway, assessment = clinic.knowledge.pathway, clinic.charts.of(known, by.at.date(), by).assessment
    going = {stage.id for stage in pathway.ordered_stages}
    hip = next((one for one in assessment.hips if one.stage.id in going), None)
    if hip is None or hip.diversion is not None or assessment.person.alerts:
        return None
    told = [one.id for one in (*hip.actions, *assessment.person.actions) if can_be_told(pathway, one)]
    exercises = tuple(Exercise(id, DOSE) for id in told if is_exercise(pathway, id))
    if not exercises:
        return None
    return Released(
        side=Side(hip.side),
        stage=hip.stage.id,
        actions=tuple(id for id in told if not is_exercise(pathway, id)),
        exercises=exercises,
        forms=("pain", "symptoms", "red-flags"),
        next_visit=hip.review.date if hip.review and not hip.review.overdue else None,
        message=MESSAGE,
        numbers=True,
        pathway_version=pathway.version,
        on=by.at.date(),
    )


def _take_in(clinic: Clinic, number: int, record: Record, organisation: str, by: Access) -> Known:
    whom = Person(SERVER, f"{organisation}-{number}")
    known = clinic.people.take_over(whom, f"Synthetic person {number}", f"DEMO-{number:03}", organisation, by)
    clinic.store.events.append(whom, record.events, by)
    clinic.people.settle(known, by)
    return known


def _chosen(clinic: Clinic, on: date) -> list[Record]:
    """One of each place in turn until there are enough; of one place the one last heard of first."""
    by_place: defaultdict[Place, list[Record]] = defaultdict(list)
    for record in sorted(_told(clinic, on), key=_last_heard_of, reverse=True):
        by_place[_place(clinic, record, on)].append(record)
    in_turn = zip_longest(*(by_place[place] for place in sorted(by_place)))
    return [record for turn in in_turn for record in turn if record is not None][:PEOPLE]


def _told(clinic: Clinic, on: date) -> Iterator[Record]:
    figures, reader = load_figures(), FhirReader(clinic.knowledge.pathway.concepts, clinic.knowledge.bindings)
    for number in range(1, TOLD + 1):
        resources, _ = write_person(number, SEED, on, figures)
        bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}
        yield reader.read(msgspec.json.encode(bundle, enc_hook=str))


def _last_heard_of(record: Record) -> date:
    return max((event.start.earliest for event in record.events if event.start), default=date.min)


def _place(clinic: Clinic, record: Record, on: date) -> Place:
    """The stages and diversions of both hips."""
    hips = Answer(clinic.knowledge.pathway, record, on).hips.values()
    return max((hip.stage_id != NOT_ON_PATHWAY, hip.stage_id, hip.diversion_id or "") for hip in hips)
