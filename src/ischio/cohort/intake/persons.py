"""Reads persons: gathers what the sources hold of each, and has the one reader make events of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import msgspec

from ischio.backends.sql.columns import EVENTS
from ischio.backends.sql.rows import Cell, Row, event_rows
from ischio.cohort.intake.not_understood import Example, in_general
from ischio.cohort.intake.sifted import GAP, ROW, Head
from ischio.cohort.intake.tables import row_decoder
from ischio.fhir.reader import FhirReader
from ischio.fhir.routes import exact
from ischio.fhir.tables import Tables
from ischio.model.mistake import RecordError
from ischio.model.pathway import Pathway
from ischio.record.events import Gap, Patient, Record, State

NO_PATIENT = "has no Patient, so birth date, sex and death are unknown"
NOT_READ = "cannot be read, so all about the person is unknown"
AGAIN = "is there more than once, the same to the letter, and counts once"
TOO_LARGE = "has a number with more than nine digits before the point, which is unknown"
_OF_THE_PATIENT = ("birth_date", "death", "sex")
_NUMBER, _UNREAD, _START = ([one.name for one in EVENTS].index(name) for name in ("number", "unread", "start_first"))
_LARGEST = Decimal("999999999.999999")
Found = tuple[Head, str, int]
"""Where something stands: its head, the file, and the lines of the file before the part in which the head counts."""


class _Id(msgspec.Struct):
    id: object = None


class _Tag(msgspec.Struct):
    code: object = None


class _Meta(msgspec.Struct):
    tag: list[_Tag] = []


class _Tagged(msgspec.Struct):
    meta: _Meta = msgspec.field(default_factory=_Meta)


_decode_id = msgspec.json.Decoder(_Id).decode
_decode_tags = msgspec.json.Decoder(_Tagged).decode
TEST_DATA = "HTEST"
"""The code of HL7's v3-ActReason with which test health data are tagged."""
_COUNTED = re.compile(r"(.+) \((\d+)\)")
"""How the reader names several resources of one type together: `Observation (3)`."""
_decode_exactly = msgspec.json.Decoder(float_hook=exact).decode


@dataclass(slots=True)
class Chart:
    """What the sources hold of one person.

    resources: JSON -> where it stands. events: rows of tables, as JSON, alike. gaps: state and concept not to be had.
    again: resources and rows met more than once, the same to the letter.
    """

    resources: dict[bytes, Found] = field(default_factory=dict)
    events: dict[bytes, Found] = field(default_factory=dict)
    gaps: set[tuple[str, str]] = field(default_factory=set)
    again: int = 0

    def add(self, head: Head, json: bytes, file: str, before: int) -> None:
        if head.kind == GAP:
            self.gaps |= {(head.names[0], concept) for concept in head.names[1:]}
            return
        kept = self.events if head.kind == ROW else self.resources
        if json in kept:
            self.again += 1
        else:
            kept[json] = head, file, before

    @property
    def names(self) -> set[str]:
        """Resources to which theirs refer by a code."""
        return {name for head, *_ in self.resources.values() for name in head.names if not name.startswith("#")}

    @property
    def own_names(self) -> list[str]:
        """Type and id of theirs."""
        return [f"{head.kind}/{_decode_id(json).id}" for json, (head, *_) in self.resources.items()]

    @property
    def has_patient(self) -> bool:
        return any(head.kind == "Patient" for head, *_ in self.resources.values())

    @property
    def named(self) -> bool:
        """Whether the sources say who it is: by a Patient, or as a row of a table."""
        return bool(self.events) or self.has_patient

    @property
    def synthetic(self) -> bool:
        """Whether a Patient is tagged as test data."""
        return any(head.kind == "Patient" and _is_test_data(json) for json, (head, *_) in self.resources.items())

    @property
    def count(self) -> int:
        """Resources and rows beside the Patient."""
        return len(self.events) + sum(1 for head, *_ in self.resources.values() if head.kind != "Patient")

    def digest(self, reading: str, beside: Iterable[bytes]) -> str:
        """The same for the same content, wherever it stood. reading: digest of how sources are read."""
        digest = sha256(reading.encode())
        gaps = (repr(gap).encode() for gap in sorted(self.gaps))
        for part in (*sorted(self.resources), *sorted(self.events), *sorted(beside), *gaps):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.hexdigest()

    def place(self, source: str) -> Example:
        """Where a resource stands."""
        own = b'"' + source.partition("/")[2].partition("#")[0].encode() + b'"'
        found = next((self.resources[json] for json in sorted(self.resources) if own in json), None)
        if found is None:
            return Example("", None, source)
        head, file, before = found
        return Example(file, head.line + before, source)


class Note(msgspec.Struct, frozen=True, array_like=True, order=True):
    """What of a person was not understood: a type of resource, why, how many, and one of them."""

    what: str
    why: str
    count: int
    source: str


@dataclass(frozen=True, slots=True)
class PersonRows:
    """What came of one person. person: the row of `people` up to its notes; events: the rows of `events`."""

    person: tuple[Cell | int, ...]
    events: list[Row]
    notes: list[Note]


