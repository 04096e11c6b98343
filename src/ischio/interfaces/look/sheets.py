"""The style sheets that pages and drawings share."""

from functools import cache
from importlib.resources import files


@cache
def sheet(*names: str) -> str:
    """The named sheets of this folder, one after the other: `tokens` first, since the others use its colours."""
    return "".join(files(__package__).joinpath(f"{name}.css").read_text(encoding="utf-8") for name in names)
