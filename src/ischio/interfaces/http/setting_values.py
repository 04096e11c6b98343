"""Values of settings: from TOML, where they have a type, and from a variable, where they are text."""

import re
from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Reader = Callable[[object], Any]


class Wrong(Exception):
    """A value that is not as it should be, and the mend."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


def text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise Wrong(f"{value!r} is not a text.", 'Write it in quotes: "..."')


def path(value: object) -> Path:
    return Path(text(value))


def truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise Wrong(f"{value!r} is neither true nor false.", "Write true or false.")


def whole(least: int, most: int) -> Reader:
    def read(value: object) -> int:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value) else value
        if isinstance(number, int) and not isinstance(number, bool) and least <= number <= most:
            return number
        raise Wrong(f"{value!r} is not a whole number from {least} to {most}.", "Write it as a plain number.")

    return read


def address(value: object) -> str:
    """An http(s) address without a slash at its end, a query or a name before the host."""
    written = text(value).rstrip("/")
    if not _is_server(written):
        raise Wrong(f"{value!r} is not the address of a server.", 'Write one such as "https://ifi.example.org".')
    return written


def origin(value: object) -> str:
    """Scheme, host and port alone, as browsers send it."""
    written = address(value)
    if urlsplit(written).path:
        raise Wrong(f"{value!r} has a path, and an origin has none.", 'Write it as in "https://ehr.example.org".')
    return written.lower()


def one_of(*words: str) -> Reader:
    def read(value: object) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise Wrong(f"{value!r} is none of {', '.join(words)}.", f'Write one of them, such as "{words[0]}".')

    return read


def mailbox(value: object) -> str:
    """An e-mail address alone, without a name."""
    written = text(value)
    if re.fullmatch(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+", written) and written.isascii():
        return written
    raise Wrong(f"{value!r} is no e-mail address.", 'Write it as in "clinic@example.org", without a name.')


def hours(value: object) -> tuple[time, time]:
    """From when until when, by the clock."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text(value))
    if found is None:
        raise Wrong(f"{value!r} does not say from when until when.", 'Write it as in "20:00-08:00".')
    begins, begun, ends, ended = map(int, found.groups())
    return time(begins, begun), time(ends, ended)


def zone(value: object) -> str:
    written = text(value)
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mend = 'Write one such as "Europe/Madrid"; if it is one, install the zones: pip install tzdata'
        raise Wrong(f"{value!r} is no time zone that this machine knows.", mend) from None
    return written


def several(each: Reader) -> Reader:
    def read(value: object) -> tuple[Any, ...]:
        if isinstance(value, str):
            value = [part for part in value.split(",") if part.strip()]
        if not isinstance(value, list):
            raise Wrong(f"{value!r} is not a list.", 'Write one in brackets: ["...", "..."]')
        return tuple(each(one) for one in value)

    return read


def chosen(words: tuple[str, ...]) -> Reader:
    """A table of texts, each with one of these words."""

    def read(value: object) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, dict) or not value:
            raise Wrong(f"{value!r} is not a table.", f'Write one in braces: {{ "..." = "{words[0]}" }}')
        for name, word in value.items():
            if word not in words:
                raise Wrong(f"{name} is given {word!r}.", f"One of {', '.join(words)}.")
        return tuple(value.items())

    return read


def _is_server(written: str) -> bool:
    try:
        parts = urlsplit(written)
        beyond = parts.query or parts.fragment or parts.username is not None or parts.port == 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not beyond
