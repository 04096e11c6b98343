"""Reminders: where somebody wants them, which is kept; the outbox and what stops it, which are of work alone."""

import sqlalchemy as sa
from alembic import op

from ischio.store.migrations.kept import kept, only_add, salt, texts

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "contact",
        *kept(),
        salt(),
        *texts("organisation", "known_as", "server", "person"),
        *texts("address", "folded", needed=False),
        *texts("wants", "rhythm", "language"),
    )
    op.create_index("contact_of_person", "contact", ["organisation", "known_as", "entry"])
    op.create_index("contact_of_address", "contact", ["folded"])
    only_add("contact", ("id", "entry"))
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text, primary_key=True),
        *texts("organisation", "known_as", "key", "what", "state"),
        sa.Column("tries", sa.Integer, nullable=False),
        *texts("made", "next", "why"),
        sa.UniqueConstraint("organisation", "known_as", "key"),
    )
    op.create_index("outbox_next", "outbox", ["state", "next"])
    op.create_table(
        "stop_token", sa.Column("digest", sa.Text, primary_key=True), *texts("organisation", "known_as", "made")
    )
    op.create_index("ix_stop_token_made", "stop_token", ["made"])
