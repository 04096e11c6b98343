"""What a FHIR server gives for a query, or why not: a good server, a failing one, and a hostile one."""

import gzip
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from records_system import Answer, Asked, Reply, Served, bundle, guard_for, serving

from ischio.record.events import State
from ischio.remote.addresses import AddressGuard, AddressRefused
from ischio.remote.records import Answer as Given
from ischio.remote.records import FhirServer
from ischio.remote.scopes import Reach, Scopes
from ischio.remote.wire import Limits

CANARY = "canary-7f3a9c"
"""The access token: it may be seen by the server it is for, and by nobody else."""
QUERY = "Observation?patient=p1"
LIMITS = Limits(seconds=2.0, bytes=200_000, pages=4)
PATIENT = {"resourceType": "Patient", "id": "p1"}


def observation(number: int, patient: str = "p1") -> dict[str, Any]:
    return {"resourceType": "Observation", "id": f"o{number}", "subject": {"reference": f"Patient/{patient}"}}


def asked_of(served: Served, query: str = QUERY, *, limits: Limits = LIMITS, scopes: str | None = None) -> Given:
    allowed = None if scopes is None else Scopes.of(scopes)
    with FhirServer(f"{served.url}/fhir", CANARY, limits, guard_for(served), allowed) as server:
        (answer,) = server.ask([query])
    return answer


def pages_of(*pages: list[dict[str, Any]], to: Callable[[Asked, int], str] | None = None) -> Answer:
    """A search in pages; `to` makes the address of the next."""

    def answer(asked: Asked) -> Reply:
        number = int(asked.query.get("page", "0"))
        link = to or (lambda a, n: f"http://{a.headers['host']}/fhir/Observation?patient=p1&page={n}")
        links = [{"relation": "next", "url": link(asked, number + 1)}] if number + 1 < len(pages) else []
        return bundle(*pages[number], link=links)

    return answer


# ---- a good server --------------------------------------------------------------------------------------------------


def test_all_pages_of_a_search_with_the_token_on_each():
    with serving(pages_of([observation(1)], [observation(2)], [observation(3)])) as served:
        answer = asked_of(served)
        assert answer == Given(QUERY, (observation(1), observation(2), observation(3)))
        assert [one.headers["authorization"] for one in served.asked] == [f"Bearer {CANARY}"] * 3


def test_nothing_found_is_a_whole_answer():
    with serving(lambda _: bundle(total=0)) as served:
        assert asked_of(served) == Given(QUERY)


def test_a_resource_by_its_reference_with_exact_decimals():
    body = b'{"resourceType":"Patient","id":"p1","extension":[{"url":"x","valueDecimal":14.10}]}'
    with serving(lambda _: Reply(body=body)) as served:
        (found,) = asked_of(served, "Patient/p1").entries
        assert str(found["extension"][0]["valueDecimal"]) == "14.10"


def test_several_queries_are_answered_in_their_order():
    def answer(asked: Asked) -> Reply:
        time.sleep(0.05 if "Condition" in asked.path else 0)
        return bundle({"resourceType": asked.path.rpartition("/")[2], "id": "x"})

    queries = [f"{kind}?patient=p1" for kind in ("Condition", "Observation", "Procedure", "Flag", "Encounter")]
    with serving(answer) as served, FhirServer(f"{served.url}/fhir", None, LIMITS, guard_for(served)) as server:
        answers = server.ask(queries)
    assert [one.query for one in answers] == queries
    assert [one.entries[0]["resourceType"] for one in answers] == [query.partition("?")[0] for query in queries]


def test_what_is_no_query_is_a_mistake_of_ours():
    with serving(lambda _: bundle()) as served, FhirServer(served.url, None, LIMITS, guard_for(served)) as server:
        for query in ("../admin", "Patient/../x", "observation?x", "https://evil.example.org/", "Patient/p1/_history"):
            with pytest.raises(ValueError, match=r".+"):
                server.ask([query])
        assert served.asked == []


