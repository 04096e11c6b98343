"""Faults planted in the printed CQL, one at a time: comparing with the engine finds each of them."""

import json
import subprocess
from pathlib import Path

import pytest
from cql_oracle import ORACLES, Asked, ask, by_ischio, differences, install, read, stays_with_intake
from fhir_forms import BINDINGS, PATHWAY, READER
from generative.fhir_records import People
from test_cql_agreement import Compared, cases

from ischio.engine.answer import Answer
from ischio.fhir.cql_libraries import cql_libraries

RECORDS = 150
CASES = ("pain-absent-six-weeks-ago", "osteotomy-and-resection-on-one-day")
"""Cases that stand where a drawn record seldom does: on the last fresh day, and with two answers on one day."""

# What is changed, with the name of the fault. All stand in what the printer gives for the functions that are shared.
FAULTS = {
    "a value of the last fresh day is stale": (
        "NewestFrom(readings) >= fresh then worth",
        "NewestFrom(readings) > fresh then worth",
    ),
    "the oldest instead of the newest": (
        "Max((Sure(readings)) R return all R.begunFrom)",
        "Min((Sure(readings)) R return all R.begunFrom)",
    ),
    "absence is known although something stands in the way": ("if InTheWay(readings) then null else none", "none"),
    "absence becomes no where it says nothing": (
        "if InTheWay(readings) then null else none",
        "if InTheWay(readings) then null else Coalesce(none, 0)",
    ),
    "the lowest authority goes first": ("R.rank = Min(readings O", "R.rank = Max(readings O"),
    "a conflict is settled by the larger value": (
        "    else null\n  end\n\ndefine function LastRecorded",
        "    else Max(Worths(readings))\n  end\n\ndefine function LastRecorded",
    ),
    "any yes wins no longer": ("when Max(Worths(readings)) = yes then", "when Max(Worths(readings)) = yes + 7 then"),
    "what lies ahead counts": (
        "if planned then until else Min({ today, until })) is false then false",
        "until) is false then false",
    ),
    "a year is its first day": (
        "when month from written is null then Date(year from written, 12, 31)",
        "when month from written is null then Date(year from written, 1, 1)",
    ),
    "a possible event is counted": (
        "when exists Possible(readings) then null\n    else Count",
        "when false then null\n    else Count",
    ),
    "a correction takes back nothing": ("where C.entitled and C.worth != yes", "where C.entitled and C.worth = yes"),
    "one day of treatment is lost": ("between start of P and end of P) + 1)", "between start of P and end of P))"),
    "what ends before it starts counts": ("when LastDay(over) < FirstDay(begun) then null", "when false then null"),
    "without a date it was never": (
        "then if since is null and until is null and not unclear then true else null",
        "then false",
    ),
    "halves are rounded up": ("when Floor(steps) mod 2 = 0 then Floor(steps)", "when false then Floor(steps)"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Asked]]:
    """The folder with the sound libraries' ELM, and people on whom they agree with the engine."""
    folder = tmp_path_factory.mktemp("cql")
    bundles = enumerate(People(PATHWAY, BINDINGS).bundles(2, RECORDS))
    asked = [each for each in cases(Compared()) if each.name in CASES]
    asked += [Asked(str(number), index, bundle) for number, (index, bundle) in bundles]
    asked = [each for each in asked if stays_with_intake(read(READER, each)) is None]
    libraries = cql_libraries(PATHWAY, BINDINGS)
    assert not found(asked, ask(folder, libraries, {"reference": asked[:1], "execution": asked})["execution"])
    return folder, asked


def found(asked: list[Asked], answers: dict[str, dict[str, object]]) -> list[str]:
    different: list[str] = []
    for each in asked:
        said = by_ischio(PATHWAY, Answer(PATHWAY, read(READER, each), each.index))
        different += differences(said, answers[each.name])
    return different


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_found(sound: tuple[Path, list[Asked]], fault: str, tmp_path: Path) -> None:
    folder, asked = sound
    right, wrong = FAULTS[fault]
    libraries = cql_libraries(PATHWAY, BINDINGS)
    common = libraries[0].text
    assert common.count(right) == 1, "the fault no longer fits the text"
    faulty = tmp_path / "IschioCommon.cql"
    faulty.write_text(common.replace(right, wrong))
    ran = subprocess.run(
        [str(install()), str(ORACLES / "translate.mjs"), str(faulty)], capture_output=True, text=True, check=True
    )
    elm = json.loads((folder / "elm.json").read_text()) | json.loads(ran.stdout[ran.stdout.index("{") :])
    (tmp_path / "elm.json").write_text(json.dumps(elm))
    answers = ask(tmp_path, libraries, {"execution": asked})["execution"]
    assert found(asked, answers), f"nobody noticed that {fault}"
