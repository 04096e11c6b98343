"""Outcomes and waiting times as tables, with the sums that hold between their counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ischio.cohort.called import Called
from ischio.cohort.cells import LEAST, Total
from ischio.cohort.outcomes import OutcomeResult, Reached
from ischio.cohort.tables import Cell, Count, Field, FieldType, Figure, Results, Table
from ischio.cohort.times import CENSORED, Step, TimeResult
from ischio.model.pathway import Pathway

TEXT, WHOLE, NUMBER = FieldType.TEXT, FieldType.WHOLE, FieldType.NUMBER
DIGITS = 4
GRID = 30
"""Waiting times are told every so many days, or further apart: the day of one event is nobody's to read."""


# ---- outcomes ---------------------------------------------------------------------------------------------------


def outcome_results(pathway: Pathway, found: Sequence[OutcomeResult]) -> Results:
    """The change of each score, and who reached the borrowed marks; nothing for a pathway without outcomes."""
    told = pathway.outcomes
    if told is None or not found:
        return Results((), ())
    totals: list[Total] = []
    unlisted: list[Count] = []
    called = Called.by(pathway)
    scores = {name: each.about.title for name, each in told.scores.items()}
    since = {name: each.about.title for name, each in told.milestones.items()}
    times = {name: each.about.title for name, each in told.follow_ups.items()}
    keys = (
        Field("score", "Score", TEXT, "The score.", codes=scores),
        Field("since", "Since", TEXT, "The milestone from which time counts.", codes=since),
        Field("after", "After", TEXT, "The time after it.", codes=times),
    )
    changes = Table(
        "outcomes",
        "How scores changed",
        "The later reading less the one before the milestone, whatever happened in between.",
        (*keys, *_change_fields(called)),
        tuple(_change_row(each, totals, unlisted) for each in found),
    )
    marks = {each.threshold.parameter: each.parameter.about.title for outcome in found for each in outcome.thresholds}
    reached = Table(
        "thresholds",
        "Who reached a borrowed mark",
        f"Of the {called.hips} with both readings. The marks come from other people: see what each rests on.",
        (*keys, Field("mark", "Mark", TEXT, "The borrowed mark.", codes=marks), *_mark_fields(called)),
        tuple(_mark_row(outcome, each, totals, unlisted) for outcome in found for each in outcome.thresholds),
    )
    return Results((changes, reached), tuple(totals), tuple(unlisted))


def _change_fields(called: Called) -> tuple[Field, ...]:
    return (
        Field("hips", "n", WHOLE, f"{called.Hips} with a reading before and one at that time."),
        Field(
            "no_baseline", "No reading before", WHOLE, f"{called.Hips} whose time has come, without a reading before."
        ),
        Field(
            "no_reading",
            "No reading then",
            WHOLE,
            f"{called.Hips} whose time has come, without a reading at that time.",
        ),
        # Few die, so a count of their own would mostly be hidden, and another with it.
        Field(
            "later",
            "Not yet, or died",
            WHOLE,
            f"{called.Hips} whose time has not come by the cohort's date, or of persons who died before.",
        ),
        Field(
            "median",
            "Median change",
            NUMBER,
            f"Half changed by less. A fall in pain is better, a rise in {called.a_hip} score.",
        ),
        Field("quartile_low", "Lower quartile", NUMBER, "A quarter changed by less."),
        Field("quartile_high", "Upper quartile", NUMBER, "A quarter changed by more."),
        Field("median_low", "95 % from", NUMBER, "Lower end of the interval of the median, by order statistics."),
        Field("median_high", "95 % to", NUMBER, f"Upper end of it; none below six {called.hips}."),
    )


def _mark_fields(called: Called) -> tuple[Field, ...]:
    return (
        Field("reached", "Reached", WHOLE, f"{called.Hips} that reached it."),
        Field("of", "Of", WHOLE, f"{called.Hips} with both readings."),
        Field("share", "Share", NUMBER, "The first divided by the second."),
        Field("share_low", "95 % from", NUMBER, "Lower end of the interval, after Wilson."),
        Field("share_high", "95 % to", NUMBER, "Upper end of the interval."),
        Field("value", "The mark", TEXT, "Its value."),
    )


