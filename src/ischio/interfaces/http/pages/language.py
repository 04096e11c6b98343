"""The language of the pages: every text that a template or a view writes goes through gettext.

English is what the code holds; the other languages stand in interfaces/locale. The pseudo-locale stands for a language
with longer words and other letters: a page that holds together in it will in a real one, and a text that stays plain
was forgotten.
"""

import re
from gettext import NullTranslations

from starlette.requests import Request

from ischio.interfaces.locale.catalogue import catalogue, primary

ENGLISH, PSEUDO = "en-GB", "en-XA"
LANGUAGES = (ENGLISH, "es", "de", PSEUDO)
SPOKEN = "ischio-language"
"""The cookie that keeps the language which was chosen on a device."""
_LONGER = 0.35
_ACCENTED = str.maketrans("aceinosuyACEINOSUY", "áçéíñöšúýÁÇÉÍÑÖŠÚÝ")
_PLACE = re.compile(r"(%\(\w+\)[sd]|<[^>]+>|&\w+;)")
"""What must stay as it is: places for values, markup and entities."""


class Pseudo(NullTranslations):
    """Each text accented, about a third longer, between marks that show where it was cut."""

    def gettext(self, message: str) -> str:
        parts = _PLACE.split(message)
        told = "".join(part if _PLACE.fullmatch(part) else part.translate(_ACCENTED) for part in parts)
        letters = sum(len(part) for part in parts if not _PLACE.fullmatch(part))
        return f"[{told}{' ~' * (int(letters * _LONGER / 2) + 1)}]"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


def translations(language: str) -> NullTranslations:
    return Pseudo() if language == PSEUDO else catalogue(primary(language))


def chosen(asked: str | None, accepted: str) -> str:
    """The language of a page. asked: what the reader chose; accepted: the header Accept-Language, in its order.

    A region that we have not got is the language itself: es-MX is es. Anything else that we have not got is English.
    """
    wanted = [asked or "", *(part.partition(";")[0].strip() for part in accepted.split(","))]
    return next((found for one in wanted if (found := _ours(one))), ENGLISH)


def spoken(request: Request) -> str:
    """The language of the page that is asked for: by its address, as kept on the device, or as the browser says."""
    asked = request.query_params.get("lang") or request.cookies.get(SPOKEN)
    return chosen(asked, request.headers.get("accept-language", ""))


def _ours(tag: str) -> str:
    """The language of ours that a tag asks for, or none."""
    same = next((language for language in LANGUAGES if tag.lower() == language.lower()), "")
    return same or next((language for language in LANGUAGES if primary(tag) == primary(language)), "")


def is_translated(language: str) -> bool:
    """Whether pages say in it more than their frame: what stands in the code, or for it."""
    return language in (ENGLISH, PSEUDO)
