"""When things were and will be, in the moderator's time zone. What is stored and sent stays UTC."""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from flask import g

ALWAYS = "UTC"


@cache
def zones() -> tuple[str, ...]:
    """The names that may be chosen: UTC, and those of places. Others (EST, posixrules, localtime)
    are old names, or differ from machine to machine."""
    places = (name for name in available_timezones() if "/" in name)
    return (ALWAYS, *sorted(name for name in places if not name.startswith("Etc/")))


def zone() -> ZoneInfo:
    """The moderator's; UTC for one that this machine does not know (any more), and before the
    log-in."""
    name = g.person.moderator.time_zone if "person" in g else ALWAYS
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(ALWAYS)


def there(moment: datetime) -> datetime:
    """The same moment by the moderator's clock."""
    return moment.astimezone(zone())


def exactly(moment: datetime) -> str:
    """To the second, and which clock says so: `2026-10-25 02:30:00 Europe/Berlin (UTC+01:00)`.

    With the offset, because the hour that is there twice a year has one name for both.
    """
    clock = zone()
    here, name = moment.astimezone(clock), clock.key
    offset = "" if name == ALWAYS else f" (UTC{here.isoformat(timespec='seconds')[19:]})"
    return f"{here:%Y-%m-%d %H:%M:%S} {name}{offset}"


def midnight(day: str) -> datetime | None:
    """The moment (UTC) at which a form's date begins there; None for none, ValueError for no
    date."""
    if not day:
        return None
    return datetime.combine(date.fromisoformat(day), time(), zone()).astimezone(UTC)
