"""What a call is judged on, and what the pathway says of it, worked out part by part as a card asks for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ischio.engine.answer import Answer
from ischio.engine.assess import brief
from ischio.engine.hip import HipView
from ischio.engine.status import Status
from ischio.engine.steps import DECISIVE_FIRST
from ischio.fhir.apply.requests import Context, Proposal, due, proposal
from ischio.fhir.export.publication import Json
from ischio.interfaces.http.hooks.calls import Call
from ischio.interfaces.http.hooks.gathering import Gathered
from ischio.interfaces.http.service import Service
from ischio.model.about import Side
from ischio.model.assessment import ActionShown, AlertShown, Assessment, Question

ASKED = 5
"""Questions that a card carries for applications that can ask them."""

Step = tuple[ActionShown, Side | None]
"""An action with its side; None: the person's."""


@dataclass(frozen=True)
class Chart:
    """One call with its record."""

    service: Service
    call: Call
    gathered: Gathered
    index: date

    @cached_property
    def answer(self) -> Answer:
        return Answer(self.service.pathway, self.gathered.record, self.index)

    @cached_property
    def assessment(self) -> Assessment:
        return brief(self.answer)

    @property
    def sides(self) -> list[Side]:
        """The sides that are on the pathway."""
        return [side for side, hip in self.answer.hips.items() if hip.stage is not None]

    @cached_property
    def due(self) -> tuple[Step, ...]:
        """What is due, without what is only possible: most decisive first, as on the page."""
        steps = [step for step in due(self.assessment) if step[0].status == Status.DUE.value]
        return tuple(sorted(steps, key=lambda step: DECISIVE_FIRST.index(step[0].kind)))

    @cached_property
    def alerts(self) -> tuple[tuple[AlertShown, Side | None], ...]:
        """The red flags, each with its side; None: the person's."""
        sided = [(alert, Side(hip.side)) for hip in self.assessment.hips for alert in hip.alerts]
        return (*((alert, None) for alert in self.assessment.person.alerts), *sided)

    def proposal(self, step: Step) -> Proposal:
        """The draft request for an action, for the patient and by the user of the call."""
        call = self.call
        about = Context(call.patient, self.index, call.encounter, call.practitioner)
        return proposal(self.service.publication, self.assessment, *step, about)

    # ---- for applications ----

    def extension(self) -> Json:
        """Where each side is, what is unknown and worth asking, and how the data came: plain clients pass it over."""
        pathway = self.service.pathway
        return {
            "pathway": {"id": pathway.id, "version": pathway.version},
            "indexDate": self.index.isoformat(),
            "position": [_position(hip) for hip in self.answer.hips.values()],
            "unknowns": list(dict.fromkeys(name for hip in self.answer.hips.values() for name in _ahead(hip))),
            "questions": [{"fact": one.fact, "ask": one.ask, "why": list(one.why)} for one in self._questions()],
            "data": self.gathered.received,
        }

    def _questions(self) -> list[Question]:
        """The first questions of both sides and the person."""
        answer = self.answer
        every = [*answer.questions_of_person(), *(one for side in Side for one in answer.questions_of_hip(side))]
        return list({one.fact: one for one in sorted(every, key=lambda one: one.rank)}.values())[:ASKED]


def _position(hip: HipView) -> Json:
    ahead = hip.gate_ahead
    return {
        "side": hip.side.value,
        "stage": hip.stage_id,
        **({"diversion": hip.diversion_id} if hip.diversion_id else {}),
        **({"nextGate": ahead.to, "nextGateIs": ahead.truth.value} if ahead else {}),
    }


def _ahead(hip: HipView) -> Iterator[str]:
    """The unknown facts that alone may open or close the gate ahead, of a side that is on the pathway."""
    if hip.stage is not None and hip.gate_ahead is not None:
        for together in (*hip.gate_ahead.opens.sets, *hip.gate_ahead.closes.sets):
            yield from together
