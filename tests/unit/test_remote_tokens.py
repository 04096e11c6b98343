"""Who is let in: the signed token of a CDS client, each part of it wrong in turn."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey

from ischio.remote import keys, tokens
from ischio.remote.keys import KeySets, keys_of
from ischio.remote.tokens import Clients, Issuer, Unauthorised
from ischio.remote.wire import WireError

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
ENDPOINT = "https://ifi.example.org/cds-services/patient-chart"
EHR = "https://ehr.example.org"
JKU = "https://ehr.example.org/jwks.json"
OWN = ECKey.generate_key("P-384", {"kid": "k1"})
OWN_RSA = RSAKey.generate_key(2048, {"kid": "r1"})
STRANGER = ECKey.generate_key("P-384", {"kid": "k1"})
P256 = ECKey.generate_key("P-256", {"kid": "p256"})
SECRET = OctKey.import_key("a secret that both know, and long enough for it", {"kid": "k1"})
KEYS = {"keys": [key.as_dict(private=False) for key in (OWN, OWN_RSA, P256)]}
SANDBOX = {
    "kty": "EC",
    "crv": "P-384",
    "kid": "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f",
    "x": "dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB",
    "y": "Sm3mLE-n1zYNla_aiE3cb3nZsL51RbC7ysw3q8aJLxGm-hx79RPMYpITDjp7kgzy",
}
HEADER = {"alg": "ES384", "kid": "k1", "typ": "JWT"}
MISSING = object()
_number = iter(range(10**6))


def no_fetch(url: str) -> bytes:
    raise AssertionError(f"{url} was fetched")


def signed(header: dict[str, Any] = HEADER, key: Any = OWN, **claims: Any) -> str:
    """An Authorization header with a good token, but for what is named."""
    good = {"iss": EHR, "aud": ENDPOINT, "exp": AT + 300, "iat": AT, "jti": f"id-{next(_number)}"}
    said = {name: value for name, value in (good | claims).items() if value is not MISSING}
    shown = {name: value for name, value in header.items() if value is not MISSING}
    text = jwt.encode(shown, said, key, algorithms=[str(shown.get("alg"))], default_type=None)
    return f"Bearer {text}"


def clients(**more: Any) -> Clients:
    return Clients([Issuer(EHR, KEYS, **more)], no_fetch)


def refused(who: Clients, authorization: str | None, endpoint: str = ENDPOINT) -> tuple[int, str]:
    with pytest.raises(Unauthorised) as told:
        who.verify(authorization, endpoint, NOW)
    return told.value.status, told.value.why


# ---- who is let in --------------------------------------------------------------------------------------------------

LET_IN = {
    "a token as it should be": {},
    "aud is a list with our address": {"aud": ["https://other.example.org", ENDPOINT]},
    "our clock is behind by less than a minute": {"iat": AT + 50},
    "it ended less than a minute ago": {"exp": AT - 50},
    "times with a fraction": {"iat": AT - 0.5, "exp": AT + 12.25},
}


@pytest.mark.parametrize("claims", LET_IN.values(), ids=LET_IN)
def test_let_in(claims: dict[str, Any]):
    assert clients().verify(signed(**claims), ENDPOINT, NOW).issuer == EHR


def test_let_in_with_rsa():
    header = {"alg": "RS384", "kid": "r1", "typ": "JWT"}
    client = clients().verify(signed(header, OWN_RSA, tenant="clinic 4", sub="ehr"), ENDPOINT, NOW)
    assert (client.tenant, client.subject) == ("clinic 4", "ehr")


@pytest.mark.parametrize("aud", [f"{ENDPOINT}/feedback", ENDPOINT])
def test_feedback_takes_either_address(aud: str):
    assert clients().verify(signed(aud=aud), f"{ENDPOINT}/feedback", NOW).issuer == EHR


# ---- who is not -----------------------------------------------------------------------------------------------------

WRONG_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "iss missing": ({"iss": MISSING}, "`iss`"),
    "iss unknown": ({"iss": "https://elsewhere.example.org"}, "not known"),
    "iss is a number": ({"iss": 5}, "`iss`"),
    "aud missing": ({"aud": MISSING}, "another address"),
    "aud of another service": ({"aud": ENDPOINT.replace("patient-chart", "order-sign")}, "another address"),
    "aud is the server alone": ({"aud": "https://ifi.example.org"}, "another address"),
    "aud is the feedback of it": ({"aud": f"{ENDPOINT}/feedback"}, "another address"),
    "aud is an object": ({"aud": {"url": ENDPOINT}}, "another address"),
    "exp missing": ({"exp": MISSING}, "`exp`"),
    "exp past": ({"exp": AT - 61}, "expired"),
    "exp is text": ({"exp": str(AT + 300)}, "`exp`"),
    "exp is true": ({"exp": True}, "`exp`"),
    "exp beyond all dates": ({"exp": 10**400}, "`exp`"),
    "exp in two hours": ({"exp": AT + 7200}, "longer than"),
    "iat missing": ({"iat": MISSING}, "`iat`"),
    "iat in the future": ({"iat": AT + 61}, "future"),
    "nbf in the future": ({"nbf": AT + 61}, "future"),
    "jti missing": ({"jti": MISSING}, "`jti`"),
    "jti empty": ({"jti": ""}, "`jti`"),
    "jti very long": ({"jti": "x" * 257}, "`jti`"),
}


@pytest.mark.parametrize(("claims", "why"), WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_a_claim_that_is_wrong(claims: dict[str, Any], why: str):
    status, told = refused(clients(), signed(**claims))
    assert status == 401
    assert why in told


WRONG_HEADERS: dict[str, tuple[dict[str, Any], Any, str]] = {
    "signed by another key of the same id": (HEADER, STRANGER, "signature"),
    "kid unknown": (HEADER | {"kid": "k2"}, OWN, "no key"),
    "kid missing": (HEADER | {"kid": MISSING}, OWN, "`kid`"),
    "typ missing": (HEADER | {"typ": MISSING}, OWN, "typ"),
    "typ is another": (HEADER | {"typ": "at+jwt"}, OWN, "typ"),
    "a shared secret (HS384)": (HEADER | {"alg": "HS384"}, SECRET, "ES384 or RS384"),
    "ES256": ({"alg": "ES256", "kid": "p256", "typ": "JWT"}, P256, "ES384 or RS384"),
    "an RSA token under the id of an EC key": ({"alg": "RS384", "kid": "k1", "typ": "JWT"}, OWN_RSA, "signature"),
    "jku of somebody else": (HEADER | {"jku": "https://attacker.example.org/k"}, OWN, "jku"),
}


@pytest.mark.parametrize(("header", "key", "why"), WRONG_HEADERS.values(), ids=WRONG_HEADERS)
def test_a_header_that_is_wrong(header: dict[str, Any], key: Any, why: str):
    status, told = refused(clients(), signed(header, key))
    assert status == 401
    assert why in told


def unsigned() -> str:
    _, body, _ = signed().removeprefix("Bearer ").split(".")
    return f"Bearer {'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0'}.{body}."


def changed() -> str:
    """The claims of another token under the signature of this one."""
    head, _, signature = signed().split(".")
    return ".".join((head, signed(aud="x").split(".")[1], signature))


NO_TOKEN: dict[str, Callable[[], str | None]] = {
    "none": lambda: None,
    "empty": lambda: "",
    "another scheme": lambda: "Basic dXNlcjpwYXNz",
    "no JWT": lambda: "Bearer letmein",
    "four parts": lambda: f"{signed()}.x",
    "not ASCII": lambda: "Bearer ä.ö.ü",
    "claims are a list": lambda: "Bearer eyJhbGciOiJFUzM4NCJ9.W10.x",
    "very long": lambda: "Bearer " + "a" * 9000,
    "not signed (none)": unsigned,
    "claims exchanged": changed,
}


@pytest.mark.parametrize("make", NO_TOKEN.values(), ids=NO_TOKEN)
def test_no_token_that_can_be_read(make: Callable[[], str | None]):
    assert refused(clients(), make())[0] == 401


def test_a_token_counts_once():
    who, token = clients(), signed()
    who.verify(token, ENDPOINT, NOW)
    assert refused(who, token) == (401, "the token was used before (jti)")


def test_ids_of_two_systems_do_not_mix():
    who = Clients([Issuer(EHR, KEYS), Issuer("https://b.example.org", KEYS)], no_fetch)
    who.verify(signed(jti="same"), ENDPOINT, NOW)
    assert who.verify(signed(jti="same", iss="https://b.example.org"), ENDPOINT, NOW).issuer == "https://b.example.org"


def test_a_token_that_fails_does_not_use_up_its_id():
    who = clients()
    refused(who, signed(HEADER, STRANGER, jti="one"))
    assert who.verify(signed(jti="one"), ENDPOINT, NOW).issuer == EHR


def test_memory_for_ids_has_an_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    who = clients()
    for _ in range(3):
        who.verify(signed(), ENDPOINT, NOW)
    assert refused(who, signed())[0] == 429
    later = datetime.fromtimestamp(AT + 1000, UTC)
    assert who.verify(signed(exp=AT + 1300, iat=AT + 1000), ENDPOINT, later).issuer == EHR


def test_known_but_not_allowed_here():
    who = clients(services=frozenset({"order-sign"}))
    assert refused(who, signed())[0] == 403
    assert refused(who, signed(aud=f"{ENDPOINT}/feedback"), f"{ENDPOINT}/feedback")[0] == 403
    discovery = "https://ifi.example.org/cds-services"
    assert who.verify(signed(aud=discovery), discovery, NOW).issuer == EHR


def test_the_key_of_the_public_sandbox_is_no_proof(monkeypatch: pytest.MonkeyPatch):
    """The true key is known by its thumbprint; the refusal is shown with a key of our own."""
    assert keys_of({"keys": [SANDBOX]})[SANDBOX["kid"]].thumbprint() in keys.PUBLISHED
    monkeypatch.setattr(tokens, "PUBLISHED", frozenset({OWN.thumbprint()}))
    assert "anybody" in refused(clients(), signed())[1]
    assert clients(published=True).verify(signed(), ENDPOINT, NOW).issuer == EHR


# ---- keys that are fetched ------------------------------------------------------------------------------------------


class Server:
    """A server of keys that counts how often it is asked."""

    def __init__(self, *held: Any) -> None:
        self.keys, self.asked, self.fails = list(held), list[str](), False

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if self.fails:
            raise WireError("it does not answer")
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()


def test_keys_are_fetched_once_and_only_from_the_listed_address():
    server = Server(OWN)
    who = Clients([Issuer(EHR, jku=JKU)], server.fetch)
    for header in (HEADER, HEADER | {"jku": JKU}):
        assert who.verify(signed(header), ENDPOINT, NOW).issuer == EHR
    refused(who, signed(HEADER | {"jku": "https://attacker.example.org/jwks.json"}))
    assert server.asked == [JKU]


def test_no_key_is_fetched_for_what_could_never_be_let_in():
    server = Server(OWN)
    who = Clients([Issuer(EHR, jku=JKU)], server.fetch)
    for header, key in ((HEADER | {"alg": "HS384"}, SECRET), (HEADER | {"typ": "x"}, OWN)):
        refused(who, signed(header, key))
    refused(who, signed(iss="https://elsewhere.example.org"))
    assert server.asked == []


def test_a_new_key_is_found_by_one_fetch_and_made_up_ids_make_no_more():
    now = [0.0]
    server = Server(OWN)
    sets = KeySets(server.fetch, lambda: now[0])
    assert sets.key(JKU, "k1") is not None
    server.keys.append(OWN_RSA)
    assert sets.key(JKU, "r1") is None, "asked for again within the minute"
    now[0] = 61
    assert sets.key(JKU, "r1") is not None
    for number in range(100):
        assert sets.key(JKU, f"made up {number}") is None
    assert len(server.asked) == 2


def test_a_key_that_was_withdrawn_counts_for_an_hour_at_most_even_if_the_server_is_away():
    now = [0.0]
    server = Server(OWN)
    sets = KeySets(server.fetch, lambda: now[0])
    assert sets.key(JKU, "k1") is not None
    server.fails = True
    now[0] = 3599
    assert sets.key(JKU, "k1") is not None
    now[0] = 3601
    assert sets.key(JKU, "k1") is None
    server.fails, now[0] = False, 3700
    assert sets.key(JKU, "k1") is not None


def test_only_keys_that_can_check_a_signature_are_taken():
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1024, {"kid": "short"}).as_dict(private=False)
    listed = [
        "no object",
        {"kty": "EC", "kid": "broken", "crv": "P-384", "x": "AA", "y": "AA"},
        SECRET.as_dict(private=True),
        OWN.as_dict(private=False) | {"kid": "sealing", "use": "enc"},
        short,
        OWN.as_dict(private=True),
    ]
    with pytest.warns(SecurityWarning):
        found = keys_of({"keys": listed})
    assert set(found) == {"k1"}
    assert not found["k1"].is_private
    assert keys_of({"keys": 5}) == {}
