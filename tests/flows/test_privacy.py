"""Sensitive personal data (class 3) stands nowhere in clear, whatever was done with it."""

import gzip
import json
from base64 import b64decode, b64encode
from collections import defaultdict
from dataclasses import replace

import psycopg
import pytest

from otsp_chassis.pii import Cipher, decrypt
from otsp_chassis.rotation import rotate
from otsp_contracts.snapshots.dossier import parse_dossiers

GZIP = b"\x1f\x8b\x08\x00"
"""How a packed part begins (RFC 1952 §2.3): two bytes alone begin one hash in 65,536, too."""

MOBILES_OF_THE_INSTITUTION = {
    "institution.institution.legal_rep_mobile",
    "institution.institution.contact_mobile",
}
"""Class 2: in clear with their owner, where the authority reads them."""

NAMES_OF_PEOPLE = ("name", "name_order", "search_text", "search_terms")
"""Columns of people by which they are shown, ordered and found."""


@pytest.fixture
def filed(town, stage):
    """The events after all three were filed, one checked itself, somebody left, one was seen."""
    return town.moment("all are filed", lambda: file_all(town, stage))


def file_all(town, stage):
    postman = stage.Postman(town.platform)
    for sample in town.desks:
        town.file(sample, acknowledged_warnings=["SIT-006"])
    postman.settle()
    body = {"institution_id": town.desks["C"].institution_id, "as_of": "2022-10-15"}
    town.clerk("C").post("/api/compliance/v1/self-checks", body)
    postman.settle()
    leaving = town.path("A", "staff", "staff", town.ids("A")["T2"], "departure")
    town.clerk("A").post(leaving, {"departed_on": "2024-10-15", "reason": "resigned"})
    look = town.path("A", "staff", "staff", town.ids("A")["T1"], "reveals")
    assert town.call("A", "POST", look, json={"fields": ["id_no", "mobile"]}).status_code == 200
    look = town.path("A", "institution", "reveals")
    fields = ["legal_rep.id_no", "sponsors[].id_no", "actual_controller.id_no"]
    assert town.call("A", "POST", look, json={"fields": fields}).status_code == 200
    return postman.seen


@pytest.fixture(scope="module")
def dossiers(stage):
    return {dossier.sample: dossier for dossier in parse_dossiers(stage.samples())}


@pytest.fixture(scope="module")
def sensitive(dossiers, whole_town):
    """ID numbers, a passport, a work permit: what the samples say that nobody may read."""
    people = [person for each in dossiers.values() for person in each.staff]
    numbers = {person.id_no for person in people}
    numbers |= {each.institution.legal_rep.id_no for each in dossiers.values()}
    numbers |= {person.work_permit_no for person in people if person.work_permit_no}
    numbers |= {each["id_no"] for desk in whole_town.desks.values() for each in sponsors_of(desk)}
    assert len(numbers) >= 15
    return numbers


def sponsors_of(desk):
    return desk.completion.sponsors()


def cells(platform):
    """Every value of every database with the place where it stands; compressed ones opened."""
    for service, kit in platform.kits.items():
        with psycopg.connect(kit.owner_url) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                cursor = connection.execute(f'SELECT * FROM "{table}"')
                names = [column.name for column in cursor.description]
                for row in cursor:
                    for name, value in zip(names, row, strict=True):
                        yield f"{service}.{table}.{name}", in_clear(value)


def in_clear(value):
    """What a reader of the table can make of it without a key."""
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return gzip.decompress(raw) if raw.startswith(GZIP) else raw
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str).encode()
    return str(value).encode()


def places_of(platform, marks):
    """Where any of the marks can be read."""
    found = defaultdict(set)
    for place, content in cells(platform):
        for mark in marks:
            if mark.encode() in content:
                found[mark].add(place)
    return found


def test_no_sensitive_number_can_be_read_in_any_table(town, filed, sensitive):
    assert places_of(town.platform, sensitive) == {}


def test_the_search_sees_what_is_there(town, filed):
    """Were it blind, every promise here would hold: names are found, packed sections opened."""
    [sponsor] = sponsors_of(town.desks["A"])
    mask = f"330***********{sponsor['id_no'][-4:]}"

    found = places_of(town.platform, {"周甲", "330***********9917", mask})

    assert {"staff.staff.name", "compliance.snapshot_part.content"} <= found["周甲"]
    assert "compliance.snapshot_part.content" in found["330***********9917"]
    assert found[mask] == {
        "institution.institution.sponsors",
        "institution.institution.actual_controller",
        "institution.change.fields",
    }


