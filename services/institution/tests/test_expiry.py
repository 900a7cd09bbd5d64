"""An approval ends with the licence that it rests on; a month before, its end is told."""

from datetime import UTC, date, datetime, timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import ApplicationSubmitted, ApplicationWithdrawn
from otsp_contracts.institution import LicenceExpired, LicenceExpiring, ProfileChanged

LAST_DAY = date(2024, 11, 30)
LICENCE = {
    "licence_no": "教民133010670009901号",
    "valid_from": "2021-12-01",
    "valid_to": LAST_DAY.isoformat(),
    "status": "valid",
}


@pytest.fixture
def approved(own, place, facts, decide):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")
    own.put(f"{place}/licence", LICENCE)
    decide("approved", kind="compliance", subject_id=new_id())


@pytest.fixture
def on(kit):
    """Lets the night of a day come."""

    def night(day):
        with clock.frozen(datetime(day.year, day.month, day.day, 1, tzinfo=UTC)):
            for job in ("announce_expiring_licences", "end_expired_approvals"):
                kit.run_job(job)

    night(LAST_DAY - timedelta(days=40))
    return night


def status(own, place):
    return own.get(place).json["compliance_status"]


def told(kit, kind):
    return [each.payload() for each in kit.published(kind)]


def test_the_end_is_told_a_month_before_and_once(kit, approved, on):
    for days in (31, 30, 29):
        on(LAST_DAY - timedelta(days=days))

    (expiring,) = told(kit, LicenceExpiring)
    assert (expiring.valid_to, expiring.days_left) == (LAST_DAY, 30)


def test_nights_that_were_missed_are_caught_up(kit, own, place, approved, on):
    on(LAST_DAY + timedelta(days=3))

    assert len(told(kit, LicenceExpiring)) == 1
    assert status(own, place) == "expired"
    assert len(told(kit, LicenceExpired)) == 1


def test_a_licence_holds_on_its_last_day(kit, own, place, approved, on):
    on(LAST_DAY)
    assert status(own, place) == "compliant"

    on(LAST_DAY + timedelta(days=1))

    assert status(own, place) == "expired"
    (ended,) = told(kit, LicenceExpired)
    assert (ended.from_state, ended.to_state) == ("compliant", "expired")
    assert told(kit, ProfileChanged)[-1].compliance_status == "expired"


def test_an_open_application_goes_on_and_no_longer_falls_back_to_an_approval(
    kit, own, place, institution_id, approved, on
):
    application_id = new_id()
    known = {"application_id": application_id, "institution_id": institution_id, "kind": "renewal"}
    kit.deliver(
        ApplicationSubmitted(
            **known,
            version=1,
            to_state="submitted",
            seq_no="330106202411010000001",
            as_of=LAST_DAY,
            snapshot_sha256="0" * 64,
        )
    )
    assert status(own, place) == "change_pending"

    on(LAST_DAY + timedelta(days=1))
    during = status(own, place)
    kit.deliver(
        ApplicationWithdrawn(**known, version=2, to_state="withdrawn", withdrawn_on=LAST_DAY)
    )

    assert during == "under_review"
    assert status(own, place) == "expired"


def test_who_was_never_approved_has_nothing_to_lose(kit, own, place, facts, on):
    own.put(f"{place}/registration", facts)
    own.put(f"{place}/licence", LICENCE)

    on(LAST_DAY + timedelta(days=1))

    assert status(own, place) == "not_applied"
    assert told(kit, LicenceExpiring) == told(kit, LicenceExpired) == []


def test_who_is_suspended_when_the_licence_ends_does_not_go_on(kit, own, place, approved, on):
    admin = kit.as_authority("region_admin", region="330106")
    admin.post(f"{place}/suspension", {"reason": "消防检查不合格，责令停止培训"})

    on(LAST_DAY + timedelta(days=1))

    assert status(own, place) == "expired"
    resumed = admin.post(f"{place}/resumption", {"reason": "隐患已整改并复查合格"})
    assert resumed.problem == "institution-not-suspended"