# ---- a server that fails --------------------------------------------------------------------------------------------

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
FORBIDDEN = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
WARNING = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "informational"}]}

FAILS: dict[str, tuple[Reply, State | None]] = {
    "401": (Reply(401, OUTCOME), State.NOT_AUTHORISED),
    "403": (Reply(403, OUTCOME), State.NOT_AUTHORISED),
    "404": (Reply(404, OUTCOME), State.QUERY_FAILED),
    "500": (Reply(500, b"<html>"), State.QUERY_FAILED),
    "an outcome instead of a Bundle": (Reply(body=OUTCOME), State.QUERY_FAILED),
    "an outcome that forbids": (Reply(body=FORBIDDEN), State.NOT_AUTHORISED),
    "an outcome among the results": (bundle(observation(1), OUTCOME), State.QUERY_FAILED),
    "a warning among the results": (bundle(observation(1), WARNING), None),
    "an entry without resource": (Reply(body={"resourceType": "Bundle", "entry": [{}]}), State.QUERY_FAILED),
    "counts more than it gives": (bundle(observation(1), total=3), State.TRUNCATED),
    "a Patient instead of a Bundle": (Reply(body=PATIENT), State.QUERY_FAILED),
    "a list": (Reply(body=[1]), State.QUERY_FAILED),
    "no JSON": (Reply(body=b"<html>no</html>"), State.QUERY_FAILED),
    "broken off": (Reply(body=b'{"resourceType": "Bun'), State.QUERY_FAILED),
    "not UTF-8": (Reply(body=b'{"resourceType": "\xff"}'), State.QUERY_FAILED),
    "nested without end": (Reply(body=b'{"a":' * 5000), State.QUERY_FAILED),
    "nothing": (Reply(body=b""), State.QUERY_FAILED),
}


@pytest.mark.parametrize(("reply", "state"), FAILS.values(), ids=FAILS)
def test_a_query_that_fails_is_told_in_its_own_words(reply: Reply, state: State | None):
    with serving(lambda _: reply) as served:
        answer = asked_of(served)
    assert answer.state is state
    assert bool(answer.why) == (state is not None)


def test_a_server_that_is_not_there():
    with serving(lambda _: bundle()) as served:
        guard, url = guard_for(served), served.url
    with FhirServer(url, CANARY, LIMITS, guard) as server:
        assert server.search(QUERY).state is State.QUERY_FAILED


def test_a_page_that_fails_leaves_what_came_before_it_and_says_so():
    def answer(asked: Asked) -> Reply:
        return Reply(503, b"") if "page" in asked.query else pages_of([observation(1)], [])(asked)

    with serving(answer) as served:
        found = asked_of(served)
    assert (found.entries, found.state) == ((observation(1),), State.QUERY_FAILED)


# ---- scopes ---------------------------------------------------------------------------------------------------------

REACH = {
    ("patient/Observation.rs", "s"): Reach.ALL,
    ("patient/Observation.r", "s"): Reach.NONE,
    ("patient/Observation.s", "s"): Reach.ALL,
    ("patient/Observation.cruds", "s"): Reach.ALL,
    ("patient/Observation.read", "s"): Reach.ALL,
    ("patient/Observation.write", "s"): Reach.NONE,
    ("patient/Observation.*", "s"): Reach.ALL,
    ("patient/*.rs", "s"): Reach.ALL,
    ("user/*.read", "s"): Reach.ALL,
    ("system/*.rs", "s"): Reach.ALL,
    ("patient/Condition.rs launch openid", "s"): Reach.NONE,
    ("patient/Observation.rs?category=laboratory", "s"): Reach.PART,
    ("patient/Observation.rs?category=laboratory patient/*.read", "s"): Reach.ALL,
    ("patient/Observation.sr", "s"): Reach.NONE,
    ("patient/Observation.", "s"): Reach.NONE,
    ("Observation.rs", "s"): Reach.NONE,
    ("", "s"): Reach.NONE,
    ("patient/Observation.rs", "r"): Reach.ALL,
    ("patient/Observation.s", "r"): Reach.NONE,
}


