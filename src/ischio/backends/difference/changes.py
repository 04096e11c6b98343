"""What two versions of a pathway write differently: entries that came, went or changed, and what each reaches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ischio.backends.difference.entries import Entry, Key, Parts, Text, entries, reached, whole
from ischio.model.pathway import Pathway

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part of an entry as it was and as it is; null where it is not there.

    Of a part that is a list, what went and what came.
    """

    part: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Reached:
    """An entry that leans on a changed parameter."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that was added, removed or changed. reaches: what leans on a changed parameter."""

    kind: str
    id: str
    title: str
    how: str
    parts: tuple[PartChange, ...] = ()
    reaches: tuple[Reached, ...] = ()


def changes(old: Pathway, new: Pathway) -> tuple[EntryChange, ...]:
    """Every entry that differs, in the order of `entries`, the removed ones last; the pathway as a whole first."""
    was, now = entries(old), entries(new)
    about_all = _parts(whole(old).parts, whole(new).parts)
    whole_change = EntryChange("pathway", new.id, new.title, CHANGED, tuple(about_all))
    found = (_change(key, was.get(key), now.get(key), now) for key in (*now, *(key for key in was if key not in now)))
    return tuple(change for change in (whole_change, *found) if change is not None and change.parts)


def _change(key: Key, was: Entry | None, now: Entry | None, after: Mapping[Key, Entry]) -> EntryChange | None:
    known = now or was
    if known is None or was == now:
        return None
    how = CHANGED if was and now else ADDED if now else REMOVED
    parts = tuple(_parts(was.parts if was else {}, now.parts if now else {}))
    reaches = reached(after, key[1]) if key[0] == "parameter" and how == CHANGED else ()
    return EntryChange(*key, known.title, how, parts, tuple(Reached(*each) for each in reaches))


def _parts(was: Parts, now: Parts) -> Iterator[PartChange]:
    for part in (*now, *(part for part in was if part not in now)):
        before, after = was.get(part), now.get(part)
        if before != after and (before or after):
            yield PartChange(part, *_told(before, after))


def _told(before: Text | None, after: Text | None) -> tuple[str | None, str | None]:
    """Both texts; of lists only what went and what came, unless merely their order differs."""
    if isinstance(before, str) or isinstance(after, str):
        return _joined(before), _joined(after)
    gone = tuple(each for each in before or () if each not in (after or ()))
    come = tuple(each for each in after or () if each not in (before or ()))
    return (_joined(gone), _joined(come)) if gone or come else (_joined(before), _joined(after))


def _joined(text: Text | None) -> str | None:
    return text if isinstance(text, str) else "; ".join(text or ()) or None
