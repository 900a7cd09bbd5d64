"""What rules ask of a calendar. The table behind it belongs to the service."""

from datetime import date
from typing import Protocol

_SATURDAY = 6


class Calendar(Protocol):
    """Statutory rest days. A make-up working weekend is a school day, hence no rest day."""

    def covers(self, day: date, /) -> bool:
        """Whether that year's holidays have been decreed and entered."""

    def is_rest_day(self, day: date, /) -> bool:
        """Whether the day is a weekend or statutory holiday; asked only for covered days."""


def is_weekend(day: date) -> bool:
    """What remains to be known of a day beyond the calendar."""
    return day.isoweekday() >= _SATURDAY
