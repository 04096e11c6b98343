"""`ischio store erase`, `hold`, `retention` and `sweep`: what goes from the store, when, and what stays and why.

Commands of whoever owns the database, and never an address of the service: whoever stole an account could else take a
record away for good (decision 607).
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import DEFAULT, StoreUrl, opened, operator
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.store.entries import Access, Person
    from ischio.store.erasing import Erasure, Extent, Past
    from ischio.store.holds import Hold
    from ischio.store.store import Store

Who = Annotated[str, typer.Argument(metavar="PERSON", help="The id that `ischio person list` gives, as in /p/PERSON.")]
Server = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The records system whose id of a patient PERSON is, for somebody on no list."),
]

STAYS = (
    "the audit, {count} entries: they name the person by id alone. Who looked at whom has to be told after an "
    "erasure too, and each digest in them rests on random bits that go with the row: nobody can try what it said."
)
NOT_REACHED = (
    "Not reached from here: copies and backups of the store, exported people, folders of cohorts, calendar files, what "
    "was printed, and what a records system kept of a card or got of a form."
)
NOT_SWEPT = (
    "The rows are gone, but what was in them may still lie in free parts of the database's files, because somebody "
    "reads or writes now or the disk has no room. Stop the service for a moment, then: ischio store sweep"
)


def add_to(store: typer.Typer) -> None:
    store.command(
        epilog="Example: ischio store erase 0b6f7c1e-5f0a-4f57-9d0b-1c7d7a5a0f11 --ground 'request of the person' --yes"
    )(erase)
    store.command(epilog="Example: ischio store hold PERSON --reason 'lawsuit 12/2026'")(hold)
    store.command(epilog="Example: ischio store retention --years 10")(retention)
    store.command(epilog="Example: ischio store sweep")(sweep)


def erase(
    person: Who,
    server: Server = None,
    ground: Annotated[str, typer.Option(metavar="TEXT", help="Why; without names, because the audit keeps it.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Erase. Else it is only shown what would go.")] = False,
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Shows what an erasure of a person would take and what stays; with --ground and --yes it does it, for good."""
    with opened(store) as found:
        whom, by = _one(found, person, server), operator()
        extent = found.erasures.erase(whom, ground, by) if yes else found.erasures.extent(whom, by)
        if not extent.rows:
            raise _nobody(person)
        swept = found.erasures.sweep() if yes else None
    if as_json:
        print_json({"erased": yes, **_data(extent), "swept": swept})
    else:
        _show(extent, yes)
        console().print(Text(f"Stays: {STAYS.format(count=extent.audit)}\n{NOT_REACHED}"), soft_wrap=True)
        if not yes and extent.hold is None:
            console().print(Text('Nothing was erased. To do it, add: --ground "request of the person" --yes'))
        if swept is False:
            console().print(Text(NOT_SWEPT), style="bold", soft_wrap=True)


