"""What the statistics are told of materials."""

from datetime import date

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_contracts.materials import MaterialsCountersChanged
from otsp_materials.model import Material

TODAY = date(2024, 10, 15)


@pytest.fixture
def told(kit, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: TODAY)

    def _told():
        kit.run_job("tell_counters")
        return [each.payload() for each in kit.published(MaterialsCountersChanged)]

    return _told


@pytest.mark.parametrize(
    ("fields", "counters"),
    [
        ({}, {"draft"}),
        ({"status": "in_use"}, {"in_use"}),
        (
            {
                "status": "external_pending",
                "external_result": "pending",
                "external_requested_on": TODAY,
            },
            {"external_pending", "external_backlog"},
        ),
        ({"status": "in_use", "external_result": "pending"}, {"in_use"}),
        ({"status": "in_use", "external_result": "pass"}, {"in_use", "external_pass"}),
        (
            {"status": "external_failed", "external_result": "fail"},
            {"external_failed", "external_fail"},
        ),
        ({"status": "archived", "retain_until": date(2024, 10, 15)}, {"archived"}),
        ({"status": "archived", "retain_until": date(2024, 10, 14)}, {"archived", "retention_due"}),
    ],
)
def test_a_version_counts_as_what_it_is(kit, told, fields, counters):
    with kit.active(), transaction() as tx:
        tx.add(Material(material_id=new_id(), institution_id=new_id(), **_row(fields)))

    [news] = told()

    assert {name for name, value in news.counters.model_dump().items() if value} == counters


def test_a_deleted_material_counts_no_more(owner, enter, told):
    material = enter(owner)
    assert [news.counters.draft for news in told()] == [1]

    owner.delete(material["url"], if_match=material["version"])

    assert [news.counters.draft for news in told()] == [1, 0]


def _row(fields):
    material = {"status": "draft", "delivery": [], "authors": [], "internal_reviewer_ids": []}
    return material | fields
