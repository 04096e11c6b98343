"""The exported CQL and SQL mean what the engine means: in the HL7 reference engine, in cql-execution and in DuckDB, on
every define of the same records.

Records are left out of the comparison with CQL where our reader knows what CQL over FHIR cannot know
(docs/reference/cql.md); they are counted.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cql_answers import ANSWERS, ON, REMARK, asked
from cql_oracle import ENGINES, Asked, Json, Value, ask, by_ischio, differences, read, stays_with_intake
from fhir_forms import BINDINGS, PATHWAY, READER
from generative import agreement
from generative.fhir_records import People

from ischio.engine.answer import Answer
from ischio.fhir.cql_libraries import cql_libraries
from ischio.fhir.writer import NotWritable, as_bundle
from ischio.loading.pathway import packaged
from ischio.record.case_form import read_case

GENERATED = int(os.environ.get("ISCHIO_CQL_RECORDS", "200"))
"""Records drawn beside the cases; `make fuzz` takes 2,000."""
OF_REFERENCE = int(os.environ.get("ISCHIO_CQL_REFERENCE", "8"))
"""The reference engine takes half a second a record, so that it is asked about every 8th; 1 asks it about all."""
DUCKDB = "DuckDB"


@dataclass
class Compared:
    """What was compared with the engine, and what not, with the reason. By engine but for left_out."""

    records: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    different: dict[str, list[str]] = field(default_factory=lambda: {engine: [] for engine in (DUCKDB, *ENGINES)})
    left_out: Counter[str] = field(default_factory=Counter)
    answers: dict[str, dict[str, Json]] = field(default_factory=dict)
    """What each CQL engine says of the records of cql_answers, which are not compared. By engine and name."""

    def table(self) -> str:
        head = f"{'equal to the engine':20}{'records':>9}{'values':>12}{'different':>11}"
        rows = [
            f"{engine:20}{self.records[engine]:9,}{self.values[engine]:12,}{len(found):11,}"
            for engine, found in self.different.items()
        ]
        return "\n".join((head, *rows, *(f"left out: {count} ({why})" for why, count in self.left_out.items())))


def cases(compared: Compared) -> Iterator[Asked]:
    for path in sorted((packaged() / "cases").glob("*.yaml")):
        case = read_case(path, PATHWAY, READER.read)
        try:
            yield Asked(case.id, case.index_date, as_bundle(case.record, PATHWAY, BINDINGS))
        except NotWritable as reason:
            compared.left_out[f"case: {reason}"] += 1


def generated(count: int) -> Iterator[Asked]:
    for number, (index, bundle) in enumerate(People(PATHWAY, BINDINGS).bundles(1, count)):
        yield Asked(f"generated {number}", index, bundle)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    found = Compared()
    every = [*cases(found), *generated(GENERATED)]
    compare_cql(found, every, tmp_path_factory.mktemp("cql"))
    compare_sql(found, every)
    return found


def compare_cql(found: Compared, every: list[Asked], folder: Path) -> None:
    # Translating the libraries takes longer than answering 200 records, and so all that is asked of them is one run.
    also = [asked(name) for name in ANSWERS]
    some = {"reference": [*every[::OF_REFERENCE], *also], "execution": [*every, *also]}
    answers = ask(folder, cql_libraries(PATHWAY, BINDINGS), some)
    found.answers = {engine: {name: said[name] for name in ANSWERS} for engine, said in answers.items()}
    for each in every:
        record = read(READER, each)
        reason = stays_with_intake(record)
        if reason is not None:
            found.left_out[reason] += 1
            continue
        said = by_ischio(PATHWAY, Answer(PATHWAY, record, each.index))
        for engine in ENGINES:
            if each.name in answers[engine]:
                found.records[engine] += 1
                found.values[engine] += sum(map(len, said.values()))
                heard = differences(said, answers[engine][each.name])
                found.different[engine] += [f"{each.name}: {one}" for one in heard]


def compare_sql(found: Compared, every: list[Asked]) -> None:
    people = agreement.numbered([agreement.Asked(read(READER, each), each.index) for each in every])
    found.records[DUCKDB], found.values[DUCKDB] = len(people), agreement.cells(PATHWAY, people)
    names = {each.record.patient.id: of.name for each, of in zip(people, every, strict=True)}
    for one in agreement.differences(PATHWAY, people, agreement.by_sql(PATHWAY, people)):
        found.different[DUCKDB].append(f"{names[one.person]}: {one}")


def test_as_many_values_are_compared_as_there_are(compared: Compared, record_property) -> None:
    record_property("counted", compared.table())
    print(compared.table())
    assert compared.records["execution"] >= 0.9 * compared.records[DUCKDB], compared.left_out
    for engine, values in compared.values.items():
        assert values >= 800 * compared.records[engine] > 0


@pytest.mark.parametrize("engine", [DUCKDB, *ENGINES])
def test_every_define_is_what_the_engine_says(compared: Compared, engine: str) -> None:
    assert not compared.different[engine], "\n".join(compared.different[engine][:40])


# ---- answers other than yes -------------------------------------------------------------------------------------


def heard(compared: Compared, engine: str, name: str) -> Value:
    """What a CQL engine takes for the answer."""
    value: Value = compared.answers[engine][name]["IschioRight"]["red_flag_screen"]
    return value


@pytest.mark.parametrize("name", ANSWERS)
def test_only_a_yes_says_that_something_was_done(compared: Compared, name: str) -> None:
    for engine in ENGINES:
        assert heard(compared, engine, name) is ANSWERS[name][1], engine


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != REMARK])
def test_the_engine_says_the_same(name: str) -> None:
    record = read(READER, asked(name))
    assert by_ischio(PATHWAY, Answer(PATHWAY, record, ON))["IschioRight"]["red_flag_screen"] is ANSWERS[name][1]


def test_a_remark_in_words_counts_in_ischio_alone(compared: Compared) -> None:
    record = read(READER, asked(REMARK))
    assert by_ischio(PATHWAY, Answer(PATHWAY, record, ON))["IschioRight"]["red_flag_screen"] is True
    assert {heard(compared, engine, REMARK) for engine in ENGINES} == {None}
