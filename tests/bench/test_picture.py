"""The growth curves say what the figures say, on any page."""

import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

sys.path.append(str(Path(__file__).parents[2]))
from bench.picture import ROOM, apart, curves_of, drawn

FIGURES = {
    "read among 1,000, ms": 4.0,
    "read among 10,000, ms": 5.0,
    "read among 100,000, ms": 6.0,
    "submit among 1,000, ms": 200.0,
    "submit among 10,000, ms": 200.0,
    "submit among 100,000, ms": 150.0,
    "read_growth": 1.5,
    "read_growth_goal": 1.3,
}


def test_a_curve_is_the_time_over_that_among_the_fewest():
    assert curves_of(FIGURES) == {
        "read": [(1_000, 1.0), (10_000, 1.25), (100_000, 1.5)],
        "submit": [(1_000, 1.0), (10_000, 1.0), (100_000, 0.75)],
    }


def test_picture_names_every_kind_with_its_growth_and_the_goal():
    words = "".join(ET.fromstring(drawn(curves_of(FIGURES), 1.3)).itertext())

    assert all(word in words for word in ("read 1.50", "submit 0.75", "at most 1.3", "100,000"))


def test_longer_times_stand_higher():
    root = ET.fromstring(drawn(curves_of(FIGURES), 1.3))
    read, _ = (line.get("points").split() for line in root.findall("{*}polyline"))
    heights = [float(point.split(",")[1]) for point in read]

    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("page", ["fill: #fff", "prefers-color-scheme: dark"])
def test_picture_is_made_for_light_and_dark_pages(page):
    assert page in drawn(curves_of(FIGURES), 1.3)


def test_words_at_the_edge_have_room_and_stay_above_the_axis():
    at = apart([100.0, 340.0, 342.0, 344.0, 355.0], lowest=356.0)

    assert at[0] == 100.0
    assert at == sorted(at)
    assert at[-1] <= 356.0
    assert min(after - before for before, after in pairwise(at)) >= ROOM
