"""Sites of an approved institution: they move by a change application only."""

import pytest
from sqlalchemy import text

from otsp_chassis import canonical, clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided, ReviewUnlocked
from otsp_contracts.courses import CoursesSnapshotProvided, RelocationProposed
from otsp_contracts.snapshots import CoursesSection

HERE = {"region_code": "330106", "address": "示例路1号", "lat_e6": 30259244, "lng_e6": 120130203}
THERE = {"region_code": "330105", "address": "示例路9号", "lat_e6": 30310000, "lng_e6": 120140000}


@pytest.fixture
def site(desk):
    """The address of one in operation, of an approved institution."""
    desk.profile()
    return desk.added("sites", **HERE)


@pytest.fixture
def moving(desk, site):
    assert desk.client.put(f"{site}/relocation", THERE).status == 200
    return site


@pytest.fixture
def decide(kit, desk):
    def tell(application_id, decision, kind="compliance"):
        kit.deliver(
            CaseDecided(
                case_id=new_id(),
                version=2,
                institution_id=desk.institution_id,
                kind=kind,
                subject_id=application_id,
                decision=decision,
                decided_on=clock.today(),
            )
        )

    return tell


def gather(desk, kind="change", **changes):
    """An application is gathered: its id, and the section that was sent."""
    asked = desk.request(application_kind=kind, **changes)
    told = desk.kit.published(CoursesSnapshotProvided)[-1].payload()
    packed = canonical.Packed(told.sha256, told.encoding, told.data)
    return asked.application_id, CoursesSection.model_validate(canonical.unpack(packed))


def place(desk, site):
    shown = desk.client.get(site).json
    return {name: shown[name] for name in HERE}


def news(kit):
    return [len(each.data["site_ids"]) for each in kit.published(RelocationProposed)]


@pytest.mark.parametrize("name", ["region_code", "address"])
def test_an_approved_institutions_site_is_not_moved_by_an_edit(desk, site, name):
    refused = desk.client.put(site, {"name": "示例"} | HERE | {name: THERE[name]}, if_match=1)

    assert (refused.status, refused.problem) == (409, "courses-change-application-needed")
    assert refused.pointers == {f"/{name}"}
    assert "迁址" in refused.json["detail"]
    assert place(desk, site) == HERE


def test_a_suspended_institutions_site_stays_where_it_was_approved(desk, site):
    desk.profile("suspended")

    refused = desk.client.put(site, {"name": "示例"} | THERE, if_match=1)

    assert refused.problem == "courses-change-application-needed"


def test_everything_else_of_it_is_edited_as_before(desk, site):
    edited = desk.client.put(
        site, {"name": "新名", "floor": 3} | HERE | {"lat_e6": 30259300}, if_match=1
    )

    assert (edited.status, edited.json["name"], edited.json["floor"]) == (200, "新名", 3)


@pytest.mark.parametrize("status", ["not_applied", "returned", "expired"])
def test_without_an_approval_a_site_is_moved_by_an_edit(desk, status):
    desk.profile(status)
    site = desk.added("sites", **HERE)

    proposed = desk.client.put(f"{site}/relocation", THERE)
    edited = desk.client.put(site, {"name": "示例"} | THERE, if_match=1)

    assert (proposed.status, proposed.problem) == (409, "courses-no-approval-to-change")
    assert edited.status == 200


def test_a_site_without_an_address_is_no_site_that_moves(desk):
    desk.profile()
    site = desk.added("sites")

    assert desk.client.put(site, {"name": "示例"} | HERE, if_match=1).status == 200


def test_a_relocation_stands_beside_the_site(desk, kit, site):
    answer = desk.client.put(f"{site}/relocation", THERE)

    assert (answer.status, answer.version) == (200, 1)
    assert (answer.json["before"], answer.json["after"]) == (HERE, THERE)
    assert desk.client.get(f"{site}/relocation").json == answer.json
    assert place(desk, site) == HERE
    assert news(kit) == [1]


def test_a_proposal_is_replaced_on_its_version(desk, kit, moving):
    other = THERE | {"address": "示例路99号"}

    unversioned = desk.client.put(f"{moving}/relocation", other)
    stale = desk.client.put(f"{moving}/relocation", other, if_match=7)
    replaced = desk.client.put(f"{moving}/relocation", other, if_match=1)

    assert (unversioned.status, stale.status) == (428, 412)
    assert (replaced.status, replaced.version) == (200, 2)
    assert replaced.json["after"]["address"] == "示例路99号"
    assert news(kit) == [1]


def test_a_site_does_not_move_to_where_it_is(desk, site):
    assert desk.client.put(f"{site}/relocation", HERE).problem == "courses-site-stays"


def test_what_is_no_place_is_refused_at_the_field(desk, site):
    refused = desk.client.put(f"{site}/relocation", {"region_code": "33", "address": ""})

    assert (refused.status, refused.pointers) == (422, {"/region_code", "/address"})


def test_several_sites_may_move_and_one_may_stay_after_all(desk, kit, moving):
    second = desk.added("sites", **HERE)
    assert desk.client.put(f"{second}/relocation", THERE).version == 2

    unversioned = desk.client.delete(f"{moving}/relocation")
    stays = desk.client.delete(f"{moving}/relocation", if_match=2)

    assert (unversioned.status, stays.status) == (428, 204)
    assert desk.client.get(f"{moving}/relocation").status == 404
    assert desk.client.delete(f"{moving}/relocation", if_match=3).status == 404
    assert desk.client.get(f"{second}/relocation").status == 200
    assert news(kit) == [1, 2, 1]


