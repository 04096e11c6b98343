"""Hook patient-view: one quiet card when a chart is opened, with stage and next step; silent if nothing is due."""

from collections.abc import Iterator

from ischio.interfaces.http.hooks.charts import Chart
from ischio.interfaces.http.hooks.opinions import (
    CRITICAL,
    INFO,
    NOT_ON_PATHWAY,
    NOTHING_DUE,
    Opinion,
    Said,
)
from ischio.interfaces.http.hooks.wording import LISTED, first_that_fits, lists, plain, sentences, sided
from ischio.interfaces.telling import at_most, on_pathway, side_title, since
from ischio.interfaces.words import capital, day
from ischio.model.about import Side
from ischio.model.assessment import Hip


def opinion(chart: Chart) -> Opinion:
    if chart.alerts:
        return _alarm(chart)
    if not chart.sides:
        return NOT_ON_PATHWAY
    return _next_steps(chart) if chart.due else NOTHING_DUE


def _alarm(chart: Chart) -> Said:
    """A red flag: the only card that is critical."""
    pathway, alerts = chart.service.pathway, chart.alerts
    names = [sided(alert.title, pathway, side) for alert, side in alerts]
    count = f"{len(alerts)} red flags" if len(alerts) > 1 else "Red flag"
    told = at_most(
        [f"{plain(sided(alert.title, pathway, side))} ({plain(alert.urgency)})" for alert, side in alerts], LISTED
    )
    return Said(
        "chart",
        CRITICAL,
        first_that_fits([*(f"{count}: {names}" for names in lists(names)), f"{count} recorded"]),
        sentences([f"**Red flag:** {told}.", *_due_first(chart), *where(chart)]),
        (*(alert.id for alert, _ in alerts), *rules(chart)),
        chart.due,
        (),
        *place(chart),
    )


def _next_steps(chart: Chart) -> Said:
    return Said(
        "chart",
        INFO,
        first_that_fits(_next_steps_summaries(chart)),
        sentences([*where(chart), *_due_first(chart), *reviews(chart)]),
        rules(chart),
        chart.due,
        (),
        *place(chart),
    )


def _next_steps_summaries(chart: Chart) -> Iterator[str]:
    """Where, and what comes next: from the fullest to the shortest."""
    steps, many = step_titles(chart), len(chart.due)
    count = "1 step is due" if many == 1 else f"{many} steps are due"
    stages = "; ".join(
        f"{side_title(hip, chart.service.pathway)}, {hip.stage.title}" for hip in on_pathway(chart.assessment)
    )
    yield f"{stages}: next {steps[0]}" + (f", and {len(steps) - 1} more" if len(steps) > 1 else "")
    yield f"{stages}: {count}"
    yield f"{chart.service.pathway.title}: {count}"
    yield capital(count)


# ---- what other cards tell too -----------------------------------------------------------------------------------


def where(chart: Chart) -> list[str]:
    """One sentence: the stage of each side, since when, and why it is off the stepwise path."""
    pathway = chart.service.pathway
    told = [f"**{side_title(hip, pathway)}:** {_stage(hip)}" for hip in on_pathway(chart.assessment)]
    return [f"{'; '.join(told)}."] if told else []


def _stage(hip: Hip) -> str:
    diversion = f", {plain(hip.diversion.title)}" if hip.diversion else ""
    return f"{plain(hip.stage.title)}{since(hip)}{diversion}"


def _due_first(chart: Chart) -> list[str]:
    names = [plain(title) for title in step_titles(chart)]
    return [f"**Due:** {at_most(names, LISTED)}."] if names else []


def reviews(chart: Chart) -> list[str]:
    """When the next review of each side is owed."""
    owed = [(hip, hip.review) for hip in chart.assessment.hips if hip.review is not None]
    told = [
        f"{side_title(hip, chart.service.pathway).lower()} {day(review.date)}"
        + (" (overdue)" if review.overdue else "")
        for hip, review in owed
    ]
    return [f"**Next review:** {'; '.join(told)}."] if told else []


def step_titles(chart: Chart) -> list[str]:
    """What is due, each action once with its side or both."""
    sides: dict[str, list[Side | None]] = {}
    titles: dict[str, str] = {}
    for action, side in chart.due:
        sides.setdefault(action.id, []).append(side)
        titles[action.id] = action.title
    return [
        f"{title}, both sides" if len(sides[name]) > 1 else sided(title, chart.service.pathway, sides[name][0])
        for name, title in titles.items()
    ]


def rules(chart: Chart) -> tuple[str, ...]:
    """The ids of what is due, and of the stages that it rests on."""
    stages = (hip.stage.id for hip in on_pathway(chart.assessment))
    return tuple(dict.fromkeys([*stages, *(action.id for action, _ in chart.due)]))


def place(chart: Chart) -> tuple[Side | None, str | None]:
    """The side and stage of a card, where it is about one side."""
    hips = on_pathway(chart.assessment)
    return (Side(hips[0].side), hips[0].stage.id) if len(hips) == 1 else (None, None)
