"""`otsp dossier`: what it makes of whole institutions, good and bad, one after the other."""

import pyotp
import pytest

from otsp_cli.dossier.gateway import Gateway, LoginUnfinished
from otsp_contracts.values import uscc_check_digit


@pytest.fixture
def documents(stage):
    """The samples by name, free to be changed."""
    return {document["sample"]: document for document in stage.samples()}


def named(result):
    """The objects that each finding names."""
    return {one["rule_id"]: one["object_ids"] for one in result["findings"]}


def renumbered(document, serial):
    """The same institution under a credit code of its own."""
    first_17 = f"{document['institution']['uscc'][:8]}MJFAKE1{serial}0"
    uscc = first_17 + uscc_check_digit(first_17)
    document["institution"]["uscc"] = document["certificate"]["uscc"] = uscc
    document["sample"] = f"{document['sample']}{serial}"
    return document


def test_findings_name_objects_as_the_dossier_names_them(town, documents):
    online, offline = town.load([documents["B"], documents["C"]], is_self_check=True)

    assert named(online)["MAT-002"] == ["B1"]
    assert named(online)["NET-001"] == ["Y1"]
    assert named(online)["STF-012"] == ["X1"]
    assert named(online)["TIM-005"] == ["K1-1"]
    assert named(offline)["FND-003"] == ["F1"]
    assert named(offline)["SIT-001"] == ["S1"]
    assert named(offline)["STF-008"] == ["T2"]


def test_a_result_has_the_documented_members(town, documents):
    [result] = town.load([documents["C"]], is_self_check=True)

    assert list(result) == [
        "sample",
        "application_id",
        "state",
        "blocking",
        "warnings",
        "findings",
        "routed_steps",
        "elapsed_ms",
    ]
    for finding in result["findings"]:
        assert set(finding) == {"rule_id", "severity", "object_ids", "message_zh", "basis"}
        assert finding["severity"] in ("B", "B*", "W")
        assert finding["message_zh"]
        assert finding["basis"]


def test_a_bad_dossier_in_the_middle_does_not_stop_the_others(town, documents):
    bad = documents["B"]
    bad["staff"][0]["id_no"] = "110199198506079917"
    bad["institution"]["stagess"] = ["primary"]

    results = town.load([documents["A"], bad, documents["C"]], is_self_check=True)

    assert [result["sample"] for result in results] == ["A", "B", "C"]
    assert [result["state"] for result in results] == ["passed", "invalid", "blocked"]
    errors = {error["pointer"]: error for error in results[1]["errors"]}
    assert errors["/institution/stagess"]["code"] == "unknown_field"
    assert errors["/staff/0/id_no"]["code"] == "check_digit"
    assert all(error["detail"] for error in errors.values())


def test_what_a_service_refuses_is_told_with_its_place_in_the_dossier(town, documents):
    documents["C"]["sites"][0] |= {"lease_from": "2030-01-01"}
    documents["A"]["courses"][1]["classes"][0]["end_on"] = "2024-10-07"

    first, second, third = town.load(
        [documents["C"], documents["A"], documents["B"]], is_self_check=True
    )

    assert (first["state"], second["state"], third["state"]) == ("invalid", "invalid", "blocked")
    assert [error["pointer"] for error in first["errors"]] == ["/sites/0/lease_to"]
    assert [error["pointer"] for error in second["errors"]] == ["/courses/1/classes/0/end_on"]


def test_shares_that_do_not_come_to_the_whole_are_told_at_the_sponsors(town, documents):
    sponsors = [{"name": "甲示例", "share_pct": 60}, {"name": "乙示例", "share_pct": 39.99}]
    documents["A"]["institution"]["sponsors"] = sponsors
    whole = [sponsors[0], sponsors[1] | {"share_pct": 40}]
    documents["C"]["institution"]["sponsors"] = whole

    refused, accepted = town.load([documents["A"], documents["C"]], is_self_check=True)

    [error] = refused["errors"]
    assert (error["pointer"], error["code"]) == ("/institution/sponsors", "v_08")
    assert error["detail"].startswith("举办者出资比例合计为99.99%，应为100%")
    assert "CMP-001" not in named(accepted), "the numbers of the sponsors are completed"


