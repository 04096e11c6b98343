"""A form whose answers are all of one day and one side: those of an image, or a set of scores."""

from collections.abc import Sequence
from datetime import date

from ischio.clinic.answers import Answer, AnswersRefused, Ask
from ischio.interfaces.http.pages.forms import Form
from ischio.model.about import Side
from ischio.model.mistake import Mistake
from ischio.record.case_values import Unfit, partial_date

DAY = "day"
"""The field of the day."""


def answers(asks: Sequence[Ask], form: Form, today: date, nothing: Mistake, no_day: str) -> tuple[Answer, ...]:
    """What a form answers to these questions, each with the circumstances that some fact wants told with it.

    nothing, no_day: what is said where nothing was filled in, and where the day is missing. Raises AnswersRefused.
    """
    side = form.one("side")
    filled = [ask for ask in asks if form.one(ask.concept)]
    if side not in {each.value for each in Side}:
        raise AnswersRefused(Mistake("The side is missing.", "Choose right or left."))
    if not filled:
        raise AnswersRefused(nothing)
    _refuse_day(form.one(DAY), today, no_day)
    return tuple(
        Answer(
            ask.concept,
            form.one(ask.concept),
            side,
            form.one(DAY),
            circumstances={
                each.name: form.one(f"{ask.concept}.{each.name}") or form.one(each.name) for each in ask.circumstances
            },
            sure=form.one(f"{ask.concept}.sure") == "yes",
            field=ask.concept,
        )
        for ask in filled
    )


def _refuse_day(text: str, today: date, no_day: str) -> None:
    """The day is told once, and so is what is wrong with it."""
    try:
        day = partial_date(text)
    except Unfit as unfit:
        raise AnswersRefused(Mistake(unfit.what if text else no_day, unfit.mend, where=DAY)) from None
    if day.earliest > today:
        raise AnswersRefused(Mistake("The day lies ahead.", "Correct it.", where=DAY))
