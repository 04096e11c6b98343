"""Each test gets a store of its own, of SQLite and of PostgreSQL."""

from store_fixtures import empty, made, made_in_postgresql, postgresql, store, tamper, url

__all__ = ["empty", "made", "made_in_postgresql", "postgresql", "store", "tamper", "url"]
