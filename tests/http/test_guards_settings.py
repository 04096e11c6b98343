"""Settings: read from a file and from variables, and every mistake named at once with its line and its mend."""

import json
from datetime import time
from pathlib import Path

import pytest

from ischio.interfaces.http.settings import Bounds, Caller, LaunchServer, Mail, Settings, SignInProvider
from ischio.interfaces.http.settings_file import SettingsError, load_settings

EXAMPLE = Path(__file__).parents[2] / "docs" / "how-to" / "serve.example.toml"
KEY_SET = {"keys": [{"kty": "EC", "crv": "P-384", "x": "x", "y": "y", "kid": "1"}]}


def mistakes(tmp_path: Path, written: str, **environment: str) -> list[tuple[int | None, str, str]]:
    """Line, place and what is wrong, of each mistake."""
    file = tmp_path / "serve.toml"
    file.write_text(written, "utf-8")
    with pytest.raises(SettingsError) as raised:
        load_settings(file, environment)
    assert all(one.mend for one in raised.value.mistakes)
    return [(one.line, one.where or one.file, one.what) for one in raised.value.mistakes]


def test_nothing_said_is_a_service_for_this_machine_alone():
    settings = load_settings(None, {})
    assert settings == Settings()
    assert (settings.host, settings.base) == ("127.0.0.1", "http://127.0.0.1:8000")


def test_the_example_of_the_manual_is_read_whole():
    settings = load_settings(EXAMPLE, {})
    assert settings == Settings(
        base="https://ifi.example.org",
        proxies=("127.0.0.1",),
        production=True,
        origins=("https://ehr.example.org",),
        frames=("https://ehr.example.org",),
        records=("https://fhir.example.org/r4",),
        clients=(
            Caller(
                "https://ehr.example.org",
                jku="https://ehr.example.org/jwks.json",
                server="https://fhir.example.org/r4",
            ),
        ),
        launches=(LaunchServer("https://fhir.example.org/r4", "ischio"),),
        sign_in=(
            SignInProvider(
                "https://id.example.org",
                "ischio",
                "hip-clinic",
                "groups",
                (("hip-doctors", "clinician"), ("hip-desk", "coordinator")),
            ),
        ),
    )


def test_what_the_example_tells_as_a_comment_is_what_holds():
    told = EXAMPLE.read_text("utf-8")
    plain = Settings()
    for line in (
        f'host = "{plain.host}"',
        f"port = {plain.port}",
        f"workers = {plain.workers}",
        f"body = {plain.limits.body}",
        f"seconds = {plain.limits.seconds:.0f}",
        f"requests = {plain.limits.requests}",
    ):
        assert f"# {line}" in told
    assert f'url = "{plain.store}"' in told


def test_a_variable_goes_before_the_file(tmp_path: Path):
    file = tmp_path / "serve.toml"
    file.write_text("[server]\nport = 9000\n[limits]\nbody = 20000\n", "utf-8")
    settings = load_settings(
        file, {"ISCHIO_SERVER_PORT": "9001", "ISCHIO_SERVER_ORIGINS": "https://a.org, https://b.org"}
    )
    assert (settings.port, settings.base) == (9001, "http://127.0.0.1:9001")
    assert settings.origins == ("https://a.org", "https://b.org")
    assert settings.limits == Bounds(body=20_000)


def test_keys_stand_beside_the_settings(tmp_path: Path):
    (tmp_path / "keys.json").write_text(json.dumps(KEY_SET), "utf-8")
    file = tmp_path / "serve.toml"
    file.write_text('[[clients]]\nissuer = "https://e.org"\nkeys = "keys.json"\nservices = ["a"]\n', "utf-8")
    assert load_settings(file, {}).clients == (Caller("https://e.org", tmp_path / "keys.json", None, ("a",)),)


def test_a_secret_is_not_shown():
    assert "hush" not in repr(Settings(metrics="hush", launches=(LaunchServer("https://e.org", "c", secret="hush"),)))


SIGN_IN = '[[sign_in]]\nissuer = "https://e.org"\nclient_id = "c"\norganisation = "o"\nclaim = "g"\n'


