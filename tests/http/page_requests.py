"""Requests of the application's pages for fuzzing: whole ones of somebody who may, others odd, or sent by others.

In every text of a whole request stands the canary's name, and so does it in the records that the pages show.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import UUID

from clinic_pages import FROM_HERE, PASSWORD, account, cheap
from endpoint_requests import CANARY, METHODS, NUMBERS, ODD, PERSON, WORD, Request
from hook_calls import case

from ischio.clinic.access import MATRIX, May
from ischio.clinic.answers import Ask, AskType, asks_for, screens
from ischio.clinic.clinic import Clinic
from ischio.clinic.decisions import Decision
from ischio.clinic.declines import REASONS
from ischio.clinic.knowledge import shipped
from ischio.clinic.released import Released
from ischio.interfaces.cohort.files import PAGE, RUN
from ischio.interfaces.http.entrance import cookie_named
from ischio.interfaces.http.me.gate import COOKIE
from ischio.interfaces.http.pages import files, imaging_asks, score_form
from ischio.interfaces.http.pages.accounts import ACCOUNTS
from ischio.interfaces.http.pages.gate import cookie_name
from ischio.interfaces.http.pages.routes import PERSON as OF_PERSONS
from ischio.interfaces.http.pages.routes import PLACES, signing_in_of
from ischio.interfaces.http.service import Service
from ischio.model.about import Scope, Side
from ischio.model.dates import PartialDate
from ischio.store.accounts import Account, Role
from ischio.store.entries import Access, Known

ORGANISATION = "fuzzed"
PEOPLE = 20
"""So many that what is written of one of them stays small."""
MAY = {(path, method): may for path, method, may, _ in (*PLACES, *OF_PERSONS)}

OF_PATIENTS = ("/me", "/in/", "/demonstration")
BORN, ASKED = "1984-03-31", "pain"
RELEASED = Released(Side.RIGHT, "", (), (), (ASKED,), None, CANARY, True, "0.1.0", datetime.now(UTC).date())

Fields = dict[str, str]


def results(place: Path) -> Path:
    """A folder of results of a cohort, without any: what is passed on is the page alone."""
    place.mkdir()
    (place / RUN).write_text('{"files": {}}')
    (place / PAGE).write_text("<!doctype html>")
    return place


class PageRequests:
    """Draws them. Takes in people and opens an account of each role."""

    def __init__(self, service: Service) -> None:
        assert service.store is not None
        self._service, self._signing_in = service, signing_in_of(service, cheap())
        self._clinic = Clinic(service.store, shipped(service.pathway, service.bindings))
        by = Access("fuzz", datetime.now(UTC))
        self._accounts = {role: account(service.store, role.value, role, organisation=ORGANISATION) for role in Role}
        for number in range(PEOPLE):
            account(service.store, f"leaving-{number}", Role.COORDINATOR, organisation=ORGANISATION)
        self._passing = account(service.store, "passing", Role.CLINICIAN, organisation=ORGANISATION)
        self._sessions = {role: self._begun(one) for role, one in self._accounts.items()}
        self._people = [self._taken_in(number, by) for number in range(PEOPLE)]
        self._rules = sorted(self._clinic.knowledge.pathway.actions)
        self._lists = {each.fact: each.asks for each in screens(self._clinic.knowledge)}
        self.ids = tuple(known.id for known, _, _ in self._people)
        # Of the case that everybody has.
        self._born = str(service.store.events.of(self._people[0][0].whom, by).patient.birth_date)

    def _taken_in(self, number: int, by: Access) -> tuple[Known, tuple[str, ...], str]:
        """Somebody with the ids of the entries of their record and of an answer that was shown."""
        known = self._clinic.people.register(CANARY, f"{PERSON}{number}", ORGANISATION, by, PartialDate.parse(BORN))
        events = case("nsaid-with-an-active-ulcer").record.events
        entries = self._clinic.store.events.append(known.whom, events, by)
        self._clinic.releases.release(known, RELEASED, by)
        return known, entries, self._clinic.charts.of(known, by.at.date(), by).answered

    def _begun(self, who: Account) -> tuple[str, str]:
        """A session: its cookie, and the token of its forms."""
        now = datetime.now(UTC)
        token = self._signing_in.begin(who, now)
        visitor = self._signing_in.who(token, now)
        assert visitor is not None
        return f"{cookie_name(self._service)}={token}", visitor.csrf

    def _let_in(self, known: Known) -> tuple[str, str]:
        """A patient on a device: the cookie, and the token of the forms."""
        now = datetime.now(UTC)
        token = self._clinic.links.begin(known, now)
        patient = self._clinic.links.who(token, now)
        assert patient is not None
        return f"{cookie_named(self._service, COOKIE)}={token}", patient.csrf

    def _secret(self, known: Known) -> str:
        """Of a new link."""
        return self._clinic.links.make(known, Access("fuzz", datetime.now(UTC))).secret

    def drawn(self, route: str, methods: frozenset[str], number: int) -> Request:
        """The request of this number; the same for the same but for ids."""
        chance = random.Random(f"{sorted(methods)} {route} {number}")
        kept = chance.random() < 0.3
        method = chance.choice(sorted(methods)) if chance.random() < 0.95 else chance.choice(METHODS)
        cookie, csrf = self._session(route, method, chance, kept)
        known, entries, shown = chance.choice(self._people)
        rule = chance.choice(self._rules)
        fact = chance.choice(sorted(self._lists if "/lists/" in route else self._clinic.knowledge.pathway.enquiries))
        fields = self._fields(route, known, fact, rule, chance.choice(entries), number)
        return Request(
            f"{min(methods)} {route}",
            method,
            self._path(route, known, fact, rule, shown, chance, kept),
            _query(chance, kept),
            self._headers(cookie, chance, kept),
            _form(fields | {"csrf": csrf}, chance, kept) if method in ("POST", "PUT", "PATCH", "QUERY") else b"",
            signed_in=bool(cookie),
        )

    # ---- its parts ----

    def _session(self, route: str, method: str, chance: random.Random, kept: bool) -> tuple[str, str]:
        """Mostly of somebody who may; else of anybody or of nobody."""
        if route.startswith(OF_PATIENTS):
            # Each time another one: it may be signed out.
            return self._let_in(self._people[0][0]) if kept or chance.random() > 0.2 else ("", "")
        if route.startswith("/sign-"):
            return self._begun(self._passing)  # each time another one: it may be signed out
        may = May.MANAGE_ACCOUNTS if route.startswith(ACCOUNTS) else MAY.get((route, method))
        allowed = next((role for role in Role if may in MATRIX[role]), Role.CLINICIAN)
        drawn = 1.0 if kept else chance.random()
        if drawn < 0.2:
            return "", ""
        return self._sessions[chance.choice(list(Role)) if drawn < 0.35 else allowed]

    def _path(
        self, route: str, known: Known, fact: str, rule: str, shown: str, chance: random.Random, kept: bool
    ) -> str:
        filled = {
            "{person}": known.id,
            "{fact}": fact,
            "{rule}": rule,
            "{form}": ASKED,
            "{number}": "1",
            "{number:int}": "1",
            "{secret}": self._secret(known) if "{secret}" in route else "",
            "{answer}": shown,
            "{kind}/{id}": f"rules/{rule}",
            "static/{name}": files.address(chance.choice(("css", "js"))).lstrip("/"),
            "{name:path}": PAGE,
        }
        path = route
        for part, value in filled.items():
            path = path.replace(part, value)
        if kept or chance.random() > 0.2:
            return path
        parts = path.split("/")
        parts[chance.randrange(1, len(parts))] = quote(chance.choice(ODD), safe="")
        return "/".join(parts)

    def _headers(self, cookie: str, chance: random.Random, kept: bool) -> Fields:
        said = {"content-type": "application/x-www-form-urlencoded", "user-agent": CANARY, **FROM_HERE}
        if cookie:
            said["cookie"] = cookie
        if not kept and chance.random() < 0.2:
            name = chance.choice(("accept", "accept-language", "content-type", "cookie", "origin", "sec-fetch-site"))
            said[name] = chance.choice((*ODD, "cross-site", "multipart/form-data; boundary=b", "de;q=9, *", "a=b; a=c"))
        return said

    def _seen(self, known: Known) -> str:
        """The last entry of a record, so that nobody wrote meanwhile."""
        assert self._service.store is not None
        return str(max((each.number for each in self._service.store.events.unaudited(known.whom)), default=0))

    def _fields(self, route: str, known: Known, fact: str, rule: str, entry: str, number: int) -> Fields:
        """A whole form: of each route what it reads, and what any of them may."""
        knowledge, day = self._clinic.knowledge, "2026-01-05"
        side = "" if knowledge.pathway.actions[rule].scope is Scope.PERSON else "right"
        said = {"seen": self._seen(known), "side": "right", "day": day, "text": CANARY, "reason": CANARY}
        match route.rpartition("/")[2] if "{fact}" not in route else route.split("/")[3]:
            case "{secret}":
                return dict(zip(("year", "month", "day"), self._born.split("-"), strict=True))
            case "handout":
                return said | {"message": CANARY, "form": ASKED, "do": ("preview", "release")[number % 2]}
            case "links" | "revoke" | "withdraw":
                return said | {"link": CANARY}
            case "diary" | "back" | "week":
                entry = str(UUID(int=number))
                return {"id": entry, "day": str(RELEASED.on), "done": "pt_gait", "kept": ("yes", "no")[number % 2]}
            case "{number}":
                return {"open": "yes", "draft": ""}
            case "patient":
                return {"person": CANARY}
            case "accounts":
                return {"login": f"coming-{number}", "password": PASSWORD, "role": Role.AUTHOR.value}
            case "password":
                return {"login": "passing", "password": PASSWORD}
            case "close":
                return {"login": f"leaving-{number % PEOPLE}"}
            case "sign-in":
                return {"login": WORD, "password": CANARY, "next": "/patients"}
            case "patients":
                return {"search": CANARY, "due": "week", "page": "1"}
            case "new":
                return {"name": CANARY, "identifier": f"{PERSON}new-{number}", "born": "1984-05", "sex": "female"}
            case "decline":
                return said | {"action": rule, "side": side, "reason": sorted(REASONS)[number % len(REASONS)]}
            case "record":
                return said | {"entry": entry}
            case "what-if":
                return {"side": "right", fact: "unknown"}
            case "surgery":
                return said | {"decision": list(Decision)[number % len(Decision)].value}
            case "imaging":
                return said | _answered(imaging_asks.asks(knowledge)[:4])
            case "forms":
                return said | _answered(score_form.asks(knowledge))
            case "reminders":
                return said | {"address": f"{PERSON}1@mail.example", "wants": "visit", "language": "es", "word": "yes"}
            case "lists":
                return said | _answered(self._lists[fact][:1])
            case _:
                return said | {"asked": fact} | _answered(asks_for(knowledge, fact))


def _answered(asks: tuple[Ask, ...]) -> Fields:
    return dict(pair for ask in asks for pair in _answer(ask))


def _answer(ask: Ask) -> Iterator[tuple[str, str]]:
    values: Mapping[AskType, str] = {
        AskType.NUMBER: str(ask.low if ask.low is not None else 1),
        AskType.CHOICE: ask.options[0].value if ask.options else "",
        AskType.DATE: "2026-01-05",
        AskType.PERIOD: "2026-01-05",
        AskType.TICK: "yes",
    }
    yield ask.concept, values[ask.type]
    yield f"{ask.concept}.sure", "yes"
    if ask.day_needed:
        yield f"{ask.concept}.day", "2026-01-05"
    for one in ask.circumstances:
        yield f"{ask.concept}.{one.name}", one.options[0].value if one.options else ""


LONG = (*ODD, *(number.decode() for number in NUMBERS), "9" * 5000, "٣", "0", "-1", "2026-13-40", "9999-12-31", "~2026")
"""What stands in a field where something else was expected."""


def _form(fields: Fields, chance: random.Random, kept: bool) -> bytes:
    if kept:
        return urlencode(fields).encode()
    pairs = [(name, chance.choice(LONG) if chance.random() < 0.15 else value) for name, value in fields.items()]
    pairs += [chance.choice(pairs), (chance.choice(LONG), chance.choice(LONG))] if chance.random() < 0.2 else []
    raw = urlencode([pair for pair in pairs if chance.random() < 0.95]).encode()
    return (
        raw if chance.random() < 0.9 else raw[: chance.randrange(len(raw) + 1)] + chance.choice((b"%", b"%ff", b"\xff"))
    )


def _query(chance: random.Random, kept: bool) -> str:
    pairs = [("side", "left"), ("lang", "en"), ("next", "/patients"), ("q", "pain"), ("kind", "action"), ("page", "1")]
    if not kept:
        pairs = [(name, chance.choice(LONG) if chance.random() < 0.3 else value) for name, value in pairs]
    return urlencode([pair for pair in pairs if chance.random() < 0.7])
