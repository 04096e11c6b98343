"""A pathway of another part of the body goes through every command: nothing outside the knowledge is tied to hips.

A command that is added gets a line in RUNS; `test_every_command_is_tried` fails until it has one. What is told may not
speak of hips; names of columns and codes in tables are the same for every pathway.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from records_system import Asked, Reply, serving

from ischio.backends.smt import Outcome, verify
from ischio.engine.assess import assess
from ischio.fhir.bindings import load_bindings
from ischio.fhir.reader import FhirReader
from ischio.fhir.writer import as_bundle
from ischio.interfaces.cli import main
from ischio.loading.pathway import load_pathway
from ischio.record.case_form import read_case

ANKLE = Path(__file__).parents[1] / "knowledge" / "ankle"
PATHWAY = load_pathway(ANKLE)
BINDINGS = load_bindings(ANKLE / "bindings.yaml")
CASES = sorted((ANKLE / "cases").glob("*.yaml"))
FRACTURE = str(ANKLE / "cases" / "fracture.yaml")
OF_HIPS = re.compile(r"\bhips?\b|ischiofemoral|impingement|buttock|trochanter|\bIFI\b", re.IGNORECASE)

ALL_COUNTS = ["--show-small-cells"]
ON_TWO_DATES = ["--dates", "2026-06-03,2026-07-03"]
TO_MOVE = ["--side", "left", "--action", "early_movement"]
RUNS = [
    (["assess", FRACTURE, "--pathway", "{ankle}"], "Right ankle: Fracture care"),
    (["assess", FRACTURE, "--pathway", "{ankle}", "--note"], "LEFT ANKLE: FUNCTIONAL CARE"),
    (["assess", FRACTURE, "--pathway", "{ankle}", "--html", "{out}/page.html"], "Written"),
    (["assess", FRACTURE, "--pathway", "{ankle}", "--side", "left"], "Left ankle: Functional care"),
    (["handout", FRACTURE, "--pathway", "{ankle}", *TO_MOVE, "-o", "{out}/a.html"], "Written"),
    (["explain", "ankle_rule_positive", "--pathway", "{ankle}"], "measured in this disease"),
    (["explain", "malleolar_pain", "--pathway", "{ankle}"], "boolean, of the ankle"),
    (["explain", "early_movement", "--pathway", "{ankle}"], "advice, for the ankle"),
    (["what-if", FRACTURE, "right.walks_now=yes", "--pathway", "{ankle}"], "Right ankle"),
    (["timeline", FRACTURE, "--pathway", "{ankle}"], "Right ankle"),
    (["timeline", FRACTURE, "--pathway", "{ankle}", "--side", "right", "--svg", "{out}/a.svg"], "Written"),
    (["export", "book", "{out}/book", "--pathway", "{ankle}"], "properties proved"),
    (["export", "book", "{out}/book.md", "--pathway", "{ankle}"], "properties proved"),
    (["export", "diagram", "{out}/map.html", "--pathway", "{ankle}"], "Written"),
    (["export", "cql", "{out}/cql", "--pathway", "{ankle}"], "IschioRight.cql"),
    (["export", "fhir", "{out}/fhir", "--pathway", "{ankle}"], "1 PlanDefinition"),
    (["diff", "{ankle}", "{ankle}"], "quivalent"),
    (["diff", "{ankle}", "{no_review}", "--cohort", "{records}", "--out", "{out}"], "ankles are answered otherwise"),
    (["cohort", "{records}", "--pathway", "{ankle}", "--out", "{out}", *ALL_COUNTS], "Where the ankles are"),
    (["cohort", "{records}", "--pathway", "{ankle}", "--out", "{out}", *ALL_COUNTS, *ON_TWO_DATES], "3 Jul 2026"),
    (["pull", "{bulk}/fhir", "--out", "{out}/pulled", "--inside", "--http", "--pathway", "{ankle}"], "ischio cohort"),
    (["check", "{ankle}"], "0 problems"),
    (["verify", "{ankle}"], "8 of 8 properties proved"),
]
BINARY = {".tgz", ".parquet", ".sqlite"}
NOT_OF_A_PATHWAY = {"account", "audit", "doctor", "new", "person", "push", "remind", "serve", "store", "synthesize"}
"""Commands to which no pathway can be named: `synthesize` tells of ischiofemoral impingement alone, by its figures.

