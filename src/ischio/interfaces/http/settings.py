"""How the service is set up: from a TOML file and the environment, checked as a whole before anything listens."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """base: the address under which others reach the service, without a slash at its end.

    demo: serve the small record too; nothing is asked of clients then, and only this machine may call.
    store: URL of the database, by SQLAlchemy's rules.
    """

    base: str = "http://127.0.0.1:8000"
    demo: bool = False
    store: str = "sqlite:///ischio.db"
    origins: tuple[str, ...] = field(default=())