def test_a_relocation_is_its_institutions_own(kit, desk, moving):
    other = kit.as_institution(theirs := new_id())
    under_theirs = moving.replace(str(desk.institution_id), str(theirs))

    assert other.get(f"{moving}/relocation").problem == "other-institution"
    assert other.get(f"{under_theirs}/relocation").problem == "not-found"
    assert other.put(f"{under_theirs}/relocation", THERE).problem == "not-found"
    assert other.delete(f"{under_theirs}/relocation", if_match=1).problem == "not-found"
    assert kit.as_authority("reviewer").get(f"{moving}/relocation").problem == "other-institution"


def test_a_change_is_judged_where_the_site_is_to_be(desk, moving):
    _, section = gather(desk)

    [judged] = section.sites
    [left] = section.relocated_from
    assert (judged.region_code, judged.address) == ("330105", "示例路9号")
    assert (left.site_id, left.address) == (judged.site_id, "示例路1号")


@pytest.mark.parametrize("kind", ["renewal", None])
def test_any_other_snapshot_has_it_where_it_is(desk, moving, kind):
    _, section = gather(desk, kind=kind)

    assert (section.sites[0].address, section.relocated_from) == ("示例路1号", ())


def test_while_it_is_judged_nothing_moves(desk, moving):
    gather(desk)

    refused = desk.client.put(f"{moving}/relocation", THERE, if_match=1)

    assert (refused.status, refused.problem) == (423, "locked")
    assert desk.client.delete(f"{moving}/relocation", if_match=1).status == 423
    assert place(desk, moving) == HERE


def test_approved_the_site_has_moved(desk, kit, moving, decide):
    application_id, _ = gather(desk)

    decide(application_id, "approved")

    assert place(desk, moving) == THERE
    assert desk.client.get(f"{moving}/relocation").status == 404
    assert news(kit) == [1, 0]
    [newest, *_] = desk.client.get(f"{desk.base}/history").json["items"]
    assert {each["pointer"] for each in newest["fields"]} == {f"/{name}" for name in HERE}


@pytest.mark.parametrize("decision", ["returned", "rejected", "withdrawn", "lapsed"])
def test_else_it_stays_and_so_does_the_proposal(desk, kit, moving, decide, decision):
    application_id, _ = gather(desk)

    decide(application_id, decision)
    decide(application_id, "approved")

    assert place(desk, moving) == HERE
    assert desk.client.get(f"{moving}/relocation").json["after"] == THERE
    assert news(kit) == [1]


def test_a_decision_told_again_does_not_move_it_back(desk, kit, moving, decide):
    application_id, _ = gather(desk)
    decide(application_id, "approved")
    kit.deliver(ReviewUnlocked(institution_id=desk.institution_id, application_id=application_id))
    assert desk.client.put(f"{moving}/relocation", HERE).status == 200
    second, _ = gather(desk)
    decide(second, "approved")

    decide(application_id, "approved")

    assert place(desk, moving) == HERE


def test_an_older_application_is_over_with_a_newer_one(desk, moving, decide):
    """The first failed its pre-check, of which nothing is told here."""
    first, _ = gather(desk)
    second, _ = gather(desk)
    decide(second, "returned")

    decide(first, "approved")

    assert place(desk, moving) == HERE


def test_what_was_filed_is_done_not_what_was_typed_since(desk, kit, moving, decide):
    """The release of the lock may overtake the decision."""
    application_id, _ = gather(desk)
    kit.deliver(ReviewUnlocked(institution_id=desk.institution_id, application_id=application_id))
    later = THERE | {"address": "示例路99号"}
    assert desk.client.put(f"{moving}/relocation", later, if_match=1).status == 200

    decide(application_id, "approved")

    assert place(desk, moving) == THERE
    assert desk.client.get(f"{moving}/relocation").json["after"] == later


def test_a_site_that_was_removed_meanwhile_stays_removed(desk, kit, moving, decide):
    application_id, _ = gather(desk)
    kit.deliver(ReviewUnlocked(institution_id=desk.institution_id, application_id=application_id))
    assert desk.client.delete(moving, if_match=1).status == 204

    decide(application_id, "approved")

    assert desk.client.get(moving).status == 404
    assert news(kit) == [1, 0]


def test_a_site_that_is_removed_is_not_to_move_any_more(desk, kit, moving):
    assert desk.client.delete(moving, if_match=1).status == 204

    assert news(kit) == [1, 0]


def test_a_case_about_something_else_moves_nothing(desk, kit, moving, decide):
    application_id, _ = gather(desk)

    decide(application_id, "approved", kind="external_review")

    assert place(desk, moving) == HERE
    with kit.runtime.database.engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM filed_relocation")).scalar_one() == 1


@pytest.mark.parametrize("state", ["precheck_failed", "gather_failed", "lapsed"])
def test_what_came_to_no_review_is_forgotten_and_the_site_is_still_to_move(
    desk, kit, moving, state
):
    failed, _ = gather(desk)
    again, _ = gather(desk)
    told = {"institution_id": desk.institution_id, "application_id": failed, "to_state": state}

    for _ in range(2):
        kit.deliver(ReviewUnlocked(**told))

    with kit.runtime.database.engine.connect() as reader:
        filed = reader.execute(text("SELECT application_id FROM filed_relocation")).scalars()
        assert filed.all() == [again]
    assert desk.client.get(f"{moving}/relocation").status == 200


@pytest.mark.parametrize("state", ["approved", "withdrawn", None])
def test_release_of_what_was_reviewed_leaves_the_move_to_its_decision(desk, kit, moving, state):
    filed, _ = gather(desk)

    kit.deliver(
        ReviewUnlocked(institution_id=desk.institution_id, application_id=filed, to_state=state)
    )

    with kit.runtime.database.engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM filed_relocation")).scalar_one() == 1
