"""The tables. Of a person each thing kept is one row, written once; `entry` is the audit entry that vouches for it.

Moments are texts in UTC and lists are JSON texts, so that both databases give back the bytes that were hashed.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

METADATA = MetaData()


def storable(text: str) -> str:
    """Without what a database does not take in a text, wherever it came from: NUL, and halves of a surrogate pair."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


class Words(TypeDecorator[str]):
    """A text of whatever length, made storable when it is written and when it is asked for."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        return None if value is None else storable(value)


NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _entry() -> Column[int]:
    return Column("entry", NUMBER, ForeignKey("audit.number"), nullable=False, unique=True)


def _salt() -> Column[str]:
    """128 random bits, as hex, under the row's digest and gone with the row: nobody finds the row by trying digests."""
    return Column("salt", Words, nullable=False, server_default="")


def _kept(name: str, *columns: SchemaItem) -> Table:
    """A table whose rows the audit vouches for, and which can be erased beside it."""
    return Table(name, METADATA, Column("id", Words, primary_key=True), _entry(), _salt(), *columns)


AUDIT = Table(
    "audit",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("at", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("server", Words),
    Column("person", Words),
    Column("outcome", Words, nullable=False),
    Column("why", Words, nullable=False),
    Column("record", Words, nullable=False),
    Column("proof", Words, nullable=False),
    Column("previous", Words, nullable=False),
    Column("digest", Words, nullable=False),
)

EVENT = _kept(
    "event",
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("change", Words, nullable=False),
    Column("body", Words),
    # Unique: of two corrections of one event at once, one is refused and learns of the other.
    Column("replaces", Words, unique=True),
    # A correction is about the same person as what it corrects.
    UniqueConstraint("id", "server", "person"),
    ForeignKeyConstraint(["replaces", "server", "person"], ["event.id", "event.server", "event.person"]),
    Index("event_of_person", "server", "person"),
)

CARD = _kept(
    "card",
    Column("service", Words, nullable=False),
    Column("hook", Words, nullable=False),
    Column("client", Words, nullable=False),
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("pathway_id", Words, nullable=False),
    Column("pathway_version", Words, nullable=False),
    Column("side", Words),
    Column("stage", Words),
    Column("rules", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("indicator", Words),
    Column("shown_at", Words, nullable=False),
    Column("why", Words, nullable=False),
    Column("has_card", Integer, nullable=False),
    Index("card_of_person", "server", "person", "key", "entry"),
)

FEEDBACK = _kept(
    "feedback",
    Column("card", Words, ForeignKey("card.id"), nullable=False, index=True),
    Column("outcome", Words, nullable=False),
    Column("at", Words, nullable=False),
    Column("suggestions", Words, nullable=False),
    Column("reason_system", Words),
    Column("reason_code", Words),
    Column("comment", Words),
)

ORGANISATION = _kept(
    "organisation",
    Column("organisation", Words, nullable=False),
    Column("name", Words, nullable=False),
    Index("organisation_versions", "organisation", "entry"),
)

ACCOUNT = _kept(
    "account",
    Column("account", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("organisation", Words, nullable=False),
    Column("roles", Words, nullable=False),
    Column("hash", Words, nullable=False),
    Column("open", Integer, nullable=False),
    Index("account_versions", "account", "entry"),
    Index("account_of_login", "login", "entry"),
)

IDENTITY = _kept(
    "identity",
    Column("issuer", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("account", Words, nullable=False),
    Column("linked", Integer, nullable=False),
    Index("identity_versions", "issuer", "subject", "entry"),
    Index("identity_of_account", "account", "entry"),
)

PERSON = _kept(
    "person",
    Column("organisation", Words, nullable=False),
    Column("known_as", Words, nullable=False),
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("identifier", Words, nullable=False),
    Index("person_known_as", "organisation", "known_as", "entry"),
    Index("person_identified", "organisation", "identifier"),
    Index("person_of_server", "server", "person", "entry"),
)

DECLINE = _kept(
    "decline",
    Column("organisation", Words, nullable=False),
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("side", Words),
    Column("rule", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("comment", Words, nullable=False),
    Column("pathway_id", Words, nullable=False),
    Column("pathway_version", Words, nullable=False),
    Index("decline_of_person", "server", "person", "entry"),
    Index("decline_of_rule", "organisation", "rule", "entry"),
)

KNOWLEDGE = _kept(
    "knowledge",
    Column("pathway_id", Words, nullable=False),
    Column("pathway_version", Words, nullable=False),
    Column("files", Words, nullable=False),
)

ASSESSMENT = _kept(
    "assessment",
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("seen", NUMBER, nullable=False),
    Column("index_date", Words, nullable=False),
    Column("knowledge", Words, ForeignKey("knowledge.id"), nullable=False),
    Column("digest", Words, nullable=False),
    Index("assessment_of_person", "server", "person", "entry"),
)

LINK = _kept(
    "link",
    Column("link", Words, nullable=False),
    Column("organisation", Words, nullable=False),
    Column("known_as", Words, nullable=False),
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("purpose", Words, nullable=False),
    Column("until", Words, nullable=False),
    Column("change", Words, nullable=False),
    Index("link_of_digest", "digest", "entry"),
    Index("link_of_person", "organisation", "known_as", "entry"),
)
"""What happened to each link, from its making on. digest: SHA-256 of the secret, which is kept nowhere."""

RELEASE = _kept(
    "release",
    Column("organisation", Words, nullable=False),
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("side", Words, nullable=False),
    Column("body", Words),
    Index("release_of_person", "server", "person", "organisation", "side", "entry"),
)
"""What a patient may see of a hip: the newest row of a side counts. body: none where it was taken back."""

HOLD = _kept(
    "hold",
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("holds", Integer, nullable=False),
    Index("hold_of_person", "server", "person", "entry"),
)
"""Whom nobody may erase, and why: the newest row about somebody counts. holds: 0 where the hold was ended."""

CONTACT = _kept(
    "contact",
    Column("organisation", Words, nullable=False),
    Column("known_as", Words, nullable=False),
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("address", Words),
    Column("folded", Words),
    Column("wants", Words, nullable=False),
    Column("rhythm", Words, nullable=False),
    Column("language", Words, nullable=False),
    Index("contact_of_person", "organisation", "known_as", "entry"),
    Index("contact_of_address", "folded"),
)
"""Where somebody wants to be reminded, and of what: the newest row of a person counts. address: none once stopped."""

KEPT = (
    EVENT,
    CARD,
    FEEDBACK,
    ORGANISATION,
    ACCOUNT,
    IDENTITY,
    PERSON,
    DECLINE,
    KNOWLEDGE,
    ASSESSMENT,
    LINK,
    RELEASE,
    HOLD,
    CONTACT,
)
"""The tables whose rows the audit vouches for, each after those it refers to."""

LISTED_BY = ("organisation", "stage", "alert", "due", "cannot_tell", "folded", "known_as", "side")
STANDING = Table(
    "standing",
    METADATA,
    Column("organisation", Words, primary_key=True),
    Column("known_as", Words, primary_key=True),
    Column("side", Words, primary_key=True),
    Column("server", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("identifier", Words, nullable=False),
    Column("folded", Words, nullable=False),
    Column("born", Words, nullable=False),
    Column("sex", Words, nullable=False),
    Column("stage", Words, nullable=False),
    Column("since", Words),
    Column("diversion", Words),
    Column("alert", Words),
    Column("alert_on", Words),
    Column("step", Words),
    Column("due", Words),
    Column("due_for", Words),
    Column("cannot_tell", Integer, nullable=False),
    Column("missing", Words, nullable=False),
    Column("score", Words, nullable=False),
    Column("knowledge", Words, nullable=False),
    Column("holds_until", Words, nullable=False),
    Index("standing_of_person", "server", "person"),
    # All that a list is sorted and filtered by: rows are looked at only for the page that is shown.
    Index("standing_listed", *LISTED_BY),
    # Whose rows may be out of date is asked for each list; all that it takes is here.
    Index("standing_holds", "organisation", "holds_until", "knowledge", "known_as"),
)
"""Worked out from the rest, one row for each hip that the list shows: may be changed, dropped and made anew.

side: empty where neither hip is on the pathway. folded: what is searched. holds_until: the first day on which the row
may no longer be true; empty once something was written about the person since.
"""

SESSION = Table(
    "session",
    METADATA,
    Column("digest", Words, primary_key=True),
    Column("account", Words, nullable=False, index=True),
    Column("began", Words, nullable=False),
    Column("seen", Words, nullable=False),
    Column("secret", Words, nullable=False),
    Column("issuer", Words, nullable=False, server_default=""),
    Column("subject", Words, nullable=False, server_default=""),
    Column("sid", Words, nullable=False, server_default=""),
    Index("session_of_identity", "issuer", "subject"),
)
"""Who is signed in: changed at each look and dropped at the end. digest: SHA-256 of what the browser holds.

issuer, subject, sid: of the identity by which they signed in, and of the session at its provider; empty: by a password.
"""

PATIENT_SESSION = Table(
    "patient_session",
    METADATA,
    Column("digest", Words, primary_key=True),
    Column("id", Words, nullable=False),
    Column("organisation", Words, nullable=False),
    Column("known_as", Words, nullable=False),
    Column("began", Words, nullable=False),
    Column("seen", Words, nullable=False),
    Column("secret", Words, nullable=False),
    Index("patient_session_of_person", "organisation", "known_as"),
)
"""A device on which a patient is let in. digest: SHA-256 of what the device holds. id: names it in the audit."""

FAILED_SIGN_IN = Table(
    "failed_sign_in",
    METADATA,
    Column("key", Words, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", Words, nullable=False),
)
"""How often a login or an address failed of late, so that all processes know it; dropped when it is forgotten."""

DRAFT = Table(
    "draft",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("organisation", Words, nullable=False),
    Column("known_as", Words, nullable=False),
    Column("form", Words, nullable=False),
    Column("fits", Words, nullable=False),
    Column("answers", Words, nullable=False),
    Column("changed", Words, nullable=False, index=True),
    Column("sent", Words),
    Column("alert", Words),
    UniqueConstraint("organisation", "known_as", "form"),
)
"""What somebody answered and has not sent yet: changed at each answer, emptied once it is sent or has lain too long."""

COMPLETED_FORM = Table(
    "completed_form",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("server", Words, primary_key=True),
    Column("person", Words, primary_key=True),
    Column("state", Words, nullable=False),
    Column("at", Words, nullable=False),
    Column("there", Words, nullable=False),
    Column("why", Words, nullable=False),
    Index("completed_form_of_person", "server", "person"),
    Index("completed_form_state", "server", "state"),
)
"""The forms that patients sent in, each beside the events that it says, and how far it is on its way into the record.

at: since when it is in that state. there: the id that it has in the record. why: it was refused.
"""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("organisation", Words, nullable=False),
    Column("known_as", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made", Words, nullable=False),
    Column("next", Words, nullable=False),
    Column("why", Words, nullable=False),
    # Unique: of two processes that find the same due, one writes it down.
    UniqueConstraint("organisation", "known_as", "key"),
    Index("outbox_next", "state", "next"),
)
"""Reminders that are to be sent, and what became of them: changed at each try. It holds no address and no text."""

STOP_TOKEN = Table(
    "stop_token",
    METADATA,
    Column("digest", Words, primary_key=True),
    Column("organisation", Words, nullable=False),
    Column("known_as", Words, nullable=False),
    Column("made", Words, nullable=False, index=True),
)
"""What each mail carries so that it can stop the next ones. digest: SHA-256 of it, which is kept nowhere."""

SEALED = Table(
    "sealed",
    METADATA,
    Column("digest", Words, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("until", Words, nullable=False, index=True),
    Column("body", Words, nullable=False),
    Index("sealed_of_kind", "kind", "until"),
)
"""What is remembered for browsers, in words that nobody reads who has the store alone. digest: of its name."""

USED_TOKEN = Table(
    "used_token",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("until", NUMBER, nullable=False, index=True),
)
"""Of work alone: its rows go, and the audit does not vouch for them."""
