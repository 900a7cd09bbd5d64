"""Scenarios that are run twice: by themselves, and with a planted bug."""

from ledger.faults import Tap
from ledger.stand import Stand


def relay_is_killed_before_it_publishes(stand: Stand) -> None:
    stand.writer.deaths = stand.deaths("before_publish", lives=2, within=5)
    with stand.under_load():
        stand.until(lambda: stand.writer.has_died_as_told)


def consumer_is_killed_before_its_commit(stand: Stand) -> None:
    stand.reader.deaths = stand.deaths("before_commit", lives=2, within=10)
    with stand.under_load():
        stand.until(lambda: stand.reader.has_died_as_told)


def everything_comes_twice_more_late_and_shuffled(stand: Stand) -> None:
    tap = Tap(stand)
    with stand.under_load():
        stand.until_posted(30)
        assert tap.repeat_all(times=2, chance=stand.chance) > 60
        stand.until_posted(10)
