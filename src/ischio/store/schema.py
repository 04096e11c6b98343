"""The tables. Whatever is kept is one row, written once; `entry` is the number of the audit entry that vouches for it.

Moments are texts in UTC and lists are JSON texts, so that both databases give back the bytes that were hashed.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _entry() -> Column[int]:
    return Column("entry", NUMBER, ForeignKey("audit.number"), nullable=False, unique=True)


AUDIT = Table(
    "audit",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("server", Text),
    Column("person", Text),
    Column("outcome", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

EVENT = Table(
    "event",
    METADATA,
    Column("id", Text, primary_key=True),
    _entry(),
    Column("server", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("body", Text),
    # Unique: of two corrections of one event at once, one is refused and learns of the other.
    Column("replaces", Text, unique=True),
    # A correction is about the same person as what it corrects.
    UniqueConstraint("id", "server", "person"),
    ForeignKeyConstraint(["replaces", "server", "person"], ["event.id", "event.server", "event.person"]),
    Index("event_of_person", "server", "person"),
)

CARD = Table(
    "card",
    METADATA,
    Column("id", Text, primary_key=True),
    _entry(),
    Column("service", Text, nullable=False),
    Column("hook", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("server", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("pathway_id", Text, nullable=False),
    Column("pathway_version", Text, nullable=False),
    Column("side", Text),
    Column("stage", Text),
    Column("rules", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("indicator", Text),
    Column("shown_at", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("has_card", Integer, nullable=False),
    Index("card_of_person", "server", "person", "key", "entry"),
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Text, primary_key=True),
    _entry(),
    Column("card", Text, ForeignKey("card.id"), nullable=False, index=True),
    Column("outcome", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("suggestions", Text, nullable=False),
    Column("reason_system", Text),
    Column("reason_code", Text),
    Column("comment", Text),
)

KEPT = (EVENT, CARD, FEEDBACK)
"""The tables whose rows the audit vouches for, each after those it refers to."""
