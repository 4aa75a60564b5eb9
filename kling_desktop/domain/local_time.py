"""The user's time zone with its rules, so that a date in the past has the offset of its own day."""

from datetime import UTC, datetime, timedelta, tzinfo

_OUT_OF_REACH = (OSError, OverflowError, ValueError)
"""What the system's clock functions raise for moments that they cannot place."""


class LocalZone(tzinfo):
    """The system's time zone, asked anew for each moment.

    `datetime.astimezone()` gives a zone with the one offset that holds at that moment.  Applied to
    another moment it is wrong by the summer time in between: in November, a clip made on a July
    night would be dated a day early.
    """

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else _in_system_zone(moment).utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return None if moment is None else _in_system_zone(moment).tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """Turn a moment in UTC into local time; called by `datetime.astimezone`."""
        try:
            local = moment.replace(tzinfo=UTC).astimezone()
        except _OUT_OF_REACH:
            return moment.replace(tzinfo=self)
        here = local.replace(tzinfo=self)
        # The hour that the clock shows twice: `fold` says that this is the second time.
        return here if here.utcoffset() == local.utcoffset() else here.replace(fold=1)

    def __repr__(self) -> str:
        return "LocalZone()"


LOCAL_ZONE = LocalZone()


def local_now() -> datetime:
    """This moment in the user's time zone; use it wherever a time is shown or a day begins."""
    return datetime.now(LOCAL_ZONE)


def _in_system_zone(moment: datetime) -> datetime:
    """Give a wall-clock time the offset that holds in the system's zone on that day."""
    try:
        return moment.replace(tzinfo=None).astimezone()
    except _OUT_OF_REACH:
        return moment.replace(tzinfo=UTC)
