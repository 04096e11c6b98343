"""Criteria, stages, diversions, alerts, safety rules, actions and reviews as CQL, as meaning.md has them."""

from collections.abc import Iterator, Sequence

from ischio.backends.cql.measures import measure_defines
from ischio.backends.cql.text import NotExpressible, define, interval, listed, one_of, rests_on, text
from ischio.engine.status import NOT_ON_PATHWAY, PRESENT, RED_FLAG
from ischio.language.text import to_text
from ischio.model.about import Scope
from ischio.model.dates import Duration
from ischio.model.expression import Expression, ParameterValue
from ischio.model.facts import DateOf
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, Diversion, MustKnow, Review, SafetyRule, Stage

HIPS = ("Right", "Left")
_KINDS = ("stop", "strong_caution", "caution")


class RulePrinter:
    """Prints what follows from the facts, for one hip or (with the hips' libraries below it) for the person."""

    def __init__(self, pathway: Pathway) -> None:
        self._pathway = pathway

    def of_hip(self) -> Iterator[str]:
        """The defines of one hip."""
        yield from self._criteria()
        yield from self._stage()
        yield from self._diversions()
        yield from self._alerts()
        yield from self._safety()
        for action in self._pathway.actions.values():
            yield from self._parts(action)
            if action.scope is Scope.HIP:
                yield self._status(action, ("",))
                yield _offered(action)
        yield from self._since()
        yield self._review()
        yield from measure_defines(self._pathway)

    def of_person(self) -> Iterator[str]:
        """The actions that belong to the person, judged on both hips."""
        for action in self._pathway.actions.values():
            if action.scope is Scope.PERSON:
                yield self._status(action, tuple(f"{hip}." for hip in HIPS))
                yield _offered(action)

    # ---- conditions ------------------------------------------------------------------------------------------------

    def _criteria(self) -> Iterator[str]:
        for criterion in self._pathway.criteria.values():
            about = (f"{criterion.about.title}. {criterion.about.sentence}", rests_on(self._pathway, criterion.about))
            yield define(criterion.id, to_text(criterion.when), *about)

    def _alerts(self) -> Iterator[str]:
        for flag in self._pathway.flags:
            about = (f"Alert, {flag.urgency}: {flag.about.sentence}", rests_on(self._pathway, flag.about))
            yield define(f"alert {flag.fact}", f"{flag.fact} = {text(PRESENT)}", *about)

    def _safety(self) -> Iterator[str]:
        printed: set[str] = set()
        for action in self._pathway.actions.values():
            for kind, rules in zip(_KINDS, (action.stops, action.strong_cautions, action.cautions), strict=True):
                for rule in rules:
                    name = _safety_name(kind, rule)
                    if name not in printed:
                        printed.add(name)
                        about = (f"{rule.about.title}. {rule.about.sentence}", rests_on(self._pathway, rule.about))
                        yield define(name, to_text(rule.when), *about)

    # ---- stage and diversion ---------------------------------------------------------------------------------------

    def _stage(self) -> Iterator[str]:
        own = [stage for stage in self._pathway.stages if not stage.ordered]
        tried = [*own, *reversed(self._pathway.ordered_stages)]
        rungs = [f"  when {stage.criterion} then {text(stage.id)}" for stage in tried]
        yield define(
            "stage", _case([*rungs, f"  else {text(NOT_ON_PATHWAY)}"]), f"The stage of the {self._pathway.body_part}."
        )
        names = ", ".join(text(stage.id) for stage in self._pathway.ordered_stages)
        on_ordered = f"stage in {{ {names}, {text(NOT_ON_PATHWAY)} }}"
        yield define(
            "on_ordered_stage", on_ordered, "Whether the stage is one of those entered through gates, or none."
        )
        gates = [
            f"    when {stage.criterion} is not true then {text(stage.id)}" for stage in self._pathway.ordered_stages
        ]
        ahead = "\n".join(("if on_ordered_stage then", "  case", *gates, "    else null", "  end", "else null"))
        yield define("next_gate", ahead, "The stage behind the gate ahead.")

    def _diversions(self) -> Iterator[str]:
        for diversion in self._pathway.diversions:
            tried = f"{diversion.criterion} and on_ordered_stage" if diversion.only_ordered else diversion.criterion
            yield define(_tried(diversion), tried)
        rungs = [f'  when "{_tried(one)}" then {text(one.id)}' for one in self._pathway.diversions]
        yield define(
            "diversion", _case([*rungs, "  else null"]), "The reason to leave the stepwise path, if there is one."
        )

    # ---- actions ---------------------------------------------------------------------------------------------------

    def _parts(self, action: Action) -> Iterator[str]:
        """The conditions of an action on one hip, each under its own name."""
        about = (f"{action.about.title}. {action.about.sentence}", rests_on(self._pathway, action.about))
        yield define(f"{action.id}: when", to_text(action.when), *about)
        given: tuple[tuple[str, Expression | None], ...] = (
            ("due when", action.due_when),
            ("done", action.done),
            ("in progress", action.in_progress),
        )
        for part, condition in given:
            if condition is not None:
                yield define(f"{action.id}: {part}", to_text(condition))
        yield define(f"{action.id}: diverted", self._diverted(action))
        if action.must_know:
            missing = one_of(_missing(must) for must in action.must_know)
            yield define(f"{action.id}: to be known first", f'"{action.id}: when" is not false and (\n  {missing})')

    def _diverted(self, action: Action) -> str:
        """The diversions that the action does not pass; the person's red flag is added where both hips are known."""
        both = action.scope is Scope.PERSON
        names = [
            f'"{_tried(diversion)}"'
            for diversion in self._pathway.diversions
            if diversion.id not in action.passes and not (both and diversion.id == RED_FLAG)
        ]
        return one_of(names)

    def _status(self, action: Action, hips: Sequence[str]) -> str:
        """The first status that holds. hips: prefixes of the hips that the action is judged on."""
        dead = f"{hips[0]}{self._pathway.deceased_fact}"
        rungs = [
            f"  when {_any(hips, action, 'when')} is false or {dead} then 'not_applicable'",
            f"  when {self._live(action, hips)} is false",
            *(f"    or {rule}" for rule in _rules(hips, "stop", action.stops)),
            "    then 'blocked'",
            *(f"  when {_any(hips, action, part)} then {text(status)}" for part, status in _behind(action)),
            f"  when {self._live(action, hips)} is null",
            *(f"    or {_any(hips, action, part)} is null" for part, _ in _behind(action)),
            "    then 'cannot_tell'",
            *self._check_first(action, hips, dead),
            *self._optional(action, hips),
            "  else 'due'",
        ]
        return define(action.id, _case(rungs), f"{action.about.title}. {action.about.sentence}")

    def _diverted_on(self, action: Action, hips: Sequence[str], hip: str) -> str:
        """What diverts the action on one hip: for the person's actions the red flag of either."""
        own = f'{hip}"{action.id}: diverted"'
        if action.scope is Scope.HIP or RED_FLAG in action.passes:
            return own
        flags = " or ".join(f'{each}"{RED_FLAG} tried"' for each in hips)
        return f"({own} or {flags})"

    def _live(self, action: Action, hips: Sequence[str]) -> str:
        parts = [f'({hip}"{action.id}: when" and {self._diverted_on(action, hips, hip)} is not true)' for hip in hips]
        return f"({' or '.join(parts)})" if len(parts) > 1 else parts[0]

    def _check_first(self, action: Action, hips: Sequence[str], dead: str) -> Iterator[str]:
        parts = []
        if not action.low_risk:
            clear = " or ".join(
                f'({hip}"{action.id}: when" and {self._diverted_on(action, hips, hip)} is false)' for hip in hips
            )
            parts.append(f"not Coalesce(({clear}) and {dead} is false, false)")
        # Each is asked for null by itself: a true caution must not hide an unknown stop.
        parts += [f"{rule} is null" for rule in _rules(hips, "stop", action.stops)]
        parts += [f"{rule} is null" for rule in _rules(hips, "strong_caution", action.strong_cautions)]
        if action.must_know:
            parts += [f'{hip}"{action.id}: to be known first"' for hip in hips]
        if parts:
            yield "  when " + "\n    or ".join(parts)
            yield "    then 'check_first'"

    def _optional(self, action: Action, hips: Sequence[str]) -> Iterator[str]:
        parts = list(_rules(hips, "strong_caution", action.strong_cautions))
        if action.due_when is not None:
            parts.append(f"{_any(hips, action, 'due when')} is not true")
        if parts:
            yield "  when " + "\n    or ".join(parts)
            yield "    then 'optional'"

    # ---- review ----------------------------------------------------------------------------------------------------

    def _review(self) -> str:
        """When the next review of the hip is owed: docs/explanation/meaning.md and engine/review.py."""
        rungs = [
            f"    when {text(stage.id)} then\n      {self._review_in(stage, stage.review)}"
            for stage in self._pathway.stages
            if stage.review is not None
        ]
        alive = f"if {self._pathway.deceased_fact} then null else"
        body = "\n".join((alive, "  case stage", *rungs, "    else null", "  end"))
        return define(
            "review_date",
            body,
            f"When the next review of the {self._pathway.body_part} is owed; one that lies in the past is overdue.",
        )

    def _review_in(self, stage: Stage, review: Review) -> str:
        last, then = self._pathway.review_fact, interval(review.then)
        steps = self._steps(review)
        first = f"Coalesce({last}, Index) + {f'First({steps})' if steps else then}"
        if not stage.since:
            return first
        since = f'"{_began(stage)}"'
        counted = f"(if {last} < {since} then null else {last})"
        ahead = f"First({steps} S where {counted} is null or {since} + S > {counted} return all {since} + S)"
        after = f"Coalesce({counted}, {f'Max({steps} S return all {since} + S)' if steps else since}) + {then}"
        return f"if {since} is null then {first}\n      else {f'Coalesce({ahead}, {after})' if steps else after}"

    def _since(self) -> Iterator[str]:
        """The latest of the dates from which a stage counts; null if none is recorded, or one cannot be told."""
        for stage in self._pathway.stages:
            if stage.since:
                days = [self._days(fact) for fact in stage.since]
                open_ = " or ".join(f"{day}.unclear or Coalesce({day}.earliest != {day}.latest, false)" for day in days)
                latest = f"Max({listed(f'{day}.earliest' for day in days)})"
                yield define(_began(stage), f"if {open_} then null else {latest}")

    def _days(self, name: str) -> str:
        fact = self._pathway.facts[name]
        if not isinstance(fact.derivation, DateOf):
            raise NotExpressible(name, "a stage counts from it and it is no date of an event", fact.about)
        return f'{"Person." if fact.scope is Scope.PERSON else ""}"days of {name}"'

    def _steps(self, review: Review) -> str:
        """The scheduled intervals, parameters that are lists of them opened."""
        lists = []
        for step in review.schedule:
            several = isinstance(step, ParameterValue) and not isinstance(
                self._pathway.parameters[step.parameter].values[0].value, Duration
            )
            lists.append(interval(step) if several else f"{{ {interval(step)} }}")
        if not lists:
            return ""
        return f"({lists[0]})" if len(lists) == 1 else f"(flatten {{ {', '.join(lists)} }})"


