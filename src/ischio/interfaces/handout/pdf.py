"""The handout as a PDF on at most two A4 pages: tagged (PDF/UA-1), and the same bytes for the same handout.

Set by Typst in its own fonts; fonts of the machine are left alone, so that it looks the same everywhere.
"""

from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ischio.interfaces.handout.content import Handout
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    import typst

MOST_PAGES = 2
SIZES = ((1, "12"), (1, "11.5"), (2, "12"), (2, "11.5"), (2, "11"), (2, "10.5"))
"""Pages, and the size of the letters in points: the first of these in which it fits. Letters are large before all."""
UNIVERSALLY_ACCESSIBLE: Final = "ua-1"


def pdf(handout: Handout) -> bytes:
    """The PDF. Raises IschioError where Typst is not installed, or the handout does not fit."""
    with as_file(files(__package__).joinpath("handout.typ")) as template:
        for pages, size in SIZES:
            compiler = _compiler(template, handout, size)
            if _pages(compiler) <= pages:
                made = compiler.compile(format="pdf", pdf_standards=[UNIVERSALLY_ACCESSIBLE])
                assert isinstance(made, bytes), "a PDF is one file"
                return made
    mend = "Release fewer actions and exercises at a time, or shorten the words beside them."
    raise IschioError(Mistake(f"The handout does not fit on {MOST_PAGES} pages.", mend))


def _compiler(template: Path, handout: Handout, size: str) -> "typst.Compiler":
    try:
        import typst
    except ImportError:
        mend = "pip install 'ischio[pdf]', or write a page (.html) and print it"
        raise IschioError(Mistake("Typst, which makes the PDF, is not installed.", mend)) from None
    inputs = {"handout": msgspec.json.encode(handout).decode(), "size": size}
    return typst.Compiler(str(template), ignore_system_fonts=True, sys_inputs=inputs)


def _pages(compiler: "typst.Compiler") -> int:
    """On how many pages it is set."""
    return int(compiler.query("<pages>", field="value", one=True))
