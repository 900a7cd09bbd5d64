"""Drafts of the institution's forms: nothing typed is lost, whatever the form."""

import pytest

from otsp_chassis.ids import new_id

NUMBER = "330199197803129904"
SINGLE = {
    "registration": "/registration",
    "institution": "",
    "school_licence": "/licence",
    "party": "/party",
    "supervision": "/funds/supervision",
    "basic_account": "/funds/basic-account",
    "service_contract": "/funds/contract",
}
MANY = {
    "certificate": ("certificates", {"is_primary": False, "cert_type": "other"}),
    "other_doc": ("other-docs", {"doc_type": "charter"}),
    "audit_report": ("audit-reports", {"year": 2023}),
    "fee_item": ("funds/fee-items", {"name": "秋季班"}),
}


@pytest.mark.parametrize("section", SINGLE)
def test_form_that_was_never_saved_is_drafted_and_its_draft_outlives_a_refusal(own, place, section):
    draft = f"{place}/drafts/{section}"
    typed = {"party": {"member_count": "三"}, "institution": {"name": 5}}.get(section, {})

    own.put(draft, {"content": typed})
    refused = own.put(f"{place}{SINGLE[section]}", typed | {"colour": "red"})

    assert refused.status == 422
    kept = own.get(draft).json
    assert (kept["content"], kept["is_outdated"]) == (typed, False)


@pytest.mark.parametrize("section", MANY)
def test_row_is_drafted_by_its_id_and_a_new_one_beside_it(own, place, section):
    path, body = MANY[section]
    row = own.post(f"{place}/{path}", body)
    row_id = row.headers["Location"].rpartition("/")[2]

    of_row = own.put(f"{place}/drafts/{section}.{row_id}", {"content": body, "based_on_version": 1})
    of_new = own.put(f"{place}/drafts/{section}.new", {"content": body})

    assert [each.json["is_outdated"] for each in (of_row, of_new)] == [False, False]
    own.delete(row.headers["Location"], if_match=1)
    gone = own.get(f"{place}/drafts/{section}.{row_id}").json
    assert (gone["object_version"], gone["is_outdated"]) == (None, True)
    assert gone["content"] == body


def test_number_of_identity_that_was_typed_comes_back_to_whoever_typed_it_alone(kit, own, place):
    typed = {"legal_rep": {"name": "沈示例", "id_no": NUMBER}}
    own.put(f"{place}/drafts/registration", {"content": typed})

    assert own.get(f"{place}/drafts/registration").json["content"] == typed
    assert NUMBER.encode() not in own.get(f"{place}/drafts").content
    for refused in (kit.as_authority("reviewer"), kit.as_authority("region_admin")):
        assert refused.get(f"{place}/drafts/registration").problem == "forbidden"
    stranger = kit.as_institution(new_id())
    assert stranger.get(f"{place}/drafts/registration").problem == "other-institution"


def test_form_that_somebody_saved_meanwhile_makes_the_draft_outdated(own, place):
    own.put(f"{place}/party", {"member_count": 3})
    own.put(f"{place}/drafts/party", {"content": {"member_count": 4}, "based_on_version": 1})

    own.put(f"{place}/party", {"member_count": 5}, if_match=1)

    told = own.get(f"{place}/drafts/party").json
    assert (told["based_on_version"], told["object_version"]) == (1, 2)
    assert told["is_outdated"] is True
