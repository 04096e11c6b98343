"""Which of several steps comes first, the same on every screen and list."""

from collections.abc import Sequence

from ischio.model.assessment import ActionShown

# Of several due actions the one that moves the hip on stands first, and what goes on anyway stands last.
DECISIVE_FIRST = (
    "referral",
    "operation",
    "injection",
    "assessment",
    "imaging",
    "therapy",
    "record",
    "medicine",
    "review",
    "advice",
)


def having(actions: Sequence[ActionShown], status: str) -> tuple[ActionShown, ...]:
    return tuple(action for action in actions if action.status == status)


def due_steps(actions: Sequence[ActionShown]) -> tuple[ActionShown, ...]:
    """What is due, most decisive first; of one kind in the order of the pathway."""
    return tuple(sorted(having(actions, "due"), key=lambda action: DECISIVE_FIRST.index(action.kind)))
