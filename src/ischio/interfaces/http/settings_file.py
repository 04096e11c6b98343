"""Reads the settings from a TOML file and the environment, which goes before the file, and names every mistake at once.

A setting `name` of the table `[server]` is the variable ISCHIO_SERVER_NAME; lists stand there with commas. The tables
`[[clients]]`, `[[launches]]` and `[[sign_in]]` stand in the file alone.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ischio.interfaces.http.setting_values import (
    Reader,
    Wrong,
    address,
    chosen,
    hours,
    mailbox,
    one_of,
    origin,
    path,
    several,
    text,
    truth,
    whole,
    zone,
)
from ischio.interfaces.http.settings import (
    Bounds,
    Caller,
    LaunchServer,
    Mail,
    Pages,
    Patients,
    Settings,
    SignInProvider,
)
from ischio.model.mistake import IschioError, Mistake
from ischio.store.accounts import Role

FILE = "ISCHIO_SETTINGS"
"""The variable that names the settings file where no option does."""

_HEAD = re.compile(r"\s*\[(\[?)\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_LINE = re.compile(r"\(at line (\d+)")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SettingsError(IschioError):
    """The settings of the service are at fault."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written, and where: a line of the file, or a variable."""

    value: object
    file: str
    line: int | None = None
    where: str = ""

    def mistake(self, wrong: Wrong) -> Mistake:
        return Mistake(wrong.what, wrong.mend, self.file, self.line, self.where)


KEYS: Mapping[str, tuple[str, Reader]] = {
    "server.base": ("base", address),
    "server.host": ("host", text),
    "server.port": ("port", whole(0, 65535)),
    "server.workers": ("workers", whole(1, 64)),
    "server.proxies": ("proxies", several(text)),
    "server.production": ("production", truth),
    "server.demo": ("demo", truth),
    "server.overlay": ("overlay", path),
    "server.origins": ("origins", several(origin)),
    "server.frames": ("frames", several(origin)),
    "store.url": ("store", text),
    "records.servers": ("records", several(address)),
    "records.inside": ("inside", several(address)),
    "metrics.token": ("metrics", text),
    "retention.years": ("retention", whole(1, 100)),
}
LIMITS: Mapping[str, tuple[str, Reader]] = {
    "limits.body": ("body", whole(10_000, 1_000_000_000)),
    "limits.seconds": ("seconds", whole(1, 600)),
    "limits.requests": ("requests", whole(1, 1_000_000)),
}
PAGES: Mapping[str, tuple[str, Reader]] = {
    "pages.idle": ("idle", whole(1, 240)),
    "pages.longest": ("longest", whole(1, 24)),
    "pages.tries": ("tries", whole(1, 100)),
    "pages.address_tries": ("address_tries", whole(1, 10_000)),
    "pages.cohort": ("cohort", path),
    "pages.proofs": ("proofs", path),
    "pages.proposed": ("proposed", path),
}
PATIENTS: Mapping[str, tuple[str, Reader]] = {
    "patients.link": ("link", whole(1, 90)),
    "patients.idle": ("idle", whole(1, 90)),
    "patients.longest": ("longest", whole(1, 365)),
    "patients.phone": ("phone", text),
}
MAIL: Mapping[str, tuple[str, Reader]] = {
    "mail.host": ("host", text),
    "mail.port": ("port", whole(1, 65535)),
    "mail.tls": ("tls", one_of("starttls", "tls", "none")),
    "mail.user": ("user", text),
    "mail.password": ("password", path),
    "mail.from": ("sender", mailbox),
    "mail.replies": ("replies", mailbox),
    "mail.quiet": ("quiet", hours),
    "mail.zone": ("zone", zone),
}
SINGLE: Mapping[str, tuple[str, Reader]] = {**KEYS, **LIMITS, **PAGES, **PATIENTS, **MAIL}
"""Every setting that stands once."""
CLIENT: Mapping[str, Reader] = {
    "issuer": text,
    "keys": text,
    "jku": address,
    "services": several(text),
    "server": address,
}
LAUNCH: Mapping[str, Reader] = {
    "iss": address,
    "client_id": text,
    "scopes": several(text),
    "key": text,
    "secret": text,
    "organisation": text,
}
SIGN_IN: Mapping[str, Reader] = {
    "issuer": address,
    "client_id": text,
    "organisation": text,
    "claim": text,
    "roles": chosen(tuple(role.value for role in Role)),
    "name": text,
    "create": truth,
    "scopes": several(text),
    "key": text,
    "secret": text,
}
LISTS: Mapping[str, tuple[Mapping[str, Reader], tuple[str, ...]]] = {
    "clients": (CLIENT, ("issuer",)),
    "launches": (LAUNCH, ("iss", "client_id")),
    "sign_in": (SIGN_IN, ("issuer", "client_id", "organisation", "claim", "roles")),
}
"""Tables that may stand several times: their keys, and those that each must have."""