def _began(stage: Stage) -> str:
    return f"{stage.id} since"


def _offered(action: Action) -> str:
    """The status as a truth, as a plan needs it; unknown where something has to be told or checked first."""
    body = (
        f"case when {action.id} in {{ 'due', 'optional' }} then true "
        f"when {action.id} in {{ 'cannot_tell', 'check_first' }} then null else false end"
    )
    return define(f"{action.id}: offered", body)


def _tried(diversion: Diversion) -> str:
    return f"{diversion.id} tried"


def _safety_name(kind: str, rule: SafetyRule) -> str:
    return f"{kind} {rule.id}"


def _behind(action: Action) -> Iterator[tuple[str, str]]:
    if action.in_progress is not None:
        yield "in progress", "in_progress"
    if action.done is not None:
        yield "done", "done"


def _any(hips: Sequence[str], action: Action, part: str) -> str:
    """A part of the action; of the person's, Kleene's or over both hips."""
    parts = [f'{hip}"{action.id}: {part}"' for hip in hips]
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _rules(hips: Sequence[str], kind: str, rules: Sequence[SafetyRule]) -> Iterator[str]:
    for rule in rules:
        parts = [f'{hip}"{_safety_name(kind, rule)}"' for hip in hips]
        yield parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _missing(must: MustKnow) -> str:
    if must.needed_when is None:
        return f"{must.name} is null"
    return f"({must.name} is null and ({to_text(must.needed_when)}) is not false)"


def _case(rungs: Sequence[str]) -> str:
    return "\n".join(("case", *rungs, "end"))
