"""The tables of a store, made or brought up to date by the steps in `migrations`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

VERSION_TABLE = "ischio_version"


def newest() -> str:
    """The version of the tables that this release works with."""
    (head,) = ScriptDirectory.from_config(_config()).get_heads()
    return head


def known(version: str) -> bool:
    """Whether this release has a step to that version; else a newer release made the store."""
    return version in {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


def version_of(connection: Connection) -> str | None:
    """None where there is no store yet."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def other_tables(connection: Connection) -> bool:
    """Whether there are tables already; they would not be ours where there is no store yet."""
    return bool(inspect(connection).get_table_names())


def upgrade(connection: Connection, to: str = "head") -> None:
    """Takes every step that is lacking, within the transaction of the connection. to: the last step."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    # Alembic reads `%` in its settings as the start of a name.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
