"""What a form of a page sent: names and texts, so many of them and no more."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

LARGEST = 200_000
"""Bytes: a long free text and every field of a screen."""
MOST = 500
"""Fields."""
LONGEST_NUMBER = 9
"""Digits."""
TYPE = "application/x-www-form-urlencoded"


class FormRefused(Exception):
    """A form that cannot be read. what, mend: in English, for gettext."""

    def __init__(self, status: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.status, self.what, self.mend = status, what, mend


@dataclass(frozen=True, slots=True)
class Form:
    """fields: in the order in which they stood, names repeated where several values were chosen."""

    fields: tuple[tuple[str, str], ...] = ()

    def one(self, name: str) -> str:
        """A value without the blanks around it; empty where there is none, or several (which to take?)."""
        found = self.all(name)
        return found[0].strip() if len(found) == 1 else ""

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.fields if key == name)

    def number(self, name: str) -> int | None:
        """A whole number without a sign; None where there is none, or one of more digits than anything here counts."""
        text = self.one(name)
        return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None

    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.fields))


async def form_of(request: Request) -> Form:
    """Raises FormRefused. A body that is larger than any request may be is refused before."""
    if request.headers.get("content-type", TYPE).partition(";")[0].strip().lower() != TYPE:
        raise FormRefused(415, "This is no form that can be read here.", "Use the form of the page.")
    body = await request.body()
    if len(body) > LARGEST:
        raise FormRefused(413, "The form is too large.", "Write less at once.")
    try:
        read = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except ValueError:
        raise FormRefused(400, "The form cannot be read.", "Open the page again, and send it anew.") from None
    return Form(tuple(read))
