"""`otsp rotate-keys`: an older key is needed no more, and nothing that was kept is lost."""

import base64
import json
import threading
from types import SimpleNamespace

import psycopg
import pytest

from otsp_chassis.ids import new_id
from otsp_chassis.pii import Cipher

NUMBER, MOBILE, SPONSOR = "330199198506079917", "13800000001", "330199197803129904"
SEALED = "SELECT id_no_sealed, mobile_sealed FROM staff"


def keys_of(kits):
    return json.loads(kits["staff"].runtime.settings.pii_keys.read_text())


@pytest.fixture
def second_key(kits, monkeypatch, tmp_path):
    """The keys as an operator writes them: a new one is current, the first still there."""
    path = tmp_path / "pii-keys.json"

    def write(*, with_first):
        document = keys_of(kits)
        first = document["keys"] if with_first else {}
        fresh = base64.b64encode(b"2" * 32).decode()
        path.write_text(
            json.dumps(document | {"current": "k2", "keys": first | {"k2": fresh}}),
            encoding="utf-8",
        )
        monkeypatch.setenv("OTSP_PII_KEYS", str(path))
        return Cipher.from_file(path)

    write(with_first=True)
    return write


@pytest.fixture
def person(kits):
    """Somebody with a number and a mobile, entered through the API with an Idempotency-Key."""
    client = kits["staff"].as_institution(new_id())
    place = f"/api/staff/v1/institutions/{client.principal.institution_id}/staff"
    body = {"name": "周甲", "id_type": "cnid", "id_no": NUMBER, "mobile": MOBILE}
    answered = client.post(place, body, key="entered-once")
    assert answered.status == 201, answered.json
    return SimpleNamespace(client=client, answer=answered, url=answered.headers["Location"])


def rows(kits, service, query):
    with psycopg.connect(kits[service].owner_url) as owner:
        return owner.execute(query).fetchall()


def test_values_are_read_without_the_first_key_afterwards(otsp, kits, person, second_key):
    told = otsp("rotate-keys", "staff", "--json")

    assert told.code == 0, told.err
    by_table = {row["table"]: row for row in told.rows}
    assert by_table["staff"] == {
        "service": "staff",
        "table": "staff",
        "keys": {"k1": 2},
        "rows_resealed": 1,
        "rows_lost": 0,
    }
    assert by_table["idempotency_key"]["rows_resealed"] == 1
    only_second = second_key(with_first=False)
    [(number, mobile)] = rows(kits, "staff", SEALED)
    assert [only_second.decrypt(number), only_second.decrypt(mobile)] == [NUMBER, MOBILE]


def test_no_version_moves_and_the_trail_says_who_did_it(otsp, kits, person, second_key):
    stamps = "SELECT version, created_at, updated_at, id_index FROM staff"
    before = rows(kits, "staff", stamps)

    otsp("rotate-keys", "staff")

    assert rows(kits, "staff", stamps) == before
    noted = "SELECT object_type, object_id, reason, role FROM audit_entry WHERE action = %s"
    with psycopg.connect(kits["staff"].owner_url) as owner:
        entries = owner.execute(noted, ("personal_data.resealed",)).fetchall()
    assert ("staff", "k2", "1 rows") in [entry[:3] for entry in entries]


def test_second_run_has_nothing_to_do(otsp, person, second_key):
    otsp("rotate-keys", "staff")
    told = otsp("rotate-keys", "staff", "--json")

    assert told.code == 0
    assert {row["rows_resealed"] for row in told.rows} == {0}
    assert {key for row in told.rows for key in row["keys"]} == {"k2"}


def test_dry_run_counts_by_key_and_changes_nothing(otsp, kits, person, second_key):
    before = rows(kits, "staff", SEALED)

    told = otsp("rotate-keys", "staff", "--dry-run")

    assert told.code == 1
    assert "staff.staff: sealed values found: 2 by k1; 0 rows anew" in told.out.splitlines()
    assert told.err.splitlines()[-1] == "still needed: k1 (3); run without --dry-run"
    assert rows(kits, "staff", SEALED) == before


def test_key_that_was_taken_away_too_early_is_named(otsp, kits, person, second_key):
    second_key(with_first=False)

    told = otsp("rotate-keys", "staff")

    assert told.code == 2
    assert "key 'k1' sealed something and is not in OTSP_PII_KEYS; put it back" in told.err
    assert rows(kits, "staff", SEALED)[0][0].startswith(b"k1:")


def test_numbers_within_a_list_are_sealed_anew_too(otsp, kits, second_key):
    client = kits["institution"].as_institution(new_id())
    place = f"/api/institution/v1/institutions/{client.principal.institution_id}"
    sponsor = {"name": "沈示例", "id_type": "cnid", "id_no": SPONSOR, "share_bp": 10_000}
    organisation = {"name": "示例公司", "id_type": None, "share_bp": 0}
    answered = client.put(place, {"sponsors": [sponsor, organisation]})
    assert answered.status == 201, answered.json

    told = otsp("rotate-keys", "institution", "--json")

    assert told.code == 0
    [(kept,)] = rows(kits, "institution", "SELECT sponsors FROM institution")
    sealed = base64.b64decode(kept[0]["id_no"])
    assert second_key(with_first=False).decrypt(sealed) == SPONSOR
    assert kept[1]["id_no"] is None


def test_row_that_somebody_changes_meanwhile_is_theirs_and_is_told(otsp, kits, person, second_key):
    with psycopg.connect(kits["staff"].owner_url) as owner:
        owner.execute("UPDATE staff SET mobile_sealed = NULL")
        ended = []
        run = threading.Thread(target=lambda: ended.append(otsp("rotate-keys", "staff", "--json")))
        run.start()
        deadline = threading.Event()
        timer = threading.Timer(10, deadline.set)
        timer.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not deadline.is_set() and rows(kits, "staff", waiting) == [(0,)]:
            pass
        timer.cancel()
        assert not deadline.is_set(), "nobody came to wait for the row"
        owner.commit()
        run.join()

    [told] = ended
    lost = {row["table"]: row["rows_lost"] for row in told.rows}
    assert (told.code, lost["staff"]) == (1, 1)
    assert "run again: rows changed while they were read" in told.err
    assert rows(kits, "staff", SEALED)[0][1] is None
    assert otsp("rotate-keys", "staff").code == 0


def test_more_than_a_page_is_done_with_progress(otsp, kits, person, second_key):
    with psycopg.connect(kits["staff"].owner_url) as owner:
        owner.execute(
            "CREATE TEMP TABLE copied AS SELECT * FROM staff;"
            "INSERT INTO staff SELECT (jsonb_populate_record(copied, jsonb_build_object("
            "'staff_id', gen_random_uuid()))).* FROM copied, generate_series(1, 1100)"
        )

    told = otsp("rotate-keys", "staff", "--json")

    [staff] = [row for row in told.rows if row["table"] == "staff"]
    assert (staff["rows_resealed"], staff["keys"]) == (1101, {"k1": 2202})
    assert "100 %  staff.staff: 1101/1101\n" in told.err
