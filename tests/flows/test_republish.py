"""What a service keeps of others can be lost and had again from its owner."""

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from otsp_chassis.ids import new_id
from otsp_chassis.republish import By, Wanted, republish

COPIES = {
    "auth": ("institution_ref",),
    "compliance": (
        "authority_ref",
        "courses_counters_ref",
        "institution_counters_ref",
        "institution_ref",
        "leave_cover_ref",
        "materials_counters_ref",
        "recovery_ref",
        "relocation_ref",
        "staff_counters_ref",
    ),
    "courses": (
        "calendar_ref",
        "case_ref",
        "fee_item_ref",
        "institution_ref",
        "material_ref",
        "rectification_ref",
        "review_lock",
        "staff_ref",
    ),
    "institution": (
        "case_ref",
        "courses_counters_ref",
        "public_picture_ref",
        "rectification_ref",
        "review_lock",
        "staff_counters_ref",
    ),
    "staff": (
        "calendar_ref",
        "case_ref",
        "class_ref",
        "institution_ref",
        "public_picture_ref",
        "review_lock",
    ),
    "materials": ("case_ref", "institution_ref", "review_lock"),
}
"""By reader. tests/architecture finds a table that is missing here."""
OWNERS = ("auth", "institution", "staff", "materials", "courses", "compliance")
TASKS = "/api/compliance/v1/rectifications"
YEAR = """
INSERT INTO working_year (year_id, year, created_at, updated_at, version)
VALUES (%s, 2024, '2024-01-01Z', '2024-01-01Z', 1)
"""
MOVE = """
INSERT INTO proposed_relocation (institution_id, sites, created_at, updated_at, version)
VALUES (%s, jsonb_build_object(%s::text, '{}'::jsonb), '2024-01-01Z', '2024-01-01Z', 1)
"""
LEAVE = """
INSERT INTO delegation (delegation_id, authority_id, kind, from_account_id, to_account_id,
  valid_from, valid_to, reason, created_by, created_at, updated_at, version)
SELECT %s, authority_id, 'leave_cover', %s, account_id,
  '2024-01-01Z', '2024-01-15Z', '年休假', account_id, '2024-01-01Z', '2024-01-01Z', 1
FROM account JOIN authority USING (authority_id) LIMIT 1
"""
PICTURES = """
INSERT INTO public_pictures (institution_id, logo_file_id, photo_file_ids, created_at, updated_at,
  version)
VALUES (%s, %s, ARRAY[%s::uuid], '2024-01-01Z', '2024-01-01Z', 1)
"""
LOST_ACCOUNT = """
INSERT INTO recovery_request (request_id, secret_sha256, status, institution_name, uscc,
  region_code, delivery, submitted_at, created_at, updated_at, version)
VALUES (%s, '\\x00', 'submitted', '示例学校', '52330106MJFAKE011P',
  '330106', 'offline', '2024-01-01Z', '2024-01-01Z', '2024-01-01Z', 2)
"""
UNTOLD = {"set_at"}
"""When a copy was made is the reader's own business."""


def copies(town):
    """Every row of every copy, by service and table."""
    return {
        (service, table): _rows(town.platform.kits[service].owner_url, table)
        for service, tables in COPIES.items()
        for table in tables
    }


def _rows(url, table):
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows = connection.execute(SQL("SELECT * FROM {}").format(Identifier(table))).fetchall()
    told = [{name: value for name, value in row.items() if name not in UNTOLD} for row in rows]
    return sorted(told, key=repr)


def lose_copies(town):
    for service, tables in COPIES.items():
        with psycopg.connect(town.platform.kits[service].owner_url) as connection:
            for table in tables:
                connection.execute(SQL("TRUNCATE {}").format(Identifier(table)))


def tell_again(town, *owners, **wanted):
    for owner in owners or OWNERS:
        kit = town.platform.kits[owner]
        for source in kit.service.republish_sources():
            told = Wanted(**{"page": 2, **wanted})
            assert list(republish(kit.runtime, source, wanted=told, by=By("somebody")))
    town.platform.settle()


def without_versions(rows):
    return {
        place: [{name: value for name, value in row.items() if name != "version"} for row in table]
        for place, table in rows.items()
    }