def test_sensitive_numbers_are_kept_and_can_be_read_with_the_key(town, dossiers):
    kit = town.platform.kits["staff"]
    with psycopg.connect(kit.owner_url) as connection, kit.active():
        rows = connection.execute(
            "SELECT id_no_sealed FROM staff WHERE institution_id = %s",
            [town.desks["A"].institution_id],
        ).fetchall()
        kept = {decrypt(sealed) for (sealed,) in rows}

    assert kept == {person.id_no for person in dossiers["A"].staff}


def test_nothing_is_sealed_with_the_first_key_after_a_rotation(town, filed):
    def sealed_first():
        found = ((place, content) for place, content in cells(town.platform))
        return {
            place
            for place, content in found
            if content.startswith(b"k1:") or b64encode(b"k1:") in content
        }

    assert {
        "auth.account.mobile",
        "institution.institution.sponsors",
        "institution.institution.actual_controller",
        "staff.staff.id_no_sealed",
    } <= sealed_first()

    for kit in town.platform.kits.values():
        keys = json.loads(kit.runtime.settings.pii_keys.read_text())
        first, index = b64decode(keys["keys"]["k1"]), b64decode(keys["index"])
        cipher = Cipher({"k1": first, "k2": bytes(32)}, "k2", index)
        runtime = replace(kit.runtime, cipher=cipher)
        tables = kit.service.tables()
        done = list(rotate(runtime, tables, "operator", is_dry=False, progress=lambda *_told: None))
        assert sum(each.lost for each in done) == 0

    assert sealed_first() == set()


def test_no_event_carries_a_sensitive_number_or_a_mobile(town, filed, sensitive):
    mobiles = {mobile for desk in town.desks.values() for mobile in mobiles_of(desk)}
    events = [*town.heard, *filed]
    assert {"auth.account_activated.v1", "staff.snapshot_provided.v1"} <= {e.type for e in events}

    carried = [
        (event.type, mark)
        for event in events
        for mark in sensitive | mobiles
        if mark.encode() in event.to_bytes()
    ]

    assert carried == []


def mobiles_of(desk):
    completion = desk.completion
    staff = [completion.mobile(f"staff/{person.staff_id}") for person in desk.dossier.staff]
    return {*staff, completion.mobile("legal-representative"), completion.mobile("contact")}


def test_mobiles_stand_in_clear_with_the_institution_only(town, filed):
    accounts = {entered.account.username for entered in town.entered.values()}
    mobiles = {mobile for desk in town.desks.values() for mobile in mobiles_of(desk)}

    found = places_of(town.platform, mobiles | accounts)

    assert accounts & found.keys() == set()
    places = {place for where in found.values() for place in where}
    assert places == MOBILES_OF_THE_INSTITUTION


def test_names_of_staff_stand_with_their_owner_and_in_sealed_sections_only(town, filed, dossiers):
    heads = {each.institution.legal_rep.name for each in dossiers.values()}
    people = {person.name for each in dossiers.values() for person in each.staff} - heads

    found = places_of(town.platform, people)

    places = {place for where in found.values() for place in where}
    of_their_row = {f"staff.staff.{name}" for name in NAMES_OF_PEOPLE}
    assert places == {"compliance.snapshot_part.content", "staff.change.fields", *of_their_row}


def test_events_name_nobody_but_in_sections(town, filed, dossiers):
    people = {person.name for each in dossiers.values() for person in each.staff}

    naming = {
        event.type
        for event in [*town.heard, *filed]
        for name in people
        if name.encode() in event.to_bytes()
    }

    assert naming == {"staff.snapshot_provided.v1", "institution.snapshot_provided.v1"}


def test_no_session_token_and_no_password_can_be_read_in_any_table(town, filed):
    secrets = {town.token(sample) for sample in town.desks}
    secrets |= {entered.account.password for entered in town.entered.values()}
    secrets |= {known["password"] for _, known in town.supervision._accounts}

    assert places_of(town.platform, secrets) == {}
