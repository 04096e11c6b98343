"""`ischio remind`: sends the reminders that are due; to be run by a timer."""

import sys
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import SettingsFile, opened, settings_of
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ischio.clinic.clinic import Clinic
    from ischio.clinic.reminders import Hours, Post, Run
    from ischio.interfaces.http.settings import Settings

LARGEST = 1_000_000
"""Bytes of a mail that is looked at."""


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio remind --settings clinic.toml --show")(remind)


def remind(
    file: SettingsFile = None,
    show: Annotated[bool, typer.Option("--show", help="Say what would be sent, and send nothing.")] = False,
    incoming: Annotated[
        bool,
        typer.Option(
            "--incoming",
            help="Read one answer to a reminder (a mail) from standard input. If its first word is a stop word, the "
            "reminders to that address end, and the exit code is 0. With 1 a person should read it.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Sends the reminders that are due by e-mail: each once, outside quiet hours, to those who asked for them.

    Run it by a timer, such as every 15 minutes; several may run at once. Exit code 1: something was not sent that
    should have been.
    """
    if incoming:
        _take_answer(file, as_json)
    elif show:
        _show(file, as_json)
    else:
        _send(file, as_json)


def _send(file: Path | None, as_json: bool) -> None:
    settings = settings_of(file)
    with _clinic(settings) as clinic:
        told = clinic.reminders.run(_post(settings), _hours(settings), _now)
    if as_json:
        print_json(_data(told, settings))
    else:
        _print(told, settings)
    raise typer.Exit(bool(told.given_up or told.unclear or told.failed or not settings.mail.host))


def _show(file: Path | None, as_json: bool) -> None:
    from ischio.interfaces.cli.stored import operator
    from ischio.store.entries import Action, Outcome

    settings, at = settings_of(file), _now()
    hours = _hours(settings)
    with _clinic(settings) as clinic:
        clinic.store.audit.write(operator(), Action.READ, "reminder", None, Outcome.SUCCESS, "list of those due")
        due = [(contact.known_as, what.value) for contact, _, what in clinic.reminders.waiting(hours, at)]
    quiet = hours.until(at) if hours.quiet(at) else None
    if as_json:
        told = {"due": [{"person": person, "what": what} for person, what in due], "sends": bool(settings.mail.host)}
        print_json(told | {"quiet_until": quiet.isoformat() if quiet else None})
        return
    lines = [f"{what:10} {person}" for person, what in due] or ["Nothing is due."]
    _lines([*lines, *_quiet(quiet, hours), *_without_mail(settings)])


def _take_answer(file: Path | None, as_json: bool) -> None:
    """Nothing is ever answered, and no address is repeated."""
    from ischio.interfaces.reminding.answers import stopped_by

    address = stopped_by(sys.stdin.buffer.read(LARGEST))
    stopped = 0
    if address:
        with _clinic(settings_of(file)) as clinic:
            stopped = clinic.reminders.stop_by_answer(address, _now())
    if as_json:
        print_json({"stop_word": bool(address), "stopped": stopped})
    elif not address:
        _lines(["No stop word: a person should read it."])
    else:
        _lines([f"Stopped: {stopped}." if stopped else "A stop word, of nobody who is reminded."])
    raise typer.Exit(not address)


# ---- what they share ------------------------------------------------------------------------------------------------


@contextmanager
def _clinic(settings: "Settings") -> "Iterator[Clinic]":
    with opened(settings.store) as store:
        from ischio.clinic.clinic import Clinic
        from ischio.clinic.knowledge import read_knowledge
        from ischio.interfaces.http.pages.routes import lasts_of

        yield Clinic(store, read_knowledge(overlay=settings.overlay), lasts_of(settings))


def _post(settings: "Settings") -> "Post | None":
    """None where no mail server is named."""
    from ischio.interfaces.reminding.writing import mail_of, postbox_of

    if not settings.mail.host:
        return None
    try:
        postbox = postbox_of(settings)
    except (OSError, UnicodeDecodeError):
        mend = "Name a file that this account may read, as `password` of [mail]."
        raise IschioError(Mistake("The file with the password of the mail server cannot be read.", mend)) from None
    return lambda letter: postbox.send(mail_of(letter, settings, _now()))


def _hours(settings: "Settings") -> "Hours":
    from zoneinfo import ZoneInfo

    from ischio.clinic.reminders import Hours

    return Hours(*settings.mail.quiet, ZoneInfo(settings.mail.zone))


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _data(told: "Run", settings: "Settings") -> dict[str, Any]:
    counts = {name: getattr(told, name) for name in ("sent", "failed", "given_up", "unclear", "dropped", "waiting")}
    quiet = told.quiet_until.isoformat() if told.quiet_until else None
    return counts | {"quiet_until": quiet, "sends": bool(settings.mail.host), "why": told.why}


def _print(told: "Run", settings: "Settings") -> None:
    lines = [f"Sent: {len(told.sent)}. Waiting: {told.waiting}."]
    if told.failed:
        lines.append(f"Not sent, to be tried again: {len(told.failed)} ({told.why}).")
    if told.given_up:
        lines.append(f"Given up: {len(told.given_up)} ({told.why}). The page of the person's handout tells of it.")
    if told.unclear:
        lines.append(f"Perhaps sent, and not sent again: {len(told.unclear)} ({told.why}).")
    if told.dropped:
        lines.append(f"No longer due: {len(told.dropped)}.")
    _lines([*lines, *_quiet(told.quiet_until, _hours(settings)), *_without_mail(settings)])


def _quiet(until: "datetime | None", hours: "Hours") -> list[str]:
    return [f"Quiet hours until {until.astimezone(hours.zone):%H:%M}: nothing is sent."] if until else []


def _without_mail(settings: "Settings") -> list[str]:
    return [] if settings.mail.host else ["Nothing is sent: the settings name no mail server ([mail] host)."]


def _lines(lines: Sequence[str]) -> None:
    for line in lines:
        console().print(Text(clean(line)), soft_wrap=True)
