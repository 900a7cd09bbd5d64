"""What the statistics are told of people: numbers, when they are other ones, and once a day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest

from otsp_chassis import clock
from otsp_chassis.counters import AT_ONCE, mark
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.republish import By, Wanted, republish
from otsp_contracts.staff import StaffCountersChanged
from otsp_staff.model import Staff

PEOPLE = "/api/staff/v1/institutions/{}/staff"
COUNTED = ("nationality", "staff_type", "employment", "hired_on", "precheck_on", "quals")
CERTIFICATE = {"type": "teacher_cert", "cert_no": "20203319812000001", "stage": "junior"}


@pytest.fixture
def told(kit):
    """What the job tells now: counters by institution; the outbox is read from where it was."""
    seen = set()

    def _told(*, runs=1):
        for _ in range(runs):
            kit.run_job("tell_counters")
        new = [each for each in kit.published(StaffCountersChanged) if each.id not in seen]
        seen.update(each.id for each in new)
        return [each.payload() for each in new]

    return _told


def test_many_writes_are_told_once_as_they_stand_in_the_end(owner, register, told):
    person = register(owner)
    register(owner, id_no="330199199001019921", staff_type="teaching", employment="part_time")
    owner.post(f"{person['url']}/departure", {"departed_on": "2024-01-31", "reason": "resigned"})

    [news] = told(runs=2)

    assert news.institution_id == owner.principal.institution_id
    assert news.version == 1
    assert news.counters.employed == news.counters.teaching == 1
    assert news.counters.full_time == 0


def test_somebody_who_was_removed_counts_no_more(owner, register, told):
    person = register(owner)
    told()

    removed = owner.delete(person["url"], if_match=person["version"])

    assert removed.status == 204, removed.json
    assert [news.counters.employed for news in told()] == [0]


def test_a_write_that_changes_no_counter_is_not_told(owner, register, told):
    person = register(owner)
    told()
    shown = owner.get(person["url"])
    body = {name: shown.json[name] for name in COUNTED} | {"major": "教育"}

    changed = owner.put(person["url"], body, if_match=shown.version)

    assert changed.status == 200, changed.json
    assert told() == []


def test_each_kind_of_person_is_counted_as_what_it_is(owner, register, told):
    foreigner = {"nationality": "US", "id_type": "passport", "id_no": "X0000001"}
    register(owner, staff_type="teaching", quals=[CERTIFICATE])
    register(owner, staff_type="research", **foreigner)
    register(owner, staff_type=None, id_no="330199199001019921", precheck_on=None)

    [news] = told()

    counted = {name: value for name, value in news.counters.model_dump().items() if value}
    assert counted == {
        "employed": 3,
        "teaching": 1,
        "research": 1,
        "untyped": 1,
        "full_time": 3,
        "instructors_full_time": 2,
        "teachers_certified": 1,
        "foreign": 1,
        "checks_overdue": 3,
    }


@pytest.mark.parametrize(
    ("hired_on", "precheck_on", "annual_check_on", "overdue"),
    [
        ("2024-06-01", "2024-05-20", None, 0),
        ("2024-06-01", None, None, 1),
        ("2023-01-01", "2022-12-20", None, 1),
        ("2023-01-01", "2022-12-20", "2024-01-10", 0),
        ("2023-01-01", "2022-12-20", "2023-10-10", 1),
    ],
)
def test_a_check_is_overdue_as_the_rules_say(
    owner, register, told, monkeypatch, hired_on, precheck_on, annual_check_on, overdue
):
    monkeypatch.setattr(clock, "today", lambda: date(2024, 10, 15))
    checks = {"precheck_on": precheck_on, "annual_check_on": annual_check_on}
    register(owner, hired_on=hired_on, **checks)

    [news] = told()

    assert news.counters.checks_overdue == overdue


def test_what_becomes_overdue_by_the_day_is_told_on_that_day(owner, register, told, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: date(2024, 10, 15))
    register(owner, hired_on="2023-10-20", precheck_on="2023-10-01")
    assert told()[0].counters.checks_overdue == 0

    monkeypatch.setattr(clock, "today", lambda: date(2024, 10, 21))

    [news] = told()
    assert (news.version, news.counters.checks_overdue) == (2, 1)
    assert told() == []


def test_the_blacklist_changes_the_counters_of_whoever_employs(kit, owner, register, told):
    authority = kit.as_authority("region_admin", region="330106")
    register(owner)
    told()
    entry = {
        "id_type": "cnid",
        "id_no": "330199198506079917",
        "name": "周甲",
        "reason": "improper_gains",
        "decided_on": "2024-06-30",
        "basis_doc": "示例教监〔2024〕1号",
    }

    listed = authority.post("/api/staff/v1/blacklist-entries", entry)
    hit = told()
    authority.post(
        f"/api/staff/v1/blacklist-entries/{listed.json['entry_id']}/revocation",
        {"revoked_on": "2024-07-01", "reason": "经复核不成立"},
    )

    assert [news.counters.blacklisted for news in hit] == [1]
    assert [news.counters.blacklisted for news in told()] == [0]


def test_a_write_that_commits_while_another_is_counted_is_counted_next(kit, owner, register, told):
    """Its mark is a row of its own, seen with its data: neither can be there without the other."""
    person = register(owner)
    with kit.active(), transaction() as tx, ThreadPoolExecutor() as beside:
        tx.get(Staff, UUID(person["staff_id"])).staff_type = "finance"
        tx.flush()
        [before] = beside.submit(told).result()

    [after] = told()
    assert (before.counters.finance, after.counters.finance) == (0, 1)


def test_a_write_that_is_refused_leaves_no_mark(owner, told):
    answered = owner.post(PEOPLE.format(owner.principal.institution_id), {"id_no": "330"})

    assert answered.status == 422
    assert told() == []


def test_more_institutions_than_a_page_are_all_told(kit, told):
    ids = {new_id() for _ in range(AT_ONCE + 5)}
    with kit.active(), transaction() as tx:
        for institution_id in ids:
            mark(tx, institution_id)

    news = told()

    assert {each.institution_id for each in news} == ids
    assert not any(each.counters.employed for each in news)


def test_what_was_told_last_is_told_again_with_its_version(kit, owner, register, told):
    register(owner)
    [news] = told()
    source = next(each for each in kit.service.republish_sources() if each.name == "counters")

    list(republish(kit.runtime, source, wanted=Wanted(), by=By("somebody")))

    assert told() == [news]
