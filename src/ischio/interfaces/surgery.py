"""What a meeting on surgery needs to know of one hip: conditions, operations side by side, and what to hold on for.

Nothing is ranked and nothing is chosen: the operations stand in alphabetical order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property

from ischio.engine.answer import Answer
from ischio.engine.explain import ClaimShown, explain
from ischio.engine.hip import HipView
from ischio.engine.judge import Writer
from ischio.interfaces.words import RECORDED, TRUTH_WORDS, Words, capital, title_of
from ischio.model.about import Side
from ischio.model.assessment import Assessment, FactShown, Hip, Judgement
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, ActionKind, MustKnow, SafetyRule
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth, conjunction
from ischio.record.events import Record

GATE = "gate_"
SHOWN_FACTS = 4
OPINION = "surgical_opinion"
"""The action whose texts say what the choice considers."""
FOR_THE_MEETING = (
    "pain_now",
    "function_now",
    "injection_response_immediate",
    "injection_response",
    "ischiofemoral_space",
    "quadratus_femoris_space",
    "femoral_version",
    "neck_shaft_angle",
)
"""The facts that a surgeon asks for first; those that are not known are told as such."""
OF_THE_DECISION = (
    "recorded_surgical_referral",
    "recorded_surgical_opinion",
    "hip_surgery_planned",
    "recorded_surgery_declined",
    "surgery_set_aside_date",
    "surgery_wanted_again",
    "ifi_surgery",
    "ifi_surgery_date",
    "ifi_surgery_procedure",
    "surgeon_release",
)
"""The facts that say how far the decision on surgery has come."""


Told = tuple[str, str, date | None]
"""Title, value and day of a fact."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition with its truth, and the facts with their values that make it so."""

    title: str
    truth: Truth
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that belong together, such as those of a gate. truth: of all of them."""

    title: str
    truth: Truth
    conditions: tuple[Condition, ...]


class HoldState(Enum):
    """Whether a safety rule holds or is clear, whether a must-know is known; UNKNOWN of either."""

    HOLDS = "holds"
    UNKNOWN = "unknown"
    CLEAR = "clear"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class HoldPoint:
    """Something that has to be settled before an operation. kind: stop, strong caution, caution, must know.

    told: the facts behind it. until: when a stop that holds lifts, if it says so.
    """

    kind: str
    title: str
    sentence: str
    state: "HoldState"
    told: tuple[str, ...]
    until: date | None = None


OF_RULE = {TRUE: HoldState.HOLDS, FALSE: HoldState.CLEAR, UNKNOWN: HoldState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. own, holds: the conditions and hold points that not every operation has.

    unshown: how many claims are not shown, because nobody could verify them.
    """

    id: str
    title: str
    sentence: str
    status: str
    label: str
    certainty: str
    note: str | None
    truth: Truth
    own: tuple[Condition, ...]
    holds: tuple[HoldPoint, ...]
    texts: tuple[tuple[str, str], ...]
    claims: tuple[ClaimShown, ...]
    unshown: int


@dataclass(frozen=True, slots=True)
class Plan:
    """groups: the gates on the way; the last, without a title, is what every operation asks for besides."""

    side: str
    stage: str
    diverted: str
    groups: tuple[Group, ...]
    holds: tuple[HoldPoint, ...]
    operations: tuple[Operation, ...]
    opinion: tuple[str, ...]
    values: tuple[Told, ...]
    recorded: tuple[Told, ...]

    def conditions(self, truth: str) -> tuple[Condition, ...]:
        """Those of every operation that have this truth, such as `unknown`."""
        return tuple(one for group in self.groups for one in group.conditions if one.truth.value == truth)

    @property
    def standing(self) -> tuple[HoldPoint, ...]:
        """The hold points that stand in the way."""
        return self._holds_in(HoldState.HOLDS)

    @property
    def not_known(self) -> tuple[HoldPoint, ...]:
        return self._holds_in(HoldState.UNKNOWN)

    @property
    def settled(self) -> tuple[HoldPoint, ...]:
        return self._holds_in(HoldState.CLEAR, HoldState.KNOWN)

    def _holds_in(self, *states: HoldState) -> tuple[HoldPoint, ...]:
        return tuple(one for one in self.holds if one.state in states)


