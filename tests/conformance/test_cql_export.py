"""What `ischio export cql` writes: each node under its name, the same bytes every time, a refusal that says where."""

import re
from inspect import unwrap
from pathlib import Path

import pytest
from fhir_forms import BINDINGS, PATHWAY
from typer.testing import CliRunner

from ischio.fhir.cql_libraries import cql_libraries
from ischio.fhir.elm import NoElm, translate
from ischio.interfaces.cli.main import app
from ischio.model.about import Scope

LIBRARIES = {library.name: library.text for library in cql_libraries(PATHWAY, BINDINGS)}


def defines(library: str) -> set[str]:
    found = re.findall(r'^define (?:"([^"]+)"|(\w+)):', LIBRARIES[library], re.MULTILINE)
    return {quoted or bare for quoted, bare in found}


def test_every_node_of_the_pathway_is_a_define_of_each_hip() -> None:
    actions = PATHWAY.actions.values()
    rules = [
        f"{kind} {rule.id}"
        for action in actions
        for kind, some in (
            ("stop", action.stops),
            ("strong_caution", action.strong_cautions),
            ("caution", action.cautions),
        )
        for rule in some
    ]
    own = [action.id for action in actions if action.scope is Scope.HIP]
    alerts = [f"alert {flag.fact}" for flag in PATHWAY.flags]
    wanted = {*PATHWAY.parameters, *PATHWAY.facts, *PATHWAY.criteria, *rules, *own, *alerts}
    wanted |= {"stage", "diversion", "next_gate", "review_date", *(f"{action.id}: when" for action in actions)}
    assert wanted <= defines("IschioRight")
    assert wanted <= defines("IschioLeft")
    assert {action.id for action in actions if action.scope is Scope.PERSON} <= defines("IschioActions")


def test_the_hips_differ_by_nothing_but_the_side() -> None:
    swapped = {"right": "left", "left": "right", "Right": "Left", "Left": "Right"}
    mirrored = re.sub(r"'(right|left)'", lambda m: f"'{swapped[m[1]]}'", LIBRARIES["IschioRight"])
    mirrored = mirrored.replace("IschioRight", "IschioLeft").replace("the right hip.", "the left hip.")
    assert mirrored == LIBRARIES["IschioLeft"]


def test_the_same_pathway_gives_the_same_bytes() -> None:
    """Printed anew: what tests remember would be the same by itself."""
    assert {library.name: library.text for library in unwrap(cql_libraries)(PATHWAY, BINDINGS)} == LIBRARIES


def test_every_fact_and_criterion_has_its_sentence_above_it() -> None:
    words = {name: " ".join(text.replace("\n// ", " ").split()) for name, text in LIBRARIES.items()}
    for rule in (*PATHWAY.facts.values(), *PATHWAY.criteria.values()):
        sentence = " ".join(rule.about.sentence.split())
        assert sentence in words["IschioRight"] or sentence in words["IschioPerson"], rule.id


def test_the_command_writes_the_libraries(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["export", "cql", str(tmp_path / "out"), "--licensed-codes"])
    assert ran.exit_code == 0, ran.output
    assert {file.stem: file.read_text() for file in (tmp_path / "out").iterdir()} == LIBRARIES


def test_without_a_translator_there_is_no_elm_and_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISCHIO_CQL_TRANSLATOR", raising=False)
    told = translate(cql_libraries(PATHWAY, BINDINGS))
    assert isinstance(told, NoElm)
    assert "CQL only" in told.why
