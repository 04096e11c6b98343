"""Printing for people and for programs: one way for text, one for JSON, one for mistakes.

Colour is never alone: whatever is coloured has a word or a sign as well. NO_COLOR is obeyed by rich itself.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from ischio.interfaces.printable import clean
from ischio.model.mistake import Mistake

WIDTH_WHEN_PIPED = 100
WIDEST = 110


def console(*, errors: bool = False) -> Console:
    """A console of at most 110 columns (longer lines are hard to read), 100 when the output is not a terminal."""
    found = Console(stderr=errors, highlight=False, markup=False, emoji=False)
    found.width = min(found.width, WIDEST) if found.is_terminal else WIDTH_WHEN_PIPED
    return found


def print_json(data: Mapping[str, Any]) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))


def mistake_data(mistake: Mistake) -> dict[str, Any]:
    return {
        "what": mistake.what,
        "mend": mistake.mend,
        "file": mistake.file,
        "line": mistake.line,
        "where": mistake.where,
    }


def print_mistakes(mistakes: Iterable[Mistake], *, as_json: bool = False) -> None:
    """What is wrong, where, and the mend: as text to the error stream, as JSON to the output."""
    mistakes = tuple(mistakes)
    if as_json:
        print_json({"mistakes": [mistake_data(mistake) for mistake in mistakes]})
        return
    to = console(errors=True)
    for mistake in mistakes:
        to.print(Text(clean(str(mistake))), soft_wrap=True)
    if len(mistakes) > 1:
        to.print(Text(f"{len(mistakes)} mistakes", style="bold red"))


def let_odd_letters_through() -> None:
    """A terminal that cannot show a letter shows `?` instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