def outcome_key(each: OutcomeResult, what: str) -> str:
    return f"{each.outcome.id} since {each.since.id}, {each.follow_up.id}: {what}"


def _change_row(each: OutcomeResult, totals: list[Total], unlisted: list[Count]) -> tuple[Cell, ...]:
    counted = {
        "hips": each.n,
        "no_baseline": each.no_baseline,
        "no_reading": each.no_reading,
        "later": each.later + each.died,
    }
    counts = {what: Count(outcome_key(each, what), number) for what, number in counted.items()}
    # Everybody who passed the milestone, whatever the score and the time.
    passed = Count(f"hips since {each.since.id}", sum(counted.values()))
    unlisted.append(passed)
    totals.append(Total(passed.key, tuple(count.key for count in counts.values())))
    low, high = each.quartiles or (None, None)
    least, most = each.interval or (None, None)
    on = (counts["hips"].key,)
    figures = (Figure(_plain(number), on) for number in (each.median, low, high, least, most))
    return (each.outcome.id, each.since.id, each.follow_up.id, *counts.values(), *figures)


def _mark_row(each: OutcomeResult, mark: Reached, totals: list[Total], unlisted: list[Count]) -> tuple[Cell, ...]:
    of = Count(outcome_key(each, "hips"), mark.of)
    reached = Count(outcome_key(each, f"reached {mark.threshold.parameter}"), mark.reached)
    rest = Count(outcome_key(each, f"did not reach {mark.threshold.parameter}"), mark.of - mark.reached)
    unlisted.append(rest)
    totals.append(Total(of.key, (reached.key, rest.key)))
    low, high = mark.interval or (None, None)
    shares = (Figure(_rounded(number), (reached.key, of.key)) for number in (mark.share, low, high))
    ids = (each.outcome.id, each.since.id, each.follow_up.id, mark.threshold.parameter)
    return (*ids, reached, of, *shares, str(mark.value))


def _plain(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, DIGITS)


# ---- waiting times ----------------------------------------------------------------------------------------------


def time_results(pathway: Pathway, found: Sequence[TimeResult]) -> Results:
    """How long hips waited, and how many had come to it by then; nothing for a pathway without waiting times."""
    told = pathway.outcomes
    if told is None or not found:
        return Results((), ())
    totals: list[Total] = []
    unlisted: list[Count] = []
    called = Called.by(pathway)
    waits = {name: each.about.title for name, each in told.times.items()}
    endings = {name: each.about.title for name, each in told.milestones.items()} | {CENSORED: "Still waiting"}
    ends = Table(
        "waits",
        "How waits ended",
        f"{called.Hips} that began to wait, by what came first. Who still waits at the cohort's date is censored.",
        (
            Field("wait", "Wait", TEXT, "What is waited for.", codes=waits),
            Field("ending", "Ended by", TEXT, "What came first.", codes=endings | {"all": "All"}),
            Field("hips", called.Hips, WHOLE, f"{called.Hips} whose wait ended so."),
            Field(
                "median_days", "Median days", WHOLE, "Days by which half had come to it, after Kaplan and Meier.", "d"
            ),
        ),
        tuple(row for each in found for row in _end_rows(each, totals)),
    )
    curve = Table(
        "incidence",
        "How many had come to it by then",
        f"Every {GRID} days, or further apart, so that no step speaks of fewer than {LEAST}. The cumulative incidence "
        "counts what came in between (closure, death) as the end of the wait; the curve of Kaplan and Meier treats it "
        f"as if the {called.hip} might still come to it.",
        (
            Field("wait", "Wait", TEXT, "What is waited for.", codes=waits),
            Field("days", "Days", WHOLE, "Days since the wait began.", "d"),
            Field(
                "waiting", "Still waiting", WHOLE, f"{called.Hips} that still waited and were seen after so many days."
            ),
            Field("share", "Had come to it", NUMBER, "Cumulative incidence, after Aalen and Johansen."),
            Field("share_low", "95 % from", NUMBER, "Lower end of its interval, on the scale of log(-log)."),
            Field("share_high", "95 % to", NUMBER, "Upper end of its interval."),
            Field(
                "share_between",
                "Something else came first",
                NUMBER,
                "Cumulative incidence of all that may come in between.",
            ),
            Field("share_kaplan_meier", "Not come to it, Kaplan-Meier", NUMBER, "As if nothing could come in between."),
        ),
        tuple(row for each in found for row in _curve_rows(each, totals, unlisted)),
    )
    return Results((ends, curve), tuple(totals), tuple(unlisted))


