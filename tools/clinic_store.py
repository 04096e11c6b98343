"""A store with ten thousand synthetic people for `bench_clinic.py`: filled quickly, and kept between the runs of a day.

A thousand stories are told, each of ten people. Rows are written and vouched for as the service does it, but many
people in one transaction; where somebody stands is worked out once for each story.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ischio.clinic.clinic import Clinic
from ischio.clinic.demo import SERVER, fresh_store
from ischio.clinic.knowledge import Knowledge, read_knowledge
from ischio.clinic.passwords import Passwords
from ischio.fhir.reader import FhirReader
from ischio.record.events import Record
from ischio.store.accounts import Account, Organisation, Role
from ischio.store.entries import Access, Change, Known, Person
from ischio.store.event_form import text_of
from ischio.store.schema import EVENT, PERSON
from ischio.store.store import Store
from ischio.store.upgrades import newest
from ischio.store.writing import Writer, writer_on
from ischio.synthesis.figures import load_figures
from ischio.synthesis.registry import write_person

STORIES, OF_EACH = 1_000, 10
PEOPLE = STORIES * OF_EACH
CLINICIANS = 50
ORGANISATION, PASSWORD = "clinic", "four words of nobody"
SEED = 1
IN_ONE_WRITING = 25
"""Stories."""


def filled() -> Path:
    """The file of the store of today. One that is there already is taken, with all that earlier runs wrote into it."""
    knowledge, now = read_knowledge(), datetime.now(UTC)
    folder = Path(tempfile.gettempdir(), "ischio-bench")
    folder.mkdir(exist_ok=True)
    file = folder / f"clinic-{now.date()}-{newest()}-{knowledge.digest[:12]}.db"
    if not file.exists():
        making = file.with_suffix(".making")
        store = fresh_store(making)
        _fill(store, knowledge, Access("ischio bench", now))
        store.close()
        making.rename(file)
    return file


def login(number: int) -> str:
    return f"clinician-{number}"


def _fill(store: Store, knowledge: Knowledge, by: Access) -> None:
    store.accounts.keep_organisation(Organisation(ORGANISATION, "Clinic"), by)
    hashed = Passwords().hashed(PASSWORD)
    for number in range(CLINICIANS):
        account = Account(store.new_id(), login(number), ORGANISATION, frozenset({Role.CLINICIAN}), True, hashed)
        store.accounts.keep(account, by, "added")
    clinic, stories = Clinic(store, knowledge), enumerate(_stories(knowledge, by))
    while some := [story for _, story in zip(range(IN_ONE_WRITING), stories, strict=False)]:
        people = [(record, _namesakes(store, number)) for number, record in some]
        with writer_on(store.database) as writer:
            for record, namesakes in people:
                for known in namesakes:
                    _keep(store, writer, known, record, by)
        for _, namesakes in people:
            _place(clinic, namesakes, by)


def _stories(knowledge: Knowledge, by: Access) -> Iterator[Record]:
    figures, reader = load_figures(), FhirReader(knowledge.pathway.concepts, knowledge.bindings)
    for number in range(1, STORIES + 1):
        resources, _ = write_person(number, SEED, by.at.date(), figures)
        bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}
        yield reader.read(msgspec.json.encode(bundle, enc_hook=str))


def _namesakes(store: Store, story: int) -> list[Known]:
    numbers = (story + STORIES * time for time in range(OF_EACH))
    return [
        Known(store.new_id(), ORGANISATION, Person(SERVER, f"{number}"), f"Synthetic person {number}", f"S-{number:05}")
        for number in numbers
    ]


def _keep(store: Store, writer: Writer, known: Known, record: Record, by: Access) -> None:
    """As `People.keep` and `Events.append` write."""
    of_server = {"server": known.whom.server, "person": known.whom.id}
    about = {"organisation": known.organisation, "known_as": known.id, "name": known.name}
    row = {"id": store.new_id(), "identifier": known.identifier, **about, **of_server}
    writer.keep(PERSON, row, by, known.whom)
    for event in record.events:
        row = {"id": store.new_id(), "change": Change.ADDED.value, "body": text_of(event), "replaces": None}
        writer.keep(EVENT, row | of_server, by, known.whom, Change.ADDED.value)


def _place(clinic: Clinic, namesakes: list[Known], by: Access) -> None:
    first, *others = namesakes
    clinic.people.settle(first, by)
    rows = clinic.store.standings.of(first)
    head = clinic.store.audit.head()
    rows_of_all = [replace(row, known=known) for known in others for row in rows]
    clinic.store.standings.put(others, rows_of_all, head.number if head else 0)


if __name__ == "__main__":
    file = filled()
    print(f"{PEOPLE:,} people in {file}, {os.path.getsize(file) / 1e6:.0f} MB")
