"""How the service is set up. Where it is read from and how it is checked: settings_file.py."""

from dataclasses import dataclass, field
from datetime import time
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Caller:
    """A records system that may call the hooks. issuer: the `iss` of its tokens.

    keys: a file with its public keys (a JWK set); or jku: the one address from which they are fetched.
    services: ids of the services that it may call; empty: all. server: the FHIR server whose ids of patients it means
    where it names no server.
    """

    issuer: str
    keys: Path | None = None
    jku: str | None = None
    services: tuple[str, ...] = ()
    server: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one caller may ask of the service. body: bytes of a request; seconds: until it is there, and again until
    it is answered; requests: of one address in a minute, in each process: fifty clinicians behind one, of whom each
    asks for a page every three seconds, stay below.
    """

    body: int = 5_000_000
    seconds: float = 10.0
    requests: int = 1_200


@dataclass(frozen=True, slots=True)
class Pages:
    """How long somebody stays signed in to the application, how often they may mistype, and what else it shows.

    idle: minutes without a look at a page; longest: hours in all. tries: that may fail of one login before the next has
    to wait; address_tries: of one address, behind which a whole clinic may be. cohort: the folder with results of
    `ischio cohort`; proofs: the file with what `ischio verify --json` printed of the knowledge files.
    proposed: a folder of knowledge files that authors see beside those that are served.
    """

    idle: int = 30
    longest: int = 12
    tries: int = 5
    address_tries: int = 50
    cohort: Path | None = None
    proofs: Path | None = None
    proposed: Path | None = None


@dataclass(frozen=True, slots=True)
class Patients:
    """How long patients are let in, in days: link: that a link may wait; idle: that a device may lie unused; longest:
    that a device stays let in at most. phone: under which they call.
    """

    link: int = 14
    idle: int = 14
    longest: int = 90
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server for reminders. host: empty: none is sent. tls: tls, starttls or none. password: a file with it.

    sender: whom the mails are from. replies: where answers go, where they are read for stop words; empty: nowhere.
    quiet: when nothing is sent, by the clocks of `zone`, an IANA name.
    """

    host: str = ""
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    password: Path | None = None
    sender: str = ""
    replies: str = ""
    quiet: tuple[time, time] = (time(20), time(8))
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class LaunchServer:
    """A records system that launches the application. iss: its FHIR address.

    key: a file with our private key (a JWK) for it, or secret; neither: the client is public. organisation: the id of
    the one that looks after its patients, whose staff are signed in by a launch; None: a launch signs nobody in.
    """

    iss: str
    client_id: str
    scopes: tuple[str, ...] = ()
    key: Path | None = None
    secret: str | None = field(default=None, repr=False)
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class SignInProvider:
    """A provider of OpenID Connect at which staff of an organisation sign in. name: what the button says.

    claim: of its id_token, whose values give roles; dots lead inside. roles: each value with the role that it gives;
    nobody is let in without one. create: an account is made at somebody's first sign-in; else they are asked for the
    one that they have. scopes: asked for beside `openid`. key, secret: as for a launch.
    """

    issuer: str
    client_id: str
    organisation: str
    claim: str
    roles: tuple[tuple[str, str], ...]
    name: str = ""
    create: bool = False
    scopes: tuple[str, ...] = ()
    key: Path | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """base: the address under which others reach the service, without a slash at its end.

    proxies: addresses of the proxies whose word is taken for who calls. workers: processes that answer. production:
    nothing but https, nothing without a token. demo: serve the small record too; nothing is asked of clients then.
    origins: of pages that may call from a browser. frames: of pages that may hold ours in a frame. clients: who may
    call the hooks; empty: nobody is asked who they are. records: FHIR servers that may be asked; inside: those of
    them that lie in our own network. overlay: a file with a site's own values of parameters. store: URL of the
    database, by SQLAlchemy's rules. metrics: the token that opens /metrics to others than this machine. retention:
    years after the last entry for which a person's record is kept; None: no rule. `ischio store retention` goes by it,
    and the service erases nobody.
    """

    base: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    proxies: tuple[str, ...] = ()
    production: bool = False
    demo: bool = False
    overlay: Path | None = None
    origins: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    store: str = "sqlite:///ischio.db"
    records: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    metrics: str | None = field(default=None, repr=False)
    retention: int | None = None
    limits: Bounds = field(default_factory=Bounds)
    pages: Pages = field(default_factory=Pages)
    patients: Patients = field(default_factory=Patients)
    mail: Mail = field(default_factory=Mail)
    clients: tuple[Caller, ...] = ()
    launches: tuple[LaunchServer, ...] = ()
    sign_in: tuple[SignInProvider, ...] = ()
