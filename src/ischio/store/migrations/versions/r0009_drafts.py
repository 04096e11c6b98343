"""What somebody answered and has not sent yet. No triggers: it is of work alone."""

import sqlalchemy as sa
from alembic import op

from ischio.store.migrations.kept import texts

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Text, primary_key=True),
        *texts("organisation", "known_as", "form", "fits", "answers", "changed"),
        *texts("sent", "alert", needed=False),
        sa.UniqueConstraint("organisation", "known_as", "form"),
    )
    op.create_index("ix_draft_changed", "draft", ["changed"])
