"""A records system that launches us, for tests: its authorisation and FHIR server, and what can be wrong with them."""

import json
import re
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from records_system import Asked, Reply, Served, bundle, serving

from ischio.engine.assess import assess
from ischio.fhir.bindings import Bindings, load_bindings
from ischio.fhir.writer import as_bundle
from ischio.loading.pathway import load_pathway
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case, read_case

CANARY = "canary-access-7f3a9c"
"""Begins every token that the server gives."""
CLIENT = "ischio-test"
SECRET = "canary-secret-51: with / signs"
REDIRECT = "https://ifi.example.org/smart/callback"
OUR_KEY = ECKey.generate_key("P-384", {"kid": "ours"})
ITS_KEY = RSAKey.generate_key(2048, {"kid": "its"})
ANOTHER = RSAKey.generate_key(2048, {"kid": "its"})


@dataclass(frozen=True)
class Knowledge:
    """A pathway with two of its cases, as a records system holds them."""

    pathway: Pathway
    bindings: Bindings
    cases: tuple[Case, Case]

    @property
    def on(self) -> date:
        return self.cases[0].index_date

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {name: self._resources(case, name) for name, case in zip(("p1", "p2"), self.cases, strict=True)}

    def _resources(self, case: Case, patient: str) -> list[dict[str, Any]]:
        """Of a case, under another patient id."""
        held = [entry["resource"] for entry in as_bundle(case.record, self.pathway, self.bindings)["entry"]]
        text = re.sub(r'"Patient/[^"]+"', f'"Patient/{patient}"', json.dumps(held))
        return [one | ({"id": patient} if one["resourceType"] == "Patient" else {}) for one in json.loads(text)]

    def stages(self, patient: str) -> list[str]:
        """The headings of the hips of a patient, as the engine has them."""
        case = self.cases[0] if patient == "p1" else self.cases[1]
        hips = assess(self.pathway, case.record, self.on).hips
        return [f"{hip.side.capitalize()} {self.pathway.body_part}: {hip.stage.title}" for hip in hips]


def knowledge_of(folder: Path, *names: str) -> Knowledge:
    pathway, bindings = load_pathway(folder), load_bindings(folder / "bindings.yaml")
    first, second = (read_case(folder / "cases" / f"{name}.yaml", pathway) for name in names)
    return Knowledge(pathway, bindings, (first, second))


@dataclass
class Code:
    """A code that was handed out, with what it was asked with."""

    asked: dict[str, str]
    patient: str
    used: bool = False


