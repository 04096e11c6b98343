"""What is remembered for browsers that are on their way, sealed: of work alone, and known to every process."""

import sqlalchemy as sa
from alembic import op

from ischio.store.migrations.kept import texts

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table("sealed", sa.Column("digest", sa.Text, primary_key=True), *texts("kind", "until", "body"))
    op.create_index("ix_sealed_until", "sealed", ["until"])
    op.create_index("sealed_of_kind", "sealed", ["kind", "until"])
