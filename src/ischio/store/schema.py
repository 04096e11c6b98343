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

EVENT = Table(
    "event",
    METADATA,
    Column("id", Words, primary_key=True),
    _entry(),
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

CARD = Table(
    "card",
    METADATA,
    Column("id", Words, primary_key=True),
    _entry(),
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

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Words, primary_key=True),
    _entry(),
    Column("card", Words, ForeignKey("card.id"), nullable=False, index=True),
    Column("outcome", Words, nullable=False),
    Column("at", Words, nullable=False),
    Column("suggestions", Words, nullable=False),
    Column("reason_system", Words),
    Column("reason_code", Words),
    Column("comment", Words),
)

USED_TOKEN = Table(
    "used_token",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("until", NUMBER, nullable=False, index=True),
)
"""Of work alone: its rows go, and the audit does not vouch for them."""

KEPT = (EVENT, CARD, FEEDBACK)
"""The tables whose rows the audit vouches for, each after those it refers to."""
