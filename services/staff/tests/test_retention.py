"""People are let go of three years after they left (domain specification §5.4; PIPL article 47)."""

from datetime import UTC, datetime

import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.retention import apply, count_due
from otsp_contracts.staff import PersonChanged

LEFT = "2023-03-01"
THE_LAST_DAY = datetime(2026, 3, 1, 4, tzinfo=UTC)
THE_DAY_AFTER = datetime(2026, 3, 2, 4, tzinfo=UTC)
KEPT = {
    "staff_id", "institution_id", "status", "id_index", "staff_type", "employment", "hired_on",
    "departed_on", "depart_reason", "deleted_at", "anonymised_on", "created_at", "updated_at",
    "version",
}  # fmt: skip


@pytest.fixture
def departed(owner, register):
    """Somebody who left on that day, with a number, qualifications and a past."""
    return register(
        owner,
        existing=True,
        status="departed",
        departed_on=LEFT,
        depart_reason="resigned",
        staff_type="teaching",
        political_status="party_member",
        quals=[{"type": "teacher_cert", "cert_no": "20193300141000901", "stage": "senior"}],
        teach_experience=[
            {"from": "2019-09-01", "to": "2022-07-01", "org": "示例中学", "post": "教师"}
        ],
    )


def run(kit, *, is_dry=False, at=THE_DAY_AFTER):
    with clock.frozen(at):
        terms = kit.service.retention_terms()
        done = (
            count_due(kit.runtime.database, terms)
            if is_dry
            else apply(kit.runtime, terms, "operator")
        )
        return {kept.term.name: (kept.due, kept.let_go) for kept in done}


def stored(kit):
    with kit.runtime.database.engine.connect() as reader:
        rows = reader.exec_driver_sql("SELECT * FROM staff ORDER BY staff_id").mappings()
        return [dict(row) for row in rows]


def changes(kit, staff_id):
    query = "SELECT fields FROM change WHERE object_id = %s ORDER BY sequence"
    with kit.runtime.database.engine.connect() as reader:
        return list(reader.exec_driver_sql(query, (staff_id,)).scalars())


def test_on_the_last_day_a_person_is_kept_and_the_day_after_let_go_of(kit, departed):
    assert run(kit, at=THE_LAST_DAY)["departed_people"] == (0, 0)
    assert run(kit, at=THE_DAY_AFTER)["departed_people"] == (1, 1)
    assert run(kit, at=THE_DAY_AFTER)["departed_people"] == (0, 0)


def test_post_and_index_stay_and_nothing_else(kit, departed):
    [before] = stored(kit)

    run(kit)

    [after] = stored(kit)
    left = {name for name, value in after.items() if value not in (None, [], "")}
    assert left <= KEPT
    assert after["id_index"] == before["id_index"]
    assert (after["staff_type"], str(after["departed_on"])) == ("teaching", LEFT)
    assert str(after["anonymised_on"]) == "2026-03-02"


def test_person_is_shown_nowhere_any_more(kit, owner, departed):
    run(kit)

    assert owner.get(departed["url"]).status == 404
    base = f"/api/staff/v1/institutions/{owner.principal.institution_id}/staff"
    assert owner.get(base).json["items"] == []
    [_, told] = kit.published(PersonChanged)
    assert told.payload().removed is True


def test_whoever_was_let_go_of_cannot_be_restored(kit, owner, departed):
    run(kit)

    with clock.frozen(THE_DAY_AFTER):
        base = f"/api/staff/v1/institutions/{owner.principal.institution_id}"
        assert owner.get(f"{base}/removals").json["items"] == []
        assert owner.post(f"{departed['url']}/restoration").status == 404


def test_history_keeps_who_and_when_and_no_value(kit, owner, departed):
    staff_id = departed["staff_id"]
    assert "示例中学" in str(changes(kit, staff_id))

    run(kit)

    [fields] = changes(kit, staff_id)
    assert {field["after"] for field in fields} == {"***"}
    assert {field["before"] for field in fields} == {None}
    assert "/name" in {field["pointer"] for field in fields}


def test_history_of_others_stays(kit, owner, register, departed):
    other = register(owner, id_no="330199197803129904", name="周乙", staff_type="teaching")

    run(kit)

    assert "周乙" in str(changes(kit, other["staff_id"]))
    assert owner.get(other["url"]).status == 200


def test_whoever_works_there_is_kept_however_old_the_entry(kit, owner, register):
    register(owner, hired_on="2010-03-01")

    assert run(kit, at=datetime(2036, 1, 1, tzinfo=UTC))["departed_people"] == (0, 0)


def test_deleted_entry_is_let_go_of_three_years_after_it_was_deleted(kit, owner, register):
    entered = register(owner)
    with clock.frozen(datetime(2023, 3, 1, 4, tzinfo=UTC)):
        assert owner.delete(entered["url"], if_match=1).status == 204

    assert run(kit, at=THE_LAST_DAY)["departed_people"] == (0, 0)
    assert run(kit, at=THE_DAY_AFTER)["departed_people"] == (1, 1)
    assert len(kit.published(PersonChanged)) == 2


def test_blacklisted_person_who_comes_back_is_flagged_still(kit, owner, register, departed):
    admin = kit.as_authority("region_admin")
    entry = {
        "id_type": "cnid",
        "id_no": "330199198506079917",
        "name": "周甲",
        "reason": "criminal_liability",
        "decided_on": "2023-02-01",
        "basis_doc": "示例〔2023〕1号",
    }
    reasons = admin.post("/api/staff/v1/blacklist-entries", entry)
    assert reasons.status == 201, reasons.json
    run(kit)

    again = register(kit.as_institution(new_id()))

    assert again["blacklisted"] is True


def test_dry_run_counts_and_lets_nothing_go(kit, departed):
    before = stored(kit)

    assert run(kit, is_dry=True)["departed_people"] == (1, 0)
    assert stored(kit) == before


def test_more_than_a_batch_goes_in_one_run(kit, departed):
    with psycopg.connect(kit.owner_url) as database:
        database.execute(
            "CREATE TEMP TABLE copied AS SELECT * FROM staff;"
            "INSERT INTO staff SELECT (jsonb_populate_record(copied, jsonb_build_object("
            "'staff_id', gen_random_uuid()))).* FROM copied, generate_series(1, 450)"
        )

    assert run(kit)["departed_people"] == (451, 451)


def test_nightly_job_does_the_same(kit, departed):
    with clock.frozen(THE_DAY_AFTER):
        kit.run_job("let_go_of_what_is_past_its_time")

    assert str(stored(kit)[0]["anonymised_on"]) == "2026-03-02"
    auditor = kit.as_authority("auditor", region="000000", level="national")
    query = {"action": "staff.anonymised"}
    assert len(auditor.get("/api/staff/v1/audit-entries", query=query).json["items"]) == 1
