"""Makes one range: gathers its persons from the sifted parts, reads those that are new or changed, keeps the others."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ischio.backends.sql.columns import event_columns
from ischio.backends.sql.rows import Row
from ischio.cohort.intake.not_understood import EXAMPLES, Example, Reason
from ischio.cohort.intake.persons import Chart, Note, PersonReader
from ischio.cohort.intake.rows import Cell, Columns, RowFile, connect, path_in_sql, write_parquet
from ischio.cohort.intake.shared import Shared
from ischio.cohort.intake.sifted import index_of, section_lines
from ischio.cohort.store import PEOPLE_COLUMNS, UNFINISHED, RangeFiles
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PLACE = ("place", "bigint")
_PERSON = (("person", "varchar"),)
_decode_notes = msgspec.json.Decoder(list[Note]).decode


@dataclass(frozen=True, slots=True)
class RangeTask:
    """What one range is made of.

    parts: sifted file, name of its source, lines before it there. shared: what is nobody's own.
    everyone: gaps of all persons: a source broke off. reading: digest of how sources are read.
    old: people and events of an earlier run, None if there was none.
    """

    number: int
    folder: Path
    parts: tuple[tuple[Path, str, int], ...]
    shared: Path
    everyone: tuple[tuple[str, str], ...]
    reading: str
    old: tuple[Path, Path] | None


@dataclass(frozen=True, slots=True)
class RangeMade:
    files: RangeFiles
    reasons: tuple[Reason, ...]
    read: int


def make_range(task: RangeTask, pathway: Pathway, reader: PersonReader) -> RangeMade:
    """Writes the two files of a range. Raises StoreError where the disk is full."""
    charts, shared = _charts(task), Shared(task.shared)
    targets = shared.targets(name for chart in charts.values() for name in chart.names)
    known = _known(task)
    writer = _RangeWriter(task, pathway)
    for person in sorted(charts):
        chart = charts[person]
        chart.gaps |= set(task.everyone)
        beside = [entry for name in sorted(chart.names) for entry in targets.get(name, ())]
        if shared.has_vouching:
            beside += [entry for listed in shared.vouching(chart.own_names).values() for entry in listed]
        digest = chart.digest(task.reading, beside)
        if known.get(person, ("",))[0] == digest:
            writer.keep(person, chart, known[person][1])
        else:
            made = reader.read(person, chart, list(dict.fromkeys(beside)))
            writer.add(made.person, made.events, made.notes, chart, digest)
    return writer.finish()


def _charts(task: RangeTask) -> dict[str, Chart]:
    charts: dict[str, Chart] = {}
    for path, source, before in task.parts:
        index = index_of(path)
        assert index is not None, path
        for head, json in section_lines(path, index, task.number):
            chart = charts.get(head.person)
            if chart is None:
                chart = charts[head.person] = Chart()
            chart.add(head, json, source, before)
    # A gap alone is no person: a line that could not be read may name anybody.
    return {person: chart for person, chart in charts.items() if chart.resources or chart.events}


def _known(task: RangeTask) -> dict[str, tuple[str, str]]:
    """Persons of the earlier run -> the digest of what they were read from, and their notes."""
    if task.old is None:
        return {}
    select = f"select person, digest, notes from read_parquet({path_in_sql(task.old[0])})"
    with connect() as connection:
        return {person: (digest, notes) for person, digest, notes in connection.execute(select).fetchall()}


class _RangeWriter:
    """Gathers the rows of a range and writes its files."""

    def __init__(self, task: RangeTask, pathway: Pathway) -> None:
        self._task = task
        self._columns = [(column.name, column.sql) for column in event_columns(pathway)]
        stem = task.shared.parent / f"range-{task.number:05}.{os.getpid()}"
        self._people, self._events, self._kept = (
            RowFile(stem.with_name(f"{stem.name}.{name}{UNFINISHED}"), columns)
            for name, columns in (("people", PEOPLE_COLUMNS), ("events", (_PLACE, *self._columns)), ("kept", _PERSON))
        )
        self._reasons = _Reasons()
        self._persons = self._rows = self._read = 0

    def add(self, person: Sequence[Cell], events: Sequence[Row], notes: list[Note], chart: Chart, digest: str) -> None:
        self._reasons.add(notes, chart)
        self._people.add([(*person, msgspec.json.encode(notes).decode(), digest)])
        self._events.add((self._rows + place, *row) for place, row in enumerate(events))
        self._rows += len(events)
        self._persons += 1
        self._read += 1

    def keep(self, person: str, chart: Chart, notes: str) -> None:
        """The rows of a person of whom nothing changed."""
        self._reasons.add(_decode_notes(notes), chart)
        self._kept.add([(person,)])
        self._persons += 1

    def finish(self) -> RangeMade:
        files = (self._people, self._events, self._kept)
        try:
            for file in files:
                file.close()
            with connect() as connection:
                people = self._written(connection, "people", self._people, PEOPLE_COLUMNS, "0 as place")
                events = self._written(connection, "events", self._events, self._columns, "place")
                rows = connection.execute(
                    f"select count(*) from read_parquet({path_in_sql(self._task.folder / events)})"
                ).fetchall()[0][0]
        finally:
            for file in files:
                file.path.unlink(missing_ok=True)
        return RangeMade(RangeFiles(people, events, self._persons, rows), self._reasons.listed(), self._read)

    def _written(self, connection: "DuckDBPyConnection", kind: str, new: RowFile, columns: Columns, place: str) -> str:
        """The rows read now and those kept, in the order of `person` and of each person in theirs."""
        names = ", ".join(f'"{name}"' for name, _ in columns)
        select = f"select {names}, {place} from {new.in_sql}"
        if self._read < self._persons:
            assert self._task.old is not None
            old = path_in_sql(self._task.old[0 if kind == "people" else 1])
            select += (
                f" union all select {names}, file_row_number from read_parquet({old}, file_row_number = true) "
                f"where person in (select person from {self._kept.in_sql})"
            )
        ordered = f"select {names} from ({select}) order by person, place"
        return write_parquet(connection, ordered, self._task.folder, f"{kind}/{self._task.number:05}")


class _Reasons:
    """The notes of persons, counted."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._examples: dict[tuple[str, str], list[Example]] = {}

    def add(self, notes: list[Note], chart: Chart) -> None:
        for note in notes:
            key = note.what, note.why
            self._counts[key] = self._counts.get(key, 0) + note.count
            listed = self._examples.setdefault(key, [])
            if len(listed) < EXAMPLES:
                listed.append(chart.place(note.source))

    def listed(self) -> tuple[Reason, ...]:
        return tuple(Reason(*key, self._counts[key], tuple(self._examples[key])) for key in sorted(self._counts))
