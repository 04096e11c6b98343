"""The patient's side: links and releases, which are kept; the devices on which a patient is let in, which are not."""

import sqlalchemy as sa
from alembic import op

from ischio.store.migrations.kept import kept, only_add, texts

revision = "0007"
down_revision = "0006"

UNIQUE = dict.fromkeys(("link", "release"), ("id", "entry"))


def upgrade() -> None:
    op.create_table(
        "link",
        *kept(),
        *texts("link", "organisation", "known_as", "server", "person", "digest", "purpose", "until", "change"),
    )
    op.create_index("link_of_digest", "link", ["digest", "entry"])
    op.create_index("link_of_person", "link", ["organisation", "known_as", "entry"])
    op.create_table(
        "release", *kept(), *texts("organisation", "server", "person", "side"), *texts("body", needed=False)
    )
    op.create_index("release_of_person", "release", ["server", "person", "organisation", "side", "entry"])
    for table, unique in UNIQUE.items():
        only_add(table, unique)
    _operational()


def _operational() -> None:
    """No triggers: who is let in changes and goes."""
    op.create_table(
        "patient_session",
        sa.Column("digest", sa.Text, primary_key=True),
        *texts("id", "organisation", "known_as", "began", "seen", "secret"),
    )
    op.create_index("patient_session_of_person", "patient_session", ["organisation", "known_as"])
