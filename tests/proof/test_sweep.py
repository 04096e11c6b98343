"""The faults that are drawn up by machine: one change each, of the kinds that people make."""

from decimal import Decimal

from proof.sweep import faults, variants

from ischio.language.text import to_text
from ischio.loading.pathway import load_pathway
from ischio.model.expression import AllOf, AnyOf, Compare, Expression, FactHolds, Literal, Not, Operator

PAIN, SPASM = FactHolds("pain"), Not(FactHolds("spasm"))
OLD = Compare("age", Operator.AT_LEAST, Literal(Decimal(65)))

# condition | its faulty variants
TABLE: tuple[tuple[Expression, tuple[str, ...]], ...] = (
    (PAIN, ()),
    (OLD, ("age > 65",)),
    (SPASM, ("spasm",)),
    (AllOf((PAIN, SPASM)), ("pain or not spasm", "not spasm", "pain", "pain and spasm")),
    (AnyOf((PAIN, OLD)), ("pain and age >= 65", "age >= 65", "pain", "pain or age > 65")),
)


def test_a_condition_has_these_faulty_variants() -> None:
    for condition, expected in TABLE:
        assert tuple(to_text(changed) for _, changed in variants(condition)) == expected


def test_each_fault_of_the_knowledge_is_a_change_of_its_own() -> None:
    whole = load_pathway()
    drawn = list(faults(whole))
    assert len(drawn) > 1000
    assert {fault.where.split(",")[0] for fault in drawn} >= {"gate_injection", "surgery_gate", "nsaid_course"}
    assert all(fault.change(whole) != whole for fault in drawn[::50])
