"""Days by UTC, whatever the clock of whoever looks. Pure."""

from datetime import UTC, date, datetime, time, timedelta

DAYS = 28
"""How far back a site's figures go, today included."""


def last(now: datetime) -> list[date]:
    """The DAYS that figures are about, today the last of them."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=DAYS - 1 - nth) for nth in range(DAYS)]


def midnight(day: date) -> datetime:
    """When the day began."""
    return datetime.combine(day, time(), UTC)


def began(now: datetime) -> datetime:
    """The midnight at which the day of this moment began."""
    return midnight(now.astimezone(UTC).date())
