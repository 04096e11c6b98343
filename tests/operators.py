"""Every line of the tests of the language, with the values at which each operator is tried and what the engine says."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from spec.test_language import MEANS, TINY, names

from ischio.engine.judge import Judge
from ischio.language.parser import parse
from ischio.language.regions import limit_on
from ischio.language.text import to_text
from ischio.loading.pathway import load_pathway
from ischio.model.expression import Between, Compare, Expression, Limit, facts_named, walk
from ischio.model.facts import Fact, ValueKind
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth
from ischio.record.events import FactData, FactValue, State

PATHWAY = load_pathway(TINY)
INDEXES = (date(2026, 6, 1), date(2026, 3, 31), date(2024, 2, 29))
TRUTHS: dict[Truth, bool | None] = {TRUE: True, FALSE: False, UNKNOWN: None}
MORE = ("operation_date != Index",)
"""Lines that the tests of the language do not have."""


def lines() -> Iterator[tuple[str, Expression]]:
    """Each line as written and as exported. In place of a criterion, which is a define too, stands a yes-or-no fact.

    CQL reads `on or after` with single spaces only, and our reader more.
    """
    for written in (*(line for line, _ in MEANS), *MORE):
        line = " ".join(written.replace("gate_care", "pain_fell_enough").split())
        meaning = parse(line, names())
        yield line, meaning
        if to_text(meaning) != line:
            yield to_text(meaning), meaning


def tried(meaning: Expression, index: date) -> Iterator[dict[str, FactData | None]]:
    """Every combination of the values of the facts that a line names."""
    facts = [PATHWAY.facts[name] for name in sorted(facts_named(meaning))]
    for some in product(*(_values(fact, meaning, index) for fact in facts)):
        yield dict(zip((fact.id for fact in facts), some, strict=True))


def truth(meaning: Expression, given: dict[str, FactData | None], index: date) -> bool | None:
    """What our engine says."""
    facts = {name: FactValue(name, one, State.KNOWN) for name, one in given.items()}
    return TRUTHS[Judge(PATHWAY, facts, index).judge(meaning).truth]


def _values(fact: Fact, meaning: Expression, index: date) -> list[FactData | None]:
    """Unknown, and each value on, just below and just above a limit; of codes and truths all there are."""
    match fact.type.kind:
        case ValueKind.BOOLEAN:
            return [None, True, False]
        case ValueKind.CODE:
            return [None, *fact.type.codes]
        case _:
            limits = [limit_on(PATHWAY, limit, fact.type, index) for limit in _limits_of(fact, meaning)]
            step = timedelta(days=1) if fact.type.kind is ValueKind.DATE else 1
            return [None, *sorted({limit + way * step for limit in limits for way in (-1, 0, 1)})]


def _limits_of(fact: Fact, meaning: Expression) -> Iterator[Limit]:
    for leaf in walk(meaning):
        if isinstance(leaf, Compare) and leaf.fact == fact.id:
            yield leaf.limit
        elif isinstance(leaf, Between) and leaf.fact == fact.id:
            yield from (leaf.low, leaf.high)
