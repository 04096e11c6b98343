"""The exported CQL means what the engine means: in the HL7 reference engine and in cql-execution, on every define.

Records are left out of the comparison where our reader knows what CQL over FHIR cannot know (docs/reference/cql.md);
they are counted.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from cql_oracle import ENGINES, Asked, ask, by_ischio, differences, read, stays_with_intake
from fhir_forms import BINDINGS, PATHWAY, READER
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


@dataclass
class Compared:
    """What was compared, and what not, with the reason."""

    asked: dict[str, list[Asked]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    defines: Counter[str] = field(default_factory=Counter)
    different: dict[str, list[str]] = field(default_factory=dict)


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


def asks_below_an_answer(each: Asked) -> bool:
    """Whether a form asks below an answer. The reference engine was seen to lose what is said there, why is unknown."""
    resources = (entry["resource"] for entry in each.bundle["entry"])
    items = (item for resource in resources for item in resource.get("item", ()))
    return any(answer.get("item") for item in items for answer in item.get("answer", ()))


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    found = Compared()
    every = [*cases(found), *generated(GENERATED)]
    plain = [each for each in every if not asks_below_an_answer(each)]
    found.left_out["reference only: a question below an answer"] = len(every) - len(plain)
    found.asked = {"reference": plain[::OF_REFERENCE], "execution": every}
    answers = ask(tmp_path_factory.mktemp("cql"), cql_libraries(PATHWAY, BINDINGS), found.asked)
    found.different = {engine: [] for engine in ENGINES}
    for each in every:
        record = read(READER, each)
        reason = stays_with_intake(record)
        if reason is not None:
            found.left_out[reason] += 1
            continue
        said = by_ischio(PATHWAY, Answer(PATHWAY, record, each.index))
        for engine in ENGINES:
            if each.name in answers[engine]:
                found.defines[engine] += sum(map(len, said.values()))
                heard = differences(said, answers[engine][each.name])
                found.different[engine] += [f"{each.name}: {one}" for one in heard]
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_every_define_is_what_the_engine_says(compared: Compared, engine: str, record_property) -> None:
    counted = (
        f"CQL, {engine}: {compared.defines[engine]} values of {len(compared.asked[engine])} records compared, "
        f"{len(compared.different[engine])} different; left out: {dict(compared.left_out) or 'none'}"
    )
    record_property("counted", counted)
    print(counted)
    assert compared.defines[engine] > 1000 * 0.9 * len(compared.asked[engine]), compared.left_out
    assert not compared.different[engine], "\n".join(compared.different[engine][:40])
