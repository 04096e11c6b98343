"""`ischio audit`: who read and wrote what of whom, and whether anything of it was tampered with."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import DEFAULT, StoreUrl, opened, operator
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.store.entries import Head, Verdict


def add_to(app: typer.Typer) -> None:
    audit = typer.Typer(
        help="Who read and wrote what of whom, and whether it was tampered with.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog="Example: ischio audit verify --json",
    )
    audit.command(epilog="Example: ischio audit verify --heads heads.ndjson")(verify)
    audit.command(epilog="Example: ischio audit head --json >> heads.ndjson")(head)
    audit.command(epilog="Example: ischio audit export audit.ndjson")(export)
    app.add_typer(audit, name="audit")


def verify(
    heads: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Heads that were kept elsewhere: they show a tail that was cut off."),
    ] = None,
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Looks through the whole store for rows changed, deleted, put in or moved past the service."""
    kept = read_heads(heads) if heads else ()
    with opened(store) as found:
        verdict = found.audit.verify(kept)
    if as_json:
        print_json({"sound": verdict.sound, **asdict(verdict)})
    else:
        show(verdict, len(kept))
    raise typer.Exit(not verdict.sound)


def head(store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """The newest entry's number and digest. Keep them where nobody who can write the store can change them."""
    with opened(store) as found:
        newest = found.audit.head_to_keep(operator())
    if as_json:
        # One line, so that a file of heads grows by one with each.
        print(json.dumps(asdict(newest)))
    else:
        console().print(Text(f"audit {newest.number}  {newest.digest}"), soft_wrap=True)


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write: FHIR AuditEvents, one a line.")],
    observer: Annotated[
        str, typer.Option(metavar="NAME", help="Whose audit it is, such as the service's address.")
    ] = "ischio",
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Writes the audit as FHIR R4 AuditEvents (NDJSON), for a system that gathers audits."""
    with opened(store) as found:
        from ischio.store.audit_event import audit_event
        from ischio.store.entries import Action, Outcome

        found.audit.write(operator(), Action.READ, "audit", None, Outcome.SUCCESS, "exported")
        written = write_lines(out, (json.dumps(audit_event(each, observer)) for each in found.audit.entries()))
    if as_json:
        print_json({"written": str(out), "entries": written})
    else:
        console().print(Text(f"Written: {out} ({written} entries)"), soft_wrap=True)


def read_heads(file: Path) -> "tuple[Head, ...]":
    """Heads as `ischio audit head --json` prints them, one a line. Raises IschioError with the line that is none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        mend = "Name a file to which `ischio audit head --json` was appended."
        raise IschioError(Mistake(f"It cannot be read: {error}.", mend, str(file))) from None
    return tuple(_head(file, number, line) for number, line in enumerate(lines, 1) if line.strip())


def _head(file: Path, number: int, line: str) -> "Head":
    from ischio.store.entries import Head

    try:
        said = json.loads(line)
        return Head(int(said["number"]), str(said["digest"]))
    except (ValueError, KeyError, TypeError):
        mend = "A line is what `ischio audit head --json` prints."
        raise IschioError(Mistake("This is no head.", mend, str(file), number)) from None


def write_lines(file: Path, lines: Iterator[str]) -> int:
    """Writes while it reads; an audit may be longer than the memory. Returns how many lines."""
    count = 0
    try:
        with file.open("w", encoding="utf-8", newline="\n") as to:
            for line in lines:
                to.write(line + "\n")
                count += 1
    except OSError as error:
        mend = "Name a place that can be written to."
        raise IschioError(Mistake(f"It cannot be written: {error.strerror}.", mend, str(file))) from None
    return count


def show(verdict: "Verdict", kept: int) -> None:
    to = console()
    for flaw in verdict.flaws:
        to.print(Text(clean(f"x {flaw.row}: {flaw.what}")), soft_wrap=True)
    if not verdict.sound:
        count = len(verdict.flaws)
        to.print(Text(f"{count} flaw{'s' if count != 1 else ''} in {verdict.entries} audit entries"), style="bold red")
        return
    to.print(Text(f"Sound: {verdict.entries} audit entries and all that they vouch for."))
    if verdict.erased:
        rows = "1 row is" if verdict.erased == 1 else f"{verdict.erased} rows are"
        to.print(Text(f"{rows} gone because a person was erased, as the audit tells: ischio store retention"))
    if kept:
        to.print(Text("The kept head is in the chain." if kept == 1 else f"All {kept} kept heads are in the chain."))
    else:
        to.print(Text("Without heads kept elsewhere nobody can see a tail that was cut off: ischio audit head --help"))
