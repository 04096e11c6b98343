"""Reminders handed to a mail server on this machine: what it gets, how it is encrypted, and what it refuses."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from mail_sink import PASSWORD, USER, Sink, serving

from ischio.clinic.reminders import Letter, What
from ischio.interfaces.http.pages.language import LANGUAGES
from ischio.interfaces.http.settings import Mail, Settings
from ischio.interfaces.reminding.writing import mail_of
from ischio.remote.mail import Fault, NotSent, Postbox, Tls
from ischio.store.contacts import Contact
from ischio.store.entries import Access, Person

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOKEN = "s" * 43
SETTINGS = Settings(
    base="https://clinic.example",
    mail=Mail("mail.example", sender="clinic@clinic.example", replies="re@clinic.example"),
)
WORDS_OF_DISEASE = ("ischio", "hip", "hüft", "cadera", "pain", "dolor", "schmerz", "diagnos", "surgery", "nerve")


def letter(what: What = What.QUESTIONS, language: str = "en", link: str = "", name: str = "Clínica Norte") -> Letter:
    contact = Contact(
        "north", "k1", Person("s", "p"), "anna@example.org", ("questions",), "", language, Access("patient 1", NOON)
    )
    return Letter("r1", contact, what, name, link, TOKEN)


def mail(**other: object) -> EmailMessage:
    return mail_of(letter(**other), SETTINGS, NOON)  # type: ignore[arg-type]  # each test names fields of the class


def sent(postbox: Postbox) -> NotSent | None:
    try:
        postbox.send(mail())
    except NotSent as fault:
        return fault
    return None


def postbox(port: int, **other: object) -> Postbox:
    return Postbox("127.0.0.1", port, **({"tls": Tls.NONE, "seconds": 5.0} | other))  # type: ignore[arg-type]  # each test names fields of the class


# ---- what is sent ---------------------------------------------------------------------------------------------------


def test_what_arrives_says_where_and_how_to_stop_and_not_what(capfd: pytest.CaptureFixture[str]):
    sink = Sink()
    with serving(sink) as port:
        assert sent(postbox(port)) is None
    (came,) = sink.mails
    assert sink.receivers == [["anna@example.org"]]
    assert sink.senders == ["clinic@clinic.example"]
    assert came["Subject"] == "Clínica Norte has questions for you"
    assert came["List-Unsubscribe"] == f"<https://clinic.example/reminders/stop/{TOKEN}>"
    assert came["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (came["Auto-Submitted"], came["Reply-To"]) == ("auto-generated", "re@clinic.example")
    assert came["Message-ID"] == "<r1@clinic.example>"
    assert b"List-Unsubscribe: <https://clinic.example/reminders/stop/" + TOKEN.encode() + b">\r\n" in sink.raw[0]
    text = came.get_content().replace("\r\n", "\n")
    assert "https://clinic.example/me\n" in text
    assert f"https://clinic.example/reminders/stop/{TOKEN}\n" in text
    assert "answer with the word STOP" in text
    assert capfd.readouterr() == ("", ""), "nothing is logged"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", What, ids=lambda what: what.value)
def test_no_disease_no_number_and_no_name_stands_in_a_mail(what: What, language: str):
    one = mail_of(letter(what, language, name="North"), SETTINGS, NOON)
    text = f"{one['Subject']}\n{one.get_content()}"
    plain = text.replace(f"https://clinic.example/reminders/stop/{TOKEN}", "").replace("https://clinic.example/me", "")
    assert not any(word in plain.lower() for word in WORDS_OF_DISEASE)
    assert not any(letter.isdigit() for letter in plain)
    assert one["Content-Language"] == language


def test_a_link_stands_only_in_the_mail_of_who_needs_it():
    assert "/in/" not in mail().get_content()
    text = mail(link="l" * 43).get_content()
    assert f"https://clinic.example/in/{'l' * 43}\n" in text
    assert "date of birth" in text
    assert "https://clinic.example/me\n" not in text


def test_where_answers_go_nowhere_no_answer_is_asked_for():
    plain = Settings(base="https://clinic.example", mail=Mail("mail.example", sender="clinic@clinic.example"))
    one = mail_of(letter(), plain, NOON)
    assert "STOP" not in one.get_content()
    assert one["Reply-To"] is None


def test_a_name_of_several_lines_makes_no_header_of_its_own():
    one = mail(name="North\r\nBcc: somebody@example.org")
    assert one["Bcc"] is None
    assert one["Subject"] == "North Bcc: somebody@example.org has questions for you"


# ---- how it is handed over ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate for 127.0.0.1, and somebody who believes it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on this machine, so the encrypted ways to a mail server were not tried")
    folder = tmp_path_factory.mktemp("certificate")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem -out cert.pem"
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *words.split(), *named], cwd=folder, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))


def test_starttls_with_a_login(certified: tuple[ssl.SSLContext, ssl.SSLContext]):
    server, trust = certified
    sink = Sink()
    with serving(sink, server, logs_in=True) as port:
        assert sent(postbox(port, tls=Tls.STARTTLS, trust=trust, user=USER, password=PASSWORD)) is None
        fault = sent(postbox(port, tls=Tls.STARTTLS, trust=trust, user=USER, password="another"))
    assert sink.encrypted == [True]
    assert fault is not None
    assert (fault.fault, fault.why) == (Fault.UNREACHABLE, "login refused")


def test_tls_from_the_start(certified: tuple[ssl.SSLContext, ssl.SSLContext]):
    server, trust = certified
    sink = Sink()
    with serving(sink, ssl_context=server) as port:
        assert sent(postbox(port, tls=Tls.FROM_THE_START, trust=trust)) is None
    assert len(sink.raw) == 1


def test_nothing_is_said_in_the_clear_nor_to_a_server_that_is_not_believed(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
):
    plain, strange = Sink(), Sink()
    with serving(plain) as port:
        unencrypted = sent(postbox(port, tls=Tls.STARTTLS, user=USER, password=PASSWORD))
    with serving(strange, certified[0]) as port:
        unknown = sent(postbox(port, tls=Tls.STARTTLS, trust=ssl.create_default_context()))
    assert [fault and fault.fault for fault in (unencrypted, unknown)] == [Fault.UNREACHABLE] * 2
    assert plain.raw == strange.raw == []


@pytest.mark.parametrize(
    ("sink", "fault"),
    [
        (Sink(at_receiver="550 no anna@example.org here"), (Fault.NEVER, "refused with 550")),
        (Sink(at_receiver="450 busy"), (Fault.LATER, "refused with 450")),
        (Sink(at_mail="554 spam"), (Fault.NEVER, "refused with 554")),
        (Sink(at_mail="451 later"), (Fault.LATER, "refused with 451")),
    ],
    ids=lambda value: "" if isinstance(value, Sink) else value[1],
)
def test_a_refusal_is_told_without_the_words_of_the_server(sink: Sink, fault: tuple[Fault, str]):
    with serving(sink) as port:
        found = sent(postbox(port))
    assert found is not None
    assert (found.fault, found.why, sink.raw) == (*fault, [])


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    fault = sent(postbox(port))
    assert fault is not None
    assert fault.fault is Fault.UNREACHABLE


@pytest.fixture
def falls_silent() -> Iterator[int]:
    """A server that takes a mail and says nothing of it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        answers = iter((b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b"354 go on\r\n"))

        def serve() -> None:
            line, _ = listening.accept()
            with line:
                line.sendall(b"220 x\r\n")
                for answer in answers:
                    line.recv(1000)
                    line.sendall(answer)
                while b"\r\n.\r\n" not in line.recv(100_000):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_a_connection_that_breaks_with_the_mail_on_its_way_is_unclear(falls_silent: int):
    fault = sent(postbox(falls_silent))
    assert fault is not None
    assert fault.fault is Fault.UNCLEAR
