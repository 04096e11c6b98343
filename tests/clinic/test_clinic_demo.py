"""The synthetic people of the demo: in every stage, marked as what they are, and begun anew as often as one likes."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ischio.clinic import demo
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge
from ischio.store.entries import Access
from ischio.store.standings import Standing, Wanted

BY = Access("the demo", datetime(2026, 11, 23, 9, tzinfo=UTC))
ON = BY.at.date()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge) -> Iterator[Clinic]:
    with closing(demo.fresh_store(tmp_path_factory.mktemp("demo") / "demo.db")) as store:
        clinic = Clinic(store, knowledge)
        demo.take_in(clinic, ON, BY)
        yield clinic


def rows(clinic: Clinic) -> tuple[Standing, ...]:
    return clinic.standings.list(Wanted(demo.ORGANISATION, ON), BY, most=200).rows


def test_there_are_forty_people_in_every_stage(shown: Clinic):
    found = rows(shown)
    assert len({row.known.id for row in found}) == demo.PEOPLE
    assert {row.stage for row in found} == {stage.id for stage in shown.knowledge.pathway.stages} | {"not_on_pathway"}


def test_every_way_off_the_path_is_there_and_the_list_has_work_to_show(shown: Clinic):
    found = rows(shown)
    assert {row.diversion for row in found} == {each.id for each in shown.knowledge.pathway.diversions} | {None}
    assert any(row.alert for row in found)
    assert any(row.due and row.due < ON for row in found)
    assert any(row.due and row.due >= ON for row in found)
    assert any(row.cannot_tell for row in found)


def test_each_is_marked_as_synthetic(shown: Clinic):
    for known in shown.store.people.all():
        assert known.name.startswith("Synthetic person")
        assert known.whom.server == demo.SERVER


def test_the_demo_begins_anew_in_a_new_store(tmp_path: Path):
    file = tmp_path / "demo.db"
    for _ in range(2):
        with closing(demo.fresh_store(file)) as store:
            assert store.people.all() == ()
            store.audit.head_to_keep(BY)
            assert store.audit.verify().entries == 2
