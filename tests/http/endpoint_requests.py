"""Requests of every endpoint for fuzzing: whole ones, of which a part is then made odd, drawn by number."""

import json
import random
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
from hook_calls import HOOKS, SERVICES, call, case, prefetch, resources_of, searchset
from test_fhir_forms import COMPLAINT, PAIN, response
from test_hooks_malformed import malformed
from test_hooks_orders import IFI, INJECTION, NAPROXEN

from ischio.fhir.bindings import Bindings
from ischio.fhir.export.package import resources
from ischio.fhir.export.publication import Publication
from ischio.interfaces.http.demo.authority import CLIENT
from ischio.model.pathway import Pathway

Json = Any

CANARY = "Canaria Mustermann-7"
"""The name of the person, in every text of a whole request."""
WORD = "Wrongword Mustermann-8"
"""What stands where a word of the standard was expected: a refusal may tell it back to who sent it."""
PERSON = "canaria-mustermann-7-"
"""What the ids of persons begin with."""
PERSONS = 50
"""So many that what the service keeps of one of them stays small."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
ODD = (
    "",
    "x",
    WORD,
    "..",
    "../../etc/passwd",
    "\x00",
    "%",
    "%ff",
    "9" * 400,
    "null",
    "<b>",
    "' or 1=1 --",
    "\u202e",
    "é",
)
"""What stands where something else was expected, in a path, a query or a header."""

NUMBERS = (b"1e999999999", b"-1e-99999999999999999999", b"-0", b"0e999999999", b"1" * 4000, b"0." + b"0" * 400 + b"1")

PATIENT: Json = {
    "resourceType": "Patient",
    "id": PERSON,
    "name": [{"text": CANARY, "family": CANARY, "given": [CANARY]}],
    "telecom": [{"system": "phone", "value": CANARY}],
    "address": [{"line": [CANARY], "city": CANARY}],
    "birthDate": "1984-05-02",
    "gender": "female",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request. route: the pattern of the path that it was made for. signed_in: by whom the pages may be seen."""

    route: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    signed_in: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query} {dict(self.headers)} {self.body[:2000]!r}"


@dataclass(frozen=True, slots=True)
class Known:
    """What a caller has in hand who did everything once: ids and tokens that the service gave."""

    card: str
    chart: str
    exchange: str
    order: str
    suggestion: str
    session: str
    cookie: str
    token: str


def walk(base: str) -> Known:
    """Opens a chart of the small record, launches the application from it, and asks for a token as an app would."""
    with httpx.Client(base_url=base, timeout=60) as client:
        chart = client.get("/ehr").text.partition("/ehr/people/")[2].partition('"')[0]
        page = client.get(f"/ehr/people/{chart}").text
        opened = dict(re.findall(r'name="(call|card|suggestion)" value="([^"]+)"', page))
        order = re.findall(r'<select name="order">\s*<option value="([^"]+)"', page)[0]
        sent_off = client.get(client.get(f"/ehr/people/{chart}/launch").headers["location"])
        cookie = sent_off.headers["set-cookie"].partition(";")[0]
        back = client.get(sent_off.headers["location"]).headers["location"]
        session = client.get(back, headers={"cookie": cookie}).headers["location"]
        verifier = "v" * 43
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = authorization(base, chart) | {"code_challenge": digest}
        location = client.get("/ehr/auth/authorize", params=asked).headers["location"]
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(location).query)["code"][0],
            "client_id": CLIENT,
            "redirect_uri": asked["redirect_uri"],
            "code_verifier": verifier,
        }
        token = client.post("/ehr/auth/token", data=form).json()["access_token"]
        for number in range(PERSONS):
            about = {"subject": {"reference": f"Patient/{PERSON}{number}"}}
            assert client.post("/fhir/QuestionnaireResponse", json=ANSWERS | about).status_code == 201
    name = session.rpartition("/")[2]
    return Known(opened["card"], chart, opened["call"], order, opened["suggestion"], name, cookie, token)


def authorization(base: str, chart: str) -> dict[str, str]:
    """What an app asks for when it wants to be let in."""
    return {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": f"{base}/smart/callback",
        "scope": "patient/*.rs",
        "aud": f"{base}/ehr/fhir",
        "state": CANARY,
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
        "person": chart,
    }