@pytest.mark.parametrize(("scope", "doing"), REACH, ids=str)
def test_how_far_a_scope_reaches(scope: str, doing: str):
    assert Scopes.of(scope).reach("Observation", doing) is REACH[scope, doing]


def test_what_no_scope_allows_is_not_even_asked():
    with serving(lambda _: bundle()) as served:
        answer = asked_of(served, scopes="patient/Condition.rs")
        assert served.asked == []
    assert answer.state is State.NOT_AUTHORISED
    assert "not asked" in answer.why


def test_a_part_that_is_allowed_comes_and_the_rest_is_not_authorised():
    with serving(lambda _: bundle(observation(1))) as served:
        answer = asked_of(served, scopes="patient/Observation.rs?category=laboratory")
    assert (answer.entries, answer.state) == ((observation(1),), State.NOT_AUTHORISED)


# ---- a hostile server -----------------------------------------------------------------------------------------------


@pytest.fixture
def stranger() -> Iterator[Served]:
    """Another server, to which nothing may go."""
    with serving(lambda _: bundle(observation(666))) as served:
        yield served
        assert served.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_server_is_not_followed(stranger: Served, status: int):
    elsewhere = Reply(status, b"", {"location": f"{stranger.url}/fhir/Observation"})
    with serving(lambda _: elsewhere) as served:
        assert asked_of(served).state is State.QUERY_FAILED


def test_a_next_page_on_another_server_is_not_fetched(stranger: Served):
    with serving(pages_of([observation(1)], [], to=lambda _, n: f"{stranger.url}/?page={n}")) as served:
        answer = asked_of(served)
    assert (answer.entries, answer.state) == ((observation(1),), State.TRUNCATED)
    assert "another server" in answer.why


@pytest.mark.parametrize("url", ["file:///etc/passwd", "//evil.example.org/x", "https://[", "javascript:alert(1)"])
def test_a_next_page_that_is_no_page_of_the_server(url: str):
    with serving(pages_of([observation(1)], [], to=lambda *_: url)) as served:
        assert asked_of(served).state is State.TRUNCATED


def test_pages_without_end():
    def answer(asked: Asked) -> Reply:
        number = int(asked.query.get("page", "0")) + 1
        return bundle(observation(number), link=[{"relation": "next", "url": f"Observation?patient=p1&page={number}"}])

    with serving(answer) as served:
        found = asked_of(served)
        assert len(served.asked) == LIMITS.pages
    assert (len(found.entries), found.state) == (LIMITS.pages, State.TRUNCATED)


def test_a_page_that_leads_to_itself():
    with serving(lambda _: bundle(observation(1), link=[{"relation": "next", "url": QUERY}])) as served:
        assert asked_of(served).state is State.TRUNCATED
        assert len(served.asked) == 1


def test_a_gigabyte_is_not_read():
    sent = [0]

    def stream(write: Callable[[bytes], object]) -> None:
        block = b" " * 65536
        for _ in range(16384):
            write(block)
            sent[0] += len(block)

    with serving(lambda _: Reply(stream=stream)) as served:
        answer = asked_of(served)
    assert answer.state is State.QUERY_FAILED
    assert "longer than" in answer.why
    assert sent[0] < 20_000_000, "what the network holds in between, and no more"


