"""Whatever others send, it is refused or told as unknown, and never stops us: addresses, tokens, keys, answers."""

from base64 import urlsafe_b64encode
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_remote_tokens import ENDPOINT, HEADER, NOW, clients, no_fetch, signed

from ischio.record.events import State
from ischio.remote import bulk
from ischio.remote.addresses import AddressGuard, AddressRefused
from ischio.remote.keys import keys_of
from ischio.remote.records import FhirServer
from ischio.remote.scopes import Reach, Scopes
from ischio.remote.tokens import Clients, Issuer, Unauthorised
from ischio.remote.wire import Limits, Reply, Wire

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
OF_BUNDLES = ["resourceType", "entry", "resource", "link", "relation", "url", "total", "id", "subject", "patient"]
OF_OTHERS = ["reference", "issue", "severity", "code", "keys", "kty", "kid", "x", "y", "n", "e", "crv", "use", "output"]
NAMES = st.sampled_from([*OF_BUNDLES, *OF_OTHERS])
WORDS = st.sampled_from(["Bundle", "Patient", "OperationOutcome", "next", "error", "RSA", "EC", "P-384", "AQAB", "p1"])
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
BUNDLES = st.dictionaries(NAMES, JSON, max_size=5).map(lambda found: {**found, "resourceType": "Bundle"})
GUARD = AddressGuard(frozenset({"fhir.example.org"}))


@given(st.text() | st.text().map(lambda rest: f"https://fhir.example.org{rest}"))
def test_any_address_is_ours_or_refused(url: str):
    try:
        found = GUARD.admit(url)
    except AddressRefused:
        return
    assert found.origin == ("https", "fhir.example.org", 443)
    assert found.target.isascii()
    assert found.target.isprintable()
    assert " " not in found.target


@given(st.none() | st.text() | st.text().map("Bearer {}".format) | st.binary().map(lambda raw: f"Bearer {raw!r}"))
def test_any_header_is_refused(authorization: str | None):
    with pytest.raises(Unauthorised):
        Clients([Issuer("x", {"keys": []})], no_fetch).verify(authorization, ENDPOINT, NOW)


@given(st.dictionaries(st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "jti", "sub", "tenant"]), JSON, min_size=1))
def test_any_claims_are_let_in_as_they_should_or_refused(claims: dict[str, Any]):
    """A claim that is wrong is never an error of ours. Only what leaves the rest good may pass."""
    token = signed(**claims)
    try:
        clients().verify(token, ENDPOINT, NOW)
    except Unauthorised:
        return
    assert claims.keys() <= {"sub", "tenant", "jti", "nbf", "iat", "exp", "aud"}


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "jku", "crit", "b64"]), SCALARS, min_size=1))
def test_any_other_head_of_a_token_is_refused(more: dict[str, Any]):
    _, body, signature = signed().removeprefix("Bearer ").split(".")
    other = urlsafe_b64encode(msgspec.json.encode(HEADER | more)).rstrip(b"=").decode()
    with pytest.raises(Unauthorised):
        clients().verify(f"Bearer {other}.{body}.{signature}", ENDPOINT, NOW)


@given(JSON)
def test_any_set_of_keys_holds_keys_or_none(found: Any):
    assert all(not key.is_private for key in keys_of(found if isinstance(found, dict) else {"keys": found}).values())


@given(JSON.map(msgspec.json.encode) | BUNDLES.map(msgspec.json.encode) | st.binary())
def test_any_answer_of_a_server_is_an_answer(body: bytes):
    def send(*_: Any) -> Reply:
        return Reply(200, {}, body)

    with patch.object(Wire, "send", send), FhirServer("https://fhir.example.org", None, Limits(), GUARD) as server:
        found = server.search("Observation?patient=p1")
        read = server.read("Patient/p1")
    assert all(isinstance(one, dict) for one in found.entries)
    assert found.state in (None, State.QUERY_FAILED, State.NOT_AUTHORISED, State.TRUNCATED)
    assert bool(found.why) == (found.state is not None)
    assert [one["id"] for one in read.entries] in ([], ["p1"])


@given(st.text(), st.sampled_from("rs"))
def test_any_scope_reaches_only_as_far_as_it_says(text: str, doing: str):
    reach = Scopes.of(text).reach("Observation", doing)
    assert reach is Reach.NONE or "/Observation." in text or "/*." in text


@given(st.binary())
def test_any_line_of_errors_is_told_in_printable_words(line: bytes):
    assert all(told.isprintable() for told in bulk._issues(line))