@dataclass
class LaunchingSystem:
    """records: the resources of each patient. now: the moment, of its clock.

    redirect: where it sends the browser back, and opened: of whom, where a browser asks by itself.
    proof: how we have to show who we are: none, secret, key. faults: what is wrong, by name.
    """

    records: dict[str, list[dict[str, Any]]]
    now: datetime
    proof: str = "none"
    scope: str = "launch openid fhirUser offline_access patient/*.rs"
    faults: set[str] = field(default_factory=set)
    token_more: dict[str, Any] = field(default_factory=dict)
    id_more: dict[str, Any] = field(default_factory=dict)
    configuration_more: dict[str, Any] = field(default_factory=dict)
    lasts: int = 3600
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    redirect: str = REDIRECT
    opened: str = "p1"

    # ---- what it serves ----

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if asked.path == "/fhir/.well-known/smart-configuration":
            return Reply(body=self.configuration())
        if asked.path == "/authorize":
            back = urlencode(self.authorised(f"?{urlencode(asked.query)}", self.opened))
            return Reply(302, headers={"location": f"{self.redirect}?{back}"}, body=b"")
        if asked.path == "/token":
            return self.token(asked)
        if asked.path == "/jwks":
            time.sleep(2 if "slow keys" in self.faults else 0)
            return Reply(body={"keys": [ITS_KEY.as_dict(private=False)]})
        return self.fhir(asked)

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": f"{self.url}/fhir",
            "jwks_uri": f"{self.url}/jwks",
            "authorization_endpoint": f"{self.url}/authorize?tenant=4",
            "token_endpoint": f"{self.url}/token",
            "code_challenge_methods_supported": ["plain"] if "plain only" in self.faults else ["S256"],
        } | self.configuration_more

    def authorised(self, url: str, patient: str) -> dict[str, str]:
        """What the browser comes back with when the person agreed at this address."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["tenant"] == "4"
        code = f"code-{secrets.token_hex(8)}"
        self.codes[code] = Code(asked, patient)
        return {"code": code, "state": asked["state"]}

    def token(self, asked: Asked) -> Reply:
        form = asked.form
        if not self.is_proved(asked):
            return Reply(401, {"error": "invalid_client"})
        if form["grant_type"] == "refresh_token":
            return Reply(body=self.granted("p2" if "another patient" in self.faults else "p1", form["scope"], None))
        code = self.codes.get(form["code"])
        if code is None or code.used or "code expired" in self.faults:
            return Reply(400, {"error": "invalid_grant", "error_description": f"code {form['code']} of p1"})
        code.used = True
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        fits = code.asked["code_challenge"] == challenge and code.asked["code_challenge_method"] == "S256"
        if not fits or {form["redirect_uri"], code.asked["redirect_uri"]} != {self.redirect}:
            return Reply(400, {"error": "invalid_grant"})
        return Reply(body=self.granted(code.patient, self.scope, code.asked["nonce"]))

    def granted(self, patient: str, scope: str, nonce: str | None) -> dict[str, Any]:
        token = f"{CANARY}-{secrets.token_hex(8)}"
        self.tokens[token] = patient
        answer: dict[str, Any] = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.lasts,
            "scope": scope,
            "patient": patient,
            "refresh_token": f"{CANARY}-refresh",
        }
        if nonce is not None:
            answer["id_token"] = self.id_token(nonce)
        return {name: value for name, value in (answer | self.token_more).items() if value is not None}

    def id_token(self, nonce: str) -> str:
        claims = {"iss": f"{self.url}/fhir", "aud": CLIENT, "exp": self.now.timestamp() + 300, "nonce": nonce}
        claims |= {"iat": self.now.timestamp(), "sub": "user-1", "fhirUser": "Practitioner/d1"} | self.id_more
        key = ANOTHER if "another key" in self.faults else ITS_KEY
        return jwt.encode({"alg": "RS256", "kid": "its"}, claims, key, algorithms=["RS256"])

    def is_proved(self, asked: Asked) -> bool:
        """Whether we showed that we are we, in the one way that was agreed."""
        form, header = asked.form, asked.headers.get("authorization")
        if self.proof == "secret":
            name, _, word = b64decode((header or "").removeprefix("Basic ")).decode().partition(":")
            return (unquote_plus(name), unquote_plus(word)) == (CLIENT, SECRET) and "client_id" not in form
        if self.proof == "key":
            proved = jws.deserialize_compact(form["client_assertion"], OUR_KEY, algorithms=["ES384"])
            claims = json.loads(proved.payload)
            at = self.now.timestamp()
            return (
                header is None
                and proved.headers()["kid"] == "ours"
                and claims["iss"] == claims["sub"] == CLIENT
                and claims["aud"] == f"{self.url}/token"
                and at < claims["exp"] <= at + 300
                and len(claims["jti"]) > 20
                and form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            )
        return header is None and form.get("client_id") == CLIENT

    def fhir(self, asked: Asked) -> Reply:
        patient = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if patient is None:
            return Reply(401, {"resourceType": "OperationOutcome", "issue": []})
        kind, _, name = asked.path.removeprefix("/fhir/").partition("/")
        held = self.records["p1" if "another record" in self.faults else patient]
        if name:
            return Reply(body=next(one for one in held if one["resourceType"] == kind))
        return bundle(*(one for one in held if one["resourceType"] == kind))


@contextmanager
def launching(system: LaunchingSystem) -> Iterator[Served]:
    with serving(system.answer) as served:
        system.url = served.url
        yield served
