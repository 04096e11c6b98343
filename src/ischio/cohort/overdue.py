"""Whose review is past, by name: for the clinic that owns the records."""


def overdue(judged: str) -> str:
    """A select of the hips whose review was owed before the cohort's date, the longest overdue first.

    Columns: person, hip, stage, diversion (null for none), review, days (since it was owed).
    """
    return (
        "select person, hip, stage, diversion, review, date_diff('day', review, index_date) as days "
        f"from {judged} where at_end and review < index_date order by review, person, hip"
    )
