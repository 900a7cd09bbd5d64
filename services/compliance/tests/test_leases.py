"""Leases: whoever acts holds the case; it comes free by itself, and is taken over with a reason."""

from datetime import UTC, datetime

import pytest

from otsp_chassis import clock

FRIDAY = datetime(2024, 10, 18, 3, tzinfo=UTC)
MONDAY = datetime(2024, 10, 21, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def desk(world, bureau):
    """A registration that lies with the bureau, and two colleagues there."""
    world.registration()
    return Desk(world, world.reviewer(bureau), world.reviewer(bureau))


class Desk:
    def __init__(self, world, mine, colleague):
        self.mine, self.colleague = mine, colleague
        (case,) = mine.get(f"{world.api}/cases").json["items"]
        self.case_id = case["case_id"]
        self.path = f"{world.api}/cases/{self.case_id}"

    def claim(self, client):
        return client.post(f"{self.path}/lease")

    def release(self, client):
        return client.post(f"{self.path}/lease/release")

    def take_over(self, client, **body):
        return client.post(f"{self.path}/lease/takeover", body)

    def decide(self, client):
        return client.post(f"{self.path}/decisions", {"decision": "approve"})

    def history(self, client=None):
        items = (client or self.mine).get(f"{self.path}/assignments").json["items"]
        return [(each["how"], each["account_id"], each["former_account_id"]) for each in items]


def account(client):
    return str(client.principal.account_id)


def test_a_claimed_case_is_held_for_three_working_days(desk):
    told = desk.claim(desk.mine).json

    assert (told["assignee_id"], told["leased_until"]) == (account(desk.mine), "2024-10-18")
    assert desk.history() == [("claimed", account(desk.mine), None)]


def test_a_colleague_is_told_by_whom_a_case_is_held_until_when(desk):
    desk.claim(desk.mine)

    for refused in (desk.claim(desk.colleague), desk.decide(desk.colleague)):
        assert (refused.status, refused.problem) == (409, "case-held-by-another")
        assert refused.json["assignee_id"] == account(desk.mine)
        assert "至2024年10月18日止" in refused.json["detail"]


def test_whoever_decides_holds_the_case_first(desk):
    assert desk.decide(desk.mine).json["assignee_id"] is None
    assert desk.history() == [("claimed", account(desk.mine), None)]


def test_a_second_claim_holds_it_for_longer_and_is_no_change_of_hands(desk):
    desk.claim(desk.mine)

    with clock.frozen(FRIDAY):
        assert desk.claim(desk.mine).json["leased_until"] == "2024-10-23"
    assert len(desk.history()) == 1


def test_a_lease_lasts_through_its_last_day_and_is_over_on_the_next(desk):
    desk.claim(desk.mine)

    with clock.frozen(FRIDAY):
        assert desk.claim(desk.colleague).problem == "case-held-by-another"
    with clock.frozen(MONDAY):
        assert desk.mine.get(desk.path).json["assignee_id"] is None
        assert desk.decide(desk.colleague).status == 200
    assert desk.history() == [
        ("claimed", account(desk.mine), None),
        ("expired", None, account(desk.mine)),
        ("claimed", account(desk.colleague), None),
    ]


def test_an_expired_lease_is_noted_on_its_last_day(desk):
    desk.claim(desk.mine)

    with clock.frozen(MONDAY):
        desk.claim(desk.colleague)
        days = [
            each["assigned_on"] for each in desk.mine.get(f"{desk.path}/assignments").json["items"]
        ]

    assert days == ["2024-10-15", "2024-10-18", "2024-10-21"]


def test_a_released_case_is_everybodys_again(desk):
    desk.claim(desk.mine)

    assert desk.release(desk.mine).json["assignee_id"] is None
    assert desk.claim(desk.colleague).status == 200
    assert [how for how, *_ in desk.history()] == ["claimed", "released", "claimed"]


def test_only_who_holds_a_case_releases_it(desk):
    assert desk.release(desk.mine).problem == "case-not-held"
    desk.claim(desk.mine)
    assert desk.release(desk.colleague).problem == "case-held-by-another"
    with clock.frozen(MONDAY):
        assert desk.release(desk.mine).problem == "case-not-held"


def test_taking_over_needs_a_reason_that_the_former_holder_sees(desk):
    desk.claim(desk.mine)

    bare = desk.take_over(desk.colleague)
    taken = desk.take_over(desk.colleague, reason="办理人外出培训")

    assert (bare.status, bare.pointers) == (422, {"/reason"})
    assert taken.json["assignee_id"] == account(desk.colleague)
    (_, seen) = desk.mine.get(f"{desk.path}/assignments").json["items"]
    assert (seen["how"], seen["reason"]) == ("taken_over", "办理人外出培训")
    assert (seen["former_account_id"], seen["assigned_by"]) == (
        account(desk.mine),
        account(desk.colleague),
    )
    assert desk.decide(desk.mine).problem == "case-held-by-another"


def test_what_nobody_holds_any_more_is_taken_over_without_a_reason(desk):
    desk.claim(desk.mine)

    with clock.frozen(MONDAY):
        assert desk.take_over(desk.colleague).json["assignee_id"] == account(desk.colleague)
    assert [how for how, *_ in desk.history()] == ["claimed", "expired", "claimed"]


def test_a_decided_case_is_held_by_nobody_any_more(desk):
    desk.decide(desk.mine)

    for refused in (
        desk.claim(desk.mine),
        desk.release(desk.mine),
        desk.take_over(desk.mine, reason="改主意"),
    ):
        assert refused.problem == "case-already-decided"


def test_a_case_of_another_authority_is_not_held(desk, kit):
    for stranger in (kit.as_authority(department="sports"), kit.as_authority(region="330105")):
        for refused in (
            desk.claim(stranger),
            desk.release(stranger),
            desk.take_over(stranger, reason="代办"),
        ):
            assert (refused.status, refused.problem) == (403, "case-not-routed-here")
    assert desk.history() == []


def test_a_case_handed_to_another_authority_is_free_there(desk, world, bureau):
    neighbour = world.authority("杭州市上城区教育局", region_code="330102")
    desk.claim(desk.mine)
    body = {"authority_id": str(neighbour.authority_id), "reason": "住所已迁至该区"}

    world.reviewer(bureau, "region_admin").post(f"{desk.path}/transfers", body)

    assert desk.claim(world.reviewer(neighbour)).status == 200


def test_history_is_read_in_pages(desk):
    desk.claim(desk.mine)
    desk.release(desk.mine)
    path = f"{desk.path}/assignments"

    first = desk.mine.get(path, query={"limit": 1}).json
    second = desk.mine.get(path, query={"limit": 1, "cursor": first["next"]}).json

    assert [each["how"] for each in first["items"] + second["items"]] == ["claimed", "released"]
    assert second["next"] is None
