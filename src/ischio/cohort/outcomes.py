"""How scores changed from a milestone to a later time: how many readings there are and how many are missing, too.

A reading counts where its fact is known on the day of the reading, as the one-person engine derives it. Change is the
later reading less the baseline, whatever happened in between.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from ischio.backends.sql.names import fact_column
from ischio.backends.sql.text import quoted
from ischio.cohort.intervals import median_ranks, wilson
from ischio.cohort.measures import condition_columns
from ischio.cohort.milestones import cannot_show, first_day_of, last_date, moved
from ischio.engine.evidence import shown_evidence
from ischio.language.regions import interval_on, limit_on
from ischio.model.expression import ParameterValue
from ischio.model.measures import Better, FollowUp, Milestone, Outcome, Outcomes, Threshold, ThresholdOf
from ischio.model.parameters import Parameter, Quantity
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PASSED, READINGS, DEATHS = "ischio_passed", "ischio_readings", "ischio_deaths"
LATER, DIED, NO_BASELINE, NO_READING, BOTH = "later", "died", "no_baseline", "no_reading", "both"
"""How a hip stands: the window is open; the person died before it closed; a reading is missing; both are there."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Baseline and later reading of so many hips, in steps of the score."""

    baseline: int
    reading: int
    count: int

    @property
    def change(self) -> int:
        return self.reading - self.baseline


