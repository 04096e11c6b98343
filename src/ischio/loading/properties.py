"""Properties: what is to be proved for all patients."""

from collections.abc import Iterable

from ischio.loading.draft import Draft, plain, text_or_none
from ischio.loading.entries import PropertyEntry
from ischio.loading.files import Files
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.rules import Property


def properties(files: Files, draft: Draft) -> tuple[Property, ...]:
    """The properties in the order of the file."""
    return tuple(_property(name, entry, files, draft) for name, entry in files.properties.items())


def _property(name: Written, entry: PropertyEntry, files: Files, draft: Draft) -> Property:
    reading = draft.reading("properties.yaml", f"property {name}")
    _check((*entry.actions, *entry.except_), files.actions, "an action", draft, reading)
    _check(entry.asks, draft.types, "a fact", draft, reading)
    return Property(
        id=str(name),
        about=draft.about(entry, reading),
        number=entry.number,
        check=str(entry.check),
        actions=plain(entry.actions),
        kinds=tuple(kind.value for kind in entry.kinds),
        except_actions=plain(entry.except_),
        under=draft.condition(entry.under, reading),
        then=draft.condition(entry.then, reading),
        text=str(entry.then or ""),
        asks=plain(entry.asks),
        waits_for=text_or_none(entry.waits_for),
    )


def _check(names: Iterable[Written], among: Iterable[str], kind: str, draft: Draft, reading: Reading) -> None:
    known = set(among)
    for name in names:
        draft.known(name, known, kind, reading)
