"""The book as a folder of static pages that need no server: they open from a disk, and load nothing from elsewhere."""

import json
from collections.abc import Iterator
from importlib.resources import files
from itertools import groupby

from markupsafe import Markup

from ischio.interfaces.book.content import Book, Kind, Link, Page
from ischio.interfaces.book.links import key_of
from ischio.interfaces.drawing.map import APART, DIVERSIONS, Picture
from ischio.interfaces.drawing.map_svg import map_svg
from ischio.interfaces.look.documents import policy, templates
from ischio.interfaces.look.sheets import sheet
from ischio.interfaces.page.view import MEANING_OF_LABEL
from ischio.interfaces.words import capital, day
from ischio.model.rules import NOT_ON_PATHWAY

PACKAGE = "ischio.interfaces.book"
File = tuple[str, str]
"""The path of a file within the folder, and its text."""


def site(book: Book) -> Iterator[File]:
    """Every file of the book, one by one as it is made."""
    yield "book.css", style()
    yield "search.js", asset("search.js")
    yield "search-index.js", search_index(book)
    yield "index.html", contents(book)
    yield "a-z.html", a_to_z(book)
    for kind in book.kinds:
        pages = book.of_kind(kind)
        yield f"{kind.folder}/index.html", render("kind.html", book, root="../", kind=kind, pages=pages)
        for page in pages:
            yield f"{page.key}.html", render("page.html", book, root="../", kind=kind, page=page)


def contents(book: Book) -> str:
    """The first page: the map, what is in the book and how to read it."""
    linked = {edge.rule: _rule_link(book, edge.rule, edge.label) for edge in book.picture.edges}
    return render(
        "contents.html",
        book,
        root="",
        svg=Markup(map_svg(book.picture, alone=False)),
        linked=linked,
        kinds=[(kind, len(book.of_kind(kind))) for kind in book.kinds],
        labels=MEANING_OF_LABEL.items(),
    )


def _rule_link(book: Book, rule: str, text: str) -> Link:
    kinds = ("gate", "criterion", "fact")
    return next(Link(key, text) for key in (key_of(kind, rule) for kind in kinds) if key in book.pages)


def a_to_z(book: Book) -> str:
    """Every page by its title: the way into the book without a script."""
    kinds = {kind.folder: kind for kind in book.kinds}
    pages = sorted(book.pages.values(), key=lambda page: (_letter(page), page.title.casefold(), page.key))
    letters = [(letter, [(p, kinds[p.kind]) for p in group]) for letter, group in groupby(pages, _letter)]
    return render("a-z.html", book, root="", letters=letters)


def _letter(page: Page) -> str:
    first = page.title[:1].upper()
    return first if first.isalpha() and first.isascii() else "0-9"


def search_index(book: Book) -> str:
    """What the search looks through, as a script: a page from a disk may not fetch data."""
    kinds: dict[str, Kind] = {kind.folder: kind for kind in book.kinds}
    entries = [[page.key, page.title, kinds[page.kind].one, page.sentence] for page in book.pages.values()]
    return f"globalThis.bookIndex = {json.dumps(entries, ensure_ascii=False, separators=(',', ':'))};\n"


def diagram_page(shown: Picture, reviewed: str) -> str:
    """The map as a page of its own, in one file: the picture, and on narrow screens its list alone."""
    svg = Markup(map_svg(shown, alone=False))
    template = templates(PACKAGE, "templates").get_template("diagram.html")
    return template.render(
        picture=shown, svg=svg, reviewed=reviewed, style=style(), policy=policy(style()), **_list_words()
    )


def style() -> str:
    """The sheet of all pages: the shared colours, the map and the book."""
    return sheet("tokens", "map") + asset("book.css")


def asset(name: str) -> str:
    return files(PACKAGE).joinpath("assets", name).read_text(encoding="utf-8")


def render(template: str, book: Book, **values: object) -> str:
    every = {"book": book, "reviewed": day(book.reviewed), **_list_words()}
    return templates(PACKAGE, "templates").get_template(template).render(**every, **values)


def _list_words() -> dict[str, str]:
    return {"start": NOT_ON_PATHWAY, "diversions": DIVERSIONS, "apart": capital(APART)}
