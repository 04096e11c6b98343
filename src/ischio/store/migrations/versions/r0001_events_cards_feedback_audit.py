"""Events, cards, feedback and the audit: tables to which rows are only ever added."""

import sqlalchemy as sa
from alembic import op

from ischio.store.migrations.kept import NUMBER, kept, only_add, texts

revision = "0001"
down_revision = None

UNIQUE = {
    "audit": ("number",),
    "event": ("id", "entry", "replaces"),
    "card": ("id", "entry"),
    "feedback": ("id", "entry"),
}


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
        *texts("at", "who", "action", "what"),
        sa.Column("server", sa.Text),
        sa.Column("person", sa.Text),
        *texts("outcome", "why", "record", "proof", "previous", "digest"),
    )
    op.create_table(
        "event",
        *kept(),
        *texts("server", "person", "change"),
        sa.Column("body", sa.Text),
        sa.Column("replaces", sa.Text, unique=True),
        sa.UniqueConstraint("id", "server", "person"),
        sa.ForeignKeyConstraint(["replaces", "server", "person"], ["event.id", "event.server", "event.person"]),
    )
    op.create_index("event_of_person", "event", ["server", "person"])
    op.create_table(
        "card",
        *kept(),
        *texts("service", "hook", "client", "server", "person", "key", "pathway_id", "pathway_version"),
        sa.Column("side", sa.Text),
        sa.Column("stage", sa.Text),
        *texts("rules", "digest"),
        sa.Column("indicator", sa.Text),
        *texts("shown_at", "why"),
        sa.Column("has_card", sa.Integer, nullable=False),
    )
    op.create_index("card_of_person", "card", ["server", "person", "key", "entry"])
    op.create_table(
        "feedback",
        *kept(),
        sa.Column("card", sa.Text, sa.ForeignKey("card.id"), nullable=False),
        *texts("outcome", "at", "suggestions"),
        *(sa.Column(name, sa.Text) for name in ("reason_system", "reason_code", "comment")),
    )
    op.create_index("ix_feedback_card", "feedback", ["card"])
    _only_add()


def _only_add() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(_REFUSE)
    for table, unique in UNIQUE.items():
        only_add(table, unique)


_REFUSE = """
CREATE FUNCTION ischio_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%: rows are only added, never changed or deleted', TG_TABLE_NAME; END $$
"""
