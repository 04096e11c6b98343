"""Handing mails to the one mail server that settings name: encrypted, within a time, and told whether it has them."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from enum import Enum

WIRE = SMTP.clone(max_line_length=998)
"""Lines as long as RFC 5322 allows: an address that is folded into encoded words is none to a mail program."""
TAKEN = 250
"""The answer to a mail that was taken."""


class Tls(Enum):
    """How the connection is encrypted: from the start, by STARTTLS after it, or not at all (to this machine alone)."""

    FROM_THE_START = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Fault(Enum):
    """Why a mail is not known to be sent.

    UNREACHABLE: the server was not reached, or did not let us in; no other mail would fare better. LATER: it may take
    the mail another time. NEVER: it refused it for good. UNCLEAR: the connection broke while it had the mail.
    """

    UNREACHABLE = "unreachable"
    LATER = "later"
    NEVER = "never"
    UNCLEAR = "unclear"


class NotSent(Exception):
    """why: a short reason, without the server's own words: they may repeat the address."""

    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault, self.why = fault, why


@dataclass(frozen=True, slots=True)
class Postbox:
    """The mail server. seconds: for the connection, and again for each answer."""

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    seconds: float = 20.0
    trust: ssl.SSLContext | None = None
    """Whom to believe; None: the authorities of the machine."""

    def send(self, mail: EmailMessage) -> None:
        """Hands over one mail with one receiver. Raises NotSent."""
        receiver = str(mail["To"])
        with self._reached() as server:
            refused = _asked(server, str(mail["From"].addresses[0].addr_spec), receiver)
            if refused is not None:
                raise refused
            try:
                code, _ = server.data(mail.as_bytes(policy=WIRE))
            except smtplib.SMTPDataError as error:
                raise _refused(error.smtp_code) from None
            except (smtplib.SMTPException, OSError):
                raise NotSent(Fault.UNCLEAR, "connection lost with the mail on its way") from None
            if code != TAKEN:
                raise _refused(code)

    @contextmanager
    def _reached(self) -> Iterator[smtplib.SMTP]:
        server = None
        try:
            server = self._connected()
            if self.user:
                server.login(self.user, self.password)
        except smtplib.SMTPAuthenticationError:
            _leave(server)
            raise NotSent(Fault.UNREACHABLE, "login refused") from None
        except (ssl.SSLError, smtplib.SMTPNotSupportedError):
            _leave(server)
            raise NotSent(Fault.UNREACHABLE, "no trusted encryption, or no login") from None
        except (smtplib.SMTPException, OSError):
            _leave(server)
            raise NotSent(Fault.UNREACHABLE, "no connection") from None
        try:
            yield server
        finally:
            _leave(server)

    def _connected(self) -> smtplib.SMTP:
        trust = self.trust or ssl.create_default_context()
        if self.tls is Tls.FROM_THE_START:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=trust)
        server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        if self.tls is Tls.STARTTLS:
            try:
                # Raises where the server offers none: nothing is said in the clear.
                server.starttls(context=trust)
            except Exception:
                _leave(server)
                raise
        return server


def _asked(server: smtplib.SMTP, sender: str, receiver: str) -> NotSent | None:
    """Names both; what the server has against either. Nothing of the mail is sent yet."""
    try:
        server.ehlo_or_helo_if_needed()
        for code, _ in (server.mail(sender), server.rcpt(receiver)):
            if not 200 <= code < 300:
                return _refused(code)
    except (smtplib.SMTPException, OSError):
        return NotSent(Fault.UNREACHABLE, "connection lost")
    return None


def _refused(code: int) -> NotSent:
    """4yz: perhaps later; 5yz: for good (RFC 5321, 4.2.1)."""
    return NotSent(Fault.NEVER if code >= 500 else Fault.LATER, f"refused with {code}")


def _leave(server: smtplib.SMTP | None) -> None:
    """Whatever the server says to that: what it has, it has."""
    if server is None:
        return
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
