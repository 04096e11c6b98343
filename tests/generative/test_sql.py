"""The printed SQL says of every person what the engine says, and what the proofs say: the test we trust most.

Every fact, criterion, stage, diversion, gate, action status and review date, on random pathways and random records.
"""

from dataclasses import fields
from functools import cache
from typing import get_args

import pytest
from generative.agreement import Asked, Said, by_sql, cells, differences, numbered
from generative.cohorts import INDEX, INDEX_DATES, cohort, cohort_of, cohort_pathways, drawn_in
from generative.pathways import Person
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from proof.test_encoding import by_formulas

from ischio.backends.proof.action import Actions
from ischio.backends.proof.person import AnyPerson
from ischio.engine.status import Status
from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway
from ischio.model.about import Scope, Side
from ischio.model.expression import Expression, Limit, Operator
from ischio.model.facts import Conflict, Derivation, Latest, Selection, SideRule, ValueKind
from ischio.model.pathway import Pathway
from ischio.record.derivation import derive

PEOPLE = 100
PROVED = 2
"""How many of them z3 is asked about: it takes longer than all others together."""


def differing(pathway: Pathway, asked: list[Asked], sql: dict[tuple[str, Side], Said]) -> list[object]:
    """The differences, those of a few told in full."""
    found = list(differences(pathway, asked, sql))
    for difference in found[:3]:
        fact = pathway.facts.get(difference.what.removeprefix("fact_"))
        person = next(each for each in asked if each.record.patient.id == difference.person)
        note(f"{difference}\n{fact and (fact.type, fact.derivation, fact.absent, fact.conflict)}\n{person}")
    return list(found)


@settings(max_examples=max(1, settings.default.max_examples // 10), phases=[Phase.explicit, Phase.generate])
@given(cohort_pathways(), st.integers(0, 2**32), st.booleans())
def test_sql_says_what_engine_and_proofs_say(pathway: Pathway, seed: int, one_date: bool) -> None:
    asked = cohort(seed, PEOPLE, (INDEX,) if one_date else INDEX_DATES)
    sql = by_sql(pathway, asked, INDEX if one_date else None)
    assert not differing(pathway, asked, sql)
    actions = Actions(AnyPerson(pathway, INDEX))
    for each in [each for each in asked if each.index == INDEX][:PROVED]:
        facts = derive(pathway, each.record, INDEX)
        person = Person(*({name: fact.value for name, fact in facts[side].items()} for side in Side))
        proved = by_formulas(actions, person)
        for side in Side:
            said = sql[each.record.patient.id, side]
            assert proved_of(said, pathway, side) == {
                name: value for name, value in proved.items() if name.startswith(f"{side.value} ")
            }


def proved_of(said: Said, pathway: Pathway, side: Side) -> dict[str, list[object]]:
    """What SQL says of a hip, in the form of the proofs."""
    ahead, diverted = said["next_gate"], said["diversion"]
    answer: dict[str, list[object]] = {
        f"{side.value} stage": [said["stage"]],
        f"{side.value} diversion": [] if diverted is None else [diverted],
        f"{side.value} gate ahead": [] if ahead is None else [(f"gate_{ahead}", said["next_gate_truth"] == "unknown")],
    }
    for action in pathway.actions:
        status = said[f"action_{action}"]
        answer[f"{side.value} {action}"] = [Status(status)]
    return answer


# ---- what the generators draw ----


def asked_for() -> set[str]:
    """Every kind of node, pattern, selection key and modifier: a new one must be drawn as well."""
    nodes = {node.__name__ for node in get_args(Expression)}
    patterns = {pattern.__name__ for pattern in get_args(Derivation)}
    keys = {field.name for field in fields(Selection)} - {"concepts", "side"}
    modifiers = {field.name for field in fields(Latest)} - {"selection", "corrected_by", "any_yes_of"}
    comparisons = {operator.name for operator in Operator} | {limit.__name__ for limit in get_args(Limit)}
    words = {
        *(f"side {rule.value}" for rule in SideRule),
        *(f"conflict {conflict.value}" for conflict in Conflict),
        *(f"{kind.value} of {scope.value}" for kind in ValueKind for scope in Scope),
        *(f"absent {word}" for word in ("unknown", "no", "no when")),
        *(f"anchor {word}" for word in ("offset", "otherwise", "until")),
        *(f"corrected_by {word}" for word in ("clinician", "device", "patient")),
        *(f"any_yes_of {word}" for word in ("readings", "concepts")),
        *("stale_after of codes", "oldest"),
    }
    return nodes | patterns | keys | modifiers | comparisons | words


def test_the_generators_draw_every_kind_of_node_and_every_pattern_and_modifier() -> None:
    seen: set[str] = set()

    @settings(max_examples=20, phases=[Phase.generate])
    @given(cohort_pathways())
    def draw(pathway: Pathway) -> None:
        seen.update(drawn_in(pathway))

    draw()
    assert asked_for() - seen == set()


# ---- the real pathway ----


@cache
def real() -> Pathway:
    return load_pathway()


def test_the_cases_of_the_pathway_give_the_same_in_sql(capsys: pytest.CaptureFixture[str]) -> None:
    """All but the few that give facts directly: event tables hold events."""
    cases = read_cases(real(), None)[0]
    asked = numbered([Asked(case.record, case.index_date) for case in cases if not case.record.given])
    assert len(asked) >= 280, "the other cases are too many to be passed over"
    found = differing(real(), asked, by_sql(real(), asked))
    with capsys.disabled():
        print(f"\nSQL and engine: {cells(real(), asked)} values of {len(asked)} of {len(cases)} cases compared")
    assert not found


def test_random_records_give_the_same_in_sql(capsys: pytest.CaptureFixture[str]) -> None:
    asked = cohort_of(real(), 5, 2000)
    found = differing(real(), asked, by_sql(real(), asked, INDEX))
    with capsys.disabled():
        print(f"\nSQL and engine: {cells(real(), asked)} values of {len(asked)} random records compared")
    assert not found
