"""A FHIR server that nobody here wrote takes every exported resource and gives it back as it was."""

from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from fhir_export import Json, exported, named
from foreign_server import ask, sekmet

SET_BY_THE_SERVER = ("id", "meta")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPConnection]:
    with sekmet(tmp_path_factory.mktemp("sekmet")) as connection:
        yield connection


def test_the_server_takes_every_resource_and_gives_it_back(server: HTTPConnection, capsys: pytest.CaptureFixture[str]):
    taken: Counter[str] = Counter()
    for resource in exported().resources:
        status, answer = ask(server, "PUT", named(resource), resource)
        assert status in (200, 201), (named(resource), answer)
        status, given_back = ask(server, "GET", named(resource))
        assert status == 200
        assert without(given_back) == without(resource)
        taken[resource["resourceType"]] += 1
    with capsys.disabled():
        print(f"\nsekmet took {taken.total()} resources and gave them back unchanged: {dict(sorted(taken.items()))}")


def test_the_server_refuses_what_is_no_resource(server: HTTPConnection):
    """Or its taking the others would say nothing."""
    broken = dict(exported().resources[1]) | {"status": None, "action": "x"}
    status, _ = ask(server, "PUT", named(broken), broken)
    assert 400 <= status < 500


def without(resource: Json) -> Json:
    return {key: value for key, value in resource.items() if key not in SET_BY_THE_SERVER}
