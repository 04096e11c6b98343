"""A reminder as an e-mail: that there is something, and where; not what it is about.

No diagnosis, no number and no day stands in it: others read over a shoulder, and mails lie on many machines.
"""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import assert_never
from urllib.parse import urlsplit

from ischio.clinic.reminders import Letter, What
from ischio.interfaces.http.pages.language import translations
from ischio.interfaces.http.settings import Settings
from ischio.remote.mail import Postbox, Tls

STOPPED_AT = "/reminders/stop"
"""Under this address stands what a mail carries to stop the next ones."""


def _(text: str) -> str:
    """Marks a text for gettext, which is asked once the language is known."""
    return text


SUBJECTS = {
    What.VISIT: _("Your visit at %(clinic)s"),
    What.QUESTIONS: _("%(clinic)s has questions for you"),
    What.EXERCISES: _("Your reminder from %(clinic)s"),
}


def mail_of(letter: Letter, settings: Settings, at: datetime) -> EmailMessage:
    """With what lets mail programs stop it at one click (RFC 2369, RFC 8058), and keeps others from answering it."""
    say = translations(letter.contact.language).gettext
    stop = f"{settings.base}{STOPPED_AT}/{letter.stop}"
    mail = EmailMessage()
    mail["From"] = settings.mail.sender
    mail["To"] = letter.contact.address
    mail["Subject"] = say(SUBJECTS[letter.what]) % {"clinic": _clinic(letter, say("Your clinic"))}
    mail["Date"] = format_datetime(at)
    # The same for each try: who gets it twice can know it.
    mail["Message-ID"] = f"<{letter.id}@{urlsplit(settings.base).hostname}>"
    if settings.mail.replies:
        mail["Reply-To"] = settings.mail.replies
    mail["List-Unsubscribe"] = f"<{stop}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(_paragraphs(letter, settings, stop)) + "\n", cte="quoted-printable")
    mail["Content-Language"] = letter.contact.language
    return mail


def _paragraphs(letter: Letter, settings: Settings, stop: str) -> list[str]:
    say = translations(letter.contact.language).gettext
    clinic = _clinic(letter, say("Your clinic"))
    if letter.link:
        way = say("Open this link. It works once, and asks for your date of birth. Show it to nobody else.")
        address = f"{settings.base}/in/{letter.link}"
    else:
        way, address = say("Open your page on your own device:"), f"{settings.base}/me"
    last = say("You asked for these reminders. To stop them, open this address:")
    if settings.mail.replies:
        last = say("You asked for these reminders. To stop them, answer with the word STOP, or open this address:")
    nobody = say("Nobody reads answers to this mail at once. If you need help, call your clinic.")
    return [say(_said(letter.what)) % {"clinic": clinic}, f"{way}\n{address}", nobody, f"{last}\n{stop}"]


def _said(what: What) -> str:
    match what:
        case What.VISIT:
            return _("You have a visit at %(clinic)s soon. The day stands on your page.")
        case What.QUESTIONS:
            return _("%(clinic)s has questions for you. Your answers help to look after you.")
        case What.EXERCISES:
            return _("This is the reminder that you asked for. What to do today stands on your page.")
        case _:
            assert_never(what)


def _clinic(letter: Letter, plain: str) -> str:
    return " ".join(letter.organisation.split()) or plain


def postbox_of(settings: Settings) -> Postbox:
    """Raises OSError where the file with the password cannot be read."""
    mail = settings.mail
    password = mail.password.read_text("utf-8").strip() if mail.password else ""
    return Postbox(mail.host, mail.port, Tls(mail.tls), mail.user, password)
