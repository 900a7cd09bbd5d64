"""The working calendar that compliance owns."""

from datetime import date

from otsp_chassis.db import Tx
from otsp_chassis.workcalendar import WorkCalendar, load_calendar, seed_calendar


def ensure_calendar(tx: Tx) -> WorkCalendar:
    """The calendar, filled from what the package knows when the table is empty."""
    calendar = load_calendar(tx)
    if calendar.covers_until > date.min:
        return calendar
    seed_calendar(tx)
    return load_calendar(tx)


def extend_calendar(tx: Tx) -> WorkCalendar:
    """Takes in the years that a newer package knows; days already entered stay as they are."""
    seed_calendar(tx)
    return load_calendar(tx)
