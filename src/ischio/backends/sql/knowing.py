"""From what the readers say to the facts: unpacked from their bits, absent where nothing matches, compared."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm

from ischio.backends.sql.choice import told_table
from ischio.backends.sql.events import ASKED
from ischio.backends.sql.matching import known_table
from ischio.backends.sql.names import fact_column, table
from ischio.backends.sql.numbering import HIPS, PERSON
from ischio.backends.sql.packing import FIRST_VALUE, NOTHING, PACKS_OF_A_PART, packs_of
from ischio.backends.sql.readers import Pattern, Reader, facts_before
from ischio.backends.sql.setting import Setting, unsided_of
from ischio.backends.sql.text import (
    FALSE,
    NULL,
    TRUE,
    Column,
    Statement,
    all_of,
    any_of,
    case,
    layered,
    listed,
    one_of,
    values,
)
from ischio.model.about import Scope
from ischio.model.expression import ParameterValue
from ischio.model.facts import Compared, Fact, ValueKind
from ischio.model.parameters import Quantity
from ischio.record.plan import no_of, plan_of

PACKED, HIP = table("packed"), table("hip")


def packed_table(level: int) -> str:
    """What is known before a level."""
    return table(f"packed_{level}")


# ---- rows -------------------------------------------------------------------------------------------------------


def packed(levels: Iterable[int], readers: Sequence[Reader] | None = None) -> str:
    """What is said of each hip (and person), a row for each part. readers: those that are asked for; None for all."""
    packs = [Column(f"pack_{n}", f"bit_or({case((f'place = {n}', 'packed'))})") for n in range(PACKS_OF_A_PART)]
    only = "" if readers is None else f" where {one_of('reader', (reader.number for reader in readers))}"
    told = " union all ".join(f"select ask, hip, part, place, packed from {told_table(n)}{only}" for n in levels)
    return f"select ask, hip, part, {listed(packs)}\nfrom ({told}) as told\ngroup by ask, hip, part"


def hips(setting: Setting, packed: str, readers: Sequence[Reader], rows: Iterable[int]) -> str:
    """One row for each hip with its own packs and those of the person. packed: the table of packs."""
    columns = ["a.ask", *setting.index.columns, "cast(h.hip as tinyint) as hip"]
    joins = []
    for scope in Scope:
        packs = packs_of(setting.slots, (reader for reader in readers if reader.fact.scope is scope))
        for part in sorted({pack // PACKS_OF_A_PART for pack in packs}):
            name = f"{scope.value}_part_{part}"
            own = f"{name}.hip = {PERSON}" if scope is Scope.PERSON else f"{name}.hip = h.hip and h.hip <> {PERSON}"
            joins.append(f"\nleft join {packed} as {name} on {name}.ask = a.ask and {own} and {name}.part = {part}")
        for pack in packs:
            held = f"{scope.value}_part_{pack // PACKS_OF_A_PART}.pack_{pack % PACKS_OF_A_PART}"
            columns.append(f"coalesce({held}, 0) as {_pack_column(scope, pack)}")
    hip = values("h", ("hip",), ((str(number),) for number in rows))
    return f"select {listed(columns)}\nfrom {ASKED} as a\ncross join {hip}{''.join(joins)}"


def _pack_column(scope: Scope, pack: int) -> str:
    return f"{scope.value}_{pack}"


def knowing(setting: Setting, level: int) -> Iterator[Statement]:
    """What the readers of a level must know: since when they look, and whether what names no side counts."""
    readers = [reader for reader in setting.readers if reader.level == level]
    facts = _with_inputs(setting, {name for reader in readers for name in facts_before(reader.fact)})
    telling = [reader for reader in setting.readers if reader.fact.id in facts]
    yield Statement(packed_table(level), packed(range(level), telling))
    yield Statement(known_table(level), _known(setting, level, readers, facts, telling))


def _known(setting: Setting, level: int, readers: Sequence[Reader], facts: set[str], telling: Sequence[Reader]) -> str:
    rows = hips(setting, packed_table(level), telling, (PERSON, *HIPS.values()))
    columns = list(unpacked(setting, facts))
    found: list[Column] = []
    for bounds, number in setting.bounds.items():
        if bounds is not None and number in {setting.bounds[setting.bounds_of(reader.selection)] for reader in readers}:
            found += bounds.columns(f"bounds_{number}")
    for unsided, number in setting.unsided.items():
        if unsided is not None and number in {setting.unsided[unsided_of(reader.selection)] for reader in readers}:
            found.append(Column(f"unsided_{number}", _counts_unsided(*unsided)))
    source = layered(f"(\n{rows}) as hips", [*columns, *found])
    return f"select {listed(['ask', 'hip', *(column.name for column in found)])}\nfrom {source}"


def _counts_unsided(when: str | None, unless: Iterable[str]) -> str:
    """Whether what names no side counts for this hip."""
    assert when is not None, "asked only where a fact decides"
    forbidden = any_of(map(fact_column, unless))
    kept = TRUE if forbidden == FALSE else f"not coalesce({forbidden}, false)"
    return all_of((fact_column(when), kept))


def _with_inputs(setting: Setting, facts: set[str]) -> set[str]:
    """These facts, and those that their values rest on beside the events."""
    found, waiting = set[str](), list(facts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            fact = setting.pathway.facts[name]
            waiting += plan_of(setting.pathway).inputs[name] - facts_before(fact)
    return found


# ---- values -----------------------------------------------------------------------------------------------------


def unpacked(setting: Setting, facts: Iterable[str]) -> Iterator[Column]:
    """The facts as columns, and beside some of them what else is known of them."""
    wanted = set(facts)
    readers: dict[str, list[Reader]] = {}
    for reader in setting.readers:
        readers.setdefault(reader.fact.id, []).append(reader)
    for fact in setting.pathway.facts.values():
        if fact.id not in wanted:
            continue
        if isinstance(fact.derivation, Compared):
            yield compared(setting, fact, fact.derivation)
        elif len(readers[fact.id]) == 1 and readers[fact.id][0].concept is None:
            yield from _one(setting, readers[fact.id][0])
        else:
            yield from _any_concept(setting, fact, readers[fact.id])


def _bits(setting: Setting, reader: Reader) -> tuple[str, str]:
    """The bits of a reader's value, and those of the day beside it."""
    slot = setting.slots[reader.number]
    pack = _pack_column(reader.fact.scope, slot.pack)
    return slot.value(pack), slot.day_beside(pack)


