"""Measures of care and outcomes: what is counted over many hips."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ischio.language.types import clash
from ischio.loading.draft import Draft, plain
from ischio.loading.entries import Rule
from ischio.loading.files import MEASURES, Files
from ischio.loading.measure_entries import (
    FollowUpEntry,
    MeasureEntry,
    MeasuresEntry,
    MilestoneEntry,
    OutcomeEntry,
    ThresholdEntry,
    TimeToEntry,
)
from ischio.loading.shapes import Name
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.dates import Duration, shift
from ischio.model.expression import Between, Compare, Expression, ParameterValue, walk
from ischio.model.facts import Interval, ValueKind
from ischio.model.measures import (
    Baseline,
    Days,
    FollowUp,
    Measure,
    Milestone,
    Outcome,
    Outcomes,
    Threshold,
    ThresholdOf,
    TimeTo,
)
from ischio.model.parameters import Quantity


def measures(files: Files, draft: Draft) -> dict[str, Measure]:
    """The measures in the order of the file."""
    found = (_measure(name, entry, draft) for name, entry in files.measures.measures.items())
    return {measure.id: measure for measure in found if measure is not None}


def outcomes(files: Files, draft: Draft) -> Outcomes | None:
    """What is told of scores and times; None where the file tells nothing of them."""
    entry = files.measures
    if entry.baseline is None:
        _refuse_without_baseline(entry, draft)
        return None
    reading = draft.reading(MEASURES, "baseline")
    before = draft.interval(entry.baseline.before, reading)
    return Outcomes(
        baseline=Baseline(draft.about(entry.baseline, reading), before or Duration()),
        milestones={str(name): _milestone(name, each, files, draft) for name, each in entry.milestones.items()},
        follow_ups=dict(_follow_ups(entry.follow_ups, draft)),
        scores={str(name): _outcome(name, each, entry, draft) for name, each in entry.outcomes.items()},
        times={str(name): _time(name, each, entry, draft) for name, each in entry.times.items()},
    )


def _refuse_without_baseline(entry: MeasuresEntry, draft: Draft) -> None:
    for key in ("milestones", "follow_ups", "outcomes", "times"):
        if getattr(entry, key):
            mend = "Add `baseline: ` with how far before a milestone the first reading may lie."
            draft.reading(MEASURES).mistake(entry.at(key), f"`{key}` is given without `baseline`.", mend)
            return


# ---- measures ---------------------------------------------------------------------------------------------------


def _measure(name: Written, entry: MeasureEntry, draft: Draft) -> Measure | None:
    reading = draft.reading(MEASURES, f"measure {name}")
    _check_day(entry, draft, reading)
    counts, met = (_condition(text, draft, reading) for text in (entry.counts, entry.met))
    leaves_out = _condition(entry.leaves_out, draft, reading)
    about = draft.about(entry, reading)
    if counts is None or met is None:
        return None
    on, recorded = (None if each is None else str(each) for each in (entry.on, entry.recorded))
    return Measure(str(name), about, counts, met, entry.better, leaves_out, on, recorded, entry.days)


def _check_day(entry: MeasureEntry, draft: Draft, reading: Reading) -> None:
    if entry.on is not None:
        draft.fact(entry.on, ValueKind.DATE, reading)
    if entry.recorded is not None:
        draft.fact(entry.recorded, ValueKind.BOOLEAN, reading)
    if (entry.on is None) != (entry.recorded is None):
        mend = "Write both, so that one without a known day is counted as unclear; or neither."
        reading.mistake(entry.line, "`on` and `recorded` belong together, and one of them is missing.", mend)
    if entry.on is None and entry.days is not Days.NEWEST:
        reading.mistake(entry.at("days"), "`days` is given without `on`.", "Take it out, or write `on: DATE_FACT`.")


def _condition(text: Written | None, draft: Draft, reading: Reading) -> Expression | None:
    """A condition that names criteria and yes-or-no facts only.

    A comparison elsewhere would not be among those that cut a fact's values into regions, so two values of one day
    that differ to it alone would not be seen to conflict.
    """
    found = draft.condition(text, reading)
    compared = [node.fact for node in walk(found) if isinstance(node, Compare | Between)] if found else []
    if text is not None and compared:
        mend = "Give the comparison a name in criteria.yaml, and write that name here."
        reading.mistake(text.line, f"`{text}` compares `{compared[0]}`, and a measure compares nothing itself.", mend)
    return found


# ---- outcomes ---------------------------------------------------------------------------------------------------


def _milestone(name: Written, entry: MilestoneEntry, files: Files, draft: Draft) -> Milestone:
    reading = draft.reading(MEASURES, f"milestone {name}")
    if (entry.stage is None) == (entry.day_of is None) and (entry.stage or entry.when is None):
        mend = "Write `stage` or `day_of`, and `when` alone or besides."
        reading.mistake(entry.line, "It is a stage, the day of a date fact, or a condition.", mend)
    if entry.stage is not None:
        draft.known(entry.stage, files.stages.stages, "a stage", reading)
    if entry.day_of is not None:
        draft.fact(entry.day_of, ValueKind.DATE, reading)
    when = _condition(entry.when, draft, reading)
    stage, day_of = (None if each is None else str(each) for each in (entry.stage, entry.day_of))
    return Milestone(str(name), draft.about(entry, reading), stage, day_of, when)


def _follow_ups(entries: Mapping[Name, FollowUpEntry], draft: Draft) -> Iterator[tuple[str, FollowUp]]:
    for name, entry in entries.items():
        reading = draft.reading(MEASURES, f"follow-up {name}")
        about = draft.about(entry, reading)
        first, target, last = (draft.interval(each, reading) for each in (entry.first, entry.target, entry.last))
        if first is None or target is None or last is None:
            continue
        if not _rising((first, target, last), draft):
            reading.mistake(entry.line, "The window does not hold its time.", "Write `first` <= `target` <= `last`.")
        yield str(name), FollowUp(str(name), about, first, target, last)


def _rising(intervals: Iterable[Interval], draft: Draft) -> bool:
    """Whether each interval ends on the day of the next or before, counted from a day in June."""
    start = date(2026, 6, 1)
    days = [shift(start, _duration(each, draft), 1) for each in intervals]
    return days == sorted(days)


def _duration(interval: Interval, draft: Draft) -> Duration:
    if isinstance(interval, Duration):
        return interval
    value = draft.parameters[interval.parameter].values[-1].value
    assert isinstance(value, Duration), "draft.interval lets no other parameter pass"
    return value


def _outcome(name: Written, entry: OutcomeEntry, entries: MeasuresEntry, draft: Draft) -> Outcome:
    reading = draft.reading(MEASURES, f"outcome {name}")
    draft.fact(entry.read_on, ValueKind.DATE, reading)
    for milestone in entry.since:
        draft.known(milestone, entries.milestones, "a milestone", reading)
    if draft.fact(entry.value, ValueKind.NUMBER, reading):
        for threshold in entry.thresholds:
            _check_threshold(threshold, entry.value, draft, reading)
    thresholds = tuple(Threshold(str(each.parameter), each.of) for each in entry.thresholds)
    about, since = draft.about(entry, reading), plain(entry.since)
    return Outcome(str(name), about, str(entry.value), str(entry.read_on), entry.better, since, thresholds)


def _check_threshold(entry: ThresholdEntry, fact: Written, draft: Draft, reading: Reading) -> None:
    if not draft.known(entry.parameter, draft.parameters, "a parameter", reading):
        return
    if entry.of is not ThresholdOf.SHARE:
        found = clash(fact, draft.types[fact], ">=", ParameterValue(str(entry.parameter)), draft.parameters)
        if found:
            reading.mistake(entry.line, *found)
    elif not all(_is_share(dated.value) for dated in draft.parameters[entry.parameter].values):
        reading.mistake(entry.line, f"`{entry.parameter}` is no share.", "Name a parameter in %.")


def _is_share(value: object) -> bool:
    return isinstance(value, Quantity) and value.unit == "%"


def _time(name: Written, entry: TimeToEntry, entries: MeasuresEntry, draft: Draft) -> TimeTo:
    reading = draft.reading(MEASURES, f"time {name}")
    for milestone in (entry.since, entry.to, *entry.competing):
        draft.known(milestone, entries.milestones, "a milestone", reading)
    return TimeTo(str(name), draft.about(entry, reading), str(entry.since), str(entry.to), plain(entry.competing))


def rules_of(entry: MeasuresEntry) -> Iterator[tuple[str, Mapping[Name, Rule]]]:
    """Every rule of the file, under the name of its kind."""
    yield "a measure", entry.measures
    yield "a milestone", entry.milestones
    yield "a follow-up", entry.follow_ups
    yield "an outcome", entry.outcomes
    yield "a time", entry.times
