"""A version that is proposed, beside the one that is served: what it says otherwise, with its sources, and which cases.

Both are read as a reviewer reads: sentences and titles, old beside new. The lines of the files can be unfolded.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, get_args

from ischio.backends.difference.cases import case_changes
from ischio.backends.difference.changes import EntryChange, PartChange, changes
from ischio.backends.difference.entries import item_of
from ischio.engine.explain import explain
from ischio.interfaces.book.conditions import in_words
from ischio.interfaces.book.content import Item
from ischio.interfaces.book.links import Links
from ischio.interfaces.difference.telling import differing
from ischio.interfaces.difference.versions import Version, cases_of, version
from ischio.loading.pathway import packaged
from ischio.model.expression import Expression
from ischio.model.mistake import IschioError, Mistake
from ischio.model.pathway import Pathway

PATIENCE = 8.0
"""Seconds that a page waits for the cases of both versions."""

_apart = ThreadPoolExecutor(1, thread_name_prefix="proposed")
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an entry before and after, as text; of a condition also in words."""

    name: str
    before: str
    after: str
    words_before: Item | None = None
    words_after: Item | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that is written otherwise. sentences: before and after; sources: citations of what it rests on after."""

    kind: str
    title: str
    how: str
    sentences: tuple[str, str]
    sources: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case that is answered otherwise. rows: whose, what, before, after."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """changes: what is written otherwise. cases: those of `run` that get another answer. added, removed: case files."""

    version: str
    changes: tuple[Change, ...]
    cases: tuple[CaseRow, ...]
    run: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The proposed files cannot be read."""

    mistakes: tuple[Mistake, ...]


def compared(folder: Path, overlay: Path | None) -> Proposed | Unreadable | None:
    """The proposed version beside the one that is shipped, both with a site's values; None while it is worked out."""
    if not folder.is_dir():
        return Unreadable(
            (Mistake(f"There is no folder {str(folder)!r}.", "Name one in the settings: pages.proposed."),)
        )
    with _ONE_AT_A_TIME:
        going = _begun(folder, _stamp(folder), overlay)
    try:
        return going.result(PATIENCE)
    except TimeoutError:
        return None
    except IschioError as error:
        return Unreadable(error.mistakes)


Stamp = tuple[tuple[str, int], ...]


def _stamp(folder: Path) -> Stamp:
    """When each of its files was last written."""
    return tuple((file.name, file.stat().st_mtime_ns) for file in sorted(folder.rglob("*.yaml")))


@lru_cache(maxsize=2)
def _begun(folder: Path, stamp: Stamp, overlay: Path | None) -> Future[Proposed]:  # noqa: ARG001  # the key of the cache
    """stamp: so that the folder is read anew after a change."""
    return _apart.submit(_compared, folder, overlay)


def _compared(folder: Path, overlay: Path | None) -> Proposed:
    with version(str(packaged()), overlay) as served, version(str(folder), overlay) as other:
        return side_by_side(served, other)


def side_by_side(served: Version, other: Version) -> Proposed:
    """What the other version says otherwise than the one that is served."""
    old, new, cases = served.pathway, other.pathway, cases_of(served, other)
    rows = (CaseRow(case.title, differing(case.differs).rows) for case in case_changes(old, new, cases.both))
    told = tuple(_change(old, new, each) for each in changes(old, new))
    return Proposed(new.version, told, tuple(rows), len(cases.both), cases.added, cases.removed)


def _change(old: Pathway, new: Pathway, change: EntryChange) -> Change:
    was, now = (item_of(pathway, change.kind, change.id) for pathway in (old, new))
    parts = tuple(_part(old, new, was, now, each) for each in change.parts if each.part != "sentence")
    sources = tuple(_cited(new if now else old, change.id))
    return Change(change.kind, change.title, change.how, (_sentence(was), _sentence(now)), sources, parts)


def _sentence(item: Any) -> str:
    about = getattr(item, "about", None)
    return about.sentence if about else getattr(item, "statement", None) or ""


def _part(old: Pathway, new: Pathway, was: Any, now: Any, part: PartChange) -> Part:
    words = (_in_words(old, was, part.part), _in_words(new, now, part.part))
    return Part(part.part, part.before or "", part.after or "", *words)


def _in_words(pathway: Pathway, item: Any, part: str) -> Item | None:
    expression = getattr(item, part.replace(" ", "_"), None)
    return in_words(Links(pathway), expression) if isinstance(expression, get_args(Expression)) else None


def _cited(pathway: Pathway, name: str) -> Iterator[str]:
    found = explain(pathway, name)
    named = dict.fromkeys(source for claim in (found.claims if found else ()) for source in claim.sources)
    yield from (f"{pathway.sources[each].citation} (read: {pathway.sources[each].read})" for each in named)
