"""The formulas say of every person exactly what the engine says."""

from collections.abc import Iterator, Mapping

from generative.pathways import INDEX, Person, as_facts, pathways, people
from hypothesis import given, settings
from hypothesis import strategies as st

from ischio.backends.proof.action import Actions
from ischio.backends.proof.counter_example import values_of
from ischio.backends.proof.logic import Answer, Formula, Solver, negation
from ischio.backends.proof.person import AnyPerson
from ischio.engine.lanes import Board, lanes_of_day
from ischio.engine.status import Status, outcome
from ischio.model.about import Side
from ischio.model.pathway import Pathway


def fixed(person: AnyPerson, values: Person) -> list[Formula]:
    """That the person's facts are these."""
    formulas = []
    for (side, fact), regions in person.cells.items():
        value = (values.left if side is Side.LEFT else values.right)[fact]
        inside = None if value is None else person.regions[fact].of(value)
        formulas += [region if k == inside else negation(region) for k, region in enumerate(regions)]
    return formulas


def by_formulas(actions: Actions, values: Person) -> dict[str, list[object]]:
    """What the formulas say of a person: of each hip the stage, diversion, gate ahead and statuses."""
    person = actions.person
    solver = Solver(fixed(person, values), seconds=10)
    assert solver.can_hold() is Answer.POSSIBLE

    def holding(named: Mapping[object, Formula]) -> list[object]:
        return [name for name, holds in zip(named, solver.holding(named.values()), strict=True) if holds]

    answer: dict[str, list[object]] = {}
    for side in Side:
        answer[f"{side.value} stage"] = holding(person.stages(side))
        answer[f"{side.value} diversion"] = holding(person.diversions(side))
        unknown = holding({gate: person.criterion(gate, side).unknown for _, gate in person.gates()})
        answer[f"{side.value} gate ahead"] = [
            (gate, gate in unknown) for gate in holding(dict(person.next_gates(side)))
        ]
        for action in person.pathway.actions.values():
            answer[f"{side.value} {action.id}"] = holding(actions.status(action, side))
    return answer


def persons_with_every_status(actions: Actions) -> Iterator[Person]:
    """Found by the solver: for every action and status that is possible, someone whose action has it."""
    person = actions.person
    solver = Solver(person.axioms(), seconds=10)
    for action in person.pathway.actions.values():
        for wanted in actions.status(action, Side.RIGHT).values():
            if solver.can_hold(wanted) is Answer.POSSIBLE:
                yield person_found(solver, person)


def person_found(solver: Solver, person: AnyPerson) -> Person:
    """The person that the solver just found."""
    values = values_of(solver, person)
    hips = ({fact: value for (s, fact), value in values.items() if s in (side, None)} for side in Side)
    return Person(*hips)


def by_engine(pathway: Pathway, values: Person) -> dict[str, list[object]]:
    """What the engine says of the same person."""
    said = outcome(pathway, Board(pathway, lanes_of_day(INDEX, as_facts(values.right), as_facts(values.left))))
    answer: dict[str, list[object]] = {}
    for side, lane in ((Side.RIGHT, 1), (Side.LEFT, 2)):
        answer[f"{side.value} stage"] = [name for name, lanes in said.stages.items() if lanes & lane]
        answer[f"{side.value} diversion"] = [name for name, lanes in said.diversions.items() if lanes & lane]
        ahead = [key for key, lanes in said.next_gates.items() if lanes & lane]
        answer[f"{side.value} gate ahead"] = [(f"gate_{stage}", truth == "unknown") for stage, truth in ahead]
        for action, statuses in said.statuses.items():
            answer[f"{side.value} {action}"] = [status for status, lanes in statuses.items() if lanes & lane]
    return answer


@settings(max_examples=settings.default.max_examples // 4)
@given(pathways())
def test_the_formulas_say_what_the_engine_says_of_persons_sought_for_each_status(pathway: Pathway) -> None:
    actions = Actions(AnyPerson(pathway, INDEX))
    for values in persons_with_every_status(actions):
        assert by_formulas(actions, values) == by_engine(pathway, values)


def test_the_formulas_say_what_the_engine_says() -> None:
    seen: set[object] = set()

    @settings(max_examples=settings.default.max_examples // 4)
    @given(pathways(), st.lists(people(), min_size=8, max_size=8))
    def check(pathway: Pathway, several: list[Person]) -> None:
        actions = Actions(AnyPerson(pathway, INDEX))
        for values in several:
            said = by_engine(pathway, values)
            assert by_formulas(actions, values) == said
            seen.update(name for place, names in said.items() if "gate" not in place for name in names)

    check()
    stages = {"closed", "recovery", "evaluation", "care", "surgery", "not_on_pathway"}
    assert {*Status, *stages, "red_flag", "elsewhere", "quiet"} <= seen, "the persons drawn show too little"