class PersonReader:
    """Reads charts into rows. One bad person costs only itself."""

    def __init__(self, pathway: Pathway, tables: Tables, reader: FhirReader) -> None:
        self._pathway, self._reader, self._row = pathway, reader, row_decoder(pathway).decode
        self._concepts = (*_OF_THE_PATIENT, *dict.fromkeys(name for read in tables.read.values() for name in read))

    def read(self, person: str, chart: Chart, beside: Sequence[bytes]) -> PersonRows:
        """beside: entries of a Bundle that are nobody's own, to which resources of this person refer."""
        notes = _Notes()
        missing = {concept for _, concept in chart.gaps}
        if not chart.named:
            notes.add("person", NO_PATIENT, person)
            missing |= set(_OF_THE_PATIENT)
        if chart.again:
            notes.add("resource", AGAIN, person, chart.again)
        record = self._record(person, chart, beside, notes)
        if record is None:
            missing |= set(self._concepts)
        whole = record or Record(Patient(person))
        for one in whole.ignored:
            counted = _COUNTED.fullmatch(one.source)
            if counted:
                notes.add(counted[1], in_general(one.why), f"Patient/{person}", int(counted[2]))
            else:
                notes.add(one.source.partition("/")[0].partition(",")[0], in_general(one.why), one.source)
        missing |= {gap.concept for gap in whole.gaps}
        gaps = tuple(Gap(concept, State.QUERY_FAILED, "sources") for concept in sorted(missing))
        events = event_rows(self._pathway, replace(whole, patient=Patient(person), gaps=gaps))
        rows = [
            *(self._bounded(row, notes) for row in events),
            *((person, *self._row(json)) for json in sorted(chart.events)),
        ]
        counts = (chart.count, len(rows) - len(gaps), len(gaps), len(whole.ignored))
        return PersonRows(
            (person, chart.named, record is not None, chart.synthetic, *counts, *_days(rows)), rows, notes.listed()
        )

    def _record(self, person: str, chart: Chart, beside: Sequence[bytes], notes: "_Notes") -> Record | None:
        """The record; None if it cannot be read as a whole."""
        entries = [b'{"resource":' + json + b"}" for json in sorted(chart.resources)]
        if not chart.has_patient:
            entries.append(b'{"resource":' + msgspec.json.encode({"resourceType": "Patient", "id": person}) + b"}")
        try:
            return self._reader.read(b'{"resourceType":"Bundle","entry":[' + b",".join((*entries, *beside)) + b"]}")
        except RecordError as error:
            if self._without_the_unreadable(chart, notes):
                return self._record(person, chart, beside, notes)
            notes.add("person", f"{NOT_READ}: {error.mistakes[0].what}", person)
        except Exception as error:
            # A fault of the reader met in one record out of millions must not cost all the others.
            notes.add("person", f"{NOT_READ}: an error of ischio's own, {type(error).__name__}", person)
        return None

    def _without_the_unreadable(self, chart: Chart, notes: "_Notes") -> bool:
        """Takes out resources that are no JSON after all, which the sieve did not look at in full, and says so."""
        bad = [json for json in chart.resources if not _is_json(json)]
        for json in bad:
            head, *_ = chart.resources.pop(json)
            notes.add(head.kind, "is not JSON", head.kind)
            chart.gaps |= {(State.QUERY_FAILED.value, concept) for concept in self._concepts}
        return bool(bad)

    def _bounded(self, row: Row, notes: "_Notes") -> Row:
        """The row, with a number that the column cannot hold as unknown."""
        number = row[_NUMBER]
        if not isinstance(number, Decimal) or abs(number) <= _LARGEST:
            return row
        notes.add(str(row[1]), TOO_LARGE, str(row[1]))
        cells = list(row)
        cells[_NUMBER], cells[_UNREAD] = None, True
        return tuple(cells)


class _Notes:
    def __init__(self) -> None:
        self._notes: dict[tuple[str, str], Note] = {}

    def add(self, what: str, why: str, source: str, count: int = 1) -> None:
        known = self._notes.get((what, why))
        self._notes[what, why] = Note(
            what, why, known.count + count if known else count, known.source if known else source
        )

    def listed(self) -> list[Note]:
        return sorted(self._notes.values())


def _is_test_data(json: bytes) -> bool:
    try:
        return any(tag.code == TEST_DATA for tag in _decode_tags(json).meta.tag)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False  # a tag that cannot be read says nothing


def _is_json(json: bytes) -> bool:
    try:
        _decode_exactly(json)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _days(rows: Sequence[Row]) -> tuple[date | None, date | None]:
    """The first and the last day on which something of the person began."""
    dated = [(row[_START], row[_START + 1]) for row in rows if row[1] != "birth_date"]
    first = min((day for day, _ in dated if isinstance(day, date) and day != date.min), default=None)
    return first, max((day for _, day in dated if isinstance(day, date) and day != date.max), default=None)
