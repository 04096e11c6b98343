"""The book as one Markdown file."""

import re
from collections.abc import Iterable, Iterator
from typing import assert_never

from ischio.interfaces.book.content import (
    Block,
    Book,
    Item,
    Link,
    Listing,
    Page,
    Paragraph,
    Rows,
    Section,
    Table,
    Words,
    Written,
)
from ischio.interfaces.drawing.map import as_list, as_mermaid
from ischio.interfaces.words import day

SIGNS = re.compile(r"([\\`*\[\]<>|]|(?<!\w)_|_(?!\w))")
FIRST = re.compile(r"^(\d+)([.)])|^([#+-])(?=\s)")


def markdown(book: Book) -> str:
    """The whole book; every link leads to an anchor within it or to an address."""
    return "\n".join(_lines(book))


def _lines(book: Book) -> Iterator[str]:
    yield f"# {_plain(book.title)}: the pathway book\n"
    yield f"Pathway version {book.version}. Content reviewed {day(book.reviewed)}. **Not a medical device.**\n"
    yield from (f"- {_plain(statement)}" for statement in book.statements)
    if book.overlay:
        yield f"\n**{_plain(book.overlay)}**"
    yield f"\n## The map\n\n```mermaid\n{as_mermaid(book.picture)}```\n\n```text\n{as_list(book.picture)}```\n"
    yield "## Contents\n"
    yield from (f"- [{kind.many}](#{kind.folder}) ({len(book.of_kind(kind))})" for kind in book.kinds)
    for kind in book.kinds:
        yield f'\n<a id="{kind.folder}"></a>\n\n## {kind.many}\n\n{kind.meaning}\n'
        for page in book.of_kind(kind):
            yield from _page(page)


def _page(page: Page) -> Iterator[str]:
    yield f'<a id="{_anchor(page.key)}"></a>\n\n### {_plain(page.title)}\n\n{_plain(page.sentence)}\n'
    if page.marks:
        yield f"*{_plain('; '.join(page.marks))}*\n"
    for section in page.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield f"#### {_plain(section.title)}\n"
    for block in section.blocks:
        yield "\n".join(_block(block)) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(words):
            yield _begun(_words(words))
        case Written(words):
            yield f"As written: `{''.join(part.text if isinstance(part, Link) else part for part in words)}`"
        case Listing(items):
            yield from _items(items)
        case Rows(rows):
            yield from (f"- **{_plain(name)}:** {_words(words)}" for name, words in rows)
        case Table(caption, heads, rows):
            yield f"{_plain(caption)}:\n"
            yield from (_row(cells) for cells in (heads, ["---"] * len(heads)))
            yield from (_row(map(_words, cells)) for cells in rows)
        case _:
            assert_never(block)


def _items(items: tuple[Item, ...], depth: int = 0) -> Iterator[str]:
    for item in items:
        yield f"{'  ' * depth}- {_words(item.words)}"
        yield from _items(item.inner, depth + 1)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _words(words: Words) -> str:
    return "".join(_link(part) if isinstance(part, Link) else _escaped(part) for part in words)


def _link(link: Link) -> str:
    to = link.to if link.to.startswith("http") else f"#{_anchor(link.to)}"
    return f"[{_escaped(link.text)}](<{to}>)"


def _anchor(key: str) -> str:
    return key.replace("/", "--")


def _plain(text: str) -> str:
    """Text that stands at the beginning of a line."""
    return _begun(_escaped(text))


def _begun(line: str) -> str:
    """A line that a number or sign at its beginning does not turn into a list or heading."""
    return FIRST.sub(r"\1\\\2\3", line)


def _escaped(text: str) -> str:
    """Text whose signs mean nothing to Markdown, on one line."""
    return SIGNS.sub(r"\\\1", " ".join(text.split()) if "\n" in text else text)
