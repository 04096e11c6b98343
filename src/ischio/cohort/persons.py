"""Lists that name persons, for the clinic that owns the records."""

from ischio.backends.sql.text import quoted
from ischio.cohort.measures import standings
from ischio.model.measures import Better, Standing
from ischio.model.pathway import Pathway


def overdue(judged: str) -> str:
    """A select of the hips whose review was owed before the cohort's date, the longest overdue first.

    Columns: person, hip, stage, diversion (null for none), review, days (since it was owed).
    """
    return (
        "select person, hip, stage, diversion, review, date_diff('day', review, index_date) as days "
        f"from {judged} where at_end and review < index_date order by review, person, hip"
    )


def falling_short(pathway: Pathway, judged: str) -> str:
    """A select of the hips that do not stand to a measure as is wished, or of which it cannot be told.

    Columns: measure, standing, person, hip, day (null where none is known).
    """
    wished = {Better.HIGHER: Standing.MET, Better.LOWER: Standing.NOT_MET}
    good = " or ".join(
        f"(measure = {quoted(name)} and standing = {quoted(wished[each.better].value)})"
        for name, each in pathway.measures.items()
    )
    return (
        f"select measure, standing, person, hip, day from ({standings(pathway, judged)}) "
        f"where standing <> {quoted(Standing.EXCLUDED.value)} and not ({good}) order by measure, standing, person, hip"
    )
