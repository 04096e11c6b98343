"""Folders of sources for tests of the intake, and what a store says of them. All people are synthetic."""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
from fhir_forms import PATHWAY, Json, observation, patient

from ischio.cohort.intake.not_understood import Reason, read_report
from ischio.cohort.intake.run import take_in
from ischio.cohort.store import Store
from ischio.loading.pathway import packaged

BINDINGS_FILE = packaged() / "bindings.yaml"


def lines(*resources: Any) -> bytes:
    """An NDJSON file."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)


def person(own: str, *resources: Json) -> list[Json]:
    """A Patient and what is theirs."""
    subject = {"reference": f"Patient/{own}"}
    return [patient(id=own), *(one | {"subject": subject, "id": f"{own}-{n}"} for n, one in enumerate(resources))]


def pain(score: int, **fields: Any) -> Json:
    return observation("pain-nrs", valueInteger=score, **fields)


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def taken(folder: Path, into: Path, processes: int = 1) -> Store:
    return take_in(folder, into, PATHWAY, BINDINGS_FILE, processes)


def rows(store: Store, select: str, table: str = "events") -> list[tuple[Any, ...]]:
    """Rows of all ranges. select: what, and behind `from {}` the conditions."""
    files = [str(getattr(one, table)) for one in store.ranges]
    return duckdb.execute(select.format("read_parquet(?)"), [files]).fetchall()


def scores(store: Store) -> dict[str, list[float]]:
    """Person -> pain scores in order."""
    found: dict[str, list[float]] = {}
    for who, number in rows(
        store, "select person, number from {} where concept = 'pain_score' and not unavailable order by person, number"
    ):
        found.setdefault(who, []).append(float(number) if number is not None else -1.0)
    return found


def persons(store: Store) -> list[str]:
    return [one for (one,) in rows(store, "select person from {} order by person", "people")]


def unknown(store: Store, concept: str = "pain_score") -> list[str]:
    """Persons of whom it is unknown what was recorded of a concept."""
    select = f"select distinct person from {{}} where unavailable and concept = '{concept}' order by person"
    return [one for (one,) in rows(store, select)]


def reasons(store: Store) -> dict[tuple[str, str], Reason]:
    return {(one.what, one.why): one for one in read_report(store.not_understood)}


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a store that later runs do not need alone, by name."""
    listed = (path for path in folder.rglob("*") if path.is_file() and "sifted" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in listed}


def packed(raw: bytes) -> bytes:
    return gzip.compress(raw, mtime=0)


def bundle_of(resources: Iterable[Json], **fields: Any) -> bytes:
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries} | fields, indent=1).encode()
