"""What a second solver says of the same claims; a disagreement, or no answer, is told and never passed over."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from proof.test_flaws import tiny

from ischio.backends.proof.logic import Answer
from ischio.backends.smt import Outcome, SecondSolverMissing, second_opinions, verify
from ischio.interfaces.cli.main import run
from ischio.loading.pathway import load_pathway
from ischio.model.pathway import Pathway

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"


@pytest.fixture
def pathway(tmp_path: Path) -> Pathway:
    return tiny(tmp_path / "tiny")


def test_cvc5_says_the_same_of_every_property_of_the_pathway(capsys: pytest.CaptureFixture[str]) -> None:
    whole = load_pathway()
    found = verify(whole)
    opinions = tuple(second_opinions(whole, found))
    assert [opinion.property for opinion in opinions if not opinion.agrees] == []
    assert len(opinions) == sum(finding.outcome is not Outcome.WAITING for finding in found) > 20
    with capsys.disabled():
        print(f"\n{len(opinions)} properties: z3 and cvc5 say the same of each")


def test_what_is_refuted_is_refuted_by_both(tmp_path: Path) -> None:
    flawed = tiny(tmp_path / "finer", ("properties.yaml", "space <= space_cutoff", "space <= 14.9"))
    opinions = tuple(second_opinions(flawed, verify(flawed)))
    assert all(opinion.agrees for opinion in opinions)
    assert [opinion.outcome for opinion in opinions].count(Outcome.REFUTED) == 1


def test_a_first_solver_that_is_wrong_is_found_out(tmp_path: Path) -> None:
    flawed = tiny(tmp_path / "finer", ("properties.yaml", "space <= space_cutoff", "space <= 14.9"))
    lies = [
        replace(finding, outcome=Outcome.PROVED) if finding.outcome is Outcome.REFUTED else finding
        for finding in verify(flawed)
    ]
    assert [opinion.outcome for opinion in second_opinions(flawed, lies) if not opinion.agrees] == [Outcome.REFUTED]


def test_a_second_solver_without_time_does_not_agree(pathway: Pathway, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_time(text: str, _: float) -> Iterator[Answer]:
        return (Answer.GAVE_UP for _ in range(text.count("check-sat-assuming")))

    monkeypatch.setattr("ischio.backends.proof.second_opinion._answers", out_of_time)
    opinions = tuple(second_opinions(pathway, verify(pathway)))
    assert {opinion.outcome for opinion in opinions} == {Outcome.COULD_NOT_DECIDE}
    assert not any(opinion.agrees for opinion in opinions)


def test_without_the_second_solver_its_opinion_is_not_made_up(
    pathway: Pathway, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verify(pathway)
    monkeypatch.setattr("ischio.backends.smt.find_spec", lambda _: None)
    with pytest.raises(SecondSolverMissing, match="pip install cvc5"):
        tuple(second_opinions(pathway, found))


# ---- the command ---------------------------------------------------------------------------------------------------


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    with pytest.raises(SystemExit) as left:
        run(["verify", str(TINY), "--second-opinion", *words])
    return left.value.code, capsys.readouterr().out


def test_the_command_tells_what_the_second_solver_says(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = command(capsys)
    assert code == 0
    assert "Second opinion (cvc5): the same of " in said
    code, said = command(capsys, "--json")
    told = json.loads(said)
    assert len(told["second_opinions"]) == len(told["findings"])
    assert {opinion["outcome"] for opinion in told["second_opinions"]} == {"proved"}


def test_a_disagreement_fails_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def always_possible(text: str, _: float) -> Iterator[Answer]:
        return (Answer.POSSIBLE for _ in range(text.count("check-sat-assuming")))

    monkeypatch.setattr("ischio.backends.proof.second_opinion._answers", always_possible)
    code, said = command(capsys)
    assert code == 1
    assert "x cvc5 says otherwise of " in said