# what is written | line | place | what is said of it
WRONG = (
    ("[server\n", 1, None, "This is not TOML"),
    ("[server]\nport = 70000\n", 2, "server.port", "70000 is not a whole number from 0 to 65535."),
    ("[server]\nport = true\n", 2, "server.port", "True is not a whole number"),
    ('[server]\n\nproduction = "si"\n', 3, "server.production", "'si' is neither true nor false."),
    ('[server]\nbase = "ifi.example.org"\n', 2, "server.base", "is not the address of a server"),
    ('[server]\nbase = "https://me:pw@e.org"\n', 2, "server.base", "is not the address of a server"),
    ('[server]\nbase = "https://[::1"\n', 2, "server.base", "is not the address of a server"),
    ('[server]\norigins = ["https://e.org/app"]\n', 2, "server.origins", "has a path"),
    ('[server]\norigins = ["*"]\n', 2, "server.origins", "'*' is not the address of a server"),
    ("[server]\nproxies = 7\n", 2, "server.proxies", "7 is not a list."),
    ("[server]\nhots = 1\n", 2, "server.hots", "There is no such setting."),
    ("[sever]\nhost = 1\n", 1, "sever", "There is no such setting."),
    ("port = 1\n", 1, "port", "There is no such setting."),
    ("[limits]\nbody = 3\n", 2, "limits.body", "3 is not a whole number from 10000"),
    ("[store]\nurl = ''\n", 2, "store.url", "'' is not a text."),
    ("[[clients]]\nkeys = 'k.json'\n", 1, "clients.0", "It says no issuer."),
    ('[clients]\nissuer = "a"\n', 1, "clients", "It may stand several times."),
    ('[[clients]]\nissuer = "a"\n', 1, "clients.0", "it names not exactly one"),
    ('[[clients]]\nissuer = "a"\nkeys = "none.json"\n', 3, "clients.0.keys", "none.json cannot be read as JSON."),
    ('[[clients]]\nissuer = "a"\nkeys = "serve.toml"\n', 3, "clients.0.keys", "serve.toml cannot be read as JSON."),
    ('[[clients]]\nissuer = "a"\nkey = "k"\n', 3, "clients.0.key", "There is no such setting."),
    ('[[launches]]\niss = "https://e.org"\n', 1, "launches.0", "It says no client_id."),
    (f"{SIGN_IN}roles = {{}}\n", 6, "sign_in.0.roles", "{} is not a table."),
    (f'{SIGN_IN}roles = {{ "it" = "boss" }}\n', 6, "sign_in.0.roles", "it is given 'boss'."),
    (f"{SIGN_IN}", 1, "sign_in.0", "It says no roles."),
    ('[server]\ndemo = true\nhost = "0.0.0.0"\n', 3, "server.host", "The demonstration is for this machine alone."),
    ('[server]\nproduction = true\nbase = "http://e.org"\n', 3, "server.base", "http://e.org is not encrypted"),
    ("[server]\nproduction = true\n", None, "clients", "everyone who calls says who they are"),
    ("[server]\nproduction = true\ndemo = true\n", 3, "server.demo", "asks nobody who they are"),
)


@pytest.mark.parametrize(("written", "line", "place", "what"), WRONG)
def test_a_mistake_is_named_where_it_stands(tmp_path: Path, written: str, line: int | None, place: str, what: str):
    found = mistakes(tmp_path, written)
    assert any((one[0], what in one[2]) == (line, True) and (place is None or one[1] == place) for one in found), found


def test_every_mistake_is_named_at_once(tmp_path: Path):
    written = '[server]\nport = 70000\nhots = 1\n[limits]\nbody = "much"\n[[clients]]\n'
    found = mistakes(tmp_path, written, ISCHIO_SERVER_WORKERS="0", ISCHIO_LIMITS_HOUR="1")
    assert [place for _, place, _ in found] == [
        "server.hots",
        "the variable ISCHIO_LIMITS_HOUR",
        "server.port",
        "the variable ISCHIO_SERVER_WORKERS",
        "clients.0",
        "limits.body",
    ]


def test_variables_of_others_are_left_alone():
    assert load_settings(None, {"ISCHIO_DEBUG": "1", "ISCHIO_CQL_RECORDS": "5", "PATH": "x"}) == Settings()


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load_settings(tmp_path / "none.toml", {})


def test_a_mail_server_is_read_whole(tmp_path: Path):
    file = tmp_path / "serve.toml"
    told = 'host = "mail.example.org"\nport = 465\ntls = "tls"\nuser = "u"\npassword = "FILE"\nfrom = "a@b.org"\n'
    more = 'replies = "r@b.org"\nquiet = "21:30-07:00"\nzone = "Europe/Madrid"\n'
    file.write_text(f'[server]\nbase = "https://a.org"\n[mail]\n{told}{more}', "utf-8")
    quiet = time(21, 30), time(7)
    assert load_settings(file, {}).mail == Mail(
        "mail.example.org", 465, "tls", "u", Path("FILE"), "a@b.org", "r@b.org", quiet, "Europe/Madrid"
    )


@pytest.mark.parametrize(
    ("written", "where", "what"),
    [
        ('host = "m.org"', "mail.host", "Nobody is named whom the mails are from."),
        ('from = "a@b.org"', "mail.from", "No mail server is named."),
        ('host = "m.org"\nfrom = "a@b.org"\ntls = "none"', "mail.tls", "Mails would travel in the clear."),
        ('host = "m.org"\nfrom = "a@b.org"\nuser = "u"', "mail.user", "A user goes with a file"),
        ('from = "Clinic <a@b.org>"', "mail.from", "is no e-mail address"),
        ('quiet = "20-8"', "mail.quiet", "does not say from when until when"),
        ('zone = "Mars/Olympus"', "mail.zone", "is no time zone"),
        ('tls = "ssl"', "mail.tls", "is none of starttls, tls, none"),
    ],
)
def test_what_is_amiss_with_a_mail_server_is_named(tmp_path: Path, written: str, where: str, what: str):
    found = mistakes(tmp_path, f'[server]\nbase = "https://a.org"\n[mail]\n{written}\n')
    assert [(place, what in told) for _, place, told in found] == [(where, True)]


def test_mails_have_to_lead_somewhere(tmp_path: Path):
    (found,) = mistakes(tmp_path, '[mail]\nhost = "m.org"\nfrom = "a@b.org"\n')
    assert found[1:] == ("mail.host", "Mails lead to the pages, and no address of theirs is named.")
