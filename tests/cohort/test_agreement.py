"""What the cohort says of each person is what the one-person engine says, from the same files, every fact and status.

`make fuzz` takes more people: ISCHIO_COHORT_PEOPLE=2000.
"""

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from generative.agreement import Asked, by_engine

from ischio.cohort.intake.run import take_in
from ischio.cohort.judging import Duck, IndexDates, connect, judge
from ischio.fhir.bindings import load_bindings
from ischio.fhir.reader import FhirReader
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.about import Side
from ischio.synthesis.registry import Order, write_registry

PEOPLE = int(os.environ.get("ISCHIO_COHORT_PEOPLE", "25"))
ON = date(2026, 6, 1)
SEED = 11
DAYS_ASKED = 2
"""Of each person, index dates on which the engine is asked, beside the cohort's date."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synthetic") / "registry"
    for _ in write_registry(Order(PEOPLE, SEED, ON), out, processes=1):
        pass  # it tells how far it is
    return out


def by_person(registry: Path) -> dict[str, list[Json]]:
    """The resources of each person, and with each what belongs to nobody."""
    own: dict[str, list[Json]] = {}
    shared: list[Json] = []
    for file in sorted(registry.glob("*.ndjson")):
        for line in file.read_text("utf-8").splitlines():
            try:
                resource = json.loads(line)
            except ValueError:
                continue  # a flaw of the registry: the intake counts it
            subject = resource.get("subject") or resource.get("patient") or {}
            person = resource["id"] if resource["resourceType"] == "Patient" else subject.get("reference", "")
            if person:
                own.setdefault(person.rpartition("/")[2], []).append(resource)
            else:
                shared.append(resource)
    return {person: [*found, *shared] for person, found in own.items()}


def records(registry: Path, folder: Path) -> Iterator[Asked]:
    """Everyone as the one-person reader reads a Bundle."""
    pathway = load_pathway()
    reader = FhirReader(pathway.concepts, load_bindings(packaged() / "bindings.yaml"))
    for person, resources in by_person(registry).items():
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}
        file = folder / "person.json"
        file.write_text(json.dumps(bundle), "utf-8")
        record = reader.read(file)
        assert record.patient.id == person
        yield Asked(record, ON)


def test_every_person_is_answered_as_by_the_engine(
    registry: Path, tmp_path: Path, record_property: pytest.FixtureRequest
) -> None:
    pathway = load_pathway()
    store = take_in(registry, tmp_path / "store", pathway, packaged() / "bindings.yaml", processes=1)
    connection = connect(tmp_path / "spilled")
    files = judge(pathway, store, tmp_path / "judged", IndexDates((ON,), True), Duck(connection, pathway), connection)
    chance, compared, people = Random(SEED), 0, 0
    for asked in records(registry, tmp_path):
        people += 1
        rows = judged(connection, files, asked.record.patient.id)
        days = sorted({day for day, _ in rows})
        assert ON in days
        for day in {ON, *chance.sample(days, min(DAYS_ASKED, len(days)))}:
            for side, said in by_engine(pathway, Asked(asked.record, day)).items():
                told = rows[day, side]
                differing = {what: (value, told[what]) for what, value in said.items() if value != told[what]}
                assert differing == {}, (asked.record.patient.id, day, side)
                compared += len(said)
    assert people == PEOPLE
    record_property("counted", f"cohort and engine: {people} persons, {compared:,} values, all equal")


def judged(connection: duckdb.DuckDBPyConnection, files: str, person: str) -> dict[tuple[date, Side], Json]:
    cursor = connection.execute(f"select * from read_parquet('{files}') where person = ?", [person])
    names = [column[0] for column in cursor.description]
    found = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return {(row["index_date"], Side(row["hip"])): row for row in found}
