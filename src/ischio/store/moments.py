"""Moments as the store keeps them: text in UTC to the microsecond, which sorts in time."""

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    """Such as 2026-06-01T08:30:00.000000Z. Raises ValueError for a moment without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone, and so is no moment")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
