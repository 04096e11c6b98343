"""The clinic's application on a store of its own, of SQLite and of PostgreSQL."""

from datetime import UTC, date, datetime

import pytest
from store_fixtures import empty, made, made_in_postgresql, postgresql, store, tamper, url

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge, read_knowledge
from ischio.store.entries import Access, Known
from ischio.store.store import Store

__all__ = ["empty", "made", "made_in_postgresql", "postgresql", "store", "tamper", "url"]


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return read_knowledge()


@pytest.fixture
def clinic(store: Store, knowledge: Knowledge) -> Clinic:
    return Clinic(store, knowledge)


@pytest.fixture
def by() -> Access:
    return Access("account/7", datetime(2026, 6, 1, 9, tzinfo=UTC))


@pytest.fixture
def on(by: Access) -> date:
    return by.at.date()


@pytest.fixture
def anna(clinic: Clinic, by: Access) -> Known:
    """A synthetic person."""
    return clinic.people.register("Anna Sample", "S-17", "north", by)
