"""Events, cards, feedback and the audit: tables to which rows are only ever added."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

UNIQUE = {
    "audit": ("number",),
    "event": ("id", "entry", "replaces"),
    "card": ("id", "entry"),
    "feedback": ("id", "entry"),
}
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
        *_texts("at", "who", "action", "what"),
        sa.Column("server", sa.Text),
        sa.Column("person", sa.Text),
        *_texts("outcome", "why", "record", "proof", "previous", "digest"),
    )
    op.create_table(
        "event",
        *_kept(),
        *_texts("server", "person", "change"),
        sa.Column("body", sa.Text),
        sa.Column("replaces", sa.Text, unique=True),
        sa.UniqueConstraint("id", "server", "person"),
        sa.ForeignKeyConstraint(["replaces", "server", "person"], ["event.id", "event.server", "event.person"]),
    )
    op.create_index("event_of_person", "event", ["server", "person"])
    op.create_table(
        "card",
        *_kept(),
        *_texts("service", "hook", "client", "server", "person", "key", "pathway_id", "pathway_version"),
        sa.Column("side", sa.Text),
        sa.Column("stage", sa.Text),
        *_texts("rules", "digest"),
        sa.Column("indicator", sa.Text),
        *_texts("shown_at", "why"),
        sa.Column("has_card", sa.Integer, nullable=False),
    )
    op.create_index("card_of_person", "card", ["server", "person", "key", "entry"])
    op.create_table(
        "feedback",
        *_kept(),
        sa.Column("card", sa.Text, sa.ForeignKey("card.id"), nullable=False),
        *_texts("outcome", "at", "suggestions"),
        *(sa.Column(name, sa.Text) for name in ("reason_system", "reason_code", "comment")),
    )
    op.create_index("ix_feedback_card", "feedback", ["card"])
    _only_add()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _kept() -> list[sa.Column[Any]]:
    entry = sa.Column("entry", NUMBER, sa.ForeignKey("audit.number"), nullable=False, unique=True)
    return [sa.Column("id", sa.Text, primary_key=True), entry]


def _only_add() -> None:
    """Has the database itself refuse to change or delete a row."""
    if op.get_bind().dialect.name == "sqlite":
        for table, columns in UNIQUE.items():
            _refuse_in_sqlite(table, columns)
    else:
        op.execute(_REFUSE)
        for table in UNIQUE:
            _refuse_in_postgresql(table)


def _refuse_in_sqlite(table: str, unique: tuple[str, ...]) -> None:
    refusal = f"SELECT RAISE(ABORT, '{table}: rows are only added, never changed or deleted')"
    for change in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} BEGIN {refusal}; END")
    # INSERT OR REPLACE deletes a row without asking the trigger on DELETE.
    same = " OR ".join(f"{column} = NEW.{column}" for column in unique)
    again = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {again} BEGIN {refusal}; END")


_REFUSE = """
CREATE FUNCTION ischio_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%: rows are only added, never changed or deleted', TG_TABLE_NAME; END $$
"""


def _refuse_in_postgresql(table: str) -> None:
    for change, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION ischio_refuse()"
        )
