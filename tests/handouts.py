"""Ten people in different stages, and what a clinician might release to each: for the tests of the handout."""

from dataclasses import dataclass
from datetime import timedelta

from ischio.clinic.released import Exercise, Released, is_exercise
from ischio.engine.assess import assess
from ischio.interfaces.handout.content import Handout, Whose, handout, may_be_released
from ischio.interfaces.handout.numbers import own_numbers
from ischio.interfaces.inputs import read_patient
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.about import Side

PATHWAY = load_pathway()
LANGUAGES = tuple(PATHWAY.patient)
WHOSE = Whose("Sam Sample", "Hip clinic (synthetic)", "+00 00 000 000")
MESSAGE = "Good that you came. Write down what you do each day, and bring the list along."
DOSE = "3 times 10, twice a day, with a day of rest between"
CASES: dict[str, str] = {
    "gate-evaluation-passes": "evaluation",
    "gate-conservative-passes": "conservative_care",
    "improving-in-conservative-care": "conservative_care",
    "gate-injection-passes": "injection",
    "transient-relief": "conservative_care",
    "gate-surgical-passes": "surgical_evaluation",
    "osteotomy-within-six-weeks": "after_surgery",
    "persistent-after-surgery": "after_surgery",
    "recovery-after-conservative-care": "recovery",
    "surgery-declined": "long_term_care",
}
"""The case, and the stage of the hip that its handout is for."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was released of somebody. handouts: by language."""

    released: Released
    handouts: dict[str, Handout]


def given(case: str) -> Given:
    """All that may be released of the hip, with doses, a message and the numbers: the longest handout of theirs."""
    record, on = read_patient(packaged() / "cases" / f"{case}.yaml", PATHWAY, None)
    assert on is not None
    assessment = assess(PATHWAY, record, on)
    hip = next(hip for hip in assessment.hips if hip.stage.id == CASES[case])
    names = may_be_released(PATHWAY, assessment, hip.side)
    exercises = tuple(Exercise(name, DOSE) for name in names if is_exercise(PATHWAY, name))
    released = Released(
        side=Side(hip.side),
        stage=hip.stage.id,
        actions=tuple(name for name in names if not is_exercise(PATHWAY, name)),
        exercises=exercises,
        forms=("follow-up-patient",),
        next_visit=on + timedelta(days=42),
        message=MESSAGE,
        numbers=True,
        pathway_version=PATHWAY.version,
        on=on,
    )
    numbers = tuple(own_numbers(PATHWAY, record, released))
    return Given(released, {name: handout(released, PATHWAY, WHOSE, numbers, name) for name in LANGUAGES})
