"""Run by Alembic: takes the connection that it is given through the steps that the database lacks."""

from alembic import context

from ischio.store.schema import METADATA
from ischio.store.upgrades import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    # SQLite can take back a change of tables too, because our connections begin their transactions themselves.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