@pytest.mark.parametrize("start", ["HTTP/1.1 200 OK\r\nx-slow: ", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"])
def test_a_letter_at_a_time_in_the_head_or_the_body(start: str):
    """Each wait is short; all of them together are not waited for."""

    def stream(write: Callable[[bytes], object]) -> None:
        write(start.encode())
        for _ in range(200):
            write(b"a")
            time.sleep(0.05)

    with serving(lambda _: Reply(stream=stream, raw=True)) as served:
        answer = asked_of(served, limits=Limits(seconds=0.5, bytes=200_000))
    assert answer.state is State.QUERY_FAILED
    assert "in time" in answer.why


def test_silence_is_not_waited_for_as_long_as_an_answer():
    def stream(write: Callable[[bytes], object]) -> None:
        write(b"{")
        time.sleep(1)

    with serving(lambda _: Reply(stream=stream)) as served:
        answer = asked_of(served, limits=Limits(seconds=600, silence=0.2))
    assert "in time" in answer.why


@pytest.mark.parametrize("token", ["über", "a\r\nx-evil: 1", "\x00", "日本"])
def test_a_token_that_is_no_header_is_not_sent(token: str):
    """It comes from who calls us, and may be anything."""
    with serving(lambda _: bundle()) as served, FhirServer(served.url, token, LIMITS, guard_for(served)) as server:
        assert server.search(QUERY).state is State.QUERY_FAILED
        assert all("x-evil" not in asked.headers for asked in served.asked)


def test_time_is_one_for_all_queries_of_a_call():
    def answer(_: Asked) -> Reply:
        time.sleep(0.2)
        return bundle()

    limits = Limits(seconds=0.5)
    with serving(answer) as served, FhirServer(served.url, None, limits, guard_for(served)) as server:
        states = [one.state for one in server.ask([QUERY] * 40)]
    assert states[0] is None
    assert states[-1] is State.QUERY_FAILED


def test_a_packed_answer_is_not_unpacked():
    bomb = gzip.compress(b" " * 50_000_000)
    with serving(lambda _: Reply(body=bomb, headers={"content-encoding": "gzip"})) as served:
        answer = asked_of(served)
    assert answer.state is State.QUERY_FAILED
    assert "packed" in answer.why


def test_another_patient_than_the_one_asked_for():
    with serving(lambda _: Reply(body={"resourceType": "Patient", "id": "p2"})) as served:
        answer = asked_of(served, "Patient/p1")
    assert (answer.entries, answer.state) == ((), State.QUERY_FAILED)


@pytest.mark.parametrize("query", [QUERY, "Observation?subject=Patient/p1", "Observation?patient=Patient%2Fp1"])
def test_data_of_another_person_make_the_answer_unusable_for_what_it_lacks(query: str):
    with serving(lambda _: bundle(observation(1), observation(2, "p2"))) as served:
        answer = asked_of(served, query)
    assert (answer.entries, answer.state) == ((observation(1),), State.QUERY_FAILED)
    assert "another person" in answer.why


def test_what_is_not_listed_or_leads_into_our_network_is_refused(stranger: Served):
    with pytest.raises(AddressRefused):
        FhirServer(stranger.url, CANARY, LIMITS, AddressGuard(frozenset({"fhir.example.org"}), plain=True))
    inside = AddressGuard(frozenset({stranger.host}), plain=True)
    with FhirServer(stranger.url, CANARY, LIMITS, inside) as server:
        answer = server.search(QUERY)
    assert answer.state is State.QUERY_FAILED
    assert "network" in answer.why


def test_a_name_that_leads_elsewhere_the_second_time(stranger: Served):
    """The name is asked once for each connection, and what was checked is what is called."""
    answers = iter([("93.184.216.34", "127.0.0.1"), ("127.0.0.1",)])
    host = stranger.host.replace("127.0.0.1", "fhir.example.org")
    guard = AddressGuard(frozenset({host}), plain=True, resolve=lambda *_: next(answers))
    with FhirServer(f"http://{host}", CANARY, LIMITS, guard) as server:
        assert server.search(QUERY).state is State.QUERY_FAILED
        assert server.search(QUERY).state is State.QUERY_FAILED


def test_the_token_is_in_no_log_and_in_no_error(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with serving(lambda _: Reply(500, b"")) as served:
        answer = asked_of(served)
        assert any(CANARY in one.headers["authorization"] for one in served.asked)
    assert CANARY not in caplog.text + repr(answer)
    assert QUERY.partition("?")[2] not in caplog.text
