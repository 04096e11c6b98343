"""The plan applied to one person: each action kept, left out, or told as unknown, as the engine's answer says.

The conditions of the plan are defines whose truths the answer already holds: an action is offered where it is due or
optional, and unknown where something has to be told or checked first; a flag holds where it is an alert. The condition
of a stage follows from those of its actions (export/placing.py), so that a group stands where something in it does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ischio.engine.status import OFFERED, Status
from ischio.fhir.apply.needed import Wanted
from ischio.fhir.apply.requests import Context, actions_of, proposal
from ischio.fhir.export.activities import activity_id, coded, title_of
from ischio.fhir.export.plan import URGENCIES, element_id
from ischio.fhir.export.publication import Json, Publication
from ischio.fhir.outcomes import issue
from ischio.model.about import Side
from ischio.model.assessment import ActionShown, Assessment, Question
from ischio.model.rules import Flag

COPIED = (
    "id",
    "prefix",
    "title",
    "description",
    "textEquivalent",
    "priority",
    "code",
    "documentation",
    "condition",
    "relatedAction",
    "timingDateTime",
    "timingAge",
    "timingPeriod",
    "timingDuration",
    "timingRange",
    "timingTiming",
    "type",
    "groupingBehavior",
    "selectionBehavior",
    "requiredBehavior",
    "precheckBehavior",
    "cardinalityBehavior",
)
"""What an action of a plan and one of a RequestGroup have in common."""

_UNKNOWN = (Status.CANNOT_TELL, Status.CHECK_FIRST)

Address = Callable[[str], str]
"""How a resource of the answer is referred to by its local id."""


@dataclass(slots=True)
class Applied:
    """actions: those of the RequestGroup. requests: the resources they refer to, by local id. issues: what could not be
    told, or failed. wanted: the facts that would tell it.
    """

    actions: list[Json] = field(default_factory=list)
    requests: dict[str, Json] = field(default_factory=dict)
    issues: list[Json] = field(default_factory=list)
    wanted: dict[Wanted, None] = field(default_factory=dict)


def applied(publication: Publication, plan: Json, assessment: Assessment, about: Context, address: Address) -> Applied:
    """plan: the PlanDefinition. Order and nesting are those of the plan."""
    walk = _Walk(publication, assessment, about, address)
    walk.found.actions = list(walk.kept(plan["action"], "PlanDefinition"))
    walk.tell_unknown_flags()
    return walk.found


class _Walk:
    """One walk through the plan."""

    def __init__(self, publication: Publication, assessment: Assessment, about: Context, address: Address) -> None:
        self._publication, self._assessment, self._about, self._address = publication, assessment, about, address
        self._actions = {element_id(action.id, side): (action, side) for action, side in actions_of(assessment)}
        self._flags = dict(_flags(publication, assessment))
        self._unknown_flags: list[tuple[Flag, Side | None, str]] = []
        self.found = Applied()

    def kept(self, actions: Sequence[Json], path: str) -> Iterator[Json]:
        """What is kept of some actions; what fails is told, and costs only itself."""
        for position, action in enumerate(actions):
            where = f"{path}.action[{position}]"
            try:
                found = self._kept(action, where)
            except Exception as error:  # whatever it is: one action that fails must not cost the others
                why = f"{action.get('title')} could not be turned into a request ({type(error).__name__})."
                self.found.issues.append(issue("error", "exception", why, where))
            else:
                if found is not None:
                    yield found

    def _kept(self, action: Json, where: str) -> Json | None:
        copied = {key: action[key] for key in COPIED if key in action}
        if "action" in action:
            inside = list(self.kept(action["action"], where))
            return {**copied, "action": inside} if inside else None
        if action["id"] in self._flags:
            return self._alert(copied, *self._flags[action["id"]], where)
        return self._action(copied, *self._actions[action["id"]], where)

    def _action(self, copied: Json, action: ActionShown, side: Side | None, where: str) -> Json | None:
        status = Status(action.status)
        if status in OFFERED:
            own = self._publication.pathway.actions[action.id]
            request = proposal(self._publication, self._assessment, action, side, self._about).resource
            timing = {"timingDateTime": action.due.isoformat()} if action.due else {}
            return {**copied, **timing, **self._resource(activity_id(self._publication, own, side), request)}
        if status in _UNKNOWN:
            self._tell_unknown(action, side, where)
        return None

    def _alert(self, copied: Json, flag: Flag, side: Side | None, present: bool | None, where: str) -> Json | None:
        if present is None:
            self._unknown_flags.append((flag, side, where))
        if not present:
            return None
        name = self._publication.id(flag.fact, *((side.value,) if side else ()))
        return {**copied, **self._resource(name, self._warning(flag, side))}

    def _resource(self, name: str, request: Json) -> Json:
        self.found.requests[name] = request
        return {"resource": {"reference": self._address(name)}}

    def _warning(self, flag: Flag, side: Side | None) -> Json:
        """A red flag that is present, as something to tell."""
        words = f"Red flag, {self._whose(side)}, {flag.urgency}: {flag.about.title}. {flag.about.sentence}"
        return {
            "resourceType": "CommunicationRequest",
            "status": "draft",
            "priority": URGENCIES.get(flag.urgency, "urgent"),
            "subject": self._about.subject,
            "authoredOn": self._about.authored.isoformat(),
            "payload": [{"contentString": words}],
        }

    def _whose(self, side: Side | None) -> str:
        return f"{side.value} {self._publication.pathway.body_part}" if side else "the person"

    # ---- what is unknown ----

    def _tell_unknown(self, action: ActionShown, side: Side | None, where: str) -> None:
        """An action of which it cannot be told whether it is offered, with what would tell."""
        pathway = self._publication.pathway
        own = pathway.actions[action.id]
        decisive = [(fact, side) for found in action.opens_with for fact in found]
        wanted = list(self._asked_for(f"action:{action.id}", side)) or decisive
        self.found.wanted |= dict.fromkeys(wanted)
        checked = [reason.title for reason in action.check_first]
        asked = dict.fromkeys(pathway.facts[fact].about.title for fact, _ in wanted)
        parts = (("Check first", checked), ("What would tell", asked))
        told = [f"{words}: {'; '.join(titles)}." for words, titles in parts if titles]
        words = " ".join((f"Not known whether it is offered: {title_of(pathway, own, side)}.", *told))
        path = f"{where}.condition[0]"
        self.found.issues.append(
            {**issue("information", "informational", words, path), "details": coded(self._publication, own)}
        )

    def tell_unknown_flags(self) -> None:
        """One issue for each side with the flags of which it is not known whether they are there."""
        for side in (*Side, None):
            unknown = [(flag, where) for flag, whose, where in self._unknown_flags if whose is side]
            if unknown:
                titles = "; ".join(flag.about.title for flag, _ in unknown)
                words = f"Red flags not known, {self._whose(side)}: {titles}."
                paths = (f"{where}.condition[0]" for _, where in unknown)
                self.found.issues.append(issue("information", "informational", words, *paths))
                self.found.wanted |= dict.fromkeys(self._asked_for("alert:red_flag", side))

    def _asked_for(self, target: str, side: Side | None) -> Iterator[Wanted]:
        """The facts that the answer asks for because of a target, those of the person with each side's."""
        for hip in self._assessment.hips:
            if side is None or hip.side == side.value:
                yield from ((one.fact, Side(hip.side)) for one in _because_of(target, hip.questions))
        yield from ((one.fact, None) for one in _because_of(target, self._assessment.person.questions))


def _because_of(target: str, questions: Sequence[Question]) -> Iterator[Question]:
    return (question for question in questions if target in question.why)


def _flags(
    publication: Publication, assessment: Assessment
) -> Iterator[tuple[str, tuple[Flag, Side | None, bool | None]]]:
    """Each red flag by its id in the plan: whether it is present, None where that is unknown."""
    parts = [(Side(hip.side), hip.facts, hip.alerts) for hip in assessment.hips]
    for side, facts, alerts in (*parts, (None, assessment.person.facts, assessment.person.alerts)):
        values, present = {fact.id: fact.value for fact in facts}, {alert.id for alert in alerts}
        for flag in publication.pathway.flags:
            if flag.fact in values:
                truth = None if values[flag.fact] is None else flag.fact in present
                yield element_id(flag.fact, side), (flag, side, truth)
