"""From the text of a condition to its expression: read by the grammar, then resolved."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ischio.language.names import Names
from ischio.language.refusals import refused
from ischio.language.resolver import Resolver
from ischio.model.expression import Expression
from ischio.model.mistake import Mistake, PathwayError

if TYPE_CHECKING:  # Lark is imported when the first condition is parsed, so that `ischio --help` stays fast.
    from lark import Lark, Token, Tree
    from lark.exceptions import UnexpectedInput


def parse(text: str, names: Names) -> Expression:
    """The expression that a condition means.

    Parts of nested `and` and `or` are joined, the fact stands on the left of every comparison, and date words become
    operators, so that equal conditions are equal expressions.
    Raises PathwayError with every mistake found in the text (without file and line, which the caller knows). It has no
    mistakes at all if the only fault is a name whose own declaration is at fault (`names.broken`).
    """
    resolver = Resolver(text, names)
    expression = resolver.condition(_tree(text))
    if resolver.mistakes or resolver.unresolved:
        raise PathwayError(*resolver.mistakes)
    return expression


@cache
def _lark() -> "Lark":
    from lark import Lark

    grammar = files("ischio.language").joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _tree(text: str) -> "Tree[Token]":
    from lark.exceptions import UnexpectedInput

    try:
        return _lark().parse(text)
    except UnexpectedInput as error:
        what, mend = refused(text) or _unreadable(text, error)
        raise PathwayError(Mistake(what, mend)) from None


def _unreadable(text: str, error: "UnexpectedInput") -> tuple[str, str]:
    if not text.strip():
        return "The condition is empty.", "Write a condition, `true` or `false`."
    missing = text.count("(") - text.count(")")
    if missing:
        return f"{'(' if missing > 0 else ')'} has no partner in `{text}`.", "Close or remove the bracket."
    if getattr(error, "token", "?") == "":  # Lark's end of text
        return f"The condition `{text}` breaks off.", "Complete it."
    rest = text[error.pos_in_stream :]
    return f"The condition cannot be read from `{rest}` on.", "Join conditions with and, or, not, implies."
