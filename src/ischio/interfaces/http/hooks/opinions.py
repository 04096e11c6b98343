"""What a service has to say to a call, before it is made into a card: something, or nothing and why."""

from dataclasses import dataclass

from ischio.interfaces.http.hooks.charts import Step
from ischio.model.about import Side

INFO, WARNING, CRITICAL = "info", "warning", "critical"


@dataclass(frozen=True, slots=True)
class Said:
    """What a card says. about: what it is about, the same on each call, so that it can be quieted.

    detail: Markdown. steps: actions that it suggests. unsigned: draft orders that it suggests to leave out, each with
    its words. rules: ids of what it rests on. side, stage: None where it is about both or the person.
    """

    about: str
    indicator: str
    summary: str
    detail: str
    rules: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    unsigned: tuple[tuple[str, str], ...] = ()
    side: Side | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why no card is given. why: for a machine; words: for a person."""

    why: str
    words: str


Opinion = Said | Nothing

NOT_ON_PATHWAY = Nothing("not-on-pathway", "Neither side is on the pathway.")
NOTHING_DUE = Nothing("nothing-due", "Nothing is due.")
NOTHING_OWED = Nothing("nothing-owed", "Nothing is due, and no review is owed.")
NO_ORDER = Nothing("no-order-of-the-pathway", "No draft order asks for an action of the pathway.")
NOTHING_AGAINST = Nothing(
    "nothing-against", "Nothing stands against the draft orders, and nothing has to be known first."
)
NOT_OPENED = Nothing("not-opened", "The new problem does not bring a side onto the pathway.")
UNREADABLE = Nothing("not-readable", "What the call is about is not FHIR R4, so nothing can be told of it.")
QUIETED = Nothing("quieted", "The same was acknowledged or declined, and nothing has changed since.")

SHOWN = "shown"
"""Why a card is kept: it was given."""

WORDS = {
    one.why: one.words
    for one in (NOT_ON_PATHWAY, NOTHING_DUE, NOTHING_OWED, NO_ORDER, NOTHING_AGAINST, NOT_OPENED, UNREADABLE, QUIETED)
} | {SHOWN: "A card was given."}
