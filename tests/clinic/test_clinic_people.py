"""Taking people in, renaming and finding them: each organisation sees its own and nobody else's."""

import pytest

from ischio.clinic.clinic import Clinic
from ischio.model.dates import PartialDate
from ischio.store.entries import Access, Known, Outcome, Person
from ischio.store.faults import PersonRefused


def test_whom_an_organisation_takes_in_it_finds(clinic: Clinic, anna: Known, by: Access):
    assert clinic.people.find(anna.id, "north", by) == anna
    assert (anna.name, anna.identifier) == ("Anna Sample", "S-17")


def test_birth_date_and_sex_are_part_of_the_record(clinic: Clinic, by: Access, on):
    bert = clinic.people.register("Bert", "", "north", by, PartialDate.parse("1984-03"), "male")
    patient = clinic.charts.of(bert, on, by).record.patient
    assert (str(patient.birth_date), patient.sex) == ("1984-03", "male")


@pytest.mark.parametrize(
    ("id", "organisation", "why"),
    [("", "south", "not of this organisation"), ("guessed", "north", "unknown person")],
    ids=["of another organisation", "guessed"],
)
def test_nobody_else_is_found_and_the_try_is_audited(
    clinic: Clinic, anna: Known, by: Access, id: str, organisation: str, why: str
):
    assert clinic.people.find(id or anna.id, organisation, by) is None
    *_, last = clinic.store.audit.entries()
    assert (last.what, last.outcome, last.why, last.by.who) == ("person", Outcome.REFUSED, why, by.who)
    assert last.whom == (anna.whom if not id else None)


def test_a_new_name_counts_and_the_old_one_is_kept(clinic: Clinic, anna: Known, by: Access):
    clinic.people.rename(anna, "Anna  Example", "S-17", by)
    found = clinic.people.find(anna.id, "north", by)
    assert found is not None
    assert found.name == "Anna Example"
    assert clinic.store.health().rows["person"] == 2
    assert clinic.store.audit.verify().sound


def test_two_people_with_one_identifier_are_refused(clinic: Clinic, anna: Known, by: Access):
    with pytest.raises(PersonRefused, match="Somebody else has this identifier"):
        clinic.people.register("Anna Sample", "S-17", "north", by)
    clinic.people.register("Anna Sample", "S-17", "south", by)
    clinic.people.rename(anna, "Anna Sample", "S-18", by)
    clinic.people.register("Another", "S-17", "north", by)


@pytest.mark.parametrize(
    ("name", "born", "sex", "where"),
    [
        ("  ", None, None, "name"),
        ("x" * 201, None, None, "name"),
        ("A", "2027-01-01", None, "born"),
        ("A", None, "x", "sex"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(clinic: Clinic, by: Access, name, born, sex, where: str):
    with pytest.raises(PersonRefused) as refused:
        clinic.people.register(name, "", "north", by, born and PartialDate.parse(born), sex)
    assert [mistake.where for mistake in refused.value.mistakes] == [where]
    assert clinic.store.people.all() == ()


def test_who_comes_from_a_records_system_is_taken_over_once(clinic: Clinic, by: Access):
    whom = Person("https://ehr.example/fhir", "17")
    first = clinic.people.take_over(whom, "Carl Sample", "17", "north", by)
    again = clinic.people.take_over(whom, "Carl Renamed", "17", "north", by)
    assert (again.id, again.name, again.whom) == (first.id, "Carl Renamed", whom)
    assert len(clinic.store.people.all()) == 1
    with pytest.raises(PersonRefused):
        clinic.people.take_over(whom, "Carl Sample", "17", "south", by)
