"""Two clocks (decision D10): the real one for machinery, the business one for the law.

Sessions, tokens, outbox, logs and metrics use `now()`. Everything that a rule or a deadline
judges uses `business_now()` and `today()`, which a demonstration may shift by whole days.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_offset = timedelta(0)
_frozen: datetime | None = None


def now() -> datetime:
    """Real time, aware, UTC."""
    return _frozen or datetime.now(UTC)


def business_now() -> datetime:
    """Real time plus the demonstration offset, aware, UTC."""
    return now() + _offset


def today() -> date:
    """The business day in Asia/Shanghai, where the law is applied."""
    return business_now().astimezone(SHANGHAI).date()


def business_day_began() -> datetime:
    """The real moment at which today's business day began, for what is stamped in real time."""
    midnight = datetime.combine(today(), time(), SHANGHAI)
    return midnight.astimezone(UTC) - _offset


def business_day_of(moment: datetime) -> date:
    """The business day on which a real moment was."""
    return (moment + _offset).astimezone(SHANGHAI).date()


def set_offset(days: int) -> None:
    """Called once per process by the settings; refused there when the environment is production."""
    global _offset  # noqa: PLW0603 - one process, one business clock
    _offset = timedelta(days=days)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold both clocks still: tests advance time by freezing a later moment, never by sleeping."""
    global _frozen  # noqa: PLW0603 - see set_offset
    before, _frozen = _frozen, moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before
