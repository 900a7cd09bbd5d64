"""Two clerks over one file: the later one is told both versions, masked as every answer is."""

import pytest

from otsp_institution.rules.labels import LABELS

NUMBER, OTHER_NUMBER = "330199197803129904", "330106198801019905"
PLACES = {
    "licence": {"licence_no": "教民133010670009901号"},
    "party": {"member_count": 3},
    "funds/supervision": {"mode": "exempt_post_pay"},
    "funds/basic-account": {"bank_branch": "示例支行"},
    "funds/contract": {"cooling_off_days": 5},
}
LISTS = {
    "certificates": {"is_primary": False, "cert_type": "other", "cert_no": "甲"},
    "funds/fee-items": {"name": "秋季班"},
}


def differing(answer):
    return {each["pointer"] for each in answer.json["differences"]}


@pytest.mark.parametrize("part", PLACES)
def test_clerk_who_replaces_a_part_too_late_sees_what_the_other_entered(own, place, part):
    own.put(f"{place}/{part}", PLACES[part])
    [(field, value)] = PLACES[part].items()

    late = own.put(f"{place}/{part}", {}, if_match=9)

    assert (late.status, late.problem) == (412, "stale-version")
    assert late.json["current"] == own.get(f"{place}/{part}").json
    [told] = late.json["differences"]
    assert (told["pointer"], told["yours"], told["current"]) == (f"/{field}", None, value)
    assert told["label_zh"] in {name for _, fields in LABELS.values() for name in fields.values()}


@pytest.mark.parametrize("part", LISTS)
def test_clerk_who_replaces_or_removes_a_row_too_late_sees_it(own, place, part):
    row = own.post(f"{place}/{part}", LISTS[part]).headers["Location"]
    *_, (field, _) = LISTS[part].items()

    replaced = own.put(row, LISTS[part] | {field: "乙"}, if_match=9)
    removed = own.delete(row, if_match=9)

    assert differing(replaced) == {f"/{field}"}
    assert removed.json["current"] == replaced.json["current"] == own.get(row).json
    assert "differences" not in removed.json


def test_clerk_who_lost_over_basic_information_sees_masks_and_gets_no_number_back(
    own, place, facts
):
    legal_rep = facts["legal_rep"] | {"id_type": "cnid", "id_no": NUMBER}
    own.put(place, facts | {"legal_rep": legal_rep})

    late = own.put(
        place, facts | {"legal_rep": legal_rep | {"id_no": OTHER_NUMBER}, "scale": 7}, if_match=9
    )

    assert differing(late) == {"/scale"}
    assert late.json["current"]["legal_rep"]["id_masked"] == "330***********9904"
    assert NUMBER.encode() not in late.content
    assert OTHER_NUMBER.encode() not in late.content


def test_late_correction_of_the_registration_sees_the_institution(own, place, facts):
    facts["legal_rep"]["id_type"] = "cnid"
    own.put(f"{place}/registration", facts)

    late = own.put(f"{place}/registration", facts | {"name": "他校"}, if_match=9)

    assert differing(late) == {"/name"}
    assert late.json["current"] == own.get(place).json


def test_late_row_that_is_gone_is_not_found(own, place):
    row = own.post(f"{place}/certificates", LISTS["certificates"]).headers["Location"]
    own.delete(row, if_match=1)

    assert own.put(row, LISTS["certificates"], if_match=1).problem == "not-found"


def test_replacement_without_a_version_is_told_the_version_and_nothing_else(own, place):
    own.put(f"{place}/party", PLACES["party"])

    unversioned = own.put(f"{place}/party", {})

    assert (unversioned.status, unversioned.json["current_version"]) == (428, 1)
    assert "current" not in unversioned.json
