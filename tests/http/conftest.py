"""The clinic's application, whole, over a store of its own."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from clinic_pages import Clock, cheap
from practice import Practice
from store_fixtures import made, made_in_postgresql, postgresql, url

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge, shipped
from ischio.interfaces.http.app import guarded, service_of
from ischio.interfaces.http.pages import routes
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.store.store import Store, open_store

__all__ = ["made", "made_in_postgresql", "postgresql", "url"]


@pytest.fixture(scope="session")
def service() -> Service:
    """Without a store, and with time enough on any machine: pages are tested here, not how quick they are."""
    plain = Settings()
    return service_of(replace(plain, limits=replace(plain.limits, seconds=120)))


@pytest.fixture(scope="session")
def knowledge(service: Service) -> Knowledge:
    return shipped(service.pathway, service.bindings)


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Iterator[Store]:
    """A new one, of SQLite."""
    with closing(open_store(f"sqlite:///{shutil.copy(made, tmp_path / 'store.db')}")) as opened:
        yield opened


@pytest.fixture
def practice(store: Store, service: Service, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """With passwords that are quick."""
    monkeypatch.setattr(routes, "Passwords", cheap)
    clock = Clock()
    own = replace(service, store=store, clock=clock)
    return Practice(store, clock, Clinic(store, knowledge), guarded(own, routes.routes(own)))
