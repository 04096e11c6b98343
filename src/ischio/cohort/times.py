"""The time from one milestone to another, after Kaplan and Meier, and beside what may come in between.

A hip that has come to neither by the cohort's date is censored: it has waited so long and may yet come. The curve of
Kaplan and Meier treats what comes in between (closure, death) as if the hip might still come to the milestone later;
the cumulative incidence does not, so it is the one to read as "how many came to it by then".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from math import exp, isnan, log
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from ischio.backends.sql.text import quoted
from ischio.cohort.intervals import Z
from ischio.cohort.milestones import cannot_show, days_of, first_day_of, last_date
from ischio.model.measures import Outcomes, TimeTo
from ischio.model.mistake import IschioError, Mistake
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CENSORED = "censored"


class NoSurvivalLibrary(IschioError):
    """The library that reckons with waiting times is not installed."""

    def __init__(self) -> None:
        super().__init__(Mistake("statsmodels is not installed.", "Install it: pip install 'ischio[cohort]'."))


@dataclass(frozen=True, slots=True)
class Waited:
    """So many hips that waited so many days. ending: the id of the milestone that came, or `censored`."""

    days: int
    ending: str
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """A curve from this day to the next step. interval: 95 %, none at the very ends; at_risk: who waited until then."""

    days: int
    share: float
    interval: tuple[float, float] | None
    at_risk: int


@dataclass(frozen=True)
class TimeResult:
    """One waiting time. before: hips that had come to the milestone before the wait began; they are left out."""

    pathway: Pathway
    time: TimeTo
    on: date
    before: int
    waited: tuple[Waited, ...]

    @property
    def cannot_show(self) -> str:
        return cannot_show(self.pathway)

    @property
    def n(self) -> int:
        return sum(each.count for each in self.waited)

    def ended(self, ending: str) -> int:
        """How many waits ended so: by a milestone, by its id, or `censored`."""
        return sum(each.count for each in self.waited if each.ending == ending)

    @property
    def came(self) -> int:
        return self.ended(self.time.to)

    @cached_property
    def kaplan_meier(self) -> tuple[Step, ...]:
        """The share that had not come to it, with 95 % intervals on the scale of log(-log).

        Raises NoSurvivalLibrary. Source: J. D. Kalbfleisch, R. L. Prentice, The Statistical Analysis of Failure Time
        Data, 2nd ed. 2002, section 1.4.
        """
        if not self.came:
            return ()
        days, came = self._each(lambda ending: int(ending == self.time.to))
        with catch_warnings():
            simplefilter("ignore", RuntimeWarning)
            curve = _survival().SurvfuncRight(days, came)
        rows = zip(curve.surv_times, curve.surv_prob, curve.surv_prob_se, curve.n_risk, strict=True)
        return tuple(_step(int(day), float(share), float(se), int(risk)) for day, share, se, risk in rows)

    @property
    def median(self) -> int | None:
        """The first day by which half had come to it, after Kaplan and Meier; None where fewer than half did."""
        return next((step.days for step in self.kaplan_meier if step.share <= 0.5 + _ROUNDING), None)

    @cached_property
    def incidence(self) -> Mapping[str, tuple[Step, ...]]:
        """By milestone, the share that had come to it while what came in between ended the wait of others.

        Raises NoSurvivalLibrary. Source: O. O. Aalen, S. Johansen, Scand J Stat 1978;5:141-150.
        """
        endings = [each for each in (self.time.to, *self.time.competing) if self.ended(each)]
        if not endings:
            return {}
        number = {ending: place for place, ending in enumerate(endings, 1)}
        days, status = self._each(lambda ending: number.get(ending, 0))
        with catch_warnings():  # where all that are left end their wait on one day, no error can be told
            simplefilter("ignore", RuntimeWarning)
            found = _survival().CumIncidenceRight(days, status)
        at_risk = self._at_risk()
        return {
            ending: tuple(
                _step(int(day), float(share), float(se), at_risk[int(day)])
                for day, share, se in zip(found.times, found.cinc[place - 1], found.cinc_se[place - 1], strict=True)
                if int(day) in self._days_of(ending)
            )
            for ending, place in number.items()
        }

    def _days_of(self, ending: str) -> set[int]:
        return {each.days for each in self.waited if each.ending == ending}

    def _at_risk(self) -> dict[int, int]:
        left, found = self.n, {}
        counts: Counter[int] = Counter()
        for each in self.waited:
            counts[each.days] += each.count
        for day in sorted(counts):
            found[day] = left
            left -= counts[day]
        return found

    def _each(self, numbered: Callable[[str], int]) -> tuple[list[int], list[int]]:
        """Days and ending of every hip, as the library wants them."""
        days = [each.days for each in self.waited for _ in range(each.count)]
        return days, [numbered(each.ending) for each in self.waited for _ in range(each.count)]


_ROUNDING = 1e-12
"""A share that should be just one half may come out a trifle larger."""


def _survival() -> Any:
    """The library, imported when the first curve is asked for: it takes a second."""
    try:
        from statsmodels.duration import survfunc
    except ImportError:
        raise NoSurvivalLibrary from None
    return survfunc


def _step(days: int, share: float, error: float, at_risk: int) -> Step:
    """A step with its interval on the scale of log(-log), where it stays between 0 and 1."""
    if not 0 < share < 1 or isnan(error):
        return Step(days, share, None, at_risk)
    reach = Z * error / (share * log(share))
    ends = (share ** exp(reach), share ** exp(-reach))
    return Step(days, share, (min(ends), max(ends)), at_risk)


# ---- from the judged table --------------------------------------------------------------------------------------


def times(connection: "DuckDBPyConnection", pathway: Pathway, judged: str) -> tuple[TimeResult, ...]:
    """Every waiting time of the pathway; none where it tells of none. judged: as of `cohort.outcomes.outcomes`."""
    on = last_date(connection, judged)
    told = pathway.outcomes
    if told is None or on is None:
        return ()
    return tuple(_result(connection, pathway, told, judged, on, time) for time in told.times.values())


def added(parts: Iterable[Sequence[TimeResult]]) -> tuple[TimeResult, ...]:
    """The results of parts of a cohort as those of the whole. Each part holds the same results in the same order."""
    return tuple(_sum(results) for results in zip(*parts, strict=True))


def _sum(results: Sequence[TimeResult]) -> TimeResult:
    counts: Counter[tuple[int, str]] = Counter()
    for result in results:
        for each in result.waited:
            counts[each.days, each.ending] += each.count
    waited = tuple(Waited(*key, count) for key, count in sorted(counts.items()))
    return replace(results[0], before=sum(each.before for each in results), waited=waited)


def _result(
    connection: "DuckDBPyConnection", pathway: Pathway, told: Outcomes, judged: str, on: date, time: TimeTo
) -> TimeResult:
    rows = connection.execute(
        f"select days, ending, count(*) from ({_waits(pathway, told, judged, on, time)}) group by all order by all"
    ).fetchall()
    before = sum(count for _, ending, count in rows if ending is None)
    return TimeResult(pathway, time, on, before, tuple(Waited(*row) for row in rows if row[1] is not None))


def _waits(pathway: Pathway, told: Outcomes, judged: str, on: date, time: TimeTo) -> str:
    """A select of every hip that began to wait: days, ending (null where the end came before the beginning).

    Of two milestones on one day the one that is waited for counts, then the competing ones in their order.
    """
    ends = (time.to, *time.competing)
    listed = "\nunion all\n".join(
        f"select {place} as place, {quoted(end)} as ending, * from ({days_of(pathway, told.milestones[end], judged)})"
        for place, end in enumerate(ends)
    )
    return f"""with began as ({first_day_of(pathway, told.milestones[time.since], judged)}), ends as ({listed}),
    waits as (
      select began.person, began.hip, began.day as since,
        bool_or(ends.day < began.day and place = 0) as earlier,
        min(ends.day) filter (where ends.day >= began.day) as day,
        first(ending order by ends.day, place) filter (where ends.day >= began.day) as ending
      from began left join ends on ends.person = began.person and ends.hip = began.hip
      group by all
    )
    select case when not coalesce(earlier, false) then coalesce(day, date '{on}') - since end as days,
      case when not coalesce(earlier, false) then coalesce(ending, '{CENSORED}') end as ending
    from waits"""
