"""What comes back to a reminder: whether it is a stop word, and whose address it names."""

import re
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import Any
from unicodedata import category, normalize

STOP_WORDS = frozenset(
    {"stop", "unsubscribe", "end", "alto", "baja", "parar", "basta", "stopp", "ende", "abmelden", "halt"}
)
"""In all languages of the reminders at once: somebody may answer in another one than they were written to."""
LONGEST_HEADER = 2_000
"""Letters. The time that Python takes to read one grows with its square, and worse."""
_WORD = re.compile(r"[^\W\d_]+")
_MARKUP = re.compile(
    r"""<!--.*?(?:-->|\Z)"""
    r"""|<(script|style|title|blockquote)\b.*?(?:</\1\s*>|\Z)"""
    r"""|<[a-z/!?](?:[^<>"']|"[^"<]*"|'[^'<]*')*+>""",
    re.DOTALL | re.IGNORECASE,
)
"""Comments, what is not read or is quoted, and tags. None is looked for twice in the same text, however it is made."""
_WITHIN_A_WORD = re.compile(r"</?(?:a|b|big|em|font|i|s|small|span|strong|u|wbr)\b", re.IGNORECASE)
_UNREADABLE = (MessageError, LookupError, ValueError, AttributeError, RecursionError)
"""What reading a mail ends in that is none."""


def _header(name: str, value: str) -> Any:
    if len(value) > LONGEST_HEADER:
        raise MessageError(f"The header {name} is too long.")
    return default.header_factory(name, value)


_POLICY = default.clone(header_factory=_header)


def stopped_by(raw: bytes) -> str:
    """The address of whoever asks for no more reminders; empty of any other mail, and of what cannot be read.

    The address is the one in `From`, which anybody can write: it stops reminders, and does nothing else.
    """
    try:
        mail = message_from_bytes(raw, policy=_POLICY)
        return _stopped_by(mail) if isinstance(mail, EmailMessage) else ""
    except _UNREADABLE:
        return ""


def _stopped_by(mail: EmailMessage) -> str:
    if str(mail.get("Auto-Submitted", "no")).strip().lower() != "no":
        return ""
    senders = tuple(mail["From"].addresses) if mail["From"] else ()
    texts = (_text(mail, "plain"), _text(mail, "html"), str(mail.get("Subject", "")))
    word = next(filter(None, map(_first_word, texts)), "")
    if len(senders) != 1 or not senders[0].domain or word.casefold() not in STOP_WORDS:
        return ""
    return str(senders[0].addr_spec)


def _text(mail: EmailMessage, kind: str) -> str:
    """What was written in plain text, or in HTML, of which the markup is taken away; empty where there is none."""
    body = mail.get_body((kind,))
    text = str(body.get_content()) if body is not None else ""
    return unescape(_MARKUP.sub(_between, text)) if kind == "html" else text


def _between(markup: re.Match[str]) -> str:
    return "" if _WITHIN_A_WORD.match(markup[0]) else "\n"


def _first_word(text: str) -> str:
    """Of the first line with one, without marks that nobody sees; what is quoted does not count."""
    for line in text.splitlines():
        seen = "".join(letter for letter in normalize("NFKC", line) if category(letter) != "Cf")
        if not seen.lstrip().startswith(">") and (found := _WORD.search(seen)):
            return found[0]
    return ""