def hold(
    person: Who,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they are held, or why no longer.")],
    server: Server = None,
    end: Annotated[bool, typer.Option("--end", help="Ends the hold.")] = False,
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Has nobody erase a person, whoever asks and whatever the rule says, until the hold is ended."""
    if not reason.strip():
        raise IschioError(Mistake("A hold needs a reason.", 'Say it in a few words: --reason "lawsuit 12/2026"'))
    with opened(store) as found:
        whom, by = _one(found, person, server), operator()
        if not found.erasures.extent(whom, by).rows:
            raise _nobody(person)
        if end and found.holds.of(whom) is None:
            raise IschioError(Mistake("This person is not held.", "See who is: ischio store retention"))
        found.holds.put(whom, reason.strip(), by, holds=not end)
    if as_json:
        print_json({"person": whom.id, "server": whom.server, "held": not end, "reason": reason.strip()})
    else:
        console().print(
            Text(clean(f"{'No longer held' if end else 'Held'}: {whom.id}. {reason.strip()}")), soft_wrap=True
        )


def retention(
    years: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=100, help="Instead of `years` of the settings.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="A TOML file; else the one in ISCHIO_SETTINGS.")
    ] = None,
    erase: Annotated[bool, typer.Option("--erase", help="Erase everybody who is past the rule and not held.")] = False,
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Lists who is past the rule, N years after the last entry about them, by id alone; and what was erased so far.

    Nothing is ever erased by itself: how long a record must be kept is law, and differs from place to place.
    """
    years, by = years or _rule(settings), operator()
    with opened(store) as found:
        from ischio.store.entries import Action, Outcome

        found.audit.write(by, Action.READ, "retention", None, Outcome.SUCCESS)
        past = found.erasures.untouched_since(_before(by.at, years)) if years else ()
        gone = _erase_all(found, past, f"retention rule {years} years", by) if erase else []
        swept = found.erasures.sweep() if gone else None
        held, done = found.holds.all(), found.erasures.done()
    if as_json:
        lists = {"past": map(_past, past), "erased": map(_person, gone), "held": map(_held, held)}
        told = {name: list(each) for name, each in lists.items()}
        print_json({"years": years, **told, "swept": swept, "erased_so_far": list(map(_done, done))})
        return
    _show_rule(years, past, gone)
    _show_list("Held", [f"{one.whom.id}: {one.reason} ({one.by.who}, {one.by.at.date()})" for one in held])
    _show_list(
        "Erased so far",
        [f"{one.by.at.date()} {one.whom.id}: {one.ground} ({one.by.who}; audit {one.first})" for one in done],
    )
    if swept is False:
        console().print(Text(NOT_SWEPT), style="bold", soft_wrap=True)


def _erase_all(store: "Store", past: "Iterable[Past]", ground: str, by: "Access") -> "list[Person]":
    """Who was erased: nobody who is held, nor who was written about meanwhile."""
    from ischio.store.erasing import NotErased

    gone = []
    for each in past:
        try:
            store.erasures.erase(each.whom, ground, by, last=each.number)
        except NotErased:
            continue
        gone.append(each.whom)
    return gone


def sweep(store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Sees that nothing of erased rows is left in free parts of the database's files. `erase` does so by itself."""
    with opened(store) as found:
        swept = found.erasures.sweep()
    if as_json:
        print_json({"swept": swept})
    else:
        console().print(
            Text("Swept: nothing of erased rows is left in the files." if swept else NOT_SWEPT), soft_wrap=True
        )
    raise typer.Exit(not swept)


def _one(store: "Store", person: str, server: str | None) -> "Person":
    """Who is meant. Raises IschioError where that is nobody, or not one person."""
    from ischio.store.entries import Person

    if server is not None:
        return Person(server, person)
    found = store.erasures.named(person)
    if len(found) > 1:
        names = ", or ".join(f"{each.id} --server {each.server}" for each in found)
        raise IschioError(
            Mistake("Several organisations know somebody by this number.", f"Say which, and by its own id: {names}")
        )
    if not found:
        raise _nobody(person)
    return found[0]


def _nobody(person: str) -> IschioError:
    mend = "See who there is: ischio person list; for somebody on no list add --server and give their id there."
    return IschioError(Mistake(f"There is nobody of this number: {person}.", mend))


def _show(extent: "Extent", erased: bool) -> None:
    to = console()
    for known in extent.known:
        name = f"{known.name} {known.identifier}".strip()
        to.print(Text(clean(f"{name}, of {known.organisation} ({known.id})")), soft_wrap=True)
    if not extent.known:
        to.print(Text(clean(f"{extent.whom.id} of {extent.whom.server}, on no list")), soft_wrap=True)
    if extent.hold:
        to.print(
            Text(clean(f"Held, so that nothing can be erased: {extent.hold.reason}")), style="bold", soft_wrap=True
        )
    to.print(Text("Erased:" if erased else "Would go:"))
    for table, count in extent.rows.items():
        to.print(Text(f"  {table}: {count}"))


def _data(extent: "Extent") -> dict[str, Any]:
    """Ids alone: what a program keeps of it is no way to keep a name."""
    rows: Mapping[str, int] = extent.rows
    return {
        **_person(extent.whom),
        "known": [{"id": each.id, "organisation": each.organisation} for each in extent.known],
        "rows": dict(rows),
        "stays": {"audit": extent.audit},
        "held": extent.hold.reason if extent.hold else None,
    }


def _person(whom: "Person") -> dict[str, str]:
    return {"server": whom.server, "person": whom.id}


def _past(past: "Past") -> dict[str, Any]:
    held = past.hold.reason if past.hold else None
    return {
        **_person(past.whom),
        "known": [each.id for each in past.known],
        "last": past.last.isoformat(),
        "held": held,
    }


def _held(hold: "Hold") -> dict[str, str]:
    return {**_person(hold.whom), "reason": hold.reason, "by": hold.by.who, "at": hold.by.at.isoformat()}


def _done(erasure: "Erasure") -> dict[str, Any]:
    """Where nobody can be asked any more: what went, when, by whom and why."""
    when = {"at": erasure.by.at.isoformat(), "by": erasure.by.who, "ground": erasure.ground}
    return {**_person(erasure.whom), **when, "rows": dict(erasure.rows), "audit": erasure.first}


def _show_rule(years: int | None, past: "Iterable[Past]", gone: "Collection[Person]") -> None:
    console().print(Text(_rule_in_words(years)), soft_wrap=True)
    if years is None:
        return
    lines = []
    for each in past:
        ids = ", ".join(known.id for known in each.known) or f"{each.whom.id} of {each.whom.server}"
        kept = f", held: {each.hold.reason}" if each.hold else ""
        lines.append(f"{ids}: last entry {each.last.date()}{', erased' if each.whom in gone else kept}")
    _show_list("Past the rule", lines)


def _show_list(title: str, lines: Sequence[str]) -> None:
    to = console()
    to.print(Text(f"{title}: {len(lines)}"))
    for line in lines:
        to.print(Text(clean(f"  {line}")), soft_wrap=True)


def _rule(settings: Path | None) -> int | None:
    from ischio.interfaces.http.settings_file import FILE, load_settings

    file = settings or (Path(os.environ[FILE]) if FILE in os.environ else None)
    return load_settings(file, os.environ).retention


def _before(now: datetime, years: int) -> datetime:
    """So many years ago; on 29 February the day before."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


def _rule_in_words(years: int | None) -> str:
    if years is None:
        return "No rule: nobody is ever past it. Set `years` of [retention] in the settings, or ask with --years N."
    return f"The rule: a person's record is kept for {years} years after the last entry. Nothing is erased by itself."
