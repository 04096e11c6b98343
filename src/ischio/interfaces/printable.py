"""Text of a record or file as it may be printed."""


def clean(text: str) -> str:
    """Without control characters, which could steer the terminal; lines stay lines."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)
