"""`ischio export cql`: the pathway as CQL libraries for any engine that reads FHIR R4."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder
from ischio.interfaces.cli.terminal import console, print_json
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.backends.cql.text import Library


def add_to(export: typer.Typer) -> None:
    export.command(epilog="Example: ischio export cql ifi-cql")(cql)


def cql(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder for the libraries; it is made if need be.")],
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    licensed_codes: Annotated[
        bool, typer.Option("--licensed-codes", help="Also codes that need a licence of your own (SNOMED CT, ATC).")
    ] = False,
    as_json: Json = False,
) -> None:
    """The pathway as CQL libraries over FHIR R4: IschioRight and IschioLeft, and those they share."""
    from ischio.fhir.bindings import load_bindings
    from ischio.fhir.cql_libraries import cql_libraries
    from ischio.loading.pathway import load_pathway, packaged

    folder = pathway or packaged()
    read = load_pathway(pathway, overlay, licensed_codes=licensed_codes)
    libraries = cql_libraries(read, load_bindings(folder / "bindings.yaml"))
    written = [write(out, library) for library in libraries]
    if as_json:
        print_json({"written": written})
    else:
        for path in written:
            console().print(Text(f"Written: {path}"), soft_wrap=True)


def write(folder: Path, library: "Library") -> str:
    """Writes one library; gives its path."""
    path = folder / f"{library.name}.cql"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(library.text, encoding="utf-8", newline="\n")
    except OSError as error:
        what = f"The library cannot be written: {error.strerror}."
        raise IschioError(Mistake(what, "Name a folder that you may write to.", str(path))) from None
    return str(path)
