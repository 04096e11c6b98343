"""A mail server on this machine that keeps what it is given, and refuses what it is told to refuse."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "ischio", "mail password"


@dataclass
class Sink:
    """refuses: the answer to the receiver or to the mail, such as `550 no such box`; empty: it takes it.

    encrypted: of each mail whether it came encrypted.
    """

    at_receiver: str = ""
    at_mail: str = ""
    raw: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    receivers: list[list[str]] = field(default_factory=list)
    port: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one, policy=default) for one in self.raw]  # type: ignore[misc]  # by the policy

    async def handle_RCPT(  # as aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.at_receiver or "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.at_mail:
            return self.at_mail
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        self.encrypted.append(session.ssl is not None)
        self.senders.append(str(envelope.mail_from))
        self.receivers.append(list(envelope.rcpt_tos))
        return "250 OK"


class _OnFreePort(Controller):
    """It looks whether it answers at the port that it was given, which is not yet known where it may choose."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def serving(sink: Sink, server: ssl.SSLContext | None = None, *, logs_in: bool = False, **more: Any) -> Iterator[int]:
    """On this machine, at a port that is free; the port."""
    if server is not None:
        more |= {"tls_context": server, "require_starttls": True}
    if logs_in:
        more |= {"authenticator": _known, "auth_required": True, "auth_require_tls": server is not None}
    controller = _OnFreePort(sink, hostname="127.0.0.1", port=0, **more)
    controller.start()
    sink.port = controller.port
    try:
        yield controller.port
    finally:
        controller.stop()


def _known(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    # Not handled: the sink is to say so itself.
    return AuthResult(success=known, handled=False)
