"""The sections of a report, made from what may be shown of the results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from ischio.cohort.called import Called
from ischio.cohort.milestones import cannot_show
from ischio.cohort.tables import HIDDEN, Cell, Hidden, Shown, Table, ranked
from ischio.cohort.tabulated import (
    GATES,
    diverted_key,
    gate_key,
    hips_key,
    review_key,
    stage_key,
    stage_titles,
    through_key,
)
from ischio.engine.evidence import shown_evidence
from ischio.interfaces.cohort.content import NONE, Block, Head, Section, Sheet, between, count_of, share, sheet, told
from ischio.interfaces.cohort.drawings import (
    Bar,
    Change,
    Point,
    Spread,
    Step,
    bars,
    changes,
    flow,
    incidence,
    measure_bar,
    spreads,
)
from ischio.interfaces.words import day
from ischio.model.measures import Better
from ischio.model.pathway import Pathway
from ischio.model.rules import NOT_ON_PATHWAY

SHOWN_FACTS = 8
WORDS = {"false": "- gate not open", "unknown": "- gate not known"}


def sections(shown: Shown, pathway: Pathway, dates: tuple[date, ...]) -> Iterator[Section]:
    """Where hips stand, how they moved, what is overdue and what is not recorded."""
    on = dates[-1]
    yield _flow(shown, pathway, on)
    if len(dates) > 1:
        yield _several(shown, pathway, dates)
    yield _diversions(shown, pathway, on)
    if "stays" in shown.tables:
        yield _course(shown, pathway)
    if "measures" in shown.tables:
        yield measures_section(shown, pathway)
    if "outcomes" in shown.tables:
        yield outcomes_section(shown, pathway)
        yield times_section(shown, pathway)
    yield _reviews(shown, pathway, on)
    yield _unrecorded(shown, pathway)
    yield quality_section(shown)
    yield Section(
        "actions",
        "What is due, done and held back",
        ("Whatever the pathway knows to do, by its status. Only what is due or an option is offered.",),
        (Block(sheet=sheet(shown.tables["actions"], folded=True)),),
    )


def part(count: int | Hidden, whole: int | Hidden) -> float | None:
    """One count as a share of another, for a bar; none where either is hidden or there is nothing."""
    if isinstance(count, Hidden) or isinstance(whole, Hidden) or not whole:
        return None
    return count / whole


# ---- where they stand -------------------------------------------------------------------------------------------


def _flow(shown: Shown, pathway: Pathway, on: date) -> Section:
    counts, titles, called = shown.counts, stage_titles(pathway), Called.by(pathway)
    everyone = counts[hips_key(on)]
    ordered = (NOT_ON_PATHWAY, *(stage.id for stage in pathway.ordered_stages))
    off = [stage for stage in titles if stage not in ordered]
    apart = tuple((titles[stage], told(counts[stage_key(on, stage)])) for stage in off)
    steps = [Step(f"All {called.hips}", told(everyone), 1.0, apart)]
    for place, stage in enumerate(ordered):
        reached = counts[through_key(on, stage)]
        last = place == len(ordered) - 1
        title = titles[stage] if last else "In none of these" if place == 0 else f"{titles[stage]} or later"
        gates = () if last else tuple((WORDS[truth], told(counts[gate_key(on, stage, truth)])) for truth in GATES)
        here = () if last else ((titles[stage], told(counts[stage_key(on, stage)])), *gates)
        steps.append(Step(title, told(reached), part(reached, everyone), here))
    lines = (
        f"Every {called.hip} of everyone in the records, on {day(on)}. A gate opens only on what is known: "
        "where it cannot be told, the count stands under not known, and never under no.",
    )
    picture = flow(f"Where the {called.hips} are on {day(on)}", steps)
    of_day = shown.tables["positions"]
    rows = tuple(row for row in of_day.rows if row[0] == on)
    twin = sheet(Table(of_day.name, of_day.title, of_day.meaning, of_day.fields, rows), leave_out=("date",))
    return Section("flow", "Where everyone is", lines, (Block(picture, twin),))


def _several(shown: Shown, pathway: Pathway, dates: tuple[date, ...]) -> Section:
    titles = stage_titles(pathway)
    heads = (Head("Stage", False), *(Head(day(on), True) for on in dates))
    rows = tuple(
        (title, *(told(shown.counts[stage_key(on, stage)]) for on in dates)) for stage, title in titles.items()
    )
    return Section(
        "dates",
        "From date to date",
        ("The same people on each date, judged by what had happened by then.",),
        (Block(sheet=Sheet(f"Where the {Called.by(pathway).hips} were", heads, rows)),),
    )


def _diversions(shown: Shown, pathway: Pathway, on: date) -> Section:
    table, titles = shown.tables["diversions"], stage_titles(pathway)
    kinds = table.fields[1].codes
    heads = (Head("Stage", False), *(Head(title, True) for title in kinds.values()))
    rows = [
        (title, *(told(shown.counts[diverted_key(on, kind, stage)]) for kind in kinds))
        for stage, title in titles.items()
    ]
    rows.append(("All", *(told(shown.counts[diverted_key(on, kind)]) for kind in kinds)))
    return Section(
        "diverted",
        "Who left the stepwise path",
        (table.meaning,),
        (Block(sheet=Sheet(f"Stage and diversion on {day(on)}", heads, tuple(rows))),),
    )


# ---- how they moved ---------------------------------------------------------------------------------------------


def _course(shown: Shown, pathway: Pathway) -> Section:
    stays, titles, called = shown.tables["stays"], stage_titles(pathway), Called.by(pathway)
    spread = [
        Spread(
            titles[str(row["stage"])],
            f"half after {told(row['days_50'])} days" if row["days_50"] is not None else "half have not moved on",
            _days(row["days_25"]),
            _days(row["days_50"]),
            _days(row["days_75"]),
        )
        for row in stays.as_mappings()
        if isinstance(row["days_25"], int)
    ]
    picture = spreads("Days in a stage: quartiles", spread, "stays") if spread else ""
    lines = (
        f"A stay is the unbroken time of {called.a_hip} in one stage. One that still goes on, or that death ended, "
        "counts as lasting at least so long (censored); the quartiles are those of Kaplan and Meier. The box reaches "
        "from the lower to the upper quartile, open and dashed where the upper was not reached; the bar in it is the "
        "median.",
    )
    return Section(
        "course",
        f"How {called.hips} moved",
        lines,
        (Block(picture, sheet(stays)), Block(sheet=_moves(shown.tables["moves"], titles))),
    )


def _days(cell: Cell) -> int | None:
    return cell if isinstance(cell, int) else None


def _moves(table: Table, titles: Mapping[str, str]) -> Sheet:
    """From stage to stage as a square."""
    moves = {(str(row[0]), str(row[1])): row[2] for row in table.rows}
    starts, ends = (list(dict.fromkeys(key[place] for key in moves)) for place in (0, 1))
    heads = (Head("From", False), *(Head(f"to {titles[end]}", True) for end in ends))
    rows = (
        (titles[start], *(told(moves[start, end]) if (start, end) in moves else NONE for end in ends))
        for start in starts
    )
    return Sheet(table.title, heads, tuple(rows), note=table.meaning)


# ---- measures ---------------------------------------------------------------------------------------------------


def measures_section(shown: Shown, pathway: Pathway) -> Section:
    table, called = shown.tables["measures"], Called.by(pathway)
    rows, pictures = [], []
    for row in table.as_mappings():
        measure = pathway.measures[str(row["measure"])]
        told_share, interval = share(row["share"]), between(row["share_low"], row["share_high"], share)
        numbers = (told(row[name]) for name in ("met", "not_met", "unknown", "unclear", "excluded"))
        better = "" if measure.better is Better.HIGHER else " (less is better)"
        bounds = between(row["share_if_none"], row["share_if_all"], share)
        rows.append((f"{measure.about.title}{better}", *numbers, told_share, interval, bounds))
        pictures.append(_measure_picture(row))
    titles = (
        "Met",
        "Not met",
        "Not known",
        "Not known whether asked",
        "Left out",
        "Share met",
        "95 % interval",
        "Unknown as no, as yes",
    )
    heads = (Head("Measure", False), *(Head(title, True) for title in titles))
    sentences = tuple(
        (each.about.title, each.about.sentence, f"{each.about.label.value}", ", ".join(each.about.evidence) or NONE)
        for each in pathway.measures.values()
    )
    meant = tuple(Head(title, False) for title in ("Measure", "What it asks", "Rests on", "Evidence"))
    lines = (
        f"Each is a question to the care that was given, asked of {called.hips}. The share is of those of whom the "
        "answer is known; more is better unless the name says otherwise. In the picture green met it, empty did not, "
        "hatched is not known, and the line below is the interval of the share; the last range is the share if none, "
        "and if all, of the not known met it. None was validated and none has a target. "
        "Persons are named in persons/measures.csv, for the clinic alone.",
    )
    return Section(
        "measures",
        "Measures of care",
        lines,
        (
            Block(
                sheet=Sheet(
                    f"{called.Hips} by measure", heads, tuple(rows), pictures=tuple(pictures), note=table.meaning
                )
            ),
            Block(sheet=Sheet("What each measure asks", meant, sentences, folded=True)),
        ),
    )


def _measure_picture(row: Mapping[str, Cell]) -> str:
    met, not_met, unknown = (row[name] for name in ("met", "not_met", "unknown"))
    if not (isinstance(met, int) and isinstance(not_met, int) and isinstance(unknown, int)):
        return ""
    low, high = (_share(row[name]) for name in ("share_low", "share_high"))
    return measure_bar(met, not_met, unknown, low, high)


# ---- outcomes and waiting ---------------------------------------------------------------------------------------

PICTURED = "at_12_months"


def outcomes_section(shown: Shown, pathway: Pathway) -> Section:
    table, marks, called = shown.tables["outcomes"], shown.tables["thresholds"], Called.by(pathway)
    since, after = table.fields[1].codes, table.fields[2].codes
    blocks = []
    for score, title in table.fields[0].codes.items():
        rows = [row for row in table.as_mappings() if row["score"] == score]
        drawn = [
            Change(since[str(row["since"])], f"median {told(row['median'])} (n {told(row['hips'])})", *quartiles)
            for row in rows
            if row["after"] == PICTURED and (quartiles := _quartiles(row))
        ]
        caption = f"{title}: change after {after.get(PICTURED, '12 months')}"
        picture = changes(caption, drawn, f"outcome-{score}") if drawn else ""
        blocks.append(Block(picture, _outcome_sheet(title, rows, since, after)))
    told_marks = sheet(marks, folded=True)
    blocks += [Block(sheet=told_marks), Block(sheet=_marks_rest_on(pathway))]
    lines = (
        f"The later reading less the one before the milestone. A fall in pain is better, a rise in {called.a_hip} "
        f"score. The median with its quartiles; missing are {called.hips} whose time has come, without both readings. "
        + cannot_show(pathway),
    )
    return Section("outcomes", "How scores changed", lines, tuple(blocks))


def _quartiles(row: Mapping[str, Cell]) -> tuple[float, float, float] | None:
    cells = (row["quartile_low"], row["median"], row["quartile_high"])
    numbers = tuple(float(cell) for cell in cells if isinstance(cell, int | float))
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _outcome_sheet(
    title: str, rows: Sequence[Mapping[str, Cell]], since: Mapping[str, str], after: Mapping[str, str]
) -> Sheet:
    titles = ("n", "Missing", "Not yet or died", "Median", "Quartiles", "95 % of the median")
    heads = (Head("Since, after", False), *(Head(each, True) for each in titles))
    empty = sum(row["hips"] == 0 for row in rows)
    lines = tuple(
        (
            f"{since[str(row['since'])]}, {after[str(row['after'])]}",
            told(row["hips"]),
            told(_together(row["no_baseline"], row["no_reading"])),
            told(row["later"]),
            told(row["median"]),
            between(row["quartile_low"], row["quartile_high"], told),
            between(row["median_low"], row["median_high"], told),
        )
        for row in rows
        if row["hips"] != 0
    )
    note = f"Left out: {empty} times at which nobody has both readings; see tables/outcomes.csv." if empty else ""
    return Sheet(title, heads, lines, note=note)


def _together(one: Cell, other: Cell) -> Cell:
    """Two counts as one; hidden if either is."""
    return one + other if isinstance(one, int) and isinstance(other, int) else HIDDEN


def _marks_rest_on(pathway: Pathway) -> Sheet:
    """Each borrowed mark with what it rests on, and so the people it comes from."""
    assert pathway.outcomes is not None, "asked only where there are outcomes"
    named = dict.fromkeys(mark.parameter for score in pathway.outcomes.scores.values() for mark in score.thresholds)
    rows = []
    for name in named:
        about = pathway.parameters[name].about
        claims = [pathway.claims[claim].statement for claim in shown_evidence(pathway, about.evidence)]
        rows.append((about.title, about.label.value, " ".join(claims) or "No source is verified."))
    heads = tuple(Head(title, False) for title in ("Mark", "Label", "Rests on"))
    return Sheet("Where the borrowed marks come from", heads, tuple(rows), folded=True)


def times_section(shown: Shown, pathway: Pathway) -> Section:
    assert pathway.outcomes is not None, "asked only where there are waiting times"
    waits, curve, called = shown.tables["waits"], shown.tables["incidence"], Called.by(pathway)
    blocks = []
    for name, wait in pathway.outcomes.times.items():
        rows = [row for row in curve.as_mappings() if row["wait"] == name]
        points = [point for row in rows if (point := _point(row))]
        words = (pathway.outcomes.milestones[wait.to].about.title, "Something else came first")
        picture = incidence(wait.about.title, points, words, f"wait-{name}") if len(points) > 1 else ""
        blocks.append(Block(picture, _wait_sheet(wait.about.title, name, waits, rows, called)))
    blocks.append(Block(sheet=sheet(curve, folded=True)))
    sentences = (each.about.sentence for each in pathway.outcomes.times.values())
    return Section("times", "How long until", (*sentences, f"{curve.meaning} {cannot_show(pathway)}"), tuple(blocks))


def _point(row: Mapping[str, Cell]) -> Point | None:
    days, share_, between_ = (row[name] for name in ("days", "share", "share_between"))
    if not (isinstance(days, int) and isinstance(share_, int | float) and isinstance(between_, int | float)):
        return None
    low, high = (_share(row[name]) for name in ("share_low", "share_high"))
    return Point(days, share_, share_ if low is None else low, share_ if high is None else high, between_)


TOLD_AT = (90, 180, 360, 720)


def _told_at(rows: Sequence[Mapping[str, Cell]]) -> Iterator[Mapping[str, Cell]]:
    """The rows of these days; where a day is not told, the next that is, unless that is too far."""
    days = {row["days"]: row for row in rows if isinstance(row["days"], int)}
    found = (min((day for day in days if wanted <= day < 2 * wanted), default=None) for wanted in TOLD_AT)
    return (days[day] for day in dict.fromkeys(found) if day is not None)


def _wait_sheet(title: str, name: str, waits: Table, rows: Sequence[Mapping[str, Cell]], called: Called) -> Sheet:
    """How waits ended, then how many had come to it after some times."""
    ended = [
        (waits.fields[1].codes[str(row["ending"])], told(row["hips"]), NONE)
        for row in waits.as_mappings()
        if row["wait"] == name
    ]
    by_then = [
        (
            f"After {told(row['days'])} days: had come to it",
            share(row["share"]),
            between(row["share_low"], row["share_high"], share),
        )
        for row in _told_at(rows)
    ]
    medians = [
        row["median_days"] for row in waits.as_mappings() if row["wait"] == name and row["median_days"] is not None
    ]
    note = f"Half had come to it after {told(medians[0])} days, after Kaplan and Meier." if medians else ""
    heads = (Head("How the wait ended", False), Head(f"{called.Hips} or share", True), Head("95 % interval", True))
    return Sheet(title, heads, (*ended, *by_then), note=note)


# ---- what is owed, what is not recorded -------------------------------------------------------------------------


def _reviews(shown: Shown, pathway: Pathway, on: date) -> Section:
    titles = stage_titles(pathway)
    owed = [stage.id for stage in pathway.stages if stage.review]
    rows = [
        Bar(
            titles[stage],
            count_of(shown.counts[review_key(on, stage, "overdue")], shown.counts[stage_key(on, stage)]),
            part(shown.counts[review_key(on, stage, "overdue")], shown.counts[stage_key(on, stage)]),
        )
        for stage in titles
        if stage in owed and shown.counts[stage_key(on, stage)] != 0
    ]
    picture = bars("Reviews overdue", rows, "reviews") if rows else ""
    return Section(
        "reviews",
        "Whose review is past",
        (
            f"A review is overdue if its date lies before {day(on)} and no review is recorded since. Persons are named "
            "in persons/overdue.csv, for the clinic alone.",
        ),
        (Block(picture, sheet(shown.tables["reviews"])),),
    )


def _unrecorded(shown: Shown, pathway: Pathway) -> Section:
    table = shown.tables["blocking"]
    titles = table.fields[1].codes
    stages = stage_titles(pathway)
    blocks = []
    for gate, rows in groupby(table.rows, lambda row: str(row[0])):
        named = f"What the gate to {stages[gate].lower()} waits for"
        of_gate = replace(table, title=named, meaning="", rows=tuple(map(tuple, ranked(rows, 2))))
        these = [row for row in of_gate.as_mappings() if row["hips"] is not HIDDEN][:SHOWN_FACTS]
        drawn = [Bar(titles[str(row["fact"])], count_of(row["hips"], row["of"]), _share(row["share"])) for row in these]
        twin = sheet(of_gate, leave_out=("gate", "of"), folded=len(of_gate.rows) > SHOWN_FACTS)
        blocks.append(Block(bars(named, drawn, f"gate-{gate}") if drawn else "", twin))
    known = shown.tables["recorded"]
    least_known = replace(known, rows=tuple(map(tuple, ranked(known.rows, 2))))
    blocks.append(Block(sheet=sheet(least_known, folded=True)))
    return Section("unrecorded", "What is not recorded", (table.meaning,), tuple(blocks))


def _share(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


# ---- data quality -----------------------------------------------------------------------------------------------

SHOWN_REASONS = 12


def quality_section(shown: Shown) -> Section:
    reasons = shown.tables["not_used"]
    lines = (
        "What was read of the records and what was not used, each with its reason. What cannot be understood leaves "
        "its fact unknown; it never makes it absent.",
    )
    most = sheet(reasons, rows=SHOWN_REASONS)
    more = len(reasons.rows) - SHOWN_REASONS
    note = f"{reasons.meaning} {more} more reasons stand in tables/not_used.csv." if more > 0 else reasons.meaning
    blocks = [Block(sheet=sheet(shown.tables["persons_read"])), Block(sheet=sheet(shown.tables["synthetic"]))]
    if reasons.rows:
        blocks.append(Block(sheet=replace(most, note=note)))
    if shown.tables["sources"].rows:
        blocks.append(Block(sheet=sheet(shown.tables["sources"], folded=True)))
    return Section("quality", "Quality of the records", lines, tuple(blocks))
