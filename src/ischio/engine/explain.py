"""What a rule says and on what it rests, for a reader: the same for the command line, the book and the page."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ischio.engine.evidence import UNVERIFIED, certainty
from ischio.language.text import to_text
from ischio.model.about import About
from ischio.model.expression import Expression, ParameterValue, criteria_named, facts_named, parameters_named
from ischio.model.facts import Compared, Fact, Latest, Selection
from ischio.model.measures import Outcomes
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, DueDate, Property, Stage

COUNTED = ("measure", "milestone", "follow-up", "outcome", "time")
"""Kinds of rules that speak of many hips, and hold or do not hold for none by itself."""


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """A claim behind a rule. statement: None where it is unverified, because then it is not shown as fact."""

    id: str
    statement: str | None
    certainty: str
    verified: str
    secondhand: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule in full.

    trees: its conditions by name (`when`, `done` ...); conditions: the same as written. names: what they name. uses:
    that and what else the rule rests on (the facts and parameters of a derivation, the must-knows of an action ...).
    named_by: the rules that use this one. seed_text_only: every claim it names is unverified, so that only the text
    the pathway grew from says so.
    """

    id: str
    kind: str
    about: About
    certainty: str
    seed_text_only: bool
    trees: Mapping[str, Expression]
    conditions: Mapping[str, str]
    names: tuple[str, ...]
    uses: tuple[str, ...]
    named_by: tuple[str, ...]
    claims: tuple[ClaimShown, ...]


def explain(pathway: Pathway, rule: str) -> Explanation | None:
    """The rule with this id: parameter, fact, criterion, gate, stage, diversion, flag, action, safety rule,
    property, measure, outcome, and what outcomes count from.

    Of a safety rule and the fact it is named after, the safety rule. None if there is none.
    """
    return next((found for found in explanations(pathway) if found.id == rule), None)


def ids(pathway: Pathway) -> tuple[str, ...]:
    """Every id that can be explained."""
    return tuple(dict.fromkeys(entry.id for entry in _entries(pathway)))


@lru_cache(maxsize=8)
def explanations(pathway: Pathway) -> tuple[Explanation, ...]:
    """Every rule of the pathway, in the order of the files that a reader meets first."""
    entries = {(entry.kind, entry.id): entry for entry in _entries(pathway)}
    named_by: dict[str, dict[str, None]] = {}
    for entry in entries.values():
        for name in _uses(entry):
            named_by.setdefault(name, {})[entry.id] = None
    return tuple(_explanation(pathway, entry, tuple(named_by.get(entry.id, ()))) for entry in entries.values())


def _explanation(pathway: Pathway, entry: "_Entry", named_by: tuple[str, ...]) -> Explanation:
    claims = tuple(shown_claim(pathway, claim) for claim in entry.about.evidence)
    return Explanation(
        id=entry.id,
        kind=entry.kind,
        about=entry.about,
        certainty=certainty(pathway, entry.about.label, entry.about.evidence),
        seed_text_only=bool(claims) and all(claim.statement is None for claim in claims),
        trees=entry.conditions,
        conditions={name: to_text(condition) for name, condition in entry.conditions.items()},
        names=_named(entry),
        uses=_uses(entry),
        named_by=named_by,
        claims=claims,
    )


def properties_about(pathway: Pathway, found: Explanation) -> tuple[Property, ...]:
    """The properties that name the rule, and those that speak of every rule of its kind."""
    action = pathway.actions[found.id] if found.kind == "action" else None
    return tuple(
        proved
        for proved in pathway.properties
        if proved.id in found.named_by
        or found.kind in _SPEAKS_OF.get(proved.check, ())
        or (action is not None and _speaks_of_action(proved, action))
    )


_STAGING = ("stage", "gate", "diversion")
_SPEAKS_OF = {
    "exactly_one_stage": _STAGING,
    "no_dead_end": ("stage", "diversion"),
    "forgetting_is_safe": ("stage", "gate", "action"),
    "nothing_vacuous": (*_STAGING, "criterion", "action", "red flag", "stop", "strong caution", "caution"),
}
"""Checks that look at every rule of some kinds."""


def _speaks_of_action(proved: Property, action: Action) -> bool:
    """Whether a property of actions speaks of this one; where it names neither actions nor kinds it speaks of all."""
    if proved.check == "exclusive":
        return bool(action.exclusive)
    if proved.check in _SPEAKS_OF or action.id in proved.except_actions:
        return False
    of_all = not proved.actions and not proved.kinds
    return of_all or action.id in proved.actions or action.kind.value in proved.kinds


def shown_claim(pathway: Pathway, claim_id: str) -> ClaimShown:
    """A claim as it may be shown."""
    claim = pathway.claims[claim_id]
    statement = None if claim.verified == UNVERIFIED else claim.statement
    return ClaimShown(claim.id, statement, claim.certainty, claim.verified, claim.secondhand, claim.sources)


# ---- all rules, and what each uses ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule with its conditions. others: what it uses outside of them."""

    kind: str
    id: str
    about: About
    conditions: Mapping[str, Expression] = field(default_factory=dict)
    others: tuple[str, ...] = ()


