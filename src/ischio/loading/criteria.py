"""Criteria, stages and diversions: every named condition, each after those it names."""

from collections.abc import Iterator
from dataclasses import dataclass

from ischio.loading.draft import Draft, plain
from ischio.loading.entries import CriterionEntry, DiversionEntry, GateEntry, ReviewEntry, StageEntry
from ischio.loading.files import Files
from ischio.loading.order import in_order
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.about import Place
from ischio.model.expression import AllOf, CriterionHolds, Expression, criteria_named
from ischio.model.facts import ValueKind
from ischio.model.rules import Criterion, Diversion, Review, Stage


@dataclass(frozen=True, slots=True)
class Definition:
    """A named condition as written. after: the gate before this one, which a gate means as well."""

    id: str
    entry: CriterionEntry | GateEntry | StageEntry | DiversionEntry
    text: Written
    reading: Reading
    after: str | None = None


def definitions(files: Files, draft: Draft) -> tuple[Definition, ...]:
    """All named conditions, of criteria.yaml and stages.yaml. Their names are added to the draft."""
    found = (*_criteria(files, draft), *_stages(files, draft), *_diversions(files, draft))
    for each in found:
        draft.criteria.setdefault(each.id, Place(each.reading.file, each.entry.line))
    return found


def _criteria(files: Files, draft: Draft) -> Iterator[Definition]:
    for name, entry in files.criteria.items():
        yield Definition(str(name), entry, entry.when, draft.reading("criteria.yaml", f"criterion {name}"))


def _stages(files: Files, draft: Draft) -> Iterator[Definition]:
    gate: str | None = None
    for name, entry in files.stages.stages.items():
        reading = draft.reading("stages.yaml", f"stage {name}")
        if (entry.when is None) == (entry.gate is None):
            reading.mistake(entry.line, "Either `when` or `gate` is asked for.", "Write one of the two.")
        elif entry.when is not None:
            if gate:
                mend = "Move it before the first stage with a gate."
                reading.mistake(entry.line, "A stage with its own condition stands after one with a gate.", mend)
            yield Definition(f"stage_{name}", entry, entry.when, reading)
        else:
            assert entry.gate is not None
            yield Definition(f"gate_{name}", entry.gate, entry.gate.when, reading, gate)
            gate = f"gate_{name}"


def _diversions(files: Files, draft: Draft) -> Iterator[Definition]:
    for name, entry in files.stages.diversions.items():
        yield Definition(f"diversion_{name}", entry, entry.when, draft.reading("stages.yaml", f"diversion {name}"))


def criteria(definitions: tuple[Definition, ...], draft: Draft) -> dict[str, Criterion]:
    """The criteria in dependency order; cycles are mistakes."""
    built: dict[str, Criterion] = {}
    for each in definitions:
        about = draft.about(each.entry, each.reading)
        when = draft.condition(each.text, each.reading)
        if when is not None:
            built[each.id] = Criterion(each.id, about, _cumulative(each.after, when), str(each.text))
    order, cycles = in_order({name: criteria_named(criterion.when) for name, criterion in built.items()})
    for cycle in cycles:
        place = built[cycle[0]].about.place
        reading = draft.reading(place.file, f"criterion {cycle[0]}")
        reading.mistake(place.line, f"Criteria name each other in a circle: {' -> '.join(cycle)}.", "Take one out.")
    return {name: built[name] for name in order}


def _cumulative(gate: str | None, own: Expression) -> Expression:
    """A gate means the gate before it and its own condition."""
    if gate is None:
        return own
    return AllOf((CriterionHolds(gate), *(own.parts if isinstance(own, AllOf) else (own,))))


def stages(files: Files, draft: Draft) -> tuple[Stage, ...]:
    """The stages in the order of the file."""
    return tuple(_stage(name, entry, draft) for name, entry in files.stages.stages.items())


def _stage(name: Written, entry: StageEntry, draft: Draft) -> Stage:
    reading = draft.reading("stages.yaml", f"stage {name}")
    ordered = entry.gate is not None
    for since in entry.since:
        draft.fact(since, ValueKind.DATE, reading)
    return Stage(
        id=str(name),
        about=draft.about(entry, reading),
        ordered=ordered,
        criterion=f"{'gate' if ordered else 'stage'}_{name}",
        review=_review(entry.review, draft, reading) if entry.review else None,
        since=plain(entry.since),
    )


def _review(entry: ReviewEntry, draft: Draft, reading: Reading) -> Review | None:
    then = entry.every or entry.then
    if then is None or (entry.every is not None) == bool(entry.schedule) or (entry.every and entry.then):
        mend = "Write `every: 6 weeks`, or `schedule: [2 weeks, 6 weeks]` and `then: 6 months`."
        reading.mistake(entry.line, "The review is not understood.", mend)
        return None
    schedule = [draft.schedule(each, reading) for each in entry.schedule]
    interval = draft.interval(then, reading)
    return Review(tuple(each for each in schedule if each), interval) if interval else None


def diversions(files: Files, draft: Draft) -> tuple[Diversion, ...]:
    """The diversions in the order in which they are checked."""
    return tuple(
        Diversion(
            str(name),
            draft.about(entry, draft.reading("stages.yaml", f"diversion {name}")),
            f"diversion_{name}",
            entry.only_ordered,
        )
        for name, entry in files.stages.diversions.items()
    )
