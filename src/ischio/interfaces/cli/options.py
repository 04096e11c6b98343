"""Arguments that several commands share, so that they are worded once."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
PathwayFolder = Annotated[
    Path | None, typer.Option("--pathway", metavar="DIR", help="Knowledge files to use instead of those shipped.")
]
Overlay = Annotated[Path | None, typer.Option("--overlay", metavar="FILE", help="A site's own parameter values.")]