What `serve` serves is tried with this pathway in tests/http.
"""

TABLE_IDS = re.compile(r'(?<![^,"\n])hips?(?=[,\r\n])|(?<=\.csv: )hips?(?=\r)')
"""A cell, or a code of a cell, that is such a name: a contract with programs and not a word to a reader."""

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cases as a folder of Bundles, each of a person of its own."""
    folder = tmp_path_factory.mktemp("records")
    for path in CASES:
        bundle = json.dumps(as_bundle(read_case(path, PATHWAY).record, PATHWAY, BINDINGS))
        own = bundle.replace('"id": "', f'"id": "{path.stem}-').replace('"Patient/p"', f'"Patient/{path.stem}-p"')
        (folder / path.name).with_suffix(".json").write_text(own, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def no_review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pathway with a stage that owes no review."""
    folder = shutil.copytree(ANKLE, tmp_path_factory.mktemp("no_review") / "ankle")
    stages = (folder / "stages.yaml").read_text(encoding="utf-8")
    first = "    since: injury_date\n    review: {every: review_after}\n"
    (folder / "stages.yaml").write_text(stages.replace(first, "    since: injury_date\n", 1), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bulk() -> Iterator[str]:
    """The address of a server that exports one patient."""

    def answer(asked: Asked) -> Reply:
        url = f"http://{asked.headers['host']}"
        if asked.path.endswith("$export"):
            return Reply(202, b"", {"content-location": f"{url}/status"})
        if asked.path == "/status":
            return Reply(body={"output": [{"type": "Patient", "url": f"{url}/file"}]})
        return Reply(body={"resourceType": "Patient", "id": "p1"})

    with serving(answer) as served:
        yield served.url


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, records: Path, no_review: Path, bulk: str) -> Run:
    """Exit code and output of a command; {ankle} and {out} stand for the pathway and a folder to write to."""
    places = {"ankle": ANKLE, "out": tmp_path, "records": records, "no_review": no_review, "bulk": bulk}

    def ischio(words: list[str]) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main.run([word.format_map(places) for word in words])
        return int(left.value.code or 0), capsys.readouterr().out

    return ischio


def name(words: list[str]) -> str:
    return " ".join(word for word in words if "/" not in word and "{" not in word)


@pytest.mark.parametrize(("words", "told"), RUNS, ids=[name(words) for words, _ in RUNS])
def test_a_command_runs_and_speaks_of_no_hip(words: list[str], told: str, run: Run, tmp_path: Path) -> None:
    code, printed = run(words)
    assert code == 0, printed
    assert told in printed
    texts = (path for path in tmp_path.rglob("*.*") if path.is_file() and path.suffix not in BINARY)
    written = "".join(TABLE_IDS.sub("", path.read_bytes().decode()) for path in texts)
    style = re.compile(r"<style.*?</style>", re.DOTALL)
    assert not OF_HIPS.findall(style.sub("", printed + written))


def test_every_command_is_tried() -> None:
    commands = {command.name or command.callback.__name__ for command in main.app.registered_commands}
    commands |= {group.name for group in main.app.registered_groups}
    assert commands - NOT_OF_A_PATHWAY == {words[0] for words, _ in RUNS}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_has_one_answer_in_both_encodings(path: Path) -> None:
    case = read_case(path, PATHWAY)
    bundle = json.dumps(as_bundle(case.record, PATHWAY, BINDINGS)).encode()
    from_fhir = FhirReader(PATHWAY.concepts, BINDINGS).read(bundle)
    assert told_of(assess(PATHWAY, from_fhir, case.index_date)) == told_of(
        assess(PATHWAY, case.record, case.index_date)
    )


def told_of(answer: Any) -> list[Any]:
    """What is said, without the places it was read from."""
    hips = [(hip.stage.id, hip.diversion and hip.diversion.id, hip.review, hip.valid_until) for hip in answer.hips]
    actions = [
        (action.id, action.status, action.due) for part in (*answer.hips, answer.person) for action in part.actions
    ]
    facts = [(fact.id, fact.value, fact.state) for part in (*answer.hips, answer.person) for fact in part.facts]
    return [hips, actions, facts]


def test_a_flaw_is_told_in_the_words_of_the_pathway(no_review: Path, tmp_path: Path) -> None:
    """A stage without a review is refuted, and the counter-example is a case of this pathway."""
    (flaw,) = [each for each in verify(load_pathway(no_review)) if each.outcome is not Outcome.PROVED]
    assert flaw.property == "no_dead_end"
    assert "an ankle in fracture_care owes no review" in flaw.detail
    assert flaw.counter_example
    (tmp_path / "case.yaml").write_text(flaw.counter_example, encoding="utf-8")
    assert read_case(tmp_path / "case.yaml", PATHWAY)
