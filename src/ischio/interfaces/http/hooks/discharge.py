"""Hook encounter-discharge: what is still due, and what the next visit is for; silent if nothing is owed."""

from collections.abc import Iterator

from ischio.interfaces.http.hooks.charts import Chart
from ischio.interfaces.http.hooks.opening import place, reviews, rules, step_titles, where
from ischio.interfaces.http.hooks.opinions import INFO, NOT_ON_PATHWAY, NOTHING_OWED, Opinion, Said
from ischio.interfaces.http.hooks.wording import LISTED, first_that_fits, plain, sentences
from ischio.interfaces.telling import at_most
from ischio.interfaces.words import capital, day


def opinion(chart: Chart) -> Opinion:
    if not chart.sides:
        return NOT_ON_PATHWAY
    owed = [hip.review.date for hip in chart.assessment.hips if hip.review is not None]
    if not owed and not chart.due:
        return NOTHING_OWED
    names = [plain(title) for title in step_titles(chart)]
    return Said(
        "discharge",
        INFO,
        first_that_fits(_summaries(chart)),
        sentences([*reviews(chart), *([f"**Still due:** {at_most(names, LISTED)}."] if names else []), *where(chart)]),
        rules(chart),
        chart.due,
        (),
        *place(chart),
    )


def _summaries(chart: Chart) -> Iterator[str]:
    """When the next review is owed and what is still due, from the fullest to the shortest."""
    owed = [hip.review for hip in chart.assessment.hips if hip.review is not None]
    steps, many = step_titles(chart), len(chart.due)
    count = "1 step is still due" if many == 1 else f"{many} steps are still due"
    first = min((review.date for review in owed), default=None)
    review = f"review {'was owed' if first < chart.index else 'is owed'} on {day(first)}" if first else ""
    more = f" and {len(steps) - 1} more" if len(steps) > 1 else ""
    told = [text for text in (review, f"still due: {steps[0]}{more}" if steps else "") if text]
    yield f"{chart.service.pathway.title}: {'; '.join(told)}"
    yield capital("; ".join(text for text in (review, count if steps else "") if text))