@dataclass(frozen=True, slots=True)
class Reached:
    """How many of the hips with both readings reached a borrowed mark.

    claims: what the mark rests on, in words, with the population it comes from; none that is unverified.
    """

    threshold: Threshold
    parameter: Parameter
    value: Quantity
    reached: int
    of: int
    claims: tuple[str, ...]

    @property
    def share(self) -> float | None:
        return self.reached / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %, after Wilson."""
        return wilson(self.reached, self.of)


@dataclass(frozen=True)
class OutcomeResult:
    """One score from one milestone to one follow-up. Counts are of hips that passed the milestone.

    later: its window is still open at the cohort's date; died: the person died before it closed.
    """

    pathway: Pathway
    outcome: Outcome
    since: Milestone
    follow_up: FollowUp
    on: date
    later: int
    died: int
    no_baseline: int
    no_reading: int
    pairs: tuple[Pair, ...]

    @property
    def cannot_show(self) -> str:
        return cannot_show(self.pathway)

    @property
    def n(self) -> int:
        """Hips with both readings."""
        return sum(pair.count for pair in self.pairs)

    @property
    def missing(self) -> int:
        """Hips whose time has come, with one of the readings missing."""
        return self.no_baseline + self.no_reading

    @property
    def due(self) -> int:
        return self.n + self.missing

    @property
    def median(self) -> Decimal | None:
        return self._quantile(1, 2)

    @property
    def quartiles(self) -> tuple[Decimal, Decimal] | None:
        low, high = self._quantile(1, 4), self._quantile(3, 4)
        return None if low is None or high is None else (low, high)

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """95 % for the median, by order statistics; None below six hips."""
        ranks = median_ranks(self.n)
        return None if ranks is None else (self._amount(self._ranked(ranks[0])), self._amount(self._ranked(ranks[1])))

    @property
    def thresholds(self) -> tuple[Reached, ...]:
        return tuple(map(self._reached, self.outcome.thresholds))

    # ---- order statistics ----

    @cached_property
    def _changes(self) -> Sequence[tuple[int, int]]:
        """Every change in rising order, with how many hips changed by that much or less."""
        counts: Counter[int] = Counter()
        for pair in self.pairs:
            counts[pair.change] += pair.count
        found, below = [], 0
        for change in sorted(counts):
            below += counts[change]
            found.append((change, below))
        return found

    def _ranked(self, rank: int) -> int:
        """The change of this rank, from 1."""
        return next(change for change, below in self._changes if below >= rank)

    def _quantile(self, part: int, of: int) -> Decimal | None:
        """The change below which that part lies; half-way between two where it falls between them.

        Source: R. J. Hyndman, Y. Fan, Am Stat 1996;50:361-365, definition 2.
        """
        if not self.n:
            return None
        place, rest = divmod(self.n * part, of)
        if rest:
            return self._amount(self._ranked(place + 1))
        return (self._amount(self._ranked(place)) + self._amount(self._ranked(place + 1))) / 2

    def _amount(self, steps: int) -> Decimal:
        return steps * self.pathway.facts[self.outcome.value].type.step

    # ---- borrowed marks ----

    def _reached(self, threshold: Threshold) -> Reached:
        parameter = self.pathway.parameters[threshold.parameter]
        value = parameter.on(self.on)
        assert isinstance(value, Quantity), "loading refuses others"
        reached = sum(pair.count for pair in self.pairs if self._reaches(pair, threshold, value))
        claims = shown_evidence(self.pathway, parameter.about.evidence)
        told = tuple(self.pathway.claims[claim].statement for claim in claims)
        return Reached(threshold, parameter, value, reached, self.n, told)

    def _reaches(self, pair: Pair, threshold: Threshold, value: Quantity) -> bool:
        higher = self.outcome.better is Better.HIGHER
        gain = pair.change if higher else -pair.change
        if threshold.of is ThresholdOf.SHARE:
            return gain > 0 and gain * 100 >= value.value * abs(pair.baseline)
        limit = limit_on(
            self.pathway, ParameterValue(threshold.parameter), self.pathway.facts[self.outcome.value].type, self.on
        )
        assert isinstance(limit, int), "loading refuses others"
        if threshold.of is ThresholdOf.CHANGE:
            return gain >= limit
        return pair.reading >= limit if higher else pair.reading <= limit


def outcomes(connection: "DuckDBPyConnection", pathway: Pathway, judged: str) -> tuple[OutcomeResult, ...]:
    """Every score of the pathway, from each of its milestones to each follow-up; none where the pathway tells of none.

    judged: as of `cohort.measures.measure`, with the column `stage` and those of `columns_needed`.
    """
    on = last_date(connection, judged)
    told = pathway.outcomes
    if told is None or on is None or not any(outcome.since for outcome in told.scores.values()):
        return ()
    _prepare(connection, pathway, told, judged)
    return tuple(
        _result(connection, pathway, told, on, outcome, told.milestones[since], follow_up)
        for outcome in told.scores.values()
        for since in outcome.since
        for follow_up in told.follow_ups.values()
    )


def _prepare(connection: "DuckDBPyConnection", pathway: Pathway, told: Outcomes, judged: str) -> None:
    """Tables that every result reads, so that the judged table is read a few times only."""
    passed = (
        f"select {quoted(name)} as milestone, * from ({first_day_of(pathway, milestone, judged)})"
        for name, milestone in told.milestones.items()
    )
    readings = (
        f"select {quoted(name)} as outcome, person, hip, index_date as read_on, "
        f"{fact_column(outcome.value)} as value from {judged} "
        f"where {fact_column(outcome.read_on)} = index_date and {fact_column(outcome.value)} is not null"
        for name, outcome in told.scores.items()
    )
    deaths = (
        f"select person, min(index_date) as died from {judged} "
        f"where {fact_column(pathway.deceased_fact)} group by person"
    )
    for table, selects in ((PASSED, passed), (READINGS, readings), (DEATHS, (deaths,))):
        connection.execute(f"create or replace temp table {table} as {' union all '.join(selects)}")


def added(parts: Iterable[Sequence[OutcomeResult]]) -> tuple[OutcomeResult, ...]:
    """The results of parts of a cohort as those of the whole. Each part holds the same results in the same order."""
    return tuple(_sum(results) for results in zip(*parts, strict=True))


def _sum(results: Sequence[OutcomeResult]) -> OutcomeResult:
    pairs: Counter[tuple[int, int]] = Counter()
    for each in results:
        for pair in each.pairs:
            pairs[pair.baseline, pair.reading] += pair.count
    return replace(
        results[0],
        later=sum(each.later for each in results),
        died=sum(each.died for each in results),
        no_baseline=sum(each.no_baseline for each in results),
        no_reading=sum(each.no_reading for each in results),
        pairs=tuple(Pair(*key, count) for key, count in sorted(pairs.items())),
    )


def columns_needed(pathway: Pathway) -> Iterator[str]:
    """The columns of facts and criteria that outcomes and waiting times read, beside `stage`."""
    told = pathway.outcomes
    if told is not None:
        yield fact_column(pathway.deceased_fact)
        for outcome in told.scores.values():
            yield from map(fact_column, (outcome.value, outcome.read_on))
        for milestone in told.milestones.values():
            yield from (fact_column(fact) for fact in (milestone.day_of,) if fact is not None)
            yield from condition_columns(milestone.when) if milestone.when is not None else ()


def _result(
    connection: "DuckDBPyConnection",
    pathway: Pathway,
    told: Outcomes,
    on: date,
    outcome: Outcome,
    since: Milestone,
    follow_up: FollowUp,
) -> OutcomeResult:
    standing = _standings(pathway, told, on, outcome, since, follow_up)
    rows = connection.execute(
        f"select standing, baseline, reading, count(*) from ({standing}) group by all order by all"
    ).fetchall()
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row[0]] += row[3]
    pairs = tuple(Pair(int(row[1]), int(row[2]), row[3]) for row in rows if row[0] == BOTH)
    return OutcomeResult(
        pathway=pathway,
        outcome=outcome,
        since=since,
        follow_up=follow_up,
        on=on,
        later=counts[LATER],
        died=counts[DIED],
        no_baseline=counts[NO_BASELINE],
        no_reading=counts[NO_READING],
        pairs=pairs,
    )


def _standings(
    pathway: Pathway, told: Outcomes, on: date, outcome: Outcome, since: Milestone, follow_up: FollowUp
) -> str:
    """A select of every hip that passed the milestone: person, hip, standing; both readings where they are there."""
    before, first, target, last = (
        interval_on(pathway, each, on)
        for each in (told.baseline.before, follow_up.first, follow_up.target, follow_up.last)
    )
    aim, opens, closes = (moved("day", each) for each in (target, first, last))
    return f"""with passed as (select person, hip, day from {PASSED} where milestone = {quoted(since.id)}),
    readings as (select person, hip, read_on, value from {READINGS} where outcome = {quoted(outcome.id)}),
    read as (
      select passed.person, passed.hip, passed.day,
        arg_max(value, read_on) filter (where read_on between {moved("day", before, -1)} and day) as baseline,
        first(value order by abs(read_on - {aim}), read_on)
          filter (where read_on between {opens} and {closes}) as reading
      from passed left join readings on readings.person = passed.person and readings.hip = passed.hip
      group by all
    ), standings as (
      select person, hip, baseline, reading, case
          when died <= {closes} then '{DIED}' when {closes} > date '{on}' then '{LATER}'
          when baseline is null then '{NO_BASELINE}' when reading is null then '{NO_READING}'
          else '{BOTH}' end as standing
      from read left join {DEATHS} using (person)
    )
    select person, hip, standing, case when standing = '{BOTH}' then baseline end as baseline,
      case when standing = '{BOTH}' then reading end as reading from standings"""