def _one(setting: Setting, reader: Reader) -> Iterator[Column]:
    """A fact that one reader tells."""
    name = fact_column(reader.fact.id)
    held, day = _bits(setting, reader)
    dated = reader.pattern is Pattern.DATE and reader.told_in_full
    absent = (f"{held} = {NOTHING}", absence(setting, reader.fact))
    vouched = _vouched_for(setting, reader)
    yield Column(name, _decoded(reader, held, absent, *vouched, only=f"{day} = 0" if dated else TRUE))
    if reader.attests:
        yield Column(f"{name}__on", f"nullif({day}, 0)")
    if reader.told_in_full:
        yield Column(f"{name}__asked", f"({held} <> {NOTHING})")
        open_ = f"{day} <> 0" if dated else FALSE
        yield Column(f"{name}__first", f"cast({_decoded(reader, held, only=open_)} as integer)")
        yield Column(f"{name}__last", f"cast({case((open_, day))} as integer)")


def _decoded(reader: Reader, held: str, *otherwise: tuple[str, str], only: str = TRUE) -> str:
    """The value that the bits stand for. only: when they do; otherwise: what else there is to say."""
    offset = reader.limits[0] - FIRST_VALUE
    value = f"{held} {'+' if offset >= 0 else '-'} {abs(offset)}"
    if reader.fact.type.kind is ValueKind.BOOLEAN:
        value = f"{held} = {FIRST_VALUE + 1}"
    said = f"{held} >= {FIRST_VALUE}" if only == TRUE else f"{held} >= {FIRST_VALUE} and {only}"
    return case((said if only != FALSE else FALSE, value), *((when, then) for when, then in otherwise if then != NULL))


def _vouched_for(setting: Setting, reader: Reader) -> Iterator[tuple[str, str]]:
    """What went stale, where an attestation of that day or later says that there is none."""
    attestation = reader.fact.absent.no_when
    if reader.vouched and attestation is not None:
        vouching, day = fact_column(attestation), _bits(setting, reader)[1]
        yield f"{day} <> 0 and {vouching} and coalesce({vouching}__on >= {day}, true)", _no(setting, reader.fact)


def absence(setting: Setting, fact: Fact) -> str:
    """The value where nothing matches (record/absence.py)."""
    absent = fact.absent
    when = TRUE if absent.no else FALSE if absent.no_when is None else fact_column(absent.no_when)
    return _no(setting, fact) if when == TRUE else case((when, _no(setting, fact)))


def _no(setting: Setting, fact: Fact) -> str:
    """The value that stands for absence."""
    value = no_of(fact)
    if value is None:
        return NULL
    if fact.type.kind is ValueKind.BOOLEAN:
        return FALSE
    return str(setting.numbers.codes_of(fact)[value] if isinstance(value, str) else value)


def _any_concept(setting: Setting, fact: Fact, readers: Sequence[Reader]) -> Iterator[Column]:
    """Yes if the newest of one concept is yes, no if that of each is no."""
    name = fact_column(fact.id)
    held = [_bits(setting, reader)[0] for reader in readers]
    parts = [f"{name}__of_{reader.number}" for reader in readers]
    for part, bits, reader in zip(parts, held, readers, strict=True):
        yield Column(part, _decoded(reader, bits, *_vouched_for(setting, reader)))
    nothing = all_of(f"{bits} = {NOTHING}" for bits in held)
    each_no = all_of(f"not {part}" for part in parts)
    yield Column(name, case((any_of(parts), TRUE), (nothing, absence(setting, fact)), (each_no, FALSE)))


# ---- comparison of facts ----------------------------------------------------------------------------------------


def compared(setting: Setting, fact: Fact, derivation: Compared) -> Column:
    """Whether the sum of the terms is at least the limit, in whole numbers; null while one of them is unknown."""
    return Column(
        fact_column(fact.id), setting.index.on_date(setting.pathway, lambda on: _sum(setting, derivation, on))
    )


def _sum(setting: Setting, derivation: Compared, on: date) -> str:
    def number(limit: Decimal | ParameterValue) -> Fraction:
        if isinstance(limit, Decimal):
            return Fraction(limit)
        quantity = setting.pathway.parameters[limit.parameter].on(on)
        assert isinstance(quantity, Quantity), f"{limit.parameter} is no number"
        return Fraction(quantity.value)

    facts = setting.pathway.facts
    limit = number(derivation.at_least)
    weights = [
        Fraction(term.times)
        * Fraction(facts[term.fact].type.step)
        * (number(ParameterValue(term.parameter)) if term.parameter else 1)
        for term in derivation.terms
    ]
    whole = lcm(limit.denominator, *(weight.denominator for weight in weights))
    terms = zip(weights, derivation.terms, strict=True)
    total = " + ".join(f"{int(weight * whole)} * {fact_column(term.fact)}" for weight, term in terms)
    return f"({total} >= {int(limit * whole)})"