def _entries(pathway: Pathway) -> Iterator[_Entry]:
    for stage in pathway.stages:
        yield _Entry("stage", stage.id, stage.about, others=_used_by_stage(stage))
    for diversion in pathway.diversions:
        when = pathway.criteria[diversion.criterion].when
        yield _Entry("diversion", diversion.id, diversion.about, {"when": when})
    gates = {stage.criterion for stage in pathway.ordered_stages}
    for criterion in pathway.criteria.values():
        kind = "gate" if criterion.id in gates else "criterion"
        yield _Entry(kind, criterion.id, criterion.about, {"when": criterion.when})
    for action in pathway.actions.values():
        yield _Entry("action", action.id, action.about, _conditions(action), _used_by_action(action))
        safety = (("stop", action.stops), ("strong caution", action.strong_cautions), ("caution", action.cautions))
        for kind, rules in safety:
            for rule in rules:
                yield _Entry(kind, rule.id, rule.about, {"when": rule.when}, _due(rule.until))
    for flag in pathway.flags:
        yield _Entry("red flag", flag.fact, flag.about)
    for fact in pathway.facts.values():
        yield _Entry("fact", fact.id, fact.about, others=_used_by_fact(fact))
    for parameter in pathway.parameters.values():
        yield _Entry("parameter", parameter.id, parameter.about)
    for proved in pathway.properties:
        own = {"under": proved.under, "then": proved.then}
        others = (*proved.actions, *proved.asks)
        yield _Entry("property", proved.id, proved.about, _given(own), others)
    for measure in pathway.measures.values():
        asked = {"counts": measure.counts, "leaves out": measure.leaves_out, "met": measure.met}
        day = tuple(name for name in (measure.on, measure.recorded) if name)
        yield _Entry("measure", measure.id, measure.about, _given(asked), day)
    if pathway.outcomes is not None:
        yield from _entries_of_outcomes(pathway.outcomes)


def _entries_of_outcomes(outcomes: Outcomes) -> Iterator[_Entry]:
    for milestone in outcomes.milestones.values():
        place = tuple(name for name in (milestone.stage, milestone.day_of) if name)
        yield _Entry("milestone", milestone.id, milestone.about, _given({"when": milestone.when}), place)
    for follow_up in outcomes.follow_ups.values():
        window = (follow_up.first, follow_up.target, follow_up.last)
        yield _Entry("follow-up", follow_up.id, follow_up.about, others=_parameters(window))
    for score in outcomes.scores.values():
        thresholds = (threshold.parameter for threshold in score.thresholds)
        yield _Entry("outcome", score.id, score.about, others=(score.value, score.read_on, *score.since, *thresholds))
    for time in outcomes.times.values():
        yield _Entry("time", time.id, time.about, others=(time.since, time.to, *time.competing))


def _given(conditions: Mapping[str, Expression | None]) -> dict[str, Expression]:
    return {name: one for name, one in conditions.items() if one is not None}


def _conditions(action: Action) -> dict[str, Expression]:
    own = {"when": action.when, "due when": action.due_when, "done": action.done, "in progress": action.in_progress}
    return _given(own)


def _named(entry: _Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for condition in entry.conditions.values() for name in _names(condition)))


def _uses(entry: _Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_named(entry), *entry.others)))


def _names(condition: Expression) -> tuple[str, ...]:
    return (*criteria_named(condition), *facts_named(condition), *parameters_named(condition))


def _used_by_stage(stage: Stage) -> tuple[str, ...]:
    times = (*stage.review.schedule, stage.review.then) if stage.review else ()
    return stage.criterion, *stage.since, *_parameters(times)


def _used_by_action(action: Action) -> tuple[str, ...]:
    needed = (must.needed_when for must in action.must_know if must.needed_when is not None)
    return (
        *(must.name for must in action.must_know),
        *(name for condition in needed for name in _names(condition)),
        *_due(action.due),
        *action.shows,
    )


def _due(due: DueDate | None) -> tuple[str, ...]:
    return () if due is None else (due.fact, *_parameters((due.plus,)))


def _used_by_fact(fact: Fact) -> tuple[str, ...]:
    own = [fact.absent.no_when] if fact.absent.no_when else []
    own += [name for each in fact.implies for side in (each.when, each.then) for name in facts_named(side)]
    match fact.derivation:
        case Compared(terms, at_least):
            own += [name for term in terms for name in (term.fact, term.parameter) if name]
            own += _parameters((at_least,))
        case Latest(selection, stale) if stale is not None:
            own += (*_used_by_selection(selection), *_parameters((stale.interval,)))
        case derivation:
            own += _used_by_selection(derivation.selection)
    return tuple(name for name in own if name != fact.id)


def _used_by_selection(selection: Selection) -> Iterator[str]:
    if selection.unsided_when:
        yield selection.unsided_when
    for anchor in selection.anchors:
        yield anchor.fact
        yield from _parameters((anchor.offset, anchor.otherwise))
    yield from _parameters((selection.window,))


def _parameters(intervals: Iterable[object]) -> tuple[str, ...]:
    return tuple(interval.parameter for interval in intervals if isinstance(interval, ParameterValue))
