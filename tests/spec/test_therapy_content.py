"""What a course of therapy held, as FHIR tells it: said, denied, or passed over in silence."""

from datetime import date

import pytest
from fhir_forms import PATHWAY, concept, observation, procedure, read

from ischio.model.about import Side
from ischio.record.derivation import derive

COURSE = procedure("physiotherapy")
DONE = procedure("pt-strengthening")
SAID = observation("pt-strengthening", valueBoolean=True)
DENIED = observation("pt-strengthening", valueBoolean=False)
DENIED_IN_CODE = observation("pt-strengthening", valueCodeableConcept=concept("no"))
BARE = observation("pt-strengthening")

TABLE = {
    "nothing recorded": ([], False),
    "a course and no word on what it held": ([COURSE], None),
    "a course and the component done": ([COURSE, DONE], True),
    "a course and the component said to be given": ([COURSE, SAID], True),
    "a course and the component denied": ([COURSE, DENIED], False),
    "a course and the component denied by a code": ([COURSE, DENIED_IN_CODE], False),
    "one yes stands": ([COURSE, DONE, DENIED], True),
    "the component named without an answer": ([COURSE, BARE], None),
}


@pytest.mark.parametrize(("resources", "given"), TABLE.values(), ids=TABLE)
def test_a_component_is_known_only_where_it_is_told_or_no_course_is_recorded(resources, given):
    numbered = [resource | {"id": f"r{number}"} for number, resource in enumerate(resources)]
    facts = derive(PATHWAY, read(*numbered), date(2026, 6, 1))[Side.RIGHT]
    assert facts["strengthening_delivered"].value is given
