"""A whole synthetic person as they truly were: who they are, what happened, and where each hip stood when."""

from datetime import date

from ischio.synthesis.care import Care
from ischio.synthesis.chance import Chance
from ischio.synthesis.chart import Chart
from ischio.synthesis.elsewhere import Elsewhere
from ischio.synthesis.figures import Figures
from ischio.synthesis.people import Hip, Person, draw_person

PROBLEMS = ("hip_pain", "buttock_pain", "buttock_pain", "thigh_pain")
"""What the complaint is called on the problem list of every fourth person."""
COMPLAINT = {"evaluation", "conservative_care", "injection", "surgical_evaluation", "after_surgery", "long_term_care"}
"""Stages in which the complaint stands on the problem list."""


def tell_person(number: int, seed: int, on: date, figures: Figures) -> Person:
    """The person of this number, up to a day. The same seed and number give the same person in any registry."""
    person = draw_person(number, seed, on, figures)
    chance = Chance(seed, number, "story")
    if person.condition == "ifi":
        affected = [hip for hip in person.hips if hip.condition == "ifi"]
        Care(person, chance, figures).tell(affected, person.first_visit)
    else:
        Elsewhere(person, chance, figures).tell()
    for hip in person.hips:
        _problem(hip, person.chart, PROBLEMS[number % len(PROBLEMS)])
    if person.died is not None:
        for hip in person.hips:
            hip.diverts("deceased", person.died)
    person.chart.cut(person.last)
    return person


def _problem(hip: Hip, chart: Chart, name: str) -> None:
    """The complaint on the problem list, from the day it came to the day it was over, each time."""
    began: date | None = None
    for stay in hip.course_until(date.max):
        if began is None and stay.stage in COMPLAINT:
            began = stay.since
        elif began is not None and stay.stage not in COMPLAINT:
            chart.lasts(name, began, stay.since, side=hip.side)
            began = None
    if began is not None:
        chart.lasts(name, began, None, side=hip.side)