@pytest.fixture
def busy_town(town):
    """One application was withdrawn, one failed its precheck, one is open; B never filed. A is to
    put something right, its pictures are public, a year of working days is known, a site of A's
    is to move, and a reviewer is on leave.
    """
    town.withdraw("A", town.filed("A")["application_id"])
    town.filed("C")
    town.file("A")
    task = {"institution_id": town.desks["A"].institution_id, "kind": "other"}
    town.reviewer("330106").post(TASKS, task | {"reason_text": "补正公示"})
    town.platform.settle()
    with psycopg.connect(town.platform.kits["compliance"].owner_url) as connection:
        connection.execute(YEAR, [new_id()])
        connection.execute(PICTURES, [town.desks["A"].institution_id, new_id(), new_id()])
    with psycopg.connect(town.platform.kits["courses"].owner_url) as connection:
        connection.execute(MOVE, [town.desks["A"].institution_id, town.ids("A")["S1"]])
    with psycopg.connect(town.platform.kits["auth"].owner_url) as connection:
        connection.execute(LEAVE, [new_id(), new_id()])
        connection.execute(LOST_ACCOUNT, [new_id()])
    for owner in ("institution", "staff", "materials", "courses"):
        town.platform.kits[owner].run_job("tell_counters")
    tell_again(town, "auth", "compliance", "courses")
    return town


def test_told_again_readers_know_what_they_knew(busy_town):
    before = copies(busy_town)

    tell_again(busy_town)

    assert without_versions(copies(busy_town)) == without_versions(before)


def test_lost_copies_come_back_row_by_row(busy_town):
    tell_again(busy_town)
    before = copies(busy_town)
    assert all(before.values()), "an empty table proves nothing"
    lose_copies(busy_town)

    tell_again(busy_town)

    assert copies(busy_town) == before


def test_telling_again_has_no_other_effect(busy_town, stage):
    before = stage.Photograph(busy_town.platform).size

    tell_again(busy_town)

    after = stage.Photograph(busy_town.platform).size
    grown = {name: after[name] - count for name, count in before.items() if after[name] != count}
    assert {name.partition(".")[2] for name in grown} == {"inbox", "audit_entry"}
    assert {name for name in grown if name.endswith("audit_entry")} == {
        name for name in before if name.endswith("audit_entry") and _owner(name) in OWNERS
    }


def test_any_event_told_again_under_a_new_id_has_no_effect(busy_town, stage):
    """No second case of a registration, no decision taken twice, whoever tells it again."""
    postman = stage.Postman(busy_town.platform)
    before, known = stage.Photograph(busy_town.platform).size, copies(busy_town)

    postman.deliver([each.model_copy(update={"id": new_id()}) for each in busy_town.heard])
    busy_town.platform.settle()

    after = stage.Photograph(busy_town.platform).size
    grown = {name.partition(".")[2] for name in before if after[name] != before[name]}
    assert {"institution.registration_submitted.v1", "compliance.case_decided.v1"} <= {
        each.type for each in busy_town.heard
    }
    assert grown == {"inbox"}
    assert copies(busy_town) == known


def _owner(name):
    return name.partition(".")[0].removeprefix("otsp_")


def test_a_copy_damaged_at_its_present_version_is_mended(busy_town):
    tell_again(busy_town)
    before = copies(busy_town)
    for service in ("compliance", "courses"):
        with psycopg.connect(busy_town.platform.kits[service].owner_url) as connection:
            connection.execute("UPDATE institution_ref SET region_code = '999999'")

    tell_again(busy_town, "institution")

    assert copies(busy_town) == before


def test_an_older_telling_does_not_undo_a_newer_one(busy_town, stage):
    """Told again, then changed; the telling arrives last."""
    postman = stage.Postman(busy_town.platform)
    kit = busy_town.platform.kits["institution"]
    source = next(each for each in kit.service.republish_sources() if each.name == "institutions")
    list(republish(kit.runtime, source, wanted=Wanted(), by=By("somebody")))
    old = postman.collect()
    with psycopg.connect(kit.owner_url) as connection:
        connection.execute("UPDATE institution SET name = name || '新', version = version + 1")
    list(republish(kit.runtime, source, wanted=Wanted(), by=By("somebody")))
    postman.deliver(postman.collect())
    newest = copies(busy_town)

    postman.deliver(old)

    assert copies(busy_town) == newest
    assert all(row["name"].endswith("新") for row in newest["compliance", "institution_ref"])


def test_a_lock_whose_end_was_never_heard_is_given_up(town):
    application = town.filed("A")["application_id"]
    kit = town.platform.kits["staff"]
    lock = _rows(kit.owner_url, "review_lock")
    town.withdraw("A", application)
    with psycopg.connect(kit.owner_url) as connection:
        connection.execute(
            "UPDATE review_lock SET scopes = %s WHERE application_id = %s", [["staff"], application]
        )

    tell_again(town, "compliance")

    [locked] = lock
    [freed] = [
        row
        for row in _rows(kit.owner_url, "review_lock")
        if row["institution_id"] == locked["institution_id"]
    ]
    assert (locked["scopes"], freed["scopes"]) == (["staff"], [])
