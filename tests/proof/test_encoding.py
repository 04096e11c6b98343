"""The formulas say of every person exactly what the engine says."""

from collections.abc import Mapping

from generated import INDEX, hips, pathways
from hypothesis import given, settings
from hypothesis import strategies as st

from ischio.backends.proof.action import Actions
from ischio.backends.proof.logic import Answer, Formula, Solver, negation
from ischio.backends.proof.person import AnyPerson
from ischio.engine.lanes import Board, lanes_of_day
from ischio.engine.status import Status, outcome
from ischio.language.regions import FactData
from ischio.model.pathway import Pathway, Side

Values = Mapping[str, FactData | None]


def fixed(person: AnyPerson, right: Values, left: Values) -> list[Formula]:
    """That the person's facts are these."""
    formulas = []
    for (side, fact), regions in person.cells.items():
        value = (left if side is Side.LEFT else right)[fact]
        inside = None if value is None else person.regions[fact].of(value)
        formulas += [region if k == inside else negation(region) for k, region in enumerate(regions)]
    return formulas


def proved(pathway: Pathway, right: Values, left: Values) -> dict[str, object]:
    """What the formulas say of a person: of each hip the stage, diversion, next gate and statuses."""
    person = AnyPerson(pathway, INDEX)
    actions = Actions(person)
    solver = Solver(fixed(person, right, left), seconds=10)
    assert solver.can_hold() is Answer.POSSIBLE

    def holding(named: Mapping[object, Formula]) -> list[object]:
        return [name for name, holds in zip(named, solver.holding(named.values()), strict=True) if holds]

    answer: dict[str, object] = {}
    for side in Side:
        answer[f"{side.value} stage"] = holding(person.stages(side))
        answer[f"{side.value} diversion"] = holding(person.diversions(side))
        unknown_gates = {gate: person.criterion(gate, side).unknown for gate, _ in person.next_gates(side)}
        ahead = holding(dict(person.next_gates(side)))
        answer[f"{side.value} next gate"] = [(gate, gate in holding(unknown_gates)) for gate in ahead]
        for action in pathway.actions.values():
            answer[f"{side.value} {action.id}"] = holding(actions.status(action, side))
    return answer


def computed(pathway: Pathway, right: Values, left: Values) -> dict[str, object]:
    """What the engine says of the same person."""
    said = outcome(pathway, Board(pathway, lanes_of_day(INDEX, right, left)))
    answer: dict[str, object] = {}
    for side, lane in ((Side.RIGHT, 1), (Side.LEFT, 2)):
        answer[f"{side.value} stage"] = [name for name, lanes in said.stages.items() if lanes & lane]
        answer[f"{side.value} diversion"] = [name for name, lanes in said.diversions.items() if lanes & lane]
        ahead = [key for key, lanes in said.next_gates.items() if lanes & lane]
        answer[f"{side.value} next gate"] = [(f"gate_{stage}", truth == "unknown") for stage, truth in ahead]
        for action, statuses in said.statuses.items():
            answer[f"{side.value} {action}"] = [status for status, lanes in statuses.items() if lanes & lane]
    return answer


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_formulas_say_what_the_engine_says(data: st.DataObject) -> None:
    pathway = data.draw(pathways())
    right, left = data.draw(hips(pathway))
    assert proved(pathway, right, left) == computed(pathway, right, left)


def test_the_persons_drawn_show_every_status_and_stage() -> None:
    seen: set[object] = set()

    @settings(max_examples=150, deadline=None, database=None)
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        pathway = data.draw(pathways())
        for name, answer in computed(pathway, *data.draw(hips(pathway))).items():
            seen.update(answer if "gate" not in name else ())  # type: ignore[arg-type]

    draw()
    assert {*Status, "closed", "after", "first", "second", "not_on_pathway", "red_flag", "outside"} <= seen
