"""`ischio new`: a small pathway that works from the first minute, for an author to change."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.terminal import console, print_json
from ischio.model.mistake import IschioError, Mistake

FIRST_CASE = "cases/pain-that-matters.yaml"


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio new ankle_sprain --into pathways")(new)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id of the pathway, in lower snake case.")],
    into: Annotated[Path, typer.Option(metavar="DIR", help="Where its folder is made; else here.")] = Path(),
    as_json: Json = False,
) -> None:
    """Writes a new pathway to start from: every kind of file, small, with comments, cases and properties.

    It loads, `ischio check` finds no problem, and `ischio verify` proves its properties. Its content is made up.
    """
    from ischio.interfaces.new_pathway import files

    refuse_bad_name(name)
    folder = into / name
    written = write(folder, files(name, date.today()))
    if as_json:
        print_json({"folder": str(folder), "files": list(written)})
    else:
        show(folder, len(written))


def refuse_bad_name(name: str) -> None:
    from ischio.language.names import CQL_KEYWORDS, SHAPE

    if not SHAPE.fullmatch(name) or name in CQL_KEYWORDS:
        what = f"`{name}` cannot name a pathway. Use small letters, digits and _, such as ankle_sprain."
        raise typer.BadParameter(what, param_hint="NAME")


def write(folder: Path, content: Mapping[str, str]) -> tuple[str, ...]:
    """Writes the files into a folder that is not there yet. Raises IschioError if it is, or cannot be made."""
    try:
        folder.mkdir(parents=True)
        for path, text in content.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except FileExistsError:
        mend = "Choose another name, or another folder with --into."
        raise IschioError(Mistake("There is something of this name already.", mend, str(folder))) from None
    except OSError as error:
        what = f"The pathway could not be written: {error.strerror or error}."
        raise IschioError(Mistake(what, "Name a folder that can be written to with --into.", str(folder))) from error
    return tuple(content)


def show(folder: Path, count: int) -> None:
    to = console()
    to.print(Text(f"Written: {folder}, {count} files. Its content is made up; change it piece by piece.", style="bold"))
    for does, command in (
        ("Finds mistakes and runs the cases", f"ischio check {folder}"),
        ("Proves its properties", f"ischio verify {folder}"),
        ("Assesses a sample person", f"ischio assess {folder / FIRST_CASE} --pathway {folder}"),
    ):
        to.print(Text(f"  {does}: {command}"), soft_wrap=True)
