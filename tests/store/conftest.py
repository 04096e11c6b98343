"""Each test gets a store of its own, of SQLite and of PostgreSQL."""

from store_fixtures import empty, made, postgresql, store, tamper, url

__all__ = ["empty", "made", "postgresql", "store", "tamper", "url"]
