"""Where a proof relies on a question, the engine asks one."""

from generative.pathways import FREE, INDEX, pathways
from generative.test_assess import record_of
from hypothesis import given, settings
from proof.test_encoding import person_found

from ischio.backends.proof.claims import World
from ischio.backends.proof.logic import Answer, Formula, Solver, all_of, negation
from ischio.engine.assess import assess
from ischio.model.about import Side
from ischio.model.pathway import Pathway


def sought(world: World) -> dict[str, Formula]:
    """Persons of whose right hip something is asked: anything, for the gate ahead, or one fact for that gate."""
    questions = world.questions
    wanted = {"": questions.asked(Side.RIGHT), "gate": questions.for_gate(Side.RIGHT)}
    wanted |= {fact: questions.for_gate(Side.RIGHT, fact) for fact in FREE}
    wanted["for an action only"] = all_of(wanted[""], negation(wanted["gate"]))
    return wanted


def test_a_question_that_a_proof_relies_on_is_asked() -> None:
    found: set[str] = set()

    @settings(max_examples=settings.default.max_examples // 4)
    @given(pathways())
    def check(pathway: Pathway) -> None:
        world = World(pathway, INDEX)
        solver = Solver(world.person.axioms(), seconds=10)
        for what, formula in sought(world).items():
            if solver.can_hold(formula) is Answer.POSSIBLE:
                found.add(what)
                answer = assess(pathway, record_of(person_found(solver, world.person)), INDEX)
                asked = {
                    question.fact: question.why for question in (*answer.hips[0].questions, *answer.person.questions)
                }
                assert asked, "nothing is asked"
                assert what not in FREE or what in asked, f"{what} is not asked for"

    check()
    assert {"", "gate", "for an action only", *FREE} <= found, "the pathways drawn show too little"
