"""Hooks order-select and order-sign: what stands against a draft order, or has to be known before it is placed.

A draft order is read by the same reader as the record; the concepts found in it name the actions that it asks for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

from ischio.engine.options import Option
from ischio.engine.status import OFFERED, RED_FLAG, Status
from ischio.fhir.bindings import Bindings, Order
from ischio.fhir.export.activities import code_of, concept_of
from ischio.fhir.prefetched import page_of
from ischio.fhir.reader import FhirReader
from ischio.fhir.routes import Json, text_at
from ischio.fhir.tables import OURS
from ischio.interfaces.http.hooks.calls import REFERENCE
from ischio.interfaces.http.hooks.charts import Chart
from ischio.interfaces.http.hooks.opening import where
from ischio.interfaces.http.hooks.opinions import (
    CRITICAL,
    INFO,
    NO_ORDER,
    NOT_ON_PATHWAY,
    NOTHING_AGAINST,
    UNREADABLE,
    WARNING,
    Opinion,
    Said,
)
from ischio.interfaces.http.hooks.wording import first_that_fits, plain, sentences, sided
from ischio.interfaces.telling import at_most
from ischio.interfaces.words import RECORDED, capital, day
from ischio.loading.shapes import Id
from ischio.model.about import Scope, Side
from ischio.model.assessment import Reason
from ischio.model.mistake import Mistake, PathwayError, RecordError
from ischio.model.pathway import Pathway
from ischio.model.rules import Action
from ischio.model.terminology import Code, Concept
from ischio.record.events import Event, EventSide

NAMED = 3
"""Reasons that are named of an order."""

# Of several actions that one order may mean the one counts that fits best: an injection that is done and may be
# repeated is judged as the repetition.
BEST_FIRST = (
    Status.DUE,
    Status.OPTIONAL,
    Status.BLOCKED,
    Status.CHECK_FIRST,
    Status.CANNOT_TELL,
    Status.IN_PROGRESS,
    Status.DONE,
    Status.NOT_APPLICABLE,
)

REQUEST = "ServiceRequest"
"""The type of an order for anything but a medicine."""

Meant = list[tuple[Action, Order | None]]


class Ordered(NamedTuple):
    """A draft order that asks for actions of the pathway. name: `MedicationRequest/17`; side: None if it gives none."""

    name: str
    actions: tuple[Action, ...]
    side: EventSide | None


class OrderReader:
    """Tells what draft orders ask for; its look-up tables are built once.

    Raises PathwayError where the bindings name an action that the pathway does not have.
    """

    def __init__(self, pathway: Pathway, bindings: Bindings) -> None:
        self._meant = _meant(pathway, bindings)
        own = {one.id: one for action in pathway.actions.values() if (one := _own(action, pathway)) is not None}
        bound = dict.fromkeys(own, cast(tuple[Id, ...], (REQUEST,) if REQUEST in bindings.resources else ()))
        more = replace(bindings, concepts={**bindings.concepts, **bound})
        self._reader = FhirReader({**pathway.concepts, **own}, more)

    def read(self, patient: Json, drafts: Sequence[Json]) -> list[Ordered]:
        """The draft orders of this patient that ask for actions, in their order."""
        events = self._reader.read_resources([patient, *drafts], "the draft orders").events
        found: dict[str, list[Event]] = {}
        for event in events:
            found.setdefault(event.source.partition(" (by ")[0], []).append(event)
        every = [_ordered(name, of_one, self._meant) for name, of_one in found.items()]
        return [one for one in every if one.actions]


def _own(action: Action, pathway: Pathway) -> Concept | None:
    """An action as a concept, where it is none yet: our own suggestions come back as orders with its code."""
    if concept_of(action, pathway) is not None:
        return None
    code, display = code_of(action, pathway)
    return Concept(f"action {action.id}", display, (Code(OURS, code, display),))


def _meant(pathway: Pathway, bindings: Bindings) -> dict[str, Meant]:
    """Concept -> the actions that an order coded so may ask for."""
    meant: dict[str, Meant] = {}
    for action in pathway.actions.values():
        concept = _own(action, pathway) or concept_of(action, pathway)
        if concept is not None:
            meant.setdefault(concept.id, []).append((action, None))
    _check(pathway, bindings)
    for name, order in bindings.orders.items():
        for concept_id in order.concepts:
            meant.setdefault(str(concept_id), []).append((pathway.actions[name], order))
    return meant


def _check(pathway: Pathway, bindings: Bindings) -> None:
    """Raises PathwayError, with every mistake, where an order names what the pathway does not have."""
    mistakes = []
    for name, order in bindings.orders.items():
        if name not in pathway.actions:
            mistakes.append(_mistake(f"{name} is no action.", "Write the id of an action of actions.yaml.", order))
        for concept in order.concepts:
            if concept not in pathway.concepts:
                mend = "Write the id of a concept of terminology.yaml."
                mistakes.append(_mistake(f"{concept} is no concept.", mend, order))
    if mistakes:
        raise PathwayError(*mistakes)


def _mistake(what: str, mend: str, order: Order) -> Mistake:
    return Mistake(what, mend, "bindings.yaml", order.line, "orders")


def _ordered(name: str, events: list[Event], meant: Mapping[str, Meant]) -> Ordered:
    asked = {
        action.id: action
        for event in events
        for action, order in meant.get(event.concept, ())
        if order is None or not order.values or event.value is None or event.value in order.values
    }
    side = next((event.side for event in events if event.side is not None), None)
    return Ordered(name, tuple(asked.values()), side)


# ---- what is said ------------------------------------------------------------------------------------------------


class Finding(NamedTuple):
    """What the pathway says of one order. against: titles of what stands against it, or has to be known."""

    order: Ordered
    option: Option
    rank: int
    words: str
    against: tuple[Reason, ...]


FLAGGED, STOPPED, UNKNOWN_YET, NOT_A_STEP, WITH_CARE = range(5)
"""How grave it is, gravest first; FLAGGED: stopped by a red flag."""
_INDICATORS = (CRITICAL, WARNING, WARNING, INFO, INFO)


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """The opinion on draft orders. selected_only: of the orders in the context those that were just selected."""

    reader: OrderReader
    selected_only: bool

    def __call__(self, chart: Chart) -> Opinion:
        if not chart.sides:
            return NOT_ON_PATHWAY
        try:
            orders = self.reader.read(chart.gathered.patient, self._drafts(chart))
        except RecordError:
            return UNREADABLE
        found = sorted((one for order in orders for one in _of_order(chart, order)), key=lambda one: one.rank)
        if found:
            return _said(chart, found)
        return NOTHING_AGAINST if orders else NO_ORDER

    def _drafts(self, chart: Chart) -> list[Json]:
        context = chart.call.context
        drafts = [one for one in page_of(context["draftOrders"]).resources if one.get("resourceType") != "Patient"]
        if not self.selected_only:
            return drafts
        return [one for one in drafts if _is_selected(one, context["selections"])]


def _is_selected(draft: Json, selections: Sequence[str]) -> bool:
    """Whether a draft is among the selected; what an order refers to (a Medication) goes along."""
    kind, own = text_at(draft, "resourceType"), text_at(draft, "id")
    return kind == "Medication" or f"{kind}/{own}" in selections or own in selections


def _of_order(chart: Chart, order: Ordered) -> Iterator[Finding]:
    """What is said of an order on each side it is for; of one without a side nothing, where it fits on some side."""
    options = [_best(chart, order, side) for side in _sides(chart, order)]
    told = {(option.action.id, option.hip.side): option for option in options}
    found = [one for one in (_finding(order, option) for option in told.values()) if one is not None]
    if order.side is not None or len(found) == len(told):
        yield from found


def _sides(chart: Chart, order: Ordered) -> list[Side]:
    if order.side in (None, EventSide.BOTH):
        return chart.sides
    return [side for side in chart.sides if order.side is not None and side.value == order.side.value]


def _best(chart: Chart, order: Ordered, side: Side) -> Option:
    options = [chart.answer.option(action, side) for action in order.actions]
    return min(options, key=lambda option: BEST_FIRST.index(option.status))


def _finding(order: Ordered, option: Option) -> Finding | None:
    """What stands against an action; None where nothing does."""
    stops = tuple(option.stops())
    status = option.status
    if status is Status.BLOCKED or stops:
        against = tuple(option.blocked_by()) or stops
        until = f" until {day(option.until)}" if option.until else ""
        flagged = any(reason.id == f"diversion_{RED_FLAG}" for reason in against)
        return Finding(order, option, FLAGGED if flagged else STOPPED, f"stopped{until} by", against)
    if status is Status.CHECK_FIRST:
        return Finding(order, option, UNKNOWN_YET, "check first", _once(option.check_first))
    if status is Status.CANNOT_TELL:
        return Finding(order, option, UNKNOWN_YET, "cannot be judged without knowing", _unknown(option))
    if status is Status.NOT_APPLICABLE and not option.action.low_risk:
        return Finding(order, option, NOT_A_STEP, "not a step of the pathway now", ())
    cautions = tuple(option.cautions())
    return Finding(order, option, WITH_CARE, "with care", cautions) if status in OFFERED and cautions else None


def _once(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple({reason.title: reason for reason in reasons}.values())


def _unknown(option: Option) -> tuple[Reason, ...]:
    """The unknown facts behind whether it applies, is done or under way."""
    action, facts = option.action, option.pathway.facts
    asked = [one for one in (action.when, action.done, action.in_progress) if one is not None]
    names = dict.fromkeys(name for one in asked for name in option.hip.unknown_facts(one))
    return tuple(Reason(name, capital(facts[name].about.title.removeprefix(RECORDED))) for name in names)


def _said(chart: Chart, found: list[Finding]) -> Said:
    first = found[0]
    side = first.option.hip.side if first.option.action.scope is Scope.HIP else None
    return Said(
        f"orders {' '.join(sorted({one.order.name for one in found}))}",
        _INDICATORS[first.rank],
        first_that_fits(_summaries(chart, found)),
        sentences(
            [*(f"**{_title(chart, one)}:** {_words(one)}." for one in found[:2]), *_others(found), *where(chart)]
        ),
        tuple(
            dict.fromkeys(rule for one in found for rule in (one.option.action.id, *(why.id for why in one.against)))
        ),
        (),
        tuple(_unsigned(chart, found)),
        side,
        chart.answer.hips[side].stage_id if side else None,
    )


def _title(chart: Chart, one: Finding) -> str:
    action = one.option.action
    side = one.option.hip.side if action.scope is Scope.HIP else None
    return plain(sided(action.about.title, chart.service.pathway, side))


def _words(one: Finding) -> str:
    reasons = at_most([plain(reason.title) for reason in one.against], NAMED)
    return f"{one.words} {reasons}" if reasons else one.words


def _others(found: list[Finding]) -> list[str]:
    more = len(found) - 2
    return [f"{more} more of the orders are to be checked."] if more > 0 else []


def _summaries(chart: Chart, found: list[Finding]) -> Iterator[str]:
    """The first order with what stands against it, from the fullest to the shortest."""
    first = found[0]
    action = first.option.action
    side = first.option.hip.side if action.scope is Scope.HIP else None
    title = sided(action.about.title, chart.service.pathway, side)
    more = f"; {len(found) - 1} more to check" if len(found) > 1 else ""
    for named in range(NAMED, 0, -1):
        reasons = at_most([reason.title for reason in first.against], named)
        yield f"{title}: {first.words} {reasons}{more}" if reasons else f"{title}: {first.words}{more}"
    count = f", by {len(first.against)} rules" if first.rank <= STOPPED else ""
    yield f"{title}: {first.words.removesuffix(' by')}{count}{more}"
    yield f"{len(found)} of the orders to check before they are placed"


def _unsigned(chart: Chart, found: list[Finding]) -> Iterator[tuple[str, str]]:
    """The stopped orders that can be left out: those with an id of their own."""
    for one in found:
        if one.rank <= STOPPED and REFERENCE.fullmatch(one.order.name):
            yield one.order.name, sided(one.option.action.about.title, chart.service.pathway, None)
