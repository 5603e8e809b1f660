"""Days by UTC, whatever the clock of whoever looks. Pure."""

from datetime import UTC, datetime, time


def began(now: datetime) -> datetime:
    """The midnight at which the day of this moment began."""
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC)
