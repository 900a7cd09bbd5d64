"""The rule by which a soak is judged, on series that were made up: what leaks, what does not."""

import random

import pytest
from drill.surge import leaks
from drill.surge.leaks import Tolerance, blind_seconds, find, judge, slope_of

RATE = 2.5
MINUTES = 30
EVERY = 5.0
NAME = "worker-staff"


def series(value, *, minutes=MINUTES, every=EVERY):
    """`value` of the second."""
    return [(n * every, value(n * every)) for n in range(int(minutes * 60 / every))]


@pytest.fixture
def noise():
    chance = random.Random(7)
    return lambda width: chance.uniform(-width, width)


@pytest.fixture
def sample():
    """One sample in which everything is as it was before, but for what is told."""

    def make(t, *, connections=None, broker=None, **held):
        figures = {"own_kb": 100_000.0, "threads": 9.0, "handles": 20.0} | held
        told = {"t": t, "processes": {NAME: figures}, "pools": {NAME: 0}}
        told |= {"connections": connections or {"staff": 8}}
        return told if broker is None else told | {"broker": broker}

    return make


def test_theil_and_sen_give_the_slope_of_a_line():
    slope = slope_of(series(lambda t: 3 * t + 7))

    assert (slope.middle, slope.lower) == (3, 3)


def test_slope_is_not_moved_by_outliers():
    slope = slope_of([(t, 10_000.0 if t % 50 == 0 else 2 * t) for t, _ in series(lambda _: 0)])

    assert slope.middle == pytest.approx(2, rel=0.2)


def test_a_jump_at_the_end_is_not_told_as_growth_all_along():
    """The mean of the slopes would be moved by it."""
    grown = series(lambda t: 100_000 + 10 * RATE * t + (60_000 if t > 1_750 else 0))

    leak = judge("memory", NAME, grown, rate=RATE)

    assert leak is not None
    assert leak.a_submission == pytest.approx(10, rel=0.05)


@pytest.mark.parametrize("width", [0, 500, 5_000])
def test_memory_that_only_wavers_is_no_leak(noise, width):
    assert judge("memory", NAME, series(lambda _: 100_000 + noise(width)), rate=RATE) is None


@pytest.mark.parametrize("kb", [10, 20, 100])
@pytest.mark.parametrize("width", [0, 500, 5_000])
def test_memory_that_is_kept_at_each_submission_is_found_in_noise(noise, kb, width):
    leak = judge(
        "memory", NAME, series(lambda t: 100_000 + kb * RATE * t + noise(width)), rate=RATE
    )

    assert leak is not None
    assert leak.a_submission == pytest.approx(kb, rel=0.2)


def test_what_grows_by_less_than_is_tolerated_is_no_leak(noise):
    grows = RATE * leaks.RULES["memory"].of(NAME).a_thousand / 1000 * 0.8

    assert (
        judge("memory", NAME, series(lambda t: 100_000 + grows * t + noise(500)), rate=RATE) is None
    )


def test_what_fills_up_before_the_warm_up_is_over_is_no_leak():
    assert judge("memory", NAME, series(lambda t: 100_000 + 800 * min(t, 590)), rate=RATE) is None


def test_a_single_step_is_no_leak_and_a_step_a_minute_is():
    def stepped(t):
        return 9 + (t > 1_200)

    assert judge("threads", NAME, series(stepped), rate=RATE) is None
    assert judge("threads", NAME, series(lambda t: 9 + t // 60), rate=RATE) is not None


@pytest.mark.parametrize("measure", ["threads", "handles", "connections", "pool", "broker"])
@pytest.mark.parametrize("every", [5.0, 60.0])
def test_one_in_two_hundred_submissions_is_found(measure, every):
    held = series(lambda t: 9 + t * RATE // 200, every=every)

    assert judge(measure, NAME, held, rate=RATE) is not None


@pytest.mark.parametrize("measure", ["threads", "handles", "connections", "pool", "broker"])
def test_counts_that_go_up_and_down_are_no_leak(noise, measure):
    assert judge(measure, NAME, series(lambda _: round(12 + noise(6))), rate=RATE) is None


@pytest.mark.parametrize("seed", range(20))
def test_a_count_that_wanders_is_no_leak_and_one_that_grows_as_it_wanders_is(seed):
    """As the connections of a gateway: those of a moment ago are mostly there still."""
    chance, held, wandered = random.Random(seed), 0.0, []
    for _ in series(lambda _: 0):
        held = 0.9 * held + chance.gauss(0, 3)
        wandered.append(held)

    def wandering(kept):
        return series(lambda t: round(180 + wandered[int(t / EVERY)] + kept * t * RATE))

    assert judge("handles", "gateway", wandering(0), rate=RATE) is None
    assert judge("handles", "gateway", wandering(1 / 50), rate=RATE) is not None


def test_points_of_the_warm_up_do_not_count_as_points():
    grown = [(t, 100_000 + 1_000 * t) for t in (0, 10, 20, 30, 40, 1_000, 1_500, 1_800)]

    assert judge("memory", NAME, grown, rate=RATE) is None
    assert judge("memory", NAME, [*grown, (1_900, 2_000_000)], rate=RATE) is not None


def test_too_few_points_tell_nothing():
    assert judge("memory", NAME, [(0, 0), (60, 10_000), (120, 90_000)], rate=RATE) is None


def test_exceptions_are_of_the_process_that_they_name(monkeypatch):
    generous = Tolerance(10**9, 10**9)
    rule = leaks.Rule("kB", leaks.RULES["memory"].tolerance, {"postgres": generous})
    monkeypatch.setitem(leaks.RULES, "memory", rule)
    grown = series(lambda t: 100 * t)

    assert judge("memory", "postgres", grown, rate=RATE) is None
    assert judge("memory", NAME, grown, rate=RATE) is not None


@pytest.mark.parametrize(
    ("measure", "name", "grown"),
    [
        ("memory", NAME, lambda t: {"own_kb": 100_000 + 50 * t}),
        ("threads", NAME, lambda t: {"threads": 9 + t // 20}),
        ("handles", NAME, lambda t: {"handles": 20 + t // 20}),
        ("connections", "staff", lambda t: {"connections": {"staff": 8 + t // 20}}),
        ("broker", "channels", lambda t: {"broker": {"connections": 12, "channels": 9 + t // 20}}),
    ],
)
def test_each_measure_is_read_from_the_samples_and_names_the_one_that_grows(
    sample, measure, name, grown
):
    samples = [sample(t, **grown(t)) for t, _ in series(lambda _: 0)]

    found = find(samples, rate=RATE, until=MINUTES * 60)

    assert [(each.measure, each.name) for each in found] == [(measure, name)]


def test_what_happens_after_the_load_does_not_count(sample):
    samples = [sample(t, own_kb=100_000.0 + max(t - 600, 0) * 500) for t, _ in series(lambda _: 0)]

    assert find(samples, rate=RATE, until=600) == []


@pytest.mark.parametrize(
    ("moments", "longest"),
    [([0, 5, 10], 5), ([0, 5, 65], 60), ([0, 5], 70), ([0, 5, 80], 70), ([], 75), ([90], 75)],
)
def test_how_long_nobody_looked_is_told_whoever_stopped_early(sample, moments, longest):
    until = 15 if longest == 5 else 75

    assert blind_seconds([sample(t) for t in moments], until=until) == longest
