"""The names of our tables and columns."""


def table(name: str) -> str:
    """A table of ours, told from those of the reader's."""
    return f"ischio_{name}"


def fact_column(fact: str) -> str:
    return f"fact_{fact}"


def criterion_column(criterion: str) -> str:
    return f"criterion_{criterion}"


def action_column(action: str) -> str:
    return f"action_{action}"
