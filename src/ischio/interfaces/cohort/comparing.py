"""Runs two versions of a pathway over one folder of records, and tells what differs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ischio.backends.sql.text import quoted
from ischio.cohort.called import Called
from ischio.cohort.cells import LEAST, Total
from ischio.cohort.difference import CohortDifference, Comparison
from ischio.cohort.intake.run import take_in
from ischio.cohort.judging import Duck, IndexDates, connect, judge
from ischio.cohort.store import MANIFEST, Store, open_store
from ischio.cohort.tables import Count, Field, FieldType, Results, Shown, Table, ranked, shown
from ischio.cohort.tabulated import stage_titles
from ischio.interfaces.cohort.content import told
from ischio.interfaces.cohort.files import put_select
from ischio.interfaces.cohort.making import newest_day
from ischio.interfaces.difference.telling import Section
from ischio.interfaces.difference.telling import Table as Written
from ischio.interfaces.difference.versions import Version
from ischio.interfaces.words import day

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PERSONS_FILE = "cohort-persons.csv"


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs on a date. tables: with small counts hidden."""

    on: date
    found: CohortDifference
    tables: Shown
    persons: Path | None
    called: Called


def compare(records: Path, old: Version, new: Version, on: date | None, out: Path | None) -> Compared:
    """Both versions over a folder of records or an event store, judged on one date.

    out: a folder for the list of persons whose answer changes; none to write none. Raises IschioError.
    """
    with TemporaryDirectory() as place, connect(Path(place) / "spilled") as connection:
        work = Path(place)
        stores = _stores(records, old, new, work)
        asked = IndexDates((on or newest_day(connection, stores[1]),), along=False)
        for name, version, store in zip(("was", "now"), (old, new), stores, strict=True):
            files = judge(version.pathway, store, work / name, asked, Duck(connection, version.pathway), connection)
            connection.execute(f"create view {name} as select * from read_parquet({quoted(files)})")
        comparison = Comparison(connection, old.pathway, new.pathway, "was", "now")
        found, called = comparison.count(), Called.by(new.pathway)
        written = _write_persons(connection, out) if out else None
        return Compared(asked.last, found, shown(_results(found, old, new, called), LEAST), written, called)


def _stores(records: Path, old: Version, new: Version, work: Path) -> tuple[Store, Store]:
    """The event store as each version reads the records: one for both where they read alike."""
    if (records / MANIFEST).exists():
        store = open_store(records)
        return store, store
    now = take_in(records, work / "store", new.pathway, new.folder / "bindings.yaml")
    if reads_alike(old, new):
        return now, now
    return take_in(records, work / "store-old", old.pathway, old.folder / "bindings.yaml"), now


def reads_alike(old: Version, new: Version) -> bool:
    """Whether both versions make the same events of a record."""
    return old.file("bindings.yaml") == new.file("bindings.yaml") and dict(old.pathway.concepts) == dict(
        new.pathway.concepts
    )


def _write_persons(connection: "DuckDBPyConnection", out: Path) -> Path:
    path = out / PERSONS_FILE
    select = (
        "select person, hip, stage_before, stage_after, diversion_before, diversion_after, "
        "array_to_string(actions, '; ') as actions, array_to_string(rules, '; ') as rules "
        "from changed order by person, hip"
    )
    put_select(connection, select, path, "csv")
    return path


def _results(found: CohortDifference, old: Version, new: Version, called: Called) -> Results:
    titles = stage_titles(old.pathway) | stage_titles(new.pathway)
    together = _stages(found, titles, called) + _rules(found, called)
    everyone = Table("all", "All", "", ALL_FIELDS, ((*map(Count, ("hips", "changed", "persons"), _numbers(found)),),))
    totals = (Total("hips", ("persons", "persons")), Total("hips", ("changed", "unchanged")))
    same = Count("unchanged", found.hips - found.changed)
    return together + Results((everyone,), totals, (same,), ("persons", "hips", "changed"))


WHOLE, TEXT = FieldType.WHOLE, FieldType.TEXT
ALL_FIELDS = tuple(Field(name, name.capitalize(), WHOLE, "") for name in ("hips", "changed", "persons"))


def _numbers(found: CohortDifference) -> tuple[int, int, int]:
    return found.hips, found.changed, found.persons


