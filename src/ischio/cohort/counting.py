"""Everything that is counted of a judged table."""

from typing import TYPE_CHECKING

from ischio.cohort.course import course
from ischio.cohort.judging import IndexDates
from ischio.cohort.positions import persons, position_counts, statuses
from ischio.cohort.tabulated import Cohort
from ischio.cohort.unrecorded import blocking, recorded
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def count(connection: "DuckDBPyConnection", pathway: Pathway, judged: str, dates: IndexDates) -> Cohort:
    """judged: the name of the judged table of these dates."""
    everyone, on_pathway = persons(connection, judged)
    return Cohort(
        pathway=pathway,
        dates=dates.dates,
        persons=everyone,
        persons_on_pathway=on_pathway,
        positions=position_counts(connection, judged, dates.dates),
        course=course(connection, judged, pathway) if dates.along else None,
        blocking=blocking(connection, judged, pathway, dates.last),
        recorded=recorded(connection, judged, pathway),
        statuses=statuses(connection, judged, pathway),
    )
