"""How many work and learn at an institution is counted by others and typed by nobody."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.counters import CoursesCounters, StaffCounters
from otsp_contracts.courses import CoursesCountersChanged
from otsp_contracts.staff import StaffCountersChanged


@pytest.fixture
def count(kit, institution_id):
    def _count(version, *, of=institution_id, **counters):
        told = {"institution_id": of, "version": version}
        if "employed" in counters:
            kit.deliver(StaffCountersChanged(**told, counters=StaffCounters(**counters)))
        else:
            kit.deliver(CoursesCountersChanged(**told, counters=CoursesCounters(**counters)))

    return _count


@pytest.fixture
def totals(own, place, facts):
    own.put(f"{place}/registration", facts)

    def _totals(client=own):
        told = client.get(place).json
        return told["staff_total"], told["student_total"]

    return _totals


def test_institution_of_which_nothing_was_counted_has_nobody(totals):
    assert totals() == (0, 0)


def test_totals_are_what_staff_and_courses_counted_last(totals, count):
    count(1, employed=8, full_time=3)
    count(1, enrolled=45, capacity=60)
    assert totals() == (8, 45)

    count(2, employed=0)
    assert totals() == (0, 45)


def test_count_that_is_told_twice_or_late_changes_nothing(totals, count):
    count(5, employed=8)
    count(3, enrolled=45)

    count(5, employed=8)
    count(4, employed=99)
    count(2, enrolled=99)

    assert totals() == (8, 45)


def test_count_of_another_institution_is_its_own(totals, count):
    count(1, employed=8, of=new_id())
    count(1, enrolled=45, of=new_id())

    assert totals() == (0, 0)


def test_count_may_come_before_the_institution_is_heard_of(own, place, facts, count):
    count(1, employed=8)
    own.put(f"{place}/registration", facts)

    assert own.get(place).json["staff_total"] == 8


def test_authority_of_the_region_reads_the_totals(kit, own, place, totals, count):
    own.post(f"{place}/registration/submission")
    count(1, employed=8)

    assert totals(kit.as_authority("reviewer")) == (8, 0)


@pytest.mark.parametrize("name", ["staff_total", "student_total"])
@pytest.mark.parametrize("form", ["", "/registration"])
def test_nobody_types_a_total(own, place, facts, name, form):
    own.put(f"{place}/registration", facts)
    version = own.get(place).version

    answer = own.put(f"{place}{form}", facts | {name: 500}, if_match=version)

    assert (answer.status, answer.pointers) == (422, {f"/{name}"})


def test_totals_are_no_change_of_the_record(own, place, totals, count):
    version = own.get(place).version
    changes = own.get(f"{place}/history").json["items"]

    count(1, employed=8)

    assert own.get(place).version == version
    assert own.get(f"{place}/history").json["items"] == changes
