"""Writing what a command makes; what cannot be written is told in words."""

from pathlib import Path

from ischio.model.mistake import IschioError, Mistake


def write(path: Path, text: str) -> None:
    """Writes a file, and the folders above it. Raises IschioError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        mend = "Name a place that can be written to."
        raise IschioError(Mistake(f"It cannot be written: {error.strerror}.", mend, str(path))) from None
