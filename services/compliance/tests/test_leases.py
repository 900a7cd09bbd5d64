"""Leases: whoever acts holds the case; it comes free by itself, and is taken over with a reason."""

from datetime import UTC, datetime, timedelta

import pytest

from otsp_chassis import clock
from otsp_contracts.compliance.casework import CaseTakenOver

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


@pytest.fixture
def head(world, bureau, desk):
    """The bureau's region administrator, whose people auth has told."""
    head = world.reviewer(bureau, "region_admin")
    world.people(bureau, desk.mine, desk.colleague, head)
    return head


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

    def assign(self, client, to, **body):
        return client.post(f"{self.path}/assignment", {"account_id": account(to)} | body)

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


def test_the_region_administrator_assigns_a_case_to_a_colleague(desk, head):
    told = desk.assign(head, desk.colleague)

    assert told.json["assignee_id"] == account(desk.colleague)
    assert desk.decide(desk.mine).problem == "case-held-by-another"
    assert desk.history() == [("assigned", account(desk.colleague), None)]


def test_assigning_away_what_somebody_holds_needs_a_reason(desk, head):
    desk.claim(desk.mine)

    assert desk.assign(head, desk.colleague).pointers == {"/reason"}
    assert desk.assign(head, desk.mine).status == 200
    assert desk.assign(head, desk.colleague, reason="原办理人休假").status == 200
    assert desk.history()[-1] == ("assigned", account(desk.colleague), account(desk.mine))


def test_a_case_is_assigned_to_nobody_of_another_authority(desk, head, kit, world):
    stranger = kit.as_authority()

    refused = desk.assign(head, stranger)

    assert (refused.status, refused.pointers) == (422, {"/account_id"})
    assert desk.history() == []


def test_only_the_region_administrator_of_the_authority_assigns(desk, head, kit):
    assert desk.assign(desk.mine, desk.colleague).problem == "forbidden"
    elsewhere = kit.as_authority("region_admin", region="330105")
    assert desk.assign(elsewhere, desk.colleague).problem == "case-not-routed-here"


def test_what_a_leaver_held_is_free_as_soon_as_auth_tells_of_it(desk, head, world, bureau):
    desk.claim(desk.mine)

    world.people(bureau, desk.colleague, head)

    assert desk.claim(desk.colleague).status == 200
    (_, freed, _) = desk.history()
    assert freed == ("released", None, account(desk.mine))


def test_who_stays_keeps_the_case_when_somebody_else_leaves(desk, head, world, bureau):
    desk.claim(desk.mine)

    world.people(bureau, desk.mine)
    world.authority("杭州市西湖区教育局", authority_id=bureau.authority_id, version=9)

    assert desk.claim(desk.colleague).problem == "case-held-by-another"


def test_the_cover_acts_on_the_case_of_who_is_on_leave_and_it_is_kept(desk, world, now):
    desk.claim(desk.mine)
    world.leave(desk.mine, desk.colleague, until=now + timedelta(days=14))

    claimed = [desk.claim(desk.colleague) for _ in range(2)]

    assert claimed[1].json["assignee_id"] == account(desk.mine)
    (_, cover) = desk.mine.get(f"{desk.path}/assignments").json["items"]
    assert (cover["how"], cover["assigned_by"]) == ("covered", account(desk.colleague))
    assert desk.decide(desk.colleague).status == 200


def test_the_cover_takes_over_without_a_reason(desk, world, now):
    desk.claim(desk.mine)
    world.leave(desk.mine, desk.colleague, until=now + timedelta(days=14))

    assert desk.take_over(desk.colleague).json["assignee_id"] == account(desk.colleague)
    assert desk.history()[-1] == ("covered", account(desk.colleague), account(desk.mine))


def test_the_cover_may_release(desk, world, now):
    desk.claim(desk.mine)
    world.leave(desk.mine, desk.colleague, until=now + timedelta(days=14))

    assert desk.release(desk.colleague).json["assignee_id"] is None


def test_cover_counts_for_one_person_from_its_begin_to_its_end(desk, world, now, bureau):
    third = world.reviewer(bureau)
    desk.claim(desk.mine)
    begins, until = now + timedelta(hours=1), now + timedelta(hours=2)
    told = world.leave(desk.mine, desk.colleague, begins=begins, until=until)

    for moment, who, problem in (
        (begins - timedelta(seconds=1), desk.colleague, "case-held-by-another"),
        (begins, third, "case-held-by-another"),
        (until, desk.colleague, "case-held-by-another"),
    ):
        with clock.frozen(moment):
            assert desk.decide(who).problem == problem
    with clock.frozen(until - timedelta(seconds=1)):
        assert desk.claim(desk.colleague).status == 200
    ended = {"delegation_id": told.delegation_id, "version": 2}
    world.leave(desk.mine, desk.colleague, begins=begins, until=begins, **ended)
    with clock.frozen(begins):
        assert desk.decide(desk.colleague).problem == "case-held-by-another"


def test_lent_rights_are_no_cover(desk, world, now):
    desk.claim(desk.mine)
    world.leave(desk.mine, desk.colleague, until=now + timedelta(days=14), kind="administration")

    assert desk.decide(desk.colleague).problem == "case-held-by-another"


def told_of_losing(kit):
    told = [each.payload() for each in kit.published(CaseTakenOver)]
    return [
        (each.how, str(each.former_account_id), str(each.account_id), str(each.actor), each.reason)
        for each in told
    ]


def test_who_held_a_case_is_told_that_it_was_taken_by_whom_and_why(kit, desk, head, world, now):
    mine, colleague, admin = account(desk.mine), account(desk.colleague), account(head)
    desk.claim(desk.mine)

    desk.take_over(desk.colleague, reason="办理人外出培训")
    desk.assign(head, desk.mine, reason="工作调整")
    world.leave(desk.mine, desk.colleague, until=now + timedelta(days=14))
    desk.take_over(desk.colleague)

    assert told_of_losing(kit) == [
        ("taken_over", mine, colleague, colleague, "办理人外出培训"),
        ("assigned", colleague, mine, admin, "工作调整"),
        ("covered", mine, colleague, colleague, None),
    ]


def test_nobody_is_told_of_what_nobody_else_took(kit, desk, head, world, now):
    desk.claim(desk.mine)
    desk.assign(head, desk.mine)
    desk.release(desk.mine)
    desk.claim(head)
    desk.assign(head, desk.mine, reason="转由其办理")
    world.leave(desk.mine, desk.colleague, until=now + timedelta(days=14))
    desk.claim(desk.colleague)
    with clock.frozen(FRIDAY + timedelta(days=30)):
        desk.take_over(desk.colleague)

    assert told_of_losing(kit) == []
