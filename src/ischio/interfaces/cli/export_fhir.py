"""`ischio export fhir`: the pathway as a package of FHIR R4 resources that another system can load."""

from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json, PathwayFolder
from ischio.interfaces.cli.terminal import console, print_json
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.fhir.export.package import Export

MARK = ".index.json"
"""The file by which a folder is known to hold a package already."""


def add_to(export: typer.Typer) -> None:
    export.command(epilog="Example: ischio export fhir ifi-fhir  (then load ifi-fhir/*.tgz)")(fhir)


def fhir(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder, or one that holds an earlier package.")],
    pathway: PathwayFolder = None,
    licensed_codes: Annotated[
        bool, typer.Option("--licensed-codes", help="Also codes that need a licence of your own (SNOMED CT, ATC).")
    ] = False,
    as_json: Json = False,
) -> None:
    """A FHIR R4 package: plan, activities, forms, value sets, own codes, and CQL libraries.

    The files stand in OUT/package, and packed in OUT/NAME-VERSION.tgz. The same pathway gives the same bytes.
    """
    refuse_other_folder(out)
    made = make(pathway, licensed_codes=licensed_codes, quiet=as_json)
    write(made, out)
    if as_json:
        print_json(data(made, out))
    else:
        show(made, out)


def refuse_other_folder(out: Path) -> None:
    """Raises IschioError where the package would be mixed with files of another kind, or a file is in its place."""
    if out.exists() and not out.is_dir():
        raise IschioError(Mistake("A file is in the place of the folder.", "Name a new folder.", str(out)))
    if out.is_dir() and any(out.iterdir()) and not (out / "package" / MARK).exists():
        mend = "Name a new or empty folder, or one that holds an earlier package."
        raise IschioError(Mistake("The folder holds something other than a FHIR package.", mend, str(out)))


def make(folder: Path | None, *, licensed_codes: bool, quiet: bool) -> "Export":
    """Reads the pathway and its bindings, and makes the package; on a terminal it says that this takes a while."""
    from ischio.fhir.bindings import load_bindings
    from ischio.fhir.export.package import export
    from ischio.fhir.export.publication import Publication
    from ischio.interfaces.inputs import knowledge
    from ischio.loading.pathway import load_pathway

    pathway = load_pathway(folder, licensed_codes=licensed_codes)
    publication = Publication(pathway, load_bindings(knowledge(folder) / "bindings.yaml"))
    to = console(errors=True)
    silent = quiet or not to.is_terminal
    waiting: AbstractContextManager[object] = nullcontext() if silent else to.status("Making the package")
    with waiting:
        return export(publication)


def write(made: "Export", out: Path) -> None:
    """Writes the files and the archive, and takes away the files of an earlier package."""
    try:
        (out / "package").mkdir(parents=True, exist_ok=True)
        for earlier in (*(out / "package").glob("*.json"), *out.glob("*.tgz")):
            earlier.unlink()
        for name, content in made.files.items():
            (out / "package" / name).write_bytes(content)
        (out / made.archive_name).write_bytes(made.archive)
    except OSError as error:
        mend = "Name a place that can be written to."
        raise IschioError(Mistake(f"It cannot be written: {error.strerror}.", mend, str(out))) from None


def data(made: "Export", out: Path) -> dict[str, object]:
    return {
        "package": made.name,
        "version": made.version,
        "resources": counts(made),
        "elm": made.not_compiled is None,
        "not_compiled": made.not_compiled,
        "written": [str(out / "package"), str(out / made.archive_name)],
    }


def counts(made: "Export") -> dict[str, int]:
    return dict(sorted(Counter(one["resourceType"] for one in made.resources).items()))


def show(made: "Export", out: Path) -> None:
    to = console()
    to.print(Text(f"{made.name} {made.version}: {len(made.resources)} resources", style="bold"))
    for kind, number in counts(made).items():
        to.print(Text(f"{number:5} {kind}"))
    if made.not_compiled:
        to.print(Text(f"No compiled ELM beside the CQL. {made.not_compiled}"), soft_wrap=True)
    else:
        to.print(Text("The libraries hold CQL and compiled ELM."))
    to.print(Text(f"Load it: {out / made.archive_name}"), soft_wrap=True)