def test_those_behind_stay_away_when_the_dossier_says_null_and_are_completed_else(town, documents):
    documents["A"]["institution"] |= {"actual_controller": None, "supervisors": None}
    documents["A"]["institution"]["legal_rep"]["id_scan_file_ids"] = None
    documents["C"]["institution"] |= {
        "actual_controller": {"name": "甲示例"},
        "logo_file_id": "logo",
        "branches": [{"name": "示例分校", "region_code": "510107"}],
    }
    record = {"date": "2024-07-01", "title": "七一主题党日活动", "file_id": "activity"}
    documents["C"]["party"]["activity_records"] = [record]

    without, whole = town.load([documents["A"], documents["C"]], is_self_check=True)

    lacking = [each for each in without["findings"] if each["rule_id"] == "CMP-001"]
    assert lacking
    told = "".join(each["message_zh"] for each in lacking)
    assert all(name in told for name in ("实际控制人", "监事", "法定代表人证件扫描件"))
    assert "CMP-001" not in named(whole)


@pytest.mark.parametrize("sponsor_type", ["person", "organisation", "joint"])
def test_sponsors_are_completed_as_their_type_needs_it(town, documents, sponsor_type):
    documents["A"]["institution"]["sponsor_type"] = sponsor_type

    [result] = town.load([documents["A"]], is_self_check=True)

    assert result["state"] == "passed"


def test_a_registered_institution_is_reported_and_the_next_goes_on(town, documents):
    again, other = town.load([documents["A"], renumbered(documents["C"], 1)])

    assert again["state"] == "invalid"
    [error] = again["errors"]
    assert (error["pointer"], error["code"]) == ("/institution", "institution-already-registered")
    assert error["detail"] == "该机构已注册，请联系住所地区域管理员找回账号。"
    assert other["state"] == "precheck_failed"


def test_without_completion_what_is_left_out_is_missing(town, documents):
    """What a filing must hold is told apart from the 98 rules, and blocks as they do (D17)."""
    bare = renumbered(documents["A"], 2)

    completed, checked = (
        town.load([bare], is_self_check=True, is_completing=is_completing)[0]
        for is_completing in (True, False)
    )
    [filed] = town.load([bare], is_completing=False)

    assert completed["state"] == "passed"
    assert (checked["state"], filed["state"]) == ("blocked", "precheck_failed")
    for result in (checked, filed):
        [missing] = [one for one in result["findings"] if one["rule_id"] == "CMP-001"]
        assert missing["severity"] == "B"
        assert "CMP-001" not in result["blocking"]


def test_what_a_dossier_sets_to_null_stays_null(town, documents):
    documents["A"]["licence"]["scan_file_id"] = None
    documents["A"]["sites"][0]["fire_proof_file_id"] = None

    [result] = town.load([documents["A"]], is_self_check=True)

    assert {"LIC-001", "SIT-002"} <= set(result["blocking"])
    assert named(result)["SIT-002"] == ["S1"]


def test_a_second_dossier_of_the_same_county_configures_nothing(town, stage, documents):
    before = stage.Photograph(town.platform).size

    town.load([renumbered(documents["A"], 3)], is_self_check=True)

    after = stage.Photograph(town.platform).size
    changed = {table for table, count in after.items() if count != before[table]}
    configured = {"region_configuration", "region_parameter_set", "routing_rule"}
    assert not {f"compliance.{table}" for table in configured} & changed
    assert not {"auth.authority"} & changed


def test_a_changed_county_is_configured_anew(town, documents):
    documents["A"]["region"]["min_area_m2"] = {"default": 9}

    [result] = town.load([documents["A"]], is_self_check=True)

    assert named(result)["SIT-001"] == ["S1"]


