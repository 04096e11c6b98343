"""`ischio person`: whole people out of the store of the service and into it, as FHIR Bundles."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import DEFAULT, StoreUrl, opened, operator, refuse_unknown_organisation
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.store.entries import Known

MAKING = "Another is made with its first account: ischio account add --help"

Organisation = Annotated[str, typer.Option(metavar="ID", help="Who looks after them: a short name in small letters.")]


def add_to(app: typer.Typer) -> None:
    person = typer.Typer(
        help="Whole people out of the store of the service and into it, as FHIR Bundles.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog="Example: ischio person list --organisation hip-clinic",
    )
    person.command("list", epilog="Example: ischio person list --organisation hip-clinic --json")(show_all)
    person.command(epilog="Example: ischio person export ID --organisation hip-clinic --out person.json")(export)
    person.command("import", epilog="Example: ischio person import person.json --organisation hip-clinic")(take_in)
    app.add_typer(person, name="person")


def show_all(organisation: Organisation, store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Everybody whom an organisation looks after, with the id that the other commands ask for."""
    with opened(store) as found:
        from ischio.store.entries import Action, Outcome

        found.audit.write(operator(), Action.READ, "person", None, Outcome.SUCCESS, f"list of {organisation}")
        refuse_unknown_organisation(found, organisation, MAKING)
        every = found.people.all(organisation)
    if as_json:
        print_json({"people": [_data(known) for known in every]})
        return
    for known in every:
        console().print(Text(clean(f"{known.id}  {known.name}  {known.identifier}".rstrip())), soft_wrap=True)
    if not every:
        console().print(f"{organisation} looks after nobody.")


def export(
    person: Annotated[str, typer.Argument(metavar="ID", help="As `ischio person list` gives it.")],
    organisation: Organisation,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Else the Bundle is printed.")] = None,
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Who somebody is and every event that stands, as a FHIR Bundle. The audit says that it was taken."""
    from ischio.clinic.clinic import Clinic
    from ischio.clinic.knowledge import read_knowledge

    with opened(store) as found:
        refuse_unknown_organisation(found, organisation, MAKING)
        clinic, by = Clinic(found, read_knowledge()), operator()
        known = clinic.people.find(person, organisation, by)
        if known is None:
            what = f"{organisation} looks after nobody with the id {person!r}."
            raise IschioError(Mistake(what, f"See who there is: ischio person list --organisation {organisation}"))
        bundle = clinic.transfer.out(known, by)
    if out is None:
        sys.stdout.write(bundle.decode() + "\n")
        return
    out.write_bytes(bundle)
    _tell(known, f"Written to {out}", as_json)


def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A Bundle of one person.")],
    organisation: Organisation,
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Takes in the person of a FHIR Bundle, whoever wrote it: with every event as it was where ischio wrote it."""
    from ischio.clinic.clinic import Clinic
    from ischio.clinic.knowledge import read_knowledge

    with opened(store) as found:
        refuse_unknown_organisation(found, organisation, MAKING)
        known = Clinic(found, read_knowledge()).transfer.take_in(file.read_bytes(), organisation, operator())
    _tell(known, "Taken in", as_json)


def _tell(known: "Known", done: str, as_json: bool) -> None:
    if as_json:
        print_json(_data(known))
    else:
        console().print(Text(clean(f"{done}: {known.name} ({known.id})")), soft_wrap=True)


def _data(known: "Known") -> dict[str, str]:
    return {
        "id": known.id,
        "organisation": known.organisation,
        "name": known.name,
        "identifier": known.identifier,
    }
