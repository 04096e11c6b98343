"""A pathway of another part of the body goes through every command: nothing outside the knowledge is tied to hips.

A command that is added gets a line in RUNS; `test_every_command_is_tried` fails until it has one.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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

RUNS = [
    (["assess", FRACTURE, "--pathway", "{ankle}"], "Right ankle: Fracture care"),
    (["assess", FRACTURE, "--pathway", "{ankle}", "--note"], "LEFT ANKLE: FUNCTIONAL CARE"),
    (["assess", FRACTURE, "--pathway", "{ankle}", "--html", "{out}/page.html"], "Written"),
    (["assess", FRACTURE, "--pathway", "{ankle}", "--side", "left"], "Left ankle: Functional care"),
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
    (["check", "{ankle}"], "0 problems"),
    (["verify", "{ankle}"], "8 of 8 properties proved"),
]
NOT_OF_A_PATHWAY = {"doctor", "new"}
"""Commands that read no pathway that could be named to them."""

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Exit code and output of a command; {ankle} and {out} stand for the pathway and a folder to write to."""

    def ischio(words: list[str]) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main.run([word.format(ankle=ANKLE, out=tmp_path) for word in words])
        return int(left.value.code or 0), capsys.readouterr().out

    return ischio


def name(words: list[str]) -> str:
    return " ".join(word for word in words if "/" not in word and "{" not in word)


@pytest.mark.parametrize(("words", "told"), RUNS, ids=[name(words) for words, _ in RUNS])
def test_a_command_runs_and_speaks_of_no_hip(words: list[str], told: str, run: Run, tmp_path: Path) -> None:
    code, printed = run(words)
    assert code == 0, printed
    assert told in printed
    texts = (path for path in tmp_path.rglob("*.*") if path.is_file() and path.suffix != ".tgz")
    written = "".join(path.read_text(encoding="utf-8") for path in texts)
    style = re.compile(r"<style.*?</style>", re.DOTALL)
    assert not OF_HIPS.findall(style.sub("", printed + written))


def test_every_command_is_tried() -> None:
    commands = {command.name or command.callback.__name__ for command in main.app.registered_commands}  # type: ignore[union-attr]
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


def test_a_flaw_is_told_in_the_words_of_the_pathway(tmp_path: Path) -> None:
    """A stage without a review is refuted, and the counter-example is a case of this pathway."""
    folder = shutil.copytree(ANKLE, tmp_path / "ankle")
    stages = (folder / "stages.yaml").read_text(encoding="utf-8")
    first = "    since: injury_date\n    review: {every: review_after}\n"
    (folder / "stages.yaml").write_text(stages.replace(first, "    since: injury_date\n", 1), encoding="utf-8")
    (flaw,) = [each for each in verify(load_pathway(folder)) if each.outcome is not Outcome.PROVED]
    assert flaw.property == "no_dead_end"
    assert "an ankle in fracture_care owes no review" in flaw.detail
    assert flaw.counter_example
    (tmp_path / "case.yaml").write_text(flaw.counter_example, encoding="utf-8")
    assert read_case(tmp_path / "case.yaml", PATHWAY)
