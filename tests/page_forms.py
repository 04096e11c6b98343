"""Forms and links of a page, as a browser reads them."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class Sheet:
    """A form as a browser would send it: where to, and what stands in its fields. links: none; see `links_of`."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def with_(self, **typed: str) -> dict[str, list[str]]:
        """What is sent once this was typed in or chosen. `.` of a name is written as `__`."""
        given = {name.replace("__", "."): value for name, value in typed.items()}
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            if name not in given:
                found.setdefault(name, []).append(value)
        return found | {name: [value] for name, value in given.items()}

    def names(self) -> set[str]:
        return {name for name, _ in self.fields}


class _Reader(HTMLParser):
    """Reads the forms and the links of a page."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place, self.sheets, self.links = place, list[Sheet](), list[str]()
        self._select, self._area, self._typed = "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(said.get("href", ""))
        elif tag == "form":
            self.sheets.append(Sheet(said.get("action", self.place), said.get("method", "get")))
        elif tag == "input":
            chosen = said.get("type") not in ("radio", "checkbox") or "checked" in said
            self._put(said.get("name", ""), said.get("value", "")) if chosen else None
        elif tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and "selected" in said:
            self._put(self._select, said.get("value", ""))
        elif tag == "textarea":
            self._area, self._typed = said.get("name", ""), ""

    def handle_data(self, data: str) -> None:
        self._typed += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._put(self._area, self._typed)

    def _put(self, name: str, value: str) -> None:
        if name and self.sheets:
            self.sheets[-1].fields.append((name, value))


def _read(page: httpx.Response) -> _Reader:
    reader = _Reader(page.url.path)
    reader.feed(page.text)
    return reader


def sheets(page: httpx.Response) -> list[Sheet]:
    """The forms of a page."""
    return _read(page).sheets


def sheet(page: httpx.Response, action: str, **fields: str) -> Sheet:
    """The first form of a page that goes there, and holds these values."""
    wanted = set(fields.items())
    return next(one for one in sheets(page) if one.action == action and wanted <= set(one.fields))


def links(page: httpx.Response) -> list[str]:
    """Where a page leads on this site."""
    return [one.partition("#")[0] for one in _read(page).links if one.startswith("/")]


def words(page: httpx.Response) -> str:
    """The text of a page's content."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
