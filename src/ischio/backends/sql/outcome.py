"""Stage, diversion, next gate, the status of every action and the review date: docs/explanation/meaning.md as SQL."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ischio.backends.sql.conditions import Conditions
from ischio.backends.sql.names import action_column, criterion_column, fact_column
from ischio.backends.sql.setting import Setting
from ischio.backends.sql.text import FALSE, TRUE, Column, all_of, any_of, case, quoted
from ischio.engine.status import NOT_ON_PATHWAY, RED_FLAG, Status
from ischio.model.about import Scope
from ischio.model.dates import Duration
from ischio.model.expression import Expression, ParameterValue
from ischio.model.facts import Interval
from ischio.model.rules import Action, Diversion, Stage

STAGE, ON_ORDERED, DIVERSION, NEXT_GATE, NEXT_GATE_TRUTH, REVIEW = (
    "stage",
    "on_ordered",
    "diversion",
    "next_gate",
    "next_gate_truth",
    "review",
)


def criteria(setting: Setting) -> Iterator[Column]:
    """Every criterion and gate."""
    conditions = Conditions(setting)
    for criterion in setting.pathway.criteria.values():
        yield Column(criterion_column(criterion.id), conditions.truth(criterion.when))


def position(setting: Setting) -> Iterator[Column]:
    """Where the hip is: stage, diversions, the gate ahead and the day of the next review."""
    pathway = setting.pathway
    own = [stage for stage in pathway.stages if not stage.ordered]
    last_first = [stage for stage in reversed(pathway.stages) if stage.ordered]
    holding = ((criterion_column(stage.criterion), quoted(stage.id)) for stage in (*own, *last_first))
    yield Column(STAGE, case(*holding, otherwise=quoted(NOT_ON_PATHWAY)))
    yield Column(ON_ORDERED, f"not coalesce({any_of(criterion_column(stage.criterion) for stage in own)}, false)")
    for diversion in pathway.diversions:
        tried = criterion_column(diversion.criterion)
        yield Column(tried_column(diversion), all_of((tried, ON_ORDERED)) if diversion.only_ordered else tried)
    yield Column(DIVERSION, case(*((tried_column(each), quoted(each.id)) for each in pathway.diversions)))
    yield from _next_gate(setting)
    yield Column(REVIEW, _review(setting))


def tried_column(diversion: Diversion) -> str:
    """The truth of a diversion, false where it is not tried."""
    return f"tried_{diversion.id}"


def _next_gate(setting: Setting) -> Iterator[Column]:
    """The first ordered gate that is not true, and its truth."""
    gates = [(criterion_column(stage.criterion), stage.id) for stage in setting.pathway.ordered_stages]
    off = (f"not {ON_ORDERED}", "null")
    yield Column(NEXT_GATE, case(off, *((f"not coalesce({gate}, false)", quoted(to)) for gate, to in gates)))
    ahead = [
        (f"{NEXT_GATE} = {quoted(to)}", case((f"{gate} is null", "'unknown'"), otherwise="'false'"))
        for gate, to in gates
    ]
    yield Column(NEXT_GATE_TRUTH, case(*ahead))


# ---- reviews ----------------------------------------------------------------------------------------------------


def _review(setting: Setting) -> str:
    """The day of the next review (engine/review.py); null for a stage without reviews, and for the dead."""
    owed = [(f"{STAGE} = {quoted(stage.id)}", _due(setting, stage)) for stage in setting.pathway.stages if stage.review]
    return case((fact_column(setting.pathway.deceased_fact), "null"), *owed)


def _due(setting: Setting, stage: Stage) -> str:
    """The first scheduled review after the last one; after the schedule, the interval after that."""
    assert stage.review is not None, "asked only of stages with reviews"
    review, calendar = stage.review, setting.calendar
    last = fact_column(setting.pathway.review_fact)

    def printed(steps: Sequence[Interval]) -> str:
        first = steps[0] if steps else review.then
        free = case((f"{last} is not null", calendar.moved(last, first)), otherwise=calendar.from_index(first, 1))
        if not stage.since:
            return free
        since = _began(stage)
        counted = f"({last} is not null and {last} >= {since})"
        scheduled = [calendar.moved(since, step) for step in steps]
        ahead = [(f"not {counted} or ({day}) > {last}", day) for day in scheduled]
        longest = f"greatest({', '.join(scheduled)})" if len(scheduled) > 1 else (scheduled or [since])[0]
        # The interval counts from the last review, or from the end of the schedule.
        after = case((counted, calendar.moved(last, review.then)), otherwise=calendar.moved(longest, review.then))
        return case((f"{since} is null", free), *ahead, otherwise=after)

    return setting.index.on_date(setting.pathway, lambda on: printed(list(_steps(setting, review.schedule, on))))


def _began(stage: Stage) -> str:
    """The latest of the dates from which the stage counts; null if none is recorded, or one cannot be told."""
    facts = [fact_column(fact) for fact in stage.since]
    if len(facts) == 1:
        return facts[0]
    unclear = any_of(f"({fact} is null and {fact}__asked)" for fact in facts)
    latest = f"greatest({', '.join(facts)})"
    return f"({case((unclear, 'null'), otherwise=latest)})"


def _steps(setting: Setting, schedule: Sequence[Interval], on: date) -> Iterator[Interval]:
    for step in schedule:
        value = setting.pathway.parameters[step.parameter].on(on) if isinstance(step, ParameterValue) else step
        if isinstance(value, tuple):
            yield from value
        elif isinstance(value, Duration):
            yield value


# ---- actions ----------------------------------------------------------------------------------------------------

ME, TWIN = "me", "twin"
"""The row of a hip and that of the other hip of the person, which a person's action looks at as well."""


