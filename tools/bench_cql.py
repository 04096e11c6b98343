"""The row of `make bench` about CQL: the same defines of the same Bundles in ischio and in two CQL engines.

All three get the text of a Bundle and give every define of both hips and of the person's actions; what they give is
compared. Times are those of the processor, for each record by itself.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import process_time

ROOT = Path(__file__).parents[1]
EVERY = 8
"""Every 8th case of the pathway is asked about."""
WARMING_UP = 5
"""Records that do not count: engines compile while they answer the first ones."""
BAR = 10
NAMES = {"execution": "cql-execution", "reference": "HL7 reference engine (JavaScript)"}


def milliseconds(call: Callable[[], object]) -> float:
    begun = process_time()
    call()
    return (process_time() - begun) * 1000


def measured() -> dict[str, list[float]]:
    """By engine (ischio first) the milliseconds of each record."""
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "conformance")]
    from cql_oracle import ENGINES, Asked, Json, ask, by_ischio, differences, spent
    from fhir_forms import BINDINGS, PATHWAY, READER
    from test_cql_agreement import Compared, cases

    from ischio.engine.answer import Answer
    from ischio.fhir.cql_libraries import cql_libraries

    def answered(raw: bytes, each: Asked) -> dict[str, Json]:
        return by_ischio(PATHWAY, Answer(PATHWAY, READER.read(raw), each.index))

    asked = list(cases(Compared()))[::EVERY]
    texts = {each.name: json.dumps(each.bundle).encode() for each in asked}
    times = {"ischio": [milliseconds(lambda each=each: answered(texts[each.name], each)) for each in asked]}
    with tempfile.TemporaryDirectory() as folder:
        answers = ask(Path(folder), cql_libraries(PATHWAY, BINDINGS), dict.fromkeys(ENGINES, asked))
        times |= {engine: spent(Path(folder), engine) for engine in ENGINES}
    for each in asked:
        said = answered(texts[each.name], each)
        for engine in ENGINES:
            assert not list(differences(said, answers[engine][each.name])), f"{engine} says otherwise of {each.name}"
    return {engine: some[WARMING_UP:] for engine, some in times.items()}


def row(name: str, times: Sequence[float], ours: float) -> str:
    took = median(times)
    verdict = "yes" if took >= BAR * ours else "**no**"
    return f"| {name} | {took:.3g} ms | {took / ours:.3g} | {verdict} |"


def section() -> list[str]:
    """The part of docs/performance.md about CQL engines."""
    times = measured()
    ours = median(times.pop("ischio"))
    count = len(next(iter(times.values())))
    return [
        "",
        f"CQL: the same defines of the same {count} Bundles of cases (every {EVERY}th), from the text of a Bundle to",
        "all facts, criteria, stages, statuses and review dates: ischio and two engines that run the exported CQL.",
        f"The answers are compared and equal. Medians of processor time; the bar: ischio is {BAR} times faster.",
        "",
        "| engine | a record | times ischio | bar met |",
        "| --- | --- | --- | --- |",
        f"| ischio | {ours:.3g} ms | 1 | |",
        *(row(name, times[engine], ours) for engine, name in NAMES.items()),
    ]


if __name__ == "__main__":
    print("\n".join(section()))
