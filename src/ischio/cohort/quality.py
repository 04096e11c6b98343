"""What the intake could not use, and who could not be read, as tables."""

from typing import TYPE_CHECKING

from ischio.backends.sql.text import quoted
from ischio.cohort.cells import Total
from ischio.cohort.intake.not_understood import Reason, read_report
from ischio.cohort.store import Source, Store
from ischio.cohort.tables import Count, Field, FieldType, Results, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXT, WHOLE = FieldType.TEXT, FieldType.WHOLE
OFTEN = 3


def quality(connection: "DuckDBPyConnection", store: Store) -> Results:
    """Sources, reasons why something of them was not used, and persons who could not be read."""
    reasons = read_report(store.not_understood) if store.not_understood.exists() else ()
    made_up, read = _made_up(connection, store), _read(connection, store)
    tables = (made_up, read, sources(store.manifest.sources), not_used(reasons))
    return Results(tables, tuple(Total("persons", tuple(_keys(table))) for table in (made_up, read)))


SYNTHETIC = "persons synthetic"
"""The key of the count of synthetic persons."""


def _made_up(connection: "DuckDBPyConnection", store: Store) -> Table:
    """How many persons are marked as synthetic, and how many are not."""
    row = connection.execute(
        f"select count(*) filter (where synthetic), count(*) from read_parquet([{_people(store)}])"
    ).fetchone()
    synthetic, everyone = row or (0, 0)
    words = {"synthetic": "Marked as synthetic", "not_marked": "Not marked as synthetic"}
    rows = (
        ("synthetic", Count(SYNTHETIC, synthetic)),
        ("not_marked", Count("persons not marked", everyone - synthetic)),
    )
    fields = (
        Field("marked", "Marked", TEXT, "Whether the Patient is tagged as test health data (HTEST).", codes=words),
        Field("persons", "Persons", WHOLE, "How many persons."),
    )
    meaning = "Who was made up: their Patient is tagged as test health data (HTEST)."
    return Table("synthetic", "Synthetic persons", meaning, fields, rows)


def _people(store: Store) -> str:
    return ", ".join(quoted(str(each.people)) for each in store.ranges)


READ = {
    "read": "Read, with a Patient",
    "without_patient": "Read, but no Patient of this id",
    "not_read": "Not read: all about them is unknown",
}


def _read(connection: "DuckDBPyConnection", store: Store) -> Table:
    word = "case when not read then 'not_read' when not named then 'without_patient' else 'read' end"
    found = dict(
        connection.execute(
            f"select {word} as word, count(*) from read_parquet([{_people(store)}]) group by word"
        ).fetchall()
    )
    rows = tuple((name, Count(f"persons {name}", found.get(name, 0))) for name in READ)
    fields = (
        Field("how", "How they were read", TEXT, "Whether the records of a person could be read.", codes=READ),
        Field("persons", "Persons", WHOLE, "How many persons."),
    )
    return Table("persons_read", "Persons as read", "What became of the persons of the records.", fields, rows)


def _keys(table: Table) -> list[str]:
    return [cell.key for cell in table.column("persons") if isinstance(cell, Count)]


def sources(found: tuple[Source, ...]) -> Table:
    """The files that were read."""
    rows = tuple(
        (each.name, each.form, each.lines, each.bytes, "whole" if each.whole else "breaks_off") for each in found
    )
    whole = {"whole": "Whole", "breaks_off": "Breaks off: what it would have told is unknown"}
    fields = (
        Field("file", "File", TEXT, "Its name in the folder given."),
        Field("form", "Form", TEXT, "What kind of file it is."),
        Field("lines", "Lines", WHOLE, "Resources, rows or entries in it."),
        Field("bytes", "Bytes", WHOLE, "Its size.", "By"),
        Field("whole", "Whole", TEXT, "Whether it was read to its end.", codes=whole),
    )
    return Table("sources", "Files read", "The files that the records came from.", fields, rows)


def not_used(reasons: tuple[Reason, ...]) -> Table:
    """Why something was not used; how many resources (or lines, files, persons) each."""
    rows = tuple((each.what, each.why, each.count, _often(each)) for each in reasons)
    fields = (
        Field("what", "What", TEXT, "The type of resource, or line, file, person."),
        Field("why", "Why it was not used", TEXT, "The reason in words."),
        Field("count", "Count", WHOLE, "How many of them. Resources are counted here, not people."),
        Field("often", "Most often", TEXT, "The most frequent particulars, such as codes that nobody reads."),
    )
    meaning = (
        "What the intake found and did not use. Where each stands is told in the event store, for the clinic alone."
    )
    return Table("not_used", "What was not used", meaning, fields, rows)


def _often(reason: Reason) -> str | None:
    return "; ".join(f"{name} ({count:,})" for name, count in reason.often[:OFTEN]) or None