def statuses(setting: Setting) -> Iterator[Column]:
    """The status of every action."""
    for action in setting.pathway.actions.values():
        yield Column(action_column(action.id), case(*_Ladder(setting, action).rungs(), otherwise=_word(Status.DUE)))


def _word(status: Status) -> str:
    return quoted(status.value)


@dataclass(frozen=True)
class _Ladder:
    """The rungs of one action's status; the words are those of docs/explanation/meaning.md."""

    setting: Setting
    action: Action

    def rungs(self) -> Iterator[tuple[str, str]]:
        action = self.action
        deceased = f"{ME}.{fact_column(self.setting.pathway.deceased_fact)}"
        live, done, in_progress = self._over(self._live), self._judged(action.done), self._judged(action.in_progress)
        stops = [self._judged(rule.when) for rule in action.stops]
        strong = [self._judged(rule.when) for rule in action.strong_cautions]
        yield f"{deceased} or not {self._judged(action.when)}", _word(Status.NOT_APPLICABLE)
        yield any_of((f"not {live}", *stops)), _word(Status.BLOCKED)
        yield in_progress, _word(Status.IN_PROGRESS)
        yield done, _word(Status.DONE)
        yield (
            any_of(f"{each} is null" for each in (live, done, in_progress) if each != FALSE),
            _word(Status.CANNOT_TELL),
        )
        # Each stop and strong caution is asked for null by itself: a true caution must not hide an unknown stop.
        unknown = [f"{each} is null" for each in (*stops, *strong)]
        alive = f"coalesce(not {deceased}, false)"
        unclear = FALSE if action.low_risk else f"not {all_of((self._over(self._clear), alive))}"
        yield any_of((unclear, *unknown, self._over(self._missing))), _word(Status.CHECK_FIRST)
        due = TRUE if action.due_when is None else self._judged(action.due_when)
        yield any_of((*strong, f"not coalesce({due}, false)" if due != TRUE else FALSE)), _word(Status.OPTIONAL)

    def _over(self, of_hip: Callable[[str], str]) -> str:
        """Of a hip's action its own truth; of a person's action Kleene's or over both hips."""
        hips = (ME,) if self.action.scope is Scope.HIP else (ME, TWIN)
        return any_of(map(of_hip, hips))

    def _judged(self, condition: Expression | None) -> str:
        if condition is None:
            return FALSE
        return f"({self._over(lambda hip: self._truth(hip, condition))})"

    def _truth(self, hip: str, condition: Expression) -> str:
        return f"({Conditions(self.setting, hip).truth(condition)})"

    def _when(self, hip: str) -> str:
        return self._truth(hip, self.action.when)

    def _diverted(self, hip: str) -> str:
        """The diversions that the action does not pass; of a person's action the red flag of either hip."""
        stopping = [each for each in self.setting.pathway.diversions if each.id not in self.action.passes]
        return any_of(self._tried(hip, each) for each in stopping)

    def _tried(self, hip: str, diversion: Diversion) -> str:
        column = tried_column(diversion)
        return self._over(lambda of: f"{of}.{column}") if diversion.id == RED_FLAG else f"{hip}.{column}"

    def _live(self, hip: str) -> str:
        return all_of((self._when(hip), f"not coalesce({self._diverted(hip)}, false)"))

    def _clear(self, hip: str) -> str:
        return f"coalesce({all_of((self._when(hip), f'not {self._diverted(hip)}'))}, false)"

    def _missing(self, hip: str) -> str:
        """Whether a must-know is unknown that is needed, on a hip whose `when` is not false."""
        conditions = Conditions(self.setting, hip)
        missing = any_of(
            all_of(
                (
                    f"not {conditions.known(must.name)}",
                    TRUE if must.needed_when is None else f"coalesce({self._truth(hip, must.needed_when)}, true)",
                )
            )
            for must in self.action.must_know
        )
        return FALSE if missing == FALSE else all_of((f"coalesce({self._when(hip)}, true)", missing))