def wait_key(each: TimeResult, what: str) -> str:
    return f"wait {each.time.id}: {what}"


def _end_rows(each: TimeResult, totals: list[Total]) -> Iterable[tuple[Cell, ...]]:
    endings = (each.time.to, *each.time.competing, CENSORED)
    counts = [Count(wait_key(each, ending), each.ended(ending)) for ending in endings]
    whole = Count(wait_key(each, "all"), each.n)
    totals.append(Total(whole.key, tuple(count.key for count in counts)))
    for ending, count in zip(endings, counts, strict=True):
        median = Figure(each.median, (count.key, whole.key)) if ending == each.time.to else None
        yield each.time.id, ending, count, median
    yield each.time.id, "all", whole, None


def _curve_rows(each: TimeResult, totals: list[Total], unlisted: list[Count]) -> Iterable[tuple[Cell, ...]]:
    """Who still waits, and how many of those who began had come to it."""
    before = Count(wait_key(each, "all"), each.n)
    came = wait_key(each, each.time.to)
    for day in told_days(each):
        waiting = Count(wait_key(each, f"after {day} days"), sum(one.count for one in each.waited if one.days > day))
        gone = Count(wait_key(each, f"gone by {day} days"), before.number - waiting.number)
        unlisted.append(gone)
        totals.append(Total(before.key, (waiting.key, gone.key)))
        on = (waiting.key, came)
        own = at(each.incidence.get(each.time.to, ()), day)
        between = sum(step.share for name in each.time.competing if (step := at(each.incidence.get(name, ()), day)))
        left = at(each.kaplan_meier, day)
        low, high = own.interval if own and own.interval else (None, None)
        shares = (own.share if own else 0.0, low, high, between, left.share if left else 1.0)
        yield each.time.id, day, waiting, *(Figure(_rounded(share), on) for share in shares)
        before = waiting


def told_days(each: TimeResult) -> Iterable[int]:
    """The days on which the curve is told: so far apart that no step of it speaks of a few.

    Since the day told before, and from there to the end, nobody or at least LEAST came to it; so for what came in
    between, and for those who were seen no longer. Else the steps of a curve would tell the day of a single event.
    """
    longest = max((wait.days for wait in each.waited), default=0)
    before = 0
    for day in range(GRID, longest + GRID, GRID):
        step, rest = (_endings(each, *days) for days in ((before, day), (day, longest)))
        if all(number == 0 or number >= LEAST for number in (*step, *rest)):
            yield day
            before = day


def _endings(each: TimeResult, after: int, until: int) -> tuple[int, int, int]:
    """How many waits of more than `after` and up to `until` days came to it, to something else, to no end."""
    ended = Counter[str]()
    for one in each.waited:
        if one.days <= until and (one.days > after or after == 0):
            ended[one.ending] += one.count
    came, censored = ended[each.time.to], ended[CENSORED]
    return came, ended.total() - came - censored, censored


def at(steps: Sequence[Step], day: int) -> Step | None:
    """The step of a curve on a day; none before the first."""
    return next((step for step in reversed(steps) if step.days <= day), None)
