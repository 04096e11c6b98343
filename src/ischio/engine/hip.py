"""One hip on one date: its stage, diversion, gate ahead, alerts and facts, with their reasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from ischio.engine.deciding import Deciding
from ischio.engine.judge import Judge, Writer, shown, unit_shown, used_value
from ischio.engine.lanes import Board
from ischio.engine.review import began
from ischio.engine.smallest import Sets
from ischio.engine.status import NOT_ON_PATHWAY, PRESENT, Outcome, Status, named
from ischio.language.regions import interval_on
from ischio.model.about import Scope, Side
from ischio.model.assessment import AlertShown, DiversionShown, FactShown, GateShown, Judgement, StageShown
from ischio.model.dates import shift
from ischio.model.expression import CriterionHolds, Expression
from ischio.model.facts import Fact
from ischio.model.pathway import Pathway
from ischio.model.rules import DueDate, Stage
from ischio.model.truth import TRUE, UNKNOWN, Truth
from ischio.record.events import Facts, FactValue
from ischio.record.plan import plan_of


@dataclass(frozen=True, slots=True)
class GateAhead:
    """The gate that comes next, and what would open or close it while it is unknown."""

    to: str
    truth: Truth
    condition: CriterionHolds
    opens: Sets
    closes: Sets


@dataclass(frozen=True)
class HipView:
    """What the pathway says of one hip, ready to be asked for in parts."""

    pathway: Pathway
    facts: Facts
    index: date
    board: Board
    outcome: Outcome
    side: Side
    judge: Judge

    @cached_property
    def lane(self) -> int:
        """The lane of the hip on the index date."""
        return self.board.lanes.first(self.side)

    @cached_property
    def writer(self) -> Writer:
        """Writes what is shown of the hip."""
        return Writer(self.judge)

    @cached_property
    def person_writer(self) -> Writer:
        """Writes the person's actions for which this hip speaks."""
        return Writer(self.judge)

    def _criterion(self, name: str) -> tuple[Judgement]:
        return (self.writer.criterion(name),)

    @cached_property
    def stage_id(self) -> str:
        return named(self.outcome.stages, self.lane) or NOT_ON_PATHWAY

    @cached_property
    def stage(self) -> Stage | None:
        """The stage; None for a hip that is not on the pathway."""
        return next((stage for stage in self.pathway.stages if stage.id == self.stage_id), None)

    @property
    def on_ordered_stage(self) -> bool:
        return self.stage is None or self.stage.ordered

    @cached_property
    def statuses(self) -> Mapping[str, Status]:
        """The status of every action, by id."""
        return self.outcome.statuses_on(self.lane)

    @cached_property
    def deciding(self) -> Deciding:
        return Deciding(self.pathway, self.facts, self.index, self.board.imprint(self.lane))

    def truth(self, rule: str | Expression) -> Truth:
        """The truth of a criterion, by name, or of an action's or safety rule's condition, without its reason."""
        board = self.board
        return (board.criterion(rule) if isinstance(rule, str) else board.condition(rule)).on(self.lane)

    def is_unknown(self, name: str) -> bool:
        """Whether a fact or criterion is unknown."""
        return self.board.known(name).on(self.lane) is UNKNOWN

    def unknown_facts(self, rule: str | Expression) -> Mapping[str, None]:
        """The unknown facts behind a criterion, by name, or a whole condition that is unknown, in reading order."""
        judged = self.judge.named(rule) if isinstance(rule, str) else self.judge.condition(rule)
        return self.judge.unknown_facts(judged)

    # ---- the parts of the answer ----

    def stage_shown(self) -> StageShown:
        if self.stage is None:
            first = self.pathway.ordered_stages[0].criterion
            return StageShown(NOT_ON_PATHWAY, "Not on the pathway", None, self._criterion(first))
        because = self._criterion(self.stage.criterion)
        return StageShown(self.stage.id, self.stage.about.title, began(self.stage, self.facts), because)

    @property
    def diversion_id(self) -> str | None:
        return named(self.outcome.diversions, self.lane)

    def diversion_shown(self) -> DiversionShown | None:
        for diversion in self.pathway.diversions:
            if diversion.id == self.diversion_id:
                return DiversionShown(diversion.id, diversion.about.title, self._criterion(diversion.criterion))
        return None

    @cached_property
    def gate_ahead(self) -> "GateAhead | None":
        """The first ordered gate that is not true; None past the last one and off the ordered stages."""
        lanes = self.outcome.next_gates.items()
        found = next((key for key, held in lanes if held >> self.lane & 1), None)
        if found is None:
            return None
        to, truth = found[0], Truth(found[1])
        condition = CriterionHolds(self.pathway.stage(to).criterion)
        if truth is not UNKNOWN:
            return GateAhead(to, truth, condition, Sets((), False), Sets((), False))
        gate = condition.criterion
        opens, closes = self.deciding.opens_with(gate), self.deciding.closes_with(gate)
        return GateAhead(to, truth, condition, opens, closes)

    def gate_shown(self) -> GateShown | None:
        gate = self.gate_ahead
        if gate is None:
            return None
        because = self._criterion(gate.condition.criterion)
        more = gate.opens.more or gate.closes.more
        return GateShown(gate.to, gate.truth, because, gate.opens.sets, gate.closes.sets, more)

    def alerts(self, scope: Scope) -> Iterator[AlertShown]:
        for flag in self.pathway.flags:
            fact = self.facts[flag.fact]
            if fact.value == PRESENT and self.pathway.facts[flag.fact].scope is scope:
                reason = Judgement(None, flag.about.sentence, TRUE, (used_value(self.pathway, fact),))
                yield AlertShown(flag.fact, flag.about.title, flag.urgency, (reason,))

    def facts_shown(self, scope: Scope) -> Iterator[FactShown]:
        silent = silence_shown(self.pathway)
        for definition in self.pathway.facts.values():
            if definition.scope is scope:
                fact = self.facts[definition.id]
                unsaid, told = silent.get(definition.id, (None, None))
                yield told if told is not None and unsaid is fact else fact_shown(definition, fact)

    # ---- dates ----

    def date_of(self, fact: str) -> date | None:
        """The value of a date fact, None where it is unknown."""
        value = self.facts[fact].value
        return value if isinstance(value, date) else None

    def moved(self, due: DueDate) -> date | None:
        """A date fact plus its interval, None where the date is unknown."""
        day = self.date_of(due.fact)
        if day is None or due.plus is None:
            return day
        return shift(day, interval_on(self.pathway, due.plus, self.index))


def fact_shown(definition: Fact, fact: FactValue) -> FactShown:
    """A fact as an answer shows it."""
    value, unit = shown(definition.type, fact.value), unit_shown(definition.type)
    return FactShown(fact.fact, value, unit, fact.date, fact.source, fact.state.value, fact.note)


@lru_cache(maxsize=8)
def silence_shown(pathway: Pathway) -> Mapping[str, tuple[FactValue, FactShown]]:
    """The facts of which nothing is recorded, and how they are shown: the same for everyone."""
    silent = plan_of(pathway).silent
    return {name: (fact, fact_shown(pathway.facts[name], fact)) for name, fact in silent.items()}
