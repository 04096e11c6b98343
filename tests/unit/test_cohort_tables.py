"""Registries that are tables: CSV with a data dictionary, and Parquet of events."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from cohort_folders import lines, pain, person, persons, reasons, rows, scores, taken, unknown, written
from fhir_forms import PATHWAY

from ischio.backends.sql.columns import EVENTS
from ischio.cohort.intake.dictionary import load_dictionary
from ischio.model.mistake import PathwayError

EXAMPLE = Path(__file__).parents[2] / "examples" / "registry"
HEADS = "id,day,pain,space,who,side"
DICTIONARY = """
person: id
date: day
missing: [NA, '-99']
sides: {R: right, L: left}
columns:
  pain: {concept: pain_score, side: right, asserter: patient}
  space: {concept: ischiofemoral_space, unit: cm, side_from: side, qualifiers: {modality: mri}}
  who: {concept: ifi_diagnosis, values: {'1': confirmed, '2': suspected}}
"""


def table(folder: Path, *body: str, dictionary: str = DICTIONARY, heads: str = HEADS) -> Path:
    content = "\n".join((heads, *body)).encode()
    return written(folder, {"visits.csv": content, "dictionary.yaml": dictionary.encode()})


def test_the_example_is_read_as_its_dictionary_says(tmp_path: Path) -> None:
    store = taken(EXAMPLE, tmp_path / "out")
    said = "select person, concept, side, start_first, end_first, number, unit, code, day from {} order by all"
    expected = [
        ("S-001", "birth_date", None, date(1984, 5, 2), date(1984, 5, 2), None, None, None, date(1984, 5, 2)),
        ("S-001", "exercise_therapy", "right", date(2026, 1, 26), date(2026, 4, 20), None, None, None, None),
        ("S-001", "hip_steroid_injection", "right", date(2026, 5, 4), date(2026, 5, 4), None, None, None, None),
        ("S-001", "ihot12", "right", date(2026, 1, 12), date(2026, 1, 12), Decimal(38), "1", None, None),
        (
            "S-001",
            "ischiofemoral_space",
            "right",
            date(2026, 1, 20),
            date(2026, 1, 20),
            Decimal("1.2"),
            "cm",
            None,
            None,
        ),
        ("S-001", "pain_score", "left", date(2026, 1, 12), date(2026, 1, 12), Decimal(0), "1", None, None),
        ("S-001", "pain_score", "right", date(2026, 1, 12), date(2026, 1, 12), Decimal(7), "1", None, None),
        ("S-001", "sex", None, date(2026, 1, 12), date(2026, 1, 12), None, None, "female", None),
    ]
    assert [row for row in rows(store, said) if row[0] == "S-001"] == expected
    assert ("exercise_therapy", "both") in rows(store, "select concept, side from {} where person = 'S-002'")
    unread = reasons(store)["column", "is not in the data dictionary"]
    assert [name for name, _ in unread.often] == ["redcap_repeat_instance", "redcap_repeat_instrument"]
    assert {what for what, _ in reasons(store)} == {"column"}


CELLS = [
    # a row                            | what it becomes: number, code, side, unread
    ("anna,2026-01-01,7,,,", (Decimal(7), None, "right", False)),
    ("anna,2026-01-01,-99,,,", None),
    ("anna,2026-01-01,NA,,,", None),
    ("anna,2026-01-01,seven,,,", (None, None, "right", True)),
    ("anna,2026-01-01,nan,,,", (None, None, "right", True)),
    ("anna,01/02/2026,7,,,", (None, None, "right", True)),
    ("anna,,7,,,", (Decimal(7), None, "right", False)),
    ("anna,2026-01-01,,1.2,,R", (Decimal("1.2"), None, "right", False)),
    ("anna,2026-01-01,,1.2,,", (Decimal("1.2"), None, None, False)),
    ("anna,2026-01-01,,1.2,,X", (None, None, None, True)),
    ("anna,2026-01-01,,,1,", (None, "confirmed", None, False)),
    ("anna,2026-01-01,,,suspected,", (None, "suspected", None, False)),
    ("anna,2026-01-01,,,9,", (None, None, None, True)),
]


@pytest.mark.parametrize(("row", "expected"), CELLS)
def test_a_cell_is_an_event_or_leaves_its_concept_unknown(
    row: str, expected: tuple[object, ...] | None, tmp_path: Path
) -> None:
    store = taken(table(tmp_path / "in", row), tmp_path / "out")
    found = rows(store, "select number, code, side, unread from {}")
    assert found == ([] if expected is None else [expected])
    if expected and expected[3]:
        assert any("that cannot be read" in why or "that" in why for _, why in reasons(store))


def test_a_row_without_a_person_is_counted(tmp_path: Path) -> None:
    store = taken(table(tmp_path / "in", ",2026-01-01,7,,,", "anna,2026-01-01,3,,,"), tmp_path / "out")
    assert scores(store) == {"anna": [3]}
    assert reasons(store)["row", "does not say whose it is"].examples[0].line == 2


def test_semicolons_tabs_and_a_mark_of_utf8_are_understood(tmp_path: Path) -> None:
    for number, separator in enumerate(";\t"):
        body = f"\ufeff{HEADS}\nanna,2026-01-01,3,,,".replace(",", separator).encode()
        folder = written(tmp_path / str(number), {"v.csv": body, "dictionary.yaml": DICTIONARY.encode()})
        assert scores(taken(folder, tmp_path / f"out-{number}")) == {"anna": [3]}


def test_a_table_in_another_encoding_is_named(tmp_path: Path) -> None:
    folder = table(tmp_path / "in", "anna,2026-01-01,3,,,")
    (folder / "other.csv").write_bytes(HEADS.encode() + b"\nJos\xe9,2026-01-01,3,,,")
    store = taken(folder, tmp_path / "out")
    assert scores(store) == {"anna": [3]}
    assert (
        reasons(store)["file", "holds text that is not UTF-8; what comes after it is not read"].examples[0].file
        == "other.csv"
    )


def test_a_person_in_a_table_and_in_fhir_is_one(tmp_path: Path) -> None:
    folder = table(tmp_path / "in", "anna,2026-01-01,7,,,")
    written(folder, {"a.ndjson": lines(*person("anna", pain(3)))})
    store = taken(folder, tmp_path / "out")
    assert (persons(store), scores(store), unknown(store, "birth_date")) == (["anna"], {"anna": [3, 7]}, [])


def test_a_changed_dictionary_reads_its_tables_again(tmp_path: Path) -> None:
    folder = table(tmp_path / "in", "anna,2026-01-01,7,,,")
    taken(folder, tmp_path / "out")
    (folder / "dictionary.yaml").write_text(DICTIONARY.replace("missing: [NA,", "missing: [NA, '7',"))
    assert scores(taken(folder, tmp_path / "out")) == {}


MISTAKES = [
    ("concept: pain_score", "concept: pain_scor", "line 7", "`pain_scor` is no concept"),
    ("unit: cm", "unit: kg", "line 8", "The unit kg is not one of ischiofemoral_space"),
    ("'1': confirmed", "'1': certain", "line 9", "`certain`, which is no value of ifi_diagnosis"),
    ("modality: mri", "modality: xray9", "line 8", "`xray9`, which is no value of modality"),
    ("side: right,", "side: outer,", "line 7", "`outer` is not one of the words allowed here"),
    ("person: id\n", "", "line 1", "`person` is missing"),
    ("columns:", "column:", "line 6", "`column` is not a key here"),
]


@pytest.mark.parametrize(("written_there", "instead", "place", "what"), MISTAKES)
def test_a_mistake_in_the_dictionary_is_told_with_its_line(
    written_there: str, instead: str, place: str, what: str, tmp_path: Path
) -> None:
    path = tmp_path / "dictionary.yaml"
    path.write_text(DICTIONARY.replace(written_there, instead))
    with pytest.raises(PathwayError) as refused:
        load_dictionary(path, PATHWAY)
    told = str(refused.value)
    assert what in told
    assert place in told or "is missing" in what


def test_a_table_without_a_dictionary_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"v.csv": b"a,b\n1,2\n", "a.ndjson": lines(*person("anna", pain(3)))})
    assert reasons(taken(folder, tmp_path / "out"))["file", "is a table without a dictionary.yaml beside it"].count == 1


# ---- Parquet ---------------------------------------------------------------------------------------------------------


def parquet(path: Path, select: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(f"copy ({select}) to '{path}' (format parquet)")
    return path.parent


def event(**cells: str) -> str:
    """A select of one event; cells as SQL writes them."""
    sound = {"person": "'anna'", "concept": "'pain_score'", "kind": "'done'", "asserter": "'patient'", "number": "4"}
    named = dict.fromkeys((column.name for column in EVENTS), "null") | sound | {"unit": "'1'"} | cells
    return "select " + ", ".join(f"cast({cell} as varchar) as {name}" for name, cell in named.items())


def test_events_of_a_store_are_read_back_as_they_were(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"a.ndjson": lines(*person("anna", pain(3)), *person("ben", pain(5)))})
    first = taken(folder, tmp_path / "first")
    again = taken(first.ranges[0].events.parent, tmp_path / "again")
    assert rows(again, "select * from {} order by all") == rows(first, "select * from {} order by all")


def test_qualifiers_that_are_not_there_are_empty(tmp_path: Path) -> None:
    folder = parquet(tmp_path / "in" / "e.parquet", event(start_first="'2026-03-01'", start_last="'2026-03-31'"))
    found = rows(taken(folder, tmp_path / "out"), "select number, start_last, unread, qualifier_modality from {}")
    assert found == [(Decimal(4), date(2026, 3, 31), False, None)]


UNFIT = [{"number": "'four'"}, {"start_first": "'2026-03-01'"}, {"kind": "'dreamt'"}, {"asserter": "null"}]


@pytest.mark.parametrize("cells", UNFIT)
def test_a_row_with_a_cell_that_does_not_fit_leaves_its_concept_unknown(cells: dict[str, str], tmp_path: Path) -> None:
    store = taken(parquet(tmp_path / "in" / "e.parquet", event(**cells)), tmp_path / "out")
    assert rows(store, "select person, concept, unread, kind from {}") == [("anna", "pain_score", True, "done")]
    assert reasons(store)["row", "has a cell that cannot be read"].count == 1


def test_rows_of_nobody_and_of_nothing_known_are_counted(tmp_path: Path) -> None:
    select = " union all ".join((event(), event(person="null"), event(concept="'height'")))
    store = taken(parquet(tmp_path / "in" / "e.parquet", select), tmp_path / "out")
    assert scores(store) == {"anna": [4]}
    assert reasons(store)["row", "does not say whose it is"].count == 1
    assert reasons(store)["row", "is of a concept that the pathway does not have"].often == (("height", 1),)


def test_a_parquet_file_of_something_else_is_named(tmp_path: Path) -> None:
    folder = parquet(tmp_path / "in" / "labels.parquet", "select 1 as stage")
    (folder / "torn.parquet").write_bytes(b"PAR1 torn")
    written(folder, {"a.ndjson": lines(*person("anna", pain(3)))})
    told = {why: one.examples[0].file for (what, why), one in reasons(taken(folder, tmp_path / "out")).items()}
    assert told["holds no events: the column person is missing"] == "labels.parquet"
    assert "torn.parquet" in told.values()