def plan(pathway: Pathway, record: Record, assessment: Assessment, hip: Hip) -> Plan:
    """What is to be known of a hip on the index date of the assessment."""
    return _Planner(pathway, record, assessment, hip).plan()


@dataclass(frozen=True)
class _Planner:
    pathway: Pathway
    record: Record
    assessment: Assessment
    hip: Hip

    def plan(self) -> Plan:
        opinion = self.pathway.actions.get(OPINION)
        return Plan(
            self.hip.side,
            self.hip.stage.title,
            self.hip.diversion.title if self.hip.diversion else "",
            tuple(self._groups()),
            tuple(sorted(self._common_holds, key=_urgency)),
            tuple(map(self._operation, self._operations)),
            tuple(opinion.texts.values()) if opinion else (),
            tuple(self._told(self._known[name]) for name in FOR_THE_MEETING if name in self._known),
            tuple(self._told(fact) for fact in map(self._known.get, OF_THE_DECISION) if fact and fact.value),
        )

    # ---- parts ----

    @cached_property
    def _answer(self) -> Answer:
        return Answer(self.pathway, self.record, self.assessment.index_date)

    @cached_property
    def _view(self) -> HipView:
        return self._answer.hips[Side(self.hip.side)]

    @cached_property
    def _words(self) -> Words:
        return Words(self.pathway, self.assessment, self.hip)

    @cached_property
    def _known(self) -> dict[str, FactShown]:
        return {fact.id: fact for fact in (*self.hip.facts, *self.assessment.person.facts)}

    @cached_property
    def _operations(self) -> Sequence[Action]:
        found = (action for action in self.pathway.actions.values() if action.kind is ActionKind.OPERATION)
        return sorted(found, key=lambda action: action.about.title)

    # ---- conditions ----

    @cached_property
    def _wanted(self) -> dict[str, dict[str, Judgement]]:
        """Of each operation, the conditions that must all hold, by id or text."""
        judged = {action.id: Writer(self._view.judge).condition(action.when) for action in self._operations}
        return {name: {_name(part): part for part in _all_of(whole)} for name, whole in judged.items()}

    @property
    def _common(self) -> list[Judgement]:
        """The conditions that every operation has."""
        first, *others = self._wanted.values() or [{}]
        return [part for name, part in first.items() if all(name in other for other in others)]

    def _groups(self) -> Iterator[Group]:
        """Gates in their order; then what every operation asks for besides."""
        found: dict[str, Group] = {}
        rest: list[Judgement] = []
        for part in self._common:
            self._unfold(part, found, rest)
        yield from found.values()
        if rest:
            yield Group("", conjunction(part.truth for part in rest), tuple(map(self._condition, rest)))

    def _unfold(self, part: Judgement, found: dict[str, Group], rest: list[Judgement]) -> None:
        """A gate becomes a group of its own conditions, after the gate before it; what names a gate is opened."""
        inner = [one for whole in part.because for one in _all_of(whole)] if part.id else []
        gates = [one for one in inner if _is_gate(one)]
        if not _is_gate(part) and not gates:
            rest.append(part)
            return
        for gate in gates:
            self._unfold(gate, found, rest)
        own = [one for one in inner if one not in gates]
        if not _is_gate(part):
            rest.extend(own)
        elif part.because:
            found[_name(part)] = Group(
                title_of(self.pathway, _name(part)), part.truth, tuple(map(self._condition, own))
            )

    def _condition(self, part: Judgement) -> Condition:
        return Condition(self._title(part), part.truth, self._facts(part))

    def _facts(self, part: Judgement) -> tuple[str, ...]:
        """What decides a condition, the first few."""
        nodes = [part] if part.values else self._words.facts_under(part)
        found = tuple(dict.fromkeys(map(self._words.phrase, nodes)))
        return (
            found if len(found) <= SHOWN_FACTS + 1 else (*found[:SHOWN_FACTS], f"and {len(found) - SHOWN_FACTS} more")
        )

    def _title(self, part: Judgement) -> str:
        if part.id or part.values:
            title = title_of(self.pathway, part.id or part.values[0].fact).removeprefix(RECORDED)
            need = self._words.need(part.text) if part.values else ""
            return capital(f"{title}: {need}" if need else title)
        first, *others = map(self._title, part.because) if part.because else (part.text,)
        match part.text:
            case "any of":
                return ", or ".join((first, *map(_within, others)))
            case "all of":
                return " with ".join((first, *map(_within, others)))
            case "not":
                return f"{first}: {TRUTH_WORDS[FALSE]}"
            case text:
                return text

    # ---- operations ----

    def _operation(self, action: Action) -> Operation:
        option = self._answer.option(action, Side(self.hip.side))
        shown, rule = option.shown(None), explain(self.pathway, action.id)
        claims = rule.claims if rule else ()
        shared = {_name(part) for part in self._common}
        own = [part for name, part in self._wanted[action.id].items() if name not in shared]
        return Operation(
            action.id,
            shown.title,
            shown.sentence,
            shown.status,
            shown.label,
            shown.certainty.replace("-", " "),
            action.about.note,
            self._view.truth(action.when),
            tuple(map(self._condition, own)),
            tuple(sorted((hold for hold in self._holds[action.id] if hold not in self._common_holds), key=_urgency)),
            tuple(action.texts.items()),
            tuple(claim for claim in claims if claim.statement is not None),
            sum(claim.statement is None for claim in claims),
        )

    @cached_property
    def _holds(self) -> dict[str, list[HoldPoint]]:
        return {action.id: list(self._holds_of(action)) for action in self._operations}

    @cached_property
    def _common_holds(self) -> list[HoldPoint]:
        """Without those of an operation of which there is only one: they stand there."""
        first, *others = self._holds.values() or [[]]
        return [hold for hold in first if all(hold in other for other in others)] if others else []

    def _holds_of(self, action: Action) -> Iterator[HoldPoint]:
        """Safety rules, and the must-knows that none of them asks about."""
        of_kind = (("stop", action.stops), ("strong caution", action.strong_cautions), ("caution", action.cautions))
        found = [self._rule(kind, rule) for kind, rules in of_kind for rule in rules]
        titles = {hold.title for hold in found}
        yield from found
        yield from (hold for hold in map(self._must_know, action.must_know) if hold.title not in titles)

    def _rule(self, kind: str, rule: SafetyRule) -> HoldPoint:
        judged = Writer(self._view.judge).condition(rule.when)
        until = self._view.moved(rule.until) if rule.until and judged.truth is TRUE else None
        return HoldPoint(kind, rule.about.title, rule.about.sentence, OF_RULE[judged.truth], self._facts(judged), until)

    def _must_know(self, must: MustKnow) -> HoldPoint:
        fact = self._known.get(must.name)
        title = title_of(self.pathway, must.name)
        told = self._words.dated(fact) if fact else f"{title}: {TRUTH_WORDS[self._view.truth(must.name)]}"
        state = HoldState.UNKNOWN if self._view.is_unknown(must.name) else HoldState.KNOWN
        return HoldPoint("must know", title, "", state, (told,))

    def _told(self, fact: FactShown) -> Told:
        title, value = self._words.told(fact)
        return title, value, fact.date


def _urgency(hold: HoldPoint) -> int:
    """What holds first, then what is not known."""
    return list(HoldState).index(hold.state)


def _within(title: str) -> str:
    """A title within a sentence; one that begins with an abbreviation stays as it is."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _all_of(judged: Judgement) -> tuple[Judgement, ...]:
    return judged.because if judged.id is None and judged.text == "all of" else (judged,)


def _is_gate(part: Judgement) -> bool:
    return bool(part.id) and _name(part).startswith(GATE)


def _name(part: Judgement) -> str:
    return part.id or part.text