class Requests:
    """Draws them. base: of the service, which serves the small record too."""

    def __init__(self, base: str, pathway: Pathway, bindings: Bindings, known: Known) -> None:
        self._base, self._known = base, known
        self._ids: dict[str, list[str]] = {}
        self._urls: dict[str, str] = {}
        for one in resources(Publication(pathway, bindings), {}, None):
            self._ids.setdefault(one["resourceType"], []).append(one["id"])
            self._urls.setdefault(one["resourceType"], one["url"])
        data = _resources()
        self._calls = {hook: _call(hook, data) | self._access() for hook in HOOKS}
        self._asked = _parameters(data)

    def _access(self) -> Json:
        lent = {
            "access_token": CANARY,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.rs",
            "subject": "s",
        }
        return {"fhirServer": f"{self._base}/ehr/fhir", "fhirAuthorization": lent}

    def drawn(self, route: str, methods: frozenset[str], number: int) -> Request:
        """The request of this number; the same for the same."""
        chance = random.Random(f"{route} {number}")
        method = chance.choice(sorted(methods)) if chance.random() < 0.95 else chance.choice(METHODS)
        kept = chance.random() < 0.3  # one in three is whole, so that what comes after the first look is reached
        path, hook = self._path(route, chance, kept)
        body = self._body(route, hook, chance, kept) if method in ("POST", "PUT", "PATCH", "QUERY") else b""
        person = f"{PERSON}{number % PERSONS}"
        return Request(
            route,
            method,
            path,
            self._query(route, method, chance, kept).replace(PERSON, person),
            self._headers(route, chance, kept),
            body.replace(PERSON.encode(), person.encode()),
        )

    # ---- its parts ----

    def _path(self, route: str, chance: random.Random, kept: bool) -> tuple[str, str]:
        hook = chance.choice(HOOKS)
        kind = chance.choice(sorted(self._ids))
        filled = {
            "/cds-services/{id}": f"/cds-services/{SERVICES[hook].id}",
            "{uuid}": self._known.card,
            "{call}": self._known.exchange,
            "at/{name}": f"at/{self._known.session}",
            "PlanDefinition/{id}": f"PlanDefinition/{self._ids['PlanDefinition'][0]}",
            "Questionnaire/{id}": f"Questionnaire/{self._ids['Questionnaire'][0]}",
            "Measure/{id}": f"Measure/{chance.choice(self._ids['Measure'])}",
            "{kind}/{id}": f"{kind}/{chance.choice(self._ids[kind])}",
            "/ehr/fhir/{kind}/{name}": f"/ehr/fhir/Patient/{self._known.chart}",
            "/ehr/fhir/{kind}": "/ehr/fhir/Observation",
            "{kind}": kind,
            "{person}": self._known.chart,
        }
        path = route
        for part, value in filled.items():
            path = path.replace(part, value)
        while "{" in path:
            path = path[: path.index("{")] + quote(chance.choice(ODD), safe="") + path[path.index("}") + 1 :]
        if not kept and chance.random() < 0.15:
            parts = path.split("/")
            parts[chance.randrange(1, len(parts))] = quote(chance.choice(ODD), safe="")
            path = "/".join(parts)
        return path, hook

    def _query(self, route: str, method: str, chance: random.Random, kept: bool) -> str:
        whole = next((query for begin, query in self._queries().items() if route.startswith(begin)), {})
        if kept and method == "POST":
            whole = {}  # it stands in the body
        pairs = [pair for pair in whole.items() if kept or chance.random() < 0.8]
        if not kept:
            pairs = [(name, chance.choice(ODD) if chance.random() < 0.3 else value) for name, value in pairs]
            pairs += [(chance.choice(ODD), chance.choice(ODD))] if chance.random() < 0.3 else []
        query = urlencode(pairs)
        return query if kept or chance.random() < 0.95 else query + "&%ff=%zz&="

    def _queries(self) -> dict[str, dict[str, str]]:
        fhir = f"{self._base}/ehr/fhir"
        someone = f"Patient/{PERSON}"
        return {
            "/fhir/PlanDefinition/$": {"subject": someone, "planDefinition": self._urls["PlanDefinition"]},
            "/fhir/PlanDefinition/": {"subject": someone, "encounter": "e"},
            "/fhir/Questionnaire/$": {"subject": someone, "canonical": self._urls["Questionnaire"]},
            "/fhir/Questionnaire/": {"subject": someone},
            "/fhir/Measure/": {"subject": someone, "periodStart": "2026-01-01", "periodEnd": "2026-06-01"},
            "/fhir/": {"name": CANARY, "_count": "3", "_offset": "1", "_summary": "true"},
            "/smart/callback": {"code": CANARY, "state": CANARY},
            "/smart/": {"iss": fhir, "launch": CANARY},
            "/ehr/auth/authorize": authorization(self._base, self._known.chart),
            "/ehr/fhir/": {"patient": self._known.chart, "_count": "2"},
            "/ehr/people/": {"prefetch": "no", "scope": "no-observations"},
        }

    def _body(self, route: str, hook: str, chance: random.Random, kept: bool) -> bytes:
        if route.startswith("/ehr"):
            return self._form(chance, kept)
        whole = self._whole(route, hook)
        if kept:
            return json.dumps(whole).encode()
        raw = malformed(whole, chance).replace(b'"Patient/p"', json.dumps(WORD).encode())
        return _with_odd_number(raw, chance) if chance.random() < 0.1 else raw

    def _whole(self, route: str, hook: str) -> Json:
        if "/feedback" in route:
            return _feedback(self._known.card)
        if route.startswith("/cds-services"):
            return self._calls[hook]
        if route.endswith("QuestionnaireResponse"):
            return ANSWERS
        named = {"PlanDefinition/$": "planDefinition", "Questionnaire/$": "canonical"}
        more = [
            {"name": name, "valueUri": self._urls[part[:-2]]} for part, name in named.items() if f"/{part}" in route
        ]
        return {**self._asked, "parameter": [*self._asked["parameter"], *more]}

    def _form(self, chance: random.Random, kept: bool) -> bytes:
        whole = {
            "order": self._known.order,
            "hook": chance.choice(("order-select", "order-sign")),
            "call": self._known.exchange,
            "card": self._known.card,
            "suggestion": self._known.suggestion,
            "reason": "1",
            "grant_type": "authorization_code",
            "code": CANARY,
            "client_id": CLIENT,
        }
        return urlencode(
            {name: value if kept or chance.random() < 0.7 else chance.choice(ODD) for name, value in whole.items()}
        ).encode()

    def _headers(self, route: str, chance: random.Random, kept: bool) -> dict[str, str]:
        form = route.startswith("/ehr")
        said = {"content-type": "application/x-www-form-urlencoded" if form else "application/json"}
        said |= {"user-agent": CANARY, "cookie": self._known.cookie, "authorization": f"Bearer {self._known.token}"}
        if not kept and chance.random() < 0.3:
            name = chance.choice(
                ("accept", "content-type", "content-encoding", "prefer", "if-none-match", "origin", "content-length")
            )
            said[name] = chance.choice(
                (*ODD, "text/html", "application/fhir+xml", "gzip", "handling=strict", "multipart/form-data")
            )
        return said


