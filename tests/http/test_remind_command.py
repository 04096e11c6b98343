"""`ischio remind`, as a timer and a mail server run it: sent to a server on this machine, and answers taken in."""

import io
import json
import logging
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mail_sink import Sink, serving

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.released import Released
from ischio.clinic.reminders import What
from ischio.interfaces.cli import main
from ischio.interfaces.reminding.answers import STOP_WORDS, stopped_by
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.store.entries import Access
from ischio.store.store import open_store

EMAIL = "Canaria.Mustermann@example.org"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `ischio remind`; gives its exit code and all that it wrote. No setting of this machine counts."""
    for name in ("ISCHIO_SETTINGS", "ISCHIO_STORE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object, given: bytes = b"") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        with pytest.raises(SystemExit) as left:
            main.run(["remind", *map(str, arguments)])
        printed = capfd.readouterr()
        return int(left.value.code or 0), printed.out + printed.err

    return run


@pytest.fixture
def store(tmp_path: Path, knowledge: Knowledge) -> str:
    """With somebody synthetic who has a visit tomorrow and wants to be reminded."""
    url, by = f"sqlite:///{tmp_path / 'clinic.db'}", Access("a test", datetime.now(UTC))
    with closing(open_store(url)) as opened:
        clinic = Clinic(opened, knowledge)
        known = clinic.people.register("Canaria Mustermann", "", "north", by, PartialDate.parse("1984-03-31"))
        visit = by.at.date() + timedelta(days=1)
        clinic.releases.release(known, Released(Side.LEFT, "", (), (), (), visit, "", False, "1", by.at.date()), by)
        clinic.reminders.give(known, EMAIL, [What.VISIT], None, "en", by)
    return url


def settings(tmp_path: Path, store: str, **mail: object) -> Path:
    """Without quiet hours, so that it does not matter when the tests run."""
    told = "\n".join(
        f"{name} = {value if isinstance(value, int) else json.dumps(value)}" for name, value in mail.items()
    )
    file = tmp_path / "clinic.toml"
    file.write_text(
        f'[server]\nbase = "https://clinic.example"\n[store]\nurl = "{store}"\n[mail]\nquiet = "00:00-00:00"\n{told}\n',
        "utf-8",
    )
    return file


def to_sink(tmp_path: Path, store: str, port: int, **more: object) -> Path:
    return settings(tmp_path, store, host="127.0.0.1", port=port, tls="none", **({"from": "c@clinic.example"} | more))


def test_it_sends_what_is_due_once_and_names_nobody(
    run: Run, tmp_path: Path, store: str, caplog: pytest.LogCaptureFixture
):
    sink = Sink()
    caplog.set_level(logging.INFO, "ischio")
    with serving(sink) as port:
        file = to_sink(tmp_path, store, port)
        shown = run("--settings", file, "--show")
        first, again = run("--settings", file), run("--settings", file, "--json")
    assert shown[0] == 0
    assert "visit" in shown[1]
    assert first == (0, "Sent: 1. Waiting: 0.\n")
    assert json.loads(again[1])["sent"] == []
    assert again[0] == 0
    (mail,) = sink.mails
    assert mail["To"] == EMAIL
    written = (
        shown[1] + first[1] + again[1] + "".join(one.getMessage() for one in caplog.records if one.name != "mail.log")
    )
    assert "canaria" not in written.lower()


def test_what_is_refused_is_told_without_the_address(run: Run, tmp_path: Path, store: str):
    with serving(Sink(at_receiver=f"550 {EMAIL} is unknown")) as port:
        code, out = run("--settings", to_sink(tmp_path, store, port))
    assert code == 1
    assert "Given up: 1 (refused with 550)." in out
    assert "canaria" not in out.lower()


def test_quiet_hours_are_told(run: Run, tmp_path: Path, store: str):
    sink = Sink()
    with serving(sink) as port:
        code, out = run("--settings", to_sink(tmp_path, store, port, zone="Europe/Madrid"), "--show")
        file = to_sink(tmp_path, store, port)
        file.write_text(file.read_text("utf-8").replace("00:00-00:00", "00:00-23:59"), "utf-8")
        code, out = run("--settings", file)
    assert (code, sink.raw) == (0, [])
    assert "Sent: 0. Waiting: 1." in out
    assert "Quiet hours until 23:59: nothing is sent." in out


def test_without_a_mail_server_it_says_so(run: Run, tmp_path: Path, store: str):
    code, out = run("--settings", settings(tmp_path, store))
    assert code == 1
    assert "Waiting: 1." in out
    assert "the settings name no mail server" in out


def test_a_password_that_cannot_be_read_is_told(run: Run, tmp_path: Path, store: str):
    file = to_sink(tmp_path, store, 1, user="ischio", password="not-there")
    code, out = run("--settings", file)
    assert code == 1
    assert "The file with the password of the mail server cannot be read." in out


# ---- answers --------------------------------------------------------------------------------------------------------


def answer(text: str, sender: str = EMAIL, *headers: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    told = (f"From: Somebody <{sender}>", "To: re@clinic.example", "Subject: Re: Your visit", f"Content-Type: {kind}")
    return "\r\n".join((*told, *headers, "", text)).encode()


def test_a_stop_word_stops_and_nothing_is_answered(run: Run, tmp_path: Path, store: str):
    sink = Sink()
    with serving(sink) as port:
        file = to_sink(tmp_path, store, port)
        assert run("--incoming", "--settings", file, given=answer("Stop!\n> Open your page")) == (0, "Stopped: 1.\n")
        again = run("--incoming", "--settings", file, "--json", given=answer("Stop"))
        assert (again[0], json.loads(again[1])) == (0, {"stop_word": True, "stopped": 0})
        assert run("--settings", file) == (0, "Sent: 0. Waiting: 0.\n")
    assert sink.raw == []
    with closing(open_store(store)) as opened:
        assert [one.why for one in opened.audit.entries() if one.what == "contact"] == [
            "reminders given",
            "reminders stopped: answer to a mail",
        ]
        assert "example.org" not in str(list(opened.audit.entries()))


def test_anything_else_is_left_for_a_person(run: Run, tmp_path: Path, store: str):
    code, out = run("--incoming", "--settings", settings(tmp_path, store), given=answer("My leg is numb. Stop?"))
    assert (code, out) == (1, "No stop word: a person should read it.\n")


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_each_stop_word_is_known_however_it_is_written(word: str):
    for text in (word, word.upper(), f"  {word.title()}.\r\n\r\nAnna", f"\r\n> quoted\r\n{word}, por favor"):
        assert stopped_by(answer(text)) == EMAIL, text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        answer(""),
        answer("Please stop"),
        answer("> STOP"),
        answer("stopping by tomorrow"),
        answer("STOP", EMAIL, "Auto-Submitted: auto-replied"),
        answer("STOP", f"{EMAIL}>, <other@example.org"),
        answer("STOP", ""),
        b"Subject: STOP\r\n\r\n",
        answer("STOP", kind="text/plain; charset=no-such-charset").replace(b"STOP", b"\xff"),
        answer("<p>Hello</p><p>STOP</p>", kind="text/html"),
    ],
    ids=str,
)
def test_what_is_no_stop_word_of_one_sender_is_left(raw: bytes):
    assert stopped_by(raw) == ""


TWO = "multipart/alternative; boundary=b"
OF_WORD = "<!--[if mso]><xml><o:Pixels>96</o:Pixels></xml><![endif]--><style>p > b {color: red}</style>"


def both(plain: str, html: str) -> str:
    """A mail in plain text and in HTML."""
    parts = (("plain", plain), ("html", html))
    told = "".join(f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}\r\n" for kind, text in parts)
    return f"{told}--b--\r\n"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/html", "<style>p {color: red}</style><p>&nbsp;<b>STOP</b></p>"),
        ("text/html", f"<html><head>{OF_WORD}<title>Re: Your visit</title></head><body><p>Stop</p></body></html>"),
        ("text/html", '<p title="a > b"><span>ST</span><span>OP</span></p><blockquote>Your visit</blockquote>'),
        ("text/html", "<blockquote>Your visit</blockquote><p>STOP</p>"),
        (TWO, both(" \r\n", "<p>STOP</p>")),
        (TWO, both("STOP", "<p>Something else</p>")),
        ("multipart/mixed; boundary=m", f"--m\r\nContent-Type: {TWO}\r\n\r\n{both('', '<p>STOP</p>')}\r\n--m--"),
        ("text/plain; charset=utf-8", "\ufeffST\u00adOP"),
        ("text/plain; charset=utf-8", "\uff33\uff34\uff2f\uff30"),
    ],
)
def test_a_stop_word_is_found_in_markup_and_among_marks_that_nobody_sees(kind: str, text: str):
    assert stopped_by(answer(text, kind=kind)) == EMAIL


@pytest.mark.parametrize(
    "html",
    [
        "<title>Stop</title><p>Hello</p>",
        "<!-- stop --><p>Hello</p>",
        "<blockquote>Stop</blockquote><p>Hello</p>",
        "<style>stop",
        "<!-- stop",
    ],
)
def test_what_is_quoted_or_not_seen_in_markup_is_no_stop_word(html: str):
    assert stopped_by(answer(html, kind="text/html")) == ""


def test_a_stop_word_as_the_subject():
    assert stopped_by(answer("").replace(b"Re: Your visit", b"STOP")) == EMAIL


DEEP = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(3000))


@pytest.mark.parametrize(
    "raw",
    [
        answer("<" * 900_000, kind="text/html"),
        answer("<!--" * 200_000, kind="text/html"),
        answer("<style>" * 100_000, kind="text/html"),
        answer("<p a=\"'" * 100_000, kind="text/html"),
        answer("STOP", kind='"' * 50_000),
        answer("STOP", "a@b," * 100_000),
        answer("").partition(b"Content-Type")[0] + DEEP.encode(),
    ],
    ids=("brackets", "comments", "styles", "quotes", "a long type", "many senders", "parts of parts"),
)
def test_a_mail_that_is_made_to_be_hard_to_read_is_left_within_seconds(raw: bytes):
    began = time.monotonic()
    assert stopped_by(raw) == ""
    assert time.monotonic() - began < 20