def _stages(found: CohortDifference, titles: Mapping[str, str], called: Called) -> Results:
    """From stage to stage; how many are in each stage under either version is told too, and so protected."""
    moves = tuple(
        (each.before, each.after, Count(f"{each.before} to {each.after}", each.hips)) for each in found.stages
    )
    before, after = Counter[str](), Counter[str]()
    for each in found.stages:
        before[each.before] += each.hips
        after[each.after] += each.hips
    totals: list[Total] = []
    rows: list[tuple[str, Count, Count]] = []
    for stage in (stage for stage in titles if before[stage] or after[stage]):
        was, now = Count(f"{stage} before", before[stage]), Count(f"{stage} after", after[stage])
        totals.append(Total(was.key, tuple(count.key for start, _, count in moves if start == stage)))
        totals.append(Total(now.key, tuple(count.key for _, end, count in moves if end == stage)))
        rows.append((stage, was, now))
    totals.append(Total("hips", tuple(was.key for _, was, _ in rows)))
    totals.append(Total("hips", tuple(now.key for _, _, now in rows)))
    of_stage = (
        Field("stage", "Stage", TEXT, "The stage.", codes=titles),
        Field("before", "Before", WHOLE, f"{called.Hips} in it under the old version."),
        Field("after", "After", WHOLE, f"{called.Hips} in it under the new version."),
    )
    fields = (
        Field("before", "Before", TEXT, "The stage under the old version.", codes=titles),
        Field("after", "After", TEXT, "The stage under the new version.", codes=titles),
        Field("hips", called.Hips, WHOLE, f"How many {called.hips}."),
    )
    moved = tuple(row for row in moves if row[0] != row[1])
    stayed = [row[2] for row in moves if row[0] == row[1]]
    tables = (
        Table("stages", "In each stage", "", of_stage, tuple(rows)),
        Table("moves", "From stage to stage", "", fields, moved),
    )
    return Results(tables, tuple(totals), tuple(stayed), tuple(count.key for _, *counts in rows for count in counts))


def _rules(found: CohortDifference, called: Called) -> Results:
    """With which rule; what is left of those who changed is told by it too."""
    totals, unlisted, rows = [], [], []
    for rule in found.rules:
        name = f"{rule.kind} {rule.id}"
        hips, stages = Count(name, rule.hips), Count(f"{name}, stage", rule.stages)
        others = Count(f"changed without {name}", found.changed - rule.hips)
        stayed = Count(f"{name}, no stage", rule.hips - rule.stages)
        totals += [Total("changed", (hips.key, others.key)), Total(hips.key, (stages.key, stayed.key))]
        unlisted += [others, stayed]
        rows.append((name, rule.title, hips, stages))
    fields = (
        Field("rule", "Written otherwise", TEXT, "The entry that differs."),
        Field("title", "Title", TEXT, "Its title."),
        Field("hips", f"{called.Hips} answered otherwise", WHOLE, f"{called.Hips} at which it changes the answer."),
        Field("stages", "Of these in another stage", WHOLE, f"{called.Hips} at which it changes the stage."),
    )
    return Results((Table("rules", "With which rule", "", fields, tuple(rows)),), tuple(totals), tuple(unlisted))


# ---- telling ----------------------------------------------------------------------------------------------------


def section(compared: Compared) -> Section:
    """The cohort in the report of a difference. It names nobody."""
    counts, called = compared.tables.counts, compared.called
    lines = [
        f"{told(counts['persons'])} persons, both versions on {day(compared.on)}: "
        f"{told(counts['changed'])} of {told(counts['hips'])} {called.hips} are answered otherwise."
    ]
    if compared.tables.any_hidden:
        lines.append(f"Counts from 1 to {LEAST - 1} are hidden, and those from which they could be worked back.")
    if compared.persons:
        lines.append(f"Persons are named in {compared.persons}, with the rule that did it: for the clinic alone.")
    elif compared.found.changed:
        lines.append("Add `--out DIR` to get the persons whose answer changes, with the rule that did it.")
    return Section(
        "In the cohort",
        tuple(lines),
        tuple(_written(table) for table in _in_order(compared.tables)),
    )


def _in_order(shown: Shown) -> Iterator[Table]:
    """The tables; the rule that changes most comes first."""
    yield from (shown.tables["stages"], shown.tables["moves"])
    rules = shown.tables["rules"]
    yield replace(rules, rows=tuple(map(tuple, ranked(rules.rows, 2))))


def _written(table: Table) -> Written:
    rows = tuple(tuple(_words(table, place, cell) for place, cell in enumerate(row)) for row in table.rows)
    return Written(tuple(field.title for field in table.fields), rows)


def _words(table: Table, place: int, cell: object) -> str:
    if isinstance(cell, str):
        return table.fields[place].codes.get(cell, cell)
    return told(cell)  # type: ignore[arg-type]  # what is no text in a table is a count or a share


def data(compared: Compared) -> dict[str, object]:
    """For a program; null for a hidden count."""

    def plain(name: str) -> Iterator[dict[str, object]]:
        for row in compared.tables.tables[name].as_mappings():
            yield {key: None if told(cell) == "hidden" else cell for key, cell in row.items()}

    return {
        "date": compared.on.isoformat(),
        "all": next(plain("all")),
        "stages": list(plain("stages")),
        "moves": list(plain("moves")),
        "rules": list(plain("rules")),
        "persons_written": str(compared.persons) if compared.persons else None,
    }
