"""CQL that the safe subset leaves out, each with the reason and what to write instead.

Outside the subset engines disagree: `null in {'a'}` is false in CQL, so `not (x in {...})` would turn unknown into
true; decimals of computed values differ; a quantity against a bare number is silently null.
"""

import re
from dataclasses import dataclass

from ischio.language.names import CQL_KEYWORDS

_OURS = {"and", "or", "not", "implies", "between", "before", "after", "on", "true", "false"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A pattern in a condition that cannot be read. {0} stands for the text found."""

    pattern: re.Pattern[str]
    what: str
    mend: str

    def in_text(self, text: str) -> tuple[str, str] | None:
        found = self.pattern.search(text)
        return (self.what.format(found[0].strip()), self.mend) if found else None


def _refusal(pattern: str, what: str, mend: str) -> Refusal:
    return Refusal(re.compile(pattern), what, mend)


_WORDS_LEFT_OUT = "|".join(sorted(CQL_KEYWORDS - _OURS))

REFUSALS = (
    _refusal('"', "Text in double quotes is a name in CQL.", "Write a code in single quotes: 'code'."),
    _refusal(
        r"\bin\s*[{(]|\bin\b",
        '`in` is left out: in CQL an unknown value is "not in" a list, which would turn unknown into no.',
        "Write fact = 'a' or fact = 'b'.",
    ),
    _refusal(
        r"\bis\b|\bnull\b",
        "A rule may not ask whether something is unknown.",
        "Write the fact alone, or `not` before it; unknown stays unknown.",
    ),
    _refusal(r"\bxor\b", "`xor` is left out.", "Write (a or b) and not (a and b)."),
    _refusal("==", "`==` is not CQL.", "Write `=`."),
    _refusal("<>", "`<>` is not CQL.", "Write `!=`."),
    _refusal(r"&+|\|+|!(?!=)|~", "`{0}` is no operator here.", "Write and, or, not."),
    _refusal(r"\b(AND|OR|NOT|IMPLIES|BETWEEN)\b", "`{0}` is written in capitals.", "Write operators in small letters."),
    _refusal(
        r"\b(?!(?:and|or|not|implies|between|before|after)\b)[A-Za-z_]\w*\s*\(",
        "`{0}...)` calls a function, and a condition calls none.",
        "Derive what it computes as a fact, in facts.yaml.",
    ),
    _refusal(
        r"\d\s*''",
        "A number carries no unit here.",
        "Write the bare number in the fact's unit, or name a parameter: their units are checked.",
    ),
    _refusal(
        r"\d\s*(day|week|month|year)s?\b",
        "A duration (`{0}`) stands only after `Index +` or `Index -`.",
        "Write, for example, exercise_start on or before Index - 3 months.",
    ),
    _refusal(r"Index\s*[+-]\s*\d", "The duration after Index has no unit.", "Write, for example, Index - 3 months."),
    _refusal(
        r"[*/^+%-]|\bdiv\b|\bmod\b",
        "`{0}` calculates, and a condition does not.",
        "Put the number in parameters.yaml, or derive a fact with the pattern `compared`.",
    ),
    _refusal(r"[\[\]{}]", "`{0}` makes a list or an interval, which is left out.", "Compare one fact with a constant."),
    _refusal(rf"\b({_WORDS_LEFT_OUT})\b", "`{0}` is CQL outside the safe subset.", "See docs/reference/language.md."),
)

_CODE = re.compile(r"'[^']*'")
_MOVED_INDEX = re.compile(r"Index\s*[+-]\s*(\d+\s*(?:day|week|month|year)s?\b|[a-z]\w*)")


def refused(text: str) -> tuple[str, str] | None:
    """The first construct left out that the text of an unreadable condition holds: what, and the mend."""
    bare = _MOVED_INDEX.sub("Index", _CODE.sub("''", text))
    return next((found for refusal in REFUSALS if (found := refusal.in_text(bare))), None)