def load_settings(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings of a file (None: none) and the environment. Raises SettingsError with all that is wrong."""
    content, lines = _content(file)
    reading = _Reading(file, content, lines, environment)
    settings = reading.settings()
    mistakes = (*reading.mistakes, *(() if reading.mistakes else disagreements(settings, reading.given)))
    if mistakes:
        raise SettingsError(*mistakes)
    return settings


def _content(file: Path | None) -> tuple[dict[str, Any], dict[str, int]]:
    if file is None:
        return {}, {}
    try:
        written = file.read_text(encoding="utf-8")
        return tomllib.loads(written), lines_of(written)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        what = f"This is not TOML: {str(error).partition(' (at')[0]}."
        mend = "docs/how-to/serve.example.toml shows how the settings are written."
        raise SettingsError(Mistake(what, mend, str(file), int(line[1]) if line else None)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SettingsError(Mistake(f"The settings cannot be read: {why}.", "Name a file.", str(file))) from None


def lines_of(written: str) -> dict[str, int]:
    """The line of each table and key: `server`, `server.base`, and numbered from 0 `clients.0`, `clients.0.issuer`."""
    found: dict[str, int] = {}
    table, counts = "", dict[str, int]()
    for number, line in enumerate(written.splitlines(), 1):
        if head := _HEAD.match(line):
            table = head[2]
            if head[1]:
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault(f"{table}.{key[1]}" if table else key[1], number)
    return found


class _Reading:
    """One reading: what was given, and what is wrong with it."""

    def __init__(
        self, file: Path | None, content: Mapping[str, Any], lines: Mapping[str, int], environment: Mapping[str, str]
    ) -> None:
        self._file, self._content, self._lines = file, content, lines
        self.mistakes: list[Mistake] = []
        self.given = {**self._of_file(), **self._of_environment(environment)}

    def settings(self) -> Settings:
        values = self._values(KEYS)
        if "base" not in values:
            plain = Settings()
            host, port = values.get("host", plain.host), values.get("port", plain.port)
            values["base"] = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        clients = tuple(self._caller(number, one) for number, one in self._entries("clients"))
        launches = tuple(self._launch(number, one) for number, one in self._entries("launches"))
        sign_in = tuple(self._provider(number, one) for number, one in self._entries("sign_in"))
        bounds, pages = Bounds(**self._values(LIMITS)), Pages(**self._values(PAGES))
        patients = Patients(**self._values(PATIENTS))
        mail = Mail(**self._values(MAIL))
        return Settings(
            **values,
            limits=bounds,
            pages=pages,
            patients=patients,
            mail=mail,
            clients=clients,
            launches=launches,
            sign_in=sign_in,
        )

    def _place(self, name: str, value: object) -> Given:
        return Given(value, str(self._file), self._lines.get(name), name)

    def _of_file(self) -> dict[str, Given]:
        """The values of the file by `table.key`; what is no setting is a mistake."""
        found: dict[str, Given] = {}
        for table, content in self._content.items():
            if table in LISTS:
                continue
            if not isinstance(content, dict) or not any(key.startswith(f"{table}.") for key in SINGLE):
                self._no_such(self._place(table, content), _tables())
                continue
            for key, value in content.items():
                given = self._place(f"{table}.{key}", value)
                if given.where in SINGLE:
                    found[given.where] = given
                else:
                    self._no_such(given, [name for name in SINGLE if name.startswith(f"{table}.")])
        return found

    def _of_environment(self, environment: Mapping[str, str]) -> dict[str, Given]:
        names = {f"ISCHIO_{key.upper().replace('.', '_')}": key for key in SINGLE}
        ours = tuple({name.rpartition("_")[0] + "_" for name in names})
        found: dict[str, Given] = {}
        for variable, value in environment.items():
            given = Given(value, f"the variable {variable}")
            if variable in names:
                found[names[variable]] = given
            elif variable.startswith(ours):
                self._no_such(given, names)
        return found

    def _no_such(self, given: Given, known: Mapping[str, str] | list[str]) -> None:
        self.mistakes.append(given.mistake(Wrong("There is no such setting.", f"There are: {', '.join(known)}.")))

    def _values(self, keys: Mapping[str, tuple[str, Reader]]) -> dict[str, Any]:
        found = {}
        for name, (field, reader) in keys.items():
            if name in self.given:
                value = self._read(reader, self.given[name])
                if value is not None:
                    found[field] = value
        return found

    def _read(self, reader: Reader, given: Given) -> Any:
        try:
            return reader(given.value)
        except Wrong as wrong:
            self.mistakes.append(given.mistake(wrong))
            return None

    # ---- tables that stand several times ----

    def _entries(self, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
        keys, needed = LISTS[table]
        content = self._content.get(table, [])
        if not isinstance(content, list):
            wrong = Wrong("It may stand several times.", f"Write [[{table}]] with two brackets.")
            self.mistakes.append(self._place(table, content).mistake(wrong))
            return
        for number, entry in enumerate(content):
            read = {}
            for key, value in entry.items():
                given = self._place(f"{table}.{number}.{key}", value)
                if key not in keys:
                    self._no_such(given, list(keys))
                else:
                    read[key] = self._read(keys[key], given)
            missing = [key for key in needed if key not in entry]
            if missing:
                wrong = Wrong(f"It says no {' and no '.join(missing)}.", f'Add: {missing[0]} = "..."')
                self.mistakes.append(self._place(f"{table}.{number}", entry).mistake(wrong))
            elif all(read.get(key) for key in needed):
                yield number, read

    def _caller(self, number: int, entry: Mapping[str, Any]) -> Caller:
        if ("keys" in entry) == ("jku" in entry):
            wrong = Wrong(
                "Its tokens are checked with keys from a file or from an address, and it names not exactly one.",
                'Add keys = "FILE" or jku = "https://...", not both.',
            )
            self.mistakes.append(self._place(f"clients.{number}", entry).mistake(wrong))
        keys = self._file_named(f"clients.{number}.keys", entry.get("keys"), _is_key_set)
        return Caller(entry["issuer"], keys, entry.get("jku"), entry.get("services") or (), entry.get("server"))

    def _launch(self, number: int, entry: Mapping[str, Any]) -> LaunchServer:
        key = self._own_key(f"launches.{number}", entry)
        scopes = entry.get("scopes") or ()
        return LaunchServer(
            entry["iss"], entry["client_id"], scopes, key, entry.get("secret"), entry.get("organisation")
        )

    def _provider(self, number: int, entry: Mapping[str, Any]) -> SignInProvider:
        return SignInProvider(**{**entry, "key": self._own_key(f"sign_in.{number}", entry)})

    def _own_key(self, name: str, entry: Mapping[str, Any]) -> Path | None:
        """The file with our private key, by which a server knows us; None where it knows us by a secret, or not."""
        if "key" in entry and "secret" in entry:
            wrong = Wrong("It names a key and a secret.", "Keep the one that the server knows.")
            self.mistakes.append(self._place(name, entry).mistake(wrong))
        return self._file_named(f"{name}.key", entry.get("key"), _is_private_key)

    def _file_named(self, name: str, written: str | None, fits: Callable[[Any], bool]) -> Path | None:
        """The file beside the settings, once it is seen to hold what it should; its content is shown to nobody."""
        if written is None or self._file is None:
            return None
        path = self._file.parent / written
        try:
            if fits(json.loads(path.read_bytes())):
                return path
            wrong = Wrong(f"{written} holds no keys of the kind that is needed here.", "Name a file of JSON Web Keys.")
        except (OSError, ValueError):
            wrong = Wrong(f"{written} cannot be read as JSON.", "Name a file beside the settings, or its whole path.")
        self.mistakes.append(self._place(name, written).mistake(wrong))
        return None


def _tables() -> list[str]:
    return [*dict.fromkeys(name.partition(".")[0] for name in SINGLE), *LISTS]


def _is_key_set(content: Any) -> bool:
    keys = content.get("keys") if isinstance(content, dict) else None
    return isinstance(keys, list) and bool(keys) and all(isinstance(key, dict) and "kty" in key for key in keys)


def _is_private_key(content: Any) -> bool:
    return isinstance(content, dict) and "kty" in content and "d" in content


# ---- settings that do not go together -------------------------------------------------------------------------------


def disagreements(settings: Settings, given: Mapping[str, Given]) -> Iterator[Mistake]:
    """What each setting alone allows and all together do not."""

    def found(name: str, what: str, mend: str) -> Mistake:
        place = given.get(name, Given(None, "the settings", None, name))
        return place.mistake(Wrong(what, mend))

    if settings.demo and settings.production:
        yield found("server.demo", "The demonstration asks nobody who they are.", "Serve it without production.")
    if settings.demo and settings.host not in _LOOPBACK:
        yield found("server.host", "The demonstration is for this machine alone.", 'Write "127.0.0.1".')
    if settings.demo and settings.workers > 1:
        yield found("server.workers", "The small record lives in one process.", "Serve the demonstration with 1.")
    for what in ("issuer", "server"):
        named = [one for client in settings.clients if (one := getattr(client, what))]
        for twice in sorted({one for one in named if named.count(one) > 1}):
            yield found("clients", f"The {what} {twice} stands there twice.", "Keep one table for each records system.")
    yield from (found(*amiss) for amiss in _amiss_in_mail(settings.mail))
    if settings.mail.host and "server.base" not in given:
        mend = 'Add to [server]: base = "https://..."'
        yield found("mail.host", "Mails lead to the pages, and no address of theirs is named.", mend)
    if settings.production:
        yield from (found(*plain) for plain in _not_for_production(settings))


def _amiss_in_mail(mail: Mail) -> Iterator[tuple[str, str, str]]:
    if mail.host and not mail.sender:
        yield "mail.host", "Nobody is named whom the mails are from.", 'Add: from = "clinic@example.org"'
    if not mail.host and mail.sender:
        yield "mail.from", "No mail server is named.", 'Add: host = "mail.example.org"'
    if mail.tls == "none" and mail.host not in (*_LOOPBACK, ""):
        yield "mail.tls", "Mails would travel in the clear.", 'Write "starttls" or "tls".'
    if bool(mail.user) != (mail.password is not None):
        name = "mail.user" if mail.user else "mail.password"
        yield name, "A user goes with a file that holds the password.", 'Write both: user = "..." and password = "FILE"'


def _not_for_production(settings: Settings) -> Iterator[tuple[str, str, str]]:
    if not settings.clients:
        yield "clients", "In production everyone who calls says who they are.", "Add a table [[clients]] for each."
    named = [
        ("server.base", (settings.base,)),
        ("server.origins", settings.origins),
        ("server.frames", settings.frames),
    ]
    named += [("records.servers", settings.records), ("records.inside", settings.inside)]
    named += [("launches", tuple(server.iss for server in settings.launches))]
    named += [("sign_in", tuple(provider.issuer for provider in settings.sign_in))]
    named += [("clients", tuple(client.jku for client in settings.clients if client.jku))]
    for name, addresses in named:
        for one in addresses:
            if not one.startswith("https://"):
                yield name, f"{one} is not encrypted, which production asks for.", "Write its https address."
