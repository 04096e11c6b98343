"""What is remembered for a browser is opened with its name and its browser, and with nothing that lies in the store."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from clinic_pages import MORNING, Clock

from ischio.interfaces.http.pages.arrivals import Arrival
from ischio.interfaces.http.smart.browsers import new_browser
from ischio.interfaces.http.smart.kept import Kept
from ischio.remote.authority import Authority
from ischio.remote.errands import Errand
from ischio.remote.scopes import Scopes
from ischio.remote.smart import Grant
from ischio.store.accounts import Role
from ischio.store.identities import Identity
from ischio.store.store import Store, open_store

LATER = MORNING + timedelta(minutes=10)
OURS, ANOTHER = new_browser(), new_browser()
ERRAND = Errand("https://e.org", Authority("https://e.org", "t", "a", None, ("S256",)), "https://ifi.example.org/back")
GRANT = Grant(
    "canary-token", LATER, Scopes.of("openid patient/*.rs"), "canary-patient", user="d1", refresh="canary-new"
)
ARRIVALS = (
    Arrival(Identity("https://e.org", "d1"), "clinic", grant=GRANT),
    Arrival(Identity("https://e.org", "d1"), "clinic", "/patients", sid="s", roles=frozenset(Role), makes=""),
)


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "kept.db"))


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{file}")) as opened:
        yield opened


def launches(store: Store, kind: str = "launch") -> Kept[Errand]:
    return Kept(kind, Errand, store, Clock())


def test_it_comes_back_as_it_was_put(store: Store):
    assert launches(store).get(launches(store).put(ERRAND, LATER, OURS), OURS) == ERRAND
    arrivals = Kept("arrival", Arrival, store, Clock())
    for arrival in ARRIVALS:
        assert arrivals.get(arrivals.put(arrival, LATER, OURS), OURS) == arrival


@pytest.mark.parametrize("browser", [ANOTHER, "", f"{OURS}x"], ids=["another", "none", "one that begins like it"])
def test_it_is_one_browser_s(store: Store, browser: str):
    kept = launches(store)
    name = kept.put(ERRAND, LATER, OURS)
    assert kept.get(name, browser) is None
    assert kept.get(name, OURS) == ERRAND, "looking does not end it"


@pytest.mark.parametrize("name", ["", "made-up", "\0", "\ud800", "x" * 10_000])
def test_a_name_that_was_never_given_opens_nothing(store: Store, name: str):
    launches(store).put(ERRAND, LATER, OURS)
    assert launches(store).take(name, OURS) is None


def test_a_name_of_one_kind_opens_nothing_of_another(store: Store):
    name = launches(store).put(ERRAND, LATER, OURS)
    assert launches(store, "page of a launch").take(name, OURS) is None
    assert launches(store).take(name, OURS) == ERRAND


def test_whoever_takes_it_uses_it_up(store: Store):
    kept = launches(store)
    name = kept.put(ERRAND, LATER, OURS)
    assert kept.take(name, ANOTHER) is None
    assert kept.take(name, OURS) is None


def test_who_has_the_store_alone_reads_nothing_of_it(store: Store, file: Path):
    name = launches(store).put(ERRAND, LATER, OURS, ERRAND.state)
    Kept("arrival", Arrival, store, Clock()).put(ARRIVALS[0], LATER, OURS)
    lying = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"arrival" in lying, "the rows are there"
    for secret in (name, OURS, ERRAND.verifier, ERRAND.nonce, "canary-token", "canary-patient", "canary-new"):
        assert secret.encode() not in lying


@dataclass(frozen=True)
class OfOld:
    """As an earlier release remembered it."""

    server: str


def test_what_another_release_remembered_otherwise_has_ended(store: Store):
    name = Kept("launch", OfOld, store, Clock()).put(OfOld("https://e.org"), LATER, OURS)
    assert launches(store).get(name, OURS) is None
