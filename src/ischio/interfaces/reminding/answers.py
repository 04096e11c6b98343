"""What comes back to a reminder: whether it is a stop word, and whose address it names."""

import re
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from html import unescape

STOP_WORDS = frozenset(
    {"stop", "unsubscribe", "end", "alto", "baja", "parar", "basta", "stopp", "ende", "abmelden", "halt"}
)
"""In all languages of the reminders at once: somebody may answer in another one than they were written to."""
_WORD = re.compile(r"[^\W\d_]+")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def stopped_by(raw: bytes) -> str:
    """The address of whoever asks for no more reminders; empty of any other mail.

    The address is the one in `From`, which anybody can write: it stops reminders, and does nothing else.
    """
    mail = message_from_bytes(raw, policy=default)
    if not isinstance(mail, EmailMessage) or str(mail.get("Auto-Submitted", "no")).strip().lower() != "no":
        return ""
    try:
        senders = tuple(mail["From"].addresses) if mail["From"] else ()
        word = _first_word(_text(mail)) or _first_word(str(mail.get("Subject", "")))
    except (MessageError, LookupError, ValueError, AttributeError):
        # A mail that cannot be read says nothing.
        return ""
    if len(senders) != 1 or not senders[0].domain or word.casefold() not in STOP_WORDS:
        return ""
    return str(senders[0].addr_spec)


def _text(mail: EmailMessage) -> str:
    """What was written: without markup."""
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    text = str(body.get_content())
    return unescape(_TAG.sub(" ", text)) if body.get_content_type() == "text/html" else text


def _first_word(text: str) -> str:
    """Of the first line with one; what is quoted does not count."""
    for line in text.splitlines():
        if not line.lstrip().startswith(">") and (found := _WORD.search(line)):
            return found[0]
    return ""
