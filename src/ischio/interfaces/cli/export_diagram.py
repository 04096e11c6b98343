"""`ischio export diagram`: the map of a pathway as a picture, a page, a list or Mermaid text."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder
from ischio.interfaces.cli.terminal import console, print_json
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.model.pathway import Pathway

ENDINGS = (".svg", ".html", ".txt", ".mmd")


def add_to(export: typer.Typer) -> None:
    export.command(epilog="Example: ischio export diagram map.svg")(diagram)


def diagram(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A file ending in .svg, .html, .txt or .mmd (Mermaid).")],
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """The map: stages, gates, ways back and diversions."""
    from ischio.interfaces.cli.written import write
    from ischio.loading.pathway import load_pathway

    if out.suffix.lower() not in ENDINGS:
        mend = f"End it with {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]} (Mermaid)."
        raise IschioError(Mistake("The ending of the file does not say what to draw.", mend, str(out)))
    write(out, drawn(load_pathway(pathway, overlay), out.suffix.lower()))
    if as_json:
        print_json({"written": str(out)})
    else:
        console().print(Text(f"Written: {out}"), soft_wrap=True)


def drawn(pathway: "Pathway", ending: str) -> str:
    """The map in the form that a file's ending asks for."""
    from ischio.interfaces.book.site import diagram_page
    from ischio.interfaces.drawing.map import as_list, as_mermaid, picture
    from ischio.interfaces.drawing.map_svg import map_svg
    from ischio.interfaces.words import day

    shown = picture(pathway)
    match ending:
        case ".svg":
            return map_svg(shown)
        case ".html":
            return diagram_page(shown, day(pathway.reviewed))
        case ".txt":
            return as_list(shown)
        case _:
            return as_mermaid(shown)