def _with_odd_number(raw: bytes, chance: random.Random) -> bytes:
    numbers = list(re.finditer(rb"(?<=: )-?\d[\d.]*", raw))
    if not numbers:
        return raw
    one = chance.choice(numbers)
    return raw[: one.start()] + chance.choice(NUMBERS) + raw[one.end() :]


# ---- whole bodies ---------------------------------------------------------------------------------------------------


def _resources() -> list[Json]:
    """A few of a case, all of the person of the canary, with the name in every text of theirs."""
    found = (resources_of(case("nsaid-with-an-active-ulcer").record) or [])[1:6]
    text = json.dumps([*found, IFI]).replace('"Patient/p"', f'"Patient/{PERSON}"')
    return [PATIENT, *({**one, "note": [{"text": CANARY}], "text": {"div": CANARY}} for one in json.loads(text))]


def _call(hook: str, data: list[Json]) -> Json:
    orders = searchset(*json.loads(json.dumps([NAPROXEN, INJECTION]).replace('"Patient/p"', f'"Patient/{PERSON}"')))
    context = {
        "order-select": {"draftOrders": orders, "selections": ["MedicationRequest/m1"]},
        "order-sign": {"draftOrders": orders},
        "problem-list-item-create": {"conditions": searchset(data[-1])},
    }
    return call(hook, prefetch(data), PERSON, **context.get(hook, {}))


def _parameters(data: list[Json]) -> Json:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in data]}
    given = [
        {"name": "subject", "valueString": f"Patient/{PERSON}"},
        {"name": "data", "resource": bundle},
        {"name": "useServerData", "valueBoolean": True},
        {"name": "periodEnd", "valueDate": "2026-06-01"},
    ]
    return {"resourceType": "Parameters", "parameter": given}


ANSWERS: Json = response(PAIN, COMPLAINT, subject={"reference": f"Patient/{PERSON}", "display": CANARY})


def _feedback(card: str) -> Json:
    return {
        "feedback": [
            {
                "card": card,
                "outcome": "overridden",
                "outcomeTimestamp": "2026-06-01T12:00:00Z",
                "overrideReason": {"userComment": CANARY, "reason": {"code": CANARY}},
            }
        ]
    }
