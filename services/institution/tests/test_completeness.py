"""How far the file is: what is required and what lacks, part by part, as CMP-001 would say."""

import pytest

from otsp_chassis.ids import new_id


@pytest.fixture
def meter(own, place):
    def read(client=own):
        answer = client.get(f"{place}/completeness")
        assert answer.status == 200, answer.content.decode()
        return {part["section"]: part for part in answer.json["sections"]}

    return read


def pointers(part):
    return [each["pointer"] for each in part["missing"]]


def test_empty_file_lacks_every_part(own, place, facts, meter):
    own.put(f"{place}/registration", facts)

    parts = meter()

    assert list(parts) == ["institution", "licence", "certificates", "party", "other_docs", "funds"]
    for name in ("licence", "certificates", "party", "other_docs", "funds"):
        assert parts[name]["filled"] == 0, name
    assert pointers(parts["licence"]) == ["/licence"]
    assert parts["institution"]["filled"] > 0
    assert "/institution/office_address" in pointers(parts["institution"])
    assert "/institution/name" not in pointers(parts["institution"])


def test_what_is_filled_in_no_longer_lacks(own, place, facts, meter):
    own.put(f"{place}/registration", facts)
    own.put(f"{place}/party", {"member_count": 3, "org_form": "none"})

    party = meter()["party"]

    assert (party["required"], party["filled"]) == (5, 3)
    assert party["missing"] == [
        {
            "pointer": "/party/instructor_assigned",
            "label_zh": "是否已选派党建指导员",
            "object_id": None,
        },
        {"pointer": "/party/charter_has_party", "label_zh": "党建是否写入章程", "object_id": None},
    ]


def test_what_does_not_travel_is_counted_while_it_lacks(own, place, facts, meter):
    own.put(f"{place}/registration", facts)

    assert "/institution/scale" in pointers(meter()["institution"])

    version = own.get(place).version
    assert own.put(place, facts | {"scale": 60}, if_match=version).status == 200
    assert "/institution/scale" not in pointers(meter()["institution"])


def test_online_institutions_are_asked_for_more_documents(own, place, facts, meter):
    own.put(f"{place}/registration", facts)
    offline = meter()["other_docs"]["required"]
    version = own.get(place).version
    own.put(f"{place}/registration", facts | {"delivery_modes": ["online"]}, if_match=version)

    assert meter()["other_docs"]["required"] == offline + 3


def test_row_is_told_by_its_id(own, place, facts, meter):
    own.put(f"{place}/registration", facts)
    fee = own.post(f"{place}/funds/fee-items", {"name": "秋季班"}).json["fee_item_id"]

    lacking = [each for each in meter()["funds"]["missing"] if each["object_id"] == fee]

    assert "/funds/fee_items/0/amount_fen" in [each["pointer"] for each in lacking]


def test_authority_of_the_region_reads_it_and_nobody_else(kit, own, place, facts, meter):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")

    assert meter(kit.as_authority("reviewer")) == meter()
    for client, problem in (
        (kit.as_authority("reviewer", region="110108"), "outside-jurisdiction"),
        (kit.as_institution(new_id()), "other-institution"),
        (kit.as_authority("auditor"), "forbidden"),
    ):
        assert client.get(f"{place}/completeness").problem == problem
