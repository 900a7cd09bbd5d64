"""`otsp erase-unnamed-files`: what a run would come to, and the run."""

from datetime import timedelta

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_testkit.documents import picture


def upload(kits, service="staff"):
    client = kits[service].as_institution(new_id())
    place = f"/api/{service}/v1/institutions/{client.principal.institution_id}/files"
    stored = client.call(
        "POST", place, raw=picture(9, 9), content_type="image/png", query={"name": "a.png"}
    )
    assert stored.status == 201
    return client, f"{place}/{stored.json['file_id']}"


def a_month_later():
    return clock.frozen(clock.now() + timedelta(days=31))


def test_dry_run_reports_and_erases_nothing(otsp, kits):
    client, place = upload(kits)

    with a_month_later():
        told = otsp("erase-unnamed-files", "--dry-run", "--json")

    [row] = told.rows
    assert told.code == 1
    assert (row["service"], row["files"], row["bytes"]) == ("staff", 1, len(picture(9, 9)))
    assert row["institution_id"] == str(client.principal.institution_id)
    assert client.get(place).status == 200


def test_run_erases_and_the_next_finds_nothing(otsp, kits):
    client, place = upload(kits)

    with a_month_later():
        first, second = otsp("erase-unnamed-files", "staff"), otsp("erase-unnamed-files")

    assert (first.code, second.code) == (0, 0)
    assert first.out.startswith("staff: institution ")
    assert "1 files" in first.out
    assert second.out == ""
    assert client.get(place).problem == "not-found"


def test_what_is_young_stays(otsp, kits):
    client, place = upload(kits, "courses")

    assert otsp("erase-unnamed-files").code == 0

    assert client.get(place).status == 200