def test_sector_then_education_is_routed_to_both_in_that_order(town, documents):
    documents["C"]["region"]["routing"] = [
        {
            "delivery": "offline",
            "nonsubject_type": "culture_arts",
            "mode": "sector_then_edu",
        }
    ]

    [result] = town.load([documents["C"]], is_self_check=True)

    authorities = [step["authority"] for step in result["routed_steps"]]
    assert authorities == ["武侯区文化和旅游局", "武侯区教育局"]


def test_a_registration_of_a_sector_goes_through_both_authorities(town, documents):
    """The same routing decides registrations: the sector passes it on, education approves."""
    documents["C"]["region"]["routing"] = [
        {"delivery": "offline", "nonsubject_type": "culture_arts", "mode": "sector_then_edu"}
    ]

    [result] = town.load([renumbered(documents["C"], 4)])

    assert result["state"] == "precheck_failed", result


def test_a_blacklisted_person_is_found_at_every_institution(town, documents):
    documents["A"]["staff"][0]["blacklisted"] = True

    [result] = town.load([documents["A"]], is_self_check=True)

    assert named(result)["STF-007"] == ["T1"]
    registered = town.self_check("A")
    assert "STF-007" in registered["blocking"]


def test_full_time_work_elsewhere_is_found(stage, platform, supervision, documents):
    documents["C"]["staff"][0]["other_full_time"] = True

    [result] = stage.load(platform, supervision, [documents["C"]], is_self_check=True)

    assert named(result)["STF-019"] == ["T1"]
    assert "STF-019" in result["warnings"]


def test_rows_of_different_lists_may_have_the_same_name(stage, platform, supervision, documents):
    """People number their rows: the staff's 1 is not the materials' 1."""
    document = documents["A"]
    renamed = {"T1": 1, "B1": 1, "S1": 1, "F1": 1, "K1": 1, "K1-1": 1}
    document = stage.renamed(document, renamed)

    [result] = stage.load(platform, supervision, [document], is_self_check=True)

    assert (result["state"], result["blocking"]) == ("passed", [])
    assert named(result) == {"SIT-006": ["1"]}


def test_the_same_dossier_may_be_checked_again_and_again(stage, platform, supervision, documents):
    results = stage.load(platform, supervision, [documents["B"]] * 2, is_self_check=True)

    assert [result["state"] for result in results] == ["blocked", "blocked"]
    assert results[0]["blocking"] == results[1]["blocking"]


def test_what_is_filed_is_judged_as_of_today_only(town, documents, stage):
    document = renumbered(documents["A"], 5) | {"as_of": "2024-10-14"}

    [result] = town.load([document])

    [error] = result["errors"]
    assert (result["state"], error["pointer"], error["code"]) == (
        "invalid",
        "/as_of",
        "another_day",
    )
    assert "2024-10-15" in error["detail"]


def test_a_day_on_the_command_line_overrides_the_dossiers_own(town, documents, stage):
    day = stage.DAY.replace(month=11, day=5)

    [result] = town.load([documents["C"]], is_self_check=True, as_of=day)

    assert "LIC-002" in result["blocking"]
    assert "LIC-003" not in result["warnings"]


def test_an_account_with_a_second_factor_is_refused_in_words(town):
    """A program has a password and nothing else; the words say which accounts to name."""
    national = town.supervision.as_national()
    username, password = town.supervision._accounts.find("national_admin")
    begun = national.post(
        "/api/auth/v1/account/second-factors", {"kind": "totp", "password": password}
    )
    code = pyotp.TOTP(begun["secret"]).now()
    path = f"/api/auth/v1/account/second-factors/{begun['factor_id']}/confirmation"
    national.post(path, {"code": code})

    with pytest.raises(LoginUnfinished, match=f"{username} has a second factor"):
        Gateway(town.platform.http()).login(username, password)
