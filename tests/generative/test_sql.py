"""The printed SQL says of every person what the engine says: every fact, criterion, stage, status and review date."""

from generative.agreement import by_sql, differences
from generative.cohorts import INDEX, INDEX_DATES, cohort, cohort_pathways
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from ischio.model.pathway import Pathway

PEOPLE = 40


@settings(max_examples=max(1, settings.default.max_examples // 5), phases=[Phase.explicit, Phase.generate])
@given(cohort_pathways(), st.integers(0, 2**32), st.booleans())
def test_sql_says_what_the_engine_says(pathway: Pathway, seed: int, one_date: bool) -> None:
    asked = cohort(seed, PEOPLE, (INDEX,) if one_date else INDEX_DATES)
    found = list(differences(pathway, asked, by_sql(pathway, asked, INDEX if one_date else None)))
    for difference in found[:5]:
        fact = pathway.facts.get(difference.what.removeprefix("fact_"))
        person = next(each for each in asked if each.record.patient.id == difference.person)
        note(f"{difference}\n{fact and (fact.type, fact.derivation, fact.absent, fact.conflict)}\n{person}")
    assert not found
